"""The list of chats: who sees which, every filter and sort, what is found in messages, a space's and a contact's."""

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

from chats import finding
from chats.models import Chat, Message
from spaces_project.kit import ids, limits
from tests.factories import actor_of, make_chat, make_contact, say
from tests.pages.world import World

SORTS = ["name", "-name", "messages", "-messages", "created", "-created", "active", "-active"]


def page_of(client: Client, query: str = "", path: str = "/chats/", **params: Any) -> str:
    response = client.get(f"{path}?{query or urlencode(params, doseq=True)}", follow=True)
    assert response.status_code == 200
    return response.content.decode()


def names(client: Client, query: str = "", path: str = "/chats/", **params: Any) -> list[str]:
    """The titles on the page, in order."""
    page = page_of(client, query, path, **params)
    return [html.unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page)]


TABLE = "How do I put this table together, step by step?"
ALL = {"Where is my order", "Refund of a lamp", "Broken answer", TABLE, "Empty so far"}


def test_each_sees_the_chats_he_may_read(desk: World) -> None:
    assert set(names(desk.client(desk.admin))) == set(names(desk.client(desk.ann))) == ALL
    assert set(names(desk.client(desk.alice))) == ALL - {"Broken answer"}
    assert names(desk.client(desk.bob)) == ["Refund of a lamp"]
    assert names(desk.client(desk.mallory)) == []
    assert "No chats yet" in page_of(desk.client(desk.mallory))


FILTERS: dict[str, set[str]] = {
    "q=order": {"Where is my order"},
    "q=refund+lamp": {"Refund of a lamp"},
    "q=4711": {"Where is my order"},
    "q=parcel": {"Where is my order"},
    "q=parc+numb": {"Where is my order"},
    "q=order+money": set(),
    "q=%26%21%28": set(),
    "text=order": {"Where is my order"},
    "text=lamp": set(),
    "text=break": {"Broken answer"},
    "space=trade": {"Broken answer"},
    "space=nothing+like+it": set(),
    "contact=fern": {"Where is my order"},
    "contact=fern%40example.com": {"Where is my order"},
    "user=bob": {"Refund of a lamp"},
    "user=me": {"Broken answer"},
    "user=nobody": set(),
    "view=mine": {"Broken answer"},
    "view=failed": {"Broken answer"},
    "view=unanswered": {"Refund of a lamp", TABLE},
    "state=failed": {"Broken answer"},
    "state=unanswered": {"Refund of a lamp", TABLE},
    "state=answering": {TABLE},
    "state=answered": {"Where is my order"},
    "unanswered=no": ALL - {"Refund of a lamp", TABLE},
    "failed=no": ALL - {"Broken answer"},
    "role=user": {"Refund of a lamp", TABLE},
    "role=assistant": {"Where is my order", "Broken answer"},
    "role=system": set(),
    "rating=up": {"Where is my order"},
    "rating=down": {"Broken answer"},
    "rating=none": {"Refund of a lamp", TABLE, "Empty so far"},
    "meta=n%3D24": {"Where is my order"},
    "meta=brand": {"Where is my order"},
    "meta=brand%3Dx": set(),
    "active_before=2020-01-01": set(),
    "created_after=2020-01-01": ALL,
}


@pytest.mark.parametrize("query", FILTERS)
def test_filters(desk: World, query: str) -> None:
    assert set(names(desk.client(desk.admin), query)) == FILTERS[query]


def test_dates_are_whole_days(desk: World) -> None:
    day = (timezone.now() - timedelta(days=9)).date()
    assert names(desk.client(desk.admin), active_after=day, active_before=day) == ["Broken answer"]
    assert names(desk.client(desk.admin), created_after=day, created_before=day) == []


