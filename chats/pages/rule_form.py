"""The form of a scope rule: rows for common ones, JSON for the others."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from chats.models import ScopeRule
from chats.models.assistants import check_rule
from memories.filters.uniqueql import InvalidFilter
from memories.pages.files.rows import paths
from memories.permissions import visible_folders
from spaces.actors import Actor
from spaces_project.kit import limits
from spaces_project.kit.values import check_name

from .assistant_forms import JsonField
from .part_forms import PartForm
from .rule_folders import with_ids
from .rule_rows import FIELDS, OPERATORS, ROWS, Row, rows_of, rule_of

FOLDERS_OFFERED = 300
COLUMNS = ("join", "field", "name", "operator", "value", "folder")


class RowsWidget(forms.Widget):
    """Rows of a field, an operator and a value; one empty one at the end, more with JavaScript."""

    template_name = "widgets/rule_rows.html"
    folders: list[tuple[str, str]] = []

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:
        if not isinstance(data, QueryDict):
            return list(data.get(name, []))
        columns = [data.getlist(f"{name}-{column}") for column in COLUMNS]
        return [Row(*values) for values in zip(*columns, strict=False)]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["rows"] = [*(row for row in value or [] if not row.is_blank), Row()]
        known = {wire_id for wire_id, _ in self.folders}
        return context | {"fields": FIELDS, "operators": OPERATORS, "folders": self.folders, "folder_ids": known}

    def _render(self, template_name: str, context: Any, renderer: Any = None) -> SafeString:
        return mark_safe(render_to_string(template_name, context))  # noqa: S308 (our own template, which escapes)

    def id_for_label(self, id_: str | None, index: str | None = None) -> str:
        return f"{id_}_0"


class RowsField(forms.Field):
    """Rows as they were typed; the form makes a rule of them."""

    widget = RowsWidget

    def clean(self, value: Any) -> list[Row]:
        rows = _filled(value)
        if len(rows) > ROWS:
            raise ValidationError(f"At most {ROWS} rows. Write a longer rule as JSON.")
        return rows

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _filled(initial) != _filled(data)


def _filled(rows: list[Row] | None) -> list[Row]:
    return [row for row in rows or [] if not row.is_blank]


class RuleForm(PartForm):
    """One rule. What was changed counts, the rows or the JSON; ticked, the JSON alone."""

    model = ScopeRule
    not_stored = ("rows",)

    title = forms.CharField(
        required=False,
        max_length=limits.NAME_CHARS,
        validators=[check_name],
        label="Title",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    rows = RowsField(label="Answers may use what is so", required=False)
    is_advanced = forms.BooleanField(required=False, label="Write it as JSON")
    rule = JsonField(check=check_rule, label="Rule", rows=4, help_text="UniqueQL, for what rows cannot say.")

    def __init__(self, *args: Any, actor: Actor, folders: list[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["rows"].widget.folders = folders or []
        if (stored := self.initial.get("rule")) is not None:
            rows = rows_of(stored)
            self.initial["rows"] = rows or []
            self.initial["is_advanced"] = self.initial.get("is_advanced") or rows is None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("DELETE") or self.errors or not self.has_changed():
            return cleaned
        try:
            cleaned["rule"] = self._rule(cleaned)
        except InvalidFilter as error:
            self.add_error("rows", f"{error}.".replace("..", "."))
        except ValidationError as error:
            self.add_error("rule" if cleaned["is_advanced"] else "rows", error)
        return cleaned

    def _rule(self, cleaned: dict[str, Any]) -> Any:
        """What the rows say, or the JSON, whichever was changed."""
        is_new_json = "rule" in self.changed_data
        if is_new_json and "rows" in self.changed_data and not cleaned["is_advanced"]:
            raise ValidationError("Change the rows or the JSON, not both.")
        if cleaned["is_advanced"] or is_new_json:
            if cleaned["rule"] is None:
                raise ValidationError("Write the rule.")
            cleaned["is_advanced"] = cleaned["is_advanced"] or rows_of(cleaned["rule"]) is None
            return cleaned["rule"]
        if not cleaned["rows"]:
            raise ValidationError("Say what answers may use, or remove the rule.")
        known = {value for row in self.initial.get("rows") or [] for value in _values(row)}
        return rule_of(with_ids(self.actor, cleaned["rows"], known))


def _values(row: Row) -> list[str]:
    """As it was, whole and in its parts."""
    return [row.value, *(part.strip() for part in row.value.split(","))]


def folders_offered(actor: Actor) -> list[tuple[str, str]]:
    """The folders that this person may read, by their ids on Unique's wire, each with its path."""
    found = list(visible_folders(actor).by_name().only("id", "account", "name", "path")[:FOLDERS_OFFERED])
    named = paths(actor, found) if found else {}
    return sorted(((folder.wire_id, named[folder.pk]) for folder in found), key=lambda pair: pair[1].lower())
