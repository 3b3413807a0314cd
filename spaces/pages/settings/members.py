"""The members of the account, for administrators: list, make, change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from spaces.bootstrap import new_password
from spaces.errors import AlreadyExists, Conflict, NotFound
from spaces.models import ApiKey, AuditEntry, GroupMembership, Space, User
from spaces.models.users import Role
from spaces.pages.sentences import lines
from spaces.permissions import require
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.keyset import Sort, Sorting, keyset_page
from spaces_project.kit.pages import capped_count, page, render_form, render_page

from .member_forms import MemberForm
from .once import password_note

SORTING = Sorting(
    (
        Sort("name", "User name", Lower("username")),
        Sort("role", "Role", "role"),
        Sort("created", "Joined", "created_at", is_time=True),
    ),
    default="name",
)
STATES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "": ("All", lambda members: members),
    "active": ("Active", lambda members: members.active()),
    "inactive": ("Deactivated", lambda members: members.filter(is_active=False)),
    "one-factor": ("Without two-factor", lambda members: members.active().without_second_factor()),
}
LATEST = 10


def get_member(request: SpacesRequest, pk: UUID) -> User:
    """A member of the account, for an administrator; else NotAllowed or NotFound."""
    require(request.actor, "account.administer")
    member: User | None = User.objects.of(request.account).filter(pk=pk).first()
    if member is None:
        raise NotFound("Member not found")
    return member


@page
@require_safe
def member_list(request: SpacesRequest) -> HttpResponse:
    """Search by name or e-mail; views for those who may sign in, those who may not, and those with a password alone."""
    require(request.actor, "account.administer")
    found = _searched(User.objects.of(request.account), request.GET.get("q", ""))
    state = request.GET.get("state", "")
    shown = STATES.get(state, STATES[""])[1](found)
    listing = keyset_page(request, _with_counts(shown), SORTING)
    _name_groups(request, listing.rows)
    context = {
        "page": listing,
        "count": capped_count(shown),
        "views": [{"key": key, "label": label, "current": key == state} for key, (label, _) in STATES.items()],
        "q": request.GET.get("q", ""),
        "state": state,
    }
    return render_page(request, "settings/member_list.html", context, fragment="settings/_member_list.html")


def _searched(members: Any, text: str) -> Any:
    text = text.replace("\x00", "").strip()[: limits.NAME_CHARS]
    if not text:
        return members
    words = (Q(**{f"{name}__icontains": text}) for name in ("username", "name", "email", "external_id"))
    found = Q()
    for each in words:
        found |= each
    return members.filter(found)


def _with_counts(members: Any) -> Any:
    """Usable keys and owned spaces: sub-queries, one each, so that joins do not multiply."""
    return members.annotate(
        key_count=_count(ApiKey.objects.usable().filter(user=OuterRef("pk")), "user"),
        space_count=_count(Space.objects.listed().filter(owner=OuterRef("pk")), "owner"),
    )


def _count(rows: QuerySet[Any], by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(rows=Count("pk")).values("rows")
    return Coalesce(Subquery(counted), 0)


def _name_groups(request: SpacesRequest, members: list[Any]) -> None:
    """Sets ``group_names`` on the members of this page, in one query."""
    names: dict[UUID, list[str]] = {member.pk: [] for member in members}
    memberships = GroupMembership.objects.of(request.account).filter(user__in=members).select_related("group")
    for membership in memberships.order_by("group__name"):
        names[membership.user_id].append(membership.group.name)
    for member in members:
        member.group_names = names[member.pk]


@page
@require_http_methods(["GET", "POST"])
def member_create(request: SpacesRequest) -> HttpResponse:
    """The answer to a good form shows the generated password once; sent again, the user name is taken."""
    require(request.actor, "account.administer")
    form = MemberForm(request.POST or None, account=request.account)
    if request.method == "POST" and form.is_valid():
        password = new_password()
        if member := _created(request, form, password):
            context = {"member": member, "password": password, "is_new": True}
            return render_page(request, "settings/member_password.html", context, status=201)
    return render_form(request, "settings/member_create.html", form)


def _created(request: SpacesRequest, form: MemberForm, password: str) -> User | None:
    try:
        return User.create(request.actor, request.account, password, **form.cleaned_data)
    except ValidationError as error:
        form.take(error)
    except AlreadyExists as error:
        form.add_error("username", str(error))
    return None


@page
@require_http_methods(["GET", "POST"])
def member_detail(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """One member: the form, what belongs to him, and what happened to him."""
    member = get_member(request, pk)
    form = MemberForm(request.POST or None, account=request.account, member=member)
    if request.method == "POST" and form.is_valid() and _changed(request, member, form):
        messages.success(request, f"“{member}” is saved.")
        return redirect("member_detail", member.pk)
    shown = get_member(request, pk)
    return render_form(request, "settings/member_detail.html", form, _about(request, shown))


def _changed(request: SpacesRequest, member: User, form: MemberForm) -> bool:
    try:
        member.change(request.actor, **form.cleaned_data)
        return True
    except ValidationError as error:
        form.take(error)
    except AlreadyExists as error:
        form.add_error("username", str(error))
    except Conflict as error:
        form.add_error("role", str(error))
    return False


def _about(request: SpacesRequest, member: User) -> dict[str, Any]:
    latest = AuditEntry.objects.of(request.account).about(member.pk).newest_first()[:LATEST]
    keys = ApiKey.objects.of(request.account).filter(user=member)
    return {
        "member": member,
        "is_self": member.pk == request.user.pk,
        "is_administrator": member.role == Role.ADMINISTRATOR,
        "groups": [each.group for each in member.memberships.select_related("group").order_by("group__name")],
        "keys": keys.usable().count(),
        "owned": Space.objects.of(request.account).listed().filter(owner=member).count(),
        "lines": lines(request.actor, latest),
        "shows_addresses": True,
        "once": password_note(request.user, member),
    }
