"""Codes of an authenticator app, against the vectors of RFC 6238, and the picture that hands the secret over."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from spaces import totp

# RFC 6238, appendix B, SHA-1: its eight digits end in our six.
VECTORS = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890"


@pytest.mark.parametrize(("seconds", "eight"), VECTORS.items())
def test_codes_are_those_of_the_rfc(seconds: int, eight: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.step_of(RFC_SECRET, eight[2:], at) == seconds // 30


def test_what_does_not_look_like_a_code_is_none() -> None:
    for text in ("", "12345", "1234567", "12345x", "\u0661\u0662\u0663\u0664\u0665\u0666", "\x00"):
        assert totp.step_of(RFC_SECRET, text) is None


def test_the_address_names_the_person_and_the_account() -> None:
    address = urlsplit(totp.address(RFC_SECRET, "al:ice", "Harbour & Sons"))
    assert (address.scheme, address.netloc, address.path) == (
        "otpauth", "totp", "/Spaces:al%3Aice%20%28Harbour%20%26%20Sons%29",
    )  # fmt: skip
    assert parse_qs(address.query) == {"secret": [RFC_SECRET], "issuer": ["Spaces"]}


def test_the_picture_has_neither_style_nor_script() -> None:
    drawn = totp.picture(totp.address(RFC_SECRET, "<script>alert(1)</script>", "x"))
    assert drawn.startswith("<svg ")
    assert "style" not in drawn
    assert "script" not in drawn


def test_the_secret_is_typed_in_groups() -> None:
    secret = totp.new_secret()
    assert len(secret) == 32
    assert totp.in_groups(secret).split(" ") == [secret[at : at + 4] for at in range(0, 32, 4)]
