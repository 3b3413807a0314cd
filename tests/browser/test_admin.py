"""/admin/ in a real browser: no violation of the policy, nothing that fails, and something to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.factories import PASSWORD, make_account, make_contact, make_operator, make_space, make_user

SHOTS = Path(__file__).parents[1] / "output"


@pytest.fixture
def operator_page(live: str, browser: Any) -> Any:
    account = make_account("acme")
    alice = make_user(account, "alice")
    make_space(
        account, alice, name="Warranty claims", contact=make_contact(account, name="Jane"), meta={"tier": "gold"}
    )
    make_operator()
    context = browser.new_context(base_url=live, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: None if left_behind(request) else said.append(f"failed: {request.url}"))
    page.on("response", lambda answer: said.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    page.goto("/admin/")
    page.fill("[name=username]", "operator")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_url("**/admin/")
    yield page
    context.close()
    assert said == []


def left_behind(request: Any) -> bool:
    """Whether the page itself gave it up: the next page, or the next letter typed, came first."""
    return "ERR_ABORTED" in (request.failure or "")


def shot(page: Any, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=str(SHOTS / f"admin-{name}.png"))


@pytest.mark.slow
def test_every_kind_of_page_keeps_the_policy(operator_page: Any) -> None:
    page = operator_page
    shot(page, "index")
    for model in ("account", "user", "group", "apikey", "exportlink", "auditentry", "spaceaccess", "contact", "space"):
        page.goto(f"/admin/spaces/{model}/")
    shot(page, "list")
    page.goto("/admin/spaces/space/import/")
    page.goto("/admin/spaces/space/export/")
    shot(page, "export")
    page.goto("/admin/spaces/spaceaccess/add/")
    page.goto("/admin/spaces/space/")
    page.click("text=Warranty claims")
    page.emulate_media(color_scheme="dark")
    shot(page, "change-dark")


@pytest.mark.slow
def test_an_owner_is_found_by_typing_and_saved(operator_page: Any) -> None:
    page = operator_page
    page.goto("/admin/spaces/space/")
    page.click("text=Warranty claims")
    page.click(".field-owner .select2-selection")
    page.fill(".select2-search__field", "admin-ac")
    page.click(".select2-results__option:has-text('admin-acme')")
    page.fill("#id_name", "Warranty and returns")
    page.click("[name=_save]")
    page.wait_for_selector(".messagelist .success")
    row = page.inner_text("#result_list tbody tr:has-text('Warranty and returns')")
    assert "admin-acme" in row


@pytest.mark.slow
def test_a_file_is_previewed_and_confirmed(operator_page: Any) -> None:
    page = operator_page
    page.goto("/admin/spaces/space/import/")
    page.fill("[name=account]", "acme")
    data = b"name,owner,meta\nFrom a file,alice,tier: silver\n"
    page.set_input_files("[name=import_file]", {"name": "spaces.csv", "mimeType": "text/csv", "buffer": data})
    assert page.input_value("[name=format]") == "0"  # guessed from the name
    page.click("[type=submit].default")
    page.wait_for_selector("text=From a file")
    shot(page, "import")
    page.click("[name=confirm]")
    page.wait_for_selector(".messagelist .success")
    assert "1 new" in page.inner_text(".messagelist")
    page.check("#result_list tbody tr:has-text('From a file') .action-select")
    page.select_option("[name=action]", "delete_selected")
    page.click(".actions button")
    page.wait_for_selector("text=From a file")
    shot(page, "delete")
    page.click("input[type=submit]")
    page.wait_for_selector(".messagelist .success")
