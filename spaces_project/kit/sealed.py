"""Secrets that Spaces itself has to use later (keys of language models, of webhooks), encrypted at rest.

The key is ``SPACES_ENCRYPTION_KEY``: one secret, or several separated by commas. The first seals, all of them open, so
a key is rotated by putting a new one in front (docs/settings.md). A database dump alone opens nothing.

    key = SealedField()              # on a model
    model.key = "sk-…"               # sealed from here on; what one reads is a Secret
    model.key.reveal()               # only where it is sent
"""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

MASK = "••••••••"


class CannotUnseal(Exception):
    """The text was sealed with a key that is not among SPACES_ENCRYPTION_KEY, or was damaged."""

    def __init__(self) -> None:
        super().__init__("A stored secret cannot be read any more and has to be entered again.")


def seal(text: str) -> str:
    """``text`` as a token that only this installation can open; different each time."""
    return _box(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    """What was sealed; CannotUnseal when it was not sealed by any of the keys."""
    try:
        return _box(tuple(settings.ENCRYPTION_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken:
        raise CannotUnseal from None


@lru_cache(maxsize=4)
def _box(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"spaces: sealed fields").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)


class Secret:
    """A sealed value, or none: false when there is none, and never spelled out but by ``reveal``."""

    __slots__ = ("token",)

    def __init__(self, token: str = "") -> None:
        self.token = token

    @classmethod
    def of(cls, text: str) -> Secret:
        """``text``, sealed; none for an empty one."""
        return cls(seal(text) if text else "")

    def reveal(self) -> str:
        """The plain text; empty when there is none. Raises CannotUnseal."""
        return unseal(self.token) if self.token else ""

    def __bool__(self) -> bool:
        return bool(self.token)

    def __str__(self) -> str:
        return MASK if self.token else ""

    def __repr__(self) -> str:
        return f"<Secret {'set' if self.token else 'empty'}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.token == other.token

    def __hash__(self) -> int:
        return hash(self.token)


class _SealedAttribute(DeferredAttribute):
    """Seals a plain text in the moment it is set, so that no instance holds one."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value if isinstance(value, Secret) else Secret.of(value or "")


class SealedField(models.TextField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A write-only text: set as a text, read as a Secret, kept as a token; never in forms, admin, exports or audit."""

    descriptor_class = _SealedAttribute

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"blank": True, "default": "", **kwargs, "editable": False})

    def from_db_value(self, value: Any, *_: Any) -> Secret:
        return Secret(value or "")

    def to_python(self, value: Any) -> Secret:
        return value if isinstance(value, Secret) else Secret.of(value or "")

    def get_prep_value(self, value: Any) -> str:
        return self.to_python(value).token

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def clean(self, value: Any, model_instance: models.Model | None) -> Secret:
        return self.to_python(value)


def check_secret(text: str) -> None:
    """A secret that can be sent in a header: one line of printable ASCII, no spaces around it. Else ValidationError."""
    if text and not (text.isascii() and text.isprintable() and text == text.strip()):
        raise ValidationError("One line of letters, digits and signs, without spaces around it.", code="secret")
