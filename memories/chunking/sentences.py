"""Where sentences end: rules for many scripts, and abbreviations of a few languages. No model, no dictionary.

A sign that can only end a sentence in its script does so everywhere. A full stop does unless what is before it is an
abbreviation, an initial or the number of a list, or what is after it goes on in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

CONTEXT: Final = 64  # characters behind a place that may matter for it
LIST_ITEM: Final = r"[^\S\n]*(?:[-*•\u2013#|>]|\d{1,3}[.)])[^\S\n]"
CLOSING: Final = r"\"'”\u2019»\u203a)\]」』】"
CJK: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
THAI: Final = "\u0e00-\u0eff"  # and Lao, which has no sign for the end of a sentence either

# Each alternative begins where no other match of it can be under way, and never gives back what it took: linear time.
CANDIDATE: Final = re.compile(
    rf"(?P<blank>\n[^\S\n]*+\n\s*+)"
    rf"|(?P<item>\n(?={LIST_ITEM}))"
    rf"|(?<![.!?…])(?P<stop>[.!?…]++)[{CLOSING}]*+(?P<gap>\s++)"
    rf"|(?P<script>[。｡\uff01\uff1f।॥؟\u06d4።፧\u0589။។།]++[{CLOSING}]*+\s*+)"
    rf"|(?P<cjk>[!?]++[{CLOSING}]*+)(?=[{CJK}])"
)
CANDIDATE_THAI: Final = re.compile(rf"{CANDIDATE.pattern}|(?<=[{THAI}])(?P<thai>\s++)(?=[{THAI}])")

# Never the end of a sentence (in lower case, without the last full stop).
ABBREVIATIONS: Final = (
    "dr mr mrs ms prof st sr.dr rev hon gen col capt lt sgt messrs mt vs cf fig figs eq sec ch vol pp al approx dept "
    "e.g i.e viz resp incl excl nr hr fr abs art aufl ausg bd bzw bspw ca d.h ders dgl dipl ebd evtl exkl gem ggf hrsg "
    "inkl jh kap lfd m.e mio mrd o.ä s.o s.u sog stellv tel u.a u.ä urspr usf vgl z.b z.t zzgl ziff mme mlle mgr p.ex "
    "c.-à-d env sig sig.ra dott avv ing ud uds sra srta pág"
)
# Before a number only: "No. 5", but "He said no."
BEFORE_NUMBERS: Final = "no nos p s n art nr núm num"
NEVER, ONLY_BEFORE_NUMBERS = frozenset(ABBREVIATIONS.split()), frozenset(BEFORE_NUMBERS.split())
MONTHS: Final = re.compile(
    r"(?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez)(?:uar|ruar|z|il|i|ust|tember|ober|ember)?\b"
)
LAST_WORD: Final = re.compile(r"[^\s(\[\"'“„«]*$")


def sentence_ends(text: str, low: int, high: int, detect_language: bool = False) -> Iterator[int]:
    """Yield the places where sentences end, above ``low`` and at most at ``high``, in order.

    The spaces after a sentence belong to it. ``detect_language`` also takes the spaces inside of Thai and Lao.
    """
    pattern = CANDIDATE_THAI if detect_language else CANDIDATE
    for match in pattern.finditer(text, low, high + CONTEXT):
        if match.end() > high:
            break
        if match.end() > low and (not match["stop"] or _is_end(text, match)):
            yield match.end()


def _is_end(text: str, match: re.Match[str]) -> bool:
    following = text[match.end() : match.end() + 1]
    if not following or match["gap"].count("\n") > 1:
        return True
    if following.islower():
        return False
    return match["stop"] != "." or not _is_abbreviation(text, match, following)


def _is_abbreviation(text: str, match: re.Match[str], following: str) -> bool:
    stop = match.start("stop")
    before = text[max(stop - 24, 0) : stop]
    found = LAST_WORD.search(before)
    word = found[0] if found else ""
    if word.isdigit() and len(word) <= 2:
        return _begins_line(before, word) or MONTHS.match(text, match.end()) is not None
    if len(word) == 1 and word.isalpha():
        pair = text[match.end() + 1 : match.end() + 2] == "."  # "z. B.", "e. g."
        return word.isupper() or pair or following.isdigit()
    name = word.lower()
    return name in NEVER or (name in ONLY_BEFORE_NUMBERS and following.isdigit())


def _begins_line(before: str, word: str) -> bool:
    lead = before[: len(before) - len(word)]
    return not lead.strip(" \t") or lead.rstrip(" \t").endswith("\n")
