"""Contacts: the list and its filters, one contact, deleting one or many."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from spaces.models import AuditEntry, Contact, Space
from spaces_project.kit import ids, limits
from tests.factories import make_contact, make_key, make_space
from tests.pages.world import World

TABS = ["contact_detail", "contact_spaces", "contact_history", "contact_api"]


@pytest.fixture
def rosa(world: World) -> Contact:
    """alice's contact, in her space."""
    contact = make_contact(world.account, world.alice, name="Rosa", email="rosa@example.com", meta={"tier": "gold"})
    world.space.contact = contact
    world.space.save(update_fields=["contact"])
    return contact


def page_of(client: Client, query: str = "") -> str:
    return client.get(reverse("contact_list") + query).content.decode()


def data(**fields: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("name", "email", "phone", "nick", "alias", "description", "preferences"), "")
    return {**empty, "meta": "{}", **fields}


# --------------------------------------------------------------------- list


def test_everybody_sees_his_contacts_and_nobody_elses(world: World, rosa: Contact) -> None:
    make_contact(world.account, world.admin, name="Otto")
    make_contact(world.mallory.account, world.mallory, name="Malvina")
    for user, sees, misses in (
        (world.alice, {"Rosa"}, {"Otto", "Malvina"}),
        (world.bob, set(), {"Rosa", "Otto", "Malvina"}),
        (world.ann, {"Rosa", "Otto"}, {"Malvina"}),
        (world.admin, {"Rosa", "Otto"}, {"Malvina"}),
        (world.mallory, {"Malvina"}, {"Rosa", "Otto"}),
    ):
        html = page_of(world.client(user))
        assert all(name in html for name in sees)
        assert not any(name in html for name in misses)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=ros", {"Rosa"}),
        ("?q=rosa%40example.com", {"Rosa"}),
        ("?email=no", {"Otto"}),
        ("?email=yes", {"Rosa"}),
        ("?verified=yes", {"Otto"}),
        ("?verified=no", {"Rosa"}),
        ("?space=warranty", {"Rosa"}),
        ("?meta=tier%3Dgold", {"Rosa"}),
        ("?meta=tier", {"Rosa"}),
        ("?meta=tier%3Dsilver", set()),
        ("?created_after=2000-01-01&created_before=2999-01-01", {"Rosa", "Otto"}),
        ("?updated_before=2000-01-01", set()),
        ("?email=maybe&created_after=never&meta=%3D&after=zzz&sort=none&q=%00", {"Rosa", "Otto"}),
    ],
)
def test_filters_of_page_and_export_agree(world: World, rosa: Contact, query: str, found: set[str]) -> None:
    make_contact(world.account, world.admin, name="Otto", verified_at=timezone.now())
    client = world.client(world.admin)
    html = page_of(client, query)
    assert {name for name in ("Rosa", "Otto") if f">{name}</a>" in html} == found
    download = client.get(reverse("contact_list") + "export.csv" + query)
    if "maybe" in query:
        assert "could not be read" in html
        assert download.status_code == 400
        return
    rows = csv.DictReader(io.StringIO(b"".join(download.streaming_content).decode()))
    assert {row["name"] for row in rows} == found


def test_the_id_of_any_dialect_is_found(world: World, rosa: Contact) -> None:
    make_contact(world.account, world.admin, name="Otto")
    client = world.client(world.admin)
    space = ids.encode(ids.Prefix.SCOPE, world.space.pk)
    for query in (f"?q={rosa.wire_id}", f"?q={rosa.pk}", f"?space={space}"):
        html = page_of(client, query)
        assert ">Rosa</a>" in html
        assert ">Otto</a>" not in html


