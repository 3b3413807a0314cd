"""The tab of a space that says how it cuts and embeds, and the search lab."""

from __future__ import annotations

import html
import re
from copy import deepcopy
from typing import Any

import pytest

from memories import ingestion
from memories.models import Builtin, Embedder, Memory, MemorySettings, Reranker, SearchLog, embedders_of
from memories.pages.marking import marked_words
from memories.pages.retrieval_form import SPACES_SEARCHED
from memories.texts import add_text
from tests.factories import actor_of, make_space
from tests.kept import kept
from tests.pages.world import World

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def _kept_library(_kept_world: World, django_db_blocker: Any) -> Any:
    def furnished() -> World:
        world = deepcopy(_kept_world)
        Embedder.default_of(world.account)
        Embedder.objects.of(world.account).get(builtin=Builtin.HASHING).make_default(actor_of(world.admin))
        for name, text in (("Terms", "Oak tables are covered for five years."), ("Care", "Oil the wood twice a year.")):
            memory = add_text(actor_of(world.alice), world.space, text, name=name, meta={"kind": name.lower()})
            ingestion.ingest(memory.account_id, memory.pk, memory.generation)
        return world

    with kept(django_db_blocker, furnished) as world:
        yield world


@pytest.fixture
def library(_kept_library: World, db: None) -> World:
    return deepcopy(_kept_library)


def url(world: World, tail: str = "memory-settings/") -> str:
    return f"/spaces/{world.space.pk}/{tail}"


def form(world: World, **fields: Any) -> dict[str, Any]:
    hashing = Embedder.objects.of(world.account).get(builtin=Builtin.HASHING)
    data = {"kind": "recursive", "measure": "CHARACTER_COUNT", "size": "200", "overlap": "20", "keep": "KEEP_END"}
    return {f"use_{hashing.pk}": "on", f"weight_{hashing.pk}": "1.0", **data, **fields}


# -------------------------------------------------------------------- settings


def test_saved_settings_are_what_ingestion_uses(library: World) -> None:
    client = library.client(library.alice)
    minilm = Embedder.objects.of(library.account).filter(builtin=Builtin.MINILM).first()
    more = {f"use_{minilm.pk}": "on", f"weight_{minilm.pk}": "0.5"} if minilm else {}
    assert client.post(url(library), form(library, separators="\\n\\n\nx\\\\y", **more)).status_code == 302
    stored = MemorySettings.of(library.space).chunking["recursive"]
    assert (stored["chunkSize"], stored["chunkOverlap"], stored["separators"]) == (200, 20, ["\n\n", "x\\y"])
    assert {each.weight for each in embedders_of(library.space)} == ({1.0, 0.5} if minilm else {1.0})
    page = html.unescape(client.get(url(library)).content.decode())
    assert "\\n\\n\nx\\\\y" in page
    assert not minilm or "were ingested before these settings" in page


@pytest.mark.thorough
def test_settings_that_stay_store_nothing(library: World) -> None:
    library.client(library.alice).post(url(library), form(library, size="512", overlap="64"))
    assert MemorySettings.of(library.space)._state.adding
    assert not library.space.embedder_links.exists()


WRONG = (
    ({"size": "0"}, "size", "a whole number from 1 to"),
    ({"size": "many"}, "size", "a whole number"),
    ({"overlap": "200"}, "overlap", "smaller than the largest chunk"),
    ({"overlap": "-1"}, "overlap", "a whole number from 0"),
    ({"separators": "(", "separator_is_regex": "on"}, "separators", "not a regular expression"),
    ({"separators": "\\d"}, "separators", "is not known"),
    ({"kind": "sentence", "most": "10", "least": "20"}, "least", "not be larger than the largest chunk"),
    ({"kind": "letters"}, "kind", "not one of the available choices"),
)


@pytest.mark.thorough
def test_what_is_wrong_is_said_beside_its_field(library: World) -> None:
    client = library.client(library.alice)
    for fields, name, said in WRONG:
        page = client.post(url(library, "memory-settings/preview/"), form(library, **fields), headers=HTMX)
        found = re.search(rf'id="said-{name}" hx-swap-oob="true">([^<]*)<', page.content.decode())
        assert (page.status_code, said in html.unescape(found[1])) == (200, True), (fields, found)
        assert client.post(url(library), form(library, **fields)).status_code == 422
    assert MemorySettings.of(library.space)._state.adding


