"""Webhooks: who is told of what, that the SDK believes it, what is tried again, and what the log keeps."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from memories.files.modes import begin
from memories.ingestion import ingest
from memories.models import Memory
from memories.texts import add_text
from spaces import jobs
from spaces.models import Account, User, Webhook, WebhookDelivery
from spaces.models.webhooks import TEST, Event
from spaces.webhooks import About, emit, is_awaited, redeliver, send_test
from spaces_project.kit import limits
from spaces_project.kit.egress import Allowed
from spaces_project.kit.ids import Prefix, encode
from tests.chats.models import answered, make_talk
from tests.factories import actor_of, admin_of, make_account, make_space
from tests.kit.egress_server import serving, whole

pytestmark = pytest.mark.django_db
NOWHERE = "http://127.0.0.1:9999/hook"


def make_webhook(account: Account, url: str = NOWHERE, **fields: Any) -> tuple[Webhook, str]:
    values = {"name": "Receiver", "events": list(Event), **fields}
    return Webhook.create(actor_of(admin_of(account)), account, url=url, **values)


def happened(account: Account, event: Event = Event.ASKED, **about: Any) -> WebhookDelivery:
    """One event, told to the only webhook there is."""
    with transaction.atomic():
        assert emit(event, About(account.pk, account.pk, **about), lambda: {"text": "Hi"}) == 1
    return WebhookDelivery.objects.of(account).due().get()


def deliver(delivery: WebhookDelivery) -> WebhookDelivery:
    """Do its next job as a worker does it."""
    mine = ProcrastinateJob.objects.filter(args__delivery=str(delivery.pk))
    context = SimpleNamespace(job=mine.first())
    mine._raw_delete("default")
    jobs.deliver(context, str(delivery.account_id), str(delivery.pk))
    delivery.refresh_from_db()
    return delivery


def answering(status: str, body: bytes = b"{}", *headers: bytes) -> Any:
    return serving(whole(body, f"HTTP/1.1 {status}".encode(), *headers))


def pending() -> list[dict[str, Any]]:
    return list(ProcrastinateJob.objects.filter(task_name="webhooks:deliver").values_list("args", flat=True))


# ---------------------------------------------------------------------- who is told


def test_an_event_reaches_who_wants_it_and_nobody_in_another_account(account: Account) -> None:
    told, _ = make_webhook(account, events=[Event.ASKED])
    make_webhook(account, events=[Event.FINISHED])
    make_webhook(account, is_active=False)
    make_webhook(make_account())
    delivery = happened(account)
    assert (delivery.webhook, delivery.state) == (told, "waiting")
    assert pending() == [{"account": str(account.pk), "delivery": str(delivery.pk)}]


def test_a_webhook_of_a_space_hears_only_of_that_space(account: Account) -> None:
    here, elsewhere = make_space(account), make_space(account)
    make_webhook(account, space=here)
    with transaction.atomic():
        for space in (elsewhere.pk, None):
            assert emit(Event.ASKED, About(account.pk, account.pk, space=space), dict) == 0
    assert happened(account, space=here.pk).space == here


def test_where_nobody_listens_it_is_one_query_and_no_payload(account: Account) -> None:
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        assert emit(Event.ASKED, About(account.pk, account.pk), lambda: 1 / 0) == 0  # type: ignore[arg-type, return-value]
    assert len([query for query in asked if "SAVEPOINT" not in query["sql"]]) == 1


def test_an_event_is_awaited_by_a_webhook_that_runs_and_names_it(account: Account) -> None:
    elsewhere = make_account()
    make_webhook(elsewhere)
    make_webhook(account, is_active=False)
    make_webhook(account, events=[Event.UPLOADED])
    assert [is_awaited(event, account.pk) for event in (Event.FINISHED, Event.UPLOADED)] == [False, True]
    make_webhook(account, events=[Event.ASKED, Event.FINISHED], space=make_space(account))
    assert is_awaited(Event.FINISHED, account.pk), "of a space, but which is not asked"


def test_what_is_taken_back_is_not_told(account: Account) -> None:
    make_webhook(account)
    with transaction.atomic():
        emit(Event.ASKED, About(account.pk, account.pk), dict)
        transaction.set_rollback(True)
    assert (WebhookDelivery.objects.count(), pending()) == (0, [])


# ---------------------------------------------------------------------- what is told


def test_the_sdk_believes_a_question_that_is_told(account: Account) -> None:
    with answering("204 No Content", b"") as server:
        _, secret = make_webhook(account, server.url, events=[Event.ASKED])
        answer = answered(make_talk(account), "How do I return a desk?")
        assert deliver(WebhookDelivery.objects.get()).state == "delivered"
    headers, event = received(server.requests[0], secret)
    chat = answer.chat
    assert event["payload"] == {
        "chatId": chat.unique_id,
        "assistantId": event["payload"]["assistantId"],
        "text": "How do I return a desk?",
    }
    assert event["companyId"] == headers["x-unique-company-id"] == str(account.pk)
    assert event["userId"] == headers["x-unique-user-id"] == encode(Prefix.USER, chat.user.pk)
    assert event["id"] == headers["x-unique-id"]
    assert headers["x-unique-version"] == "1.0.0"


def received(request: bytes, secret: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and event, after the SDK has checked the signature."""
    import unique_sdk  # takes each process a second that collects this

    head, _, body = request.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    sent = (body, headers["x-unique-signature"], headers["x-unique-created-at"])
    unique_sdk.Webhook.construct_event(*sent, secret)
    with pytest.raises(unique_sdk.SignatureVerificationError):
        unique_sdk.Webhook.construct_event(*sent, secret + "x")
    return headers, json.loads(body)


