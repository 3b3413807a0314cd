"""What the pages of language models, embedders and rerankers share: models on servers. For administrators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from memories.models.remote import RemoteModel
from spaces.errors import Conflict, NotFound
from spaces.models import AuditEntry
from spaces.pages.sentences import lines
from spaces.permissions import require
from spaces.requests import SpacesRequest
from spaces_project.kit.exports import release_connection
from spaces_project.kit.keyset import Sort, Sorting, keyset_page
from spaces_project.kit.pages import View, capped_count, page, render_form, render_page, wants_fragment

from .remote_forms import RemoteForm

SORTING = Sorting(
    (Sort("name", "Name", Lower("name")), Sort("created", "Added", "created_at", is_time=True)), default="name"
)
LATEST = 10
SPACES_NAMED = 20


@dataclass(frozen=True)
class Outcome:
    """How a call went: what came back, in which time, or why there was nothing."""

    seconds: float
    said: str = ""
    numbers: str = ""
    error: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Words:
    """How one kind of model is spoken of."""

    one: str
    many: str
    icon: str
    lead: str
    empty: str
    server: str
    test: str
    users: str
    without: str
    default: str = ""

    @property
    def article(self) -> str:
        return "an" if self.one[0] in "aeiou" else "a"


@dataclass(frozen=True)
class RemoteViews:
    """The views of one kind."""

    list: View
    create: View
    detail: View
    test: View
    default: View
    delete_confirm: View
    delete: View


@dataclass(frozen=True)
class RemotePages:
    """The pages of one kind; ``urls`` is what the names of their routes begin with.

    ``tried`` calls one once; ``spaces_using`` are the spaces that name it; ``changed`` and ``created`` store a form.
    """

    urls: str
    model: type[RemoteModel]
    form: type[RemoteForm]
    words: Words
    tried: Callable[[Any], Outcome]
    spaces_using: Callable[[Any], Any]
    created: Callable[[SpacesRequest, Any], Any]
    changed: Callable[[SpacesRequest, Any, Any], None]
    prepare: Callable[[SpacesRequest], object] = lambda request: None

    def views(self) -> RemoteViews:
        """What the URL map names."""
        look, form = require_safe, require_http_methods(["GET", "POST"])
        return RemoteViews(
            list=page(look(self.list)),
            create=page(form(self.create)),
            detail=page(form(self.detail)),
            test=page(require_POST(self.test)),
            default=page(require_POST(self.make_default)),
            delete_confirm=page(look(self.delete_confirm)),
            delete=page(require_POST(self.delete)),
        )

    @property
    def has_default(self) -> bool:
        return bool(self.words.default)

    def url(self, name: str, model: Any = None) -> str:
        return reverse(f"{self.urls}_{name}", args=[model.pk] if model is not None else [])

    @property
    def list_url(self) -> str:
        return self.url("list")

    @property
    def create_url(self) -> str:
        return self.url("create")

    def get(self, request: SpacesRequest, pk: UUID) -> Any:
        """One of the account's, for an administrator; else NotAllowed or NotFound."""
        require(request.actor, "account.administer")
        found = self.model.objects.of(request.account).filter(pk=pk).first()
        if found is None:
            raise NotFound(f"{self.words.one.capitalize()} not found")
        return found

    # ------------------------------------------------------------------ pages

    def list(self, request: SpacesRequest) -> HttpResponse:
        require(request.actor, "account.administer")
        self.prepare(request)
        models = self.model.objects.of(request.account)
        listing = keyset_page(request, models, SORTING)
        for each in listing.rows:
            each.url_of_page = self.url("detail", each)
        context = {"kind": self, "page": listing, "count": capped_count(models)}
        return render_page(request, "memories/remote_list.html", context, fragment="memories/_remote_list.html")

    def create(self, request: SpacesRequest) -> HttpResponse:
        require(request.actor, "account.administer")
        form = self.form(request.POST or None)
        if request.method == "POST" and form.is_valid() and (made := self._created(request, form)):
            messages.success(request, f"“{made}” is added. Test it now.")
            return redirect(self.url("detail", made))
        return render_form(request, "memories/remote_create.html", form, {"kind": self})

    def _created(self, request: SpacesRequest, form: RemoteForm) -> Any:
        with form.refusals():
            return self.created(request, form)
        return None

    def detail(self, request: SpacesRequest, pk: UUID) -> HttpResponse:
        """The form, the test, who uses it, and what happened to it."""
        model = self.get(request, pk)
        form = self.form(request.POST or None, model=model)
        if request.method == "POST" and form.is_valid() and self._changed(request, model, form):
            messages.success(request, f"“{model}” is saved.")
            return redirect(self.url("detail", model))
        context = self._about(request, self.get(request, pk))
        return render_form(request, "memories/remote_detail.html", form, context)

    def _changed(self, request: SpacesRequest, model: Any, form: RemoteForm) -> bool:
        with form.refusals():
            self.changed(request, model, form)
            return True
        return False

    def _about(self, request: SpacesRequest, model: Any) -> dict[str, Any]:
        entries = AuditEntry.objects.of(request.account).about(model.pk).newest_first()[:LATEST]
        spaces = self.spaces_using(model)
        names = ("detail", "test", "delete_confirm", "delete", *(["default"] if self.has_default else []))
        return {
            "kind": self,
            "model": model,
            "urls": {name: self.url(name, model) for name in names},
            "spaces": spaces[:SPACES_NAMED],
            "space_count": spaces.count(),
            "lines": lines(request.actor, entries),
            "shows_addresses": True,
        }

    def test(self, request: SpacesRequest, pk: UUID) -> HttpResponse:
        """Call it once; nothing of it is stored."""
        model = self.get(request, pk)
        release_connection()  # this may take long
        context: dict[str, Any] = {"outcome": self.tried(model), "model": model}
        if not wants_fragment(request):
            context |= self._about(request, model) | {"form": self.form(model=model)}
        return render_page(request, "memories/remote_detail.html", context, fragment="memories/_remote_test.html")

    # ---------------------------------------------------------------- the default, the end

    def make_default(self, request: SpacesRequest, pk: UUID) -> HttpResponse:
        """Let it be used wherever none is named."""
        model = self.get(request, pk)
        try:
            model.make_default(request.actor)
            messages.success(request, f"“{model}” {self.words.default}.")
        except Conflict as error:
            messages.error(request, str(error))
        return redirect(self.url("detail", model))

    def delete_confirm(self, request: SpacesRequest, pk: UUID) -> HttpResponse:
        """Which spaces lose it."""
        return render_page(request, "memories/remote_delete.html", self._about(request, self.get(request, pk)))

    def delete(self, request: SpacesRequest, pk: UUID) -> HttpResponse:
        model = self.get(request, pk)
        try:
            model.remove(request.actor)
        except Conflict as error:
            context = {**self._about(request, model), "refusal": str(error)}
            return render_page(request, "memories/remote_delete.html", context, status=409)
        messages.success(request, f"“{model}” is removed, and its key with it.")
        return redirect(self.list_url)
