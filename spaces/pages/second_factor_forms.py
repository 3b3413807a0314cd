"""The forms of a second factor: a code, and a code with the password."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django import forms

WRONG_CODE = "That code is not right, or was used already. Wait for the next one and try again."
WRONG_FIRST_CODE = "That is not the code of this key now. Look at the app again, and at the clock of your phone."
WRONG_RECOVERY_CODE = "That recovery code is not right, or was used already."
WRONG_EITHER = "The password or the code is not right, or the code was used already."


class CodeInput(forms.TextInput):
    """Empty again after a wrong code: it has to be typed anew anyway."""

    def format_value(self, value: Any) -> str:
        return ""


def _code(label: str, numeric: bool) -> forms.CharField:
    attrs = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
    if numeric:
        attrs["inputmode"] = "numeric"
    return forms.CharField(label=label, max_length=64, widget=CodeInput(attrs=attrs))


class CodeForm(forms.Form):
    """A code of the app, six digits."""

    code = _code("Code from your app", numeric=True)


class RecoveryForm(forms.Form):
    """A recovery code in its place."""

    code = _code("Recovery code", numeric=False)


class PasswordAndCodeForm(forms.Form):
    """What changes a second factor: the password, and a code of either kind unless the page says which."""

    password = forms.CharField(
        max_length=4096, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    code = _code("Code from your app, or a recovery code", numeric=False)


class FirstCodeForm(PasswordAndCodeForm):
    """The password, and the first code of an app that just got the secret."""

    code = _code("Code that your app shows now", numeric=True)


def sheet(codes: list[str], username: str, account: str) -> dict[str, Any]:
    """What the page with recovery codes shows, and the same as a text file in an address."""
    lines = [f"Recovery codes of {username}, Spaces ({account})", "Each opens once, without the app.", "", *codes, ""]
    return {"codes": codes, "download": "data:text/plain;charset=utf-8," + quote("\r\n".join(lines))}
