"""Chats, messages and assistants at /admin/: looked at, found, taken in and out, removed with the product's counts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chats.models import (
    Assessment,
    Assistant,
    AssistantPrompt,
    Chat,
    McpServer,
    Message,
    MessageLog,
    Module,
    Rating,
    Reference,
    ScopeRule,
    ShortTermMemory,
    SubAgent,
)
from memories.models import LanguageModel
from spaces.models import AuditEntry
from spaces_project.admin.files import ImportedFiles
from tests.factories import actor_of, make_chat, make_space, say

pytestmark = pytest.mark.thorough

SECRET = "a-secret-of-the-webhook"
RULE = {"path": ["mimeType"], "operator": "equals", "value": "text/plain"}


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def url(model: str, *rest: object) -> str:
    app = "memories" if model == "languagemodel" else "chats"
    return "/".join([f"/admin/{app}", model, *map(str, rest), ""])


def one_of_each(operations: Any) -> dict[str, Any]:
    """An object of every model of chats."""
    account, space, alice = operations.account, operations.space, operations.user
    by = actor_of(alice)
    chat = make_chat(space, alice, name="Where is my order", contact=operations.contact)
    question, answer = say(chat, "Where is it?"), say(chat, "On its way.", role="assistant", state="done")
    assistant = Assistant.of(space)
    assistant.change(by, title="Desk", webhook_url="https://example.com/hook", webhook_secret=SECRET)
    assistant = Assistant.objects.get()
    part = {"account": account, "assistant": assistant}
    model = {"name": "House model", "endpoint_url": "https://example.com", "model_identifier": "m"}
    return {
        "chat": chat,
        "message": answer,
        "assistant": assistant,
        "module": Module.objects.create(**part, name="UniqueAi"),
        "scoperule": ScopeRule.objects.create(**part, rule=RULE),
        "assistantprompt": AssistantPrompt.objects.create(**part, title="Ask", prompt="Where?"),
        "mcpserver": McpServer.objects.create(**part, server_id="mcp-1"),
        "subagent": SubAgent.objects.create(**part, agent=make_space(account, alice)),
        "reference": Reference.objects.create(account=account, message=answer, number=1, name="Tracking.pdf"),
        "assessment": Assessment.record(by, answer, "COMPLIANCE", status="DONE", label="GREEN"),
        "rating": Rating.vote(by, chat, None, -1, "Too short"),
        "messagelog": MessageLog.create(by, answer, text="Looked it up", status="COMPLETED"),
        "shorttermmemory": ShortTermMemory.keep(by, "note", "kept", chat, question),
        "languagemodel": LanguageModel.objects.create(account=account, api_key="sk-of-the-model", **model),
    }


MODELS = (
    *("chat", "message", "assistant", "module", "scoperule", "assistantprompt", "mcpserver", "subagent"),
    *("reference", "assessment", "rating", "messagelog", "shorttermmemory", "languagemodel"),
)


def test_every_model_has_its_list_and_its_object(operations: Any) -> None:
    objects = one_of_each(operations)
    assert set(objects) == set(MODELS)
    index = operations.client.get("/admin/").content.decode()
    for model, obj in objects.items():
        assert f'href="{url(model)}"' in index
        for path in (url(model), f"{url(model)}?q=where", url(model, obj.pk, "change")):
            response = operations.client.get(path)
            assert response.status_code == 200, path
            page = response.content.decode()
            assert "style=" not in page
            assert SECRET not in page
            assert "sk-of-the-model" not in page


@pytest.mark.thorough
@pytest.mark.parametrize("model", ["chat", "message"])
def test_a_list_costs_the_same_however_long_it_is(operations: Any, model: str) -> None:
    chat = one_of_each(operations)["chat"]

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert operations.client.get(url(model)).status_code == 200
        return len(queries)

    statements()
    few = statements()
    for number in range(5):
        say(make_chat(chat.space, chat.user, contact=operations.contact), f"Question {number}")
    assert statements() == few


def test_search_finds_words_and_ids(operations: Any) -> None:
    objects = one_of_each(operations)
    for model, found in (("chat", "Where is my order"), ("message", "On its way.")):
        for text in ("where" if model == "chat" else "way", objects[model].wire_id, str(objects[model].pk)):
            page = text_of(operations.client.get(url(model), {"q": text}))
            assert f"1 {model}" in page, (model, text)
            assert found in page


def test_a_change_of_a_chat_goes_through_the_verb(operations: Any) -> None:
    chat = one_of_each(operations)["chat"]
    form = {"space": chat.space_id, "name": "Renamed", "contact": chat.contact_id, "user": chat.user_id, "meta": "{}"}
    response = operations.client.post(url("chat", chat.pk, "change"), form)
    assert response.status_code == 302, text_of(response)
    assert Chat.objects.get(pk=chat.pk).name == "Renamed"
    assert AuditEntry.objects.latest("id").operation == "chat.update"


def test_a_chat_is_made(operations: Any) -> None:
    form = {"account": operations.account.pk, "space": operations.space.pk, "name": "Fresh", "meta": "{}"}
    response = operations.client.post(url("chat", "add"), form)
    assert response.status_code == 302, text_of(response)
    assert Chat.objects.get(name="Fresh").account == operations.account
    assert AuditEntry.objects.latest("id").operation == "chat.create"


def test_another_accounts_space_is_not_found(operations: Any) -> None:
    foreign = make_space(operations.other)
    form = {"account": operations.account.pk, "space": foreign.pk, "name": "Stray", "meta": "{}"}
    response = operations.client.post(url("chat", "add"), form)
    assert not Chat.objects.filter(name="Stray").exists()
    assert response.status_code == 200 or "Not found" in text_of(operations.client.get(response["Location"]))


@pytest.mark.usefixtures("contexts")
def test_an_assistant_is_changed_and_keeps_its_secret(operations: Any) -> None:
    assistant = one_of_each(operations)["assistant"]
    page = operations.client.get(url("assistant", assistant.pk, "change"))
    form = {name: value for name, value in page.context["adminform"].form.initial.items() if value not in (None, False)}
    form |= {"title": "Front desk", "goals": "[]", "switchable_language_models": "[]"}
    response = operations.client.post(url("assistant", assistant.pk, "change"), form)
    assert response.status_code == 302, text_of(response)
    after = Assistant.objects.get(pk=assistant.pk)
    assert after.title == "Front desk"
    assert after.webhook_secret == assistant.webhook_secret
    assert AuditEntry.objects.latest("id").operation == "assistant.update"


@pytest.mark.parametrize("model", [each for each in MODELS if each not in ("chat", "message", "assistant")])
def test_what_is_only_looked_at_cannot_be_changed(operations: Any, model: str) -> None:
    obj = one_of_each(operations)[model]
    for path in (url(model, "add"), url(model, obj.pk, "delete"), url(model, obj.pk, "change")):
        assert operations.client.post(path, {"post": "yes"}).status_code == 403
    assert type(obj).objects.filter(pk=obj.pk).exists()


def test_the_delete_pages_count_what_goes(operations: Any) -> None:
    objects = one_of_each(operations)
    page = text_of(operations.client.get(url("chat", objects["chat"].pk, "delete")))
    assert "2 messages go with it" in page
    assert "1 rating go with it" in page
    page = text_of(operations.client.get(url("message", objects["message"].pk, "delete")))
    assert "1 reference go with it" in page
    assert operations.client.post(url("message", objects["message"].pk, "delete"), {"post": "yes"}).status_code == 302
    chat = Chat.objects.get(pk=objects["chat"].pk)
    assert (chat.message_count, chat.last_role) == (1, "user")
    assert operations.client.post(url("chat", chat.pk, "delete"), {"post": "yes"}).status_code == 302
    assert not Message.objects.exists()
    assert AuditEntry.objects.latest("id").operation == "chat.delete"


@pytest.mark.parametrize("model", ["chat", "message"])
def test_rows_go_out_with_their_account(operations: Any, model: str) -> None:
    one_of_each(operations)
    response = operations.client.post(url(model, "export"), {"format": "csv"})
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("account,id,")
    assert '"acme"' in text


@pytest.mark.usefixtures("contexts")
def test_chats_come_in(operations: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImportedFiles, "folder", tmp_path / "imports")
    chat, space = one_of_each(operations)["chat"], operations.space
    rows = (
        f"id,name,space,user,meta\n{chat.wire_id},Renamed,{space.wire_id},alice,tier: gold\n,Fresh,{space.wire_id},,\n"
    )
    file = SimpleUploadedFile("rows.csv", rows.encode())
    form = {"account": "acme", "import_file": file, "format": "0", "resource": "0"}
    page = operations.client.post(url("chat", "import"), form)
    assert "Confirm import" in page.content.decode(), text_of(page)
    done = operations.client.post(url("chat", "process_import"), page.context["confirm_form"].initial, follow=True)
    assert "1 new, 1 updated" in text_of(done)
    assert Chat.objects.get(pk=chat.pk).meta == {"tier": "gold"}
    assert Chat.objects.get(name="Fresh").space == space


@pytest.mark.usefixtures("contexts")
def test_a_row_without_a_space_is_refused(operations: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImportedFiles, "folder", tmp_path / "imports")
    for rows in (b"name,space\nStray,\n", b"name,space\nStray,nonsense\n", b"name\nStray\n"):
        form = {"account": "acme", "import_file": SimpleUploadedFile("rows.csv", rows), "format": "0", "resource": "0"}
        page = operations.client.post(url("chat", "import"), form)
        assert page.status_code == 200
        assert "confirm_form" not in page.context, text_of(page)


def test_messages_do_not_come_in(operations: Any) -> None:
    assert operations.client.get(url("message", "import")).status_code == 403
