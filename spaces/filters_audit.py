"""The filters of the audit: the same query string filters the page and its exports."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from spaces_project.kit.ids import InvalidId, decode_any
from spaces_project.kit.values import check_text

from .actors import Actor
from .filters import day_filters
from .models import User

OPERATIONS = {
    "Spaces": ("space.create", "space.update", "space.delete", "space.grant", "space.revoke"),
    "Contacts": ("contact.create", "contact.update", "contact.delete"),
    "People": (
        "user.create",
        "user.update",
        "user.set_password",
        "user.sign_in",
        "user.sign_out",
        "user.sign_in_failed",
        "user.turn_on_second_factor",
        "user.turn_off_second_factor",
        "user.reset_second_factor",
        "user.renew_recovery_codes",
        "user.use_recovery_code",
        "group.create",
        "group.update",
        "group.delete",
        "group.add_member",
        "group.remove_member",
        "account.update",
    ),
    "Keys and links": (
        "api_key.create",
        "api_key.update",
        "api_key.revoke",
        "export_link.create",
        "export_link.revoke",
    ),
    "Saved views": ("saved_view.create", "saved_view.update", "saved_view.delete"),
    "Webhooks": ("webhook.create", "webhook.update", "webhook.delete", "webhook.test", "webhook.redeliver"),
}


class _IdField(forms.CharField):
    """An id in any dialect's spelling, as a UUID."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return decode_any(text) if text else None
        except InvalidId as error:
            raise ValidationError(f"“{error}” is not an id.") from error


class _IdFilter(filters.Filter):  # type: ignore[misc]
    field_class = _IdField


class AuditFilter(filters.FilterSet):  # type: ignore[misc]
    """Parameters: person, operation, object, created_after and created_before.

    ``person`` is a user name, a user's id, ``me``, or what the audit calls an actor without a user (``manage.py``).
    ``operation`` is one, such as ``space.update``, or its first word for all of a kind.
    """

    person = filters.CharFilter(method="by_person", max_length=150)
    operation = filters.CharFilter(method="of_operation", max_length=64)
    object = _IdFilter(method="about")
    created_after, created_before = day_filters("created_at")

    LABELS = {
        "person": "Person",
        "operation": "Operation",
        "object": "Object",
        "created_after": "Since",
        "created_before": "Until",
    }

    def __init__(self, data: Any, queryset: Any, *, actor: Actor) -> None:
        self.actor = actor
        super().__init__(data, queryset)

    @property
    def complaints(self) -> list[str]:
        """One sentence for every filter that was left out because it could not be read."""
        return [f"{self.LABELS.get(name, name)}: {' '.join(errors)}" for name, errors in self.errors.items()]

    def by_person(self, queryset: Any, name: str, value: str) -> Any:
        if value == "me":
            return queryset.filter(actor_id=self.actor.user.pk if self.actor.user else None)
        user = User.objects.filter(account=self.actor.account).filter(_named(value)).first()
        return queryset.filter(actor_id=user.pk) if user else queryset.filter(actor_name__iexact=value)

    def of_operation(self, queryset: Any, name: str, value: str) -> Any:
        check_text(value)
        return queryset.filter(operation=value) if "." in value else queryset.filter(operation__startswith=f"{value}.")

    def about(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.about(value)


def _named(text: str) -> Q:
    try:
        return Q(pk=decode_any(text))
    except InvalidId:
        return Q(username__iexact=text)
