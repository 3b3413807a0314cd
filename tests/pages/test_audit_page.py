"""The audit page: who may read it, what it says, its filters and its files."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from spaces.models import AuditEntry
from spaces_project.kit import ids
from tests.factories import actor_of, make_contact, make_group, make_key, make_space
from tests.pages.world import World

pytestmark = pytest.mark.usefixtures("contexts")


def page_of(client: Client, query: str = "") -> str:
    response = client.get(reverse("audit_list") + query)
    assert response.status_code == 200
    return response.content.decode()


def operations(client: Client, query: str = "") -> list[str]:
    return [line.entry.operation for line, _ in client.get(reverse("audit_list") + query).context["lines"]]


@pytest.fixture
def renamed(world: World) -> World:
    world.space.change(actor_of(world.admin), name="Warranty and repairs")
    return world


def test_who_reads_the_audit(renamed: World) -> None:
    for user, status in ((renamed.admin, 200), (renamed.ann, 200), (renamed.alice, 403), (renamed.bob, 403)):
        client = renamed.client(user)
        assert client.get(reverse("audit_list")).status_code == status
        assert client.get(reverse("audit_export", args=["csv"])).status_code == status
    assert Client().get(reverse("audit_list")).status_code == 302
    stranger = renamed.client(renamed.mallory.account.users.get(role="administrator"))
    assert "Warranty" not in page_of(stranger)


def test_it_says_what_happened_in_words(renamed: World) -> None:
    html = page_of(renamed.client(renamed.admin))
    said = " ".join(html.replace("<b>", "").replace("</b>", "").split())
    url = reverse("space_detail", args=[renamed.space.pk])
    assert f'{renamed.admin.username} changed the name of space <a href="{url}">Warranty and repairs</a>' in said
    assert "Warranty claims" in html


def test_keys_and_links_are_revoked_in_words(world: World) -> None:
    key, _ = make_key(world.alice, name="Nightly")
    key.revoke(actor_of(world.admin))
    make_group(world.account, world.bob, name="Support")
    html = " ".join(page_of(world.client(world.admin)).split())
    assert f'revoked API key <a href="{reverse("api_key_detail", args=[key.pk])}">Nightly</a>' in html
    assert "added a member to group" in html
    assert reverse("api_key_detail", args=[key.pk]) not in page_of(world.client(world.ann))


def test_people_are_named_only_where_they_may_be_read(world: World) -> None:
    rosa = make_contact(world.account, world.alice, name="Rosa")
    gone = make_contact(world.account, world.alice, name="Otto")
    gone.remove(actor_of(world.alice))
    world.bob.deactivate(actor_of(world.admin))
    html = " ".join(page_of(world.client(world.ann)).replace("<b>", "").replace("</b>", "").split())
    url = reverse("contact_detail", args=[rosa.pk])
    assert f'alice created contact <a href="{url}">Rosa</a>' in html
    assert "alice deleted a contact<" in html
    assert "Otto" not in html
    assert "deactivated user bob" in html


def test_filters(renamed: World) -> None:
    client = renamed.client(renamed.admin)
    make_contact(renamed.account, renamed.alice, name="Rosa")
    assert operations(client, "?person=alice") == ["contact.create", "space.create"]
    assert operations(client, f"?person={renamed.alice.pk}&operation=contact") == ["contact.create"]
    assert operations(client, "?person=manage.py&operation=account") == ["account.create"]
    assert operations(client, "?person=mallory") == []
    scope = ids.encode(ids.Prefix.SCOPE, renamed.space.pk)
    for spelled in (renamed.space.wire_id, scope, str(renamed.space.pk)):
        assert operations(client, f"?object={spelled}") == ["space.update", "space.create"]
    assert operations(client, "?object=" + str(renamed.space.pk) + "&sort=created") == ["space.create", "space.update"]
    tomorrow = (timezone.now() + timedelta(days=1)).date().isoformat()
    assert operations(client, f"?created_after={tomorrow}") == []
    assert operations(client, f"?operation=space.update&created_before={tomorrow}") == ["space.update"]


@pytest.mark.parametrize(
    "query", ["?object=nonsense", "?person=%00", "?operation=%00", "?created_after=never", "?person=" + "x" * 151]
)
def test_a_filter_that_cannot_be_read_is_said(renamed: World, query: str) -> None:
    client = renamed.client(renamed.admin)
    assert "could not be read" in page_of(client, query)
    assert client.get(reverse("audit_export", args=["csv"]) + query).status_code == 400
    assert client.get(reverse("audit_list") + "?after=nonsense&sort=x").status_code == 200


def test_paging_shows_every_entry_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spaces_project.kit.keyset.keyset_page.__defaults__", (4,))
    for _ in range(11):
        make_space(world.account, world.alice)
    client, seen, url = world.client(world.admin), [], "?operation=space"
    while url:
        context = client.get(reverse("audit_list") + url).context
        seen += [line.entry.pk for line, _ in context["lines"]]
        url = context["page"].older
    assert (
        len(seen)
        == len(set(seen))
        == AuditEntry.objects.filter(account=world.account, operation__startswith="space.").count()
    )


@pytest.mark.thorough
def test_the_page_asks_the_database_the_same_number_of_times(world: World, django_assert_max_num_queries: Any) -> None:
    for _ in range(20):
        make_key(world.alice)
        make_space(world.account, world.alice)
        make_contact(world.account, world.alice)
        make_group(world.account, world.bob)
    client = world.client(world.admin)
    with django_assert_max_num_queries(11):
        page_of(client)


def test_the_file_holds_what_the_page_shows(renamed: World) -> None:
    client = renamed.client(renamed.ann)
    query = f"?object={renamed.space.pk}"
    got = client.get(reverse("audit_export", args=["csv"]) + query)
    rows = list(csv.DictReader(io.StringIO(b"".join(got.streaming_content).decode())))
    assert [row["operation"] for row in rows] == ["space.update", "space.create"]
    assert rows[0]["actor"] == renamed.admin.username
    assert rows[0]["object_id"] == str(renamed.space.pk)
    lines = b"".join(client.get(reverse("audit_export", args=["jsonl"]) + query).streaming_content).splitlines()
    assert json.loads(lines[0])["changes"] == {"name": ["Warranty claims", "Warranty and repairs"]}
    _, secret = make_key(renamed.ann, scopes=["read"])
    with_key = Client().get(reverse("audit_export", args=["csv"]), headers={"Authorization": f"Bearer {secret}"})
    assert with_key.status_code == 200
    b"".join(with_key.streaming_content)
    _, members = make_key(renamed.alice, scopes=["read"])
    refused = Client().get(reverse("audit_export", args=["csv"]), headers={"Authorization": f"Bearer {members}"})
    assert refused.status_code == 403
