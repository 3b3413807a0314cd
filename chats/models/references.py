from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from spaces_project.kit import limits
from spaces_project.kit.tenancy import TenantForeignKey, TenantModel, TenantQuerySet
from spaces_project.kit.values import NameField, TextField

from .messages import Message


class Reference(TenantModel):
    """Where an answer has something from: a snapshot, which outlives the memory it quotes.

    ``number`` N belongs to the mark ``<sup>N</sup>`` in the message's text. ``memory_id`` and ``chunk_id`` have no
    foreign key; whoever opens them asks whether they are still there and readable.
    """

    message = TenantForeignKey(Message, related_name="references", db_index=False)
    number = models.PositiveIntegerField()
    name = NameField(max_length=limits.REFERENCE_NAME_CHARS, blank=True)
    description = TextField(max_length=limits.DESCRIPTION_CHARS, blank=True)
    url = TextField(max_length=limits.URL_CHARS, blank=True)
    source = NameField(max_length=limits.NAME_CHARS, blank=True)
    source_id = NameField(max_length=limits.NAME_CHARS, blank=True)
    original_index = models.JSONField(default=list, blank=True, help_text="The numbers the model itself used.")
    memory_id = models.UUIDField(null=True, blank=True)
    chunk_id = models.UUIDField(null=True, blank=True)
    text = TextField(max_length=limits.QUOTE_CHARS, blank=True, help_text="What was quoted.")
    pages = models.JSONField(null=True, blank=True, help_text="First and last page.")
    score = models.FloatField(null=True, blank=True)

    objects: ClassVar[Any] = TenantQuerySet["Reference"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["account", "message", "number"], name="chats_reference_of")]

    def __str__(self) -> str:
        return f"{self.number}. {self.name}"
