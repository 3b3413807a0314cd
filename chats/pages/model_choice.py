"""The language models that forms of chats suggest."""

from __future__ import annotations

from memories.models import LanguageModel
from spaces.requests import SpacesRequest

OFFERED = 100


def model_names(request: SpacesRequest) -> list[str]:
    """The names of the account's language models that are switched on."""
    models = LanguageModel.objects.of(request.account).active().order_by("name")
    return list(models.values_list("name", flat=True)[:OFFERED])
