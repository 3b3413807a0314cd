"""A second factor as the model keeps it: sealed, hashed, every code once, within half a minute of drift."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.db import connection
from django.utils import timezone

from spaces import totp
from spaces.errors import Conflict
from spaces.models import AuditEntry, User
from spaces.models.users import Role
from spaces_project.kit.sealed import Secret
from tests.factories import actor_of, admin_of, make_account, make_operator, make_user

pytestmark = pytest.mark.django_db
STEP = timedelta(seconds=30)
NOW = datetime(2026, 11, 22, 12, 0, 15, tzinfo=UTC)


@pytest.fixture
def alice() -> User:
    return make_user(make_account("harbour"), "alice")


def turn_on(user: User, step: int = 0) -> tuple[str, list[str]]:
    secret = totp.new_secret()
    return secret, user.turn_on_second_factor(actor_of(user), secret, step)


def code(secret: str, at: datetime = NOW) -> str:
    return pyotp.TOTP(secret).at(at)


def takes(user: User, text: str, at: datetime = NOW) -> bool:
    return User.objects.get(pk=user.pk).take_code(actor_of(user), text, at)


def operations(user: User) -> list[str]:
    found = AuditEntry.objects.filter(object_id=user.pk).order_by("created_at", "id")
    return [name.partition(".")[2] for name in found.values_list("operation", flat=True) if name != "user.create"]


def test_a_code_opens_once_and_so_does_none_before_it(alice: User) -> None:
    secret, _ = turn_on(alice)
    assert takes(alice, code(secret))
    assert not takes(alice, code(secret))
    assert not takes(alice, code(secret, NOW - STEP))
    assert takes(alice, code(secret, NOW + STEP))
    assert not takes(alice, code(secret, NOW + STEP), NOW + STEP)


def test_a_clock_may_be_half_a_minute_wrong(alice: User) -> None:
    secret, _ = turn_on(alice)
    assert not takes(alice, code(secret, NOW - 2 * STEP))
    assert not takes(alice, code(secret, NOW + 2 * STEP))
    assert takes(alice, code(secret, NOW - STEP))
    assert takes(alice, f" {code(secret)[:3]} {code(secret)[3:]} ")


def test_the_code_that_set_it_up_is_used_up(alice: User) -> None:
    secret = totp.new_secret()
    step = totp.step_of(secret, code(secret), NOW)
    assert step
    alice.turn_on_second_factor(actor_of(alice), secret, step)
    assert not takes(alice, code(secret))


def test_a_recovery_code_opens_once_however_it_is_typed(alice: User) -> None:
    _, codes = turn_on(alice)
    assert len(set(codes)) == 10
    assert takes(alice, codes[0])
    assert not takes(alice, codes[0])
    assert takes(alice, codes[9].upper().replace("-", " "))
    assert len(User.objects.get(pk=alice.pk).recovery_codes) == 8
    assert operations(alice) == ["turn_on_second_factor", "use_recovery_code", "use_recovery_code"]


@pytest.mark.parametrize("nonsense", ["", "0", "000000", "\x00", "١٢٣٤٥٦", "a" * 10, "😀" * 10, "x" * 10_000])
def test_nonsense_opens_nothing(alice: User, nonsense: str) -> None:
    turn_on(alice)
    assert not takes(alice, nonsense)


def test_new_recovery_codes_end_the_old_ones(alice: User) -> None:
    secret, old = turn_on(alice)
    new = alice.renew_recovery_codes(actor_of(alice))
    assert not takes(alice, old[0])
    assert takes(alice, new[0])
    assert takes(alice, code(secret))


def test_nothing_of_it_can_be_read_in_the_database(alice: User) -> None:
    secret, codes = turn_on(alice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(u)::text FROM spaces_user u WHERE id = %s", [alice.pk])
        row = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(to_jsonb(a)::text, '') FROM spaces_auditentry a")
        row += cursor.fetchone()[0]
    assert secret not in row
    assert not [each for each in codes if each in row or each.replace("-", "") in row]


def test_every_change_ends_sessions_and_a_used_code_does_not(alice: User) -> None:
    hashes = [alice.get_session_auth_hash()]
    _, codes = turn_on(alice)
    hashes.append(User.objects.get(pk=alice.pk).get_session_auth_hash())
    assert takes(alice, codes[0])
    assert User.objects.get(pk=alice.pk).get_session_auth_hash() == hashes[-1]
    alice.turn_off_second_factor(actor_of(alice))
    hashes.append(User.objects.get(pk=alice.pk).get_session_auth_hash())
    assert len(set(hashes)) == 3, "a session from before it was on must not come back when it is off"


def test_a_new_password_keeps_it_and_ends_sessions(alice: User) -> None:
    secret, _ = turn_on(alice)
    before = alice.get_session_auth_hash()
    alice.reset_password(actor_of(admin_of(alice.account)), "another quite long password")
    alice = User.objects.get(pk=alice.pk)
    assert alice.has_second_factor
    assert alice.get_session_auth_hash() != before
    assert takes(alice, code(secret))


def test_it_is_turned_off_and_reset_once_with_an_entry_each(alice: User) -> None:
    admin = admin_of(alice.account)
    turn_on(alice)
    with pytest.raises(Conflict):
        turn_on(alice)
    assert alice.reset_second_factor(actor_of(admin))
    assert not alice.reset_second_factor(actor_of(admin))
    assert not User.objects.get(pk=alice.pk).has_second_factor
    with pytest.raises(Conflict):
        alice.renew_recovery_codes(actor_of(alice))
    turn_on(alice)
    assert alice.turn_off_second_factor(actor_of(alice))
    assert operations(alice) == [
        *("turn_on_second_factor", "reset_second_factor", "turn_on_second_factor", "turn_off_second_factor")
    ]


def test_nobody_resets_his_own_nor_turns_off_what_the_account_asks_for(alice: User) -> None:
    boss = make_user(alice.account, "boss", role=Role.ADMINISTRATOR)
    turn_on(boss)
    with pytest.raises(Conflict):
        boss.reset_second_factor(actor_of(boss))
    alice.account.change(actor_of(boss), requires_second_factor=True)
    boss = User.objects.get(pk=boss.pk)
    with pytest.raises(Conflict):
        boss.turn_off_second_factor(actor_of(boss))
    assert User.objects.get(pk=boss.pk).has_second_factor


def test_an_operator_has_one_as_well() -> None:
    operator = make_operator()
    secret, _ = turn_on(operator)
    assert not operator.is_asked_for_second_factor
    assert takes(operator, code(secret))
    assert AuditEntry.objects.get(object_id=operator.pk, operation="user.turn_on_second_factor").account_id is None


def test_without_its_key_only_recovery_codes_open(alice: User, settings: Any) -> None:
    secret, codes = turn_on(alice)
    settings.ENCRYPTION_KEYS = ["another key, and the old one is lost"]
    assert not takes(alice, code(secret))
    assert takes(alice, codes[0])


def test_who_has_none_is_found(alice: User) -> None:
    turn_on(alice)
    without = User.objects.of(alice.account).without_second_factor()
    assert list(without) == [admin_of(alice.account)]
    assert User.objects.get(pk=alice.pk).second_factor_secret != Secret()
    assert timezone.now() - User.objects.get(pk=alice.pk).second_factor_changed_at < timedelta(minutes=1)
