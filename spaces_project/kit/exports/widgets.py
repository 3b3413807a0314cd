"""How cells of an import become values again: the counterparts of the kinds of columns.

Each ``clean`` raises ValueError with a sentence, which django-import-export puts on the field.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from import_export.widgets import Widget

from spaces_project.kit import limits
from spaces_project.kit.ids import Prefix, decode_any, encode
from spaces_project.kit.yaml_text import read_object, yaml_text

from .guards import unguarded
from .xlsx import CUT

YES, NO = {"true", "yes", "1"}, {"false", "no", "0", ""}


def cell(value: Any) -> str:
    """A cell as text, whatever the file's format made of it; without the guard of ``guards.guarded``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.endswith(CUT):
        raise ValueError("This cell was cut when it was exported; take the text from the CSV.")
    return unguarded(value) if isinstance(value, str) else str(value)


class TextWidget(Widget):  # type: ignore[misc]
    """A text; ``empty`` is what an empty cell means."""

    def __init__(self, empty: str | None = "") -> None:
        super().__init__()
        self.empty = empty

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str | None:
        return cell(value) or self.empty

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value or ""


class BoolWidget(Widget):  # type: ignore[misc]
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        text = cell(value).strip().lower()
        if text not in YES | NO:
            raise ValueError("Write true or false.")
        return text in YES

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "true" if value else "false"


class TimeWidget(Widget):  # type: ignore[misc]
    """ISO 8601; without a zone it is UTC. Empty is None."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> datetime | None:
        if isinstance(value, datetime):
            return value.replace(tzinfo=value.tzinfo or UTC)
        text = cell(value).strip()
        if not text:
            return None
        moment = parse_datetime(text)
        if moment is None:
            raise ValueError("Write a moment as 2025-01-31T12:00:00Z.")
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat() if value else ""


class ObjectWidget(Widget):  # type: ignore[misc]
    """An object as YAML or JSON; empty is an empty object."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, dict):
            return value
        text = cell(value)
        if len(text) > 2 * limits.META_BYTES:
            raise ValueError(f"At most {limits.META_BYTES:,} bytes of JSON.")
        return read_object(text) if text.strip() else {}

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return yaml_text(value or {})


class WireIdWidget(Widget):  # type: ignore[misc]
    """An id in any spelling, shown as the wire id."""

    def __init__(self, prefix: Prefix) -> None:
        super().__init__()
        self.prefix = prefix

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = cell(value).strip()
        return decode_any(text) if text else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return encode(self.prefix, value) if value else ""
