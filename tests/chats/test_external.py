"""Answers that an external system writes: it is told by a signed webhook, tried again, and given up in the end."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from chats import jobs, outside
from chats.answering import answer_chat
from chats.models import Assistant, Message, ScopeRule
from chats.replies import ask_again
from spaces.models import AuditEntry, Webhook, WebhookDelivery
from spaces.models.webhooks import Event
from spaces.webhooks import redeliver, signature
from spaces_project.kit.egress import Allowed
from tests.chats.models import answered, asked, make_talk
from tests.factories import actor_of, admin_of
from tests.kit.egress_server import serving, whole

pytestmark = pytest.mark.django_db
SECRET = "whsec_test"


@pytest.fixture(autouse=True)
def _open_door(settings) -> None:
    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])


def answering(status: str) -> Any:
    return serving(whole(b"{}", f"HTTP/1.1 {status}".encode(), b"Location: /elsewhere"))


def waiting(url: str = "", **assistant: Any) -> Message:
    """The waiting answer to a question in an external space."""
    talk = make_talk(is_external=True, webhook_url=url, webhook_secret=SECRET, **assistant)
    answer = answered(talk, toolChoices=["WebSearch"])
    assert (answer.state, answer.text, answer.completed_at) == ("waiting", "", None)
    return answer


def due() -> list[WebhookDelivery]:
    """The deliveries that wait for their turn, each with its job, in the order of those."""
    jobs = ProcrastinateJob.objects.filter(task_name="chats:webhook", status="todo").order_by("id")
    found = WebhookDelivery.objects.due().in_bulk(jobs.values_list("args__delivery", flat=True))
    assert len(found) == jobs.count() == WebhookDelivery.objects.due().count()
    return sorted(found.values(), key=lambda each: (each.attempts, str(each.pk)))


def deliver(delivery: WebhookDelivery) -> WebhookDelivery:
    """Do its job as a worker does it."""
    ProcrastinateJob.objects.filter(args__delivery=str(delivery.pk))._raw_delete("default")
    jobs.webhook(account=str(delivery.account_id), delivery=str(delivery.pk))
    delivery.refresh_from_db()
    return delivery


def test_the_signature_is_that_of_the_vector() -> None:
    body = (
        b'{"id":"evt_1","version":"1.0.0","event":"unique.chat.user-message.created","createdAt":"1705960141",'
        b'"userId":"u","companyId":"c","payload":{"chatId":"chat_1","assistantId":"assistant_1","text":"Hi"}}'
    )
    assert signature(SECRET, body) == "b29d9a81195db9f3dbb39be0604d35e1b80cfe46abc6d410a7f252f2bce8485e"


def test_the_sdk_accepts_what_is_sent() -> None:
    with answering("200 OK") as server:
        answer = waiting(server.url)
        asked_event, chosen = due()
        assert [asked_event.event, chosen.event] == [Event.ASKED, Event.CHOSEN]
        deliver(asked_event)
        deliver(chosen)
    heads, events = zip(*(verified(request) for request in server.requests), strict=True)
    chat = answer.chat
    assert events[0]["payload"] == {
        "chatId": chat.unique_id,
        "assistantId": events[1]["payload"]["assistantId"],
        "text": "What is covered?",
    }
    payload = events[1]["payload"]
    assert (payload["name"], payload["toolChoices"]) == ("UniqueAi", ["WebSearch"])
    assert payload["userMessage"]["id"] == answer.answers.wire_id
    assert payload["assistantMessage"]["id"] == answer.wire_id
    assert heads[0]["x-unique-id"] != heads[1]["x-unique-id"] == events[1]["id"]
    assert heads[1]["x-unique-company-id"] == str(chat.account_id)
    answer.refresh_from_db()
    assert answer.state == "waiting"


def verified(request: bytes) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and event, after the SDK has checked the signature."""
    import unique_sdk  # takes each process a second that collects this

    head, _, body = request.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    unique_sdk.Webhook.construct_event(body, headers["x-unique-signature"], headers["x-unique-created-at"], SECRET)
    return headers, json.loads(body)


def test_a_space_with_an_external_module_tells_only_of_that() -> None:
    talk = make_talk(webhook_url="http://127.0.0.1:9999/hook")
    assistant = Assistant.of(talk.space)
    module = assistant.default_module()
    module.is_external, module.name = True, "Research"
    module.save(force_insert=True)
    assert answered(talk).state == "waiting"
    (only,) = due()
    assert only.event == Event.CHOSEN


def told_of(chosen_by: Any) -> dict[str, Any]:
    """The payload of the choice that went to this webhook; None: to the space's own address."""
    payload: dict[str, Any] = json.loads(chosen_by.get(event=Event.CHOSEN).body)["payload"]
    return payload


