"""Which broken constraint means what, for the verbs that lean on the database's word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from spaces.errors import AlreadyExists, Conflict, NotFound, SpacesError

MEANINGS: dict[str, SpacesError] = {
    "spaces_space_alias": AlreadyExists("Another space has this alias."),
    "spaces_contact_alias": AlreadyExists("Another contact has this alias."),
    "spaces_contact_fingerprint": AlreadyExists("Another contact has this fingerprint."),
    "spaces_user_username": AlreadyExists("This user name is taken."),
    "memories_folder_name": AlreadyExists("A folder with this name exists there."),
    "memories_memory_key_in_folder": AlreadyExists("A file with this key exists in the folder."),
    "memories_memory_key_in_chat": AlreadyExists("A file with this key exists in the chat."),
    "memories_embedder_same": AlreadyExists("An embedder like this exists."),
    "memories_reranker_same": AlreadyExists("A reranker like this exists."),
    "memories_language_model_name": AlreadyExists("Another language model has this name."),
    "spaces_view_name": AlreadyExists("You have a view of that name here."),
    "spaces_group_name": AlreadyExists("A group with this name exists."),
    "spaces_space_owner_key": Conflict("This user owns spaces."),
}


def constraint_of(error: IntegrityError) -> str:
    """The name of the constraint that ``error`` speaks of, or an empty text."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""


def meaning(error: IntegrityError) -> SpacesError:
    """The domain error behind a broken constraint: known by name, else by its kind."""
    name = constraint_of(error)
    if name in MEANINGS:
        return MEANINGS[name]
    if getattr(error.__cause__, "sqlstate", "") == "23503":
        return NotFound()  # the row referred to went away while we wrote
    return AlreadyExists() if getattr(error.__cause__, "sqlstate", "") == "23505" else Conflict()


@contextmanager
def domain_errors() -> Iterator[None]:
    """Around a verb's transaction: raise the domain error instead of IntegrityError."""
    try:
        yield
    except IntegrityError as error:
        raise meaning(error) from error
