"""The pages of memories: the list, adding, the page of one, its settings, and what members of other accounts see."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from memories import ingestion
from memories.models import Builtin, Chunk, Embedder, Memory
from memories.texts import add_text
from spaces.models import AuditEntry, SpaceAccess
from spaces_project.kit import limits
from tests.factories import actor_of, make_contact, make_space
from tests.pages.world import World

pytestmark = pytest.mark.django_db
LONG = "\n\n".join(f"Section {number}. The frame is covered for five years." for number in range(200))
HTMX = {"HX-Request": "true"}


def added(world: World, text: str, **fields: Any) -> Memory:
    """A memory of alice's in her space, ingested."""
    memory = add_text(actor_of(world.alice), fields.pop("space", world.space), text, **fields)
    ingestion.ingest(memory.account_id, memory.pk, memory.generation)
    return Memory.objects.get(pk=memory.pk)


def embed_by_words(world: World) -> None:
    """By hashing: no test here is about meanings, and MiniLM takes a while to load."""
    Embedder.default_of(world.account)
    hashing = Embedder.objects.of(world.account).get(builtin=Builtin.HASHING)
    hashing.make_default(actor_of(world.admin))


@pytest.fixture(scope="module")
def _kept_shelf(_kept_world: World, django_db_blocker: Any) -> Any:
    from copy import deepcopy

    from tests.kept import kept

    def furnished() -> World:
        world = deepcopy(_kept_world)
        embed_by_words(world)
        robin = make_contact(world.account, world.alice, name="Robin Fern")
        added(world, "Oak tables are covered for five years.", name="Terms", meta={"year": 2026}, contact=robin)
        added(world, LONG, name="Manual")
        broken = ingestion.add(
            actor_of(world.alice), world.space, b"%PDF-1.4", name="broken.pdf", mime_type="application/pdf"
        )
        ingestion.ingest(broken.account_id, broken.pk, broken.generation)
        add_text(actor_of(world.alice), world.space, "Not read yet", name="Waiting")
        added(world, "Elsewhere", name="Unfiled note", space=world.account.default_space)
        return world

    with kept(django_db_blocker, furnished) as world:
        yield world


@pytest.fixture
def shelf(_kept_shelf: World, db: None) -> World:
    from copy import deepcopy

    return deepcopy(_kept_shelf)


def names(client: Client, query: str = "", path: str = "/memories/", **params: Any) -> list[str]:
    response = client.get(f"{path}?{query or urlencode(params, doseq=True)}", follow=True)
    assert response.status_code == 200
    return [
        html.unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', response.content.decode())
    ]


def named(world: World, name: str) -> Memory:
    return Memory.objects.of(world.account).with_text().get(name=name)


def page(name: str, memory: Memory, *more: Any) -> str:
    return reverse(f"memory_{name}", args=[memory.pk, *more])


# ------------------------------------------------------------------------ list

ALL = {"Terms", "Manual", "broken.pdf", "Waiting", "Unfiled note"}
FILTERS: dict[str, set[str]] = {
    "q=oak": {"Terms"},
    "q=terms": {"Terms"},
    "text=section+frame": {"Manual"},
    "text=nowhere": set(),
    "space=warranty": ALL - {"Unfiled note"},
    "state=failed": {"broken.pdf"},
    "state=pending": {"Waiting"},
    "view=failed": {"broken.pdf"},
    "view=unfinished": {"Waiting"},
    "type=pdf": {"broken.pdf"},
    "type=text%2Fplain": ALL - {"broken.pdf"},
    "contact=fern": {"Terms"},
    "meta=year%3D2026": {"Terms"},
    "meta=year%3D2025": set(),
    "size_min=5+KB": {"Manual"},
    "size_max=5+KB": ALL - {"Manual"},
    "size_min=large": ALL,
    "created_before=2020-01-01": set(),
    "created_after=2020-01-01": ALL,
}


def test_filters(shelf: World) -> None:
    client = shelf.client(shelf.admin)
    assert {query: set(names(client, query)) for query in FILTERS} == FILTERS
    assert "Write a size such as" in client.get("/memories/?size_min=large").content.decode()


def test_each_sees_what_he_may_read(shelf: World) -> None:
    assert set(names(shelf.client(shelf.ann))) == ALL
    assert names(shelf.client(shelf.bob)) == ["Unfiled note"]
    assert names(shelf.client(shelf.mallory)) == []
    assert set(names(shelf.client(shelf.alice), path=f"/spaces/{shelf.space.pk}/memories/")) == ALL - {"Unfiled note"}
    robin = named(shelf, "Terms").contact_id
    assert names(shelf.client(shelf.admin), path=f"/contacts/{robin}/memories/") == ["Terms"]


