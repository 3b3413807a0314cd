"""The page about users and keys names every role, scope and level, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from spaces.filters_audit import OPERATIONS
from spaces.models.access import AccessLevel
from spaces.models.api_keys import Scope
from spaces.models.users import Role

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "users-and-keys.md").read_text()


def table(head: str) -> set[str]:
    rows = re.search(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.M)
    assert rows is not None, head
    return set(re.findall(r"^\| `(\w+)` \|", rows[1], re.M))


def test_roles_scopes_and_levels_are_those_of_the_code() -> None:
    assert table("role") == set(Role.values)
    assert table("scope") == set(Scope.values)
    assert table("level") == set(AccessLevel.values)


def test_the_filter_of_the_audit_offers_every_operation_that_is_written() -> None:
    code = "".join(path.read_text() for path in (ROOT / "spaces").rglob("*.py"))
    kinds = "space|contact|user|group|api_key|export_link|webhook|saved_view"
    recorded = set(re.findall(rf'record(?:_many)?\([^"\n]+"((?:{kinds})\.[a-z_]+)"', code))
    elsewhere = {"space.create", "contact.create", "contact.update", "user.sign_in_failed"}  # not through record
    elsewhere |= {f"user.{verb}_second_factor" for verb in ("turn_on", "turn_off", "reset")} | {"account.update"}
    elsewhere |= {"space.grant", "space.revoke", "webhook.update", "webhook.test", "webhook.redeliver"}
    assert recorded | elsewhere == {name for names in OPERATIONS.values() for name in names}
