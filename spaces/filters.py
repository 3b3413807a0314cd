"""The filters of lists: the same query string filters the page, its exports and bulk runs. What all lists share is
``ListFilter``; the spaces list is here as well.

Nonsense in one filter does not hide the others: what cannot be read is left out, and ``complaints`` says so.
"""

from __future__ import annotations

import json
import math
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from spaces_project.kit import limits
from spaces_project.kit.ids import InvalidId, decode_any
from spaces_project.kit.values import check_text

from .actors import Actor
from .models import Contact, User
from .models.spaces import SpaceQuerySet

Pair = tuple[str, str | None]
YES_NO = (("yes", "Yes"), ("no", "No"))
ARCHIVED = (("no", "No"), ("yes", "Only archived"), ("any", "Also archived"))
VIEWS = (("all", "All"), ("mine", "Mine"), ("archived", "Archived"))


class _ManyWidget(forms.Widget):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        found = data.getlist(name) if isinstance(data, QueryDict) else data.get(name, [])
        return [found] if isinstance(found, str) else list(found)


class PairsField(forms.Field):
    """``key=value`` any number of times; a bare ``key`` asks only that the key is there."""

    widget = _ManyWidget

    def clean(self, value: Any) -> list[Pair]:
        texts = [text.strip() for text in value or [] if text.strip()]
        if len(texts) > limits.META_FILTERS:
            raise ValidationError(f"At most {limits.META_FILTERS} of these.")
        return [self.pair(text) for text in texts]

    def pair(self, text: str) -> Pair:
        check_text(text)
        key, equals, value = text.partition("=")
        if not key.strip():
            raise ValidationError("Write it as key=value.")
        return key.strip(), value.strip() if equals else None


class PairsFilter(filters.Filter):  # type: ignore[misc]
    field_class = PairsField


class IdsField(forms.Field):
    """Any number of ids, in any dialect's spelling."""

    widget = _ManyWidget

    def clean(self, value: Any) -> list[UUID]:
        texts = [text for text in value or [] if text.strip()]
        if len(texts) > limits.ID_FILTERS:
            raise ValidationError(f"At most {limits.ID_FILTERS} of these.")
        try:
            return [decode_any(text) for text in texts]
        except InvalidId as error:
            raise ValidationError(f"“{error}” is not an id.") from error


class IdsFilter(filters.Filter):  # type: ignore[misc]
    field_class = IdsField


def moment(day: date) -> datetime:
    """Midnight at the start of ``day``."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


def day_filters(field: str) -> tuple[filters.DateFilter, filters.DateFilter]:
    """Since (from the start of that day) and until (to its end)."""

    def since(queryset: Any, name: str, day: date) -> Any:
        return queryset.filter(**{f"{field}__gte": moment(day)})

    def until(queryset: Any, name: str, day: date) -> Any:
        return queryset.filter(**{f"{field}__lt": moment(day + timedelta(days=1))}) if day < date.max else queryset

    return filters.DateFilter(method=since), filters.DateFilter(method=until)


def meta_condition(key: str, value: str | None) -> Q:
    """The text as it is, or what it is as JSON: ``24`` finds "24" and 24."""
    if value is None:
        return Q(meta__has_key=key)
    condition = Q(meta__contains={key: value})
    try:
        parsed = json.loads(value, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return condition
    if _is_scalar(parsed):
        condition |= Q(meta__contains={key: parsed})
    return condition


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value))


def _refuse(text: str) -> Any:
    raise ValueError(text)


class ListFilter(filters.FilterSet):  # type: ignore[misc]
    """What every list has: id*, q and meta*. ``LABELS`` names the parameters that are shown as chips."""

    id = IdsFilter(method="among")
    q = filters.CharFilter(method="search", max_length=limits.SEARCH_QUERY_CHARS)
    meta = PairsFilter(method="with_meta")

    LABELS: ClassVar[dict[str, str]] = {}

    def __init__(self, data: Any, queryset: Any, *, actor: Actor) -> None:
        self.actor = actor
        super().__init__(data, queryset)

    @property
    def complaints(self) -> list[str]:
        """One sentence for every filter that was left out because it could not be read."""
        names = {"q": "Search", "view": "View", **self.LABELS}
        return [f"{names.get(name, name)}: {' '.join(errors)}" for name, errors in self.errors.items()]

    def among(self, queryset: Any, name: str, value: list[UUID]) -> Any:
        return queryset.filter(pk__in=value) if value else queryset

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.matching(value)

    def with_meta(self, queryset: Any, name: str, value: list[Pair]) -> Any:
        for pair in value:
            queryset = queryset.filter(meta_condition(*pair))
        return queryset

    def users_named(self, value: str) -> Any:
        """The users that ``me``, a user name or a user's id names."""
        users = User.objects.of(self.actor.account)
        if value == "me":
            return users.filter(pk=self.actor.user.pk if self.actor.user else None)
        pk = to_uuid(value)
        return users.filter(pk=pk) if pk else users.named(value)

    def contacts_named(self, value: str) -> Any:
        """The contacts that an id in any dialect names, or words from the name, e-mail or alias."""
        return Contact.objects.of(self.actor.account).matching(value)