@pytest.mark.thorough
def test_sorts_and_pages(shelf: World) -> None:
    client = shelf.client(shelf.admin)
    assert names(client, sort="name") == sorted(ALL, key=str.lower)
    assert names(client, sort="-size")[0] == "Manual"


@pytest.mark.thorough
def test_the_list_takes_a_fixed_number_of_queries(shelf: World) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get("/memories/?q=e", headers=HTMX).status_code == 200
        return len(found)

    def add(name: str) -> None:
        add_text(actor_of(shelf.alice), shelf.space, "every one", name=name, contact=robin)

    client, robin = shelf.client(shelf.admin), named(shelf, "Terms").contact
    add("E")
    client.get("/memories/")
    before = queries()
    for number in range(5):
        add(f"E {number}")
    assert queries() == before <= 12


def test_only_rows_that_move_are_asked_about(shelf: World) -> None:
    client, waiting = shelf.client(shelf.alice), named(shelf, "Waiting")
    listed = client.get("/memories/").content.decode()
    asked = f"/memories/states/?id={waiting.pk}"
    assert f'hx-get="{asked}"' in listed
    ingestion.ingest(waiting.account_id, waiting.pk, waiting.generation)
    answer = client.get(asked, headers=HTMX).content.decode()
    assert f'id="state-{waiting.pk}" hx-swap-oob="true">Ready' in answer
    assert "hx-get" not in answer
    assert shelf.client(shelf.mallory).get(asked).content.decode().count("state-") == 0


# ------------------------------------------------------------------------ bulk


def run(client: Client, name: str, *memories: Memory, **options: Any) -> Any:
    data = {"ids": [memory.pk for memory in memories], "expected": len(memories), **options}
    return client.post(reverse("memory_bulk_run", args=[name]), data, follow=True)


@pytest.mark.thorough
def test_bulk_retry_moves_only_what_failed(shelf: World) -> None:
    broken, terms = named(shelf, "broken.pdf"), named(shelf, "Terms")
    said = run(shelf.client(shelf.alice), "retry", broken, terms).content.decode()
    assert "1 of 2 memories done" in said
    assert (named(shelf, "broken.pdf").state, named(shelf, "Terms").state) == ("pending", "completed")
    assert named(shelf, "broken.pdf").generation == broken.generation + 1


def test_bulk_move_takes_the_chunks_along(shelf: World) -> None:
    manual, elsewhere = named(shelf, "Manual"), make_space(shelf.account, shelf.alice, name="Elsewhere")
    run(shelf.client(shelf.alice), "move", manual, space=elsewhere.pk)
    assert named(shelf, "Manual").space_id == elsewhere.pk
    assert set(manual.chunks.values_list("container_id", flat=True)) == {elsewhere.pk}
    assert set(manual.chunks.values_list("embeddings__container_id", flat=True)) == {elsewhere.pk}
    assert AuditEntry.objects.filter(operation="memory.update", object_id=manual.pk).count() == 1


def test_bulk_delete_leaves_what_one_may_not_change(shelf: World) -> None:
    SpaceAccess.grant(shelf.space, shelf.bob, "UPLOAD", actor_of(shelf.alice))
    terms = named(shelf, "Terms")
    assert "You may not change this memory" in run(shelf.client(shelf.bob), "delete", terms).content.decode()
    assert named(shelf, "Terms")
    run(shelf.client(shelf.alice), "delete", terms)
    assert not Chunk.objects.filter(memory_id=terms.pk).exists()


def test_exports_take_the_filters_of_the_list(shelf: World) -> None:
    client = shelf.client(shelf.alice)
    (row,) = [json.loads(line) for line in _body(client, "/memories/export.jsonl?meta=year%3D2026").splitlines()]
    assert (row["name"], row["meta"], row["chunk_count"], row["state"]) == ("Terms", {"year": 2026}, 1, "completed")
    chunks = [
        json.loads(line) for line in _body(client, "/memories/chunks/export.jsonl?q=manual&order=asc").splitlines()
    ]
    assert [row["number"] for row in chunks] == list(range(1, len(chunks) + 1))
    assert chunks[0]["text"] == LONG[: chunks[0]["end"]]
    assert _body(shelf.client(shelf.mallory), "/memories/export.jsonl") == ""


