"""What belongs to the history of an object: the entries about it and about what is a part of it."""

from __future__ import annotations

from typing import Any

from chats.models import Assistant
from spaces.models import AuditEntry, Space


def entries_about(space: Space) -> Any:
    """The audit of a space and of its assistant."""
    facets = Assistant.objects.of(space.account_id).filter(space=space).values_list("pk", flat=True)
    return AuditEntry.objects.of(space.account_id).filter(object_id__in=[space.pk, *facets])
