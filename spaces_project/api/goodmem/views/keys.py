"""/v1/apikeys: one's own for everybody, all of the account for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from spaces.errors import NotAllowed, NotFound
from spaces.models import ApiKey, User
from spaces.models.api_keys import Scope
from spaces.permissions import can, grantable_scopes, require
from spaces_project.api.errors import FailedPrecondition
from spaces_project.api.goodmem.base import Operations, nothing
from spaces_project.api.goodmem.errors import InvalidFields
from spaces_project.api.goodmem.ids import uuid_of
from spaces_project.api.goodmem.labels import check_strategy
from spaces_project.api.goodmem.records_people import key_record
from spaces_project.api.goodmem.serializers_people import INACTIVE, SCOPED, KeyBody, KeyChange
from spaces_project.api.goodmem.tokens import Listing
from spaces_project.api.operations import Response
from spaces_project.kit.cursors import Keyset

TAKE, MOST = 50, 1_000
NAME = "GoodMem"  # of keys whose labels have none
LIFECYCLE = ("NOT_YET_VALID", "USABLE", "EXPIRED", "REVOKED")


class KeyOperations(Operations):
    spelled: ClassVar[dict[str, str]] = {"id": "apiKeyId"}

    def list(self, request: HttpRequest) -> Response:
        require(self.actor, "space.list")
        self.query.choice("view", ("FULL", "BASIC"))
        filters = self.filters()
        listing = Listing("keys", Keyset(), filters, self.actor)
        page, token = listing.page(self.filtered(filters), self.query, TAKE, MOST)
        return Response({"keys": [key_record(key) for key in page], "nextToken": token})

    def filters(self) -> dict[str, Any]:
        whose = {self.query.uuid(name, "principal") for name in ("subjectPrincipalId", "ownerPrincipalId")} - {None}
        return {"whose": sorted(map(str, whose)), "state": self.query.choice("lifecycleState", LIFECYCLE)}

    def filtered(self, filters: dict[str, Any]) -> Any:
        keys = self.keys()
        for user in filters["whose"]:
            keys = keys.filter(user=user)
        return keys.filter(_in_state(filters["state"])) if filters["state"] else keys

    def create(self, request: HttpRequest) -> Response:
        require(self.actor, "api_key.issue")
        given = self.body(KeyBody)
        _check_supported(given)
        key, secret = ApiKey.issue(
            self.actor,
            self.subject(given.get("subjectPrincipalId")),
            given["labels"].get("name") or NAME,
            self.scopes(),
            expires_at=self.end(given.get("expiresAt")),
            pk=given.get("apiKeyId"),
            labels=given["labels"],
        )
        return Response({"apiKeyMetadata": key_record(key), "rawApiKey": secret}, status=201)

    def scopes(self) -> Any:
        """What the key that asks may do, without what makes it more than its user."""
        own = set(grantable_scopes(self.actor)) & {Scope.READ, Scope.WRITE}
        return own if self.actor.scopes is None else own & self.actor.scopes

    def subject(self, pk: UUID | None) -> User:
        """Oneself: a key of somebody else is his to make."""
        assert self.actor.user is not None, "keys have users"
        if pk is not None and pk != self.actor.user.pk:
            raise NotAllowed("A key can only be made for oneself.")
        return self.actor.user

    def end(self, wanted: datetime | None) -> datetime | None:
        """When the new key ends: not after the one that asks, which could be followed by another for ever."""
        if wanted is not None and wanted <= timezone.now():
            raise InvalidFields([("expiresAt", "This time has passed.")])
        own = self.actor.api_key.expires_at if self.actor.api_key else None
        return min((each for each in (wanted, own) if each is not None), default=None)

    def retrieve(self, request: HttpRequest, key_id: str) -> Response:
        require(self.actor, "space.list")
        return Response(key_record(self.find(key_id)))

    def modify(self, request: HttpRequest, key_id: str) -> Response:
        key = self.changeable(key_id)
        given = self.body(KeyChange)
        check_strategy(given)
        with transaction.atomic():
            self.change(key, given)
        return Response(key_record(key))

    def change(self, key: ApiKey, given: dict[str, Any]) -> None:
        if given.get("status") == INACTIVE:
            key.revoke(self.actor)
        elif "status" in given and key.revoked_at:
            raise FailedPrecondition("A key that was ended stays so. Make another one.")
        for name in ("replaceLabels", "mergeLabels"):
            if name in given:
                key.label(self.actor, given[name], merge=name == "mergeLabels")

    def remove(self, request: HttpRequest, key_id: str) -> HttpResponse:
        """It ends at once; what it was stays on record, as with the vendor."""
        self.changeable(key_id).revoke(self.actor)
        return nothing()

    def keys(self) -> Any:
        """The keys that this actor may see; a key limited to spaces sees itself."""
        keys = ApiKey.objects.of(self.account)
        if can(self.actor, "account.administer"):
            return keys
        if self.actor.only_spaces is not None:
            return keys.filter(pk__in=[self.actor.api_key.pk] if self.actor.api_key else [])
        return keys.filter(user=self.actor.user)

    def find(self, text: str) -> ApiKey:
        key = self.keys().filter(pk=uuid_of(text, "API key")).first()
        if key is None:
            raise NotFound("API key not found")
        return key  # type: ignore[no-any-return]

    def changeable(self, text: str) -> ApiKey:
        key = self.find(text)
        require(self.actor, "api_key.issue")
        return key


def _check_supported(given: dict[str, Any]) -> None:
    """Refuse what would make a key weaker than it would be here: nothing of this is silently left out."""
    complaints = []
    if given.get("authorityMode") == SCOPED or given.get("ceiling"):
        complaints.append(("authorityMode", "Only INHERIT_SUBJECT, without a ceiling, is supported here."))
    if "validFrom" in given and given["validFrom"] > timezone.now():
        complaints.append(("validFrom", "A key is valid from now on; a later time is not supported here."))
    if complaints:
        raise InvalidFields(complaints)


def _in_state(state: str) -> Q:
    ended, expired = Q(revoked_at__isnull=False), Q(expires_at__lte=timezone.now())
    return {
        "NOT_YET_VALID": Q(pk__in=[]),
        "USABLE": ~ended & ~(Q(expires_at__isnull=False) & expired),
        "EXPIRED": ~ended & expired,
        "REVOKED": ended,
    }[state]
