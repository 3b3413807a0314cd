"""search-string, openai/… and rerankers: what calls models, whom it is for, and what is told when they fail."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.unique.caller import caller, refused, told

pytestmark = pytest.mark.django_db
ASKED = {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}]}
TRAINS = {"searchString": "What does the policy say about trains?", "searchType": "COMBINED"}


@pytest.fixture
def model_server(settings: Any) -> Iterator[Any]:
    from spaces_project.kit.egress import Allowed
    from tests.openai_server import openai_server

    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])
    with openai_server() as server:
        yield server


def make(library: Any, server: Any, identifier: str = "echo", **fields: Any) -> Any:
    from memories.models import LanguageModel
    from tests.factories import actor_of

    where = {"endpoint_url": server.url, "api_path": "/chat/completions", "model_identifier": identifier}
    return LanguageModel.create(actor_of(library.world.admin), library.account, **{"name": "L", **where, **fields})


def test_a_language_model_answers(library: Any, model_server: Any) -> None:
    assert refused(library.alice.post("openai/chat/completions", ASKED)) == (409, "CONFLICT")
    assert told(library.alice.get("openai/models")) == {"models": []}
    make(library, model_server, is_default=True)
    make(library, model_server, name="Off", is_active=False)
    assert told(library.alice.get("openai/models")) == {"models": ["L"]}
    assert told(library.mallory.get("openai/models")) == {"models": []}
    answer = told(library.alice.post("openai/chat/completions", {**ASKED, "options": {"temperature": 0.5}}))
    assert (answer["object"], answer["model"]) == ("openai.chat.completion", "L")
    (choice,) = answer["choices"]
    assert (choice["index"], choice["finish_reason"], choice["message"]["role"]) == (0, "stop", "assistant")
    assert "Why?" in choice["message"]["content"]
    assert (
        answer["usage"]["total_tokens"] == answer["usage"]["prompt_tokens"] + answer["usage"]["completion_tokens"] > 0
    )
    sent = model_server.requests[-1]
    assert (sent["messages"], sent["temperature"]) == (ASKED["messages"], 0.5)
    unknown = told(library.alice.post("openai/chat/completions", {**ASKED, "model": "AZURE_GPT_4_0613"}))
    assert unknown["model"] == "L"


@pytest.mark.thorough
def test_a_language_model_that_fails_is_told_in_words(library: Any, model_server: Any) -> None:
    for identifier, status, words in [
        ("status:401", 409, "refused the key"), ("empty", 409, "empty answer"), ("garbage", 409, "not understood"),
        ("slow:50", 409, "too long"),
    ]:  # fmt: skip
        make(library, model_server, identifier, name=identifier)
        body = {**ASKED, "model": identifier, "timeout": 600}
        answer = library.alice.post("openai/chat/completions", body)
        assert refused(answer) == (status, "CONFLICT")
        assert words in answer.json()["error"]["message"]


@pytest.mark.thorough
def test_bad_questions_to_models_are_refused(library: Any) -> None:
    from spaces_project.kit import limits

    bad: list[dict[str, Any]] = [
        {}, {"messages": []}, {"messages": [{"role": "tool", "content": "x"}]}, {"messages": [{"role": "user"}]},
        {**ASKED, "timeout": 0}, {**ASKED, "messages": "x"},
    ]  # fmt: skip
    for body in bad:
        assert refused(library.alice.post("openai/chat/completions", body)) == (400, "BAD_REQUEST"), body
    many = limits.EMBEDDED_PER_CALL + 1
    bad = [{}, {"texts": "x"}, {"texts": [1]}, {"texts": ["x"] * many}, {"texts": ["x" * 10_001]}]
    for body in bad:
        assert refused(library.alice.post("openai/embeddings", body)) == (400, "BAD_REQUEST")


def test_options_of_a_completion_are_checked(library: Any, model_server: Any) -> None:
    make(library, model_server, is_default=True)
    for options in ({"temperature": 3}, {"temperature": "hot"}, {"max_tokens": 0}, {"max_tokens": True}):
        assert refused(library.alice.post("openai/chat/completions", {**ASKED, "options": options}))[0] == 400


def test_texts_become_vectors(library: Any) -> None:
    answer = told(library.alice.post("openai/embeddings", {"texts": ["trains", "planes", ""]}))
    first, second, empty = answer["embeddings"]
    assert len(first) == len(second) == len(empty) == 1024
    assert first != second
    assert abs(sum(number * number for number in first) - 1) < 0.01
    assert told(library.alice.post("openai/embeddings", {"texts": []}))["embeddings"] == []


def test_calling_models_needs_more_than_reading(library: Any) -> None:
    reading = caller(library.world.alice, ("read",))
    for route, body in (
        ("openai/embeddings", {"texts": ["x"]}), ("openai/chat/completions", ASKED),
        ("search/search", {**TRAINS, "reranker": {"deploymentName": "R"}}),
    ):  # fmt: skip
        assert refused(reading.post(route, body)) == (403, "FORBIDDEN")
    assert told(reading.get("openai/models")) == {"models": []}
    assert told(reading.post("search/search", TRAINS))["data"]


def test_a_prompt_is_searched_for_as_it_is_or_as_a_model_puts_it(library: Any, model_server: Any) -> None:
    from chats.models.chats import Role
    from tests.factories import say

    def phrase(**body: Any) -> str:
        answer = told(library.alice.post("search/search-string", {"prompt": "And trains?", **body}))
        assert answer["object"] == "search.search-string"
        return str(answer["searchString"])

    talk = {"messages": [{"role": "user", "text": "What is the policy?"}]}
    assert phrase() == phrase(**talk) == "And trains?"
    make(library, model_server, is_default=True)
    assert phrase() == "And trains?"
    assert "policy" in phrase(**talk)
    say(library.chat, "What of salaries?", role=Role.USER)
    assert "salaries" in phrase(chatId=library.chat.unique_id)
    make(library, model_server, "status:401", name="Broken")
    assert phrase(**talk, languageModel="Broken") == "And trains?"
    route = {"prompt": "x", "chatId": library.chat.unique_id}
    assert refused(library.mallory.post("search/search-string", route)) == (404, "NOT_FOUND")
    assert refused(library.alice.post("search/search-string", {})) == (400, "BAD_REQUEST")


def test_a_reranker_puts_hits_in_its_order(library: Any, settings: Any) -> None:
    from memories.models import Reranker
    from spaces_project.kit.egress import Allowed
    from tests.factories import actor_of
    from tests.memories.provider_server import provider_server

    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])
    with provider_server() as server:
        where = {"provider_type": "COHERE", "endpoint_url": server.url("/v2/rerank"), "model_identifier": "m"}
        Reranker.create(actor_of(library.world.admin), library.account, name="R", **where)
        body = {**TRAINS, "searchString": "paid on the each", "includeScores": True}
        for name in ("R", "r", "M"):
            found = told(library.alice.post("search/search", {**body, "reranker": {"deploymentName": name}}))["data"]
            assert (found[0]["title"], found[0]["score"]) == ("Salaries", 4.0)
        server.script.append(500)
        found = told(library.alice.post("search/search", {**body, "reranker": {"deploymentName": "R"}}))["data"]
        assert found
        strange = {**body, "reranker": {"deploymentName": "R"}}
        assert refused(library.mallory.post("search/search", strange)) == (400, "BAD_REQUEST")


def test_nothing_found_because_an_embedder_failed_is_no_empty_answer(library: Any, settings: Any) -> None:
    from memories.models import set_embedders
    from spaces_project.kit.egress import Allowed
    from tests.factories import make_embedder

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    remote = make_embedder(library.account, endpoint_url=nobody)
    set_embedders(library.by, library.account.default_space, [(remote, 1.0)])
    body = {**TRAINS, "searchType": "VECTOR"}
    answer = library.alice.post("search/search", body)
    assert refused(answer) == (409, "CONFLICT")
    assert "could not be searched" in answer.json()["error"]["message"]
    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])
    answer = library.alice.post("search/search", body)
    assert (answer.status_code, answer.json()["error"]["params"]) == (503, {"retryable": True})
    words = {**TRAINS, "searchType": "FULL_TEXT", "searchString": "travel policy"}
    assert told(library.alice.post("search/search", words))["data"]
