"""Secrets are kept sealed, and are opened by the installation's keys only."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError

from memories.models import LanguageModel
from spaces.actors import Actor
from spaces_project.kit.sealed import MASK, CannotUnseal, Secret, check_secret, seal, unseal
from tests.factories import make_account

PLAIN = "sk-very-secret"


def test_what_is_sealed_can_be_read_again_and_looks_different_each_time() -> None:
    tokens = {seal(PLAIN), seal(PLAIN)}
    assert len(tokens) == 2
    assert {unseal(token) for token in tokens} == {PLAIN}
    assert not any(PLAIN in token for token in tokens)


def test_a_new_key_in_front_still_opens_what_the_old_one_sealed(settings) -> None:
    settings.ENCRYPTION_KEYS = ["old" * 12]
    token = seal(PLAIN)
    settings.ENCRYPTION_KEYS = ["new" * 12, "old" * 12]
    assert unseal(token) == PLAIN
    fresh = seal(PLAIN)
    settings.ENCRYPTION_KEYS = ["new" * 12]
    assert unseal(fresh) == PLAIN
    with pytest.raises(CannotUnseal, match="entered again"):
        unseal(token)


def test_a_secret_is_never_spelled_by_accident() -> None:
    secret = Secret.of(PLAIN)
    assert (str(secret), repr(secret), f"{secret}", bool(secret)) == (MASK, "<Secret set>", MASK, True)
    assert secret.reveal() == PLAIN
    assert (str(Secret()), bool(Secret.of("")), Secret().reveal()) == ("", False, "")


@pytest.mark.parametrize("text", ["a\nb", " a", "a ", "schlüssel", "a\x00"])
def test_a_secret_is_one_line_that_a_header_can_carry(text: str) -> None:
    check_secret("sk-good_Key.1")
    with pytest.raises(ValidationError):
        check_secret(text)


@pytest.mark.django_db
def test_old_keys_can_go_after_resealing(settings, capsys) -> None:
    account = make_account()
    settings.ENCRYPTION_KEYS = ["old" * 12]
    first, lost = (
        LanguageModel.create(
            Actor.system(account), account, name=name, endpoint_url="https://llm.example", model_identifier="m",
            api_key=PLAIN,
        )
        for name in ("First", "Lost")
    )  # fmt: skip
    settings.ENCRYPTION_KEYS = ["new" * 12, "old" * 12]
    call_command("reseal")
    settings.ENCRYPTION_KEYS = ["new" * 12]
    first.refresh_from_db()
    assert first.api_key.reveal() == PLAIN
    LanguageModel.objects.filter(pk=lost.pk).update(api_key=Secret("gibberish"))
    with pytest.raises(CommandError, match="1 cannot be read"):
        call_command("reseal")
    assert "2 secrets" in capsys.readouterr().out
    assert LanguageModel.objects.get(pk=first.pk).api_key.reveal() == PLAIN
