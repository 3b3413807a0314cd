"""API keys: whose they are, what they may, shown once and ended at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from spaces.models import ApiKey, AuditEntry
from tests.factories import make_key, make_space
from tests.pages.world import World

SECRET = re.compile(r'id="secret">([^<]+)<')


def once(page: Any) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def new_key(client: Client, **fields: Any) -> Any:
    page = client.get(reverse("api_key_create"))
    data = {"name": "Nightly", "expires": "90", "scopes": ["read"], "reach": "all", "once": once(page), **fields}
    return client.post(reverse("api_key_create"), data)


def entries(obj: Any, operation: str) -> int:
    return AuditEntry.objects.filter(object_id=obj.pk, operation=operation).count()


def test_members_see_their_own_keys_and_administrators_all(world: World) -> None:
    alices, _ = make_key(world.alice, name="Key of alice")
    make_key(world.bob, name="Key of bob")
    listed = world.client(world.bob).get(reverse("api_key_list")).content.decode()
    assert "Key of bob" in listed
    assert "Key of alice" not in listed
    assert world.client(world.bob).get(reverse("api_key_detail", args=[alices.pk])).status_code == 404
    assert world.client(world.bob).post(reverse("api_key_revoke", args=[alices.pk])).status_code == 404
    everything = world.client(world.admin).get(reverse("api_key_list")).content.decode()
    assert "Key of alice" in everything
    mine = world.client(world.admin).get(reverse("api_key_list") + "?view=mine").content.decode()
    assert "Key of alice" not in mine


def test_a_secret_is_shown_once_and_works_until_revoked(world: World) -> None:
    client = world.client(world.alice)
    page = client.get(reverse("api_key_create"))
    data = {"name": "Nightly", "expires": "never", "scopes": ["read"], "reach": "all", "once": once(page)}
    made = client.post(reverse("api_key_create"), data)
    assert made.status_code == 201
    assert "no-store" in made["Cache-Control"]
    secret = SECRET.search(made.content.decode())[1]  # type: ignore[index]
    key = ApiKey.objects.authenticate(secret)
    assert key is not None
    assert key.user == world.alice
    assert entries(key, "api_key.create") == 1

    again = client.post(reverse("api_key_create"), data, follow=True)
    assert "was made already" in again.content.decode()
    assert secret not in again.content.decode()
    assert ApiKey.objects.filter(user=world.alice).count() == 1
    assert secret not in str(dict(client.session))
    for name in ("api_key_list", "audit_list"):
        assert secret not in client.get(f"/{name}").content.decode()
    assert secret not in client.get(reverse("api_key_detail", args=[key.pk])).content.decode()

    assert client.get(reverse("api_key_revoke_confirm", args=[key.pk])).status_code == 200
    assert client.post(reverse("api_key_revoke", args=[key.pk])).status_code == 302
    client.post(reverse("api_key_revoke", args=[key.pk]))
    assert ApiKey.objects.authenticate(secret) is None
    assert entries(key, "api_key.revoke") == 1


@pytest.mark.parametrize(
    ("who", "scopes", "status"),
    [
        ("alice", ["read", "write"], 201),
        ("alice", ["act_as"], 422),
        ("alice", ["read", "admin"], 422),
        ("ann", ["read"], 201),
        ("ann", ["write"], 422),
        ("admin", ["read", "write", "act_as", "admin"], 201),
        ("admin", ["root"], 422),
        ("admin", [], 422),
    ],
)
def test_nobody_gives_scopes_beyond_his_own(world: World, who: str, scopes: list[str], status: int) -> None:
    user = getattr(world, who)
    answer = new_key(world.client(user), scopes=scopes)
    assert answer.status_code == status
    assert ApiKey.objects.filter(user=user).count() == (status == 201)


def test_a_key_is_limited_to_the_chosen_spaces(world: World) -> None:
    client = world.client(world.alice)
    hidden = make_space(world.account, world.bob, name="Of bob")
    strangers = make_space(world.mallory.account, world.mallory, name="Of mallory")
    answer = new_key(client, reach="chosen", spaces=[str(world.space.pk)])
    assert answer.status_code == 201
    key = ApiKey.objects.get(user=world.alice)
    assert key.is_limited
    assert [each.space for each in key.spaces.all()] == [world.space]
    for other in (hidden, strangers):
        refused = new_key(client, reach="chosen", spaces=[str(world.space.pk), str(other.pk)])
        assert refused.status_code == 422
        assert other.name not in refused.content.decode()
    assert new_key(client, reach="chosen").status_code == 422
    assert ApiKey.objects.filter(user=world.alice).count() == 1


def test_finding_spaces_keeps_what_was_typed_and_makes_nothing(world: World) -> None:
    make_space(world.account, world.alice, name="Returns desk")
    make_space(world.mallory.account, world.mallory, name="Returns of mallory")
    client = world.client(world.alice)
    data = {
        "name": "Half typed",
        "once": once(client.get(reverse("api_key_create"))),
        "reach": "chosen",
        "spaces": [str(world.space.pk)],
        "find": "retur",
    }
    page = client.post(reverse("api_key_spaces"), data)
    html = page.content.decode()
    assert page.status_code == 200
    assert "Half typed" in html
    assert f'value="{world.space.pk}" checked' in html
    assert "Returns desk" in html
    assert "Returns of mallory" not in html
    part = client.post(reverse("api_key_spaces"), data, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="key-spaces"')
    assert not ApiKey.objects.exists()


def test_expiry_by_date_counts_the_whole_day(world: World) -> None:
    client = world.client(world.alice)
    today = timezone.localdate().isoformat()
    assert new_key(client, expires="date", expires_on=today).status_code == 201
    key = ApiKey.objects.get(user=world.alice)
    assert key.state == "active"
    assert key.is_expiring
    assert new_key(client, expires="date", expires_on="2001-01-01").status_code == 422
    assert new_key(client, expires="date", expires_on="").status_code == 422


@pytest.mark.parametrize("name", ["", "nul\x00", "x" * 256, "two\nlines"])
def test_a_bad_name_keeps_what_was_typed(world: World, name: str) -> None:
    answer = new_key(world.client(world.alice), name=name, scopes=["read", "write"])
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="write" checked' in html
    if name == "x" * 256:
        assert name in html
    assert not ApiKey.objects.exists()


def test_a_form_of_somebody_else_makes_no_key(world: World) -> None:
    note = once(world.client(world.bob).get(reverse("api_key_create")))
    for forged in (note, "", "nonsense", note + "x"):
        assert new_key(world.client(world.alice), once=forged).status_code == 422
    assert not ApiKey.objects.exists()


def test_where_an_administrator_sat_is_not_told_to_members(world: World) -> None:
    key, _ = make_key(world.alice)
    world.client(world.admin).post(reverse("api_key_revoke", args=[key.pk]), REMOTE_ADDR="203.0.113.9")
    url = reverse("api_key_detail", args=[key.pk])
    assert "203.0.113.9" in world.client(world.admin).get(url).content.decode()
    own = world.client(world.alice).get(url).content.decode()
    assert "203.0.113.9" not in own
    assert "revoked" in own
