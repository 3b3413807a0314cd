"""Statements that stay with their connection: what comes back, what goes wrong, and who sees them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chats.permissions import get_chat
from spaces.models import Account, ApiKey, Contact, Space
from spaces.models.base import Resource
from spaces_project.kit.ids import new_id
from spaces_project.kit.prepared import IDS, Packed, PreparedRow, fresh, insert_rows, run
from tests.factories import actor_of, make_account, make_chat, make_space, make_user


@pytest.mark.django_db(transaction=True)
def test_a_statement_is_parsed_once_per_connection() -> None:
    text = "SELECT %s::int + 1, '100%%' AS \"a %% b\""
    assert [run(text, [number]) for number in (1, 2)] == [[(2, "100%")], [(3, "100%")]]
    known = run("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%+ 1, ''100%%'")
    assert known == [(1,)]
    with CaptureQueriesContext(connection) as seen:
        run(text, [3])
    assert [each["sql"] for each in seen] == ["SELECT 3::int + 1, '100%' AS \"a % b\""]


class _Halves(Packed):
    @property
    def text(self) -> str:
        return "[1,0.5]"


def test_a_packed_value_is_the_same_as_its_text(db: None) -> None:
    """Where statements are looked at they are not prepared, and the value is written into them."""
    value = _Halves(bytes.fromhex("0002 0000 3c00 3800"))
    sql = "SELECT (%s::halfvec)::text"
    assert run(sql, [value]) == [("[1,0.5]",)]
    with CaptureQueriesContext(connection):
        assert run(sql, [value]) == [("[1,0.5]",)]


@pytest.mark.django_db(transaction=True)
def test_it_runs_in_the_transaction_around_it() -> None:
    alice = make_user(make_account(), "alice")
    with transaction.atomic():
        insert_rows([Contact(account=alice.account, name="Bob")])
        transaction.set_rollback(True)
    assert not Contact.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows([Contact(account=alice.account, name="Bob", fingerprint="one") for _ in range(2)])
    insert_rows([Contact(account=alice.account, name="Bob", meta={"quoted": 'a "b" %s'})])
    assert Contact.objects.get().meta == {"quoted": 'a "b" %s'}


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_an_outage() -> None:
    pid = run("SELECT pg_backend_pid()")[0][0]
    ended: Any = connection.copy()
    with ended.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    ended.close()
    with pytest.raises(OperationalError):
        run("SELECT pg_backend_pid()")
    connection.close()
    assert run("SELECT pg_backend_pid()") != [(pid,)]


def test_a_row_is_as_its_model_reads_it(db: None) -> None:
    alice = make_user(make_account(), "alice")
    chat = make_chat(make_space(alice.account, alice, meta={"tier": "gold"}), alice, meta={"k": ["v", 1]})
    found = get_chat(actor_of(alice), chat.pk)
    assert (found.meta, found.space.meta, found.created_at) == ({"k": ["v", 1]}, {"tier": "gold"}, chat.created_at)


@pytest.mark.parametrize("model", [model for model in apps.get_models() if issubclass(model, Resource)], ids=str)
def test_a_fresh_object_is_as_its_model_makes_it(model: type[Resource]) -> None:
    """From columns, and from a linked object."""
    given: dict[str, Any] = {"id": new_id(), "created_at": timezone.now(), "updated_at": timezone.now(), "name": "One"}
    account = Account(slug="here")
    for values in (given, given | {"account_id": account.pk}, given | {"account": account}):
        made, expected = fresh(model, values), model(**values)
        assert _plain(made) == _plain(expected)
        assert (made._state.adding, made._state.fields_cache) == (True, expected._state.fields_cache)
    first, second = fresh(model, given), fresh(model, given)
    first.meta["kept"] = "apart"
    assert second.meta == {}


def _plain(made: Resource) -> dict[str, Any]:
    """Without what is made anew each time."""
    values = {name: value for name, value in vars(made).items() if name not in ("_state", "fingerprint")}
    return {name: "a moment" if isinstance(value, datetime) else value for name, value in values.items()}


def test_what_is_deferred_is_read_when_it_is_asked_for(db: None) -> None:
    """The secrets of a user do not come along with each request of his keys."""
    alice = make_user(make_account(), "alice")
    _, token = ApiKey.issue(actor_of(alice), alice, "A key", ["read"])
    user = ApiKey.objects.authenticate(token).user
    assert {"password", "second_factor_secret", "recovery_codes"} <= user.get_deferred_fields()
    assert user.password == alice.password


def test_all_rows_come_with_their_links_in_the_order_asked_for(db: None) -> None:
    alice, mallory = make_user(make_account(), "alice"), make_user(make_account(), "mallory")
    rows = PreparedRow(lambda account: Space.objects.of(account).order_by("-name"), "account", stand_ins=IDS[:1])
    for name in ("a", "b", "c"):
        make_space(alice.account, name=name)
    make_space(mallory.account, name="d")
    assert rows.get(mallory.account.pk).account == mallory.account
    found = [space for space in rows.all(alice.account.pk) if not space.is_default]
    assert [space.name for space in found] == ["c", "b", "a"]
    assert {space.account for space in found} == {alice.account}
    assert rows.all(alice.pk) == []
