"""What the small forms of an assistant's rows share."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms


class PartForm(forms.Form):
    """One row. ``id`` says which stored one it is; ``not_stored`` are fields that only help to fill the others."""

    model: ClassVar[Any]
    not_stored: ClassVar[tuple[str, ...]] = ()
    use_required_attribute = False  # a row that stays empty is none

    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
