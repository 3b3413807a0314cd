"""An operator at /admin/, over two accounts with people and things in them."""

from __future__ import annotations

from copy import copy, deepcopy
from dataclasses import dataclass
from typing import Any

from django.test import Client

from spaces.models import AuditEntry, ExportLink, GroupMembership, SavedView, SpaceAccess, Webhook
from spaces.models.webhooks import Event
from spaces.webhooks import send_test
from tests.factories import actor_of, make_account, make_contact, make_group, make_key, make_operator, make_space
from tests.factories import make_user as user_of

BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass
class Operations:
    """One object of each model, in account ``acme``; ``client`` is the operator's."""

    client: Client
    objects: dict[str, Any]
    cookies: Any

    def __getattr__(self, name: str) -> Any:
        return self.objects[name]

    def copy(self) -> Operations:
        """The same, for one test: it may change objects and sign out. The client is slow to make, and the same."""
        self.client.cookies = copy(self.cookies)
        return Operations(self.client, deepcopy(self.objects), self.cookies)

    def entries(self) -> list[tuple[str, str]]:
        """(operation, who) of every entry about what the tests change, oldest first."""
        found = AuditEntry.objects.exclude(object_type="user", operation__startswith="user.sign").order_by("id")
        return list(found.values_list("operation", "actor_name"))


def make_operations() -> Operations:
    account, other = make_account("acme"), make_account("other")
    alice, contact = user_of(account, "alice"), make_contact(account, name="Jane")
    space, group = make_space(account, alice, name="Warranty", contact=contact), make_group(account, alice, name="Team")
    key, _ = make_key(alice, spaces=[space])
    told = {"name": "Warehouse", "url": "https://hooks.example.com/in", "events": list(Event)}
    webhook, _ = Webhook.create(actor_of(alice), account, **told)
    objects = {
        "account": account,
        "other": other,
        "user": alice,
        "contact": contact,
        "space": space,
        "group": group,
        "apikey": key,
        "groupmembership": GroupMembership.objects.get(group=group),
        "apikeyspace": key.spaces.get(),
        "spaceaccess": SpaceAccess.grant(space, group, "USE", actor_of(alice)),
        "exportlink": ExportLink.issue(actor_of(alice), alice, "Weekly", "/spaces/export.csv", "", 30),
        "savedview": SavedView.create(
            actor_of(alice), alice, list_name="spaces", name="Gold", query="meta=tier%3Dgold"
        ),
        "webhook": webhook,
        "webhookdelivery": send_test(actor_of(alice), webhook),
        "auditentry": AuditEntry.objects.filter(account=account).latest("id"),
    }
    client = Client()
    client.force_login(make_operator(), backend=BACKEND)
    return Operations(client, objects, copy(client.cookies))
