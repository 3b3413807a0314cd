"""/v1/spaces: create, read, change, delete, hand over."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from memories.models import Embedder, MemorySettings, SpaceEmbedder
from spaces.actors import Actor
from spaces.models import AuditEntry, Space
from spaces.models.api_keys import Scope
from tests.api.world import CLIENT
from tests.factories import make_embedder, make_space, make_user

from .caller import Caller, blamed, caller, refused, told

MISSING = "00000000-0000-7000-8000-000000000000"
RECURSIVE = {
    "chunkSize": 512,
    "chunkOverlap": 64,
    "separators": [],
    "keepStrategy": "KEEP_END",
    "separatorIsRegex": False,
    "lengthMeasurement": "CHARACTER_COUNT",
}


def made(who: Caller, **body: Any) -> Any:
    return told(who.post("spaces", {"name": "S", **body}), 201)


def test_the_least_one_can_say(world: Any, alice: Caller) -> None:
    space = made(alice, name="Research")
    default = Embedder.default_of(world.account)
    link = space["spaceEmbedders"][0]
    assert space == {
        "spaceId": space["spaceId"],
        "name": "Research",
        "labels": {},
        "spaceEmbedders": [link],
        "ownerId": str(world.alice.pk),
        "createdAt": space["createdAt"],
        "updatedAt": space["createdAt"],
        "createdById": str(world.alice.pk),
        "updatedById": str(world.alice.pk),
        "publicRead": False,
        "defaultChunkingConfig": {"none": None, "recursive": RECURSIVE, "sentence": None},
    }
    assert type(space["createdAt"]) is int
    assert link["embedderId"] == str(default.pk)
    assert link["defaultRetrievalWeight"] == 1.0
    assert set(link) == {"spaceId", "embedderId", "defaultRetrievalWeight", "createdAt", "updatedAt", "createdById",
                         "updatedById"}  # fmt: skip
    assert told(alice.get(f"spaces/{space['spaceId']}")) == space
    stored = Space.objects.get(pk=space["spaceId"])
    assert (stored.account, stored.owner, stored.name) == (world.account, world.alice, "Research")
    operations = AuditEntry.objects.filter(account=world.account, actor_id=world.alice.pk)
    assert list(operations.filter(object_id=stored.pk).values_list("operation", flat=True)) == ["space.create"]


def test_the_vendors_own_example_with_texts_for_numbers(world: Any, alice: Caller) -> None:
    pk = "a867b266-2f63-485c-897d-3494669db253"
    make_embedder(world.account, id=pk)
    body = rb"""{
    "name": "My Research Space",
    "spaceEmbedders": [{"embedderId": "a867b266-2f63-485c-897d-3494669db253", "defaultRetrievalWeight": "1.0"}],
    "publicRead": "false",
    "labels": {"category": "research", "project": "ai-embeddings"},
    "defaultChunkingConfig": {"recursive": {"chunkSize": "1000", "chunkOverlap": "200",
      "separators": ["\\n\\n", "\\n", ".", " "], "keepStrategy": "KEEP_END", "separatorIsRegex": "false",
      "lengthMeasurement": "CHARACTER_COUNT"}}}"""
    space = told(alice.post("spaces", body), 201)
    assert space["spaceEmbedders"][0]["embedderId"] == pk
    assert space["spaceEmbedders"][0]["defaultRetrievalWeight"] == 1.0
    assert space["publicRead"] is False
    assert space["labels"] == {"category": "research", "project": "ai-embeddings"}
    recursive = space["defaultChunkingConfig"]["recursive"]
    assert (recursive["chunkSize"], recursive["chunkOverlap"]) == (1000, 200)
    assert recursive["separators"] == ["\\n\\n", "\\n", ".", " "]
    assert recursive["separatorIsRegex"] is False


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"none": {}}, {"none": {}, "recursive": None, "sentence": None}),
        (
            {"sentence": {"maxChunkSize": 900, "minChunkSize": 90}},
            {
                "none": None,
                "recursive": None,
                "sentence": {
                    "maxChunkSize": 900,
                    "minChunkSize": 90,
                    "enableLanguageDetection": False,
                    "lengthMeasurement": "CHARACTER_COUNT",
                },
            },
        ),
        (
            {"none": None, "recursive": {"chunkSize": 100, "chunkOverlap": 0}, "sentence": None},
            {"none": None, "recursive": {**RECURSIVE, "chunkSize": 100, "chunkOverlap": 0}, "sentence": None},
        ),
    ],
)
def test_chunking_in_its_three_forms(alice: Caller, given: Any, kept: Any) -> None:
    space = made(alice, defaultChunkingConfig=given)
    assert space["defaultChunkingConfig"] == kept
    assert MemorySettings.objects.get(space=space["spaceId"]).chunking == kept


WRONG: list[Any] = [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": 7}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"labels": {str(number): "x" for number in range(21)}}, "labels"),
        ({"labels": {"a": 1}}, "labels"),
        ({"labels": "{}"}, "labels"),
        ({"publicRead": "yes"}, "publicRead"),
        ({"spaceId": "not-one"}, "spaceId"),
        ({"ownerId": 7}, "ownerId"),
        ({"spaceEmbedders": {}}, "spaceEmbedders"),
        ({"spaceEmbedders": [{}]}, "spaceEmbedders[0].embedderId"),
        ({"spaceEmbedders": [{"embedderId": "bad"}]}, "spaceEmbedders[0].embedderId"),
        ({"spaceEmbedders": [{"embedderId": MISSING}] * 2}, "spaceEmbedders[1].embedderId"),
        ({"spaceEmbedders": [{"embedderId": MISSING, "defaultRetrievalWeight": -1}]},
         "spaceEmbedders[0].defaultRetrievalWeight"),
        ({"spaceEmbedders": [{"embedderId": MISSING, "defaultRetrievalWeight": "1e999"}]},
         "spaceEmbedders[0].defaultRetrievalWeight"),
        ({"spaceEmbedders": [{"embedderId": MISSING, "defaultRetrievalWeight": 1_000_001}]},
         "spaceEmbedders[0].defaultRetrievalWeight"),
        ({"spaceEmbedders": [{"embedderId": str(uuid4())} for _ in range(9)]}, "spaceEmbedders"),
        ({"defaultChunkingConfig": {}}, "defaultChunkingConfig"),
        ({"defaultChunkingConfig": []}, "defaultChunkingConfig"),
        ({"defaultChunkingConfig": {"none": {}, "sentence": {"maxChunkSize": 9, "minChunkSize": 1}}},
         "defaultChunkingConfig"),
        ({"defaultChunkingConfig": {"recursive": {"chunkSize": 0, "chunkOverlap": 0}}},
         "defaultChunkingConfig.recursive.chunkSize"),
        ({"defaultChunkingConfig": {"recursive": {"chunkSize": 9, "chunkOverlap": 9}}},
         "defaultChunkingConfig.recursive.chunkOverlap"),
        ({"defaultChunkingConfig": {"recursive": {"chunkSize": 9, "chunkOverlap": 1, "separatorIsRegex": True,
                                                  "separators": ["(a"]}}},
         "defaultChunkingConfig.recursive.separators[0]"),
    ]  # fmt: skip


def test_what_cannot_be_is_refused_and_names_the_field(alice: Caller) -> None:
    before = Space.objects.count()
    for body, field in WRONG:
        assert blamed(alice.post("spaces", {"name": "S", **body})) == [field], body
    assert Space.objects.count() == before
    assert not SpaceEmbedder.objects.exists()


def test_a_name_of_spaces_alone_is_none(alice: Caller) -> None:
    space = made(alice)
    for answer in (alice.post("spaces", {"name": " \u2003 "}), alice.put(f"spaces/{space['spaceId']}", {"name": "  "})):
        assert blamed(answer) == ["name"]
        assert answer.json()["errors"][0]["message"] == "Space name is required"
    assert told(alice.get(f"spaces/{space['spaceId']}"))["name"] == space["name"]


def test_labels_are_as_long_as_the_vendors(alice: Caller) -> None:
    labels = {"k" * 255: "v" * 255}
    assert made(alice, labels=labels)["labels"] == labels
    assert blamed(alice.post("spaces", {"name": "Long", "labels": {"k" * 256: "v"}})) == ["labels"]


def test_a_way_of_chunking_without_members_says_so(alice: Caller) -> None:
    answer = alice.post("spaces", {"name": "S", "defaultChunkingConfig": {"none": {"chunkSize": 1}}})
    sentence = "defaultChunkingConfig.none.chunkSize is not known; it has no members"
    assert refused(answer) == (400, sentence)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"name": "a", "name": "b"}', b'{"name": "\\u0000"}', b"\xff"])
def test_a_body_that_is_no_object_is_refused(alice: Caller, body: bytes) -> None:
    assert refused(alice.post("spaces", body))[0] == 400


def test_an_unknown_member_is_refused_in_the_vendors_words(alice: Caller) -> None:
    status, sentence = refused(alice.post("spaces", {"name": "S", "colour": "red"}))
    assert status == 400
    assert sentence.startswith('Invalid JSON request body: Unrecognized field "colour"')
    deep = {"name": "S", "spaceEmbedders": [{"embedderId": MISSING, "weight": 1}]}
    assert 'Unrecognized field "weight"' in refused(alice.post("spaces", deep))[1]


def test_embedders_that_are_not_ours_are_not_found(world: Any, alice: Caller) -> None:
    theirs = make_embedder(world.other)
    for pk in (MISSING, str(theirs.pk)):
        assert refused(alice.post("spaces", {"name": "S", "spaceEmbedders": [{"embedderId": pk}]})) == (
            404,
            "Embedder not found",
        )
    assert not Space.objects.filter(name="S").exists()


def test_several_embedders_with_weights(world: Any, alice: Caller) -> None:
    one, two = make_embedder(world.account), make_embedder(world.account)
    given = [{"embedderId": str(one.pk), "defaultRetrievalWeight": 0.5}, {"embedderId": str(two.pk).upper()}]
    links = made(alice, spaceEmbedders=given)["spaceEmbedders"]
    assert [(link["embedderId"], link["defaultRetrievalWeight"]) for link in links] == [
        (str(one.pk), 0.5),
        (str(two.pk), 1.0),
    ]


def test_a_name_is_once_for_each_owner(world: Any, alice: Caller, bob: Caller, mallory: Caller) -> None:
    made(alice, name="Same")
    status, sentence = refused(alice.post("spaces", {"name": "Same"}))
    assert (status, sentence) == (409, "A space with this name already exists")
    made(alice, name="same")
    made(bob, name="Same")
    made(mallory, name="Same")
    other = made(alice, name="Other")["spaceId"]
    assert refused(alice.put(f"spaces/{other}", {"name": "Same"}))[0] == 409
    assert told(alice.put(f"spaces/{other}", {"name": "Other"}))["name"] == "Other"


def test_an_id_of_ones_own_is_once(alice: Caller, mallory: Caller) -> None:
    pk = str(uuid4())
    assert made(alice, spaceId=pk)["spaceId"] == pk
    for who in (alice, mallory):
        assert refused(who.post("spaces", {"name": "T", "spaceId": pk})) == (409, "A space with this ID already exists")


def test_only_administrators_make_spaces_for_others(world: Any, alice: Caller, admin: Caller) -> None:
    bob = str(world.bob.pk)
    assert made(alice, ownerId=str(world.alice.pk))["ownerId"] == str(world.alice.pk)
    assert refused(alice.post("spaces", {"name": "B", "ownerId": bob}))[0] == 403
    space = made(admin, name="B", ownerId=bob)
    assert (space["ownerId"], space["createdById"]) == (bob, str(world.admin.pk))
    assert refused(admin.post("spaces", {"name": "C", "ownerId": str(world.mallory.pk)})) == (404, "Owner not found")


def test_who_may_not_write_makes_nothing(world: Any, anyone: Caller) -> None:
    analyst = caller(make_user(world.account, role="analyst"))
    read_only = caller(world.alice, (Scope.READ,))
    for who, status in ((anyone, 401), (analyst, 403), (read_only, 403)):
        assert refused(who.post("spaces", {"name": "S"}))[0] == status
    assert not Space.objects.filter(name="S").exists()


def test_labels_are_replaced_or_merged_and_never_both(alice: Caller) -> None:
    space = made(alice, labels={"a": "1", "b": "2"})
    at = f"spaces/{space['spaceId']}"
    assert told(alice.put(at, {"mergeLabels": {"b": "3", "c": "4"}}))["labels"] == {"a": "1", "b": "3", "c": "4"}
    assert told(alice.put(at, {"replaceLabels": {"d": "5"}}))["labels"] == {"d": "5"}
    assert blamed(alice.put(at, {"replaceLabels": {}, "mergeLabels": {}})) == ["mergeLabels"]
    many = {str(number): "x" for number in range(20)}
    assert blamed(alice.put(at, {"mergeLabels": many})) == ["labels"]
    assert told(alice.put(at, {"replaceLabels": {}}))["labels"] == {}
    assert told(alice.put(at, {}))["updatedAt"] == told(alice.get(at))["updatedAt"]


def test_an_update_changes_what_it_names(world: Any, alice: Caller) -> None:
    space = made(alice, labels={"a": "1"})
    at = f"spaces/{space['spaceId']}"
    changed = told(alice.put(at, {"name": "New", "publicRead": "true", "defaultChunkingConfig": {"none": {}}}))
    assert changed == {
        **space,
        "name": "New",
        "publicRead": True,
        "updatedAt": changed["updatedAt"],
        "defaultChunkingConfig": {"none": {}, "recursive": None, "sentence": None},
    }
    assert changed["updatedAt"] >= space["updatedAt"]
    assert refused(alice.put(at, {"ownerId": str(world.bob.pk)}))[0] == 400
    assert refused(alice.put(at, {"spaceEmbedders": []}))[0] == 400
    entries = AuditEntry.objects.filter(object_id=space["spaceId"], operation="space.update")
    assert entries.get().changes["name"] == ["S", "New"]


def test_a_new_chunking_alone_is_an_update_of_the_space(alice: Caller) -> None:
    first, second = made(alice, name="First"), made(alice, name="Second")
    changed = told(alice.put(f"spaces/{first['spaceId']}", {"defaultChunkingConfig": {"none": {}}}))
    assert changed["updatedAt"] > first["updatedAt"]
    latest = told(alice.get("spaces?sortBy=updated_time"))["spaces"]
    assert [each["spaceId"] for each in latest] == [first["spaceId"], second["spaceId"]]
    again = told(alice.put(f"spaces/{first['spaceId']}", {"defaultChunkingConfig": {"none": {}}}))
    assert again == changed


def test_a_stranger_sees_nothing_and_a_reader_changes_nothing(world: Any, bob: Caller, mallory: Caller) -> None:
    from spaces.models import SpaceAccess

    space = world.space(name="Mine")
    at = f"spaces/{space.pk}"
    for who in (bob, mallory):
        answers = [who.get(at), who.put(at, {"name": "x"}), who.delete(at), who.get(f"spaces/{MISSING}"),
                   who.post(f"{at}:transferOwnership", {"newOwnerId": str(world.bob.pk)})]  # fmt: skip
        assert {refused(answer) for answer in answers} == {(404, "Space not found")}
    SpaceAccess.grant(space, world.bob, "USE", Actor.system(world.account))
    assert told(bob.get(at))["name"] == "Mine"
    assert [refused(answer)[0] for answer in (bob.put(at, {"name": "x"}), bob.delete(at))] == [403, 403]
    assert Space.objects.get(pk=space.pk).name == "Mine"


def test_a_public_space_is_read_without_a_key(world: Any, anyone: Caller, mallory: Caller) -> None:
    space = world.space(name="Open", public_read=True)
    at = f"spaces/{space.pk}"
    assert told(anyone.get(at)) == told(mallory.get(at))
    assert told(anyone.get(at))["publicRead"] is True
    assert refused(Caller("sk_wrong_key").get(at))[0] == 401
    assert refused(anyone.delete(at))[0] == 401
    assert refused(mallory.delete(at))[0] == 404
    closed = world.space(name="Closed")
    for pk in (closed.pk, MISSING):
        assert refused(anyone.get(f"spaces/{pk}")) == (401, "Not authenticated")
    assert refused(anyone.get("spaces"))[0] == 401
    assert str(space.pk) not in [each["spaceId"] for each in told(mallory.get("spaces"))["spaces"]]


def test_delete_takes_everything_with_it(world: Any, alice: Caller) -> None:
    space = made(alice)
    at = f"spaces/{space['spaceId']}"
    answer = alice.delete(f"{at}?x=1")
    assert (answer.status_code, answer.content) == (204, b"")
    assert not SpaceEmbedder.objects.filter(space=space["spaceId"]).exists()
    assert refused(alice.delete(at)) == (404, "Space not found")


def test_the_default_space_is_read_and_stays_as_it_is(world: Any, alice: Caller, admin: Caller) -> None:
    default = world.account.default_space
    at = f"spaces/{default.pk}"
    assert told(alice.get(at))["name"]
    assert [refused(answer)[0] for answer in (admin.put(at, {"name": "x"}), admin.delete(at))] == [409, 409]
    assert refused(admin.put(at, {"publicRead": True}))[0] == 409
    assert refused(alice.put(at, {"name": "x"}))[0] == 403


def test_ownership_goes_to_another(world: Any, alice: Caller, bob: Caller, admin: Caller) -> None:
    space = made(alice, name="Gift")
    verb = f"spaces/{space['spaceId']}:transferOwnership"
    to_bob = {"newOwnerId": str(world.bob.pk)}
    assert blamed(alice.post(verb, {})) == ["newOwnerId"]
    assert refused(alice.post(verb, {"newOwnerId": str(world.mallory.pk)})) == (404, "Owner not found")
    assert told(alice.post(verb, to_bob))["space"]["ownerId"] == to_bob["newOwnerId"]
    assert refused(alice.post(verb, to_bob))[0] == 404
    told(admin.post(verb, {"newOwnerId": str(world.alice.pk)}))
    made(bob, name="Gift")
    assert refused(alice.post(verb, to_bob))[0] == 409


@pytest.mark.parametrize("pk", ["x", "1", MISSING.replace("-", ""), MISSING[:-1], f"{MISSING}x", "space_abc", "%00"])
def test_an_id_that_is_no_uuid_is_refused(alice: Caller, pk: str) -> None:
    for answer in (alice.get(f"spaces/{pk}"), alice.put(f"spaces/{pk}", {"name": "x"}), alice.delete(f"spaces/{pk}")):
        assert answer.status_code == 400
        assert answer.json()["errors"] == [{"field": "id", "message": "Invalid space ID format"}]


def test_no_part_of_an_id_is_taken_for_a_path(world: Any, alice: Caller) -> None:
    space = world.space()
    for pk in (f"{space.pk}%2F", "..", f"..%2Fspaces%2F{space.pk}", f"{space.pk}:nothing", f"{space.pk}/"):
        assert refused(alice.delete(f"spaces/{pk}"))[0] in (400, 404)
    assert told(alice.get(f"spaces/{str(space.pk).upper()}"))["spaceId"] == str(space.pk)
    for path in (f"spaces/{space.pk}%2Fmemories", f"spaces/{space.pk}%2fmemories"):
        raw = CLIENT.get(f"/v1/{path}", headers={"x-api-key": alice.token}, RAW_URI=f"/v1/{path}?x=%2F")
        assert refused(raw) == (404, "No such route")


def test_other_dialects_may_use_a_name_twice(world: Any, alice: Caller) -> None:
    make_space(world.account, world.alice, name="Twice")
    make_space(world.account, world.alice, name="Twice")
    found = told(alice.get("spaces?nameFilter=Twice"))["spaces"]
    assert len(found) == 2