def test_an_external_space_tells_the_account_too(account: Account) -> None:
    make_webhook(account)
    answered(make_talk(account, is_external=True))
    assert sorted(WebhookDelivery.objects.values_list("event", flat=True)) == [Event.CHOSEN, Event.ASKED]


def test_a_file_is_told_when_it_comes_and_when_it_can_be_found(account: Account) -> None:
    webhook, _ = make_webhook(account, events=[Event.UPLOADED, Event.FINISHED])
    memory = add_text(actor_of(admin_of(account)), make_space(account), "The desk is 70 cm high.", name="Desk")
    ingest(account.pk, memory.pk, memory.generation)
    uploaded, finished = (json.loads(each.body) for each in webhook.deliveries.order_by("created_at", "id"))
    assert (uploaded["event"], uploaded["payload"]["contentId"]) == (Event.UPLOADED, memory.unique_id)
    assert uploaded["payload"]["ownerType"] == "COMPANY"
    assert finished["event"] == Event.FINISHED
    assert (finished["payload"]["ingestionState"], finished["payload"]["chunkCount"]) == ("FINISHED", 1)


def test_a_file_that_cannot_be_read_is_told_with_the_reason(account: Account) -> None:
    webhook, _ = make_webhook(account, events=[Event.FINISHED])
    memory = add_text(actor_of(admin_of(account)), make_space(account), " ", name="Nothing")
    ingest(account.pk, memory.pk, memory.generation)
    assert Memory.objects.get(pk=memory.pk).state == "failed"
    payload = json.loads(webhook.deliveries.get().body)["payload"]
    assert (payload["ingestionState"], payload["failureCode"]) == ("FAILED", "EMPTY")


def test_a_file_of_a_chat_that_is_not_ingested_is_told_as_the_chats(account: Account) -> None:
    """As Unique's clients bring files: announced, put, taken."""
    webhook, _ = make_webhook(account, events=[Event.UPLOADED, Event.FINISHED])
    chat = make_talk(account)
    by = actor_of(chat.user)
    file = Memory.create(
        by, chat.space, chat=chat, key="desk.csv", state="uploading", original="0" * 64, byte_size=7,
        configuration={"uniqueIngestionMode": "SKIP_INGESTION"},
    )  # fmt: skip
    with transaction.atomic():
        begin(file)
    told = [json.loads(each.body) for each in webhook.deliveries.order_by("created_at", "id")]
    assert [each["event"] for each in told] == [Event.UPLOADED, Event.FINISHED]
    assert {(each["payload"]["ownerType"], each["payload"]["ownerId"]) for each in told} == {("CHAT", chat.unique_id)}
    assert told[1]["payload"]["ingestionState"] == "FINISHED"


# ------------------------------------------------------------------- tries and the log


@pytest.mark.parametrize("status", ["302 Found", "408 X", "425 X", "429 X", "500 X", "503 X"])
def test_what_fails_for_now_is_tried_again_with_the_same_id(account: Account, status: str) -> None:
    webhook, secret = make_webhook(account)
    delivery = happened(account)
    with answering(status, b"later", b"Location: /elsewhere") as server:
        Webhook.objects.filter(pk=webhook.pk).update(url=server.url)
        deliver(deliver(delivery))
    assert (delivery.state, delivery.attempts, delivery.response) == ("again", 2, "later")
    ids = {received(request, secret)[0]["x-unique-id"] for request in server.requests}
    assert (len(server.requests), ids) == (2, {delivery.event_id})
    assert [each["status"] for each in delivery.tries] == [int(status[:3])] * 2
    assert len(pending()) == 1
    webhook.refresh_from_db()
    assert webhook.failing_since
    assert webhook.is_active


def test_pauses_grow_and_heed_the_server_within_bounds(account: Account) -> None:
    make_webhook(account)
    delivery = happened(account)
    for expected in (5, 15, 45):
        deliver(delivery)
        assert scheduled() == expected
    with answering("429 X", b"", b"Retry-After: 99999") as server:
        Webhook.objects.update(url=server.url)
        deliver(delivery)
    assert scheduled() == limits.WEBHOOK_PAUSE_SECONDS


