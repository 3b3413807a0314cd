"""What a text, a meta object and a set of labels may be, wherever they come from.

The checks raise Django's ValidationError with a sentence that says what is wrong and where, so that forms,
imports and every dialect can pass it on.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from . import limits

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def check_text(text: str) -> None:
    """Refuse what PostgreSQL cannot store: NUL and lone surrogates."""
    if "\x00" in text:
        raise ValidationError("Null characters are not allowed.", code="null_characters")
    if _SURROGATE.search(text):
        raise ValidationError("Lone surrogates are not allowed.", code="surrogates")


def check_name(text: str) -> None:
    """A name is one line: control characters are refused."""
    check_text(text)
    if _CONTROL.search(text):
        raise ValidationError("Control characters are not allowed.", code="control_characters")


def _walk(value: Any, depth: int = 1) -> Iterator[tuple[Any, int]]:
    """Every value and key with its depth, without recursion."""
    waiting = [(value, depth)]
    while waiting:
        item, level = waiting.pop()
        yield item, level
        if isinstance(item, dict):
            waiting += [(key, level) for key in item] + [(child, level + 1) for child in item.values()]
        elif isinstance(item, list):
            waiting += [(child, level + 1) for child in item]


def _check_json(item: Any, level: int) -> None:
    if level > limits.META_DEPTH + 1:
        raise ValidationError(f"Nested deeper than {limits.META_DEPTH} levels.", code="too_deep")
    if isinstance(item, str):
        check_text(item)
    if isinstance(item, float) and not math.isfinite(item):
        raise ValidationError("Numbers must be finite.", code="not_finite")


def check_meta(value: Any) -> None:
    """A JSON object within the limits META_BYTES, META_KEYS, META_KEY_BYTES and META_DEPTH."""
    if not isinstance(value, dict):
        raise ValidationError("Must be a JSON object.", code="not_an_object")
    if not value:
        return
    if len(value) > limits.META_KEYS:
        raise ValidationError(f"At most {limits.META_KEYS} keys.", code="too_many_keys")
    for item, level in _walk(value):
        _check_json(item, level)
    if any(len(str(key).encode()) > limits.META_KEY_BYTES for key in value):
        raise ValidationError(f"A key may have {limits.META_KEY_BYTES} bytes.", code="key_too_long")
    if len(json.dumps(value, ensure_ascii=False).encode()) > limits.META_BYTES:
        raise ValidationError(f"At most {limits.META_BYTES:,} bytes of JSON.", code="too_large")


def check_labels(value: Any) -> None:
    """A map of at most LABELS short strings to short strings."""
    if not isinstance(value, dict) or not all(isinstance(text, str) for pair in value.items() for text in pair):
        raise ValidationError("Must be an object of strings.", code="not_strings")
    if len(value) > limits.LABELS:
        raise ValidationError(f"At most {limits.LABELS} labels.", code="too_many_labels")
    for key, text in value.items():
        check_name(key)
        check_name(text)
        if not 0 < len(key) <= limits.LABEL_KEY_CHARS or len(text) > limits.LABEL_VALUE_CHARS:
            raise ValidationError(
                f"A label has a key of 1 to {limits.LABEL_KEY_CHARS} and a value of up to "
                f"{limits.LABEL_VALUE_CHARS} characters.",
                code="label_length",
            )


class TextField(models.TextField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A text of at most ``max_length`` characters that PostgreSQL can store."""

    default_validators = [check_text]

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        text = super().clean(value, model_instance)
        if self.max_length and text and len(text) > self.max_length:
            raise ValidationError(f"At most {self.max_length:,} characters, not {len(text):,}.", code="max_length")
        return text


class NameField(models.CharField):  # type: ignore[type-arg]
    """One line."""

    default_validators = [check_name]


class MetaField(models.JSONField):
    """Free JSON: an object, merged on update, filtered by containment."""

    default_validators = [check_meta]
    empty_values = [None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"default": dict, "blank": True, **kwargs})


class LabelsField(MetaField):
    """A small map of strings to strings."""

    default_validators = [check_labels]


class MergeMeta(models.Func):
    """``(meta || new) - removed``: sets the given top-level keys and removes those given as None, in one statement."""

    output_field = models.JSONField()

    def __init__(self, field: str, changes: dict[str, Any]) -> None:
        self.removed = [key for key, value in changes.items() if value is None]
        self.new = {key: value for key, value in changes.items() if value is not None}
        super().__init__(models.F(field))

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        field, params = compiler.compile(self.get_source_expressions()[0])
        new = json.dumps(self.new, ensure_ascii=False)
        return f"(({field} || %s::jsonb) - %s::text[])", [*params, new, self.removed]


def merged(meta: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """What MergeMeta will make of ``meta``."""
    return {key: value for key, value in {**meta, **changes}.items() if key not in changes or value is not None}
