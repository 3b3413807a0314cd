"""Accounts, people and groups."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest

from spaces.actors import Actor
from spaces.models import Account, Group, GroupMembership, User

from .base import OperationsAdmin


@admin.register(Account)
class AccountAdmin(OperationsAdmin):
    """Accounts are made by ``manage.py account create``, which makes their administrator as well."""

    list_display = ("name", "slug", "requires_second_factor", "created_at")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "requires_second_factor", "id", "created_at")
    readonly_fields = ("id", "created_at")

    def account_of(self, obj: Any) -> Any:
        return obj

    def change(self, by: Actor, obj: Any, values: dict[str, Any]) -> Any:
        obj.change(by, **values)
        return obj

    def remove(self, by: Actor, obj: Any) -> None:
        obj.remove(by)


class NewUserForm(forms.ModelForm):  # type: ignore[type-arg]
    """A user with a first password."""

    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    class Meta:
        model = User
        fields = ("account", "username", "name", "email", "external_id", "role")

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.instance)
        return password


@admin.register(User)
class UserAdmin(OperationsAdmin):
    """Users are deactivated, not deleted."""

    list_display = ("username", "name", "account", "role", "is_active", "is_superuser", "two_factor", "last_login")
    list_filter = ("role", "is_active", "is_superuser", "account")
    list_select_related = ("account",)
    search_fields = ("username", "name", "email", "external_id")
    autocomplete_fields = ("account",)
    fixed = ("account",)
    readonly_fields = ("id", "is_superuser", "two_factor", "last_login", "created_at")
    add_fields = ("account", "username", "name", "email", "external_id", "role", "password")
    fields = ("account", "username", "name", "email", "external_id", "role", "meta", "is_active", *readonly_fields)

    @admin.display(description="two-factor", boolean=True)
    def two_factor(self, obj: User) -> bool:
        """That there is one, and nothing else of it."""
        return obj.has_second_factor

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else self.add_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **(kwargs if obj else {**kwargs, "form": NewUserForm}))

    def create(self, by: Actor, values: dict[str, Any]) -> Any:
        return User.create(by, values.pop("account"), values.pop("password"), **values)

    def change(self, by: Actor, obj: Any, values: dict[str, Any]) -> Any:
        obj.change(by, **values)
        return obj


@admin.register(Group)
class GroupAdmin(OperationsAdmin):
    list_display = ("name", "account", "created_at")
    list_filter = ("account",)
    list_select_related = ("account",)
    search_fields = ("name", "external_id")
    autocomplete_fields = ("account",)
    fields = ("account", "name")
    fixed = ("account",)

    def create(self, by: Actor, values: dict[str, Any]) -> Any:
        return Group.create(by, values["account"], values["name"])

    def change(self, by: Actor, obj: Any, values: dict[str, Any]) -> Any:
        obj.rename(by, values.get("name", obj.name))
        return obj

    def remove(self, by: Actor, obj: Any) -> None:
        obj.dissolve(by)


@admin.register(GroupMembership)
class GroupMembershipAdmin(OperationsAdmin):
    list_display = ("group", "user", "account")
    list_filter = ("account",)
    list_select_related = ("group", "user", "account")
    search_fields = ("group__name", "user__username")
    autocomplete_fields = ("account", "group", "user")
    fields = ("account", "group", "user")

    def create(self, by: Actor, values: dict[str, Any]) -> Any:
        values["group"].add(values["user"], by)
        return GroupMembership.objects.get(**values)

    def remove(self, by: Actor, obj: Any) -> None:
        obj.group.remove(obj.user, by)
