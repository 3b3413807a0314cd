"""/v1/users and /v1/instance: who one is, and who else there is."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from spaces.errors import NotFound
from spaces.models import User
from spaces.permissions import require, sees_account
from spaces_project.api.goodmem.base import Operations
from spaces_project.api.goodmem.ids import uuid_of
from spaces_project.api.goodmem.records_people import instance_record, user_record
from spaces_project.api.goodmem.unimplemented import UnimplementedOperations
from spaces_project.api.operations import Response


class UserOperations(UnimplementedOperations):
    """Who reads the account sees everybody; others see the active users, without addresses; a key limited to spaces
    sees its own user. Those who cannot be seen are not found. Users are made and changed on the pages."""

    route = "users/{id}"

    def me(self, request: HttpRequest) -> Response:
        require(self.actor, "space.list")
        assert self.actor.user is not None, "keys have users"
        return Response(user_record(self.actor.user, with_email=True))

    def retrieve(self, request: HttpRequest, user_id: str) -> Response:
        pk = uuid_of(user_id, "user")
        return self.answer(Q(pk=pk))

    def by_email(self, request: HttpRequest, email: str) -> Response:
        """One's own address; any for those who see addresses."""
        return self.answer(Q(email__iexact=email) & (Q() if sees_account(self.actor) else self.own))

    def by_username(self, request: HttpRequest, username: str) -> Response:
        return self.answer(Q(username__iexact=username))

    @property
    def own(self) -> Q:
        return Q(pk=self.actor.user.pk if self.actor.user else None)

    def answer(self, condition: Q) -> Response:
        require(self.actor, "space.list")
        found = self.users().filter(condition).order_by("created_at", "pk").first()
        if found is None:
            raise NotFound("User not found")
        is_own = self.actor.user is not None and found.pk == self.actor.user.pk
        return Response(user_record(found, with_email=is_own or sees_account(self.actor)))

    def users(self) -> Any:
        users = User.objects.of(self.account)
        if sees_account(self.actor) and self.query.flag("includeDeleted"):
            return users
        if self.actor.only_spaces is not None or self.actor.only_chat is not None:
            return users.filter(self.own)
        return users.active()


class InstanceOperations(Operations):
    """The vendor's instance is an account here."""

    def retrieve(self, request: HttpRequest) -> Response:
        require(self.actor, "space.list")
        return Response(instance_record(self.account))
