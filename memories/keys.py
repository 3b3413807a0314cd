"""What programs call a memory, as an index has it: its key, without one its title."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Value
from django.db.models.functions import Coalesce, Left, Lower, NullIf

START_CHARS = 200  # rows of an index have to be short


def start_of(text: Any) -> Lower:
    """How a key begins, in lower case: an index has that of keys in any case, so also of those as they are written."""
    return Lower(Left(text, START_CHARS))


def _given(column: str) -> NullIf:
    return NullIf(column, Value(""), output_field=CharField())


KEY_START = start_of(Coalesce(_given("key"), _given("name"), output_field=CharField()))
