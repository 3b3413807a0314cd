"""Domain errors: raised by models and services, translated once per dialect and once for pages."""

from __future__ import annotations


class SpacesError(Exception):
    """Base of everything a caller can be told; ``str(error)`` is a sentence for the caller."""

    message = "Something went wrong."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)


class InvalidInput(SpacesError):
    """The request cannot be understood or breaks a rule; ``field`` names where, when one field is to blame."""

    message = "The request is not valid."

    def __init__(self, message: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class TooLarge(InvalidInput):
    """The request is larger than a limit."""

    message = "The request is too large."


class NotAuthenticated(SpacesError):
    message = "Not authenticated"


class NotAllowed(SpacesError):
    """The object may be read, but this may not be done with it."""

    message = "Not authorized"


class NotFound(SpacesError):
    """Missing, or not readable by this actor: the two cannot be told apart."""

    message = "Not found"


class Conflict(SpacesError):
    """The state of the object does not allow this now."""

    message = "Conflict"


class AlreadyExists(Conflict):
    """Something with this unique value exists."""

    message = "Already exists"
