"""What our model admins share: verbs instead of ``save()``, the audit instead of Django's log, no full counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from spaces.actors import Actor
from spaces.consequences import goes_with
from spaces.errors import SpacesError
from spaces_project.kit import limits

if TYPE_CHECKING:  # generic for the type checker only
    _Paginator: TypeAlias = Paginator[Any]
    _ModelAdmin: TypeAlias = admin.ModelAdmin[Any]
else:
    _Paginator, _ModelAdmin = Paginator, admin.ModelAdmin


class CappedPaginator(_Paginator):
    """Counts no further than limits.COUNT_CAP: a list must not become slow because the table is large."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: limits.COUNT_CAP].count())


class OperationsAdmin(_ModelAdmin):
    """Saves and deletes through verbs of the model: each writes its own audit entry, in the request's transaction.

    A subclass says how in ``create``, ``change`` and ``remove``; what it does not say cannot be done.
    """

    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = limits.PAGE_ROWS
    list_max_show_all = limits.PAGE_ROWS
    ordering = ("-id",)  # the newest first: ids carry their time
    fixed: tuple[str, ...] = ()  # fields that are chosen once, when the object is made

    def create(self, by: Actor, values: dict[str, Any]) -> Any:
        """The new object."""
        raise NotImplementedError

    def change(self, by: Actor, obj: Any, values: dict[str, Any]) -> Any:
        """Set the changed values; returns the object as it is now."""
        raise NotImplementedError

    def remove(self, by: Actor, obj: Any) -> None:
        raise NotImplementedError

    def _can(self, verb: str) -> bool:
        return getattr(type(self), verb) is not getattr(OperationsAdmin, verb)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._can("create")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._can("change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._can("remove")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.admin_site.has_permission(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, *(self.fixed if obj else ()))

    # ------------------------------------------------------------------ saving

    def actor(self, request: Any, account: Any) -> Actor:
        actor: Actor = request.actor
        return actor.within(account)

    def account_of(self, obj: Any) -> Any:
        return obj.account

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by = self.actor(request, self.account_of(obj))
        if change:
            fresh = self.model._base_manager.get(pk=obj.pk)  # the form has changed ``obj`` already
            saved = self.change(by, fresh, {name: form.cleaned_data[name] for name in form.changed_data})
        else:
            saved = self.create(by, dict(form.cleaned_data))
        obj.__dict__.update(saved.__dict__)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """As Django's; a domain error that only the verb knows is said on the page it came from."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except SpacesError as error:
            messages.error(request, str(error))
            return redirect(request.get_full_path())

    # ---------------------------------------------------------------- deleting

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.remove(self.actor(request, self.account_of(obj)), obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What the delete pages show: the product's own counts, as Django's collector cannot see our keys."""
        chosen = self.model._base_manager.filter(pk__in=[obj.pk for obj in objs])
        found = goes_with(chosen)
        counts = {str(self.opts.verbose_name_plural): len(objs), **{each.words: each.count for each in found}}
        goes = [f"{each.count:,} {each.words} go with it" for each in found if each.goes]
        stays = [f"{each.count:,} {each.words} stay and lose the link" for each in found if not each.goes]
        kept = [f"{obj} cannot be deleted" for obj in objs if not self.has_delete_permission(request, obj)]
        return [*map(str, objs), *goes, *stays], counts, set(), kept

    # ----------------------------------------------------------------- history

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit has it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit has it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """The audit has it."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return redirect(f"{reverse('admin:spaces_auditentry_changelist')}?q={object_id}")


class ReadOnlyAdmin(OperationsAdmin):
    """Nothing can be added, changed or deleted."""
