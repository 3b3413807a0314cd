"""How a space cuts and embeds its memories. No row means the defaults."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from memories import chunking
from memories.chunking import Chunking
from spaces import audit
from spaces.actors import Actor
from spaces.models import Space
from spaces.models.integrity import domain_errors
from spaces_project.kit import limits
from spaces_project.kit.prepared import IDS, PreparedRow
from spaces_project.kit.tenancy import NO_ACTION, SET_NULL, TenantForeignKey, TenantModel, TenantQuerySet

from .embedders import Embedder, Reranker


def check_weight(value: float) -> None:
    if not math.isfinite(value) or not 0 <= value <= limits.RETRIEVAL_WEIGHT:
        raise ValidationError(f"A weight is a number from 0 to {limits.RETRIEVAL_WEIGHT:,}.")


class MemorySettings(TenantModel):
    """How one space ingests and finds its memories."""

    AUDIT_NAME = False
    AUDIT_VALUES = frozenset({"chunking", "reranker"})

    space = TenantForeignKey(Space, related_name="memory_settings", db_index=False)
    chunking = models.JSONField(default=dict, blank=True)
    reranker = TenantForeignKey(Reranker, SET_NULL, related_name="used_by", null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = TenantQuerySet["MemorySettings"].as_manager()

    class Meta:
        verbose_name_plural = "memory settings"
        constraints = [models.UniqueConstraint(fields=["account", "space"], name="memories_settings_of_space")]

    def __str__(self) -> str:
        return f"Memory settings of {self.space}"

    @classmethod
    def of(cls, space: Space) -> MemorySettings:
        """The settings of this space: its row, or an unsaved one with the defaults."""
        found = cls.objects.of(space.account_id).filter(space=space).first()
        made: MemorySettings = found or cls(account_id=space.account_id, space=space)
        made.space = space
        return made

    @property
    def plan(self) -> Chunking:
        """How texts are cut."""
        return chunking.parse(self.chunking) if self.chunking else chunking.DEFAULT

    def change(self, by: Actor, **fields: Any) -> bool:
        """Set ``fields``; the first change inserts the row. Memories that are there keep their chunks.

        Raises InvalidInput for a chunking that cannot be used.
        """
        if "chunking" in fields:
            fields["chunking"] = chunking.as_json(chunking.parse(fields["chunking"]))
        with domain_errors(), transaction.atomic():
            Space.objects.of(self.account_id).select_for_update(no_key=True).get(pk=self.space_id)
            row = type(self).of(self.space)
            is_new = row._state.adding
            changes = audit.assign(row, fields)
            if changes:
                row.updated_at = timezone.now()
                row.save(force_insert=is_new)
                audit.record(by, f"memory_settings.{'create' if is_new else 'update'}", row, changes)
            self.__dict__.update(row.__dict__)
        return bool(changes)


class SpaceEmbedder(TenantModel):
    """One embedder of a space, and how much it counts there."""

    AUDIT_NAME = False
    AUDIT_VALUES = frozenset({"embedder", "weight"})

    space = TenantForeignKey(Space, related_name="embedder_links", db_index=False)
    embedder = TenantForeignKey(Embedder, NO_ACTION, related_name="space_links")
    weight = models.FloatField(default=1.0, validators=[check_weight])
    created_by = models.UUIDField(null=True, blank=True, editable=False)
    updated_by = models.UUIDField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = TenantQuerySet["SpaceEmbedder"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "space", "embedder"], name="memories_space_embedder")]

    def __str__(self) -> str:
        return f"{self.embedder} of {self.space}"


@dataclass(frozen=True)
class Weighted:
    """An embedder of a space with its weight; ``link`` is the row, None for the account's default."""

    embedder: Embedder
    weight: float
    link: SpaceEmbedder | None = None


_LINKS = PreparedRow(
    lambda account, space: SpaceEmbedder.objects.of(account).filter(space=space).order_by("created_at", "id"),
    "embedder",
    stand_ins=IDS,
)


def embedders_of(space: Space) -> list[Weighted]:
    """The embedders of a space with their weights; without any of its own, the account's default."""
    own = [Weighted(link.embedder, link.weight, link) for link in _LINKS.all(space.account_id, space.pk)]
    return own or [Weighted(Embedder.default_of(space.account), 1.0)]


def embedders_of_many(account: Any, spaces: Iterable[UUID]) -> dict[UUID, list[SpaceEmbedder]]:
    """The links of many spaces, in one query."""
    links = SpaceEmbedder.objects.of(account).filter(space__in=list(spaces)).select_related("embedder")
    found: dict[UUID, list[SpaceEmbedder]] = {}
    for link in links.order_by("created_at", "id"):
        found.setdefault(link.space_id, []).append(link)
    return found


@transaction.atomic
def set_embedders(by: Actor, space: Space, weights: Sequence[tuple[Embedder, float]]) -> bool:
    """Let these embed the space's memories from now on; says whether anything changed.

    Memories that are there have to be ingested again to be found by a new one: see memories.ingestion.again.
    """
    if len(weights) > limits.SPACE_EMBEDDERS:
        raise ValidationError({"embedders": f"At most {limits.SPACE_EMBEDDERS} embedders."})
    wanted = {embedder.pk: (embedder, weight) for embedder, weight in weights}
    Space.objects.of(space.account_id).select_for_update(no_key=True).get(pk=space.pk)
    there = {link.embedder_id: link for link in SpaceEmbedder.objects.of(space.account_id).filter(space=space)}
    changed = False
    for pk, link in there.items():
        if pk not in wanted:
            link.delete()
            audit.record(by, "space_embedder.delete", link)
            changed = True
    for pk, (embedder, weight) in wanted.items():
        changed |= _set_embedder(by, space, there.get(pk), embedder, weight)
    return changed


def _set_embedder(by: Actor, space: Space, link: SpaceEmbedder | None, embedder: Embedder, weight: float) -> bool:
    who = by.user.pk if by.user else None
    is_new = link is None
    link = link or SpaceEmbedder(account=space.account, space=space, embedder=embedder, created_by=who)
    changes = audit.assign(link, {"weight": weight})
    if not is_new and not changes:
        return False
    link.updated_by, link.updated_at = who, timezone.now()
    link.clean_fields(exclude={"account", "space", "embedder"})
    with domain_errors():
        link.save(force_insert=is_new)
    changes = {"embedder": [None, str(embedder.pk)], "weight": [None, weight]} if is_new else changes
    audit.record(by, f"space_embedder.{'create' if is_new else 'update'}", link, changes)
    return True
