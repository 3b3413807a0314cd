"""The wall between accounts, as the database sees it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ProjectState

from memories.models import Chunk, Embedding, Memory
from spaces.actors import Actor
from spaces.errors import Conflict
from spaces.models import Account, AuditEntry, Contact, Space, SpaceAccess, User
from spaces.models.integrity import constraint_of
from spaces.models.users import Role
from spaces_project.kit.tenancy import CASCADE, AccountField, TenantForeignKey
from tests.factories import (
    actor_of,
    admin_of,
    make_account,
    make_contact,
    make_embedder,
    make_group,
    make_key,
    make_space,
    make_user,
)


def tenant_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if any(isinstance(field, AccountField) for field in model._meta.local_fields)
    ]


def rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


FOREIGN_KEYS = """
SELECT child.relname, conname, array_length(conkey, 1), condeferrable,
       (SELECT array_agg(attname ORDER BY key.ord) FROM unnest(conkey) WITH ORDINALITY AS key(num, ord)
        JOIN pg_attribute ON attrelid = conrelid AND attnum = key.num),
       parent.relname
FROM pg_constraint JOIN pg_class child ON child.oid = conrelid JOIN pg_class parent ON parent.oid = confrelid
WHERE contype = 'f'
"""
UNIQUES = """
SELECT relname, array_agg(attname::text ORDER BY attname) FROM pg_constraint
JOIN pg_class ON pg_class.oid = conrelid JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
WHERE contype = 'u' GROUP BY relname, conname
"""


@pytest.mark.django_db
def test_every_key_between_tenant_tables_is_composite_and_immediate() -> None:
    tenants = {model._meta.db_table for model in tenant_models()}
    keys = [row for row in rows(FOREIGN_KEYS) if row[0] in tenants and row[5] in tenants]
    assert len(keys) >= 10
    for table, name, width, deferrable, columns, _parent in keys:
        assert (width, columns[0], deferrable) == (2, "account_id", False), f"{table}.{name}"


@pytest.mark.django_db
def test_every_tenant_table_hangs_on_the_account_and_is_unique_by_account_and_id() -> None:
    """By a key to it, or by one to a row that does: which is never empty, and takes the row with it."""
    keys = {(row[0], row[5]) for row in rows(FOREIGN_KEYS)}
    uniques = {(table, tuple(columns)) for table, columns in rows(UNIQUES)}
    hanging = {model for model in tenant_models() if (model._meta.db_table, "spaces_account") in keys}
    while len(more := hanging | {model for model in tenant_models() if _follows(model, hanging)}) > len(hanging):
        hanging = more
    assert hanging == set(tenant_models())
    for model in tenant_models():
        assert (model._meta.db_table, ("account_id", "id")) in uniques


def _follows(model: type[models.Model], others: set[type[models.Model]]) -> bool:
    links = [field for field in model._meta.local_fields if isinstance(field, TenantForeignKey)]
    return any(link.related_model in others and link.db_action == CASCADE and not link.null for link in links)


GROWING = ("chats.Chat", "chats.Message", "chats.Reference", "memories.Memory", "memories.Chunk", "memories.Embedding")


@pytest.mark.parametrize("label", GROWING)
def test_what_hangs_on_a_deleted_row_is_found_by_an_index_of_its_key(label: str) -> None:
    """By account and row: one of the row alone is not surely taken, as others begin with the account, too."""
    meta = apps.get_model(label)._meta
    constraints = [each for each in meta.constraints if isinstance(each, models.UniqueConstraint)]
    begins = {tuple(each.fields[:2]) for each in [*meta.indexes, *constraints]}
    keys = [field for field in meta.fields if isinstance(field, TenantForeignKey) and field.db_action == CASCADE]
    assert keys
    assert [field.name for field in keys if ("account", field.name) not in begins] == []


def test_no_many_to_many_table_is_made_behind_our_back() -> None:
    made = [field for model in tenant_models() for field in model._meta.many_to_many]
    assert made == []


@pytest.mark.django_db
def test_the_database_refuses_a_child_of_another_account() -> None:
    alice, mallory = make_account("alice"), make_account("mallory")
    foreign = make_contact(mallory)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Space.objects.create(account=alice, name="x", owner=admin_of(alice), contact=foreign)
    assert constraint_of(caught.value) == "spaces_space_contact_key"
    with pytest.raises(IntegrityError), transaction.atomic():
        Space.objects.filter(account=alice).update(owner=admin_of(mallory))


@pytest.mark.django_db
def test_a_form_says_the_same_of_a_stranger_and_of_nothing() -> None:
    alice, mallory = make_account("alice"), make_account("mallory")
    space, foreign = make_space(alice), make_contact(mallory)

    class AnyContact(forms.ModelForm):
        class Meta:
            model = Space
            fields = ("name", "contact")

    foreign_form = AnyContact({"name": "x", "contact": str(foreign.pk)}, instance=space)
    assert foreign_form.errors == {"contact": ["Not found."]}
    space.contact_id = foreign.pk
    with pytest.raises(ValidationError) as stranger:
        space.full_clean()
    space.contact_id = Contact().pk
    with pytest.raises(ValidationError) as nothing:
        space.full_clean()
    assert stranger.value.message_dict == nothing.value.message_dict == {"contact": ["Not found."]}


@pytest.mark.django_db
def test_deleting_an_account_leaves_nothing_of_it_and_nothing_else_changes() -> None:
    alice, bob = make_account("alice"), make_account("bob")
    user = make_user(alice, "carol")
    space = make_space(alice, contact=make_contact(alice))
    SpaceAccess.grant(space, make_group(alice, user), "USE", by=Actor.system(alice))
    make_key(user, spaces=[space])
    _embed_something(space)
    kept = {model: list(model._base_manager.filter(account=bob)) for model in tenant_models()}

    assert Account.objects.get(pk=alice.pk).delete()[0] == 1

    for model in tenant_models():
        assert not model._base_manager.filter(account_id=alice.pk).exists(), model
        assert list(model._base_manager.filter(account=bob)) == kept[model]


def _embed_something(space: Space) -> None:
    """A file of the space, its only chunk, and the vector of that by an embedder that must not go before it."""
    memory = Memory.objects.create(account=space.account, space=space, name="Handbook")
    here = {"account": space.account, "container_id": space.pk}
    chunk = Chunk.objects.create(**here, memory=memory, order=0, start=0, end=4, text="word")
    embedder = make_embedder(space.account)
    Embedding.objects.create(**here, memory_id=memory.pk, chunk=chunk, embedder=embedder, emb=[1.0, 0.0])


@pytest.mark.django_db
def test_a_chunk_and_its_vector_are_refused_in_another_account() -> None:
    """Their keys to the account are those of what they belong to."""
    alice, mallory = make_account("alice"), make_account("mallory")
    space = make_space(alice)
    _embed_something(space)
    for model in (Chunk, Embedding):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.filter(account=alice).update(account=mallory)


@pytest.mark.django_db
def test_an_owner_stays_and_a_contact_lets_go() -> None:
    alice = make_account("alice")
    carol, contact = make_user(alice, "carol"), make_contact(alice)
    space = make_space(alice, owner=carol, contact=contact)
    with pytest.raises(IntegrityError), transaction.atomic():
        carol.delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM spaces_contact WHERE id = %s", [contact.pk])
    space.refresh_from_db()
    assert (space.contact_id, space.account_id) == (None, alice.pk)


@pytest.mark.django_db
def test_joins_carry_the_account() -> None:
    sql = str(Space.objects.filter(contact__name="x", owner__name="y").query)
    assert '"spaces_contact"."account_id" = ("spaces_space"."account_id")' in sql
    assert '"spaces_user"."account_id" = ("spaces_space"."account_id")' in sql
    reverse = str(Contact.objects.filter(spaces__name="x").query)
    assert '"spaces_contact"."account_id" = ("spaces_space"."account_id")' in reverse


@pytest.mark.django_db
def test_the_audit_cannot_be_changed() -> None:
    make_account("alice")
    for change in (lambda rows: rows.update(operation="x"), lambda rows: rows.delete()):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            change(AuditEntry.objects.all())


# ------------------------------------------------------------------- in a crowd


def in_thread(work: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    return run


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("times", [20, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.thorough
def test_a_space_is_deleted_again_and_again_while_six_writers_insert_into_it(times: int) -> None:
    account = make_account("alice")
    by, users = Actor.system(account), [make_user(account) for _ in range(6)]
    target: dict[str, Space] = {"space": make_space(account)}
    stop, outcomes = threading.Event(), []

    def write(user: Any) -> None:
        while not stop.is_set():
            try:
                with transaction.atomic():
                    SpaceAccess.objects.create(account=account, space=target["space"], user=user, level="USE")
                outcomes.append("written")
            except IntegrityError as error:
                outcomes.append(constraint_of(error))

    with ThreadPoolExecutor(6) as pool:
        writers = [pool.submit(in_thread(lambda user=user: write(user))) for user in users]
        try:
            for _ in range(times):
                doomed = target["space"]
                doomed.remove(by)
                assert not Space.objects.filter(pk=doomed.pk).exists()
                target["space"] = make_space(account)
        finally:
            stop.set()
        for writer in writers:
            writer.result()

    assert set(outcomes) <= {"written", "spaces_spaceaccess_space_key", "spaces_access_user_once"}
    assert outcomes.count("written") > 0
    assert not SpaceAccess.objects.exclude(space__in=Space.objects.all()).exists()
    assert AuditEntry.objects.filter(operation="space.delete").count() == times


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_meta_merges_from_eight_threads_lose_nothing() -> None:
    account = make_account("alice")
    space = make_space(account, meta={"gone": 1})
    actor = actor_of(admin_of(account))

    def merge(worker: int) -> None:
        mine = Space.objects.get(pk=space.pk)
        for number in range(20):
            mine.change(actor, merge_meta={f"w{worker}-{number}": number, "gone": None})

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(in_thread(lambda worker=worker: merge(worker))) for worker in range(8)]:
            done.result()

    space.refresh_from_db()
    assert space.meta == {f"w{worker}-{number}": number for worker in range(8) for number in range(20)}


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_demote_each_other_at_once_one_stays() -> None:
    account = make_account("alice")
    for number in range(8):
        alice = account.users.administrators().get()
        bob = make_user(account, f"bob-{number}", role=Role.ADMINISTRATOR)
        together = threading.Barrier(2)

        def demote(by: User, whom: User, together: threading.Barrier = together) -> str:
            together.wait()
            try:
                whom.change(actor_of(by), role=Role.MEMBER)
            except Conflict:
                return "refused"
            return "demoted"

        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(in_thread(lambda by=alice, whom=bob: demote(by, whom)))
            other = pool.submit(in_thread(lambda by=bob, whom=alice: demote(by, whom)))
        assert sorted([one.result(), other.result()]) == ["demoted", "refused"]
        assert account.users.administrators().count() == 1


# ------------------------------------------------------------------ in migrations


@pytest.mark.django_db
def test_a_tenant_key_can_be_removed_and_added_again() -> None:
    key = next(each for each in Space._meta.constraints if each.name == "spaces_space_contact_key")
    made = {row[1] for row in rows(FOREIGN_KEYS)}
    with connection.schema_editor() as editor:
        editor.remove_constraint(Space, key)
    assert made - {row[1] for row in rows(FOREIGN_KEYS)} == {key.name}
    with connection.schema_editor() as editor:
        editor.add_constraint(Space, key)
    assert {row[1] for row in rows(FOREIGN_KEYS)} == made


def test_a_new_link_is_found_by_makemigrations() -> None:
    before, after = ProjectState.from_apps(apps), ProjectState.from_apps(apps)
    options = before.models["spaces", "space"].options
    options["constraints"] = [each for each in options["constraints"] if each.name != "spaces_space_contact_key"]
    found = MigrationAutodetector(before, after)._detect_changes()
    (operation,) = found["spaces"][0].operations
    assert (type(operation).__name__, operation.constraint.name) == ("AddConstraint", "spaces_space_contact_key")
    assert MigrationAutodetector(after, before)._detect_changes()["spaces"]
