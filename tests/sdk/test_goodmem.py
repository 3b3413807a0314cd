"""Both of GoodMem's Python clients, unmodified, against a live server: spaces, models, keys, people, errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

# The older client leaves its connection pools behind, and says of itself that it is deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::DeprecationWarning"
)
MISSING = "00000000-0000-7000-8000-000000000000"
REMOTE = {"display_name": "Ours", "endpoint_url": "https://models.example.com/v1", "model_identifier": "m"}


@pytest.fixture
def world(live: str) -> Any:
    from tests.api.world import make_world

    made = make_world()
    made.live = live
    return made


@contextmanager
def newer(world: Any, user: Any, path: str = "") -> Iterator[Any]:
    """``goodmem``, with every scope that this user's key may have."""
    from goodmem import Goodmem

    from spaces.models.api_keys import Scope
    from tests.factories import make_key

    with Goodmem(base_url=f"{world.live}{path}", api_key=make_key(user, tuple(Scope))[1]) as client:
        yield client


@contextmanager
def older(world: Any, user: Any) -> Iterator[Any]:
    """``goodmem_client``: its modules of operations by name."""
    import goodmem_client
    from goodmem_client import api

    from spaces.models.api_keys import Scope
    from tests.factories import make_key

    token = make_key(user, tuple(Scope))[1]
    configuration = goodmem_client.Configuration(host=world.live)
    configuration.api_key["ApiKeyAuth"] = token
    with goodmem_client.ApiClient(configuration) as client:
        client.default_headers["x-api-key"] = token
        yield lambda name: getattr(api, name)(client)


# ---------------------------------------------------------------- the newer client


def test_the_newer_client_begins_as_its_quick_start_says(world: Any) -> None:
    from goodmem import Goodmem

    with Goodmem(base_url=world.live) as nobody:
        assert nobody.system.info().version.startswith("spaces-v")
        assert nobody.system.init().already_initialized is True
    with newer(world, world.alice, "/goodmem") as client:
        embedder = client.embedders.list()[0]
        space = client.spaces.create(name="First", space_embedders=[{"embedder_id": embedder.embedder_id}])
        assert client.spaces.get(id=space.space_id).default_chunking_config.recursive.chunk_size == 512
        assert space.space_embedders[0].default_retrieval_weight == 1.0
        client.spaces.delete(id=space.space_id)


@pytest.mark.thorough
def test_the_newer_client_keeps_spaces(world: Any) -> None:
    from spaces.models import Space

    with newer(world, world.alice) as client:
        own = [{"embedder_id": client.embedders.list()[0].embedder_id, "default_retrieval_weight": 0.5}]
        made = [
            client.spaces.create(name=f"Res {number}", space_embedders=own, labels={"env": "prod", "n": str(number)})
            for number in range(5)
        ]
        found = client.spaces.list(name_filter="res*", page_size=2, sort_by="name", sort_order="ASCENDING",
                                   label={"env": "prod"}, owner_id=str(world.alice.pk))  # fmt: skip
        assert [space.space_id for space in found] == [space.space_id for space in made]
        assert [space.name for space in client.spaces.list(label={"n": "3", "env": "prod"})] == ["Res 3"]
        one = made[0].space_id
        changed = client.spaces.update(id=one, request={"name": "New", "merge_labels": {"x": "y"}})
        assert (changed.name, changed.labels) == ("New", {"env": "prod", "n": "0", "x": "y"})
        sentence = {"sentence": {"max_chunk_size": 900, "min_chunk_size": 90, "length_measurement": "CHARACTER_COUNT"}}
        other = client.spaces.create(name="S", space_embedders=own, default_chunking_config=sentence, space_id=MISSING)
        assert (other.space_id, other.default_chunking_config.sentence.max_chunk_size) == (MISSING, 900)
        given = client.spaces.transfer_ownership(id=one, request={"new_owner_id": str(world.bob.pk)})
        assert given.space.owner_id == str(world.bob.pk)
        assert client.spaces.delete(id=MISSING) is None
    assert Space.objects.get(pk=one).owner_id == world.bob.pk
    assert not Space.objects.filter(pk=MISSING).exists()


