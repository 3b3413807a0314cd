"""Thoughts that a model writes into its answer: ``<think>…</think>`` at the beginning, as many servers pass them on."""

from __future__ import annotations

OPEN, CLOSE = "<think>", "</think>"


class Thinking:
    """Splits a streamed text into thoughts and the answer."""

    def __init__(self) -> None:
        self._held = ""
        self._place = "before"  # then "inside", then "after"

    def feed(self, text: str) -> tuple[str, str]:
        """(thoughts, answer) of the text so far; what may yet become a tag is held back."""
        if self._place == "after":
            return "", text
        text, self._held = self._held + text, ""
        if self._place == "before":
            if len(text.lstrip()) < len(OPEN) and OPEN.startswith(text.lstrip()):
                self._held = text
                return "", ""
            if not text.lstrip().startswith(OPEN):
                self._place = "after"
                return "", text
            self._place, text = "inside", text.lstrip()[len(OPEN) :]
        return self._inside(text)

    def _inside(self, text: str) -> tuple[str, str]:
        thought, end, answer = text.partition(CLOSE)
        if end:
            self._place = "after"
            return thought, answer.lstrip()
        kept = next((n for n in range(len(CLOSE) - 1, 0, -1) if text.endswith(CLOSE[:n])), 0)
        self._held = text[len(text) - kept :]
        return text[: len(text) - kept], ""

    def rest(self) -> tuple[str, str]:
        """What was held back when the text has ended."""
        held, self._held = self._held, ""
        return (held, "") if self._place == "inside" else ("", held)
