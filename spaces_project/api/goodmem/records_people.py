"""Keys and users as GoodMem's clients read them: the union of what its generations require."""

from __future__ import annotations

from spaces.models import Account, ApiKey, User

from .records import Record, maybe_milliseconds, milliseconds

STATES = {"active": "USABLE", "expired": "EXPIRED", "revoked": "REVOKED"}


def key_record(key: ApiKey) -> Record:
    """Everything but the key itself."""
    user = str(key.user_id)
    ended = {"revokedAt": milliseconds(key.revoked_at)} if key.revoked_at else {}
    changed = key.revoked_at or key.created_at
    return {
        "apiKeyId": str(key.pk),
        "userId": user,
        "subjectPrincipalId": user,
        "ownerPrincipalId": user,
        "authorityMode": "INHERIT_SUBJECT",
        "ceilingOmitted": False,
        "keyPrefix": f"sk_{key.prefix}",
        "status": "INACTIVE" if key.revoked_at else "ACTIVE",
        "lifecycleState": STATES[key.state],
        "labels": key.labels,
        "validFrom": milliseconds(key.created_at),
        "expiresAt": maybe_milliseconds(key.expires_at),
        "lastUsedAt": maybe_milliseconds(key.last_used_at),
        **ended,
        "createdAt": milliseconds(key.created_at),
        "updatedAt": milliseconds(changed),
        "createdById": user,
        "updatedById": user,
    }


def user_record(user: User, *, with_email: bool) -> Record:
    """``email`` is always there, as clients require; it is empty for those who may not see it."""
    moment, who = milliseconds(user.created_at), str(user.pk)
    gone = {} if user.is_active else {"deletedAt": moment, "deletedById": who}  # when, nobody wrote down
    return {
        "userId": who,
        "email": user.email if with_email else "",
        "displayName": user.name or user.username,
        "username": user.username,
        "labels": {},
        "createdAt": moment,
        "updatedAt": moment,
        "createdById": who,
        "updatedById": who,
        **gone,
    }


def instance_record(account: Account) -> Record:
    """What the vendor calls an instance is an account here."""
    moment, owner = milliseconds(account.created_at), str(account.default_space.owner_id)
    times = {"createdAt": moment, "updatedAt": moment, "createdById": owner, "updatedById": owner}
    return {"instanceId": str(account.pk), "ownerId": owner, **times}
