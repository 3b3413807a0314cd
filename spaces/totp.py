"""Codes of an authenticator app: RFC 6238 as all of them do it (SHA-1, 6 digits, 30 seconds), by pyotp.

A code is told by its step, the number of half minutes since 1970: who remembers the last step lets none in twice.
"""

from __future__ import annotations

import re
from datetime import datetime

import pyotp
import segno
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from pyotp.exceptions import OTPVerificationError

ISSUER = "Spaces"
DRIFT_STEPS = 1  # a clock may be half a minute wrong, either way
_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """160 random bits in Base32."""
    return pyotp.random_base32()


def in_groups(secret: str) -> str:
    """For typing it by hand: ``ABCD EFGH …``."""
    return " ".join(re.findall(".{1,4}", secret))


def is_code(text: str) -> bool:
    """Whether it looks like what an app shows."""
    return bool(_CODE.fullmatch(text))


def step_of(secret: str, code: str, at: datetime | None = None) -> int | None:
    """The step whose code this is, of the present one and its neighbours; else None."""
    if not is_code(code):
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=at or timezone.now(), valid_window=DRIFT_STEPS)
    except OTPVerificationError:
        return None


def address(secret: str, username: str, account: str) -> str:
    """What the picture says to an app (otpauth://): the secret, and under which name the app lists it."""
    return pyotp.TOTP(secret).provisioning_uri(name=f"{username} ({account})", issuer_name=ISSUER)


def picture(text: str) -> SafeString:
    """A QR code as inline SVG without style or script; black on white in any theme, as cameras want it."""
    code = segno.make(text, error="m", micro=False)
    return mark_safe(  # noqa: S308 (drawn by segno of black squares; the text is not in it)
        code.svg_inline(omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None)
    )
