"""The tags and texts of a page, one after the other, in time that grows with its length alone.

Python's own parser looks to the end of the page for each tag or comment that does not end: a hundred kilobytes of
``<a b="`` keep it busy for minutes. As in browsers, a comment or a tag that does not end has no text behind it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

NAME: Final = r"[a-zA-Z][^\s/>]*+"
VALUE: Final = r"=\s*+(?:\"[^\"]*\"|'[^']*')"  # a quote elsewhere, or one that does not end, is a sign like others
TAG: Final = re.compile(rf"<(?P<end>/?)(?P<name>{NAME})(?P<rest>(?:[^>=]++|{VALUE}|=)*+)>")
OPENING: Final = re.compile(r"</?[a-zA-Z]")
SCRIPTS: Final = {name: re.compile(rf"</{name}(?=[\s/>])", re.I) for name in ("script", "style")}
LONG_NUMBER: Final = re.compile(r"&#[xX]?0*+[0-9a-fA-F]{8,};?")  # no character has it, and reading it takes long


class Token(NamedTuple):
    """A text, or a tag: ``name`` is empty for a text; ``starts`` and ``ends`` are both true for ``<br/>``."""

    text: str = ""
    name: str = ""
    starts: bool = False
    ends: bool = False


def tokens(page: str) -> Iterator[Token]:
    """Read the page from its beginning to its end."""
    at = 0
    while (mark := page.find("<", at)) >= 0:
        if mark > at:
            yield _text(page[at:mark])
        if OPENING.match(page, mark):
            if (found := TAG.match(page, mark)) is None:
                return
            yield (token := _tag(found))
            at = _behind_script(page, token, found.end())
        elif page.startswith(("<!", "<?", "</"), mark):
            at = _behind_comment(page, mark)
        else:
            yield _text("<")
            at = mark + 1
    if at < len(page):
        yield _text(page[at:])


def _text(text: str) -> Token:
    return Token(html.unescape(LONG_NUMBER.sub("\ufffd", text)))


def _tag(found: re.Match[str]) -> Token:
    is_end = bool(found["end"])
    ends = is_end or found["rest"].endswith("/")
    return Token(name=found["name"].lower(), starts=not is_end, ends=ends)


def _behind_script(page: str, token: Token, at: int) -> int:
    """Where what is no text ends behind this tag; its own end tag comes next."""
    if token.ends or token.name not in SCRIPTS:
        return at
    end = SCRIPTS[token.name].search(page, at)
    return end.start() if end else len(page)


def _behind_comment(page: str, mark: int) -> int:
    """Where a comment, a declaration or an instruction that begins at ``mark`` is over."""
    sign = "-->" if page.startswith("<!--", mark) else ">"
    if page.startswith(("<!-->", "<!--->"), mark):
        sign = ">"
    end = page.find(sign, mark + 2)
    return end + len(sign) if end >= 0 else len(page)
