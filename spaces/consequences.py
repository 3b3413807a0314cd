"""What goes with a deletion, counted: for the pages that ask before they delete."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from spaces_project.kit.tenancy import CASCADE, SET_NULL, AccountField, TenantForeignKey


@dataclass(frozen=True)
class Consequence:
    """So many rows of one kind that ``go`` with it, or that stay and lose the link."""

    words: str
    count: int
    goes: bool


def goes_with(chosen: Any, only: Collection[Any] | None = None) -> list[Consequence]:
    """What the database removes or unlinks when these rows go, by kind; kinds without a row are left out.

    Read off the foreign keys, so a later table cannot be forgotten. One count per kind; ``only`` of these models.
    """
    found = []
    for relation in chosen.model._meta.related_objects:
        if only is not None and relation.related_model not in only:
            continue
        field = relation.field
        action = field.db_action if isinstance(field, TenantForeignKey) else _of_account(field)
        if action not in (CASCADE, SET_NULL):
            continue
        rows = relation.related_model._base_manager.filter(**{f"{field.name}__in": chosen.order_by().values("pk")})
        if count := rows.count():
            found.append(Consequence(_words(relation.related_model, count), count, action == CASCADE))
    return found


def _of_account(field: Any) -> str | None:
    """What an account takes with it: everything that is its own."""
    return CASCADE if isinstance(field, AccountField) else None


WORDS = {
    "SpaceAccess": ("grant", "grants"),
    "ApiKeySpace": ("API key's limit to it", "API keys' limits to it"),
    "GroupMembership": ("membership", "memberships"),
}


def _words(model: Any, count: int) -> str:
    named = (str(model._meta.verbose_name), str(model._meta.verbose_name_plural))
    one, many = WORDS.get(model.__name__, named)
    return one if count == 1 else many