@pytest.mark.thorough
def test_ids_in_every_spelling(desk: World) -> None:
    chat = Chat.objects.get(name="Where is my order")
    said = Message.objects.filter(chat=chat).first()
    assert said is not None
    client = desk.client(desk.admin)
    for text in (str(chat.pk), chat.wire_id, chat.unique_id, said.wire_id):
        assert names(client, q=text) == ["Where is my order"], text
    assert names(client, id=[chat.wire_id, ids.encode(ids.Prefix.CHAT, chat.pk)]) == ["Where is my order"]
    assert names(client, contact=chat.contact.wire_id, space=str(chat.space_id)) == ["Where is my order"]


def test_a_search_shows_where_it_found_the_words_and_escapes_them(desk: World) -> None:
    page = page_of(desk.client(desk.admin), q="soon please")
    assert "I want my money back, and *<mark>soon</mark>* &lt;b&gt;<mark>please</mark>&lt;/b&gt;" in page
    assert '<small class="snippet">' not in page_of(desk.client(desk.admin))


def test_what_is_found_is_escaped(desk: World) -> None:
    say(make_chat(desk.space, desk.alice, name="Odd"), '1 < 2 && gadget > "x" &lt;img src=x&gt;')
    page = page_of(desk.client(desk.alice), q="gadget")
    assert "1 &lt; 2 &amp;&amp; <mark>gadget</mark> &gt; &quot;x&quot; &amp;lt;img src=x&amp;gt;" in page


def test_a_mark_in_a_message_marks_nothing(desk: World) -> None:
    make = make_chat(desk.space, desk.alice, name="Odd")
    say(make, "odd \x01<b>\x02 \x01 gadget")
    page = page_of(desk.client(desk.alice), q="gadget")
    assert "odd <mark>&lt;b&gt;</mark> <mark>gadget</mark>" in page


