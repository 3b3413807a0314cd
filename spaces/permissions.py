"""Who may do what, in one place: pages, dialects and jobs all ask here.

| who           | may                                                                                              |
|---------------|--------------------------------------------------------------------------------------------------|
| operator      | everything in all accounts (and /admin/)                                                         |
| administrator | everything in the account                                                                        |
| analyst       | read and export everything in the account, change nothing                                        |
| member        | MANAGE on spaces he owns; what he or a group of his was granted elsewhere; USE on the default    |
|               | space, enough there to add memories. Contacts: reads those he made and those of spaces he may    |
|               | read; changes those he made and                                                                  |
|               | those of spaces he manages; deletes those he made, unless memories go with them that he may not |
|               | delete. Chats: his own where he may read the space,                                              |
|               | all of spaces he manages; he writes in them with USE                                             |
| folders       | who administers the account changes all, an analyst reads all; a member what he or a group of    |
|               | his was granted, there and below: READ, WRITE or MANAGE. Whoever makes a folder manages it       |
| API key       | its user's rights within its scopes and its spaces; limited to spaces it sees these and their    |
|               | contacts (read-only), not the default space, no folders, makes no space                          |
| anyone        | spaces with public_read, through ``readable_space``                                              |

What may not be read is NotFound; what may be read but not changed is NotAllowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from uuid import UUID

from django.db.models import Q

from . import belongings
from .actors import Actor
from .errors import NotAllowed, NotFound
from .models import Contact, Group, Space, SpaceAccess, User
from .models.api_keys import Scope
from .models.users import Role

FEW = 1_000


class Level(IntEnum):
    """What an actor may do with one space; each includes those before it."""

    NONE = 0
    READ = 1
    USE = 2
    UPLOAD = 3
    MANAGE = 4


def _sees_account(actor: Actor) -> bool:
    """Reads everything in the account."""
    return actor.is_system or actor.is_operator or _role(actor) in (Role.ADMINISTRATOR, Role.ANALYST)


def _runs_account(actor: Actor) -> bool:
    """May change everything in the account."""
    return actor.is_system or actor.is_operator or _role(actor) == Role.ADMINISTRATOR


def _role(actor: Actor) -> str:
    return actor.user.role if actor.user else ""


def _within_key(actor: Actor) -> Q:
    """What an API key limited to spaces leaves of a queryset of spaces."""
    return Q() if actor.only_spaces is None else Q(pk__in=actor.only_spaces, is_default=False)


def granted_to(user: User) -> Q:
    """The grants that reach this user, directly or through a group."""
    groups = Group.objects.filter(account=user.account_id, memberships__user=user)
    return Q(user=user) | Q(group__in=groups)


def _granted_spaces(actor: Actor, **of: Any) -> list[UUID]:
    """The spaces that grants reach, asked for at once: with a list beside the owner the planner can use its indexes,
    with a subquery in an OR it reads every space of the account."""
    grants = SpaceAccess.objects.of(actor.account).filter(granted_to(actor.user), **of)  # type: ignore[arg-type]
    return list(grants.values_list("space_id", flat=True).distinct())


def few(spaces: Any) -> Any:
    """For a condition ``x__in=few(spaces)`` that stands in an OR: the ids themselves while they are few, else the
    query for them. With few the planner goes by an index; with many a walk through the newest rows finds enough."""
    ids = list(spaces.order_by().values_list("pk", flat=True)[: FEW + 1])
    return ids if len(ids) <= FEW else spaces.order_by().values("pk")


def visible_spaces(actor: Actor) -> Any:
    """The spaces this actor may read, as a SpaceQuerySet; the default space is among them."""
    spaces = Space.objects.of(actor.account).filter(_within_key(actor))
    if _sees_account(actor):
        return spaces
    return spaces.filter(Q(owner=actor.user) | Q(is_default=True) | Q(pk__in=_granted_spaces(actor)))


def manageable_spaces(actor: Actor) -> Any:
    """The spaces in which this actor may change everything."""
    return _spaces_granting(actor, ["MANAGE"])


def uploadable_spaces(actor: Actor) -> Any:
    """The spaces to which this actor may add memories, the default space among them."""
    return _spaces_granting(actor, ["UPLOAD", "MANAGE"], Q(is_default=True))


def _spaces_granting(actor: Actor, levels: list[str], also: Q | None = None) -> Any:
    """One's own, those with such a grant, and those that are ``also`` meant."""
    if not _scoped(actor, Scope.WRITE):
        return Space.objects.none()
    spaces = Space.objects.of(actor.account).filter(_within_key(actor))
    if _runs_account(actor):
        return spaces
    if _role(actor) == Role.ANALYST:
        return spaces.none()
    mine = Q(owner=actor.user) | Q(pk__in=_granted_spaces(actor, level__in=levels))
    return spaces.filter(mine | also if also else mine)


