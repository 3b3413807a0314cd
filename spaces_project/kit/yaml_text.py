"""Meta as YAML for people who read a table: block style, keys in their order, quoted only where YAML needs it.

The fast path writes flat objects of texts, integers, booleans and nulls; everything else goes through PyYAML's C
emitter, which is about 20 times slower. Both read back as what was written (a property test says so).
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

import yaml

CACHED_TEXTS = 8_192
CACHED_CHARS = 512
_KEY_CHARS = 900  # a key on one line may have 1024 characters in YAML
_SAFE = r"[A-Za-z][A-Za-z0-9_./@+-]*+(?: [A-Za-z0-9_./@+-]++)*+"
_PLAIN = re.compile(_SAFE)
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"])
_QUOTED = f'"(?!(?i:{"|".join(sorted(_WORDS))})"){_SAFE}"'
_PAIR = f"{_QUOTED}: (?:{_QUOTED}|-?[0-9]++(?![.eE])|true|false|null)"
_SIMPLE = re.compile(rf"\{{{_PAIR}(?:, {_PAIR})*\}}")
_UNPRINTABLE = re.compile("[\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_SCALARS = (str, bool, int, type(None))


def yaml_from_json(text: str) -> str:
    """The YAML of a JSON object as PostgreSQL writes one; short texts are remembered, as tables repeat them."""
    return _remembered(text) if len(text) <= CACHED_CHARS else _from_json(text)


def yaml_text(value: dict[str, Any]) -> str:
    """The YAML of ``value``, ending in a newline; ``{}`` for an empty object."""
    if not value:
        return "{}\n"
    if all(type(item) in _SCALARS for item in value.values()) and all(map(_short, value)):
        return "".join([f"{_text(key)}: {_scalar(item)}\n" for key, item in value.items()])
    return yaml.dump(value, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, default_flow_style=False)


def _from_json(text: str) -> str:
    if _SIMPLE.fullmatch(text):  # only names, plain texts, integers and words: without its marks it is YAML
        return text[1:-1].replace('"', "").replace(", ", "\n") + "\n"
    value = json.loads(text)
    return yaml_text(value) if isinstance(value, dict) else yaml_text({"value": value})


_remembered = lru_cache(CACHED_TEXTS)(_from_json)


def _short(key: str) -> bool:
    return len(key) < _KEY_CHARS // 6


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if value is True:
        return "true"
    return "false" if value is False else _text(value) if isinstance(value, str) else str(value)


@lru_cache(CACHED_TEXTS)
def _text(text: str) -> str:
    """Plain when nothing in it means anything to YAML, else quoted as JSON, whose escapes YAML knows."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


class _Reader(yaml.SafeLoader):
    """Texts, numbers, booleans and nulls only: no dates, no merge keys, no aliases (one line may stand for gigabytes).

    In Python, not C: the C parser crashes the process on deep nesting, this one raises.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("Aliases are not allowed.")
        return super().compose_node(parent, index)


_Reader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag.rpartition(":")[2] in ("bool", "int", "float", "null")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_object(text: str) -> Any:
    """What ``text``, JSON or YAML, says, as JSON would say it; raises ValueError with a sentence."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _read_yaml(text)


def _read_yaml(text: str) -> Any:
    try:
        return json.loads(json.dumps(yaml.load(text, Loader=_Reader), allow_nan=False))  # noqa: S506  (a SafeLoader)
    except RecursionError as error:
        raise ValueError("Nested too deeply.") from error
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise ValueError("Neither YAML nor JSON that can be kept.") from error