@pytest.mark.thorough
def test_without_an_embedder_or_weight_nothing_is_saved(library: World) -> None:
    client, data = library.client(library.alice), form(library)
    use, weight = (name for name in data if name.startswith(("use_", "weight_")))
    assert client.post(url(library), {**data, use: ""}).status_code == 422
    assert client.post(url(library), {**data, weight: "-1"}).status_code == 422
    assert client.post(url(library), {**data, weight: "nan"}).status_code == 422
    assert "above 0" in client.post(url(library), {**data, weight: "0"}).content.decode()


def test_the_preview_cuts_the_sample(library: World) -> None:
    data = form(library, size="20", overlap="5", sample="one two three four five six seven eight nine ten")
    page = library.client(library.alice).post(url(library, "memory-settings/preview/"), data, headers=HTMX)
    parts = re.findall(r'<div class="prose plain-text">(.*?)</div>', page.content.decode(), re.DOTALL)
    own = [re.sub(r'<span class="overlap">.*?</span>', "", part) for part in parts]
    assert "".join(own) == data["sample"]
    assert all(len(re.search(r">(.*?)</span>", part)[1]) == 5 for part in parts[1:])


def test_only_those_who_manage_the_space_set_it(library: World) -> None:
    for user, status in ((library.ann, 403), (library.bob, 404), (library.mallory, 404)):
        assert library.client(user).get(url(library)).status_code == status
        assert library.client(user).post(url(library), form(library)).status_code == status


def test_all_memories_of_the_space_are_offered_to_be_ingested_again(library: World) -> None:
    client = library.client(library.alice)
    data = {"all": "1", "query": f"space={library.space.pk}"}
    assert "Ingest again 2 memories?" in client.post("/memories/bulk/again/", data).content.decode()
    client.post("/memories/bulk/again/run/", {**data, "expected": "2"})
    assert set(Memory.objects.of(library.account).values_list("generation", "state")) == {(2, "pending")}


# ------------------------------------------------------------------ search lab


def passages(library: World, **asked: Any) -> list[str]:
    page = library.client(library.alice).get("/search/retrieval/", asked)
    assert page.status_code == 200
    return [html.unescape(name) for name in re.findall(r"<h3><a [^>]*>([^<]*)</a>", page.content.decode())]


def test_what_is_found_by_meaning_by_words_and_by_both(library: World) -> None:
    assert passages(library, text="are oak tables covered")[0] == "Terms"
    assert passages(library, text="oil wood", mode="full_text") == ["Care"]
    assert passages(library, text="oil wood", mode="vector", limit=1) == ["Care"]
    assert passages(library, text="oil wood", filter="val('$.kind') = 'terms'", mode="vector") == ["Terms"]
    assert passages(library, text="oil wood", min_score="5") == []


def test_results_show_their_parts_and_lead_to_their_chunk(library: World) -> None:
    terms = Memory.objects.of(library.account).get(name="Terms")
    page = library.client(library.alice).get(url(library, "search/"), {"text": "oak tables"}).content.decode()
    assert f'href="/memories/{terms.pk}/?chunk=1#chunk-1"' in page
    assert "<mark>Oak</mark> <mark>tables</mark>" in page
    assert "Lexical hashing" in page
    assert "Place by words" in page


def test_only_the_words_that_say_something_are_marked(library: World) -> None:
    asked = {"text": "What are the oak tables for?"}
    page = library.client(library.alice).get(url(library, "search/"), asked).content.decode()
    assert set(re.findall("<mark>(.*?)</mark>", page)) == {"Oak", "tables"}
    assert marked_words("Who are you", "who are you") == "<mark>Who</mark> <mark>are</mark> <mark>you</mark>"


def test_a_question_without_an_answer_says_so_and_can_be_asked_why(library: World) -> None:
    asked = {"text": "zeppelin", "mode": "full_text"}
    for path in ("/search/retrieval/", url(library, "search/")):
        page = library.client(library.alice).get(path, asked).content.decode()
        assert "Nothing found" in page, path
        assert "Why not this one?" in page, path


def test_without_a_choice_of_spaces_those_that_hold_something_are_searched(library: World) -> None:
    for number in range(SPACES_SEARCHED):
        make_space(library.account, library.alice, name=f"Empty and newer {number}")
    assert passages(library, text="oil wood", mode="full_text") == ["Care"]


def test_why_something_was_not_found(library: World) -> None:
    client, care = library.client(library.alice), Memory.objects.of(library.account).get(name="Care")
    asked = {"text": "oak tables", "mode": "full_text", "why": care.wire_id}
    assert "notice" in client.get("/search/retrieval/", asked).content.decode()
    told = {
        library.client(user).get("/search/retrieval/", {**asked, "why": why}).status_code
        for user in (library.alice, library.mallory)
        for why in (str(care.pk), str(care.chunks.get().pk), "nonsense", str(library.space.pk))
    }
    assert told == {200}


