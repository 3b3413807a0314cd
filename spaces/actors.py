"""Who does something: a user in the browser, a program with an API key, or the system itself.

Everything that reads or changes data is told its actor; spaces/permissions.py answers what the actor may do and
spaces/audit.py writes down what it did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from .models import Account, ApiKey, User


@dataclass(frozen=True)
class Actor:
    """``user`` is the person whose rights apply (None: the system itself); ``account`` is None for operators.

    ``scopes`` and ``only_spaces`` narrow the rights to those of an API key; None means not narrowed. ``only_chat``
    is set for the session of one chat, which reaches nothing else.
    """

    account: Account | None
    user: User | None = None
    api_key: ApiKey | None = None
    scopes: frozenset[str] | None = None
    only_spaces: frozenset[UUID] | None = None
    only_chat: UUID | None = None
    address: str | None = None
    request_id: str = ""
    name: str = ""

    @classmethod
    def system(cls, account: Account | None, name: str = "system") -> Actor:
        """A command or a job of our own: may do everything."""
        return cls(account=account, name=name)

    @property
    def user_metadata(self) -> Mapping[str, Any]:
        """What rules may ask about the person, as ``<userMetadata.name>``: administrators set it, nobody his own."""
        return self.user.meta if self.user is not None else {}

    @property
    def is_system(self) -> bool:
        return self.user is None and self.api_key is None

    @property
    def is_operator(self) -> bool:
        return self.user is not None and self.user.is_superuser

    @property
    def label(self) -> str:
        """How the audit calls the actor."""
        return self.name or (self.user.username if self.user else "system")

    def acting_for(self, user: User) -> Actor:
        """The same key and request with the rights of ``user`` (the scope act_as is checked by the caller)."""
        return replace(self, user=user, name="")

    def within(self, account: Account) -> Actor:
        """An operator, working inside one account."""
        return replace(self, account=account)
