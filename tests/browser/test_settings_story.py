"""Keys, members, groups, links, contacts and the audit, done by hand in a browser."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from spaces.models import Account, ApiKey, Contact, ExportLink, User
from spaces.models.users import Role
from tests.factories import actor_of, admin_of, make_account, make_contact, make_group, make_key, make_space, make_user

Visit = Callable[..., Any]
PEOPLE = ("Fern Alder", "Robin Birch", "Maya Lindqvist", "Jo Park", "Ines Costa", "Tomas Weber")


@pytest.fixture
def account(live: str) -> Account:
    """A lived-in account: members, groups, keys in every state, links, contacts."""
    account = make_account("harbour")
    admin, alice = admin_of(account), make_user(account, "alice", name="Alice Marsh", email="alice@example.com")
    ann = make_user(account, "ann", role=Role.ANALYST, name="Ann Reed")
    bob = make_user(account, "bob")
    gone = make_user(account, "gus", name="Gus Old")
    gone.deactivate(actor_of(admin))
    desk = make_group(account, alice, bob, name="Claims desk")
    make_group(account, ann, name="Reporting")
    spaces = [make_space(account, alice, name=name) for name in ("Warranty claims", "Order tracking", "Gift cards")]
    make_key(alice, name="Shop chat widget", spaces=spaces[:2], expires_at=timezone.now() + timedelta(days=4))
    make_key(admin, name="Nightly export", scopes=["read"])
    make_key(ann, name="Old report")[0].revoke(actor_of(admin))
    make_key(admin, name="Back office", scopes=["read", "write", "act_as", "admin"], expires_at=timezone.now())
    ExportLink.issue(actor_of(ann), ann, "Weekly report", "/spaces/export.csv", "label=team%3Dsupport", 90)
    desk.rename(actor_of(admin), "Claims team")
    for number, name in enumerate(PEOPLE):
        email = f"{name.split()[0].lower()}@example.com" if number % 3 else ""
        made = make_contact(account, admin, name=name, email=email, phone="+1 415 555 0132" if number % 2 else "")
        if number == 0:
            made.change(
                actor_of(admin), verified_at=timezone.now(), meta={"tier": "gold"}, preferences="Short answers."
            )
            spaces[0].change(actor_of(admin), contact=made)
    return account


def status(url: str, **headers: str) -> int:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.slow
def test_a_key_from_its_form_to_its_end(account: Account, visit: Visit, live: str) -> None:
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    page = visitor.page
    visitor.sign_in("alice")
    page.goto("/settings/api-keys/")
    page.get_by_role("link", name="New key").click()
    page.get_by_label("Name", exact=True).fill("Store tablets")
    page.get_by_role("checkbox", name="Write").check()
    page.get_by_label("Only chosen spaces").check()
    page.get_by_label("Find spaces").press_sequentially("gif", delay=20)
    expect(page.locator("#key-spaces legend")).to_have_text(["Found"])
    page.get_by_label("Gift cards").check()
    page.get_by_label("Find spaces").fill("order")
    expect(page.locator("#key-spaces legend")).to_have_text(["Chosen", "Found"])
    page.get_by_label("Order tracking").check()
    expect(page.get_by_label("Gift cards")).to_be_checked()
    visitor.look("key-form")
    page.get_by_role("button", name="Create key").click()
    expect(page.locator("#secret")).to_contain_text("sk_")
    page.get_by_label("Copy API key").click()
    secret = page.evaluate("navigator.clipboard.readText()")
    visitor.look("key-made")
    key = ApiKey.objects.get(name="Store tablets")
    assert key.spaces.count() == 2

    url = f"{live}/api/v1/space/list"
    assert status(url, Authorization=f"Bearer {secret}") == 200
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Store tablets")
    expect(page.locator("#toasts")).to_contain_text("was made already")
    assert secret not in page.content()
    visitor.look("key-page")
    page.get_by_role("link", name="Revoke…").click()
    visitor.look("key-revoke")
    page.get_by_role("button", name="Revoke this key").click()
    expect(page.locator("#toasts")).to_contain_text("is revoked")
    assert status(url, Authorization=f"Bearer {secret}") == 401


@pytest.mark.slow
def test_a_key_without_javascript(account: Account, visit: Visit) -> None:
    visitor = visit(java_script_enabled=False)
    page = visitor.page
    visitor.sign_in("alice")
    page.goto("/settings/api-keys/new/")
    page.get_by_label("Name", exact=True).fill("Tablet")
    page.get_by_label("Only chosen spaces").check()
    page.get_by_label("Find spaces").fill("gift")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Tablet")
    page.get_by_label("Gift cards").check()
    page.get_by_role("button", name="Create key").click()
    expect(page.locator("#secret")).to_contain_text("sk_")
    assert ApiKey.objects.get(name="Tablet").spaces.get().space.name == "Gift cards"


@pytest.mark.slow
def test_a_member_is_made_and_signs_in(account: Account, visit: Visit) -> None:
    visitor, carol = visit(), visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.goto("/settings/members/")
    page.get_by_label("Search members").press_sequentially("ali", delay=20)
    expect(page.locator("#list tbody th")).to_have_text(["alice"])
    page.get_by_role("link", name="New member").click()
    page.get_by_label("User name").fill("carol")
    page.get_by_label("Name", exact=True).fill("Carol Vane")
    page.get_by_label("E-mail").fill("carol@example.com")
    visitor.look("member-form")
    page.get_by_role("button", name="Create member").click()
    password = page.locator("#secret").inner_text()
    visitor.look("member-made")
    carol.page.goto("/sign-in/")
    carol.page.get_by_label("User name").fill("Carol")
    carol.page.get_by_label("Password").fill(password)
    carol.page.get_by_role("button", name="Sign in").click()
    expect(carol.page.get_by_role("heading", level=1)).to_have_text("Overview")
    expect(carol.page.get_by_role("navigation", name="Main")).not_to_contain_text("Audit")
    carol.page.goto("/settings/")
    expect(carol.page.get_by_role("navigation", name="Settings")).not_to_contain_text("Members")

    page.goto(f"/settings/members/{User.objects.get(username='alice').pk}/")
    page.get_by_role("link", name="Deactivate…").click()
    page.get_by_label("New owner of these spaces").fill("carol")
    visitor.look("member-deactivate")
    page.get_by_role("button", name="Deactivate").click()
    expect(page.locator("#toasts")).to_contain_text("is deactivated")
    carol.page.goto("/spaces/")
    expect(carol.page.locator("#list tbody th")).to_have_count(3)


@pytest.mark.slow
def test_a_spreadsheet_reloads_from_a_link(account: Account, visit: Visit, live: str) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("alice")
    page.goto("/spaces/?q=gift")
    page.locator("#export-menu summary").click()
    page.get_by_role("link", name="Link for a spreadsheet…").click()
    visitor.look("link-form")
    page.get_by_label("Name", exact=True).fill("Gift report")
    page.get_by_role("button", name="Create link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gift report")
    visitor.look("link-page")
    address = page.locator(".code pre").first.inner_text()
    assert address.startswith(f"{live}/links/")
    with urllib.request.urlopen(address, timeout=10) as response:
        text = response.read().decode()
    assert "Gift cards" in text
    assert "Order tracking" not in text
    page.get_by_role("link", name="Revoke…").click()
    page.get_by_role("button", name="Revoke this link").click()
    assert status(address) == 404


@pytest.mark.slow
def test_contacts_from_the_list_to_the_end(account: Account, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Contacts").click()
    visitor.look("contacts", four=True)
    page.get_by_label("Search contacts").press_sequentially("may", delay=20)
    expect(page.locator("#list tbody th")).to_have_text(["Maya Lindqvist"])
    expect(page).to_have_url(re.compile(r"\?q=may$"))
    page.goto("/contacts/")
    page.get_by_role("link", name="New contact").click()
    page.get_by_label("Name", exact=True).fill("Lena Holm")
    page.get_by_label("Phone").fill("call me")
    page.get_by_label("Meta").fill("{nonsense")
    with visitor.expecting(422):
        page.get_by_role("button", name="Create contact").click()
        expect(page.locator("#id_meta_error")).to_contain_text("line 1")
    visitor.look("contact-form-wrong")
    page.get_by_label("Phone").fill("+49 30 1234567")
    page.get_by_label("Meta").fill('{"tier": "silver"}')
    page.get_by_role("button", name="Create contact").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lena Holm")
    page.get_by_role("link", name="Edit").first.click()
    page.get_by_label("Nickname").fill("Leni")
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("navigation", name="Contact").get_by_role("link", name=re.compile("History")).click()
    expect(page.locator(".history .diff").first).to_contain_text("nick")

    page.goto("/contacts/")
    page.get_by_label("Select this page").check()
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 7 contacts?")
    expect(page.locator("main")).to_contain_text("Warranty claims")
    visitor.look("contacts-delete")
    page.get_by_role("button", name="Delete 7 contacts").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("7 of 7 contacts done")
    page.goto("/contacts/")
    visitor.look("contacts-empty")


@pytest.mark.slow
def test_the_tabs_of_a_contact_look_right(account: Account, visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in("admin-harbour")
    fern = Contact.objects.get(name="Fern Alder")
    for tab in ("", "spaces/", "history/", "api/", "delete/", "settings/"):
        visitor.page.goto(f"/contacts/{fern.pk}/{tab}")
        visitor.look(f"contact-{tab.rstrip('/') or 'overview'}")


@pytest.mark.slow
def test_settings_look_right(account: Account, visit: Visit) -> None:
    visitor = visit()
    visitor.sign_in("admin-harbour")
    alice = User.objects.get(username="alice")
    group = account.groups.get(name="Claims team")
    link = ExportLink.objects.get()
    for name, path in {
        "settings-profile": "/settings/profile/",
        "settings-keys": "/settings/api-keys/",
        "settings-links": "/settings/export-links/",
        "settings-link": f"/settings/export-links/{link.pk}/",
        "settings-members": "/settings/members/",
        "settings-member": f"/settings/members/{alice.pk}/",
        "settings-groups": "/settings/groups/",
        "settings-group": f"/settings/groups/{group.pk}/",
    }.items():
        visitor.page.goto(path)
        visitor.look(name, four=name == "settings-keys")


@pytest.mark.slow
def test_the_audit_looks_right(account: Account, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.goto("/audit/")
    visitor.look("audit", four=True)
    page.goto("/audit/?person=admin-harbour&operation=contact.update")
    page.locator(".audit summary").first.click()
    page.locator("#filter-menu summary").click()
    visitor.look("audit-filter")


@pytest.mark.slow
def test_no_settings_page_is_wider_than_any_screen(account: Account, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    for path in ("/contacts/", "/settings/api-keys/", "/settings/api-keys/new/", "/settings/members/", "/audit/"):
        page.goto(path)
        for width in (360, 600, 800, 861, 1100, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            visitor.measure(f"{path} {width}", width)