@pytest.mark.thorough
def test_the_newer_client_is_told_what_is_wrong(world: Any) -> None:
    import goodmem
    from goodmem import Goodmem
    from goodmem.errors import APIError, InternalServerError

    with newer(world, world.alice) as client:
        own = [{"embedder_id": client.embedders.list()[0].embedder_id}]
        client.spaces.create(name="Taken", space_embedders=own)
        with pytest.raises(goodmem.ConflictError, match="already exists"):
            client.spaces.create(name="Taken", space_embedders=own)
        with pytest.raises(goodmem.NotFoundError, match="Embedder not found"):
            client.spaces.create(name="S", space_embedders=[{"embedder_id": MISSING}])
        with pytest.raises(goodmem.BadRequestError, match="name"):
            client.spaces.create(name="", space_embedders=own)
        with pytest.raises(goodmem.PermissionDeniedError):
            client.spaces.create(name="B", space_embedders=own, owner_id=str(world.bob.pk))
        with pytest.raises(goodmem.NotFoundError):
            client.spaces.get(id=MISSING)
        with pytest.raises(goodmem.BadRequestError, match="Invalid pagination token"):
            list(client.spaces.list(next_token="nonsense"))
        for pk in ("..", "nonsense", f"{world.account.default_space.pk}%2Fmemories"):
            with pytest.raises(APIError):
                client.spaces.delete(id=pk)
        with pytest.raises(InternalServerError, match="not implemented"):
            client.ocr.document(content="AAEC")
    for key in (None, "gm_abcdefghijklmnopqrstuvwxyz"):
        with Goodmem(base_url=world.live, api_key=key) as nobody, pytest.raises(goodmem.AuthenticationError):
            list(nobody.spaces.list())


@pytest.mark.thorough
def test_the_newer_client_keeps_models(world: Any) -> None:
    import goodmem

    with newer(world, world.admin) as client:
        known = client.embedders.create(
            display_name="OpenAI", model_identifier="text-embedding-3-small", api_key="sk-x"
        )
        assert (known.provider_type, known.dimensionality, known.credentials) == ("OPENAI", 1536, None)
        shown = client.embedders.get(id=known.embedder_id, include_credentials=True)
        assert shown.credentials.api_key.inline_secret == "sk-x"
        assert client.embedders.list(provider_type="OPENAI", owner_id=str(world.admin.pk)) == [known]
        changed = client.embedders.update(
            id=known.embedder_id, request={"display_name": "New", "merge_labels": {"a": "b"}}
        )
        assert (changed.display_name, changed.labels) == ("New", {"a": "b"})
        space = client.spaces.create(name="S", space_embedders=[{"embedder_id": known.embedder_id}])
        with pytest.raises(goodmem.ConflictError):
            client.embedders.delete(id=known.embedder_id)
        client.spaces.delete(id=space.space_id)
        client.embedders.delete(id=known.embedder_id)
        reranker = client.rerankers.create(**REMOTE, provider_type="TEI")
        assert [each.reranker_id for each in client.rerankers.list()] == [reranker.reranker_id]
        made = client.llms.create(**REMOTE, provider_type="VLLM", default_sampling_params={"temperature": 0.5})
        assert made.statuses[0].code == "LLM_CAPABILITY_INFERRED"
        assert client.llms.get(id=made.llm.llm_id).default_sampling_params.temperature == 0.5
        assert client.llms.list() == [client.llms.get(id=made.llm.llm_id)]
        client.rerankers.delete(id=reranker.reranker_id)
        client.llms.delete(id=made.llm.llm_id)


@pytest.mark.thorough
def test_the_newer_client_keeps_keys_and_knows_people(world: Any) -> None:
    from goodmem import AuthenticationError, Goodmem

    with newer(world, world.alice) as client:
        made = client.apikeys.create(labels={"env": "dev"})
        key = made.api_key_metadata
        with Goodmem(base_url=world.live, api_key=made.raw_api_key) as other:
            assert other.users.me().username == "alice"
            assert key.api_key_id in [each.api_key_id for each in client.apikeys.list(max_results=1)]
            changed = client.apikeys.update(id=key.api_key_id, request={"replace_labels": {"a": "b"}})
            assert (changed.labels, changed.lifecycle_state) == ({"a": "b"}, "USABLE")
            client.apikeys.delete(id=key.api_key_id)
            assert client.apikeys.get(id=key.api_key_id).lifecycle_state == "REVOKED"
            with pytest.raises(AuthenticationError):
                other.users.me()
        assert client.users.get(id=str(world.bob.pk)).display_name == "bob"
        assert client.users.get_by_username(username="bob").user_id == str(world.bob.pk)
        assert client.instance.get().instance_id == str(world.account.pk)


