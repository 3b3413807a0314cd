"""How spaces answer: assistants with what hangs on them, and the language models of accounts. Secrets stay sealed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin

from chats.models import Assistant, AssistantPrompt, McpServer, Module, ScopeRule, SubAgent
from spaces.actors import Actor

from .base import OperationsAdmin, ReadOnlyAdmin


@admin.register(Assistant)
class AssistantAdmin(OperationsAdmin):
    """The settings of a space's answers; a space without one answers with the defaults."""

    list_display = ("space", "title", "language_model", "is_external", "internal_search", "account", "updated_at")
    list_select_related = ("space", "account")
    list_filter = ("is_external", "is_pinned", "ui_type", "account")
    search_fields = ("title", "space__name", "language_model")
    readonly_fields = ("account", "space", "id", "created_at", "updated_at")
    fields = (
        *("account", "space", "title", "subtitle", "explanation", "alert", "instructions", "input_limit"),
        *("input_placeholder", "chat_upload", "goals", "language_model", "allow_model_switching"),
        *("switchable_language_models", "fallback_module", "is_external", "webhook_url", "is_pinned", "ui_type"),
        *("settings", "internal_search", "allow_end_user_space", "is_sub_agent", "sub_agent_settings", "concurrency"),
        *("id", "created_at", "updated_at"),
    )

    def change(self, by: Actor, obj: Any, values: dict[str, Any]) -> Any:
        obj.change(by, **values)
        return obj


class PartAdmin(ReadOnlyAdmin):
    """What hangs on an assistant: changed in the space's tab Assistant."""

    list_select_related: ClassVar[Any] = ("assistant__space", "account")
    list_filter: ClassVar[Any] = ("account",)

    @admin.display(description="space")
    def space(self, part: Any) -> str:
        return str(part.assistant.space)


@admin.register(Module)
class ModuleAdmin(PartAdmin):
    list_display = ("name", "space", "weight", "is_external", "account", "updated_at")
    list_filter = ("is_external", "account")
    search_fields = ("name", "assistant__space__name")
    fields = (
        *("account", "assistant", "name", "description", "weight", "is_external", "is_custom_instruction_enabled"),
        *("module_template_id", "tool_definition", "configuration", "id", "created_at", "updated_at"),
    )


@admin.register(ScopeRule)
class ScopeRuleAdmin(PartAdmin):
    list_display = ("__str__", "space", "is_advanced", "account", "updated_at")
    list_filter = ("is_advanced", "account")
    search_fields = ("title", "assistant__space__name")
    fields = ("account", "assistant", "title", "rule", "is_advanced", "id", "created_at", "updated_at")


@admin.register(AssistantPrompt)
class AssistantPromptAdmin(PartAdmin):
    list_display = ("title", "space", "order", "account", "updated_at")
    search_fields = ("title", "assistant__space__name")
    fields = ("account", "assistant", "order", "title", "prompt", "id", "created_at", "updated_at")


@admin.register(McpServer)
class McpServerAdmin(PartAdmin):
    list_display = ("__str__", "server_id", "space", "is_enabled", "account", "updated_at")
    list_filter = ("is_enabled", "account")
    search_fields = ("name", "server_id", "assistant__space__name")
    fields = ("account", "assistant", "server_id", "name", "is_enabled", "tools", "id", "created_at", "updated_at")


@admin.register(SubAgent)
class SubAgentAdmin(PartAdmin):
    list_display = ("agent", "space", "account", "updated_at")
    list_select_related = ("agent", "assistant__space", "account")
    search_fields = ("agent__name", "assistant__space__name")
    fields = ("account", "assistant", "agent", "settings_override", "id", "created_at", "updated_at")
