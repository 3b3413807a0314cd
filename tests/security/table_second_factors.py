"""The pages of second factors: the administrator and carol have one, alice and bob have none."""

from __future__ import annotations

from typing import Any

import pyotp

from .route import Route, admin, page
from .stage import Stage

PASSWORD = "a long enough password"
CAROL = {"pk": "carol"}


def _first_code(stage: Stage) -> dict[str, Any]:
    """As after alice looked at the page, which put the secret into her session."""
    from spaces.sign_in import NEW_SECRET
    from spaces_project.kit.sealed import seal

    secret = pyotp.random_base32()
    session = stage.clients["alice"].session
    session[NEW_SECRET] = [str(stage.ours.alice.pk), seal(secret)]
    session.save()
    return {"password": PASSWORD, "code": pyotp.TOTP(secret).now()}


def _code(stage: Stage) -> dict[str, Any]:
    return {"password": PASSWORD, "code": pyotp.TOTP(stage.ours.admin.second_factor_secret.reveal()).now()}


def _code_once(stage: Stage) -> dict[str, Any]:
    from spaces.pages.settings.second_factor import recovery_note

    return {**_code(stage), "once": recovery_note(stage.ours.admin)}


SECOND_FACTORS: tuple[Route, ...] = (
    page("second_factor", outsider=200),
    page("second_factor_setup", outsider=200),
    page("second_factor_setup", "POST", data=_first_code, outsider=422, writes=("user",)),
    page("second_factor_codes", actor="admin", outsider=302),
    page("second_factor_codes", "POST", data=_code_once, actor="admin", outsider=302, writes=("user",)),
    page("second_factor_off", actor="admin", outsider=302),
    page("second_factor_off", "POST", data=_code, actor="admin", outsider=302, writes=("user",)),
    admin("member_second_factors"),
    admin("member_second_factors_require", "POST", writes=("account",)),
    admin("member_second_factors_waive", "POST"),
    admin("member_second_factor_confirm", path=CAROL),
    admin("member_second_factor_reset", "POST", CAROL, writes=("user",)),
)