def supervised_spaces(actor: Actor) -> Any:
    """The spaces in which this actor reads everything, the chats of other people too."""
    spaces = Space.objects.of(actor.account).filter(_within_key(actor))
    if _sees_account(actor):
        return spaces
    return spaces.filter(Q(owner=actor.user) | Q(pk__in=_granted_spaces(actor, level="MANAGE")))


def usable_spaces(actor: Actor) -> Any:
    """The spaces in which this actor may hold chats: USE and more."""
    if not _scoped(actor, Scope.WRITE) or (_role(actor) == Role.ANALYST and not _runs_account(actor)):
        return Space.objects.none()
    return visible_spaces(actor)


def sees_account(actor: Actor) -> bool:
    """Whether this actor reads everything in the account, with nothing narrowed by a key."""
    return _sees_account(actor) and actor.only_spaces is None and actor.only_chat is None


def reaches_account(actor: Actor) -> bool:
    """Whether this actor reaches what belongs to the account and to no space, such as folders: keys that are limited to
    spaces, and the session of a chat, do not."""
    return actor.account is not None and actor.only_spaces is None and actor.only_chat is None


def level_in_account(actor: Actor) -> Level:
    """What this actor may do with everything in the account, before any grant."""
    if _runs_account(actor):
        return Level.MANAGE
    return Level.READ if _sees_account(actor) else Level.NONE


def capped(actor: Actor, allowed: Level) -> Level:
    """What an API key's scopes leave of it."""
    return allowed if _scoped(actor, Scope.WRITE) else min(allowed, Level.READ)


def visible_contacts(actor: Actor) -> Any:
    """The contacts this actor may read, as a ContactQuerySet."""
    contacts = Contact.objects.of(actor.account)
    if _sees_account(actor) and actor.only_spaces is None:
        return contacts
    theirs = visible_spaces(actor).exclude(contact=None).order_by().values("contact")
    if actor.only_spaces is None and actor.user:
        made = contacts.filter(created_by=actor.user.pk).order_by().values("pk")
        theirs = theirs.union(made, all=True)
    return contacts.filter(pk__in=theirs)


def get_space(actor: Actor, pk: UUID) -> Space:
    """The space, if this actor may read it; NotFound."""
    space = visible_spaces(actor).filter(pk=pk).first()
    if space is None:
        raise NotFound("Space not found")
    return space  # type: ignore[no-any-return]


def get_contact(actor: Actor, pk: UUID) -> Contact:
    """The contact, if this actor may read it; NotFound."""
    contact = visible_contacts(actor).filter(pk=pk).first()
    if contact is None:
        raise NotFound("Contact not found")
    return contact  # type: ignore[no-any-return]


def readable_space(actor: Actor | None, pk: UUID) -> Space:
    """The space, if this actor may read it or it is public; ``actor`` None is anyone without a key. NotFound."""
    if actor is not None and (space := visible_spaces(actor).filter(pk=pk).first()):
        return space  # type: ignore[no-any-return]
    public = Space.objects.filter(pk=pk, public_read=True, is_default=False).first()
    if public is None:
        raise NotFound("Space not found")
    return public  # type: ignore[no-any-return]


def level(actor: Actor, space: Space, enough: Level = Level.MANAGE) -> Level:
    """What this actor may do with a space, API key and scopes included.

    Whoever needs to know no more than whether it is ``enough`` says so: what is plain needs no query for grants.
    """
    if space.account_id != getattr(actor.account, "pk", None) or not _reaches(actor, space):
        return Level.NONE
    allowed = _level_of_rights(actor, space, enough)
    return allowed if _scoped(actor, Scope.WRITE) else min(allowed, Level.READ)


