"""The filters of the chats list: the same query string filters the page, its exports and bulk runs."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import django_filters as filters
from django.db.models import Exists, OuterRef, Q

from spaces.filters import YES_NO, ListFilter, day_filters, to_uuid
from spaces.permissions import visible_spaces
from spaces_project.kit import limits

from .finding import LISTED, saying
from .models import Chat, Message, Rating
from .models.chats import ChatQuerySet, Role
from .models.messages import PENDING

STATES = (
    ("unanswered", "Unanswered"),
    ("answering", "Being answered"),
    ("failed", "Failed"),
    ("answered", "Answered"),
)
RATINGS = (("up", "Rated up"), ("down", "Rated down"), ("none", "Not rated"))
VIEWS = (("all", "All"), ("mine", "Mine"), ("unanswered", "Unanswered"), ("failed", "Failed"))


class ChatFilter(ListFilter):
    """Parameters: id*, q, view, space, contact, user, role, state, unanswered, failed, rating, text, meta*,
    active_ and created_ after and before."""

    view = filters.ChoiceFilter(choices=VIEWS, method="of_view")
    space = filters.CharFilter(method="of_space", max_length=limits.NAME_CHARS)
    contact = filters.CharFilter(method="with_contact", max_length=limits.NAME_CHARS)
    user = filters.CharFilter(method="with_user", max_length=150)
    role = filters.ChoiceFilter(choices=Role.choices, field_name="last_role")
    state = filters.ChoiceFilter(choices=STATES, method="in_state")
    unanswered = filters.ChoiceFilter(choices=YES_NO, method="is_unanswered")
    failed = filters.ChoiceFilter(choices=YES_NO, method="is_failed")
    rating = filters.ChoiceFilter(choices=RATINGS, method="rated")
    text = filters.CharFilter(method="saying", max_length=limits.SEARCH_QUERY_CHARS)
    active_after, active_before = day_filters("last_message_at")
    created_after, created_before = day_filters("created_at")

    is_costly = False  # set when the filters are applied: whether to count only a little

    LABELS: ClassVar[dict[str, str]] = {
        "id": "Id",
        "space": "Space",
        "contact": "Contact",
        "user": "User",
        "role": "Last message of",
        "state": "State",
        "unanswered": "Unanswered",
        "failed": "Failed",
        "rating": "Rating",
        "text": "Text",
        "meta": "Meta",
        "active_after": "Active since",
        "active_before": "Active until",
        "created_after": "Created since",
        "created_before": "Created until",
    }

    def search(self, queryset: ChatQuerySet, name: str, value: str) -> ChatQuerySet:
        """A chat's or a message's id in any dialect, or words from the name or from one message."""
        pk = to_uuid(value)
        if pk is not None:
            return queryset.filter(pk__in=self._named(pk))
        return queryset.filter(self._saying(value) | Q(pk__in=self._titled(value)))

    def _titled(self, words: str) -> Any:
        """With a search that is tried chat by chat, the names are as well."""
        named = Chat.objects.of(self.actor.account).matching(words).order_by().values_list("pk", flat=True)
        pks = list(named[: LISTED + 1])
        return pks if len(pks) <= LISTED else named

    def _named(self, pk: UUID) -> list[UUID]:
        message = Message.objects.of(self.actor.account).filter(pk=pk).values_list("chat", flat=True)
        return [pk, *message]

    def _saying(self, words: str) -> Q:
        found = saying(self.actor.account, words)  # type: ignore[arg-type]
        self.is_costly = self.is_costly or found.is_costly
        return found.condition

    def saying(self, queryset: ChatQuerySet, name: str, value: str) -> ChatQuerySet:
        """One of whose messages has all these words."""
        return queryset.filter(self._saying(value))

    def of_view(self, queryset: ChatQuerySet, name: str, value: str) -> ChatQuerySet:
        if value == "mine":
            return queryset.filter(user=self.actor.user)
        return self.in_state(queryset, name, value) if value in ("unanswered", "failed") else queryset

    def of_space(self, queryset: ChatQuerySet, name: str, value: str) -> ChatQuerySet:
        """A space's id in any dialect, or words from its name or alias; only spaces that may be read."""
        pk = to_uuid(value)
        if pk is not None:
            return queryset.filter(space=pk)
        return queryset.filter(space__in=visible_spaces(self.actor).matching(value).values("pk"))

    def with_contact(self, queryset: ChatQuerySet, name: str, value: str) -> ChatQuerySet:
        """A contact's id in any dialect, or words from its name, e-mail or alias."""
        pk = to_uuid(value)
        return (
            queryset.filter(contact=pk) if pk else queryset.filter(contact__in=self.contacts_named(value).values("pk"))
        )

    def with_user(self, queryset: ChatQuerySet, name: str, value: str) -> ChatQuerySet:
        """``me``, a user name, or a user's id."""
        users = list(self.users_named(value).values_list("pk", flat=True))
        return queryset.filter(user__in=users)

    def in_state(self, queryset: ChatQuerySet, name: str, value: str) -> ChatQuerySet:
        if value == "unanswered":
            return queryset.unanswered()
        if value == "failed":
            return queryset.failed()
        if value == "answering":
            return queryset.filter(pending())
        return queryset.filter(last_role=Role.ASSISTANT, is_failed=False)

    def is_unanswered(self, queryset: ChatQuerySet, name: str, value: str) -> ChatQuerySet:
        return queryset.unanswered() if value == "yes" else queryset.exclude(last_role=Role.USER)

    def is_failed(self, queryset: ChatQuerySet, name: str, value: str) -> ChatQuerySet:
        return queryset.filter(is_failed=value == "yes")

    def rated(self, queryset: ChatQuerySet, name: str, value: str) -> ChatQuerySet:
        """Whether the chat or one of its messages was rated so."""
        ratings = Rating.objects.filter(account=OuterRef("account"), chat=OuterRef("pk"))
        if value == "none":
            return queryset.filter(~Exists(ratings))
        return queryset.filter(Exists(ratings.up() if value == "up" else ratings.down()))


def pending() -> Exists:
    """The condition that an answer of the chat is not finished."""
    return Exists(Message.objects.filter(account=OuterRef("account"), chat=OuterRef("pk"), state__in=PENDING))
