"""Settings → Language models: what an administrator sees and does, and what nobody sees: the key."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from chats.models import Assistant
from memories.models import LanguageModel
from spaces.models import AuditEntry
from spaces_project.kit.egress import Allowed
from tests.factories import actor_of, admin_of, make_account
from tests.openai_server import openai_server

pytestmark = pytest.mark.django_db
KEY = "sk-canary-never-shown"
FORM = {
    "name": "Small",
    "provider_type": "VLLM",
    "endpoint_url": "https://llm.example/v1/",
    "api_path": "/chat/completions",
    "model_identifier": "small-1",
    "api_key": KEY,
    "timeout_seconds": "60",
    "is_active": "on",
}


@pytest.fixture
def admin(world) -> Any:
    return world.client(world.admin)


def make(world: Any, **fields: Any) -> LanguageModel:
    values = {"name": "Small", "endpoint_url": "https://llm.example/v1", "model_identifier": "echo", "api_key": KEY}
    return LanguageModel.create(actor_of(world.admin), world.account, **{**values, **fields})


def url(name: str, model: LanguageModel | None = None) -> str:
    return reverse(f"language_model_{name}", args=[model.pk] if model else [])


def test_a_first_one_is_added_and_its_key_is_never_shown(world, admin) -> None:
    assert "No language model yet" in admin.get(url("list")).content.decode()
    added = admin.post(url("create"), {**FORM, "is_default": "on", "temperature": "0.5"}, follow=True)
    model = LanguageModel.objects.get()
    assert (model.endpoint_url, model.temperature, model.is_default) == ("https://llm.example/v1", 0.5, True)
    assert model.api_key.reveal() == KEY
    pages = [added, admin.get(url("list")), admin.get(url("delete_confirm", model)), admin.get(reverse("audit_list"))]
    assert all("Small" in page.content.decode() for page in pages)
    assert not any(KEY in page.content.decode() or model.api_key.token in page.content.decode() for page in pages)


def test_an_empty_key_stays_and_another_server_loses_it(world, admin) -> None:
    model = make(world)
    admin.post(url("detail", model), {**FORM, "api_key": "", "name": "Renamed"})
    model = LanguageModel.objects.get()
    assert (model.name, model.api_key.reveal()) == ("Renamed", KEY)
    admin.post(url("detail", model), {**FORM, "api_key": "", "endpoint_url": "https://evil.example/v1"})
    assert not LanguageModel.objects.get().api_key
    admin.post(url("detail", model), {**FORM, "api_key": KEY})
    admin.post(url("detail", model), {**FORM, "api_key": "", "forget_key": "on"})
    assert not LanguageModel.objects.get().api_key


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "required"),
        ({"endpoint_url": "http://user:pass@llm.example"}, "must not hold a user name"),
        ({"endpoint_url": "not a url"}, "spaces or special characters"),
        ({"temperature": "nan"}, "Enter a number"),
        ({"temperature": "5"}, "less than or equal to 2"),
        ({"timeout_seconds": "0"}, "greater than or equal to 1"),
        ({"api_key": "schlüssel"}, "One line"),
        ({"provider_type": "x"}, "valid choice"),
        ({"is_active": "", "is_default": "on"}, "has to be in use"),
        ({"max_tokens": "99999999999"}, "less than or equal"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(world, admin, wrong: dict[str, str], said: str) -> None:
    answer = admin.post(url("create"), {**FORM, **wrong})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert KEY not in answer.content.decode()
    assert not LanguageModel.objects.exists()


def test_a_taken_name_is_told(world, admin) -> None:
    make(world)
    answer = admin.post(url("create"), {**FORM, "name": "SMALL"})
    assert answer.status_code == 422
    assert "Another language model has this name" in answer.content.decode()


def test_the_test_shows_answer_time_and_tokens(world, admin, settings) -> None:
    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])
    with openai_server() as server:
        model = make(world, endpoint_url=server.url)
        whole = admin.post(url("test", model)).content.decode()
        part = admin.post(url("test", model), headers={"HX-Request": "true"}).content.decode()
        assert server.requests[0]["headers"]["authorization"] == f"Bearer {KEY}"
    assert "You said: Which is the capital" in whole
    assert "7 + 5 tokens" in part
    assert "<html" in whole
    assert "<html" not in part


def test_a_failing_test_says_why_to_the_administrator(world, admin, settings) -> None:
    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])
    with openai_server() as server:
        refused = admin.post(url("test", make(world, endpoint_url=server.url, model_identifier="status:401")))
    page = refused.content.decode()
    assert refused.status_code == 200
    assert "refused the key" in page
    assert f"127.0.0.1:{server.server_port} refused the credentials (401)" in page
    assert KEY not in page
    settings.EGRESS_ALLOW = Allowed()
    page = admin.post(url("test", LanguageModel.objects.get())).content.decode()
    assert "SPACES_EGRESS_ALLOW" in page


def test_the_default_moves_with_one_click(world, admin) -> None:
    first, second = make(world, is_default=True), make(world, name="Large")
    admin.post(url("default", second))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_default, second.is_default) == (False, True)


def test_removing_says_which_spaces_use_it(world, admin) -> None:
    model = make(world)
    Assistant.of(world.space).change(actor_of(world.alice), language_model="small")
    page = admin.get(url("delete_confirm", model)).content.decode()
    assert "1 space names it" in page
    assert "Warranty claims" in page
    admin.post(url("delete", model))
    assert not LanguageModel.objects.exists()
    assert AuditEntry.objects.filter(operation="language_model.delete", actor_name=world.admin.username).exists()


@pytest.mark.parametrize("name", ["alice", "ann"])
def test_only_administrators_come_in(world, name: str) -> None:
    model = make(world)
    client = world.client(getattr(world, name))
    for page in (url("list"), url("create"), url("detail", model), url("delete_confirm", model)):
        assert client.get(page).status_code == 403
    for page in (url("test", model), url("default", model), url("delete", model)):
        assert client.post(page).status_code == 403
    assert LanguageModel.objects.filter(pk=model.pk, is_default=False).exists()


def test_another_accounts_administrator_finds_nothing(world) -> None:
    model = make(world)
    stranger = world.client(admin_of(make_account("strangers")))
    assert stranger.get(url("detail", model)).status_code == 404
    assert stranger.post(url("test", model)).status_code == 404
    assert "Small" not in stranger.get(url("list")).content.decode()