def _reaches(actor: Actor, space: Space) -> bool:
    return actor.only_spaces is None or (space.pk in actor.only_spaces and not space.is_default)


def supervises(actor: Actor, space: Space) -> bool:
    """Whether the space is among ``supervised_spaces``: this actor reads everything in it."""
    if space.account_id != getattr(actor.account, "pk", None) or not _reaches(actor, space):
        return False
    return _sees_account(actor) or _level_of_rights(actor, space, Level.MANAGE) >= Level.MANAGE


def _level_of_rights(actor: Actor, space: Space, enough: Level) -> Level:
    if _runs_account(actor) or (actor.user and space.owner_id == actor.user.pk and _role(actor) == Role.MEMBER):
        return Level.MANAGE
    if _role(actor) == Role.ANALYST:
        return Level.READ
    if space.is_default and enough <= Level.USE:
        return Level.USE
    granted = SpaceAccess.objects.of(space.account_id).filter(granted_to(actor.user), space=space)  # type: ignore[arg-type]
    levels = [Level[name] for name in granted.values_list("level", flat=True)]
    return max([*levels, Level.USE if space.is_default else Level.NONE])


def grantable_scopes(actor: Actor) -> tuple[Scope, ...]:
    """The scopes this person may give to a key of his own: never more than he may use himself."""
    if _runs_account(actor):
        return tuple(Scope)
    return (Scope.READ,) if _role(actor) == Role.ANALYST else (Scope.READ, Scope.WRITE)


def _scoped(actor: Actor, scope: Scope) -> bool:
    return actor.scopes is None or scope in actor.scopes


# ---------------------------------------------------------------- operations


@dataclass(frozen=True)
class Rule:
    """An operation needs a scope of the key and a right of the user."""

    scope: Scope
    allows: Callable[[Actor, Any], bool]


def _space_level(needed: Level) -> Callable[[Actor, Any], bool]:
    return lambda actor, space: actor.only_chat is None and level(actor, space) >= needed


def _may_create(actor: Actor, _: Any) -> bool:
    return actor.only_spaces is None and (_runs_account(actor) or _role(actor) == Role.MEMBER)


def _made(actor: Actor, contact: Contact) -> bool:
    return actor.only_spaces is None and _role(actor) == Role.MEMBER and contact.created_by == actor.user.pk  # type: ignore[union-attr]


def _may_change_contact(actor: Actor, contact: Contact) -> bool:
    if actor.only_spaces is not None:
        return False
    return _runs_account(actor) or _made(actor, contact) or manageable_spaces(actor).for_contact(contact).exists()


def _may_delete_contact(actor: Actor, contact: Contact) -> bool:
    """Nobody deletes with his contact what he may not delete itself."""
    if _runs_account(actor):
        return actor.only_spaces is None
    return _made(actor, contact) and not belongings.held_back(actor, contact.pk)


def _own_chat(needed: Level) -> Callable[[Actor, Any], bool]:
    """One's own chat, with this level in its space; or any chat of a space that one manages."""

    def allows(actor: Actor, chat: Any) -> bool:
        if actor.only_chat is not None and actor.only_chat != chat.pk:
            return False
        mine = actor.user is not None and chat.user_id == actor.user.pk
        enough = needed if mine else Level.MANAGE
        return level(actor, chat.space, enough) >= enough

    return allows


def _may_upload(actor: Actor, space: Space) -> bool:
    """UPLOAD; in the default space, where everything without a space of its own lives, USE is enough."""
    needed = Level.USE if space.is_default else Level.UPLOAD
    return actor.only_chat is None and level(actor, space, needed) >= needed


def _may_change_memory(actor: Actor, memory: Any) -> bool:
    """What one added oneself, where one may still add; any memory of a space that one manages; any file of a folder
    that one may write in; any file of a chat that one may write in."""
    if memory.chat_id is not None:
        return _own_chat(Level.USE)(actor, memory.chat)
    if actor.only_chat is not None:
        return False
    if memory.folder_id is not None:
        return _folder_level(Level.UPLOAD)(actor, memory.folder)
    mine = actor.user is not None and memory.created_by == actor.user.pk
    return _may_upload(actor, memory.space) if mine else level(actor, memory.space) >= Level.MANAGE