@pytest.mark.slow
def test_common_words_find_the_same_chats(desk: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = desk.client(desk.admin)
    queries = [query for query in FILTERS if "q=" in query or "text=" in query]
    monkeypatch.setattr(finding, "COMMON", 0)
    for query in queries:
        assert set(names(client, query)) == FILTERS[query], query
    monkeypatch.setattr(finding, "COMMON", 10)
    monkeypatch.setattr(finding, "LISTED", 0)
    for query in queries:
        assert set(names(client, query)) == FILTERS[query], query


def test_the_count_of_a_costly_search_is_small(desk: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "COMMON", 0)
    monkeypatch.setattr(limits, "COSTLY_COUNT_CAP", 1)
    assert "1+ matching" in page_of(desk.client(desk.admin), q="i")


def test_states_and_titles(desk: World) -> None:
    page = page_of(desk.client(desk.admin))
    rows = {
        html.unescape(each[1]): each[0]
        for each in re.findall(r"(<tr><td class=\"tick\">.*?<a [^>]*>([^<]*)</a>.*?</tr>)", page)
    }
    assert 'state ">Answered' in rows["Where is my order"]
    assert 'state warn">Unanswered' in rows["Refund of a lamp"]
    assert 'state bad">Failed' in rows["Broken answer"]
    assert 'state run">Answering' in rows[TABLE]
    assert 'state ">Not begun' in rows["Empty so far"]
    assert "Fern Alder" in rows["Where is my order"]
    assert '1<span class="hide"> rated up' in rows["Where is my order"]
    assert '1<span class="hide"> rated down' in rows["Broken answer"]


def test_sorts(desk: World) -> None:
    client = desk.client(desk.admin)
    assert names(client)[-1] == "Broken answer"
    assert names(client, sort="active")[0] == "Broken answer"
    assert names(client, sort="created")[0] == "Broken answer"
    assert names(client, sort="-messages")[-1] == "Empty so far"
    assert names(client, sort="name") == [
        TABLE,
        "Broken answer",
        "Empty so far",
        "Refund of a lamp",
        "Where is my order",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("sort", SORTS)
def test_paging_shows_every_chat_once(desk: World, monkeypatch: pytest.MonkeyPatch, sort: str) -> None:
    monkeypatch.setattr("spaces_project.kit.keyset.limits.PAGE_ROWS", 2)
    monkeypatch.setattr("spaces_project.kit.keyset.keyset_page.__defaults__", (2,))
    client, seen, query = desk.client(desk.admin), [], f"?sort={sort}"
    for _ in range(5):
        page = page_of(client, query[1:])
        seen += re.findall(r'name="ids" value="([^"]+)"', page)
        older = re.search(r'href="(\?[^"]*after=[^"]*)"', page)
        if not older:
            break
        query = html.unescape(older[1])
    assert len(seen) == len(set(seen)) == len(ALL)


def test_views_count_and_columns_are_remembered(desk: World) -> None:
    client = desk.client(desk.admin)
    page = page_of(client)
    for label, count in (("All", 5), ("Mine", 1), ("Unanswered", 2), ("Failed", 1)):
        assert f'{label} <span class="count">{count}</span>' in page
    client.post("/chats/columns/", {"col": ["messages", "nonsense"], "next": "/chats/"})
    head = page_of(client).partition("<thead>")[2].partition("</thead>")[0]
    assert "Messages" in head
    assert "Space" not in head
    assert client.post("/chats/columns/", {"next": "//evil.example"})["Location"] == "/chats/"


def test_a_column_that_a_tab_leaves_out_stays_chosen(desk: World) -> None:
    client, path = desk.client(desk.admin), f"/spaces/{desk.space.pk}/chats/"
    page = page_of(client, path=path)
    assert ">Space</th>" not in page
    form = page.partition('<form id="columns"')[2].partition("</form>")[0]
    kept = re.findall(r'name="col" value="([^"]+)"', form)
    client.post("/chats/columns/", {"col": [*kept, "state"], "next": path})
    head = page_of(client).partition("<thead>")[2].partition("</thead>")[0]
    assert ">Space</th>" in head
    assert ">With</th>" not in head


def test_nonsense_is_said_and_left_out(desk: World) -> None:
    client = desk.client(desk.admin)
    for query in ("active_after=yesterday", "id=x", "rating=5", "state=lost", "meta=%3Dx", "role=bot", "text=a%00b"):
        page = page_of(client, query)
        assert "Left out, because it could not be read" in page, query
        assert "Broken answer" in page
    assert "no longer good" in page_of(client, "sort=-messages&after=bm9uc2Vuc2U")
    assert client.post("/chats/").status_code == 405


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "q",
                "text",
                "space",
                "contact",
                "user",
                "state",
                "meta",
                "id",
                "sort",
                "after",
                "view",
                "active_after",
                "rating",
                "before",
                "role",
            ]
        ),
        st.text(max_size=12),
    )
)
def test_no_query_string_breaks_the_list(desk: World, query: dict[str, str]) -> None:
    client = desk.client(desk.admin)
    assert client.get("/chats/", query, headers={"hx-request": "true"}).status_code in (200, 302)


def test_htmx_gets_the_list_alone_with_its_address(desk: World) -> None:
    response = desk.client(desk.admin).get("/chats/?state=failed", headers={"hx-request": "true"})
    assert "<html" not in response.content.decode()
    assert response["HX-Push-Url"] == "/chats/?state=failed"


@pytest.mark.thorough
def test_the_number_of_statements_does_not_grow_with_the_rows(desk: World) -> None:
    client = desk.client(desk.alice)
    say(make_chat(desk.space, desk.alice), "The first order without a name")

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(client, "q=order")
        return len(queries)

    few = statements()
    for number in range(6):
        say(make_chat(desk.space, desk.alice), f"Another order {number}")
    assert statements() == few


# -------------------------------------------------------- of a space, of a contact


def test_the_tab_of_a_space_lists_its_chats_only(desk: World) -> None:
    client, path = desk.client(desk.admin), f"/spaces/{desk.space.pk}/chats/"
    assert set(names(client, path=path)) == ALL - {"Broken answer"}
    assert names(client, "space=trade&state=answered", path) == ["Where is my order"]
    page = page_of(client, path=path)
    assert f"/chats/export.csv?space={desk.space.pk}" in page
    assert f'href="/chats/new/?space={desk.space.pk}"' in page
    assert 'Chats <span class="count">4</span>' in page
    assert names(desk.client(desk.bob), path=path) == ["Refund of a lamp"]
    assert desk.client(desk.mallory).get(path).status_code == 404


