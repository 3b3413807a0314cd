"""The commands that make accounts, operators, keys and demo data: results on stdout, all else on stderr."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone

from chats.models import Chat, Message, Rating, Reference
from chats.models.chats import recount
from memories.models import Folder, Memory
from memories.permissions import visible_folders
from spaces.models import Account, ApiKey, AuditEntry, Contact, Space, User
from spaces.models.api_keys import Scope
from spaces.models.users import Role
from spaces.totp import new_secret
from spaces_project.command_line import needs_database
from spaces_project.demo.people import DAYS
from spaces_project.kit import ids
from tests.factories import PASSWORD, actor_of, admin_of, make_account, make_operator, make_space, make_user

pytestmark = pytest.mark.django_db


@dataclass
class Said:
    """What a command printed."""

    out: str
    err: str


def run(*arguments: Any) -> Said:
    out, err = io.StringIO(), io.StringIO()
    call_command(*map(str, arguments), stdout=out, stderr=err)
    return Said(out.getvalue(), err.getvalue())


def refused(*arguments: Any) -> str:
    """What a command said when it refused."""
    with pytest.raises(CommandError) as error:
        run(*arguments)
    return str(error.value)


# ------------------------------------------------------------------ second factors


def test_a_second_factor_is_reset_for_somebody_who_is_locked_out() -> None:
    alice = make_user(make_account("acme"), "Alice")
    alice.turn_on_second_factor(actor_of(alice), new_secret(), 0)
    assert run("second_factor", "reset", "--user", "alice").out == "Alice signs in with the password alone.\n"
    assert not User.objects.get(pk=alice.pk).has_second_factor
    entry = AuditEntry.objects.get(object_id=alice.pk, operation="user.reset_second_factor")
    assert (entry.actor_name, entry.account_id) == ("manage.py", alice.account_id)
    assert "no second factor" in refused("second_factor", "reset", "--user", "alice")
    assert "no user" in refused("second_factor", "reset", "--user", "nobody")


# ------------------------------------------------------------------ account create


def test_an_account_is_made_with_an_administrator_who_can_sign_in() -> None:
    said = run("account", "create", "acme", "--name", "Acme Ltd")
    account = Account.objects.get(slug="acme")
    name, password = [line.split(": ")[1] for line in said.out.splitlines()]
    admin = authenticate(request=a_request(), username=name, password=password)
    assert (account.name, admin) == ("Acme Ltd", admin_of(account))
    assert (name, admin_of(account).role) == ("admin-acme", Role.ADMINISTRATOR)
    assert account.default_space.is_default
    assert AuditEntry.objects.of(account).filter(operation="account.create").count() == 1


def a_request() -> Any:
    from django.test import RequestFactory

    return RequestFactory().post("/")


def test_a_given_password_is_taken_and_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACES_ADMIN_PASSWORD", PASSWORD)
    said = run("account", "create", "acme", "--admin", "alice")
    assert said.out == "user name: alice\n"
    assert User.objects.get(username="alice").check_password(PASSWORD)


def test_a_weak_password_makes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACES_ADMIN_PASSWORD", "short")
    assert "too short" in refused("account", "create", "acme")
    assert not Account.objects.filter(slug="acme").exists()


@pytest.mark.parametrize("slug", ["Acme", "a b", "-a", "", "a" * 64])
def test_a_slug_that_cannot_be_is_explained(slug: str) -> None:
    before = Account.objects.count()
    assert refused("account", "create", slug)
    assert Account.objects.count() == before


def test_a_taken_slug_or_name_changes_nothing() -> None:
    account = make_account("acme")
    assert refused("account", "create", "acme") == "There is an account acme already."
    assert "taken" in refused("account", "create", "other", "--admin", "ADMIN-acme")
    assert not Account.objects.filter(slug="other").exists()
    assert account.users.count() == 1


# ----------------------------------------------------------------- operator create


def test_an_operator_belongs_to_no_account_and_may_sign_in() -> None:
    said = run("operator", "create", "--name", "root")
    name, password = [line.split(": ")[1] for line in said.out.splitlines()]
    operator = User.objects.get(username="root")
    assert authenticate(request=a_request(), username=name, password=password) == operator
    assert (operator.is_staff, operator.account) == (True, None)
    assert AuditEntry.objects.filter(operation="operator.create", object_id=operator.pk).count() == 1
    assert "taken" in refused("operator", "create", "--name", "ROOT")


# ------------------------------------------------------------------- api_key create


def test_only_the_key_is_printed_and_it_works() -> None:
    alice = make_user(make_account("acme"), "alice")
    said = run("api_key", "create", "--user", "Alice")
    token = said.out.removesuffix("\n")
    key = ApiKey.objects.authenticate(token)
    assert key is not None
    assert (key.user, set(key.scopes), key.is_limited, key.expires_at) == (alice, {"read", "write"}, False, None)
    assert token not in said.err


def test_a_key_is_narrowed_as_asked() -> None:
    account = make_account("acme")
    alice = make_user(account, "alice")
    space = make_space(account, alice)
    options = ["--scope", "read", "--scope", "act_as", "--name", "Nightly", "--space", space.wire_id, "--expires", 30]
    key = ApiKey.objects.authenticate(run("api_key", "create", "--user", "alice", *options).out.strip())
    assert key is not None
    assert (key.name, set(key.scopes)) == ("Nightly", {Scope.READ, Scope.ACT_AS})
    assert [each.space_id for each in key.spaces.all()] == [space.pk]
    assert abs(key.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)


def test_a_space_of_another_account_sounds_like_a_missing_one() -> None:
    alice = make_user(make_account("acme"), "alice")
    theirs = make_space(make_account("mallory"))
    missing = ids.encode(ids.Prefix.SPACE, ids.new_id())
    for wire_id in (theirs.wire_id, missing, "nonsense"):
        said = refused("api_key", "create", "--user", "alice", "--space", wire_id)
        assert said == f"There is no space {wire_id} in the account of alice."
    assert not alice.api_keys.exists()


@pytest.mark.parametrize("days", [0, -1, 36_501])
def test_days_that_cannot_be_are_explained(days: int) -> None:
    make_user(make_account("acme"), "alice")
    assert "--expires takes 1 to" in refused("api_key", "create", "--user", "alice", f"--expires={days}")


def test_keys_are_for_active_users_of_an_account() -> None:
    make_operator("root")
    gone = make_user(make_account("acme"), "gone", is_active=False)
    assert refused("api_key", "create", "--user", "gone") == "There is no active user gone."
    assert refused("api_key", "create", "--user", "nobody") == "There is no active user nobody."
    assert "is an operator" in refused("api_key", "create", "--user", "root")
    assert not gone.api_keys.exists()


# ------------------------------------------------------------------------------ demo


def rows(account: Account) -> list[Any]:
    spaces = Space.objects.of(account).listed().order_by("created_at", "name")
    contacts = Contact.objects.of(account).order_by("created_at", "email")
    messages = Message.objects.of(account).order_by("created_at", "text")
    return [
        list(spaces.values_list("name", "labels", "meta", "alias", "is_archived", "contact__email")),
        list(contacts.values_list("name", "email", "phone", "meta", "fingerprint")),
        list(messages.values_list("role", "text", "state", "chat__space__name", "chat__name")),
    ]


@pytest.mark.thorough
def test_the_same_seed_makes_the_same_rows_in_any_account() -> None:
    ours, theirs, other = make_account("acme"), make_account("mallory"), make_account("third")
    for account, seed in ((ours, 7), (theirs, 7), (other, 8)):
        counts = ("--spaces", 60, "--contacts", 20, "--chats", 30, "--memories", 0)
        run("demo", *counts, "--seed", seed, "--account", account.slug)
    assert rows(ours) == rows(theirs)
    assert rows(ours) != rows(other)
    assert [len(kind) for kind in rows(ours)[:2]] == [60, 20]
    assert Chat.objects.of(ours).count() == 30


@pytest.mark.slow
def test_demo_rows_are_ones_that_a_person_could_have_entered() -> None:
    account = make_account("acme")
    run("demo", "--spaces", 80, "--contacts", 40, "--memories", 0, "--account", "acme")
    for row in [*Space.objects.of(account), *Contact.objects.of(account)]:
        row.full_clean()
        assert timezone.now() - timedelta(days=DAYS) <= row.created_at <= row.updated_at <= timezone.now()
    contact = Contact.objects.of(account).first()
    assert contact.email.endswith("@example.com")
    assert contact.phone[5:10] == "55501"
    assert Space.objects.of(account).matching(contact.name).count() == 0
    assert Space.objects.of(account).matching("billing").exists()
    assert len({row.pk.version for row in Space.objects.of(account)}) == 1


def test_demo_writes_one_audit_entry_and_touches_no_neighbour() -> None:
    account, neighbour = make_account("acme"), make_account("mallory")
    before = AuditEntry.objects.of(neighbour).count()
    said = run("demo", "--spaces", 10, "--contacts", 5, "--chats", 20, "--memories", 3, "--account", "acme")
    entry = AuditEntry.objects.of(account).get(operation="account.demo")
    counts = {"spaces": 10, "contacts": 5, "chats": 20, "memories": 3, "seed": 1}
    assert entry.changes == {name: [None, count] for name, count in counts.items()}
    assert said.out == "10 spaces, 5 contacts, 20 chats and 3 memories in account acme\n"
    assert [memory.state for memory in Memory.objects.of(account)][:3] == ["pending"] * 3
    assert Space.objects.of(neighbour).listed().count() == Chat.objects.of(neighbour).count() == 0
    assert AuditEntry.objects.of(neighbour).count() == before


@pytest.mark.thorough
def test_demo_files_documents_in_folders() -> None:
    ours, theirs = make_account("acme"), make_account("mallory")
    member = make_user(ours, "bob")
    for account, seed in ((ours, 1), (ours, 2), (theirs, 1)):
        counts = ("--spaces", 1, "--contacts", 1, "--chats", 0, "--memories", 8)
        run("demo", *counts, "--seed", seed, "--account", account.slug)
    trees = [sorted(Folder.objects.of(account).values_list("name", "parent__name")) for account in (ours, theirs)]
    assert trees[0] == trees[1]
    assert ("Playbooks", "Customer Support") in trees[0]
    files = Memory.objects.of(theirs).exclude(folder=None)
    assert files.count() == 4
    assert {file.folder.ancestry()[0].name for file in files} <= {"Customer Support", "Sales", "Company", "IT", "Legal"}
    assert [row.name for row in visible_folders(actor_of(member)).roots().by_name()] == [
        "Company", "Customer Support", "IT", "Sales"
    ]  # fmt: skip


def test_the_same_demo_twice_is_explained_and_changes_nothing() -> None:
    account = make_account("acme")
    run("demo", "--spaces", 5, "--contacts", 5, "--memories", 0, "--account", "acme")
    assert "Demo data of seed 1 is in this account already" in refused(
        "demo", "--spaces", 9, "--contacts", 9, "--account", "acme"
    )
    assert [len(kind) for kind in rows(account)[:2]] == [5, 5]


@pytest.mark.thorough
def test_demo_chats_are_ones_that_could_have_been_held() -> None:
    account = make_account("acme")
    run("demo", "--spaces", 30, "--contacts", 20, "--chats", 200, "--memories", 0, "--account", "acme")
    before = {chat.pk: (chat.message_count, chat.last_role, chat.is_failed) for chat in Chat.objects.of(account)}
    recount(account.pk, before)
    assert before == {
        chat.pk: (chat.message_count, chat.last_role, chat.is_failed) for chat in Chat.objects.of(account)
    }
    for message in Message.objects.of(account).select_related("chat").exclude(answers=None):
        assert message.chat.created_at < message.created_at <= message.started_at <= message.completed_at
        assert message.completed_at <= timezone.now()
        message.full_clean(exclude=["account"])
    assert Chat.objects.of(account).unanswered().exists()
    assert Chat.objects.of(account).failed().exists()
    assert Reference.objects.of(account).exists()
    assert Rating.objects.of(account).down().exists()


def test_demo_of_an_unknown_account_is_explained() -> None:
    assert refused("demo", "--account", "nowhere") == "There is no account nowhere."


# ------------------------------------------------------------------------ the rest


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("", False),
        ("help", False),
        ("up", False),
        ("db status", False),
        ("check --deploy", False),
        ("check --database default", True),
        ("migrate", True),
        ("api_key create --user alice", True),
        ("migrate --help", False),
    ],
)
def test_the_database_is_started_for_commands_that_need_it(line: str, needs: bool) -> None:
    assert needs_database(line.split()) is needs


def test_an_external_database_is_not_ours_to_stop() -> None:
    for verb in ("start", "stop", "status"):
        assert "DATABASE_URL names an external database" in refused("db", verb)
    assert run("db", "url").out.startswith("postgresql://spaces@/spaces?host=")
