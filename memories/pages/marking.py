"""The words of a question, marked where they stand in a passage."""

from __future__ import annotations

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WORD = re.compile(r"[^\W_]+")
LEAST = 3  # letters; shorter words are everywhere
MOST_CHARS = 4_000
QUESTIONS = (  # longer words that questions in English are made of, and that say nothing of what is asked for
    "about and any are can could did does for from had has have her his how its may might our shall should than that "
    "the their them then there these they this those was were what when where which who whom whose why will with "
    "would you your"
)
COMMON = frozenset(QUESTIONS.split())


def marked_words(text: str, question: str) -> SafeString:
    """``text`` as HTML with the words of ``question``, and those that begin like them, in ``<mark>``; long ones cut."""
    asked = {word for word in WORD.findall(question.lower()) if len(word) >= LEAST}
    common = COMMON if asked - COMMON else frozenset()  # of a question of nothing else all are marked
    wanted = {_stem(word) for word in asked - common}
    shown = " ".join(text[:MOST_CHARS].split()) + ("…" if len(text) > MOST_CHARS else "")
    parts, last = list[str](), 0
    for found in WORD.finditer(shown):
        word = found[0].lower()
        if len(word) >= LEAST and word not in common and _stem(word) in wanted:
            parts += [escape(shown[last : found.start()]), f"<mark>{escape(found[0])}</mark>"]
            last = found.end()
    return mark_safe("".join([*parts, escape(shown[last:])]))  # noqa: S308 (every part is escaped)


def _stem(word: str) -> str:
    """Enough of a word that its forms look alike; only for the eye."""
    return word[: max(4, len(word) - 2)] if len(word) > 4 else word
