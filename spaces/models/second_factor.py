"""The second factor of somebody who signs in with a password: an authenticator app, and codes for when it is lost."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from spaces import audit, totp
from spaces.actors import Actor
from spaces.errors import Conflict
from spaces_project.kit import limits
from spaces_project.kit.sealed import CannotUnseal, SealedField

log = logging.getLogger(__name__)
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
FIELDS = ("second_factor_secret", "second_factor_step", "second_factor_changed_at", "recovery_codes")
CODE_CHARS = 10  # about 50 bits; kept as slow hashes, as passwords are


def new_recovery_code() -> str:
    """Such as ``k7m2p-x9w4r``."""
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_CHARS))
    return f"{code[:5]}-{code[5:]}"


def typed(code: str) -> str:
    """A code without what people and apps put between its characters."""
    return "".join(each for each in code.lower() if each.isalnum())


class SecondFactor(AbstractBaseUser):
    """What a user has of it. It is on when there is a secret; ``second_factor_changed_at``: since it went on or off.

    ``second_factor_step`` is the last step whose code was used (see spaces/totp.py): none is taken twice.
    ``recovery_codes`` are hashes of the codes that are left. Every change ends all sessions of the user.
    """

    second_factor_secret = SealedField(help_text="What an authenticator app makes its codes from.")
    second_factor_step = models.BigIntegerField(default=0, editable=False)
    second_factor_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    recovery_codes = ArrayField(models.CharField(max_length=255), default=list, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def has_second_factor(self) -> bool:
        return bool(self.second_factor_secret)

    @property
    def is_asked_for_second_factor(self) -> bool:
        """Whether the account wants one of everybody."""
        account = getattr(self, "account", None)
        return account is not None and account.requires_second_factor

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sessions end with every change of the second factor, as they do with a new password (Django asks this)."""
        if self.second_factor_changed_at is None:
            return super()._get_session_auth_hash(secret=secret)  # type: ignore[misc,no-any-return]
        value = f"{self.password} {self.second_factor_changed_at.timestamp()}"
        return salted_hmac("spaces.second-factor", value, secret=secret, algorithm="sha256").hexdigest()

    def turn_on_second_factor(self, by: Actor, secret: str, step: int) -> list[str]:
        """From now on signing in asks for a code; returns the recovery codes, which nobody is shown again.

        ``step`` is that of the code which showed that the app has the secret. Raises Conflict when it is on already.
        """
        with transaction.atomic():
            self._lock()
            if self.has_second_factor:
                raise Conflict("Two-factor sign-in is on already.")
            self.second_factor_secret, self.second_factor_step = secret, step
            return self._change(by, "user.turn_on_second_factor", new_recovery_codes())

    def renew_recovery_codes(self, by: Actor) -> list[str]:
        """New recovery codes; the old ones open nothing any more. Raises Conflict without a second factor."""
        with transaction.atomic():
            self._lock()
            if not self.has_second_factor:
                raise Conflict("Two-factor sign-in is off.")
            codes = new_recovery_codes()
            self.recovery_codes = hashed(codes)
            self.save(update_fields=["recovery_codes"])
            audit.record(by, "user.renew_recovery_codes", self)
        return codes

    def turn_off_second_factor(self, by: Actor) -> bool:
        """The password is enough again; says whether it was not. Raises Conflict where the account asks everybody."""
        if self.is_asked_for_second_factor:
            raise Conflict("Your account asks everybody for a second factor, so it cannot be turned off.")
        return self._turn_off(by, "user.turn_off_second_factor")

    def reset_second_factor(self, by: Actor) -> bool:
        """As turning it off, for somebody who lost his app and his codes; says whether there was one.

        Raises Conflict for one's own: that takes a password and a code.
        """
        if by.user is not None and by.user.pk == self.pk:
            raise Conflict("Turn off your own under Settings, Two-factor; or ask another administrator to reset it.")
        return self._turn_off(by, "user.reset_second_factor")

    def take_code(self, by: Actor, code: str, at: datetime | None = None) -> bool:
        """Whether this code opens now, of the app or for recovery; it does so once."""
        with transaction.atomic():
            self._lock()
            code = typed(code)
            return self._take_step(code, at) if totp.is_code(code) else self._take_recovery_code(by, code)

    def _lock(self) -> None:
        """This row as it is now, until the end of the transaction."""
        rows: Any = type(self)._base_manager
        locked: Self = rows.select_for_update(no_key=True).get(pk=self.pk)
        for name in FIELDS:
            setattr(self, name, getattr(locked, name))

    def _take_step(self, code: str, at: datetime | None) -> bool:
        step = totp.step_of(self._secret(), code, at) if self.has_second_factor else None
        if step is None or step <= self.second_factor_step:
            return False
        self.second_factor_step = step
        self.save(update_fields=["second_factor_step"])
        return True

    def _secret(self) -> str:
        try:
            return str(self.second_factor_secret.reveal())
        except CannotUnseal:
            log.error("The second factor of user %s cannot be read any more; recovery codes still work.", self.pk)
            return totp.new_secret()  # opens for nobody

    def _take_recovery_code(self, by: Actor, code: str) -> bool:
        """All that are left are compared, so that the time tells nothing of where the right one is."""
        right = [kept for kept in self.recovery_codes if check_password(code, kept)] if len(code) == CODE_CHARS else []
        if not right:
            return False
        self.recovery_codes = [kept for kept in self.recovery_codes if kept not in right]
        self.save(update_fields=["recovery_codes"])
        audit.record(by, "user.use_recovery_code", self)
        return True

    def _turn_off(self, by: Actor, operation: str) -> bool:
        with transaction.atomic():
            self._lock()
            was_on = self.has_second_factor
            if was_on:
                self.second_factor_secret, self.second_factor_step = "", 0
                self._change(by, operation, [])
        return was_on

    def _change(self, by: Actor, operation: str, codes: list[str]) -> list[str]:
        self.second_factor_changed_at = timezone.now()
        self.recovery_codes = hashed(codes)
        self.save(update_fields=FIELDS)
        audit.record(by, operation, self)
        return codes


def new_recovery_codes() -> list[str]:
    return [new_recovery_code() for _ in range(limits.RECOVERY_CODES)]


def hashed(codes: list[str]) -> list[str]:
    """As they are kept."""
    return [make_password(typed(code)) for code in codes]