def _body(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode()


def file(name: str = "note.md", content: bytes = b"# Care\n\nOil it.") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")


def test_several_files_without_javascript(shelf: World) -> None:
    client, data = shelf.client(shelf.alice), {"space": shelf.space.pk, "files": [file(), file("empty.txt", b"")]}
    response = client.post("/memories/upload/", data)
    assert response.status_code == 422
    assert "The file is empty." in response.content.decode()
    made = named(shelf, "note.md")
    assert (made.mime_type, made.state, made.created_by) == ("text/markdown", "pending", shelf.alice.pk)
    response = client.post("/memories/upload/", {"space": shelf.space.pk, "files": [file("a.txt"), file("b.txt")]})
    assert response["Location"] == f"/memories/?space={shelf.space.pk}"


def test_one_file_answers_json_to_the_module(shelf: World) -> None:
    client, json_please = shelf.client(shelf.alice), {"Accept": "application/json"}
    response = client.post("/memories/upload/", {"space": shelf.space.pk, "files": file()}, headers=json_please)
    assert response.json() == {"files": [{"name": "note.md", "url": page("detail", named(shelf, "note.md"))}]}
    response = client.post("/memories/upload/", {"space": "", "files": file()}, headers=json_please)
    assert (response.status_code, response.json()) == (422, {"error": "This field is required."})


def test_a_file_over_the_limit_is_not_read_to_its_end(shelf: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ORIGINAL_BYTES", 100_000)
    data = {"space": shelf.space.pk, "files": [file("big.txt", b"x" * 200_000), file("small.txt")]}
    said = shelf.client(shelf.alice).post("/memories/upload/", data).content.decode()
    assert "Larger than 50 MiB" in said
    assert named(shelf, "small.txt")
    assert not Memory.objects.filter(name="big.txt").exists()


def test_uploads_are_checked_for_forgery(shelf: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(shelf.alice)
    assert client.post("/memories/upload/", {"space": shelf.space.pk, "files": file()}).status_code == 403
    assert not Memory.objects.filter(name="note.md").exists()


def test_archived_and_foreign_spaces_take_nothing(shelf: World) -> None:
    client = shelf.client(shelf.alice)
    theirs = make_space(shelf.mallory.account, shelf.mallory, name="Theirs")
    shelf.space.archive(actor_of(shelf.alice))
    for space, said in ((shelf.space, "takes nothing new"), (theirs, "Select a valid choice")):
        response = client.post("/memories/upload/", {"space": space.pk, "files": file()})
        assert (response.status_code, said in response.content.decode()) == (422, True)
    assert shelf.client(shelf.ann).get("/memories/new/").status_code == 403


def test_a_written_text_can_be_read_at_once(shelf: World) -> None:
    client = shelf.client(shelf.alice)
    data = {"write-space": shelf.space.pk, "write-name": "Note", "write-text": "First\r\nsecond"}
    response = client.post("/memories/write/", data)
    made = named(shelf, "Note")
    assert response["Location"] == page("detail", made)
    assert "First\nsecond" in client.get(page("detail", made)).content.decode()
    assert client.post("/memories/write/", {**data, "write-text": " "}).status_code == 422


# ------------------------------------------------------------------------ page


def test_the_text_is_shown_with_its_chunks(shelf: World) -> None:
    manual, client = named(shelf, "Manual"), shelf.client(shelf.alice)
    shown = client.get(page("detail", manual)).content.decode()
    parts = re.findall(r'<div class="prose plain-text">(.*?)</div>', shown, re.DOTALL)
    own = [re.sub(r'<span class="overlap">.*?</span>', "", part, flags=re.DOTALL) for part in parts]
    chunks = list(manual.chunks.order_by("order"))
    assert html.unescape("".join(own)) == manual.text[: chunks[len(parts) - 1].end]
    assert 'class="overlap"' in parts[1]


def test_a_link_to_a_chunk_opens_its_page(shelf: World) -> None:
    manual, client = named(shelf, "Manual"), shelf.client(shelf.alice)
    shown = client.get(f"{page('detail', manual)}?chunk=20").content.decode()
    assert re.findall(r'id="chunk-(\d+)"', shown)[:3] == ["18", "19", "20"]
    assert "Previous" in shown


def test_a_chunk_is_switched_off_and_on(shelf: World) -> None:
    terms, client = named(shelf, "Terms"), shelf.client(shelf.alice)
    chunk = terms.chunks.get()
    client.post(page("chunk_disable", terms, chunk.pk))
    assert Chunk.objects.get(pk=chunk.pk).is_disabled
    assert "Switched off" in client.get(page("chunks", terms)).content.decode()
    client.post(page("chunk_enable", terms, chunk.pk))
    assert not Chunk.objects.get(pk=chunk.pk).is_disabled
    assert shelf.client(shelf.ann).post(page("chunk_disable", terms, chunk.pk)).status_code == 403


def test_why_it_failed_and_another_try(shelf: World) -> None:
    broken, client = named(shelf, "broken.pdf"), shelf.client(shelf.alice)
    assert broken.failure in html.unescape(client.get(page("attempts", broken)).content.decode())
    client.post(page("again", broken))
    assert named(shelf, "broken.pdf").state == "pending"
    assert "every 1s" in client.get(page("detail", broken)).content.decode()
    ingestion.ingest(broken.account_id, broken.pk, broken.generation + 1)
    assert client.get(page("progress", broken), headers=HTMX)["HX-Refresh"] == "true"


def test_the_original_is_only_ever_downloaded(shelf: World) -> None:
    added(shelf, "<script>alert(1)</script>", name="Script", key='a"b.html')
    memory = Memory.objects.of(shelf.account).get(key='a"b.html')
    response = shelf.client(shelf.alice).get(page("original", memory))
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


TABS = ("detail", "progress", "chunks", "attempts", "details", "history", "api", "original", "settings", "text")


def test_a_stranger_finds_nothing(shelf: World) -> None:
    terms = named(shelf, "Terms")
    for user in (shelf.bob, shelf.mallory):
        client = shelf.client(user)
        assert {client.get(page(name, terms)).status_code for name in (*TABS, "delete_confirm")} == {404}


def test_settings_keep_what_was_typed_and_merge_nothing(shelf: World) -> None:
    terms, client = named(shelf, "Terms"), shelf.client(shelf.alice)
    data = {"stamp": terms.updated_at.isoformat(), "name": "Renamed", "meta": '{"year": 2027}', "kind": ""}
    assert client.post(page("settings", terms), {**data, "meta": "{"}).status_code == 422
    assert client.post(page("settings", terms), data).status_code == 302
    renamed = named(shelf, "Renamed")
    assert (renamed.meta, renamed.contact, renamed.generation) == ({"year": 2027}, None, terms.generation)
    overtaken = client.post(page("settings", terms), {**data, "name": "Again"})
    assert (overtaken.status_code, "Someone else saved" in overtaken.content.decode()) == (409, True)


def test_another_way_of_cutting_has_it_ingested_again(shelf: World) -> None:
    manual, client = named(shelf, "Manual"), shelf.client(shelf.alice)
    data = {"stamp": manual.updated_at.isoformat(), "name": "Manual", "meta": "{}", "kind": "none"}
    client.post(page("settings", manual), data)
    again = named(shelf, "Manual")
    assert (again.chunking["none"], again.generation) == ({}, manual.generation + 1)
    ingestion.ingest(again.account_id, again.pk, again.generation)
    assert again.chunks.count() == 1


def test_an_edited_text_takes_the_place_of_the_file(shelf: World) -> None:
    terms, client = named(shelf, "Terms"), shelf.client(shelf.alice)
    data = {"text": "Ash tables now.", "generation": terms.generation}
    assert "Oak tables" in client.get(page("text", terms)).content.decode()
    assert client.post(page("text", terms), {**data, "generation": 0}).status_code == 409
    assert client.post(page("text", terms), data).status_code == 302
    again = named(shelf, "Terms")
    ingestion.ingest(again.account_id, again.pk, again.generation)
    assert again.chunks.get().text == "Ash tables now."


def test_moving_and_deleting_one(shelf: World) -> None:
    terms, client = named(shelf, "Terms"), shelf.client(shelf.alice)
    closed = make_space(shelf.account, shelf.alice, name="Closed", is_archived=True)
    assert client.post(page("move", terms), {"space": closed.pk}).status_code == 422
    elsewhere = make_space(shelf.account, shelf.alice, name="Elsewhere")
    client.post(page("move", terms), {"space": elsewhere.pk})
    assert named(shelf, "Terms").space_id == elsewhere.pk
    assert "Chunk" in client.get(page("delete_confirm", terms)).content.decode()
    assert client.post(page("delete", terms))["Location"] == f"/spaces/{elsewhere.pk}/memories/"
    assert not Memory.objects.filter(pk=terms.pk).exists()


@pytest.mark.thorough
def test_found_by_search_everywhere_and_counted_on_the_overview(shelf: World) -> None:
    terms, client = named(shelf, "Terms"), shelf.client(shelf.alice)
    for text in ("oak tables", "Terms", str(terms.pk), terms.wire_id):
        assert page("detail", terms) in client.get("/search/", {"q": text}).content.decode()
    assert (
        page("detail", terms) not in shelf.client(shelf.mallory).get("/search/", {"q": str(terms.pk)}).content.decode()
    )
    overview = client.get("/").content.decode()
    assert "1 memory could not be ingested" in overview
