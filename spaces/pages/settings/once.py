"""Forms that work once: sending one again (Back, Reload, a double click) makes nothing twice and shows no secret.

The form carries a signed note of what it is about; what it does makes the note worthless.
"""

from __future__ import annotations

from uuid import UUID

from django.core import signing

from spaces.models import User
from spaces_project.kit.ids import new_id

DAY_SECONDS = 24 * 3600


def fresh_id(user: User) -> str:
    """A note with the id that the object made by this form will have."""
    return signing.dumps([str(user.pk), str(new_id())], salt="spaces.once")


def read_id(user: User, note: str) -> UUID | None:
    """The id in a note that we made for this user within a day, else None."""
    try:
        owner, pk = signing.loads(note, salt="spaces.once", max_age=DAY_SECONDS)
    except signing.BadSignature:
        return None
    return UUID(pk) if owner == str(user.pk) else None


def password_note(by: User, user: User) -> str:
    """A note that fits as long as ``user`` has the password of now."""
    return signing.dumps([str(by.pk), user.get_session_auth_hash()], salt="spaces.once-password")


def password_fits(by: User, user: User, note: str) -> bool:
    """Whether the note was made for ``by`` within a day, and the password is still the same."""
    try:
        found = signing.loads(note, salt="spaces.once-password", max_age=DAY_SECONDS)
    except signing.BadSignature:
        return False
    return bool(found == [str(by.pk), user.get_session_auth_hash()])
