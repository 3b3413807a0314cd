"""/admin/: operators only, every model, one audit entry per change, the product's own counts before a deletion."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from spaces.models import Account, AuditEntry, Contact, Group, GroupMembership, Space, SpaceAccess, User
from tests.factories import make_account, make_space, make_user

BACKEND = "django.contrib.auth.backends.ModelBackend"
MODELS = (
    *("account", "user", "group", "groupmembership", "apikey", "apikeyspace", "exportlink", "auditentry"),
    *("space", "spaceaccess", "contact", "webhook", "webhookdelivery"),
)


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def url(model: str, *rest: object) -> str:
    return "/".join(["/admin/spaces", model, *map(str, rest), ""])


def space_form(operations: Any, **changes: Any) -> dict[str, Any]:
    space = operations.space
    filled = {"name": space.name, "owner": space.owner_id, "contact": space.contact_id, "labels": "{}", "meta": "{}"}
    return {**filled, **changes}


# ---------------------------------------------------------------- who may enter


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/", "/admin/spaces/space/", "/admin/spaces/space/export/", "/admin/login/"])
def test_only_operators_enter(path: str) -> None:
    administrator, client = make_account("acme").users.get(), Client()
    anonymous = client.get(path)
    assert anonymous.status_code == 302
    assert anonymous["Location"].startswith(("/sign-in/?next=/admin/", "/admin/login/?next=/admin/"))
    client.force_login(administrator, backend=BACKEND)
    assert client.get(path).status_code == 403


def test_somebody_signed_out_ends_at_the_products_sign_in(operations: Any) -> None:
    response = Client().get("/admin/spaces/space/", follow=True)
    assert response.redirect_chain[-1][0] == "/sign-in/?next=/admin/spaces/space/"


def test_the_index_names_the_place_and_lists_every_model(operations: Any) -> None:
    page = operations.client.get("/admin/")
    assert "Spaces operations" in text_of(page)
    for model in MODELS:
        assert f'href="{url(model)}"' in page.content.decode()
    assert "procrastinatejob" in page.content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_every_model_has_its_list_and_its_object(operations: Any, model: str) -> None:
    for path in (url(model), f"{url(model)}?q=acme", url(model, operations.objects[model].pk, "change")):
        response = operations.client.get(path)
        assert response.status_code == 200, path
        assert "style=" not in response.content.decode()
        assert not re.search(r"\son\w+=", response.content.decode())


def test_jobs_can_be_looked_at(operations: Any) -> None:
    assert operations.client.get("/admin/procrastinate/procrastinatejob/").status_code == 200


def test_no_secret_is_shown(operations: Any) -> None:
    key, link = operations.apikey, operations.exportlink
    page = operations.client.get(url("apikey", key.pk, "change")).content.decode()
    assert key.prefix in page
    assert key.digest not in page
    assert link.token not in operations.client.get(url("exportlink", link.pk, "change")).content.decode()
    user = operations.user
    assert user.password not in operations.client.get(url("user", user.pk, "change")).content.decode()
    shown = operations.client.get(url("webhook", operations.webhook.pk, "change")).content.decode()
    assert "hooks.example.com" in shown
    assert [text for text in ("whsec_", operations.webhook.secret.token) if text in shown] == []
    told = operations.client.get(url("webhookdelivery", operations.webhookdelivery.pk, "change")).content.decode()
    assert operations.webhookdelivery.event_id in told
    assert "sent by hand." not in told, "what was said is the account's own"


# ---------------------------------------------------------------------- saving


def test_a_change_goes_through_the_verb(operations: Any) -> None:
    before = operations.entries()
    form = space_form(operations, name="Renamed", meta='{"tier": "gold"}')
    response = operations.client.post(url("space", operations.space.pk, "change"), form)
    assert response.status_code == 302, text_of(response)
    space = Space.objects.get(pk=operations.space.pk)
    assert (space.name, space.meta) == ("Renamed", {"tier": "gold"})
    assert space.updated_at > operations.space.updated_at
    assert operations.entries()[len(before) :] == [("space.update", "operator")]
    entry = AuditEntry.objects.latest("id")
    assert entry.account_id == operations.account.pk
    assert entry.changes == {"name": ["Warranty", "Renamed"], "meta": None}


def test_saving_without_a_change_writes_nothing(operations: Any) -> None:
    before = operations.entries()
    form = space_form(operations)
    assert operations.client.post(url("space", operations.space.pk, "change"), form).status_code == 302
    assert operations.entries() == before


def test_a_space_is_made(operations: Any) -> None:
    form = space_form(operations, account=operations.account.pk, name="Fresh")
    response = operations.client.post(url("space", "add"), form)
    assert response.status_code == 302, text_of(response)
    assert Space.objects.get(name="Fresh").account == operations.account
    assert operations.entries()[-1] == ("space.create", "operator")


def test_another_accounts_owner_is_not_found(operations: Any) -> None:
    mallory = make_user(operations.other, "mallory")
    form = space_form(operations, owner=mallory.pk)
    response = operations.client.post(url("space", operations.space.pk, "change"), form)
    assert response.status_code == 200
    assert "Not found." in text_of(response)
    assert Space.objects.get(pk=operations.space.pk).owner == operations.user


def test_a_rule_that_only_the_verb_knows_is_said(operations: Any) -> None:
    default = operations.account.default_space
    form = space_form(operations, name="Other name", owner=default.owner_id, contact="")
    response = operations.client.post(url("space", default.pk, "change"), form, follow=True)
    assert "The default space cannot be renamed" in text_of(response)
    assert operations.account.default_space.name == "Unfiled"


MADE: dict[str, Any] = {
    "contact": lambda o: {"account": o.account.pk, "name": "New", "fingerprint": "f" * 32, "meta": "{}"},
    "group": lambda o: {"account": o.account.pk, "name": "New"},
    "groupmembership": lambda o: {"account": o.account.pk, "group": o.group.pk, "user": o.account.users.first().pk},
    "spaceaccess": lambda o: {"account": o.account.pk, "space": o.space.pk, "user": o.user.pk, "level": "MANAGE"},
    "user": lambda o: {
        "account": o.account.pk,
        "username": "newcomer",
        "role": "member",
        "password": "a long enough secret",
    },
}
OPERATION = {"groupmembership": "group.add_member", "spaceaccess": "space.grant"}


@pytest.mark.parametrize("model", MADE)
def test_making_writes_one_entry(operations: Any, model: str) -> None:
    before = operations.entries()
    if model == "groupmembership":
        operations.group.remove(operations.account.users.first(), by=operations_actor(operations))
        before = operations.entries()
    response = operations.client.post(url(model, "add"), MADE[model](operations))
    assert response.status_code == 302, text_of(response)
    assert operations.entries()[len(before) :] == [(OPERATION.get(model, f"{model}.create"), "operator")]


def operations_actor(operations: Any) -> Any:
    from spaces.actors import Actor

    return Actor.system(operations.account)


CHANGED: dict[str, Any] = {
    "account": {"name": "Acme Ltd", "slug": "acme"},
    "user": {"username": "alice", "name": "Alice", "role": "analyst", "is_active": "on"},
    "group": {"name": "Crew"},
    "spaceaccess": {"level": "MANAGE"},
}


@pytest.mark.parametrize("model", CHANGED)
def test_changing_writes_one_entry(operations: Any, model: str) -> None:
    before, obj = operations.entries(), operations.objects[model]
    response = operations.client.post(url(model, obj.pk, "change"), CHANGED[model])
    assert response.status_code == 302, text_of(response)
    name = "space.grant" if model == "spaceaccess" else f"{model}.update"
    assert operations.entries()[len(before) :] == [(name, "operator")]


@pytest.mark.parametrize("model", ["apikey", "apikeyspace", "exportlink", "auditentry", "webhook", "webhookdelivery"])
def test_what_is_only_looked_at_cannot_be_changed(operations: Any, model: str) -> None:
    pk = operations.objects[model].pk
    for path in (url(model, "add"), url(model, pk, "delete"), url(model, pk, "change")):
        assert operations.client.post(path, {"name": "x", "post": "yes"}).status_code == 403
    assert type(operations.objects[model]).objects.filter(pk=pk).exists()


@pytest.mark.parametrize("model", ["apikey", "exportlink"])
def test_keys_and_links_are_revoked(operations: Any, model: str) -> None:
    obj = operations.objects[model]
    operations.client.post(url(model), {"action": "revoke", "_selected_action": [obj.pk]})
    obj.refresh_from_db()
    assert obj.revoked_at is not None
    assert operations.entries()[-1] == (
        {"apikey": "api_key", "exportlink": "export_link"}[model] + ".revoke",
        "operator",
    )


# -------------------------------------------------------------------- deleting


def test_the_delete_page_counts_what_goes(operations: Any) -> None:
    page = text_of(operations.client.get(url("space", operations.space.pk, "delete")))
    assert "1 grant go with it" in page
    page = text_of(operations.client.get(url("contact", operations.contact.pk, "delete")))
    assert "1 space stay and lose the link" in page
    page = text_of(operations.client.get(url("account", operations.account.pk, "delete")))
    assert "2 spaces go with it" in page
    assert "1 contact go with it" in page


@pytest.mark.parametrize("model", ["space", "contact", "group", "groupmembership", "spaceaccess"])
def test_deleting_writes_its_entries(operations: Any, model: str) -> None:
    before, obj = operations.entries(), operations.objects[model]
    response = operations.client.post(url(model, obj.pk, "delete"), {"post": "yes"})
    assert response.status_code == 302
    assert not type(obj).objects.filter(pk=obj.pk).exists()
    expected = {
        "contact": [("space.update", "operator"), ("contact.delete", "operator")],
        "groupmembership": [("group.remove_member", "operator")],
        "spaceaccess": [("space.revoke", "operator")],
    }
    assert operations.entries()[len(before) :] == expected.get(model, [(f"{model}.delete", "operator")])


def test_deleting_several_writes_one_entry_each(operations: Any) -> None:
    spaces = [operations.space, make_space(operations.account), make_space(operations.other)]
    before = operations.entries()
    chosen = {"action": "delete_selected", "_selected_action": [space.pk for space in spaces]}
    assert "3" in text_of(operations.client.post(url("space"), chosen))
    operations.client.post(url("space"), {**chosen, "post": "yes"})
    assert operations.entries()[len(before) :] == [("space.delete", "operator")] * 3
    assert not Space.objects.filter(pk__in=[space.pk for space in spaces]).exists()


def test_the_default_space_cannot_be_deleted(operations: Any) -> None:
    default = operations.account.default_space
    assert operations.client.get(url("space", default.pk, "delete")).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [default.pk], "post": "yes"}
    operations.client.post(url("space"), chosen)
    assert operations.account.default_space == default


def test_deleting_an_account_leaves_nothing_but_one_entry(operations: Any) -> None:
    pk = operations.account.pk
    assert operations.client.post(url("account", pk, "delete"), {"post": "yes"}).status_code == 302
    left = [
        model.objects.filter(account=pk).count()
        for model in (User, Group, GroupMembership, Space, SpaceAccess, Contact, AuditEntry)
    ]
    assert left == [0] * 7
    assert not Account.objects.filter(pk=pk).exists()
    entry = AuditEntry.objects.latest("id")
    assert (entry.account_id, entry.operation, entry.object_name) == (None, "account.delete", "Acme")
    assert Space.objects.filter(account=operations.other).exists()


# ------------------------------------------------------------------ large lists


def test_lists_do_not_count_beyond_the_cap(
    operations: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    from spaces_project.kit import limits

    for _ in range(3):
        make_space(operations.account)
    monkeypatch.setattr(limits, "COUNT_CAP", 2)
    assert "2 spaces" in text_of(operations.client.get(url("space")))


def test_history_shows_the_audit_of_the_object(operations: Any) -> None:
    page = operations.client.get(url("space", operations.space.pk, "history"), follow=True)
    assert "space.create" in text_of(page)
    assert "contact.create" not in text_of(page)
