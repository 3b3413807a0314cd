"""What assistants write, as HTML that is safe in a page; and what people write, as the plain text it is.

Two walls: the parser knows no HTML and makes links of http, https and mailto alone; then nh3 lets through the few tags
and attributes below, whatever the parser did. Nothing in a message is ever loaded: an image becomes its words and a
link that names its host, so text from a stranger cannot call out when it is read. What would cost too much to render is
shown as plain text, in whole or in part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from spaces_project.kit import limits

TAGS = {
    *("p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h3", "h4", "h5"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "rel", "target", "class", "aria-label"}, "ol": {"start"}, "th": {"scope"}}
HEADINGS = {"h1": "h3", "h2": "h4"}  # a page has its own h1 and h2; deeper ones become h5
LINK = re.compile(r"(?:https?://|mailto:)[^\s]", re.I | re.A)
HREF = re.compile(r"(?:https?://|mailto:).*|#ref-[0-9]{1,6}", re.I | re.A | re.S)
MARK = re.compile(r"<sup>([0-9]{1,6})</sup>", re.A)

# Characters at which the inline parser stops and tries its rules, and what the dear ones cost more (measured).
STOPS = re.compile(r"[^\w\s,.;'\"()?/|]", re.A)
DEARER = {"[": 19, "*": 4, "_": 5, "`": 2, "<": 2, "&": 2}


def plain(text: str, css_class: str = "") -> SafeString:
    """``text`` as paragraphs of plain text with its line breaks; nothing in it is markup."""
    opening = f'<p class="{css_class}">' if css_class else "<p>"
    blocks = re.split(r"\n[^\S\n]*\n\s*", _normal(text).strip("\n"))
    return SafeString("".join(f"{opening}{escape(each).replace(chr(10), '<br>')}</p>" for each in blocks if each))


def render(text: str, *, references: Iterable[int] = ()) -> SafeString:
    """Markdown (CommonMark and tables) as safe HTML.

    ``<sup>N</sup>`` becomes a chip that leads to ``#ref-N`` when N is in ``references`` (the form of Unique's marks);
    any other HTML is shown as it was written. The first MARKDOWN_BYTES and MARKDOWN_LINES are markdown, the rest
    follows as plain text.
    """
    head, rest = _cut(_normal(text))
    return SafeString(f"{_html(head, frozenset(references))}{plain(rest, 'plain')}")


@lru_cache(maxsize=256)  # pages with running answers ask for the same messages again and again
def _html(text: str, numbers: frozenset[int]) -> str:
    env = {"numbers": numbers, "too_deep": False}
    parser = _parser(with_tables=_cells(text) <= limits.MARKDOWN_CELLS)
    html = parser.render(text, env)
    return plain(text) if env["too_deep"] else _clean(html)


def _normal(text: str) -> str:
    """One kind of line end, and only characters that can be sent (a lone surrogate cannot)."""
    return text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")


def _cut(text: str) -> tuple[str, str]:
    """The part to render and the rest; cut at the end of a line where there is one."""
    head = text.encode()[: limits.MARKDOWN_BYTES].decode("utf-8", "ignore")
    end = len(head)
    if end < len(text):
        end = head.rfind("\n") + 1 or end
    lines = [found.end() for found in re.finditer("\n", text[:end])]
    if len(lines) > limits.MARKDOWN_LINES:
        end = lines[limits.MARKDOWN_LINES - 1]
    return text[:end], text[end:]


def _cells(text: str) -> int:
    """The most cells that tables in ``text`` can have: a row without bars is filled up to the header's columns."""
    blocks = (block.split("\n") for block in re.split(r"\n[^\S\n]*\n", text) if "|" in block)
    return sum(len(lines) * (max(line.count("|") for line in lines) + 1) for lines in blocks)


@cache
def _parser(*, with_tables: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": limits.MARKDOWN_NESTING})
    if with_tables:
        parser.enable("table")
    parser.disable(["html_block", "html_inline"])
    parser.core.ruler.at("inline", _inline)
    parser.inline.ruler.before("autolink", "reference", _reference_mark)
    parser.validateLink = lambda url: LINK.match(url) is not None  # type: ignore[method-assign]
    parser.add_render_rule("reference", _chip)
    return parser


def _inline(state: StateCore) -> None:
    """Parse the text of each block, as long as the budget lasts; and make of the tokens what a page may show."""
    left = limits.MARKDOWN_MARKS
    for token in state.tokens:
        if token.level >= limits.MARKDOWN_NESTING - 1:  # deeper blocks are left out by the parser
            state.env["too_deep"] = True
            return
        if token.type == "inline":
            cost = _cost(token.content)
            token.children = _text(token.content) if cost > left else _parsed(state, token.content)
            left -= cost if cost <= left else 0
        _dress(token)


def _cost(content: str) -> int:
    """How much work the inline parser has with ``content``, in its stops (one is about 4 µs)."""
    return len(STOPS.findall(content)) + sum(content.count(each) * more for each, more in DEARER.items())


def _text(content: str) -> list[Token]:
    return [Token("text", "", 0, content=content)]


def _parsed(state: StateCore, content: str) -> list[Token]:
    children: list[Token] = []
    state.md.inline.parse(content, state.md, state.env, children)
    return list(_shown(children))


def _shown(children: list[Token]) -> Iterator[Token]:
    """The tokens of a line, with links that open apart and images as words."""
    in_link = False
    for token in children:
        if token.type in {"link_open", "link_close"}:
            in_link = token.type == "link_open"
            token.attrs = _link(str(token.attrs["href"])) if in_link else {}
        if token.type == "image":
            yield from _image(token, in_link=in_link)
        else:
            yield token


def _link(url: str) -> dict[str, str | int | float]:
    return {"href": url, "rel": "noopener noreferrer nofollow", "target": "_blank"}


def _image(token: Token, *, in_link: bool) -> Iterator[Token]:
    """The words of an image, then a link to it that names its host (not inside another link)."""
    if in_link:
        yield from _text(token.content)
        return
    url = str(token.attrs["src"])
    yield from _text(f"{token.content} (".lstrip())
    yield Token("link_open", "a", 1, attrs=_link(url))
    yield from _text(f"image at {_host(url)}")
    yield Token("link_close", "a", -1)
    yield from _text(")")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "an address"
    except ValueError:
        return "an address"


def _dress(token: Token) -> None:
    """Headings below those of the page, and tables whose headers say what they head."""
    if token.type in {"heading_open", "heading_close"}:
        token.tag = HEADINGS.get(token.tag, "h5")
    elif token.type == "th_open":
        token.attrs = {"scope": "col"}


def _reference_mark(state: StateInline, silent: bool) -> bool:
    """An inline rule: `<sup>3</sup>`, when 3 is a reference and no link is around it."""
    found = MARK.match(state.src, state.pos, state.posMax)
    if not found or state.linkLevel or int(found[1]) not in state.env["numbers"]:
        return False
    if not silent:
        state.push("reference", "", 0).content = str(int(found[1]))
    state.pos = found.end()
    return True


def _chip(renderer: Any, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    number = tokens[index].content
    return f'<a class="ref" href="#ref-{number}" aria-label="Reference {number}">{number}</a>'


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,  # the parser's links carry theirs; chips stay in the page
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """The second wall: the values that attributes may have."""
    fixed = {"rel": "noopener noreferrer nofollow", "target": "_blank", "class": "ref", "scope": "col"}
    if name == "href":
        return value if HREF.fullmatch(value) else None
    return value if fixed.get(name, value) == value else None
