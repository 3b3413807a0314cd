"""Saved views: tabs above a list, of one person or shared; and the columns that each person sees."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from spaces.errors import AlreadyExists, Conflict
from spaces.models import AuditEntry, SavedView
from spaces_project.kit import limits
from tests.factories import actor_of, make_contact, make_space
from tests.pages.world import World

TAB = re.compile(
    r'<a href="([^"]*)"( aria-current="page")?>(?:<svg.*?</svg><span class="hide">(Shared): </span>)?(.*?)</a>'
)


def tabs(page: str) -> dict[str, tuple[str, bool, str]]:
    """By its words: the address, whether it is the current one, and its count."""
    nav = page.partition('aria-label="Saved views">')[2].partition("</nav>")[0]
    found = {}
    for url, current, shared, words in TAB.findall(nav):
        label, _, count = words.partition(' <span class="count">')
        name = f"{shared} {html.unescape(label)}".strip()
        found[name] = (html.unescape(url), bool(current), count.removesuffix("</span>"))
    return found


def save(client: Client, list_name: str = "spaces", **data: Any) -> Any:
    return client.post("/views/new/", {"list": list_name, "name": "Gold", "query": "", "cols": "owner.updated", **data})


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_view_keeps_filters_sort_and_columns_as_a_tab(world: World) -> None:
    client = world.client(world.alice)
    make_space(world.account, world.alice, name="Gold desk", meta={"tier": "gold"})
    made = save(client, query="sort=-name&meta=tier%3Dgold&after=abc&q=", cols="owner.created")
    assert made["Location"] == "/spaces/?meta=tier%3Dgold&sort=-name&cols=owner.created"
    view = SavedView.objects.get()
    assert (view.user, view.query, view.columns) == (world.alice, "meta=tier%3Dgold&sort=-name", ["owner", "created"])
    page = text(client.get(made["Location"]))
    assert tabs(page)["Gold"] == (made["Location"], True, "1")
    assert not tabs(page)["All"][1]
    head = page.partition("<thead>")[2].partition("</thead>")[0]
    assert "Owner" in head
    assert "Created" in head
    assert "Labels" not in head
    entry = AuditEntry.objects.get(object_id=view.pk)
    assert (entry.operation, entry.actor_id) == ("saved_view.create", world.alice.pk)
    assert "gold" not in str(entry.changes)


@pytest.mark.parametrize(
    ("list_name", "query", "own"),
    [("chats", "state=failed", "Failed"), ("contacts", "email=no", "All"), ("memories", "view=failed", "Failed")],
)
@pytest.mark.every_case
def test_every_big_list_has_them(world: World, list_name: str, query: str, own: str) -> None:
    client = world.client(world.alice)
    page = text(client.get(save(client, list_name, query=query, cols="none")["Location"]))
    assert tabs(page)["Gold"][1:] == (True, "0")
    assert not tabs(page)[own][1]
    assert "Gold" not in tabs(text(client.get("/spaces/")))


def test_a_view_is_its_makers_alone(world: World) -> None:
    save(world.client(world.alice))
    view = SavedView.objects.get()
    for user in (world.bob, world.admin, world.mallory):
        client = world.client(user)
        assert "Gold" not in tabs(text(client.get("/spaces/")))
        for name in ("view_settings", "view_delete_confirm"):
            assert client.get(reverse(name, args=[view.pk])).status_code == 404
        for name in ("view_settings", "view_update", "view_delete"):
            assert client.post(reverse(name, args=[view.pk]), {"name": "x"}).status_code == 404
    assert SavedView.objects.get().name == "Gold"


def test_administrators_share_and_others_only_look(world: World) -> None:
    save(world.client(world.bob), name="Bobs", is_shared="on")
    assert not SavedView.objects.get(name="Bobs").is_shared
    save(world.client(world.admin), query="owner=me", is_shared="on")
    view = SavedView.objects.get(name="Gold")
    alice = world.client(world.alice)
    assert tabs(text(alice.get("/spaces/")))["Shared Gold"][2] == "1"  # her own, by the filter
    assert tabs(text(world.client(world.bob).get("/spaces/")))["Shared Gold"][2] == "0"
    assert "Shared Gold" not in tabs(text(world.client(world.mallory).get("/spaces/")))
    assert alice.get(reverse("view_settings", args=[view.pk])).status_code == 403
    assert alice.post(reverse("view_delete", args=[view.pk])).status_code == 403
    changed = world.client(world.admin).post(reverse("view_settings", args=[view.pk]), {"name": "Silver"})
    assert changed["Location"].startswith("/spaces/?owner=me")
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Silver", False)


def test_rename_update_and_delete(world: World) -> None:
    client = world.client(world.alice)
    save(client, query="q=war")
    view = SavedView.objects.get()
    client.post(reverse("view_settings", args=[view.pk]), {"name": "War desk"})
    updated = client.post(reverse("view_update", args=[view.pk]), {"query": "q=war&sort=name", "cols": "labels"})
    assert updated["Location"] == "/spaces/?q=war&sort=name&cols=labels"
    client.post(reverse("view_update", args=[view.pk]), {"query": "q=war&sort=name", "cols": "labels"})  # nothing new
    assert "The tab goes" in text(client.get(reverse("view_delete_confirm", args=[view.pk])))
    assert client.post(reverse("view_delete", args=[view.pk]))["Location"] == "/spaces/"
    assert not SavedView.objects.exists()
    operations = AuditEntry.objects.filter(object_id=view.pk).order_by("id").values_list("operation", flat=True)
    words = [word.removeprefix("saved_view.") for word in operations]
    assert words == ["create", "update", "update", "delete"]


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(world: World) -> None:
    client = world.client(world.alice)
    save(client)
    for data, words in (
        ({"name": "gold", "query": "q=kept"}, "You have a view of that name here."),
        ({"name": "", "query": "q=kept"}, "This field is required."),
        ({"name": "x" * 61, "query": "q=kept"}, "at most 60"),
        ({"name": "a\x00b", "query": "q=kept"}, "Nothing is saved yet"),
    ):
        answer = save(client, **data)
        assert answer.status_code == 422
        assert words in html.unescape(text(answer))
        assert 'name="query" value="q=kept"' in text(answer)
    assert save(client, "chats").status_code == 302  # another list has names of its own
    assert save(client, "users").status_code == 404
    assert SavedView.objects.count() == 2
    assert client.get("/views/new/?list=spaces&query=q%3Dwar").status_code == 200


def test_odd_columns_and_queries_do_no_harm(world: World) -> None:
    client = world.client(world.alice)
    made = save(client, query="q=%00&nonsense=1&owner=%F0%9F%98%80&created_after=never", cols="<b>.owner..none.nothing")
    assert SavedView.objects.get().columns == ["owner", "nothing"]
    page = client.get(made["Location"])
    assert page.status_code == 200
    assert tabs(text(page))["Gold"][2] == ""  # a filter that cannot be read counts nothing
    assert client.get("/spaces/?cols=%00.x").status_code == 200


def test_each_person_has_a_limited_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SAVED_VIEWS", 2)
    by = actor_of(world.alice)
    for name in ("a", "b"):
        SavedView.create(by, world.alice, list_name="spaces", name=name)
    with pytest.raises(Conflict, match="at most 2"):
        SavedView.create(by, world.alice, list_name="spaces", name="c")
    with pytest.raises(AlreadyExists):
        SavedView.create(by, world.alice, list_name="chats", name="a") and SavedView.create(
            by, world.alice, list_name="chats", name="A"
        )
    answer = save(world.client(world.alice))
    assert (answer.status_code, "at most 2 views" in text(answer)) == (422, True)


def test_counts_go_no_further_than_they_must(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VIEW_COUNT", 2)
    client = world.client(world.alice)
    for number in range(4):
        make_contact(world.account, world.alice, name=f"Contact {number}")
    save(client, "contacts", query="q=contact")
    with CaptureQueriesContext(connection) as queries:
        page = text(client.get("/contacts/"))
    assert tabs(page)["Gold"][2] == tabs(page)["All"][2] == "2+"
    counts = [each["sql"] for each in queries if "COUNT(*)" in each["sql"] and "LIMIT" not in each["sql"]]
    assert counts == []
    with CaptureQueriesContext(connection) as queries:
        client.get("/contacts/?q=con", headers={"HX-Request": "true"})
    assert not [each for each in queries if "savedview" in each["sql"]]  # a fragment has no tabs


def test_columns_are_kept_with_the_person_and_not_with_the_browser(world: World) -> None:
    first, second = world.client(world.alice), world.client(world.alice)
    back = first.post("/contacts/columns/", {"col": ["phone", "evil"], "next": "/contacts/?q=a&cols=email"})
    assert back["Location"] == "/contacts/?q=a"
    make_contact(world.account, world.alice, name="Fern", phone="+15550100199", email="fern@example.com")
    page = text(second.get("/contacts/"))
    assert "+15550100199" in page
    assert "fern@example.com" not in page
    world.alice.refresh_from_db()
    assert world.alice.list_columns == {"contacts": ["phone"]}
    second.post("/spaces/columns/", {"col": []})
    world.alice.refresh_from_db()
    assert world.alice.list_columns == {"contacts": ["phone"], "spaces": []}
    assert not AuditEntry.objects.filter(object_id=world.alice.pk, operation="user.update").exists()