def _folder_level(needed: Level) -> Callable[[Actor, Any], bool]:
    return lambda actor, folder: folder.level_of(actor) >= needed


def _may_transfer_space(actor: Actor, space: Space) -> bool:
    """Its owner, and who runs the account; MANAGE alone does not give a space away."""
    owns = actor.user is not None and space.owner_id == actor.user.pk
    return _space_level(Level.MANAGE)(actor, space) and (owns or _runs_account(actor))


def _may_run_account(actor: Actor, _: Any) -> bool:
    return actor.only_spaces is None and actor.only_chat is None and _runs_account(actor)


def _may_change_model(actor: Actor, model: Any) -> bool:
    """An embedder or reranker of one's own; who administers the account changes all."""
    owns = actor.user is not None and model.owner_id == actor.user.pk and _may_create(actor, model)
    return owns or can(actor, "account.administer")


OPERATIONS: dict[str, Rule] = {
    "space.read": Rule(Scope.READ, _space_level(Level.READ)),
    "space.list": Rule(Scope.READ, lambda actor, _: True),
    "space.create": Rule(Scope.WRITE, _may_create),
    "space.use": Rule(Scope.WRITE, _space_level(Level.USE)),
    "space.upload": Rule(Scope.WRITE, _may_upload),
    "space.update": Rule(Scope.WRITE, _space_level(Level.MANAGE)),
    "space.delete": Rule(Scope.WRITE, _space_level(Level.MANAGE)),
    "space.grant": Rule(Scope.WRITE, _space_level(Level.MANAGE)),
    "space.transfer": Rule(Scope.WRITE, _may_transfer_space),
    "space.create_for_others": Rule(Scope.WRITE, _may_run_account),
    "chat.list": Rule(Scope.READ, lambda actor, _: True),
    "chat.write": Rule(Scope.WRITE, _own_chat(Level.USE)),
    "chat.delete": Rule(Scope.WRITE, lambda actor, chat: actor.only_chat is None and _own_chat(Level.USE)(actor, chat)),
    "memory.list": Rule(Scope.READ, lambda actor, _: True),
    "memory.update": Rule(Scope.WRITE, _may_change_memory),
    "memory.delete": Rule(Scope.WRITE, _may_change_memory),
    "folder.list": Rule(Scope.READ, lambda actor, _: reaches_account(actor)),
    "folder.create": Rule(Scope.WRITE, _may_create),
    "folder.write": Rule(Scope.WRITE, _folder_level(Level.UPLOAD)),
    "folder.manage": Rule(Scope.WRITE, _folder_level(Level.MANAGE)),
    "model.list": Rule(Scope.READ, lambda actor, _: actor.only_chat is None),
    "model.create": Rule(Scope.WRITE, _may_create),
    "model.use": Rule(Scope.WRITE, _may_create),
    "model.update": Rule(Scope.WRITE, _may_change_model),
    "api_key.issue": Rule(Scope.WRITE, lambda actor, _: actor.only_spaces is None and actor.only_chat is None),
    "note.keep": Rule(Scope.WRITE, _may_create),
    "contact.list": Rule(Scope.READ, lambda actor, _: True),
    "contact.create": Rule(Scope.WRITE, _may_create),
    "contact.update": Rule(Scope.WRITE, _may_change_contact),
    "contact.delete": Rule(Scope.WRITE, _may_delete_contact),
    "account.read": Rule(Scope.READ, lambda actor, _: _sees_account(actor) and actor.only_spaces is None),
    "account.administer": Rule(Scope.ADMIN, lambda actor, _: _runs_account(actor) and actor.only_spaces is None),
    "account.act_as": Rule(Scope.ACT_AS, lambda actor, _: True),
}


def can(actor: Actor, operation: str, obj: Any = None) -> bool:
    """Whether ``actor`` may do ``operation`` (a key of OPERATIONS) with ``obj``, which he may read."""
    rule = OPERATIONS[operation]
    return _scoped(actor, rule.scope) and rule.allows(actor, obj)


def require(actor: Actor, operation: str, obj: Any = None) -> None:
    """Raise NotAllowed unless ``can``."""
    if not can(actor, operation, obj):
        raise NotAllowed()
