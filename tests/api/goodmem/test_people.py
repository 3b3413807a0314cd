"""/v1/apikeys, /v1/users and /v1/instance."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from spaces.models import ApiKey, AuditEntry
from spaces.models.api_keys import Scope
from tests.factories import make_key, make_user

from .caller import Caller, blamed, caller, refused, told

MISSING = "00000000-0000-7000-8000-000000000000"


def soon(hours: int = 1) -> int:
    return int((time.time() + hours * 3600) * 1000)


def made(who: Caller, **body: Any) -> Any:
    return told(who.post("apikeys", body), 201)


def test_a_key_is_made_used_labelled_and_ended(world: Any, alice: Caller) -> None:
    end = soon()
    answer = made(alice, labels={"env": "dev"}, expiresAt=str(end))
    key, raw = answer["apiKeyMetadata"], answer["rawApiKey"]
    assert key["userId"] == key["subjectPrincipalId"] == key["ownerPrincipalId"] == str(world.alice.pk)
    assert (key["status"], key["lifecycleState"], key["expiresAt"]) == ("ACTIVE", "USABLE", end)
    assert raw.startswith(key["keyPrefix"])
    assert raw not in alice.get("apikeys").content.decode()
    own = Caller(raw)
    at = f"apikeys/{key['apiKeyId']}"
    assert told(own.get("users/me"))["userId"] == str(world.alice.pk)
    assert told(alice.put(at, {"mergeLabels": {"a": "1"}}))["labels"] == {"env": "dev", "a": "1"}
    assert told(alice.put(at, {"replaceLabels": {}}))["labels"] == {}
    assert blamed(alice.put(at, {"replaceLabels": {}, "mergeLabels": {}})) == ["mergeLabels"]
    assert told(alice.put(at, {"status": "ACTIVE"}))["status"] == "ACTIVE"
    assert told(alice.put(at, {"status": "INACTIVE"}))["lifecycleState"] == "REVOKED"
    assert refused(own.get("users/me"))[0] == 401
    assert refused(alice.put(at, {"status": "ACTIVE"}))[0] == 412
    operations = AuditEntry.objects.filter(object_id=key["apiKeyId"]).order_by("created_at", "pk")
    assert [each.operation for each in operations] == [
        "api_key.create", "api_key.update", "api_key.update", "api_key.revoke"]  # fmt: skip


def test_a_deleted_key_is_refused_and_stays_on_record(alice: Caller) -> None:
    answer = made(alice)
    at = f"apikeys/{answer['apiKeyMetadata']['apiKeyId']}"
    assert (alice.delete(at).status_code, alice.delete(at).status_code) == (204, 204)
    assert refused(Caller(answer["rawApiKey"]).get("spaces"))[0] == 401
    assert told(alice.get(at))["status"] == "INACTIVE"
    assert "revokedAt" in told(alice.get(at))


def test_a_new_key_can_do_no_more_than_the_one_that_asks(world: Any, admin: Caller) -> None:
    writer = caller(world.alice, (Scope.WRITE,))
    key = ApiKey.objects.get(pk=made(writer)["apiKeyMetadata"]["apiKeyId"])
    assert key.scopes == ["write"]
    key = ApiKey.objects.get(pk=made(admin)["apiKeyMetadata"]["apiKeyId"])
    assert key.scopes == ["read", "write"]
    assert refused(caller(world.alice, (Scope.READ,)).post("apikeys"))[0] == 403
    limited = caller(world.alice, spaces=[world.space()])
    assert refused(limited.post("apikeys"))[0] == 403
    end = timezone.now() + timedelta(hours=1)
    ending = Caller(make_key(world.alice, expires_at=end)[1])
    for wish in ({}, {"expiresAt": soon(9)}):
        assert made(ending, **wish)["apiKeyMetadata"]["expiresAt"] == int(end.timestamp() * 1000)


WRONG: list[Any] = [
    ({"expiresAt": 1}, "expiresAt"),
    ({"expiresAt": "tomorrow"}, "expiresAt"),
    ({"expiresAt": 10**18}, "expiresAt"),
    ({"labels": {str(n): "x" for n in range(21)}}, "labels"),
    ({"apiKeyId": "x"}, "apiKeyId"),
    ({"authorityMode": "SCOPED", "ceiling": [{}]}, "authorityMode"),
    ({"validFrom": 10**14}, "validFrom"),
]


def test_what_cannot_be_is_refused_and_names_the_field(alice: Caller) -> None:
    before = ApiKey.objects.count()
    for body, field in WRONG:
        assert blamed(alice.post("apikeys", body)) == [field], body
    assert ApiKey.objects.count() == before


def test_an_id_of_ones_own_is_once_and_a_subject_is_oneself(world: Any, alice: Caller, mallory: Caller) -> None:
    pk = str(uuid4())
    assert made(alice, apiKeyId=pk, subjectPrincipalId=str(world.alice.pk))["apiKeyMetadata"]["apiKeyId"] == pk
    assert refused(mallory.post("apikeys", {"apiKeyId": pk}))[0] == 409
    assert refused(alice.post("apikeys", {"subjectPrincipalId": str(world.bob.pk)}))[0] == 403


def test_keys_are_seen_by_their_user_and_by_administrators(
    world: Any, alice: Caller, bob: Caller, mallory: Caller, admin: Caller
) -> None:
    key = make_key(world.alice, name="Old")[0]
    at = f"apikeys/{key.pk}"
    for who in (bob, mallory):
        answers = (who.get(at), who.put(at, {}), who.delete(at), who.get(f"apikeys/{MISSING}"))
        assert {refused(each) for each in answers} == {(404, "API key not found")}
    assert told(admin.get(at)) == told(alice.get(at))
    assert {each["userId"] for each in told(alice.get("apikeys"))["keys"]} == {str(world.alice.pk)}
    assert len({each["userId"] for each in told(admin.get("apikeys"))["keys"]}) == 3
    limited = caller(world.alice, spaces=[world.space()])
    assert len(told(limited.get("apikeys"))["keys"]) == 1
    assert admin.delete(at).status_code == 204
    assert told(alice.get(at))["status"] == "INACTIVE"


def test_keys_are_listed_in_pages_and_by_state(world: Any, alice: Caller) -> None:
    ids = [made(alice)["apiKeyMetadata"]["apiKeyId"] for _ in range(3)]
    alice.delete(f"apikeys/{ids[0]}")
    first = told(alice.get("apikeys?maxResults=2&view=FULL"))
    rest = told(alice.get(f"apikeys?max_results=2&view=BASIC&next_token={first['nextToken']}"))
    assert [each["apiKeyId"] for each in first["keys"] + rest["keys"]][:3] == list(reversed(ids))
    assert (len(first["keys"]), len(rest["keys"])) == (2, 2)
    revoked = told(alice.get("apikeys?lifecycleState=REVOKED"))["keys"]
    assert [each["apiKeyId"] for each in revoked] == ids[:1]
    usable = told(alice.get("apikeys?lifecycle_state=USABLE"))["keys"]
    assert {each["apiKeyId"] for each in usable} >= set(ids[1:])
    assert told(alice.get("apikeys?lifecycleState=EXPIRED"))["keys"] == []
    assert told(alice.get(f"apikeys?subjectPrincipalId={world.bob.pk}"))["keys"] == []
    assert blamed(alice.get("apikeys?lifecycleState=GONE")) == ["lifecycleState"]


def test_one_finds_oneself_and_others_without_addresses(world: Any, alice: Caller, admin: Caller) -> None:
    type(world.alice).objects.filter(pk=world.alice.pk).update(email="a+b@example.com", name="Alice A.")
    me = told(alice.get("users/me"))
    assert (me["email"], me["displayName"], me["username"]) == ("a+b@example.com", "Alice A.", "alice")
    assert told(alice.get(f"users/{world.alice.pk}")) == me
    assert told(alice.get("users/email/a%2Bb%40example.com")) == me
    assert told(alice.get("users/username/ALICE")) == me
    assert told(admin.get("users/email/A%2Bb@example.com")) == me
    bob = caller(world.bob)
    assert told(bob.get(f"users/{world.alice.pk}"))["email"] == ""
    assert refused(bob.get("users/email/a%2Bb%40example.com")) == (404, "User not found")
    assert refused(alice.get("users/nobody"))[0] == 400


def test_who_is_elsewhere_or_gone_is_not_found(world: Any, alice: Caller, admin: Caller) -> None:
    carol = make_user(world.account, "carol")
    carol.deactivate(_actor(world))
    for path in (f"users/{world.mallory.pk}", "users/username/mallory", f"users/{MISSING}", f"users/{carol.pk}",
                 f"users/{carol.pk}?includeDeleted=true"):  # fmt: skip
        assert refused(alice.get(path)) == (404, "User not found"), path
    assert refused(admin.get(f"users/{carol.pk}"))[0] == 404
    assert "deletedAt" in told(admin.get(f"users/{carol.pk}?include_deleted=true"))
    limited = caller(world.alice, spaces=[world.space()])
    assert refused(limited.get(f"users/{world.bob.pk}"))[0] == 404
    assert told(limited.get(f"users/{world.alice.pk}"))["username"] == "alice"


def test_users_are_not_changed_here(world: Any, admin: Caller) -> None:
    for method, path in (("PUT", f"users/{world.bob.pk}"), ("DELETE", f"users/{world.bob.pk}"), ("POST", "users"),
                         ("GET", "users")):  # fmt: skip
        assert refused(admin.call(method, path, {}))[0] == 501


def test_an_instance_is_an_account(world: Any, alice: Caller, anyone: Caller) -> None:
    instance = told(alice.get("instance"))
    assert instance["instanceId"] == str(world.account.pk)
    assert instance["ownerId"] == str(world.admin.pk)
    assert refused(anyone.get("instance"))[0] == 401


def _actor(world: Any) -> Any:
    from tests.factories import actor_of

    return actor_of(world.admin)