def test_attributes_and_the_rules_filled_with_them_reach_administrators_webhooks_alone() -> None:
    """Whoever manages a space names its own address, and may not see what administrators note of people."""
    talk = make_talk(is_external=True, webhook_url="http://127.0.0.1:9999/hook")
    type(talk.user).objects.filter(pk=talk.user.pk).update(meta={"unit": "hr"})
    by, assistant = admin_of(talk.space.account), Assistant.of(talk.space)
    rule = {"path": ["unit"], "operator": "equals", "value": "<userMetadata.unit>"}
    assistant.replace(actor_of(by), ScopeRule, [ScopeRule(account=talk.space.account, rule=rule)])
    Webhook.create(actor_of(by), talk.space.account, name="R", url="http://127.0.0.1:9999/in", events=[Event.CHOSEN])
    own = {"path": ["year"], "operator": "in", "value": ["<toolParameters.year>"]}
    answered(talk, scopeRules=own, toolParameters={"year": "2024"})
    told = told_of(WebhookDelivery.objects.exclude(webhook=None))
    year = {**own, "value": [2024]}
    assert told["metadataFilter"] == {"and": [{**rule, "value": "hr"}, year]}
    assert (told["userMetadata"], told["toolParameters"]) == ({"unit": "hr"}, {"year": "2024"})
    away = told_of(WebhookDelivery.objects.filter(webhook=None))
    assert (away["userMetadata"], away["rawScopeRules"]) == ({}, own)
    assert away["metadataFilter"] == {"and": [{"or": []}, year]}
    assert "hr" not in json.dumps(away["metadataFilter"])


def test_what_is_asked_anew_is_told_with_the_options_of_both() -> None:
    talk = make_talk(is_external=True, webhook_url="http://127.0.0.1:9999/hook")
    rule = {"path": ["year"], "operator": "equals", "value": 2024}
    answered(talk, toolChoices=["WebSearch"])
    WebhookDelivery.objects.all().delete()
    ask_again(actor_of(talk.user), talk, options={"scopeRules": rule})
    assert answer_chat(talk) is True
    told = told_of(WebhookDelivery.objects)
    assert (told["metadataFilter"], told["rawScopeRules"], told["toolChoices"]) == (rule, rule, ["WebSearch"])


@pytest.mark.parametrize("status", ["302 Found", "408 X", "429 X", "500 X", "503 X"])
def test_a_webhook_that_fails_for_now_is_tried_again(status: str) -> None:
    with answering(status) as server:
        answer = waiting(server.url)
        first, _ = due()
        deliver(first)
    assert [each.attempts for each in due()] == [0, 1]
    answer.refresh_from_db()
    assert answer.state == "waiting"


def test_after_six_tries_the_answer_has_failed() -> None:
    with answering("500 X") as server:
        answer = waiting(server.url)
        ProcrastinateJob.objects.filter(args__delivery=str(due()[0].pk))._raw_delete("default")
        WebhookDelivery.objects.filter(event=Event.ASKED).delete()
        while pending := due():
            deliver(pending[0])
    assert len(server.requests) == 6
    answer.refresh_from_db()
    assert (answer.state, answer.text) == ("failed", "")
    assert "did not take the question" in answer.error
    answer.chat.refresh_from_db()
    assert answer.chat.is_failed
    assert AuditEntry.objects.filter(operation="message.answer", object_id=answer.pk).count() == 1


@pytest.mark.parametrize("status", ["400 X", "401 X", "404 X", "410 X"])
def test_other_refusals_are_final(status: str) -> None:
    with answering(status) as server:
        answer = waiting(server.url)
        first, second = due()
        assert deliver(first).state == "given_up"
        answer.refresh_from_db()
        assert answer.state == "waiting", "the other event may be taken yet"
        assert deliver(second).state == "given_up"
    answer.refresh_from_db()
    assert answer.state == "failed"


@pytest.mark.parametrize("statuses", [("404 X", "200 OK"), ("200 OK", "404 X")])
def test_a_system_that_takes_one_event_and_refuses_the_other_may_answer(statuses: tuple[str, str]) -> None:
    answer = waiting("http://127.0.0.1:9999/hook")
    for delivery, status in zip(due(), statuses, strict=True):
        with answering(status) as server:
            Assistant.objects.update(webhook_url=server.url)
            deliver(delivery)
    outside.contribute(actor_of(answer.chat.user), answer.chat, outside.Revision(text="From elsewhere."))
    answer.refresh_from_db()
    assert (answer.state, answer.text) == ("done", "From elsewhere.")


