"""What requests about keys and pings may say."""

from __future__ import annotations

from spaces_project.kit import limits

from .fields import Body, Choice, Flag, Identifier, Labels, Number, Object, Objects, Text, Time

# ruff: noqa: N815 (the wire's names)

ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"
INHERIT, SCOPED = "INHERIT_SUBJECT", "SCOPED"
PAYLOADS = ("PAYLOAD_TYPE_UNSPECIFIED", "TEXT", "JSON", "BINARY")
TARGETS = ("TARGET_TYPE_UNSPECIFIED", "EMBEDDER", "RERANKER", "LLM")


class KeyBody(Body):
    """A new key. It can do what its user may, within the scopes of the key that asks for it."""

    labels = Labels(default=dict)
    expiresAt = Time()
    apiKeyId = Identifier("API key")
    subjectPrincipalId = Identifier("subject")
    authorityMode = Choice((INHERIT, SCOPED))
    ceiling = Objects(Object())
    validFrom = Time()


class KeyChange(Body):
    """What changes in a key. INACTIVE ends it for good."""

    status = Choice((ACTIVE, INACTIVE))
    replaceLabels = Labels()
    mergeLabels = Labels()


class PingBody(Body):
    """One call of a model's server. A payload may be given, or its size."""

    targetId = Identifier("target", required=True)
    targetTypeHint = Choice(TARGETS)
    payloadType = Choice(PAYLOADS)
    payload = Text(max_length=limits.PING_BYTES)
    payloadSizeBytes = Number(min_value=0, max_value=limits.PING_BYTES)
    timeoutMs = Number(min_value=0, max_value=limits.PING_SECONDS * 1000, default=0)


class PingsBody(PingBody):
    """Several calls, one after the other. 0 is the default: 4 calls, a second apart."""

    count = Number(min_value=0, max_value=limits.PINGS, default=0)
    intervalMs = Number(min_value=0, max_value=limits.PING_PAUSE_SECONDS * 1000, default=0)
    maxInFlight = Number(min_value=0)
    jitter = Flag()
    labels = Labels()
