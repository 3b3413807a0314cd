"""The rows that hang on an assistant: prompts, scope rules, modules, tool servers, sub-agents.

Each kind is a formset: the stored rows, one empty one, and a box to take a row away. Rows keep their ids.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone

from chats.models import Assistant, AssistantPrompt, McpServer, Module, SubAgent
from chats.models.assistants import DEFAULT_WEIGHT, check_list, check_object
from spaces.actors import Actor
from spaces.permissions import visible_spaces
from spaces_project.kit import limits
from spaces_project.kit.values import check_name, check_text

from .assistant_forms import JsonField, ParagraphsField
from .forms import SPACES_OFFERED
from .part_forms import PartForm
from .rule_form import RuleForm, folders_offered

ROWS = 100


def _line(label: str, required: bool = True) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(
        required=required, max_length=limits.NAME_CHARS, validators=[check_name], label=label, widget=widget
    )


def _text(label: str, required: bool = False) -> ParagraphsField:
    widget = forms.Textarea(attrs={"rows": 2})
    return ParagraphsField(
        required=required, max_length=limits.DESCRIPTION_CHARS, validators=[check_text], label=label, widget=widget
    )


class PromptForm(PartForm):
    model = AssistantPrompt
    title = _line("Title")
    prompt = _text("Question", required=True)
    order = forms.IntegerField(required=False, label="Place", initial=0, min_value=-(2**31), max_value=2**31 - 1)

    def clean_order(self) -> int:
        return self.cleaned_data["order"] or 0


class ModuleForm(PartForm):
    model = Module
    name = _line("Name")
    weight = forms.IntegerField(label="Weight", initial=DEFAULT_WEIGHT, min_value=-(2**31), max_value=2**31 - 1)
    description = _text("Description")
    configuration = JsonField(check=check_object, empty=dict, label="Configuration", help_text="A JSON object.")
    tool_definition = JsonField(check=check_object, label="Tool definition", help_text="A JSON object.")
    is_external = forms.BooleanField(required=False, label="External")
    is_custom_instruction_enabled = forms.BooleanField(required=False, label="Custom instructions")


class McpServerForm(PartForm):
    model = McpServer
    server_id = _line("Server id")
    name = _line("Name", required=False)
    is_enabled = forms.BooleanField(required=False, label="Enabled", initial=True)
    tools = JsonField(check=check_list, label="Tools", help_text="A JSON array.")


class SubAgentForm(PartForm):
    model = SubAgent
    agent = forms.ChoiceField(label="Space")
    settings_override = JsonField(check=check_object, label="Settings", help_text="A JSON object.")

    def __init__(self, *args: Any, spaces: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agent"].choices = [("", "Choose…"), *spaces]  # type: ignore[attr-defined]

    def clean_agent(self) -> UUID:
        return UUID(self.cleaned_data["agent"])


class _Rows(BaseFormSet):  # type: ignore[type-arg]
    """The forms of one kind. Its one empty form is told apart by having no stored id."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = "Remove"

    def clean(self) -> None:
        once = {"server_id": "This server is there twice.", "agent": "This space is there twice."}
        seen = set()
        for form in self.forms:
            values = getattr(form, "cleaned_data", {})
            if values.get("DELETE"):
                continue
            for name, words in once.items():
                if (value := values.get(name)) and (name, value) in seen:
                    raise ValidationError(words)
                seen.add((name, value))


class Part:
    """One kind of rows, as the page shows it and as the assistant stores it."""

    def __init__(self, slug: str, title: str, form: type[PartForm], rows: Iterable[Any], **kwargs: Any) -> None:
        self.slug, self.title, self.form = slug, title, form
        self.rows = list(rows)
        self.names = [name for name in form.base_fields if name not in ("id", *form.not_stored)]
        data = kwargs.pop("data", None)
        made = formset_factory(
            form, formset=_Rows, extra=1, can_delete=True, max_num=ROWS, validate_max=True, absolute_max=2 * ROWS
        )
        self.shown = self.rows if data is None else self._sent(data)
        initial = [self._initial(row) for row in self.shown]
        self.formset = made(data, initial=initial, prefix=slug, form_kwargs=kwargs.pop("form_kwargs", None))

    def _sent(self, data: Any) -> list[Any]:
        """The stored rows behind the forms that were sent, in their order; None for one that is gone since."""
        known = {str(row.pk): row for row in self.rows}
        count = str(data.get(f"{self.slug}-INITIAL_FORMS", ""))
        sent = range(min(int(count), ROWS)) if count.isascii() and count.isdigit() else ()
        return [known.get(data.get(f"{self.slug}-{number}-id", "")) for number in sent]

    def _initial(self, row: Any) -> dict[str, Any]:
        return {"id": row.pk, **{name: self._value(row, name) for name in self.names}} if row else {}

    @staticmethod
    def _value(row: Any, name: str) -> Any:
        return str(row.agent_id) if name == "agent" else getattr(row, name)

    def is_valid(self) -> bool:
        return self.formset.is_valid()

    def made(self, account_id: UUID) -> list[Any] | None:
        """The rows as typed, those that were there under their ids; None when nothing has changed."""
        if not self.formset.has_changed() and len(self.shown) == len(self.rows):
            return None
        known = {row.pk: row for row in self.rows}
        return [
            self._row(account_id, known.pop(form.cleaned_data.get("id"), None), form.cleaned_data)
            for form in self.formset.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE") and (form.has_changed() or form in self._kept)
        ]

    @property
    def _kept(self) -> list[Any]:
        return self.formset.initial_forms

    def _row(self, account_id: UUID, known: Any, values: dict[str, Any]) -> Any:
        row = known or self.form.model(account_id=account_id)
        for name in self.names:
            setattr(row, "agent_id" if name == "agent" else name, values[name])
        row.updated_at = timezone.now()
        return row


def parts_of(actor: Actor, assistant: Assistant, data: Any = None) -> list[Part]:
    """All kinds, with what was typed or what is stored."""
    agents = assistant.sub_agents()
    spaces = _spaces(actor, assistant, agents)
    return [
        Part("prompts", "Prompts", PromptForm, assistant.prompts(), data=data),
        Part(
            "rules",
            "Scope rules",
            RuleForm,
            assistant.rules(),
            data=data,
            form_kwargs={"actor": actor, "folders": folders_offered(actor)},
        ),
        Part("modules", "Modules", ModuleForm, _modules(assistant), data=data),
        Part("mcp", "MCP servers", McpServerForm, assistant.mcp_servers(), data=data),
        Part("agents", "Sub-agents", SubAgentForm, agents, data=data, form_kwargs={"spaces": spaces}),
    ]


def _modules(assistant: Assistant) -> list[Module]:
    """Those that have a row: the default one comes and goes by itself."""
    return [module for module in assistant.modules() if not module._state.adding]


def _spaces(actor: Actor, assistant: Assistant, agents: list[SubAgent]) -> list[tuple[str, str]]:
    """The spaces that this one may ask: those one may read, and those it asks already."""
    readable = visible_spaces(actor).exclude(pk=assistant.space_id).filter(is_default=False).order_by("name")
    names = {str(pk): name for pk, name in readable.values_list("pk", "name")[:SPACES_OFFERED]}
    return list({**{str(each.agent_id): "A space that you may not read" for each in agents}, **names}.items())
