"""Groups of members, who are granted access together. For administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spaces.consequences import goes_with
from spaces.errors import AlreadyExists, NotFound
from spaces.models import AuditEntry, Group, SpaceAccess, User
from spaces.pages.forms import UserField
from spaces.pages.sentences import lines
from spaces.permissions import require
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.keyset import Sort, Sorting, keyset_page
from spaces_project.kit.pages import capped_count, page, render_form, render_page
from spaces_project.kit.values import check_name

SORTING = Sorting(
    (Sort("name", "Name", Lower("name")), Sort("created", "Created", "created_at", is_time=True)), default="name"
)
MEMBERS = Sorting((Sort("name", "Name", Lower("username")),), default="name")
LATEST = 10
NAMES_SUGGESTED = 200


class GroupForm(forms.Form):
    name = forms.CharField(
        max_length=limits.NAME_CHARS, validators=[check_name], widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class AddForm(forms.Form):
    """The member to add, by user name."""

    def __init__(self, data: Any = None, *, request: SpacesRequest) -> None:
        super().__init__(data)
        self.fields["user"] = UserField(actor=request.actor, label="User name")
        self.fields["user"].widget.attrs |= {
            "class": "input",
            "list": "user-names",
            "autocomplete": "off",
            "placeholder": "User name",
        }


def get_group(request: SpacesRequest, pk: UUID) -> Group:
    """A group of the account, for an administrator; else NotAllowed or NotFound."""
    require(request.actor, "account.administer")
    group = Group.objects.of(request.account).filter(pk=pk).first()
    if group is None:
        raise NotFound("Group not found")
    return group


@page
@require_safe
def group_list(request: SpacesRequest) -> HttpResponse:
    require(request.actor, "account.administer")
    groups = Group.objects.of(request.account)
    counted = groups.annotate(
        member_count=Count("memberships", distinct=True), grant_count=Count("access", distinct=True)
    )
    context = {
        "page": keyset_page(request, counted, SORTING),
        "count": capped_count(groups),
    }
    return render_page(request, "settings/group_list.html", context, fragment="settings/_group_list.html")


@page
@require_http_methods(["GET", "POST"])
def group_create(request: SpacesRequest) -> HttpResponse:
    require(request.actor, "account.administer")
    form = GroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (group := _created(request, form)):
        messages.success(request, f"“{group}” is there. Add its members.")
        return redirect("group_detail", group.pk)
    return render_form(request, "settings/group_create.html", form)


def _created(request: SpacesRequest, form: GroupForm) -> Group | None:
    try:
        return Group.create(request.actor, request.account, form.cleaned_data["name"])
    except (ValidationError, AlreadyExists) as error:
        form.add_error("name", _messages(error))
    return None


def _messages(error: ValidationError | AlreadyExists) -> list[str]:
    return error.messages if isinstance(error, ValidationError) else [str(error)]


@page
@require_safe
def group_detail(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Its members and grants, its name, and what happened to it."""
    return _detail(request, get_group(request, pk))


def _detail(
    request: SpacesRequest, group: Group, *, rename: GroupForm | None = None, add: AddForm | None = None
) -> HttpResponse:
    entries = AuditEntry.objects.of(request.account).about(group.pk).newest_first()[:LATEST]
    outside = User.objects.of(request.account).active().exclude(memberships__group=group).order_by("username")
    grants = SpaceAccess.objects.of(request.account).filter(group=group).select_related("space").order_by("space__name")
    context = {
        "group": group,
        "page": keyset_page(request, group.members(), MEMBERS),
        "count": capped_count(group.members()),
        "grants": grants[: limits.PAGE_ROWS],
        "lines": lines(request.actor, entries),
        "shows_addresses": True,
        "rename": rename or GroupForm(initial={"name": group.name}),
        "add": add or AddForm(request=request),
        "user_names": outside.values_list("username", flat=True)[:NAMES_SUGGESTED],
    }
    sent = rename or add
    return render_page(request, "settings/group_detail.html", context, status=422 if sent else 200)


@page
@require_POST
def group_rename(request: SpacesRequest, pk: UUID) -> HttpResponse:
    group = get_group(request, pk)
    form = GroupForm(request.POST)
    if not form.is_valid():
        return _detail(request, group, rename=form)
    try:
        group.rename(request.actor, form.cleaned_data["name"])
    except (ValidationError, AlreadyExists) as error:
        form.add_error("name", _messages(error))
        return _detail(request, get_group(request, pk), rename=form)
    messages.success(request, f"The group is called “{group}”.")
    return redirect("group_detail", group.pk)


@page
@require_POST
def group_add_member(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Put one in; nothing happens when already in."""
    group = get_group(request, pk)
    form = AddForm(request.POST, request=request)
    if not form.is_valid():
        return _detail(request, group, add=form)
    user = form.cleaned_data["user"]
    group.add(user, request.actor)
    messages.success(request, f"“{user}” is in “{group}”.")
    return redirect("group_detail", group.pk)


@page
@require_POST
def group_remove_member(request: SpacesRequest, pk: UUID, user_pk: UUID) -> HttpResponse:
    """Take one out. One who is not in it is no error: that is what was wanted."""
    group = get_group(request, pk)
    user = group.members().filter(pk=user_pk).first()
    if user is not None:
        group.remove(user, request.actor)
        messages.success(request, f"“{user}” is no longer in “{group}”.")
    return redirect("group_detail", group.pk)


@page
@require_safe
def group_delete_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What goes with the group, by count."""
    group = get_group(request, pk)
    goes = goes_with(Group.objects.of(request.account).filter(pk=group.pk))
    return render_page(request, "settings/group_delete.html", {"group": group, "goes": goes})


@page
@require_POST
def group_delete(request: SpacesRequest, pk: UUID) -> HttpResponse:
    group = get_group(request, pk)
    group.dissolve(request.actor)
    messages.success(request, f"“{group}” is deleted. Its members stay.")
    return redirect("group_list")
