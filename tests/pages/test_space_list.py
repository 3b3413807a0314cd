"""The list of spaces: search, filters, sorts, paging, columns."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spaces.models import Space, SpaceAccess
from spaces_project.kit import limits
from tests.factories import actor_of, make_contact, make_space
from tests.pages.world import World

SORTS = ["name", "-name", "owner", "-owner", "created", "-created", "updated", "-updated"]


def names(client: Client, query: str = "", **params: Any) -> list[str]:
    """The names on the page, in order."""
    response = client.get(f"/spaces/?{query or urlencode(params, doseq=True)}", follow=True)
    assert response.status_code == 200
    return [
        html.unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', response.content.decode())
    ]


def test_each_sees_what_he_may_read_and_never_the_default_space(world: World) -> None:
    mine = make_space(world.account, world.bob, name="Bobs own")
    make_space(world.mallory.account, name="Secret of another account")
    assert set(names(world.client(world.admin))) == {"Warranty claims", "Bobs own"}
    assert set(names(world.client(world.ann))) == {"Warranty claims", "Bobs own"}
    assert names(world.client(world.bob)) == ["Bobs own"]
    SpaceAccess.grant(world.space, world.bob, "USE", actor_of(world.alice))
    assert set(names(world.client(world.bob))) == {"Warranty claims", "Bobs own"}
    assert names(world.client(world.bob), view="mine") == [mine.name]
    assert names(world.client(world.mallory)) == []


@pytest.fixture
def shelf(world: World) -> World:
    contact = make_contact(world.account, world.alice, name="Fern Alder", email="fern@example.com")
    make_space(
        world.account, world.alice, name="Returns desk", labels={"team": "returns", "eu": ""}, meta={"sla": "24"}
    )
    make_space(world.account, world.bob, name="Trade desk", contact=contact, public_read=True, meta={"a": {"b": 1}})
    make_space(world.account, world.bob, name="Old desk", is_archived=True, labels={"team": "support"})
    Space.objects.filter(name="Returns desk").update(created_at=timezone.now() - timedelta(days=10))
    return world


FILTERS: dict[str, set[str]] = {
    "q=desk": {"Returns desk", "Trade desk"},
    "q=ret+de": {"Returns desk"},
    "q=nothing+like+it": set(),
    "q=%26%21%28": set(),
    "owner=bob": {"Trade desk"},
    "owner=BOB": {"Trade desk"},
    "owner=nobody": set(),
    "view=archived": {"Old desk"},
    "archived=any&q=desk": {"Returns desk", "Trade desk", "Old desk"},
    "archived=yes": {"Old desk"},
    "label=team%3Dsupport": {"Warranty claims"},
    "label=team": {"Warranty claims", "Returns desk"},
    "label=team%3Dreturns&label=eu%3D": {"Returns desk"},
    "meta=sla%3D24": {"Warranty claims", "Returns desk"},
    "meta=a": {"Trade desk"},
    "public=yes": {"Trade desk"},
    "public=no&q=desk": {"Returns desk"},
    "contact=fern": {"Trade desk"},
    "contact=fern%40example.com": {"Trade desk"},
    "contact=FERN%40exam": {"Trade desk"},
    "contact=%27%40%5C": set(),
    "created_before=2000-01-01": set(),
    "created_after=2000-01-01&q=desk": {"Returns desk", "Trade desk"},
}


def test_filters(shelf: World) -> None:
    client = shelf.client(shelf.admin)
    assert {query: set(names(client, query)) for query in FILTERS} == FILTERS


def test_dates_are_whole_days(shelf: World) -> None:
    day = (timezone.now() - timedelta(days=10)).date().isoformat()
    client = shelf.client(shelf.admin)
    assert names(client, created_after=day, created_before=day) == ["Returns desk"]


def test_an_id_in_any_spelling_finds_its_space(world: World) -> None:
    make_space(world.account, name="Another")
    digits = world.space.wire_id.removeprefix("space_")
    for text in (f"space_{digits}", f"scope_{digits}", f"assistant_{digits}", str(world.space.pk)):
        assert names(world.client(world.admin), q=text) == ["Warranty claims"]


NONSENSE = [
    "q=%00",
    "q=a%00b",
    "q=%ff%fe",
    f"q={'x' * 2000}",
    "owner=%00",
    "contact=%00",
    "label=%3D",
    "label=%00",
    "meta=%3Dx",
    "meta=%00%3D1",
    "meta=a%3D%5B%5B%5B%5B",
    "meta=a%3D1e999",
    "meta=a%3D" + "9" * 5000,
    "archived=perhaps",
    "public=2",
    "view=nope",
    "created_after=yesterday",
    "created_before=9999-12-31",
    "created_after=0001-01-01",
    "updated_before=2026-02-30",
    "sort=evil&sort=-",
    "id=no",
    "after=%00",
    "after=W10",
    "before=WyItdXBkYXRlZCIsMSwyLDNd",
    "after=" + "A" * 5000,
    "&".join(f"label=a{i}" for i in range(50)),
]


@pytest.mark.thorough
def test_nonsense_is_left_out_or_finds_nothing_and_never_an_error(world: World) -> None:
    client = world.client(world.admin)
    found = {query: client.get(f"/spaces/?{query}", follow=True).status_code for query in NONSENSE}
    assert {query: status for query, status in found.items() if status != 200} == {}


def test_what_was_left_out_is_said(world: World) -> None:
    page = world.client(world.admin).get("/spaces/?created_after=yesterday&after=tampered").content.decode()
    assert "Created since: Enter a valid date." in page
    assert "That page link is no longer good." in page
    assert "Warranty claims" in page


def test_a_form_without_javascript_lands_on_the_short_address(world: World) -> None:
    response = world.client(world.admin).get("/spaces/?q=war&owner=&contact=&label=&meta=&archived=")
    assert (response.status_code, response["Location"]) == (302, "?q=war")


def test_htmx_gets_the_table_the_chips_and_the_counts_and_the_address_is_replaced(world: World) -> None:
    client = world.client(world.admin, **{"HX-Request": "true", "HX-Trigger": "q"})
    response = client.get("/spaces/?q=war&label=team%3Dsupport")
    page = response.content.decode()
    assert "<html" not in page
    assert 'id="list"' in page
    assert "1\u20131 of 1 matching" in page
    assert 'id="chips" hx-swap-oob="true"' in page
    assert response["HX-Replace-Url"] == "/spaces/?q=war&label=team%3Dsupport"
    assert "HX-Request" in response["Vary"]
    assert "no-store" in response["Cache-Control"]


def test_restoring_history_gets_the_whole_page(world: World) -> None:
    client = world.client(world.admin, **{"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in client.get("/spaces/").content.decode()


def test_columns_are_remembered(world: World) -> None:
    client = world.client(world.admin)
    response = client.post("/spaces/columns/", {"col": ["created", "evil"], "next": "/spaces/?q=war"})
    assert response["Location"] == "/spaces/?q=war"
    page = client.get("/spaces/").content.decode()
    heads = page[page.index("<thead>") : page.index("</thead>")]
    assert "Created" in heads
    assert "Owner" not in heads
    assert client.post("/spaces/columns/", {"next": "https://evil.example/"})["Location"] == "/spaces/"


def walk(client: Client, sort: str) -> tuple[list[str], list[str]]:
    """The ids seen going Older to the end, and then those seen going Newer to the start."""
    seen, back, address = [], [], f"/spaces/?sort={sort}&archived=any"
    last = ""
    while address:
        page = client.get(address, headers={"HX-Request": "true"}).content.decode()
        seen += re.findall(r'name="ids" value="([^"]+)"', page)
        last, address = page, _link(page, "next")
    address = _link(last, "prev")
    while address:
        page = client.get(address, headers={"HX-Request": "true"}).content.decode()
        back = re.findall(r'name="ids" value="([^"]+)"', page) + back
        address = _link(page, "prev")
    return seen, back


def _link(page: str, rel: str) -> str:
    found = re.search(rf'href="([^"]+)"[^>]* rel="{rel}"', page)
    return "/spaces/" + html.unescape(found[1]) if found else ""


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=4)


@pytest.mark.slow
@given(
    rows=st.lists(st.tuples(TEXTS, st.booleans(), st.integers(0, 2)), min_size=1, max_size=14), size=st.integers(1, 4)
)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_sort_pages_through_every_row_once(world: World, rows: list[Any], size: int) -> None:
    Space.objects.filter(account=world.account, is_default=False).delete()
    now = timezone.now()
    Space.objects.bulk_create(
        Space(
            account=world.account,
            name=name,
            owner=world.alice if by_alice else world.bob,
            created_at=now - timedelta(hours=hours),
            updated_at=now - timedelta(hours=2 - hours),
        )
        for name, by_alice, hours in rows
    )
    everything = {str(pk) for pk in Space.objects.of(world.account).listed().values_list("pk", flat=True)}
    client = world.client(world.admin)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("spaces_project.kit.keyset.keyset_page.__defaults__", (size,))
        for sort in SORTS:
            seen, back = walk(client, sort)
            assert len(seen) == len(set(seen)), sort
            assert set(seen) == everything, sort
            assert back == seen[: len(back)], sort


@pytest.mark.thorough
def test_the_number_of_queries_does_not_grow_with_the_rows(world: World) -> None:
    client = world.client(world.admin)
    client.get("/spaces/")
    few = _queries(client)
    for number in range(30):
        contact = make_contact(world.account, world.alice, name=f"Person {number}")
        make_space(world.account, world.bob, contact=contact, labels={"n": str(number)})
    assert _queries(client) == few
    assert few <= 12


def _queries(client: Client) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get("/spaces/").status_code == 200
    return len(captured)


def test_the_empty_list_teaches(world: World) -> None:
    page = world.client(world.mallory).get("/spaces/").content.decode()
    assert "No spaces yet" in page
    assert "/api/v1/space/create" in page
    assert "New space" in page


def test_a_large_page_is_cut_at_the_limit(world: World) -> None:
    Space.objects.bulk_create(
        Space(account=world.account, owner=world.alice, name=f"Space {number}")
        for number in range(limits.PAGE_ROWS + 5)
    )
    assert len(names(world.client(world.admin))) == limits.PAGE_ROWS
