"""Messages in a page: markdown that is safe, cheap and complete; and plain text that stays plain."""

from __future__ import annotations

import re
import sys
from functools import cache
from html.parser import HTMLParser
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaces_project.kit import limits
from spaces_project.kit.markdown import _html, plain, render

LINK = 'rel="noopener noreferrer nofollow" target="_blank"'


class Page(HTMLParser):
    """What a browser would find: ``tags`` with their attributes, and the ``text``."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment  # type: ignore[assignment]


def links(html: str) -> list[str | None]:
    return [attributes["href"] for tag, attributes in Page(html).tags if tag == "a"]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Hello **you** and *me*", "<p>Hello <strong>you</strong> and <em>me</em></p>\n"),
        ("# A\n## B\n### C\n###### D", "<h3>A</h3>\n<h4>B</h4>\n<h5>C</h5>\n<h5>D</h5>\n"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        ("```js\nif (a < b) {}\n```", "<pre><code>if (a &lt; b) {}\n</code></pre>\n"),
        ("> said `x`", "<blockquote>\n<p>said <code>x</code></p>\n</blockquote>\n"),
        ("[a](https://b.example/c?d=1&e=2)", f'<p><a href="https://b.example/c?d=1&amp;e=2" {LINK}>a</a></p>\n'),
        ("<mailto:me@b.example>", f'<p><a href="mailto:me@b.example" {LINK}>mailto:me@b.example</a></p>\n'),
        ("https://b.example stays text", "<p>https://b.example stays text</p>\n"),
    ],
)
def test_markdown_becomes_html(text: str, html: str) -> None:
    rendered = render(text)
    assert sorted_attributes(rendered) == sorted_attributes(html)


def sorted_attributes(html: str) -> tuple[object, str]:
    page = Page(html)
    return page.tags, page.text


def test_tables_have_headers_and_no_style() -> None:
    page = Page(render("| a | b |\n|:-:|--:|\n| 1 | 2 |"))
    assert [each for each in page.tags if each[1]] == [("th", {"scope": "col"})] * 2
    assert [tag for tag, _ in page.tags if tag == "td"] == ["td"] * 2


REFUSED_LINKS = [
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java&#115;cript:alert(1)", "&#x6A;avascript:alert(1)"),
    *("data:text/html,<b>", "data:image/png;base64,AA", "vbscript:x", "file:///etc/passwd", "//evil.example/x"),
    *("/settings/keys", "?delete=1", "#ref-1", "unique://content/cont_1", "ftp://a/b", "https:evil", "about:blank"),
    *("\\javascript:alert(1)", "%6Aavascript:alert(1)", "http://", "blob:https://a/b", "mailto:"),
]


@pytest.mark.parametrize("url", REFUSED_LINKS)
def test_other_links_stay_text(url: str) -> None:
    for text in (f"[a]({url})", f"[a](<{url}>)", f"<{url}>", f"[a]\n\n[a]: {url}", f"![a]({url})"):
        assert links(render(text)) == []
    assert "a" in Page(render(f"[a]({url})")).text


def test_an_image_is_its_words_and_a_link_and_is_never_loaded() -> None:
    page = Page(render("Look: ![our *cat*](https://evil.example/log?secret=42 'title')"))
    assert [tag for tag, _ in page.tags] == ["p", "a"]
    assert page.text == "Look: our *cat* (image at evil.example)\n"
    assert page.tags[1][1]["href"] == "https://evil.example/log?secret=42"


def test_an_image_in_a_link_is_its_words() -> None:
    rendered = render("[see ![cat](https://evil.example/x) here](https://b.example) ![dog](https://c.example)")
    assert links(rendered) == ["https://b.example", "https://c.example"]
    assert Page(rendered).text == "see cat here dog (image at c.example)\n"


def test_marks_of_references_become_chips() -> None:
    rendered = render("Covered<sup>1</sup>, **really<sup>12</sup>**.", references=[1, 12])
    assert rendered == (
        '<p>Covered<a class="ref" href="#ref-1" aria-label="Reference 1">1</a>, '
        '<strong>really<a class="ref" href="#ref-12" aria-label="Reference 12">12</a></strong>.</p>\n'
    )


def test_the_same_text_has_the_chips_of_its_own_references() -> None:
    assert [len(links(render("a<sup>1</sup>", references=each))) for each in ([1], [], [2, 1])] == [1, 0, 1]


@pytest.mark.parametrize(
    "text", ["<sup>2</sup>", "<sup>x</sup>", "<sup>1</sup", "<SUP>1</SUP>", "<sup class=a>1</sup>", "<sup>\u0661</sup>"]
)
def test_other_marks_are_the_text_they_are(text: str) -> None:
    assert (links(render(text, references=[1])), Page(render(text, references=[1])).text) == ([], f"{text}\n")


def test_marks_in_code_and_links_are_no_chips() -> None:
    text = "`<sup>1</sup>` [a<sup>1</sup>](https://b.example)\n\n    <sup>1</sup>"
    assert links(render(text, references=[1])) == ["https://b.example"]


HOSTILE = [
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<!--", "<![CDATA[x]]>"),
    *("<a href='javascript:x' onclick=x>y</a>", "</p></div><h1>x", "<style>*{}</style>", "<iframe src=//x>"),
    *('[a](https://b.example/" onclick="x)', "[a](https://b.example 'x\" onclick=\"y')", '<https://b/"onclick=x>'),
    *('```" onclick=x\n```', "```a class=x onload=y\nz\n```", "<?php x ?>", "&lt;script&gt;", "<math><mi//xlink:href>"),
    *("<template><script>", "<noscript><p title='</noscript><img src=x onerror=x>'>", "<form action=x><input>"),
]
BARE = "p br hr strong em code pre blockquote ul li h3 h4 h5 table thead tbody tr td"
ALLOWED: dict[str, set[str]] = {
    **{tag: set() for tag in BARE.split()},
    "ol": {"start"},
    "th": {"scope"},
    "a": {"href", "rel", "target", "class", "aria-label"},
}


def assert_safe(html: str) -> None:
    for tag, attributes in Page(html).tags:
        assert tag in ALLOWED
        allowed = {"class"} if tag == "p" and attributes == {"class": "plain"} else ALLOWED[tag]
        assert set(attributes) <= allowed
        assert attributes.get("class") in {None, "ref", "plain"}
        if tag == "a" and attributes.get("class") == "ref":
            assert re.fullmatch("#ref-[123]", attributes["href"] or "")
        elif tag == "a":
            assert re.match("(https?://|mailto:)", attributes["href"] or "", re.I)
            assert (attributes["rel"], attributes["target"]) == ("noopener noreferrer nofollow", "_blank")


@pytest.mark.parametrize("text", HOSTILE)
def test_html_is_shown_and_never_obeyed(text: str) -> None:
    assert_safe(render(text))
    assert_safe(plain(text))


PIECES = [
    *(
        "[",
        "]",
        "(",
        ")",
        "![",
        "](",
        "<",
        ">",
        "*",
        "_",
        "`",
        "```",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "1. ",
        "# ",
        "|",
        "|-|",
    ),
    *(
        "&",
        "&#58;",
        "\\",
        '"',
        "'",
        " ",
        "    ",
        "\t",
        "\r",
        "\x00",
        ":",
        "/",
        "//",
        "javascript:",
        "data:",
        "https://a",
    ),
    *(
        "http:",
        "mailto:",
        "<sup>1</sup>",
        "<sup>",
        "</sup>",
        "<script>",
        "</script>",
        "onerror=",
        "<img src=x ",
        "<!--",
    ),
    *(
        "-->",
        "<![CDATA[",
        "]]>",
        "<a href=",
        "[a]: ",
        "#ref-1",
        "style=",
        "class=ref",
        "\u202e",
        "ä",
        "\U0001f642",
        "\ud800",
    ),
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40).map("".join))
def test_whatever_goes_in_only_safe_html_comes_out(text: str) -> None:
    assert_safe(render(text, references=[1, 2, 3]))
    assert_safe(plain(text))


WORDS = st.sampled_from(["word", "> ", "- ", "\n", "\n\n", "| ", "1) ", "  ", "# ", "*", "[", "]("])


@given(st.lists(WORDS, max_size=300).map("".join))
def test_no_word_is_lost_in_quotes_lists_and_tables(text: str) -> None:
    assert Page(render(text)).text.count("word") == text.count("word")


def test_the_rest_of_a_long_message_is_plain_text() -> None:
    for lines, at in (("**x**\n" * 2, limits.MARKDOWN_BYTES), ("a\n" * limits.MARKDOWN_LINES, None)):
        head = lines if at is None else lines + "a" * (at - len(lines) - 1) + "\n"
        assert "plain" not in render(head)
        assert str(render(head + "**y** <b>\nz")).endswith('<p class="plain">**y** &lt;b&gt;<br>z</p>')


def test_a_cut_splits_no_character() -> None:
    text = "ü" * limits.MARKDOWN_BYTES
    page = Page(render(text))
    assert page.text.replace("\n", "") == text
    assert page.tags == [("p", {}), ("p", {"class": "plain"})]


@pytest.mark.parametrize(
    "text", ["> " * 40 + "deep", "- " * 20 + "deep", "".join("  " * i + "- deep\n" for i in range(30))]
)
def test_what_is_nested_too_deeply_is_plain_text(text: str) -> None:
    page = Page(render(text))
    assert {tag for tag, _ in page.tags} <= {"p", "br"}
    assert page.text.count("deep") == text.count("deep")


@cache
def calls(text: str) -> int:
    """How many functions rendering ``text`` calls: the work, whatever the machine does besides."""
    count = 0

    def profile(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    _html.cache_clear()
    sys.setprofile(profile)
    try:
        render(text, references=[1])
    finally:
        sys.setprofile(None)
    return count


ORDINARY = "Some **words** with a [link](https://a.example/b), `code` and a mark<sup>1</sup>.\n\n- one\n- two\n\n"
N = limits.MARKDOWN_BYTES
WIDE = "|" + "a|" * 2000 + "\n|" + "-|" * 2000 + "\n" + "a\n" * 2000
BOMBS = [
    *("[" * N, "![" * N, "[](" * N, "[a](" * N, "[x][" * N, "[[[[[[a](http://b)](http://b)" * N, "](" * N, "]" * N),
    *("*" * N, "*a " * N, "**a*" * N, "*_" * N, "a*b_c " * N, "_a" * N, "***a** *" * N, "*\n\n" * N, "`a``" * N),
    *("> " * N, ">" * N, "- " * N, "> a\n" * N, "a\n=\n" * N, "* * *\n" * N, "#" * N, "# a\n" * N, "\n" * N, "\t" * N),
    *("<" * N, "<a " * N, "<!--" * N, "&" * N, "&amp;" * N, "\\" * N, "\\[" * N, "<sup>1</sup>" * N, "~~~\n" * N),
    *(WIDE, "|a" * N, "|a|\n|-|\n" * N, "[a]: b\n" * N, "[a]: <" * N, "[a]: http://b\n\n" + "[a]" * N, "1. " * N),
    *(
        "".join("`" * n + "a" for n in range(200)),
        "> " * 14 + "a\n" + "a\n" * N,
        "".join(" " * n + "-\n" for n in range(99)),
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: repr(bomb[:12]))
def test_a_bomb_costs_little_more_than_an_ordinary_text(bomb: str) -> None:
    assert calls(bomb[:N]) < 2.5 * calls((ORDINARY * N)[:N])


@pytest.mark.thorough
def test_the_rest_of_a_message_is_little_work() -> None:
    assert calls((ORDINARY * N)[: limits.STRING_BYTES]) < 4 * calls((ORDINARY * N)[:N])


def test_plain_text_keeps_its_lines_and_paragraphs() -> None:
    assert plain("Hi <b>\r\nyou & *me*\n\n \n\nbye") == "<p>Hi &lt;b&gt;<br>you &amp; *me*</p><p>bye</p>"
    assert (plain(""), plain("\n\n"), render("")) == ("", "", "")


def test_both_are_safe_strings() -> None:
    assert render("<b>").__html__() == render("<b>")
    assert plain("<b>").__html__() == "<p>&lt;b&gt;</p>"