def scheduled() -> int:
    """Seconds until the only job."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM scheduled_at - clock_timestamp()) FROM procrastinate_jobs "
            "WHERE queue_name = 'webhooks'"
        )
        return round(cursor.fetchone()[0])


def test_after_six_tries_it_is_given_up_and_success_ends_the_failing(account: Account, admin: User) -> None:
    webhook, _ = make_webhook(account)
    delivery = happened(account)
    for _ in range(limits.WEBHOOK_ATTEMPTS):
        assert delivery.is_due
        deliver(delivery)
    assert (delivery.state, delivery.attempts, delivery.status, pending()) == ("given_up", 6, None, [])
    assert "127.0.0.1:9999" in delivery.said
    with answering("200 OK") as server:
        Webhook.objects.update(url=server.url)
        again = deliver(redeliver(actor_of(admin), delivery))
    webhook.refresh_from_db()
    assert (again.state, again.event_id, webhook.failing_since) == ("delivered", delivery.event_id, None)


@pytest.mark.parametrize("status", ["400 X", "401 X", "404 X", "410 X"])
def test_other_refusals_are_final(account: Account, status: str) -> None:
    with answering(status, b"no") as server:
        make_webhook(account, server.url)
        delivery = deliver(happened(account))
    assert (delivery.state, delivery.status, delivery.response) == ("given_up", int(status[:3]), "no")


def test_a_private_address_is_refused_and_nothing_of_it_is_kept(account: Account, settings: Any) -> None:
    settings.EGRESS_ALLOW = Allowed.parse([])
    with answering("200 OK", b"internal secrets") as server:
        make_webhook(account, server.url)
        delivery = deliver(happened(account))
    assert (server.requests, delivery.state) == ([], "given_up")
    assert (delivery.status, delivery.response) == (None, "")
    assert "secrets" not in delivery.said


def test_the_log_keeps_the_beginning_of_a_long_or_strange_answer(account: Account) -> None:
    with answering("200 OK", b"\x00\xff" + b"x" * 100_000) as server:
        make_webhook(account, server.url)
        delivery = deliver(happened(account))
    assert delivery.state == "delivered"
    assert len(delivery.response) == limits.WEBHOOK_RESPONSE_BYTES
    assert delivery.response.startswith("\ufffd\ufffdx")


def test_a_paused_webhook_is_told_nothing_but_by_hand(account: Account, admin: User) -> None:
    with answering("200 OK") as server:
        webhook, secret = make_webhook(account, server.url)
        waiting = happened(account)
        webhook.change(actor_of(admin), is_active=False)
        assert deliver(waiting).state == "dropped"
        assert deliver(send_test(actor_of(admin), webhook)).state == "delivered"
    (request,) = server.requests
    assert received(request, secret)[1]["event"] == TEST


def test_a_secret_that_is_lost_sends_nothing(account: Account, settings: Any) -> None:
    with answering("200 OK") as server:
        make_webhook(account, server.url)
        delivery = happened(account)
        settings.ENCRYPTION_KEYS = ["another key " * 3]
        deliver(delivery)
    assert (server.requests, delivery.state) == ([], "given_up")
    assert "cannot be read" in delivery.said


def test_a_delivery_whose_end_is_known_is_not_sent_again(account: Account) -> None:
    """A killed worker's job runs twice; the second one finds it delivered."""
    with answering("200 OK") as server:
        make_webhook(account, server.url)
        delivery = deliver(deliver(happened(account)))
    assert (len(server.requests), delivery.attempts) == (1, 1)


# ---------------------------------------------------------------------- upkeep


def test_a_delivery_that_no_job_makes_is_found_again(account: Account) -> None:
    make_webhook(account)
    delivery = happened(account)
    ProcrastinateJob.objects.all()._raw_delete("default")
    jobs.find_lost_deliveries(timestamp=0)
    assert pending() == [], "it is younger than a minute"
    WebhookDelivery.objects.update(next_at=timezone.now() - timedelta(minutes=2))
    for _ in range(2):
        jobs.find_lost_deliveries(timestamp=0)
    assert [UUID(each["delivery"]) for each in pending()] == [delivery.pk]


def test_the_log_is_forgotten_but_not_what_is_still_to_be_sent(account: Account) -> None:
    make_webhook(account)
    ended = happened(account)
    WebhookDelivery.objects.filter(pk=ended.pk).update(state="delivered")
    waits = happened(account)
    WebhookDelivery.objects.update(created_at=timezone.now() - timedelta(days=limits.WEBHOOK_DELIVERY_DAYS, hours=1))
    fresh = WebhookDelivery.objects.create(account=account, event=TEST, event_id="evt_1", body="{}", state="delivered")
    jobs.remove_old_deliveries(timestamp=0)
    assert set(WebhookDelivery.objects.values_list("pk", flat=True)) == {waits.pk, fresh.pk}
