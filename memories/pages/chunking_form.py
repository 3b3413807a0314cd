"""The three ways of chunking as fields of a form, each wrong one said beside its field."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from memories import chunking
from memories.chunking import KeepStrategy, LengthMeasurement, NoChunking, Recursive, Sentence
from spaces.errors import InvalidInput
from spaces_project.kit import limits

KINDS = (
    ("recursive", "By size, cut at the best separator"),
    ("sentence", "By sentences"),
    ("none", "Not at all: one chunk"),
)
MEASURES = ((LengthMeasurement.CHARACTER_COUNT, "characters"), (LengthMeasurement.TOKEN_COUNT, "tokens"))
KEEPS = ((KeepStrategy.KEEP_END, "At the end of a chunk"), (KeepStrategy.KEEP_START, "At the start of the next"))
# the members of GoodMem's configuration, and the fields that stand for them
MEMBERS = {
    "chunkSize": "size",
    "chunkOverlap": "overlap",
    "separators": "separators",
    "keepStrategy": "keep",
    "separatorIsRegex": "separator_is_regex",
    "maxChunkSize": "most",
    "minChunkSize": "least",
    "enableLanguageDetection": "detect_language",
    "lengthMeasurement": "measure",
}
# as one line each: line ends and tabs are written \n and \t, a backslash \\
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}


def _number(label: str, initial: int, **kwargs: Any) -> forms.CharField:
    attrs = {"inputmode": "numeric", "autocomplete": "off"}
    return forms.CharField(required=False, label=label, initial=initial, widget=forms.TextInput(attrs=attrs), **kwargs)


class ChunkingFields(forms.Form):
    """``chunking()`` is what MemorySettings and Memory keep: GoodMem's JSON, or None for ``default_kind``."""

    default_kind = ""
    plan: chunking.Chunking | None = None  # what was typed, once it is checked

    kind = forms.ChoiceField(label="Cut", choices=KINDS)
    measure = forms.ChoiceField(label="Sizes count", choices=MEASURES, required=False)
    size = _number("Largest chunk", Recursive.size)
    overlap = _number("Overlap", Recursive.overlap, help_text="What each chunk repeats of the one before.")
    separators = forms.CharField(
        required=False,
        strip=False,
        label="Separators",
        help_text="One per line, the best first; \\n is a line end. Empty: paragraphs, lines, sentences, words.",
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
    )
    separator_is_regex = forms.BooleanField(required=False, label="Separators are regular expressions (RE2)")
    keep = forms.ChoiceField(label="A separator stays", choices=KEEPS, required=False)
    most = _number("Largest chunk", Sentence.most)
    least = _number("Smallest chunk", Sentence.least, help_text="Shorter sentences are put together.")
    detect_language = forms.BooleanField(required=False, label="Detect the language of the text")

    def __init__(self, data: Any = None, *, stored: Any = None, initial: Any = None, **kwargs: Any) -> None:
        super().__init__(data, initial={**_initial(stored, self.default_kind), **(initial or {})}, **kwargs)
        if self.default_kind:
            self.fields["kind"].choices = [("", self.default_kind), *KINDS]  # type: ignore[attr-defined]
            self.fields["kind"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "kind" in cleaned:
            self._check(cleaned)
        return cleaned

    def _check(self, cleaned: dict[str, Any]) -> None:
        try:
            given = _given(cleaned)
            self.plan = chunking.parse(given) if given else None
        except InvalidInput as error:
            where, message = _told(error)
            self.add_error(where, message)
        except ValidationError as error:
            self.add_error("separators", error)

    def chunking(self) -> dict[str, Any] | None:
        return chunking.as_json(self.plan) if self.plan else None


def _initial(stored: Any, default_kind: str) -> dict[str, Any]:
    plan = chunking.parse(stored) if stored else None
    if plan is None and default_kind:
        return {"kind": ""}
    plan = plan or chunking.DEFAULT
    if isinstance(plan, NoChunking):
        return {"kind": "none"}
    if isinstance(plan, Sentence):
        found = {"kind": "sentence", "most": plan.most, "least": plan.least, "detect_language": plan.detect_language}
        return {**found, "measure": plan.measure}
    return {
        "kind": "recursive",
        "size": plan.size,
        "overlap": plan.overlap,
        "separators": "\n".join(_escaped(each, plan.separator_is_regex) for each in plan.separators),
        "separator_is_regex": plan.separator_is_regex,
        "keep": KeepStrategy.KEEP_START if plan.keep == KeepStrategy.KEEP_START else KeepStrategy.KEEP_END,
        "measure": plan.measure,
    }


def _given(cleaned: dict[str, Any]) -> dict[str, Any] | None:
    """The form as GoodMem's JSON, unchecked."""
    kind = cleaned["kind"]
    measure = cleaned.get("measure") or LengthMeasurement.CHARACTER_COUNT
    if kind == "none":
        return {"none": {}}
    if kind == "sentence":
        return {
            "sentence": {
                "maxChunkSize": cleaned["most"] or str(Sentence.most),
                "minChunkSize": cleaned["least"] or "0",
                "enableLanguageDetection": cleaned["detect_language"],
                "lengthMeasurement": measure,
            }
        }
    if kind != "recursive":
        return None
    return {
        "recursive": {
            "chunkSize": cleaned["size"] or str(Recursive.size),
            "chunkOverlap": cleaned["overlap"] or "0",
            "separators": _separators(cleaned["separators"], cleaned["separator_is_regex"]),
            "keepStrategy": cleaned["keep"] or KeepStrategy.KEEP_END,
            "separatorIsRegex": cleaned["separator_is_regex"],
            "lengthMeasurement": measure,
        }
    }


def _separators(text: str, is_regex: bool) -> list[str]:
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line]
    return lines if is_regex else [_unescaped(line) for line in lines]


def _unescaped(line: str) -> str:
    def sign(match: re.Match[str]) -> str:
        if match[1] not in ESCAPES:
            raise ValidationError(f"“\\{match[1]}” is not known: write \\n, \\t, \\r or \\\\.")
        return ESCAPES[match[1]]

    return re.sub(r"\\(.?)", sign, line)


def _escaped(separator: str, is_regex: bool) -> str:
    """On one line; a regular expression has its backslashes already."""
    names = {sign: name for name, sign in ESCAPES.items() if not (is_regex and sign == "\\")}
    return "".join(f"\\{names[char]}" if char in names else char for char in separator)


def _told(error: InvalidInput) -> tuple[str, str]:
    """The field of ours that an error is about, and its sentence without the path of the JSON."""
    path = (error.field or "").split(".")
    member = path[-1].partition("[")[0]
    field = MEMBERS.get(member, "kind")
    said = str(error).removeprefix(error.field or "").strip()
    if field == "overlap" and "smaller than" in said:
        said = "must be smaller than the largest chunk"
    if field == "least" and "larger than" in said:
        said = "must not be larger than the largest chunk"
    if field in ("size", "most", "overlap", "least") and "whole number" in said:
        said = said.replace(str(limits.CHUNK_SIZE_MOST), f"{limits.CHUNK_SIZE_MOST:,}")
    return field, f"{said[:1].upper()}{said[1:]}."
