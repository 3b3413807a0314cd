"""The vendor's npm client, unmodified, creates, reads, lists, exports and deletes on a live server."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

SCRIPT = Path(__file__).parent / "chatbotkit.mjs"


def test_the_npm_sdk_does_the_whole_story(live: str, node_sdk: Path) -> None:
    from spaces.models import AuditEntry, Contact, Space
    from tests.factories import make_account, make_key, make_user

    account = make_account("acme")
    alice = make_user(account, "alice")
    neighbour = Space.objects.get(account=make_account("rival")).pk
    got = run(node_sdk, live, make_key(alice)[1])

    check_contacts(got)
    check_spaces(got)
    check_lists(got)
    check_exports(got)
    check_errors(got)
    assert got["after"]["left"] == 4
    assert [each.name for each in Space.objects.listed().order_by("name")] == ["S1", "S2", "S3", "S4"]
    assert not Contact.objects.exists()
    assert Space.objects.filter(pk=neighbour).exists()
    made = AuditEntry.objects.filter(operation__in=["space.create", "contact.create"], actor_id=alice.pk)
    assert made.count() == 6


def run(folder: Path, live: str, token: str) -> Any:
    """What the script got, as an object."""
    shutil.copy(SCRIPT, folder)
    done = subprocess.run(["node", SCRIPT.name, live, token], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check_contacts(got: Any) -> None:
    assert got["ensured"] == got["contact"]
    record = got["contactFetched"]
    assert (record["name"], record["nick"], record["meta"]) == ("Jane", "jj", {"since": 2024})
    assert record["verifiedAt"] == "2025-01-01T10:00:00.000Z"
    assert got["contactList"] == {"items": [record], "cursor": ""}


def check_spaces(got: Any) -> None:
    space = got["fetched"]
    assert got["created"] == got["updated"] == {"id": space["id"]}
    assert (space["name"], space["contactId"]) == ("N", got["contact"]["id"])
    assert space["meta"] == {"department": "support", "tier": "premium", "a": {"b": "x y"}, "flag": True}


def check_lists(got: Any) -> None:
    names = [item["name"] for item in got["list"]["items"]]
    assert names == ["S4", "S3", "S2", "S1", "N"]
    assert got["walked"] == [["N", "S1"], ["S2", "S3"], ["S4"]]
    assert got["streamed"] == [{"type": "item", "data": item} for item in got["list"]["items"]]
    assert [event["data"]["name"] for event in got["filtered"]] == ["N"]
    assert got["byContact"] == got["ofContact"] == [got["created"]["id"]]


def check_exports(got: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(got["csv"], newline="")))
    assert [row["name"] for row in rows] == ["N", "S1", "S2", "S3", "S4"]
    assert yaml.safe_load(rows[0]["meta"]) == got["fetched"]["meta"]
    assert [record["id"] for record in got["jsonl"]] == [row["id"] for row in reversed(rows)]
    assert [item["id"] for item in got["exported"]["items"]] == [got["contact"]["id"]]


def check_errors(got: Any) -> None:
    codes = {
        name: (error["name"], error["code"])
        for name, error in {**got["errors"], **got["after"]}.items()
        if name != "left"
    }
    assert codes == {
        "unknown": ("FetchError", "NOT_FOUND"),
        "wrongKey": ("FetchError", "NOT_AUTHENTICATED"),
        "noKey": ("FetchError", "NOT_AUTHENTICATED"),
        "invalid": ("FetchError", "BAD_REQUEST"),
        "unknownContact": ("FetchError", "NOT_FOUND"),
        "badCursor": ("FetchError", "BAD_REQUEST"),
        "notImplemented": ("FetchError", "NOT_IMPLEMENTED"),
        "beforeStream": ("FetchError", "NOT_AUTHENTICATED"),
        "space": ("FetchError", "NOT_FOUND"),
        "contact": ("FetchError", "NOT_FOUND"),
    }
    assert got["errors"]["unknown"]["message"] == "Space not found"
    assert "Fingerprint is too short" in got["errors"]["invalid"]["message"]
