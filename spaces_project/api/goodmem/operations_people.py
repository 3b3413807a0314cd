"""The operations of keys, users and the system itself."""

from __future__ import annotations

from . import answers as a
from . import serializers_people as bodies
from .operation import GONE, MADE, Operation, paging, parameter

SystemInfo = a.shape("GoodMemSystemInfo", "What answers here.", version=a.text(), major=a.number(), minor=a.number(),
                     patch=a.number(), dirty=a.flag(), capabilities=a.labels())  # fmt: skip
SystemInit = a.shape("GoodMemSystemInit", "It is set up already.", alreadyInitialized=a.flag(), message=a.text())

Key = a.shape(
    "GoodMemKey",
    "An API key, without its secret.",
    apiKeyId=a.uuid(),
    userId=a.uuid(),
    subjectPrincipalId=a.uuid(),
    ownerPrincipalId=a.uuid(),
    authorityMode=a.text(),
    ceilingOmitted=a.flag(),
    keyPrefix=a.text(),
    status=a.text(),
    lifecycleState=a.text(),
    labels=a.labels(),
    validFrom=a.number(),
    expiresAt=a.maybe_number(),
    lastUsedAt=a.maybe_number(),
    **a.touched(),
)
Keys = a.shape("GoodMemKeys", "A page of keys.", keys=Key(many=True), nextToken=a.maybe())
NewKey = a.shape("GoodMemNewKey", "A new key; its secret is shown once.", apiKeyMetadata=Key(), rawApiKey=a.text())
User = a.shape("GoodMemUser", "A person.", userId=a.uuid(), email=a.text(), displayName=a.text(), username=a.text(),
               labels=a.labels(), **a.touched())  # fmt: skip
Instance = a.shape("GoodMemInstance", "The account.", instanceId=a.uuid(), ownerId=a.uuid(), **a.touched())
Ping = a.shape("GoodMemPing", "How one call went.", endpoint=a.free(), seq=a.number(), bytesSent=a.number(),
               bytesReceived=a.number(), ok=a.flag(), httpStatus=a.number(), errorMessage=a.maybe(), rttMs=a.decimal(),
               timing=a.free())  # fmt: skip
PingEvent = a.shape("GoodMemPingEvent", "One line of the stream: a result, or at last the summary.",
                    result=Ping(required=False), summary=a.free())  # fmt: skip
STATES = ("USABLE", "EXPIRED", "REVOKED", "NOT_YET_VALID")
KEYS = (
    parameter("subjectPrincipalId", "Keys of this user."),
    parameter("lifecycleState", "", enum=STATES),
    *paging(50, 1_000),
)
DELETED = (parameter("includeDeleted", "`true`: deactivated users too, for those who read the account.", bool),)

PEOPLE: tuple[Operation, ...] = (
    Operation("key.list", "listApiKeys", "List keys, newest first", Keys, query=KEYS, fails=()),
    Operation("key.create", "createApiKey", "Make a key for oneself", NewKey, bodies.KeyBody, fails=(409,),
              status=MADE),
    Operation("key.retrieve", "getApiKey", "Fetch a key", Key),
    Operation("key.modify", "updateApiKey", "Label a key, or end it", Key, bodies.KeyChange, fails=(404, 412)),
    Operation("key.remove", "deleteApiKey", "End a key", status=GONE),
    Operation("user.me", "getCurrentUser", "Say who one is", User, fails=()),
    Operation("user.retrieve", "getUser", "Fetch a user", User, query=DELETED),
    Operation("user.by_email", "getUserByEmail", "Find a user by address", User, query=DELETED),
    Operation("user.by_username", "getUserByUsername", "Find a user by user name", User, query=DELETED),
    Operation("instance.retrieve", "getInstance", "Say which account this is", Instance, fails=()),
    Operation("ping.once", "pingOnce", "Call a model once", Ping, bodies.PingBody),
    Operation("ping.stream", "pingStream", "Call a model several times", PingEvent, bodies.PingsBody,
              media="application/x-ndjson"),
    Operation("system.info", "getSystemInfo", "Say what answers here", SystemInfo, fails=(), is_open=True),
    Operation("system.init", "initializeSystem", "Say that it is set up", SystemInit, fails=(), is_open=True),
)  # fmt: skip