def test_bad_questions_say_what_is_wrong(library: World) -> None:
    client = library.client(library.alice)
    theirs = make_space(library.mallory.account, library.mallory, name="Theirs")
    for asked, said in (
        ({"text": "x", "filter": "val('$.year') >"}, "Filter:"),
        ({"text": "x", "limit": "1000"}, "Results:"),
        ({"text": "x", "spaces": theirs.pk}, "Spaces:"),
        ({"text": "x", "min_score": "nan"}, "Lowest score:"),
        ({"text": "x", "rerank": "on"}, "Choose a reranker"),
    ):
        page = client.get("/search/retrieval/", asked)
        assert (page.status_code, said in html.unescape(page.content.decode())) == (422, True), asked


def test_the_history_is_of_what_one_may_read(library: World) -> None:
    SearchLog.objects.create(
        account=library.account, space=library.space, user=library.alice, source="page", question="Secret question"
    )
    seen = {
        user.username: "Secret question" in library.client(user).get("/search/retrieval/history/").content.decode()
        for user in (library.alice, library.bob, library.ann, library.mallory)
    }
    assert seen == {"alice": True, "bob": False, "ann": True, "mallory": False}


# ------------------------------------------------------------------- providers

SERVER = {"provider_type": "TEI", "endpoint_url": "https://tei.example.com", "model_identifier": "m"}


def test_an_embedder_is_added_tested_and_removed(library: World) -> None:
    admin = library.client(library.admin)
    data = {**SERVER, "name": "Ours", "api_path": "/embed", "dimensionality": "8", "api_key": "sk-very-secret"}
    assert admin.post("/settings/embedders/new/", {**data, "dimensionality": "0"}).status_code == 422
    assert admin.post("/settings/embedders/new/", data).status_code == 302
    made = Embedder.objects.of(library.account).get(name="Ours")
    assert (made.api_key.reveal(), made.dimensionality) == ("sk-very-secret", 8)
    page = admin.get(f"/settings/embedders/{made.pk}/").content.decode()
    assert "sk-very-secret" not in page
    admin.post(f"/settings/embedders/{made.pk}/default/")
    refused = admin.post(f"/settings/embedders/{made.pk}/delete/run/")
    assert (refused.status_code, "Spaces use this embedder" in refused.content.decode()) == (409, True)
    Embedder.objects.of(library.account).get(builtin=Builtin.HASHING).make_default(actor_of(library.admin))
    assert admin.post(f"/settings/embedders/{made.pk}/delete/run/").status_code == 302


def test_the_test_of_an_embedder_says_what_came_back(library: World) -> None:
    admin, hashing = library.client(library.admin), Embedder.objects.of(library.account).get(builtin=Builtin.HASHING)
    part = admin.post(f"/settings/embedders/{hashing.pk}/test/", headers=HTMX).content.decode()
    assert "3 texts, 1,024 dimensions." in part
    page = admin.get(f"/settings/embedders/{hashing.pk}/").content.decode()
    assert 'name="endpoint_url"' not in page
    assert "Remove this" not in page
    assert admin.post(f"/settings/embedders/{hashing.pk}/delete/run/").status_code == 409


def test_a_reranker_that_cannot_be_reached_says_so(library: World) -> None:
    admin = library.client(library.admin)
    data = {**SERVER, "name": "Ranker", "api_path": "/rerank"}
    assert admin.post("/settings/rerankers/new/", {**data, "endpoint_url": "http://127.0.0.1:1"}).status_code == 422
    assert admin.post("/settings/rerankers/new/", data).status_code == 302
    Reranker.objects.filter(name="Ranker").update(endpoint_url="http://127.0.0.1:1")  # what was open is closed again
    made = Reranker.objects.of(library.account).get(name="Ranker")
    part = admin.post(f"/settings/rerankers/{made.pk}/test/", headers=HTMX).content.decode()
    assert 'class="notice bad"' in part
    MemorySettings.of(library.space).change(actor_of(library.alice), reranker=made)
    assert "1 space names it" in admin.get(f"/settings/rerankers/{made.pk}/delete/").content.decode()
    assert admin.post(f"/settings/rerankers/{made.pk}/delete/run/").status_code == 409


def test_members_do_not_see_the_models_on_servers(library: World) -> None:
    for kind in ("embedders", "rerankers"):
        assert library.client(library.alice).get(f"/settings/{kind}/").status_code == 403
