"""The OpenAPI document of the dialect is whole, and what schemathesis makes of it never surprises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from schemathesis import GenerationMode

from memories.models import LanguageModel, Reranker
from memories.texts import add_text
from spaces.actors import Actor
from spaces_project.api.goodmem.operations import ALL
from spaces_project.api.goodmem.schema import document as made_document
from spaces_project.api.goodmem.urls import implemented
from tests.api.schemas import document_of, put_ids, try_operation
from tests.api.world import CLIENT, World
from tests.factories import make_embedder, make_key

NAMES = [operation.id for operation in ALL]
REMOTE = {"name": "N", "endpoint_url": "https://127.0.0.1", "model_identifier": "m"}
TAKE_NOTHING = {"getSystemInfo", "initializeSystem"}  # there is nothing to be wrong
MODES = [(name, mode) for name in NAMES for mode in GenerationMode if name not in TAKE_NOTHING]
pytestmark = pytest.mark.xdist_group("schemathesis")


def test_every_operation_is_documented_and_nothing_else(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    made_document.cache_clear()
    made = CLIENT.get("/api/docs/goodmem/openapi.json").json()
    assert capsys.readouterr().err == ""  # the generator warns there
    assert made["openapi"].startswith("3.1")
    routes = {"/v1/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(each.pattern)) for each in implemented}
    assert set(made["paths"]) == routes
    names = [operation["operationId"] for path in made["paths"].values() for operation in path.values()]
    assert sorted(names) == sorted(NAMES)
    assert b"GoodMem" in CLIENT.get("/api/docs/").content
    assert CLIENT.get("/api/docs/goodmem/").status_code == 200


@pytest.fixture
def document(world: World) -> Iterator[Any]:
    with document_of("goodmem") as document:
        yield document


@pytest.mark.parametrize(("name", "mode"), [each for each in MODES if each[1] == GenerationMode.NEGATIVE])
def test_no_operation_fails_or_answers_what_is_not_documented(
    world: World, document: Any, name: str, mode: GenerationMode
) -> None:
    try_examples(world, document, name, mode, 1)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "mode"), MODES)
def test_none_does_with_many_examples(world: World, document: Any, name: str, mode: GenerationMode) -> None:
    try_examples(world, document, name, mode, 40)


def ids_of(world: World) -> dict[str, str]:
    """Things of the account's, by the names that paths, queries and bodies give them."""
    by = Actor.system(world.account)
    space, key = world.space(), make_key(world.alice)[0]
    memory = add_text(by, space, "Remembered")
    model = make_embedder(world.account)
    return {
        "space_id": str(space.pk),
        "spaceId": str(space.pk),
        "spaceIds": str(space.pk),
        "memory_id": str(memory.pk),
        "newOwnerId": str(world.bob.pk),
        "model_id": str(model.pk),
        "targetId": str(model.pk),
        "key_id": str(key.pk),
        "user_id": str(world.bob.pk),
        "username": "bob",
        "reranker": str(Reranker.create(by, world.account, provider_type="TEI", **REMOTE).pk),
        "llm": str(LanguageModel.create(by, world.account, **REMOTE).pk),
    }


def try_examples(world: World, document: Any, name: str, mode: GenerationMode, examples: int) -> None:
    token = make_key(world.admin, ["read", "write", "admin"])[1]
    ids = ids_of(world)
    ids["model_id"] = ids["reranker" if "Reranker" in name else "llm" if "LLM" in name else "model_id"]
    creates = name.startswith("create") and name != "createMemory"
    headers, filled = {"x-api-key": token}, {} if creates else ids
    try_operation(document.find_operation_by_id(name), mode, examples, headers, lambda case: put_ids(case, filled))
