"""What was searched for: the history of the retrieval page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from spaces.models import Space, User
from spaces_project.kit.tenancy import CASCADE, SET_NULL, TenantForeignKey, TenantModel, TenantQuerySet


class SearchLog(TenantModel):
    """One search: the question, where, how long each stage took and how much was found. It goes with its chat.

    ``explanation`` holds what the page shows of it: options, stages with milliseconds, the ids and scores found.
    """

    space = TenantForeignKey(Space, related_name="searches", null=True, blank=True, db_index=False)
    user = TenantForeignKey(User, SET_NULL, related_name="+", null=True, blank=True)
    chat = TenantForeignKey("chats.Chat", CASCADE, related_name="+", null=True, blank=True)
    source = models.CharField(max_length=16)
    question = models.TextField()
    found_count = models.PositiveIntegerField(default=0)
    milliseconds = models.FloatField(default=0)
    explanation = models.JSONField(default=dict)

    objects: ClassVar[Any] = TenantQuerySet["SearchLog"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "created_at", "id"], name="memories_searchlog_created"),
            models.Index(fields=["account", "space", "created_at", "id"], name="memories_searchlog_in_space"),
        ]

    def __str__(self) -> str:
        return self.question[:80]