def to_uuid(text: str) -> UUID | None:
    """The id that is spelled so in any dialect, or None."""
    try:
        return decode_any(text)
    except InvalidId:
        return None


class SpaceFilter(ListFilter):
    """Parameters: id*, q, view, owner, contact, label*, meta*, archived, public, created_/updated_ after and before."""

    view = filters.ChoiceFilter(choices=VIEWS, method="of_view")
    owner = filters.CharFilter(method="owned_by", max_length=150)
    contact = filters.CharFilter(method="about", max_length=limits.NAME_CHARS)
    label = PairsFilter(method="labelled")
    archived = filters.ChoiceFilter(choices=ARCHIVED, method="is_archived")
    public = filters.ChoiceFilter(choices=YES_NO, method="is_public")
    created_after, created_before = day_filters("created_at")
    updated_after, updated_before = day_filters("updated_at")

    LABELS: ClassVar[dict[str, str]] = {
        "id": "Id",
        "owner": "Owner",
        "contact": "Contact",
        "label": "Label",
        "meta": "Meta",
        "archived": "Archived",
        "public": "Public",
        "created_after": "Created since",
        "created_before": "Created until",
        "updated_after": "Updated since",
        "updated_before": "Updated until",
    }

    def filter_queryset(self, queryset: SpaceQuerySet) -> SpaceQuerySet:
        """Archived spaces are left out unless the view or the filter asks for them."""
        asked = self.form.cleaned_data
        if not asked.get("archived") and not asked.get("id") and asked.get("view") != "archived":
            queryset = queryset.active()
        return super().filter_queryset(queryset)  # type: ignore[no-any-return]

    def of_view(self, queryset: SpaceQuerySet, name: str, value: str) -> SpaceQuerySet:
        if value == "mine":
            return self.owned_by(queryset, name, "me")
        return queryset.archived() if value == "archived" and not self.form.cleaned_data["archived"] else queryset

    def owned_by(self, queryset: SpaceQuerySet, name: str, value: str) -> SpaceQuerySet:
        """``me``, a user name, or a user's id."""
        return queryset.filter(owner__in=self.users_named(value))

    def about(self, queryset: SpaceQuerySet, name: str, value: str) -> SpaceQuerySet:
        """A contact's id in any dialect, or words from its name, e-mail or alias."""
        return queryset.filter(contact__in=self.contacts_named(value).values("pk"))

    def labelled(self, queryset: SpaceQuerySet, name: str, value: list[Pair]) -> SpaceQuerySet:
        for key, text in value:
            queryset = queryset.filter(labels__has_key=key) if text is None else queryset.with_label(key, text)
        return queryset

    def is_archived(self, queryset: SpaceQuerySet, name: str, value: str) -> SpaceQuerySet:
        return queryset if value == "any" else queryset.filter(is_archived=value == "yes")

    def is_public(self, queryset: SpaceQuerySet, name: str, value: str) -> SpaceQuerySet:
        return queryset.filter(public_read=value == "yes")