@pytest.mark.thorough
def test_the_newer_client_pings(world: Any) -> None:
    with newer(world, world.alice) as client:
        pk = next(each.embedder_id for each in client.embedders.list() if each.endpoint_url.endswith("/hashing"))
        assert client.ping.once(target_id=pk, target_type_hint="EMBEDDER").ok is True
        with client.ping.stream(target_id=pk, count=2, interval_ms=1) as stream:
            events = list(stream)
        assert [event.result.seq for event in events[:2]] == [1, 2]
        assert events[2].summary.ok == 2


# ---------------------------------------------------------------- the older client


@pytest.mark.thorough
def test_the_older_client_keeps_spaces(world: Any) -> None:
    from goodmem_client import exceptions, models

    with older(world, world.alice) as api:
        spaces, embedder = api("SpacesApi"), api("EmbeddersApi").list_embedders().embedders[0]
        own = [models.SpaceEmbedderConfig(embedder_id=embedder.embedder_id, default_retrieval_weight=1.0)]
        cut = {"chunkSize": 256, "chunkOverlap": 25, "keepStrategy": "KEEP_END", "lengthMeasurement": "CHARACTER_COUNT"}
        plan = models.ChunkingConfiguration.from_dict({"recursive": cut})
        made = [
            spaces.create_space(models.SpaceCreationRequest(
                name=f"Res {number}", labels={"env": "prod"}, space_embedders=own, public_read=number == 0,
                default_chunking_config=plan))
            for number in range(3)
        ]  # fmt: skip
        assert [space.public_read for space in made] == [True, False, False]
        page = spaces.list_spaces(name_filter="Res*", max_results=2, sort_by="name", sort_order="ASCENDING")
        rest = spaces.list_spaces(name_filter="Res*", max_results=2, sort_by="name", sort_order="ASCENDING",
                                  next_token=page.next_token)  # fmt: skip
        assert [space.name for space in page.spaces + rest.spaces] == ["Res 0", "Res 1", "Res 2"]
        assert rest.next_token is None
        assert len(spaces.list_spaces(label={"env": "prod"}).spaces) == 3
        one = made[0].space_id
        assert spaces.get_space(one).default_chunking_config.to_dict()["recursive"]["chunkSize"] == 256
        wish = models.UpdateSpaceRequest(name="New", public_read=False, replace_labels={"a": "b"})
        changed = spaces.update_space(one, wish)
        assert (changed.name, changed.public_read, changed.labels) == ("New", False, {"a": "b"})
        with pytest.raises(exceptions.ConflictException):
            spaces.update_space(one, models.UpdateSpaceRequest(name="Res 1"))
        assert spaces.delete_space(one) is None
        with pytest.raises(exceptions.NotFoundException, match="Space not found"):
            spaces.get_space(one)
        with pytest.raises(exceptions.ApiException):
            spaces.delete_space(f"../spaces/{made[1].space_id}")
        assert spaces.get_space(made[1].space_id).name == "Res 1"


@pytest.mark.thorough
def test_the_older_client_keeps_models_keys_and_people(world: Any) -> None:
    from goodmem_client import exceptions, models

    with older(world, world.admin) as api:
        assert api("SystemApi").get_system_info().dirty is False
        assert api("SystemApi").initialize_system().already_initialized is True
        embedders = api("EmbeddersApi")
        wish = models.EmbedderCreationRequest(
            **REMOTE, provider_type="VLLM", dimensionality=8, distribution_type="DENSE"
        )
        made = embedders.create_embedder(wish)
        assert embedders.get_embedder(made.embedder_id) == made
        with pytest.raises(exceptions.ConflictException):
            embedders.create_embedder(wish)
        embedders.delete_embedder(made.embedder_id)
        assert api("RerankersApi").list_rerankers().rerankers == []
        llm = api("LLMsApi").create_llm(models.LLMCreationRequest(**REMOTE, provider_type="VLLM"))
        assert llm.llm.capabilities.supports_chat is True
        keys = api("APIKeysApi")
        key = keys.create_api_key(models.CreateApiKeyRequest(labels={"a": "b"})).api_key_metadata
        assert key.status == "ACTIVE"
        ended = keys.update_api_key(key.api_key_id, models.UpdateApiKeyRequest(status="INACTIVE"))
        assert ended.status == "INACTIVE"
        assert key.api_key_id in [each.api_key_id for each in keys.list_api_keys().keys]
        assert api("UsersApi").get_current_user().user_id == str(world.admin.pk)
        with pytest.raises(exceptions.NotFoundException):
            api("UsersApi").get_user_by_email("nobody@example.com")
