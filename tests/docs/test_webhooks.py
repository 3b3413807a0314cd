"""docs/webhooks.md lists every event, and its receivers believe what is sent and nothing else."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from spaces import jobs
from spaces.models import Webhook
from spaces.models.webhooks import TEST, Event
from spaces.webhooks import send_test
from spaces_project.kit.egress import Allowed
from tests.docs.test_docs import EXAMPLE, page
from tests.factories import actor_of, admin_of, make_account

TEXT = page("webhooks.md")


def test_every_event_is_listed() -> None:
    assert set(re.findall(r"^\| `([a-z.-]+)` \|", TEXT, re.M)) == {*Event, TEST}


@contextmanager
def receiver(kind: str, folder: Path, secret: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The example of this kind, running; its address and itself."""
    (script,) = [text for name, text in EXAMPLE.findall(TEXT) if name == kind]
    program, ending = {"python": (sys.executable, "py"), "node": ("node", "mjs")}[kind]
    path = folder / f"receiver.{ending}"
    path.write_text(script)
    with closing(socket.create_server(("127.0.0.1", 0))) as found:
        port = found.getsockname()[1]
    env = os.environ | {"PORT": str(port), "WEBHOOK_SECRET": secret}
    running = subprocess.Popen([program, str(path)], env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        _until_it_listens(port)
        yield f"http://127.0.0.1:{port}/hook", running
    finally:
        running.kill()
        running.communicate()


def _until_it_listens(port: int) -> None:
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the receiver does not listen")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["python", "node"])
def test_the_receivers_run(kind: str, tmp_path: Path, settings: Any) -> None:
    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])
    account = make_account()
    by = actor_of(admin_of(account))
    webhook, secret = Webhook.create(by, account, name="Receiver", url="http://127.0.0.1:9999", events=[Event.ASKED])
    with receiver(kind, tmp_path, secret) as (url, running):
        webhook.change(by, url=url)
        delivery = send_test(by, webhook)
        jobs.deliver(SimpleNamespace(job=SimpleNamespace(lock=None)), str(account.pk), str(delivery.pk))
        delivery.refresh_from_db()
        forged = httpx.post(url, content=delivery.body, headers={**delivery.headers, "X-Unique-Signature": "0" * 64})
        assert running.stdout is not None
        assert running.stdout.readline() == f"{TEST} A test, sent by hand.\n"
    assert (delivery.state, delivery.status, forged.status_code) == ("delivered", 204, 400)
