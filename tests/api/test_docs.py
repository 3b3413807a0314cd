"""The documentation: for everybody, offline, true."""

from __future__ import annotations

from typing import Any

import pytest

from spaces_project.api.chatbotkit.schema import document
from spaces_project.api.chatbotkit.urls import implemented
from tests.api.world import CLIENT, World


def test_every_implemented_operation_is_documented_and_nothing_else(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    document.cache_clear()
    made = CLIENT.get("/api/docs/chatbotkit/openapi.json").json()
    assert made["openapi"].startswith("3.1")
    assert capsys.readouterr().err == ""  # the generator warns there
    routes = {"/api/v1/" + str(each.pattern).replace("<str:", "{").replace(">", "}") for each in implemented}
    assert set(made["paths"]) == routes
    names = [operation["operationId"] for path in made["paths"].values() for operation in path.values()]
    assert len(set(names)) == len(implemented)


def test_the_pages_are_public(world: World) -> None:
    for path in ("/api/docs/", "/api/docs/chatbotkit/"):
        answer = CLIENT.get(path)
        assert answer.status_code == 200
        assert b"<style" not in answer.content
        assert b" style=" not in answer.content
    assert CLIENT.get("/api/docs/nothing/").status_code == 404
    assert CLIENT.get("/api/docs/nothing/openapi.json").status_code == 404


def test_the_index_has_the_sidebar_for_who_is_signed_in(world: World, client: Any) -> None:
    client.force_login(world.alice)
    assert b'class="sidebar"' in client.get("/api/docs/").content


@pytest.mark.slow
def test_the_reference_works_offline_under_the_strict_policy(live: str, browser: Any) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request", lambda request: said.append(request.url) if not request.url.startswith((live, "data:")) else None
    )
    answer = page.goto(f"{live}/api/docs/chatbotkit/")
    page.wait_for_selector(".opblock-summary-path")
    page.click("#operations-space-createSpace button.opblock-summary-control")
    page.wait_for_selector(".opblock-body")
    assert page.locator(".opblock").count() == len(implemented)
    page.close()
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert said == []
