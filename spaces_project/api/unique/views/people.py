"""/users and /groups"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest

from spaces.errors import InvalidInput, NotAllowed, NotFound
from spaces.models import Group, User
from spaces.permissions import require, sees_account
from spaces_project.api.operations import Response
from spaces_project.api.unique import shapes
from spaces_project.api.unique.base import Operations, is_own
from spaces_project.api.unique.lookup import find_holder, pk_of
from spaces_project.api.unique.serializers import ConfigurationBody, GroupBody, GroupChange, GroupUsers
from spaces_project.kit.ids import Prefix, encode

TAKE, MOST = 50, 1_000


class PeopleOperations(Operations):
    """Who sees whom: who reads the account sees everybody; others see the active users and the groups, as in the form
    that grants access, without addresses; a key limited to spaces sees its own user."""

    @property
    def is_limited(self) -> bool:
        return self.actor.only_spaces is not None or self.actor.only_chat is not None

    def users(self) -> Any:
        users = User.objects.of(self.account)
        if sees_account(self.actor):
            return users
        own = Q(pk=self.actor.user.pk if self.actor.user else None)
        return users.filter(own) if self.is_limited else users.filter(own | Q(is_active=True))

    def groups(self) -> Any:
        groups = Group.objects.of(self.account)
        return groups.filter(memberships__user=self.actor.user) if self.is_limited else groups

    def shape(self, user: User) -> shapes.Shape:
        is_own = self.actor.user is not None and user.pk == self.actor.user.pk
        return shapes.user(user, with_email=is_own or sees_account(self.actor))


class UserOperations(PeopleOperations):
    def list(self, request: HttpRequest) -> Response:
        require(self.actor, "space.list")
        window = self.query.window(TAKE, MOST)
        users = self.filtered().order_by(Lower("username"))
        return Response({"users": [self.shape(user) for user in users[window]], "object": "users"})

    def filtered(self) -> Any:
        users = self.users()
        if email := self.query.text("email"):
            may = Q() if sees_account(self.actor) else Q(pk=self.actor.user.pk if self.actor.user else None)
            users = users.filter(may, email__iexact=email)
        if name := self.query.text("userName"):
            users = users.named(name)
        if shown := self.query.text("displayName"):
            users = users.filter(Q(name__icontains=shown) | Q(name="", username__icontains=shown))
        return users

    def retrieve(self, request: HttpRequest, user_id: str) -> Response:
        require(self.actor, "space.list")
        return Response(self.shape(self.find(user_id)))

    def memberships(self, request: HttpRequest, user_id: str) -> Response:
        require(self.actor, "space.list")
        groups = self.groups().filter(memberships__user=self.find(user_id)).order_by(Lower("name"))
        return Response({"groups": [shapes.group(group) for group in groups]})

    def configure(self, request: HttpRequest, user_id: str) -> Response:
        """Programs keep what they like for their own user; it is replaced as a whole."""
        if self.actor.user is None or not is_own(self.actor, user_id):
            self.find(user_id)
            raise NotAllowed()
        require(self.actor, "note.keep")
        self.actor.user.change(self.actor, configuration=self.body(ConfigurationBody)["userConfiguration"])
        return Response({**self.shape(self.actor.user), "userConfiguration": self.actor.user.configuration})

    def find(self, text: str) -> User:
        user = self.users().filter(pk=pk_of(text, "User not found")).first()
        if user is None:
            raise NotFound("User not found")
        return user  # type: ignore[no-any-return]


class GroupOperations(PeopleOperations):
    def list(self, request: HttpRequest) -> Response:
        require(self.actor, "space.list")
        window = self.query.window(TAKE, MOST)
        groups = self.groups().order_by(Lower("name")).prefetch_related("memberships")
        if name := self.query.text("name"):
            groups = groups.filter(name__icontains=name)
        return Response({"groups": [full(group) for group in groups[window]]})

    def create(self, request: HttpRequest) -> Response:
        require(self.actor, "account.administer")
        group = Group.create(self.actor, self.account, **self.body(GroupBody))
        return Response(full(group), status=201)

    def modify(self, request: HttpRequest, group_id: str) -> Response:
        group = self.find(group_id)
        fields = self.body(GroupChange)
        if "name" in fields:
            group.rename(self.actor, fields["name"])
        return Response(full(group))

    def remove(self, request: HttpRequest, group_id: str) -> Response:
        group = self.find(group_id)
        group.dissolve(self.actor)
        return Response({"id": encode(Prefix.GROUP, group.pk)})

    def add_users(self, request: HttpRequest, group_id: str) -> Response:
        group = self.find(group_id)
        users = self.named(self.body(GroupUsers)["userIds"])
        with transaction.atomic():
            for user in users:
                group.add(user, self.actor)
        rows = group.memberships.filter(user__in=users)
        return Response({"memberships": [membership(row) for row in rows]}, status=201)

    def remove_users(self, request: HttpRequest, group_id: str) -> Response:
        group = self.find(group_id)
        users = self.named(self.query.listed("userIds"))
        if not users:
            raise InvalidInput("userIds: Name at least one user.", field="userIds")
        with transaction.atomic():
            for user in users:
                group.remove(user, self.actor)
        return Response({"success": True})

    def find(self, text: str) -> Group:
        """A group to change: for administrators."""
        group = self.groups().filter(pk=pk_of(text, "Group not found")).first()
        if group is None:
            raise NotFound("Group not found")
        require(self.actor, "account.administer")
        return group  # type: ignore[no-any-return]

    def named(self, texts: Any) -> Any:
        return [find_holder(self.actor, "USER", text, f"userIds[{number}]") for number, text in enumerate(texts)]


def full(group: Group) -> shapes.Shape:
    """A group with its members."""
    rows = sorted(group.memberships.all(), key=lambda row: (row.created_at, row.pk))
    return {**shapes.group(group), "members": [{"entityId": encode(Prefix.USER, row.user_id)} for row in rows]}


def membership(row: Any) -> shapes.Shape:
    return {
        "entityId": encode(Prefix.USER, row.user_id),
        "groupId": encode(Prefix.GROUP, row.group_id),
        "createdAt": shapes.moment(row.created_at),
    }
