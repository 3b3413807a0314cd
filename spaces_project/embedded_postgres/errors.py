"""What the launcher raises."""


class EmbeddedPostgresError(RuntimeError):
    """The embedded server cannot do what was asked; the message is one a person can act on."""
