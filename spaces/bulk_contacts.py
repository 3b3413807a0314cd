"""Deleting many contacts: set by set, each in one transaction with the audit entries of all that changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from . import audit, belongings
from .actors import Actor
from .bulk import BATCH, Outcome, Rows
from .models import Contact, Space
from .permissions import can, visible_contacts


def delete(actor: Actor, pks: Iterable[UUID]) -> Iterator[Outcome]:
    """Delete the contacts that may be; yields one outcome per contact that can be read, in order."""
    waiting = iter(pks)
    while batch := list(islice(waiting, BATCH)):
        yield from _delete_batch(actor, batch)


@transaction.atomic
def _delete_batch(actor: Actor, pks: list[UUID]) -> list[Outcome]:
    # the contacts first, so that no space can take one on while we let go of it
    readable = visible_contacts(actor).filter(pk__in=pks).values("pk")
    locked = _contacts(actor).filter(pk__in=readable).defer("search", "meta").order_by("pk").select_for_update()
    contacts = {contact.pk: contact for contact in locked}
    may = set(deletable(actor, _contacts(actor).filter(pk__in=contacts)).values_list("pk", flat=True))
    going = [contact for contact in contacts.values() if contact.pk in may]
    _let_go(actor, going)
    belongings.record_gone(actor, [contact.pk for contact in going])
    _contacts(actor).filter(pk__in=[contact.pk for contact in going]).delete()
    audit.record_many(actor, "contact.delete", [(contact, {}) for contact in going])
    gone = {contact.pk for contact in going}
    return [_outcome(contacts[pk], pk in gone) for pk in pks if pk in contacts]


def deletable(actor: Actor, contacts: Any) -> Any:
    """Those of these contacts for which ``can(actor, "contact.delete", contact)`` holds, as one condition."""
    if can(actor, "account.administer"):
        return contacts
    pk = actor.user.pk if actor.user else None
    mine = Contact(account=actor.account, created_by=pk)
    if not can(actor, "contact.delete", mine):
        return contacts.none()
    return belongings.free(actor, contacts.filter(created_by=pk))


def _contacts(actor: Actor) -> Any:
    return Contact.objects.of(actor.account)


def _names(contacts: Any) -> dict[UUID, str]:
    return {contact.pk: str(contact) for contact in contacts.only("id", "name", "nick", "email")}


CONTACTS = Rows("contact", visible_contacts, lambda actor: deletable(actor, _contacts(actor)), _names)


def _let_go(actor: Actor, contacts: list[Contact]) -> None:
    """The spaces of these contacts lose the link, which is written down for each of them."""
    spaces = Space.objects.of(actor.account).filter(contact__in=contacts)
    losing = list(spaces.order_by("pk").select_for_update(no_key=True).defer("search", "meta"))
    stamp = {"updated_at": timezone.now(), "updated_by": actor.user.pk if actor.user else None}
    Space.objects.filter(pk__in=[space.pk for space in losing]).update(contact=None, **stamp)
    audit.record_many(actor, "space.update", [(each, {"contact": [str(each.contact_id), None]}) for each in losing])


def _outcome(contact: Contact, gone: bool) -> Outcome:
    words = "Deleted" if gone else "You may not delete this contact"
    return Outcome(contact.pk, str(contact), "done" if gone else "refused", words)
