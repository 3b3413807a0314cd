"""The filters of the contacts list: the same query string filters the page, its exports and bulk runs."""

from __future__ import annotations

from typing import ClassVar

import django_filters as filters

from spaces_project.kit import limits

from .filters import YES_NO, ListFilter, day_filters
from .models.contacts import ContactQuerySet
from .permissions import visible_spaces


class ContactFilter(ListFilter):
    """Parameters: id*, q, email, verified, space, meta*, created_/updated_ after and before.

    Nonsense in one filter does not hide the others: what cannot be read is left out, and ``complaints`` says so.
    """

    email = filters.ChoiceFilter(choices=YES_NO, method="has_email")
    verified = filters.ChoiceFilter(choices=YES_NO, method="is_verified")
    space = filters.CharFilter(method="of_space", max_length=limits.NAME_CHARS)
    created_after, created_before = day_filters("created_at")
    updated_after, updated_before = day_filters("updated_at")

    LABELS: ClassVar[dict[str, str]] = {
        "id": "Id",
        "email": "Has e-mail",
        "verified": "Verified",
        "space": "Space",
        "meta": "Meta",
        "created_after": "Created since",
        "created_before": "Created until",
        "updated_after": "Updated since",
        "updated_before": "Updated until",
    }

    def has_email(self, queryset: ContactQuerySet, name: str, value: str) -> ContactQuerySet:
        return queryset.exclude(email="") if value == "yes" else queryset.filter(email="")

    def is_verified(self, queryset: ContactQuerySet, name: str, value: str) -> ContactQuerySet:
        return queryset.filter(verified_at__isnull=value == "no")

    def of_space(self, queryset: ContactQuerySet, name: str, value: str) -> ContactQuerySet:
        """A space's id in any dialect, or words from its name or alias; only spaces that may be read."""
        spaces = visible_spaces(self.actor).matching(value).exclude(contact=None)
        return queryset.filter(pk__in=spaces.values("contact"))