@pytest.mark.usefixtures("contexts")
@pytest.mark.parametrize("sort", ["name", "-name", "created", "-updated"])
def test_paging_shows_every_row_once(world: World, sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spaces_project.kit.keyset.keyset_page.__defaults__", (3,))
    names = {f"Person {number % 4}" for number in range(10)}
    made = [make_contact(world.account, world.admin, name=f"Person {number % 4}") for number in range(10)]
    client, seen, url = world.client(world.admin), [], f"?sort={sort}"
    while url:
        response = client.get(reverse("contact_list") + url)
        listing = response.context["page"]
        seen += [row.pk for row in listing.rows]
        url = listing.older
    assert sorted(seen) == sorted(contact.pk for contact in made)
    assert len(names) == 4


@pytest.mark.thorough
def test_the_list_asks_the_database_the_same_number_of_times(world: World, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        contact = make_contact(world.account, world.admin, name=f"Person {number}")
        make_space(world.account, contact=contact)
    client = world.client(world.admin)
    with django_assert_max_num_queries(8):
        page_of(client)


# ---------------------------------------------------------------------- one


@pytest.mark.slow
@pytest.mark.parametrize("name", [*TABS, "contact_settings", "contact_delete_confirm"])
def test_pages_of_a_contact(world: World, rosa: Contact, name: str) -> None:
    url = reverse(name, args=[rosa.pk])
    assert world.client(world.alice).get(url).status_code == 200
    assert world.client(world.admin).get(url).status_code == 200
    assert world.client(world.ann).get(url).status_code == (200 if name in TABS else 403)
    unknown = world.client(world.mallory).get(reverse(name, args=[uuid4()]))
    for stranger in (world.bob, world.mallory):
        assert world.client(stranger).get(url).status_code == 404
    assert unknown.status_code == 404
    assert Client().get(url).status_code == 302


def test_strangers_and_readers_change_nothing(world: World, rosa: Contact) -> None:
    for user, status in ((world.bob, 404), (world.mallory, 404), (world.ann, 403)):
        client = world.client(user)
        assert client.post(reverse("contact_settings", args=[rosa.pk]), data(name="Mine")).status_code == status
        assert client.post(reverse("contact_delete", args=[rosa.pk])).status_code == status
    assert world.client(world.ann).post(reverse("contact_create"), data(name="New")).status_code == 403
    rosa.refresh_from_db()
    assert rosa.name == "Rosa"
    assert Contact.objects.count() == 1


def test_the_api_tab_returns_the_contact(world: World, rosa: Contact) -> None:
    _, secret = make_key(world.alice)
    html = world.client(world.alice).get(reverse("contact_api", args=[rosa.pk])).content.decode()
    assert f"/api/v1/contact/{rosa.wire_id}/fetch" in html
    answer = Client().get(f"/api/v1/contact/{rosa.wire_id}/fetch", headers={"Authorization": f"Bearer {secret}"})
    assert answer.json()["name"] == "Rosa"


def test_making_and_changing_a_contact_writes_one_entry_each(world: World) -> None:
    client = world.client(world.alice)
    typed = data(name="Rosa", phone="+49 30 1234567", verified="on", meta='{"tier": "gold"}')
    assert client.post(reverse("contact_create"), typed).status_code == 302
    rosa = Contact.objects.get()
    assert (rosa.phone, rosa.meta, rosa.created_by) == ("+49301234567", {"tier": "gold"}, world.alice.pk)
    assert rosa.verified_at is not None
    stamp = rosa.updated_at.isoformat()
    edited = {**typed, "name": "Rosalind", "stamp": stamp}
    assert client.post(reverse("contact_settings", args=[rosa.pk]), edited).status_code == 302
    rosa.refresh_from_db()
    assert rosa.name == "Rosalind"
    entries = AuditEntry.objects.filter(object_id=rosa.pk).order_by("created_at")
    assert [(entry.operation, list(entry.changes)) for entry in entries][1:] == [("contact.update", ["name"])]
    assert "Rosalind" not in str(entries[1].changes)

    late = client.post(reverse("contact_settings", args=[rosa.pk]), {**edited, "name": "Rosi"})
    assert late.status_code == 409
    assert "Rosalind" in late.content.decode()
    assert 'value="Rosi"' in late.content.decode()
    rosa.refresh_from_db()
    assert rosa.name == "Rosalind"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bad", "kept"),
    [
        ({"name": ""}, ""),
        ({"name": "n" * 256}, "n" * 256),
        ({"name": "nul\x00"}, "typed@example.com"),
        ({"email": "no-mail"}, "no-mail"),
        ({"phone": "call me"}, "call me"),
        ({"alias": "Not An Alias"}, "Not An Alias"),
        ({"alias": "taken"}, 'value="taken"'),
        ({"fingerprint": "short"}, 'value="short"'),
        ({"fingerprint": "f" * 20}, "f" * 20),
        ({"meta": "{nonsense"}, "{nonsense"),
        ({"meta": '{"a": 1, "a": 2}'}, "&quot;a&quot;: 2"),
        ({"meta": "[1]"}, "[1]"),
        ({"meta": '{"a": NaN}'}, "NaN"),
        ({"meta": '{"a": "\\u0000"}'}, "typed@example.com"),
        ({"meta": "[" * 10_000}, "typed@example.com"),
        ({"meta": '{"a": "' + "x" * limits.META_BYTES + '"}'}, "typed@example.com"),
    ],
)
def test_bad_input_is_refused_and_what_was_typed_is_kept(world: World, bad: dict[str, str], kept: str) -> None:
    make_contact(world.account, world.admin, name="Otto", alias="taken", fingerprint="f" * 20)
    typed = data(name="Rosa", email="typed@example.com") if bad.get("name") != "" else data()
    answer = world.client(world.alice).post(reverse("contact_create"), {**typed, **bad})
    assert answer.status_code == 422
    assert kept in answer.content.decode()
    assert Contact.objects.count() == 1
    assert not AuditEntry.objects.filter(operation="contact.create", actor_name="alice").exists()


# ------------------------------------------------------------------- delete


def test_deleting_one_says_which_space_loses_it(world: World, rosa: Contact) -> None:
    client = world.client(world.alice)
    asked = client.get(reverse("contact_delete_confirm", args=[rosa.pk])).content.decode()
    assert "Warranty claims" in asked
    assert client.post(reverse("contact_delete", args=[rosa.pk])).status_code == 302
    assert not Contact.objects.exists()
    assert Space.objects.get(pk=world.space.pk).contact is None
    assert AuditEntry.objects.filter(operation="contact.delete", object_id=rosa.pk).count() == 1
    assert AuditEntry.objects.filter(operation="space.update", object_id=world.space.pk).count() == 1


def test_deleting_many_refuses_those_one_may_not(world: World, rosa: Contact) -> None:
    otto = make_contact(world.account, world.admin, name="Otto")
    make_space(world.account, world.alice, name="About Otto", contact=otto)
    malvina = make_contact(world.mallory.account, world.mallory, name="Malvina")
    client = world.client(world.alice)
    ticked = {"ids": [str(each.pk) for each in (rosa, otto, malvina)] + ["nonsense"]}
    asked = client.post("/contacts/bulk/delete/", ticked).content.decode()
    assert "Delete 2 contacts?" in asked
    assert "1 of them you may not change" in asked
    assert "Malvina" not in asked
    wrong = client.post("/contacts/bulk/delete/run/", {**ticked, "expected": "3"})
    assert wrong.status_code == 409
    assert Contact.objects.count() == 3
    done = client.post("/contacts/bulk/delete/run/", {**ticked, "expected": "2"}, follow=True).content.decode()
    assert "1 of 2 contacts done" in done
    assert set(Contact.objects.values_list("name", flat=True)) == {"Otto", "Malvina"}
    assert AuditEntry.objects.filter(operation="contact.delete").count() == 1
    assert AuditEntry.objects.filter(operation="space.update").count() == 1
    assert Space.objects.get(name="About Otto").contact == otto


def test_deleting_all_matching(world: World, rosa: Contact) -> None:
    for number in range(7):
        make_contact(world.account, world.admin, name=f"Person {number}")
    client = world.client(world.admin)
    chosen = {"all": "1", "query": "q=person"}
    assert "Delete 7 contacts?" in client.post("/contacts/bulk/delete/", chosen).content.decode()
    client.post("/contacts/bulk/delete/run/", {**chosen, "expected": "7"})
    assert list(Contact.objects.values_list("name", flat=True)) == ["Rosa"]
    assert AuditEntry.objects.filter(operation="contact.delete").count() == 7


def test_an_analyst_deletes_none(world: World, rosa: Contact) -> None:
    chosen = {"ids": [str(rosa.pk)], "expected": "1"}
    assert (
        "0 of 1 contact done"
        in world.client(world.ann).post("/contacts/bulk/delete/run/", chosen, follow=True).content.decode()
    )
    assert Contact.objects.filter(pk=rosa.pk).exists()


def test_ticked_contacts_are_exported(world: World, rosa: Contact) -> None:
    make_contact(world.account, world.admin, name="Otto")
    client = world.client(world.admin)
    answer = client.post(reverse("contact_bulk_export"), {"ids": [str(rosa.pk)], "format": "csv"})
    download = client.get(answer["Location"])
    assert b"Otto" not in b"".join(download.streaming_content)
    assert client.post(reverse("contact_bulk_export"), {"format": "exe"}).status_code == 404
