"""An account, who runs it, and receivers on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from spaces.models import Account, User


@pytest.fixture(autouse=True)
def _open_door(settings: Any) -> None:
    from spaces_project.kit.egress import Allowed

    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])


@pytest.fixture
def account() -> Account:
    from tests.factories import make_account

    return make_account()


@pytest.fixture
def admin(account: Account) -> User:
    from tests.factories import admin_of

    return admin_of(account)
