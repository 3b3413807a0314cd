"""/v1/embedders, /v1/rerankers, /v1/llms: one shape, three kinds."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from memories.models import Embedder, LanguageModel, MemorySettings, Reranker
from spaces.actors import Actor
from spaces.models import AuditEntry
from tests.factories import make_embedder, make_user

from .caller import Caller, blamed, caller, refused, told

MISSING = "00000000-0000-7000-8000-000000000000"
SECRET = "sk-quite-secret"
CREDENTIALS = {"kind": "CREDENTIAL_KIND_API_KEY", "apiKey": {"inlineSecret": SECRET}}
BODY: dict[str, Any] = {
    "displayName": "Ours",
    "providerType": "VLLM",
    "endpointUrl": "https://models.example.com/v1",
    "modelIdentifier": "a-model",
}
DENSE = {"dimensionality": 1536, "distributionType": "DENSE"}
KINDS = {
    "embedders": ("embedderId", {**BODY, **DENSE}, Embedder),
    "rerankers": ("rerankerId", BODY, Reranker),
    "llms": ("llmId", BODY, LanguageModel),
}
EACH = pytest.mark.parametrize("kind", list(KINDS))


def made(who: Caller, kind: str, **body: Any) -> Any:
    answer = told(who.post(kind, {**KINDS[kind][1], **body}), 201)
    return answer["llm"] if kind == "llms" else answer


@EACH
def test_a_model_is_made_read_changed_and_deleted(world: Any, admin: Caller, alice: Caller, kind: str) -> None:
    id_name, _, model = KINDS[kind]
    row = made(admin, kind, credentials=CREDENTIALS, labels={"a": "1"})
    at = f"{kind}/{row[id_name]}"
    assert row["displayName"] == "Ours"
    assert row["ownerId"] == row["createdById"] == str(world.admin.pk)
    assert (row["description"], row["version"], row["monitoringEndpoint"]) == ("", "", "")
    assert row["supportedModalities"] == ["TEXT"]
    assert told(alice.get(at)) == row
    assert row in told(alice.get(kind))[kind]
    changed = told(admin.put(at, {"displayName": "New", "version": "2", "mergeLabels": {"b": "2"}}))
    assert changed == {**row, "displayName": "New", "version": "2", "labels": {"a": "1", "b": "2"},
                       "updatedAt": changed["updatedAt"]}  # fmt: skip
    answer = admin.delete(at)
    assert (answer.status_code, answer.content) == (204, b"")
    assert refused(admin.get(at))[0] == 404
    assert not model.objects.filter(pk=row[id_name]).exists()
    verbs = [entry.operation.partition(".")[2] for entry in AuditEntry.objects.filter(object_id=row[id_name])]
    assert sorted(verbs) == ["create", "delete", "update"]


@EACH
def test_a_key_is_written_sealed_and_read_by_administrators_only(
    world: Any, admin: Caller, alice: Caller, kind: str
) -> None:
    id_name, _, model = KINDS[kind]
    first = admin.post(kind, {**KINDS[kind][1], "credentials": CREDENTIALS})
    pk = (first.json().get("llm") or first.json())[id_name]
    at = f"{kind}/{pk}"
    for answer in (first, admin.get(at), admin.get(kind), admin.put(at, {"description": "x"})):
        assert SECRET not in answer.content.decode()
        assert "credentials" not in answer.content.decode()
    stored = model.objects.get(pk=pk)
    assert SECRET not in stored.api_key.token
    assert stored.api_key.reveal() == SECRET
    for who in (alice, caller(world.admin)):  # a key without the scope admin
        assert refused(who.get(f"{at}?includeCredentials=true"))[0] == 403
    assert not AuditEntry.objects.filter(object_id=pk, operation__endswith=".reveal").exists()
    shown = told(admin.get(f"{at}?include_credentials=true"))["credentials"]
    assert shown == {
        "kind": "CREDENTIAL_KIND_API_KEY",
        "apiKey": {"inlineSecret": SECRET, "headerName": "Authorization", "prefix": "Bearer "},
    }
    assert AuditEntry.objects.filter(object_id=pk, operation__endswith=".reveal").count() == 1
    kept = AuditEntry.objects.filter(object_id=pk).values_list("changes", flat=True)
    assert all(SECRET not in str(changes) for changes in kept)
    forgotten = {**CREDENTIALS, "apiKey": {"inlineSecret": "", "headerName": "x-key", "prefix": ""}}
    told(admin.put(at, {"credentials": forgotten}))
    assert told(admin.get(f"{at}?includeCredentials=true"))["credentials"] is None


@EACH
def test_who_may_add_and_change(
    world: Any, alice: Caller, bob: Caller, mallory: Caller, admin: Caller, kind: str
) -> None:
    id_name = KINDS[kind][0]
    analyst = caller(make_user(world.account, role="analyst"))
    assert refused(analyst.post(kind, KINDS[kind][1]))[0] == 403
    if kind == "llms":
        for who in (alice, caller(world.admin)):  # the latter without the scope admin
            assert refused(who.post(kind, BODY))[0] == 403
        row = made(admin, kind)
    else:
        row = made(alice, kind)
        told(alice.put(f"{kind}/{row[id_name]}", {"description": "mine"}))
    at = f"{kind}/{row[id_name]}"
    assert refused(bob.put(at, {"description": "x"}))[0] == 403
    assert refused(bob.delete(at))[0] == 403
    for who in (mallory,):
        assert [refused(each)[0] for each in (who.get(at), who.put(at, {}), who.delete(at))] == [404] * 3
        assert row not in told(who.get(kind))[kind]
    told(admin.put(at, {"description": "changed"}))
    assert refused(Caller().get(kind))[0] == 401
    limited = caller(world.alice, spaces=[world.space()])
    assert told(limited.get(kind))[kind] == []
    assert refused(limited.get(at)) == refused(limited.get(f"{kind}/{MISSING}"))


@EACH
def test_the_like_is_refused_and_so_is_a_taken_id(admin: Caller, kind: str) -> None:
    pk = str(uuid4())
    body, id_name = KINDS[kind][1], KINDS[kind][0]
    told(admin.post(kind, {**body, id_name: pk}), 201)
    assert refused(admin.post(kind, body))[0] == 409
    scheme, _, rest = body["endpointUrl"].partition("://")
    host, slash, path = rest.partition("/")
    port = {"https": 443, "http": 80}[scheme]
    spelled = f"{scheme.upper()}://{host.upper()}:{port}{slash}{path}/"
    assert refused(admin.post(kind, {**body, "endpointUrl": spelled}))[0] == 409
    other = {**body, "displayName": "Other", "modelIdentifier": "other"}
    status, sentence = refused(admin.post(kind, {**other, id_name: pk}))
    assert (status, sentence.endswith("with this ID already exists")) == (409, True)
    if kind != "llms":
        told(admin.post(kind, {**body, "credentials": CREDENTIALS}), 201)
    taken = {"displayName": "Ours"} if kind == "llms" else {"modelIdentifier": "a-model"}
    second = made(admin, kind, displayName="Second", modelIdentifier="second")
    assert refused(admin.put(f"{kind}/{second[id_name]}", taken))[0] == 409


WRONG: list[Any] = [
        ({"displayName": None}, "displayName"),
        ({"displayName": "x" * 256}, "displayName"),
        ({"displayName": " "}, "displayName"),
        ({"providerType": "TENSORFLOW"}, "providerType"),
        ({"endpointUrl": "ftp://models.example.com"}, "endpointUrl"),
        ({"endpointUrl": 5}, "endpointUrl"),
        ({"apiPath": "embed"}, "apiPath"),
        ({"supportedModalities": ["SMELL"]}, "supportedModalities[0]"),
        ({"supportedModalities": []}, "supportedModalities"),
        ({"labels": {str(n): "x" for n in range(21)}}, "labels"),
        ({"ownerId": "x"}, "ownerId"),
        ({"credentials": {}}, "credentials.kind"),
        ({"credentials": {"kind": "CREDENTIAL_KIND_GCP_ADC", "gcpAdc": {}}}, "credentials.kind"),
        ({"credentials": {"kind": "CREDENTIAL_KIND_API_KEY"}}, "credentials.apiKey.inlineSecret"),
        ({"credentials": {"kind": "CREDENTIAL_KIND_API_KEY", "apiKey": {"inlineSecret": "a\nb"}}},
         "credentials.apiKey.inlineSecret"),
        ({"credentials": {**CREDENTIALS, "apiKey": {"inlineSecret": "x", "headerName": "Host"}}},
         "credentials.apiKey.headerName"),
        ({"credentials": {**CREDENTIALS, "apiKey": {"inlineSecret": "x", "headerName": "a:b"}}},
         "credentials.apiKey.headerName"),
        ({"credentials": {**CREDENTIALS, "apiKey": {"inlineSecret": "x", "prefix": "a\r\nb: c"}}},
         "credentials.apiKey.prefix"),
        ({"credentials": {**CREDENTIALS, "apiKey": {"inlineSecret": "x", "prefix": "x" * 256}}},
         "credentials.apiKey.prefix"),
        ({"credentials": {"kind": "CREDENTIAL_KIND_API_KEY", "apiKey": {"secretRef": {"uri": "vault://x"}}}},
         "credentials.apiKey.secretRef"),
    ]  # fmt: skip


def test_what_cannot_be_is_refused_and_names_the_field(admin: Caller) -> None:
    for change, field in WRONG:
        assert blamed(admin.post("embedders", {**BODY, **DENSE, **change})) == [field], change
    assert not Embedder.objects.filter(name="Ours").exists()


WRONG_VECTORS: list[Any] = [
        ({"dimensionality": 0}, "dimensionality"),
        ({"dimensionality": 4_001}, "dimensionality"),
        ({"dimensionality": "many"}, "dimensionality"),
        ({"distributionType": None}, "distributionType"),
        ({"maxSequenceLength": -1}, "maxSequenceLength"),
        ({"dashscopeApiDialect": "EMBEDDING_NATIVE_TEXT"}, "dashscopeApiDialect"),
        ({"providerType": "DASHSCOPE", "endpointUrl": "https://dashscope.example.com", "apiPath": "/native"},
         "endpointUrl"),
    ]  # fmt: skip


def test_an_embedder_says_how_its_vectors_are(admin: Caller) -> None:
    for change, field in WRONG_VECTORS:
        assert blamed(admin.post("embedders", {**BODY, **DENSE, **change})) == [field], change
    assert not Embedder.objects.filter(name="Ours").exists()


def test_numbers_may_come_as_texts(admin: Caller) -> None:
    row = made(admin, "embedders", dimensionality="1536", maxSequenceLength="8192")
    assert (row["dimensionality"], row["maxSequenceLength"]) == (1536, 8192)


PATHS: list[Any] = [
    ("embedders", "OPENAI", "https://api.example.com/v1", "/embeddings"),
    ("embedders", "TEI", "https://tei.example.com", "/embed"),
    ("embedders", "COHERE", "https://api.example.com", "/v2/embed"),
    ("embedders", "JINA", "https://api.example.com", "/v1/embeddings"),
    ("embedders", "JINA", "https://api.example.com/v1", "/embeddings"),
    ("embedders", "GEMINI", "https://api.example.com/v1beta/openai", "/embeddings"),
    ("rerankers", "TEI", "https://tei.example.com", "/rerank"),
    ("rerankers", "COHERE", "https://api.example.com", "/v2/rerank"),
    ("rerankers", "JINA", "https://api.example.com", "/v1/rerank"),
    ("rerankers", "JINA", "https://api.example.com/v1", "/rerank"),
    ("llms", "OLLAMA", "https://api.example.com/v1", "/chat/completions"),
    ("llms", "DASHSCOPE", "https://api.example.com/v1", "/chat/completions"),
]


def test_the_path_is_the_providers(admin: Caller) -> None:
    for number, (kind, provider, address, path) in enumerate(PATHS):
        row = made(admin, kind, providerType=provider, endpointUrl=address, displayName=f"N {number}")
        assert (row["endpointUrl"], row["apiPath"]) == (address, path), (kind, provider)


def test_the_system_default_comes_first_and_stays(world: Any, alice: Caller, admin: Caller) -> None:
    make_embedder(world.account)
    found = told(alice.get("embedders"))["embedders"]
    default = Embedder.default_of(world.account)
    assert found[0]["embedderId"] == str(default.pk)
    assert (found[0]["providerType"], found[0]["endpointUrl"]) == (
        "TEI",
        f"http://localhost/builtin/{default.builtin}",
    )
    at = f"embedders/{default.pk}"
    assert refused(admin.put(at, {"modelIdentifier": "x"}))[0] == 409
    assert refused(admin.delete(at))[0] == 409
    assert told(admin.put(at, {"mergeLabels": {"kept": "yes"}}))["labels"] == {"kept": "yes"}


def test_an_embedder_in_use_keeps_its_model_and_is_not_deleted(world: Any, alice: Caller, admin: Caller) -> None:
    row = made(admin, "embedders")
    at = f"embedders/{row['embedderId']}"
    told(admin.put(at, {"dimensionality": 1024}))
    told(alice.post("spaces", {"name": "S", "spaceEmbedders": [{"embedderId": row["embedderId"]}]}), 201)
    for change in ({"dimensionality": 8}, {"endpointUrl": "https://else.example.com"}, {"modelIdentifier": "x"}):
        assert refused(admin.put(at, change))[0] == 412
    told(admin.put(at, {"dimensionality": 1024, "displayName": "Renamed", "credentials": CREDENTIALS}))
    scheme, _, rest = row["endpointUrl"].partition("://")
    host, slash, path = rest.partition("/")
    for spelled in (f"{row['endpointUrl']}/", f"{scheme}://{host.upper()}:443{slash}{path}"):  # the same server
        same = told(admin.put(at, {"endpointUrl": spelled}))
        assert same["endpointUrl"] == row["endpointUrl"]
    assert told(admin.get(f"{at}?includeCredentials=true"))["credentials"]["apiKey"]["inlineSecret"]
    assert refused(admin.delete(at)) == (409, "Spaces use this embedder.")


def test_a_reranker_in_use_is_not_deleted(world: Any, admin: Caller) -> None:
    pk = made(admin, "rerankers")["rerankerId"]
    by, row = Actor.system(world.account), Reranker.objects.get(pk=pk)
    MemorySettings.of(world.space()).change(by, reranker=row)
    assert refused(admin.delete(f"rerankers/{pk}")) == (409, "Spaces use this reranker.")


def test_a_key_is_forgotten_when_the_server_changes(admin: Caller) -> None:
    row = made(admin, "embedders", credentials=CREDENTIALS)
    at = f"embedders/{row['embedderId']}"
    told(admin.put(at, {"endpointUrl": "https://else.example.com/v1"}))
    assert told(admin.get(f"{at}?includeCredentials=true"))["credentials"] is None


def test_lists_are_filtered(world: Any, alice: Caller, admin: Caller) -> None:
    one = made(alice, "embedders", labels={"tier": "a", "env": "dev"})
    two = made(admin, "embedders", providerType="OPENAI", labels={"tier": "b"})
    for query, found in [
        (f"ownerId={world.alice.pk}", [one]),
        (f"owner_id={world.mallory.pk}", []),
        ("providerType=OPENAI", [two]),
        ("provider_type=VLLM", [one]),
        ("label.tier=a", [one]),
        ("label%5Btier%5D=a&label%5Benv%5D=dev", [one]),
        ("label.tier=a&label.env=prod", []),
    ]:
        assert told(alice.get(f"embedders?{query}"))["embedders"] == found, query
    assert blamed(alice.get("embedders?providerType=X")) == ["providerType"]
    assert blamed(alice.get("embedders?ownerId=X")) == ["ownerId"]


def test_a_language_model_says_what_it_can_do(admin: Caller) -> None:
    sampling = {"temperature": "0.5", "maxTokens": 99, "topP": 0.9}
    answer = told(admin.post("llms", {**BODY, "defaultSamplingParams": sampling}), 201)
    assert [status["code"] for status in answer["statuses"]] == ["LLM_CAPABILITY_INFERRED"]
    assert set(answer["llm"]["capabilities"]) == {
        "supportsChat", "supportsCompletion", "supportsFunctionCalling", "supportsSystemMessages", "supportsStreaming",
        "supportsSamplingParameters",
    }  # fmt: skip
    row = LanguageModel.objects.get(pk=answer["llm"]["llmId"])
    assert (row.temperature, row.max_tokens) == (0.5, 99)
    assert answer["llm"]["defaultSamplingParams"] == {"topP": 0.9, "temperature": 0.5, "maxTokens": 99}
    given = {"displayName": "B", "capabilities": {"supportsChat": True, "supportsStreaming": False}}
    second = told(admin.post("llms", {**BODY, **given}), 201)
    assert second["statuses"] is None
    assert second["llm"]["capabilities"]["supportsStreaming"] is False
    assert second["llm"]["defaultSamplingParams"] is None
    at = f"llms/{second['llm']['llmId']}"
    changed = told(admin.put(at, {"maxContextLength": "32768", "clientConfig": {"a": {"b": 1}}}))
    assert (changed["maxContextLength"], changed["clientConfig"]) == (32768, {"a": {"b": 1}})
    assert blamed(admin.put(at, {"defaultSamplingParams": {"temperature": 3}})) == ["defaultSamplingParams.temperature"]
    assert blamed(admin.put(at, {"maxContextLength": 5})) == ["maxContextLength"]


@EACH
def test_an_id_that_is_no_uuid_is_refused(admin: Caller, kind: str) -> None:
    for pk in ("x", MISSING[:-1]):
        answer = admin.get(f"{kind}/{pk}")
        assert answer.json()["errors"][0]["message"].endswith("ID format")
        assert answer.status_code == 400
    assert refused(admin.get(f"{kind}/{MISSING}"))[0] == 404


def test_kinds_have_their_own_providers(admin: Caller) -> None:
    assert blamed(admin.post("rerankers", {**BODY, "providerType": "OPENAI"})) == ["providerType"]
    assert blamed(admin.post("llms", {**BODY, "providerType": "TEI"})) == ["providerType"]
    assert refused(admin.post("rerankers", {**BODY, "dimensionality": 5}))[0] == 400
