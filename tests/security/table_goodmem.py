"""The table's lines for the GoodMem dialect: spaces, models, keys and people."""

from __future__ import annotations

from typing import Any

from .route import Route, key
from .stage import Stage


def goodmem(name: str, method: str = "GET", **more: Any) -> Route:
    return key(name, method, "goodmem", **{"answers": (200, 201, 204), **more})


def of_admin(name: str, method: str, **more: Any) -> Route:
    """What only administrators (and a row's owner) may: other members see the thing, and are told 403."""
    return goodmem(name, method, **{"actor": "admin", "outsider": 403, **more})


SPACE, MADE = {"space_id": "space"}, ("space", "spaceembedder")
BODY = {"displayName": "New", "providerType": "VLLM", "endpointUrl": "https://m.example.com", "modelIdentifier": "m"}
DENSE = {"dimensionality": 8, "distributionType": "DENSE"}
CHUNKED = {"name": "New", "defaultChunkingConfig": {"none": {}}}
ONE = {"targetId": "embedder"}


def _embedders(stage: Stage) -> dict[str, Any]:
    return {"name": "New", "spaceEmbedders": [{"embedderId": str(stage.ours.embedder.pk)}]}


def _model(plural: str, one: str, kind: str, body: dict[str, Any], **may_create: Any) -> tuple[Route, ...]:
    """The same routes for each of the three kinds; ``kind`` is the table's name and the stage's."""
    path = {"model_id": {"languagemodel": "model"}.get(kind, kind)}
    return (
        goodmem(plural, query={"ownerId": "alice"}, outsider=200),
        goodmem(plural, "POST", data=body, writes=(kind,), **{"outsider": 201, **may_create}),
        goodmem(one, path=path, outsider=200),
        of_admin(one, "PUT", path=path, data={"displayName": "Changed"}, writes=(kind,)),
        of_admin(one, "DELETE", path=path, writes=(kind,)),
    )


GOODMEM: tuple[Route, ...] = (
    goodmem("spaces", query={"ownerId": "alice"}, outsider=200),
    goodmem("spaces", "POST", data={"name": "New"}, outsider=201, writes=MADE),
    goodmem("spaces", "POST", data=CHUNKED, outsider=201, writes=(*MADE, "memorysettings")),
    goodmem("spaces", "POST", data=_embedders, outsider=201, writes=MADE),
    of_admin("spaces", "POST", data={"name": "New"}, body={"ownerId": "bob"}, outsider=201, writes=MADE),
    goodmem("space", path=SPACE),
    goodmem("space", "PUT", path=SPACE, data={"name": "changed", "mergeLabels": {"a": "1"}}, writes=("space",)),
    goodmem("space", "DELETE", path=SPACE, writes=("space",)),
    goodmem("space.transfer", "POST", path=SPACE, body={"newOwnerId": "carol"}, writes=("space",)),
    *_model("embedders", "embedder", "embedder", {**BODY, **DENSE}),
    *_model("rerankers", "reranker", "reranker", BODY),
    *_model("llms", "llm", "languagemodel", BODY, actor="admin", outsider=403),
    goodmem("keys", query={"subjectPrincipalId": "alice"}, outsider=200),
    goodmem("keys", "POST", data={"labels": {"a": "1"}}, outsider=201, writes=("apikey",)),
    goodmem("key", path={"key_id": "key"}),
    goodmem("key", "PUT", path={"key_id": "key"}, data={"mergeLabels": {"a": "1"}}, writes=("apikey",)),
    goodmem("key", "DELETE", path={"key_id": "key"}, writes=("apikey",)),
    goodmem("users.me", outsider=200),
    goodmem("users.email", path={"email": "=nobody@example.com"}, answers=(404,)),
    goodmem("users.username", path={"username": "bob.username"}, outsider=200),
    goodmem("user", path={"user_id": "bob"}, outsider=200),
    goodmem("instance", outsider=200),
    goodmem("ping.once", "POST", body=ONE, outsider=200),
    goodmem("ping.stream", "POST", body=ONE, data={"count": 1}, outsider=200),
)