def test_the_unfiled_chats_have_a_tab_as_well(desk: World) -> None:
    default = desk.account.default_space
    make_chat(default, desk.alice, name="Made by a program")
    assert names(desk.client(desk.alice), path=f"/spaces/{default.pk}/chats/") == ["Made by a program"]


def test_a_contacts_chats_and_ratings(desk: World) -> None:
    fern = Chat.objects.get(name="Where is my order").contact
    assert fern is not None
    client = desk.client(desk.alice)
    assert names(client, path=f"/contacts/{fern.pk}/chats/") == ["Where is my order"]
    ratings = page_of(client, path=f"/contacts/{fern.pk}/ratings/")
    assert "Where is my order" in ratings
    assert "+1" in ratings
    assert "Where is my order" in page_of(client, path=f"/contacts/{fern.pk}/")
    for tab in ("chats", "ratings"):
        assert desk.client(desk.mallory).get(f"/contacts/{fern.pk}/{tab}/").status_code == 404


@pytest.mark.thorough
def test_the_contacts_of_a_spaces_chats_are_the_spaces(desk: World) -> None:
    path = f"/spaces/{desk.space.pk}/contacts/"
    assert names(desk.client(desk.alice), path=path) == ["Fern Alder"]
    assert 'Contacts <span class="count">1</span>' in page_of(desk.client(desk.alice), path=path)
    assert names(desk.client(desk.bob), path=path) == []
    about = make_contact(desk.account, desk.alice, name="About them")
    desk.space.change(actor_of(desk.alice), contact=about)
    assert set(names(desk.client(desk.alice), path=path)) == {"Fern Alder", "About them"}


def test_what_is_said_does_not_drown_the_latest_activity(desk: World) -> None:
    activity = page_of(desk.client(desk.admin), path="/").partition('id="h-activity"')[2]
    chat = Chat.objects.get(name="Empty so far")
    assert f'created chat <a href="/chats/{chat.pk}/">Empty so far</a>' in activity
    assert "a message" not in activity


# ------------------------------------------------------- overview and search everywhere


@pytest.mark.thorough
def test_the_overview_counts_chats_and_names_failures(desk: World) -> None:
    """Those of the last thirty days, and the link shows just as many."""
    long_ago = timezone.now() - timedelta(days=40)
    Chat.objects.filter(name="Refund of a lamp").update(is_failed=True, last_message_at=long_ago)
    page = page_of(desk.client(desk.admin), path="/")
    assert '<span class="name">Chats</span> <span class="value">5</span>' in page
    assert '<span class="name">Messages</span> <span class="value">7</span>' in page
    assert "1 chat ends with a failed answer" in page
    (query,) = re.findall(r'href="/chats/\?(view=failed[^"]*)"', page)
    assert "of 1 matching" in page_of(desk.client(desk.admin), html.unescape(query))
    assert "Messages per day" in page
    assert "failed answer" not in page_of(desk.client(desk.bob), path="/")


@pytest.mark.thorough
def test_somebody_who_waits_for_long_is_named(desk: World) -> None:
    Chat.objects.filter(name="Refund of a lamp").update(last_message_at=timezone.now() - timedelta(hours=3))
    assert "1 chat waits for an answer" in page_of(desk.client(desk.alice), path="/")


def test_search_everywhere_finds_chats(desk: World) -> None:
    chat = Chat.objects.get(name="Where is my order")
    client = desk.client(desk.alice)
    for text in ("where is my", "parcel", chat.wire_id, chat.unique_id, str(chat.pk)):
        page = page_of(client, path="/search/", q=text)
        assert f'href="/chats/{chat.pk}/"' in page, text
        assert f'href="/chats/{chat.pk}/"' not in page_of(desk.client(desk.bob), path="/search/", q=text)
    assert "<mark>parcel</mark>" in page_of(client, path="/search/", q="parcel")
