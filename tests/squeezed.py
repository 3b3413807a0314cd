"""Pages as tests read them: without the white space that lays out their templates, and shows nowhere.

Beside what is a box of its own a browser shows none, and elsewhere many spaces are one.
"""

from __future__ import annotations

import re
from typing import Any

REST = r"(?:[^<>\"]|\"[^\"]*\")*>"  # of a tag
VERBATIM = re.compile(
    rf"(?P<tag><(?P<name>pre|textarea|script|style)\b{REST}"
    r'|<(?P<other>div|p) class="(?:prose plain-text|kept-lines|diff)">)'
    r"(?P<text>.*?)(?=</(?:(?P=name)|(?P=other))>)",
    re.DOTALL,
)
BOXES = (
    "article aside body button caption dd details dialog div dl dt fieldset footer form h1 h2 h3 h4 head header hr",
    "html legend li link main meta nav ol optgroup option p script section select summary table tbody td template th",
    "thead title tr ul",
)
BESIDE_BOX = re.compile(rf"\s*(</?(?:{'|'.join(' '.join(BOXES).split())})\b{REST})\s*")
SPACES, BEFORE_END = re.compile(r"\s+"), re.compile(r"\s+(?=/?>)")


def squeezed(page: str) -> str:
    parts, last = list[str](), 0
    for found in VERBATIM.finditer(page):
        parts += [_squeezed(page[last : found.start("text")]), found["text"]]
        last = found.end()
    return "".join([*parts, _squeezed(page[last:])])


def _squeezed(part: str) -> str:
    return BESIDE_BOX.sub(r"\1", BEFORE_END.sub("", SPACES.sub(" ", part)))


def watch() -> None:
    """From now on, in this process: what the test client is answered."""
    from django.test.client import ClientHandler

    answer = ClientHandler.__call__

    def answered(self: Any, environ: dict[str, Any]) -> Any:
        response = answer(self, environ)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming and response.content:
            response.content = squeezed(response.content.decode())
        return response

    ClientHandler.__call__ = answered  # type: ignore[method-assign]