def test_a_secret_that_is_lost_sends_nothing(settings) -> None:
    with answering("200 OK") as server:
        answer = waiting(server.url)
        settings.ENCRYPTION_KEYS = ["another key " * 3]
        lost, _ = [deliver(each) for each in due()]
    answer.refresh_from_db()
    assert (server.requests, answer.state) == ([], "failed")
    assert "cannot be read" in lost.said


def test_without_an_address_the_answer_simply_waits_and_is_written_through_the_api() -> None:
    answer = waiting()
    assert due() == []
    outside.contribute(actor_of(answer.chat.user), answer.chat, outside.Revision(text="From elsewhere."))
    answer.refresh_from_db()
    assert (answer.state, answer.text) == ("done", "From elsewhere.")


def test_what_is_answered_already_is_not_told_any_more() -> None:
    with answering("200 OK") as server:
        answer = waiting(server.url)
        outside.contribute(actor_of(answer.chat.user), answer.chat, outside.Revision(text="Early."))
        assert [deliver(each).state for each in due()] == ["dropped", "dropped"]
    assert server.requests == []


def test_what_is_delivered_by_hand_is_sent_once_and_fails_no_answer() -> None:
    with answering("404 X") as server:
        answer = waiting(server.url)
        user = actor_of(answer.chat.user)
        first, second = due()
        again = redeliver(user, first)
        assert deliver(again).state == "given_up"
        answer.refresh_from_db()
        assert answer.state == "waiting"
        deliver(first)
        deliver(second)
        assert deliver(redeliver(user, again)).attempts == 1
    answer.refresh_from_db()
    assert (answer.state, len(server.requests), again.event_id) == ("failed", 4, first.event_id)


def test_an_address_that_was_taken_away_is_told_nothing() -> None:
    answer = waiting("http://127.0.0.1:9999/hook")
    Assistant.of(answer.chat.space).change(actor_of(answer.chat.user), webhook_url="")
    assert [deliver(each).said for each in due()] == ["The space has no address to be told at any more."] * 2
    answer.refresh_from_db()
    assert answer.state == "waiting"


def test_an_answer_that_nobody_writes_for_an_hour_has_failed() -> None:
    late, fresh = waiting(), waiting()
    Message.objects.filter(pk=late.pk).update(updated_at=timezone.now() - timedelta(seconds=3601), text="So f")
    jobs.fail_overdue_answers(timestamp=0)
    late.refresh_from_db()
    fresh.refresh_from_db()
    assert (late.state, late.text, late.debug_info["partialText"]) == ("failed", "", "So f")
    assert "in time" in late.error
    assert fresh.state == "waiting"
    assert answer_chat(late.chat) is True


def test_a_webhook_cannot_be_sent_just_anywhere() -> None:
    talk = make_talk()
    with pytest.raises(ValidationError) as refused:
        Assistant.of(talk.space).change(actor_of(talk.user), webhook_url="https://user:pass@example.com")
    assert list(refused.value.message_dict) == ["webhook_url"]
    assert asked(talk).state == "queued"


@pytest.mark.parametrize("url", ["https://127.0.0.1:9999/hook", "http://hooks.example.com/in"])
def test_only_an_administrator_names_an_address_that_the_operator_opened(url: str) -> None:
    """What an external space sends, a member who manages a space would else have sent into the network."""
    talk = make_talk()
    with pytest.raises(ValidationError, match="Only an administrator"):
        Assistant.of(talk.space).change(actor_of(talk.user), webhook_url=url)
    assert Assistant.of(talk.space).webhook_url == ""
    Assistant.of(talk.space).change(actor_of(admin_of(talk.space.account)), webhook_url=url)
    assert Assistant.of(talk.space).change(actor_of(talk.user), title="Desk") is True, "what does not move it is his"
    assert Assistant.of(talk.space).webhook_url == url


def test_a_name_that_leads_into_the_network_is_called_for_administrators_alone(monkeypatch: Any) -> None:
    """What a name leads to is known only when it is called."""
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 9999))]
    talk = make_talk(is_external=True)
    url, admin = "https://hooks.example.com:9999/in", actor_of(admin_of(talk.space.account))
    Assistant.of(talk.space).change(actor_of(talk.user), webhook_url=url)
    answered(talk)
    first, second = due()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: inside)
    refused = deliver(first)
    assert refused.state == "given_up"
    Assistant.of(talk.space).change(admin, webhook_url="")
    Assistant.of(talk.space).change(admin, webhook_url=url)
    assert deliver(second).state == "again", "nobody listens there, but it was called"
    Assistant.of(talk.space).change(actor_of(talk.user), webhook_url=f"{url}/else")
    assert deliver(second).state == "given_up"
