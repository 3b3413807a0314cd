"""A person in Chromium: does what a person would, and notices what a person would not.

Console errors, failed requests, refused content (CSP), accessibility violations and pages that scroll sideways are
collected; ``check`` fails the test with all of them. ``look`` leaves pictures of a page in both themes and on a
phone under tests/output/.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.factories import PASSWORD

OUTPUT = Path(__file__).resolve().parents[1] / "output"
FOUR = (
    ("1440-light", 1440, 900, "light"),
    ("1440-dark", 1440, 900, "dark"),
    ("390-light", 390, 844, "light"),
    ("390-dark", 390, 844, "dark"),
)
TWO = (FOUR[0], FOUR[3])
_axe = Axe()


class Visitor:
    """One browser context with one page."""

    def __init__(self, browser: Any, base: str, **options: Any) -> None:
        self.base = base
        self.context = browser.new_context(
            base_url=base, locale="en-US", reduced_motion="reduce", viewport={"width": 1440, "height": 900}, **options
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.problems: list[str] = []
        self.expected: set[int] = set()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._response)

    def _console(self, message: Any) -> None:
        is_status = "Failed to load resource" in message.text  # counted by its response
        if message.type in ("error", "warning") and not is_status:
            self.problems.append(f"console: {message.text}")

    def _failed(self, request: Any) -> None:
        """A request that a newer one replaced, or that became a download, has not failed."""
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"failed: {request.url} {request.failure}")

    def _response(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.problems.append(f"{response.status}: {response.url}")

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Inside, answers with these statuses are what the test is about."""
        self.expected = set(statuses)
        yield
        self.expected = set()

    def sign_in(self, username: str) -> None:
        self.page.goto("/sign-in/")
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/sign-in/" not in url)

    def look(self, name: str, *, four: bool = False) -> None:
        """Pictures on a desk in light and on a phone in dark, or all four. Nothing sideways.

        axe looks at the first, and with ``four`` at the last as well: a look costs half a second of both.
        """
        OUTPUT.mkdir(exist_ok=True)
        for look, width, height, scheme in FOUR if four else TWO:
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.emulate_media(color_scheme=scheme)
            # caret: hiding it would leave style attributes behind, which htmx then copies against the policy
            self.page.screenshot(path=OUTPUT / f"{name}-{look}.png", full_page=True, caret="initial")
            self.measure(f"{name} {look}", width)
            if look == "1440-light" or (four and look == "390-dark"):
                self._axe(f"{name} {look}")
        self.page.set_viewport_size({"width": 1440, "height": 900})
        self.page.emulate_media(color_scheme="light")

    def measure(self, where: str, width: int) -> None:
        """Notice a page that is wider than the screen of ``width`` pixels."""
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            self.problems.append(f"{where}: scrolls sideways, {wide} of {width} px")

    def _axe(self, where: str) -> None:
        for violation in _axe.run(self.page).response["violations"]:
            nodes = [node["html"][:200] for node in violation["nodes"][:3]]
            self.problems.append(f"{where}: axe {violation['id']}: {violation['help']} {nodes}")

    def check(self) -> None:
        """Fail with everything that was noticed."""
        self.context.close()
        assert not self.problems, "\n".join(self.problems)
