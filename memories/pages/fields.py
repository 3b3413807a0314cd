"""Fields that several forms of memories have."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from spaces.actors import Actor
from spaces.models import Space
from spaces.permissions import can, uploadable_spaces, visible_spaces

SPACES_OFFERED = 300


class UploadSpace(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A space to which one may add memories; a stranger's space is no choice, an archived one says why not."""

    def __init__(self, *, actor: Actor, **kwargs: Any) -> None:
        self.actor = actor
        super().__init__(visible_spaces(actor).defer("search", "meta", "description"), **kwargs)
        spaces = uploadable_spaces(actor).filter(is_archived=False).order_by("is_default", "name")
        names = spaces.values_list("pk", "name", "is_default")[:SPACES_OFFERED]
        offered = [(str(pk), "Unfiled" if is_default else name or "Untitled space") for pk, name, is_default in names]
        self.choices = [("", "Choose…"), *offered]

    def clean(self, value: Any) -> Space | None:
        space = super().clean(value)
        if space is not None and not can(self.actor, "space.upload", space):
            raise ValidationError("You may read this space, but not add memories to it.")
        if space is not None and space.is_archived:
            raise ValidationError("The space is archived: it can be read, and takes nothing new.")
        return space  # type: ignore[no-any-return]
