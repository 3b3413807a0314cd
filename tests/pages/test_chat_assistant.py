"""The assistant tab of a space: alice owns it, bob may use it, mallory is in another account."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.urls import reverse

from chats.models import Assistant, AssistantPrompt, ScopeRule, SubAgent
from chats.pages.assistant_forms import AssistantForm
from spaces.models import AuditEntry, SpaceAccess
from tests.factories import actor_of, make_space

pytestmark = pytest.mark.django_db
RULE = '{"operator": "equals", "path": ["folderId"], "value": "a"}'


def address(world: Any) -> str:
    return reverse("space_assistant", args=[world.space.pk])


def typed(world: Any, **changes: str) -> dict[str, str]:
    """What a browser would send from the page as it is, with these fields changed (a tick: "on", or "" to untick)."""
    page = world.client(world.alice).get(address(world)).content.decode()
    form = page[page.index('aria-label="How this space answers"') : page.index('<div class="save-bar">')]
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]+>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            sent = html.unescape(value[1]) if value else "on" if "checkbox" in tag else ""
            values[name[1]] = [*values.get(name[1], ()), sent]
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S):
        values[name] = html.unescape(text).replace("\n", "\r\n")
    for name, options in re.findall(r'<select [^>]*?name="([^"]+)".*?>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        values[name] = [*values.get(name, ()), chosen[1] if chosen else re.search(r'value="([^"]*)"', options)[1]]
    return {name: value for name, value in (values | changes).items() if value or name not in changes or value == ""}


def save(world: Any, **changes: str) -> Any:
    return world.client(world.alice).post(address(world), typed(world, **changes))


def test_every_field_has_a_place_in_a_group() -> None:
    grouped = [name for _, _, names in AssistantForm.GROUPS for name in names]
    assert sorted(grouped) == sorted(AssistantForm.base_fields)
    stored = {field.name for field in Assistant._meta.concrete_fields if field.editable}
    assert stored - set(grouped) == {"account", "space"}


def test_nothing_is_written_when_nothing_is_changed(world: Any) -> None:
    Assistant.of(world.space).change(
        actor_of(world.alice),
        {
            ScopeRule: [
                ScopeRule(account=world.account, rule={"operator": "equals", "path": ["folderId"], "value": "a"})
            ]
        },
        explanation="Two\nlines",
        goals=["One", "Two"],
        settings={"a": {"b": 1}},
    )
    assert save(world).status_code == 302
    assert AuditEntry.objects.filter(operation="assistant.update").count() == 1


def test_fields_and_rows_are_saved_together_with_one_entry(world: Any) -> None:
    other = make_space(world.account, world.alice, name="Returns")
    saved = save(
        world,
        title="Claims desk",
        instructions="Be short.",
        input_limit="400",
        goals="Answer\nQuote",
        settings='{"temperature": 0.2}',
        **{"prompts-0-title": "Cover", "prompts-0-prompt": "Is it covered?"},
        **{"rules-0-title": "Only terms", "rules-0-rule": RULE},
        **{"modules-0-name": "UniqueAi", "modules-0-weight": "5", "modules-0-configuration": '{"a": 1}'},
        **{"mcp-0-server_id": "mcp_1", "mcp-0-tools": '[{"name": "t"}]', "mcp-0-is_enabled": "on"},
        **{"agents-0-agent": str(other.pk)},
    )
    assert saved.status_code == 302
    assistant = Assistant.of(world.space)
    assert (assistant.title, assistant.input_limit, assistant.goals) == ("Claims desk", 400, ["Answer", "Quote"])
    assert assistant.settings == {"temperature": 0.2}
    assert [each.prompt for each in assistant.prompts()] == ["Is it covered?"]
    assert [each.title for each in assistant.rules()] == ["Only terms"]
    assert [(each.weight, each.configuration) for each in assistant.modules()] == [(5, {"a": 1})]
    assert [(each.server_id, each.is_enabled) for each in assistant.mcp_servers()] == [("mcp_1", True)]
    assert [each.agent for each in assistant.sub_agents()] == [other]
    assert AuditEntry.objects.filter(operation="assistant.update").count() == 1
    history = world.client(world.alice).get(reverse("space_history", args=[world.space.pk])).content.decode()
    assert re.search(r"<b>alice</b> changed its assistant", history)


@pytest.mark.thorough
def test_rows_keep_their_ids_and_can_be_taken_away(world: Any) -> None:
    save(world, **{"prompts-0-title": "One", "prompts-0-prompt": "One?"})
    save(world, **{"prompts-1-title": "Two", "prompts-1-prompt": "Two?"})
    one, two = Assistant.of(world.space).prompts()
    save(world, **{"prompts-0-title": "Uno"})
    assert [(each.pk, each.title) for each in Assistant.of(world.space).prompts()] == [(one.pk, "Uno"), (two.pk, "Two")]
    save(world, **{"prompts-0-DELETE": "on"})
    assert [each.pk for each in AssistantPrompt.objects.all()] == [two.pk]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("rules-0-rule", '{"operator": "equals"\n "path": []}', "line 2, column 2"),
        ("rules-0-rule", '{"operator": "resembles", "path": ["a"], "value": 1}', "resembles"),
        ("settings", "[1]", "JSON object"),
        ("settings", '{"a": 1, "a": 2}', "twice"),
        ("mcp-0-tools", "{}", "JSON array"),
        ("input_limit", "0", "greater than or equal to 1"),
        ("concurrency", "9999", "less than or equal to"),
        ("webhook_url", "ftp://example.com", "http"),
        ("agents-0-agent", "not-a-space", "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(
    world: Any, field: str, text: str, words: str
) -> None:
    refused = save(world, title="Kept", **{field: text, "mcp-0-server_id": "mcp_1"})
    page = html.unescape(refused.content.decode())
    assert refused.status_code == 422
    assert words in "".join(re.findall(r'<span class="error".*?</span>', page, re.S))
    assert "Kept" in page
    assert not Assistant.of(world.space).is_stored


@pytest.mark.thorough
def test_another_change_in_between_is_not_overwritten_unknowingly(world: Any) -> None:
    mine = typed(world, title="Mine")
    prompt = AssistantPrompt(account=world.account, title="Their prompt", prompt="?")
    Assistant.of(world.space).change(actor_of(world.admin), {AssistantPrompt: [prompt]}, title="Theirs")
    client = world.client(world.alice)
    conflict = client.post(address(world), mine)
    assert conflict.status_code == 409
    assert b"Theirs" in conflict.content
    assert Assistant.of(world.space).title == "Theirs"
    stamp = re.search(r'name="stamp" value="([^"]+)"', conflict.content.decode())
    assert stamp
    assert client.post(address(world), {**mine, "stamp": stamp[1]}).status_code == 302
    assert Assistant.of(world.space).title == "Mine"
    assert Assistant.of(world.space).prompts() == []  # the whole form is mine, as the page said


def test_the_secret_of_the_webhook_is_kept_set_and_forgotten_but_never_shown(world: Any) -> None:
    save(world, webhook_url="https://example.com/hook", webhook_secret="s3cret-of-the-hook")
    save(world, title="Other")
    assert Assistant.of(world.space).webhook_secret.reveal() == "s3cret-of-the-hook"
    assert "s3cret" not in world.client(world.alice).get(address(world)).content.decode()
    save(world, forget_secret="on")
    assert not Assistant.of(world.space).webhook_secret


@pytest.mark.slow
@pytest.mark.parametrize("count", ["", "x", "-1", "100000", "²"])
def test_a_form_that_no_browser_sends_is_refused_or_read_but_never_fails(world: Any, count: str) -> None:
    client = world.client(world.alice)
    assert client.post(address(world), {"stamp": "new"}).status_code == 422
    odd = {**typed(world), "prompts-TOTAL_FORMS": count, "prompts-INITIAL_FORMS": count}
    assert client.post(address(world), odd).status_code in (302, 422)
    save(world, **{"prompts-0-title": "One", "prompts-0-prompt": "One?"})
    prompt = Assistant.of(world.space).prompts()[0]
    twice = {"prompts-1-id": str(prompt.pk), "prompts-1-title": "Two", "prompts-1-prompt": "Two?"}
    assert save(world, **twice, **{"prompts-0-title": "Uno"}).status_code == 302
    assert {each.title for each in Assistant.of(world.space).prompts()} == {"Uno", "Two"}


def test_only_who_manages_the_space_sees_and_changes_it(world: Any) -> None:
    form = typed(world, title="Mine")
    SpaceAccess.grant(world.space, world.bob, "USE", actor_of(world.alice))
    for user, status in ((world.bob, 403), (world.ann, 403), (world.mallory, 404)):
        assert world.client(user).get(address(world)).status_code == status
        assert world.client(user).post(address(world), form).status_code == status
    assert not Assistant.of(world.space).is_stored
    assert (
        "/assistant/"
        not in world.client(world.bob).get(reverse("space_detail", args=[world.space.pk])).content.decode()
    )


@pytest.mark.thorough
def test_a_space_that_one_may_not_read_is_no_sub_agent_but_stays_one(world: Any) -> None:
    hidden = make_space(world.account, world.admin, name="Hidden")
    assert save(world, **{"agents-0-agent": str(hidden.pk)}).status_code == 422
    Assistant.of(world.space).change(actor_of(world.admin), {SubAgent: [SubAgent(account=world.account, agent=hidden)]})
    assert save(world, title="Changed").status_code == 302
    assert [each.agent for each in Assistant.of(world.space).sub_agents()] == [hidden]
    assert b"Hidden" not in world.client(world.alice).get(address(world)).content
