"""The frame: sidebar, theme, search, sign-in, error pages, and what no template may hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.db import OperationalError, connection
from django.test import Client

from spaces.models import AuditEntry, Space, User
from tests.factories import PASSWORD, make_contact, make_operator, make_space
from tests.pages.world import World

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FORBIDDEN = {
    "inline script": r"<script(?![^>]*\bsrc=)[^>]*>",
    "inline style": r"<style|\bstyle\s*=",
    "event handler": r"\son[a-z]+\s*=",
    "javascript address": r"javascript:",
    "htmx script": r"hx-on|hx-vals=['\"]js:|hx-headers=['\"]js:",
    "another origin": r"(?:src|href)=[\"']?(?:https?:)?//",
}


def test_no_template_holds_script_style_or_another_origin() -> None:
    found = [
        (path.name, what)
        for path in TEMPLATES
        for what, pattern in FORBIDDEN.items()
        if re.search(pattern, path.read_text(), re.I)
    ]
    assert len(TEMPLATES) > 30
    assert found == []


def test_javascript_modules_stay_small() -> None:
    modules = list((ROOT / "static" / "js").glob("*.js"))
    assert {path.name: count for path in modules if (count := len(path.read_text().splitlines())) >= 100} == {}


def test_the_content_policy_is_strict_on_every_page(world: World) -> None:
    response = world.client(world.alice).get("/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_sidebar_shows_what_one_may_see(world: World) -> None:
    def links(user: User) -> set[str]:
        page = world.client(user).get("/").content.decode()
        aside = page[page.index("<aside") : page.index("</aside>")]
        return set(re.findall(r"</svg> ([A-Z][A-Za-z ]+)</a>", aside))

    assert {"Overview", "Spaces", "Settings"} <= links(world.bob)
    assert links(world.bob) <= links(world.ann) <= links(world.admin)
    assert "Audit" not in links(world.bob)


def test_the_theme_is_remembered(world: World) -> None:
    client = world.client(world.alice)
    response = client.post("/theme/", {"theme": "dark", "next": "/spaces/?q=x"})
    assert response["Location"] == "/spaces/?q=x"
    assert '<html lang="en" data-theme="dark">' in client.get("/").content.decode()
    client.post("/theme/", {"theme": "purple", "next": "//evil.example"})
    assert '<html lang="en">' in client.get("/").content.decode()


def test_overview_counts_and_tells(world: World) -> None:
    page = world.client(world.alice).get("/").content.decode()
    assert '<span class="name">Spaces</span> <span class="value">1</span>' in page
    assert re.search(r"<b>alice</b> created space <a [^>]*>Warranty claims</a>", page)
    assert "Warranty claims" not in world.client(world.bob).get("/").content.decode()
    assert "No spaces yet" in world.client(world.mallory).get("/").content.decode()


def test_search_finds_by_name_and_by_any_id_what_one_may_read(world: World) -> None:
    make_space(world.mallory.account, name="Warranty of another account")
    make_contact(world.account, world.alice, name="Fern Alder")
    client = world.client(world.alice)
    for text in ("warr", world.space.wire_id, str(world.space.pk), world.space.wire_id.replace("space_", "scope_")):
        page = client.get("/search/", {"q": text}).content.decode()
        assert f'href="/spaces/{world.space.pk}/"' in page, text
        assert "another account" not in page
    assert "Nothing is called" in world.client(world.bob).get("/search/", {"q": "warr"}).content.decode()
    assert 'href="/spaces/"' in client.get("/search/", {"q": "spaces"}).content.decode()
    assert client.get("/search/", {"q": "\x00"}).status_code == 200
    part = client.get("/search/", {"q": "warr"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Warranty claims" in part


# -------------------------------------------------------------------- sign-in


@pytest.fixture
def alice(world: World) -> User:
    return world.alice


def sign_in(client: Client, **typed: Any) -> Any:
    return client.post("/sign-in/", {"username": "Alice", "password": PASSWORD, **typed})


def test_sign_in_goes_where_one_wanted_and_only_within_this_site(alice: User) -> None:
    assert sign_in(Client(), next="/spaces/?q=x")["Location"] == "/spaces/?q=x"
    for evil in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"):
        assert sign_in(Client(), next=evil)["Location"] == "/", evil


def test_a_wrong_password_is_said_without_saying_which_half_was_wrong(alice: User) -> None:
    texts = set()
    for name in ("alice", "nobody-at-all"):
        response = Client().post("/sign-in/", {"username": name, "password": "wrong"})
        assert response.status_code == 422
        found = re.search(r'id="sign-in-error">([^<]+)<', response.content.decode())
        assert found is not None
        texts.add(found[1])
    assert texts == {"That user name and password do not match. Check both and try again."}


def test_after_too_many_failures_signing_in_pauses(alice: User) -> None:
    client = Client()
    statuses = [client.post("/sign-in/", {"username": "alice", "password": "wrong"}).status_code for _ in range(5)]
    assert statuses == [422, 422, 422, 422, 429]
    response = sign_in(client)
    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()
    assert AuditEntry.objects.filter(operation="user.sign_in_failed", object_id=alice.pk).count() >= 5


def test_nonsense_typed_into_the_sign_in(alice: User) -> None:
    for name in ("", "\x00", "a\x00b", "x" * 10_000, "\N{GRINNING FACE}", "alice'--"):
        assert Client().post("/sign-in/", {"username": name, "password": "\x00"}).status_code == 422, name[:10]


def test_a_deactivated_user_does_not_come_in(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert sign_in(Client()).status_code == 422


def test_signing_out_takes_a_post_and_ends_the_session(alice: User) -> None:
    client = Client()
    sign_in(client)
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/spaces/").status_code == 200
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/spaces/").status_code == 302


def test_changing_the_password_ends_other_sessions(alice: User) -> None:
    here, elsewhere = Client(), Client()
    sign_in(here)
    sign_in(elsewhere)
    new = "another long enough password"
    typed = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post("/settings/password/", {**typed, "old_password": "wrong"}).status_code == 422
    assert (
        here.post("/settings/password/", {**typed, "new_password1": "short", "new_password2": "short"}).status_code
        == 422
    )
    assert here.post("/settings/password/", typed).status_code == 302
    assert check_password(new, User.objects.get(pk=alice.pk).password)
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_a_part_asked_for_without_a_session_reloads_the_page() -> None:
    response = Client().get("/sign-in/?next=/spaces/", headers={"HX-Request": "true"})
    assert response["HX-Refresh"] == "true"


def test_what_is_sent_after_the_session_ended_leads_back_to_its_form(alice: User) -> None:
    client = Client()
    confirm = "/spaces/bulk/archive/"  # which cannot be opened
    for referer, back in {
        "http://testserver/spaces/?q=a&view=mine": "/spaces/%3Fq%3Da%26view%3Dmine",
        "https://evil.example/spaces/": "/",
        "": "/",
    }.items():
        response = client.post(confirm, {"ids": "1"}, headers={"Referer": referer})
        assert response["Location"] == f"/sign-in/?next={back}", referer
    assert "nothing was stored" in client.get("/sign-in/").content.decode()
    assert client.get("/spaces/?q=a")["Location"] == "/sign-in/?next=/spaces/%3Fq%3Da"


def test_an_address_that_forms_are_sent_to_is_opened_as_a_page_of_the_product(world: World) -> None:
    for path in ("/spaces/bulk/archive/", "/sign-out/"):
        response = world.client(world.alice).get(path)
        assert (response.status_code, response["Allow"].split(", ")[0]) == (405, "POST")
        assert "only takes what a form sends" in response.content.decode()


def test_an_operator_is_sent_to_the_admin(world: World) -> None:
    response = world.client(make_operator()).get("/spaces/")
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/")


# ---------------------------------------------------------------- error pages


def test_error_pages_are_pages_of_the_product(world: World) -> None:
    client = world.client(world.alice)
    missing = client.get("/no/such/page")
    assert missing.status_code == 404
    assert "Nothing here" in missing.content.decode()
    assert client.get("/spaces/not-a-uuid/").status_code == 404
    refused = world.client(world.ann).get("/spaces/new/")
    assert refused.status_code == 403
    assert "You may not do that" in refused.content.decode()


def test_a_form_without_its_token_is_explained(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.alice, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post("/spaces/new/", {"name": "x"})
    assert response.status_code == 403
    assert "from an older session" in response.content.decode()


def test_an_unknown_space_and_a_strangers_space_answer_the_same(world: World) -> None:
    client = world.client(world.mallory)
    strangers = client.get(f"/spaces/{world.space.pk}/")
    unknown = client.get("/spaces/00000000-0000-7000-8000-000000000000/")
    assert (strangers.status_code, unknown.status_code) == (404, 404)
    hidden = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|X-CSRFToken": "\w+')
    assert hidden.sub("", strangers.content.decode()) == hidden.sub("", unknown.content.decode())


def test_a_busy_database_is_explained(world: World) -> None:
    """A deadlock, or a statement that took too long; the page itself asks the database nothing."""

    def busy(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if '"spaces_space"' in sql:
            raise OperationalError("deadlock detected")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(busy):
        response = world.client(world.alice).get("/spaces/")
    assert response.status_code == 503
    assert "Nothing was changed; try again" in response.content.decode()


def test_the_500_page_needs_nothing_that_may_be_broken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr("spaces_project.pages.overview.visible_spaces", broken)
    client = Client(raise_request_exception=False)
    client.force_login(world.alice, backend="django.contrib.auth.backends.ModelBackend")
    response = client.get("/")
    assert response.status_code == 500
    assert "That went wrong on our side" in response.content.decode()
    assert "RuntimeError" not in response.content.decode()


def test_what_is_deleted_while_its_page_works_on_it_is_a_page_not_found(world: World, monkeypatch: Any) -> None:
    def gone(*args: Any, **kwargs: Any) -> Any:
        raise Space.DoesNotExist

    monkeypatch.setattr("spaces_project.pages.overview.visible_spaces", gone)
    assert world.client(world.alice).get("/").status_code == 404
