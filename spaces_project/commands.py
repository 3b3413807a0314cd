"""What our management commands share. Results go to stdout; everything else that they say goes to stderr."""

from __future__ import annotations

import getpass
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from spaces.bootstrap import new_password
from spaces_project.env import env


def sentence(error: ValidationError) -> str:
    """A validation error as one line for a terminal, such as `slug: Use lower-case letters.`"""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        f"{'' if field == '__all__' else f'{field}: '}{' '.join(said)}" for field, said in error.message_dict.items()
    )


def given_or_new_password(variable: str, *, ask: bool = False) -> tuple[str, bool]:
    """(password, whether it is new and has to be shown): from the environment, the keyboard, or made up.

    Raises CommandError for a given one that is too weak.
    """
    password = env.str(variable, "")
    if not password and ask and sys.stdin.isatty():
        password = _asked()
    if not password:
        return new_password(), True
    try:
        validate_password(password)
    except ValidationError as error:
        raise CommandError(f"The password: {sentence(error)}") from error
    return password, False


def _asked() -> str:
    password = getpass.getpass("Password (empty: one is made up): ")
    if password and password != getpass.getpass("Again: "):
        raise CommandError("The two passwords differ.")
    return password
