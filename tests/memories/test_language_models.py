"""Language models of an account: names, defaults, and keys that nobody reads back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from memories.models import LanguageModel
from spaces.errors import AlreadyExists, Conflict
from spaces.models import AuditEntry
from tests.factories import actor_of, admin_of, make_account

pytestmark = pytest.mark.django_db
KEY = "sk-very-secret"


def made(account: Any, **fields: Any) -> LanguageModel:
    values = {"name": "Small", "endpoint_url": "https://llm.example/v1", "model_identifier": "small-1", **fields}
    return LanguageModel.create(actor_of(admin_of(account)), account, **values)


@pytest.fixture
def account():
    return make_account()


def test_the_key_is_sealed_in_the_database_and_named_only_in_the_audit(account) -> None:
    model = LanguageModel.objects.get(pk=made(account, api_key=KEY).pk)
    assert model.api_key.reveal() == KEY
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(m)::text FROM memories_languagemodel m")
        (row,) = cursor.fetchone()
    assert KEY not in row
    entry = AuditEntry.objects.get(operation="language_model.create")
    assert entry.changes["api_key"] is None
    assert entry.changes["name"] == [None, "Small"]


def test_a_key_does_not_follow_to_another_server(account) -> None:
    model = made(account, api_key=KEY)
    by = actor_of(admin_of(account))
    model.change(by, endpoint_url="https://llm.example/v2/")
    assert (model.endpoint_url, model.api_key.reveal()) == ("https://llm.example/v2", KEY)
    model.change(by, endpoint_url="https://llm.example:8443/v2")
    assert not LanguageModel.objects.get().api_key
    model.change(by, endpoint_url="https://other.example", api_key="sk-new")
    assert LanguageModel.objects.get().api_key.reveal() == "sk-new"


def test_a_whole_address_is_taken_apart(account) -> None:
    assert (
        made(account, endpoint_url="https://llm.example/v1/chat/completions").endpoint_url == "https://llm.example/v1"
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"endpoint_url": "ftp://llm.example"}, "endpoint_url"),
        ({"endpoint_url": "https://user:pass@llm.example"}, "endpoint_url"),
        ({"temperature": 3}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"timeout_seconds": 301}, "timeout_seconds"),
        ({"name": "  "}, "name"),
        ({"api_key": "two\nlines"}, "api_key"),
        ({"provider_type": "NOBODY"}, "provider_type"),
    ],
)
def test_nonsense_is_told_at_its_field(account, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        made(account, **fields)
    assert list(refused.value.message_dict) == [field]
    assert not LanguageModel.objects.exists()


def test_names_are_unique_ignoring_case_within_an_account(account) -> None:
    made(account)
    with pytest.raises(AlreadyExists, match="Another language model"):
        made(account, name="SMALL")
    assert made(make_account(), name="small").name == "small"


def test_there_is_one_default_and_it_is_switched_on(account) -> None:
    by = actor_of(admin_of(account))
    first, second = made(account, is_default=True), made(account, name="Large", is_default=True)
    first.refresh_from_db()
    assert (first.is_default, second.is_default) == (False, True)
    first.make_default(by)
    assert LanguageModel.objects.of(account).default() == first
    with pytest.raises(Conflict):
        first.change(by, is_active=False)
    first.refresh_from_db()
    assert first.is_active
    first.unmake_default(by)
    assert LanguageModel.objects.of(account).default() is None


def test_a_model_is_called_by_name_or_identifier(account) -> None:
    small, other = made(account), made(account, name="small-1", model_identifier="x")
    called = LanguageModel.objects.of(account).called
    assert list(called("SMALL")) == [small]
    assert list(called("Small-1")) == [other, small]
    assert not LanguageModel.objects.of(make_account()).called("small")


def test_a_removed_model_is_gone_and_written_down(account) -> None:
    made(account).remove(actor_of(admin_of(account)))
    assert not LanguageModel.objects.exists()
    assert AuditEntry.objects.filter(operation="language_model.delete", object_name="Small").exists()
