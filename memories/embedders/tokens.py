"""Tokens of a text: MiniLM's word pieces where its files are installed, else words and single signs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from . import files

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PIECE_CHARS = 50_000  # tokens are made for so much at once: they take some hundred times the memory of their text
FIRST_CHARS = 4_096
WORD = re.compile(r"\w+|[^\w\s]")
SPACE = re.compile(r"\s")
# Between these MiniLM's tokenizer sees nothing: a token is never across blanks, or a sign of ASCII and what is not one.
SIGNS = r"!-/:-@\[-`{-~"
PART = re.compile(rf"[^ \t\n\r{SIGNS}]+|[{SIGNS}]+")
WHOLE = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")  # the exceptions: each is one token
PART_CHARS, PARTS = 64, 50_000  # of which length, and how many, are remembered
PLAIN_CHARS = 16  # of letters and digits; numbers seldom repeat, and a call of the tokenizer takes longer
Span = tuple[int, int]


def count_tokens(text: str) -> int:
    """How many tokens a text has, without the ones that models put around it."""
    if _tokenizer() is None or any(each in text for each in WHOLE):
        return sum(len(spans) for spans in _spans(text))
    known = _counts().__getitem__
    return sum(sum(map(known, PART.findall(piece))) for _, piece in _pieces(text))


def counts_of(texts: Sequence[str]) -> list[int]:
    """``count_tokens`` of each, in less time where they are short."""
    if _tokenizer() is None:
        return [count_tokens(text) for text in texts]
    known, parts = _counts().__getitem__, PART.findall
    return [
        sum(map(known, parts(text))) if len(text) <= PIECE_CHARS and "[" not in text else count_tokens(text)
        for text in texts
    ]


class _Counts(dict[str, int]):
    """How many tokens each part of a text has: texts mostly repeat words, and a look-up is much the faster."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__()
        vocabulary = tokenizer.get_vocab(with_added_tokens=False)
        self._tokenizer, self._first = tokenizer, frozenset(vocabulary)
        self._later = frozenset(piece[2:] for piece in vocabulary if piece.startswith("##"))

    def __missing__(self, part: str) -> int:
        size = len(part)
        is_plain = size <= PLAIN_CHARS and part.isascii() and part.isalnum()
        count = self._greedy(part.lower()) if is_plain else self._encoded(part)
        if size <= PART_CHARS:
            if len(self) >= PARTS:
                self.clear()
            self[part] = count
        return count

    def _encoded(self, part: str) -> int:
        return len(self._tokenizer.encode(writable(part), add_special_tokens=False).ids)

    def _greedy(self, word: str) -> int:
        """What WordPiece does with a word: the longest piece that it knows, and again with what is left."""
        start, count, size, pieces = 0, 0, len(word), self._first
        while start < size:
            end = size
            while word[start:end] not in pieces:
                end -= 1
                if end == start:
                    return 1  # the whole word is unknown
            start, count, pieces = end, count + 1, self._later
        return count


@cache
def _counts() -> _Counts:
    tokenizer = _tokenizer()
    assert tokenizer is not None
    return _Counts(tokenizer)


def token_spans(text: str) -> list[Span]:
    """Where each token begins and ends in ``text`` (in characters); in order, never overlapping or empty."""
    return [span for spans in _spans(text) for span in spans]


def first_ids(text: str, most: int) -> list[int]:
    """The ids that MiniLM reads of a text: at most ``most``, with [CLS] before and [SEP] behind.

    Reads no more of a long text than is needed for them. Raises LookupError where it is not installed.
    """
    tokenizer, text = _tokenizer(), writable(text)
    if tokenizer is None:
        raise LookupError("MiniLM is not installed")
    chars = FIRST_CHARS
    while True:
        found = tokenizer.encode(text[:chars])
        if chars >= len(text) or _is_enough(found.word_ids, most):
            ids: list[int] = found.ids
            return ids if len(ids) <= most else [*ids[: most - 1], ids[-1]]
        chars *= 4


def _is_enough(words: list[int | None], most: int) -> bool:
    """Whether the cut is in a later word than the last one read: a cut word has other pieces than the whole."""
    return len(words) > most and words[most - 2] != words[-2]


def writable(text: str) -> str:
    """``text`` without halves of surrogate pairs, which nothing can encode; as long as before."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _spans(text: str) -> Iterator[list[Span]]:
    tokenizer = _tokenizer()
    for begin, piece in _pieces(text):
        if tokenizer is None:
            yield [(begin + found.start(), begin + found.end()) for found in WORD.finditer(piece)]
        else:
            offsets = tokenizer.encode(writable(piece), add_special_tokens=False).offsets
            yield [(begin + low, begin + high) for low, high in offsets]


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The text in parts with their places, cut at white space if there is some within reach."""
    begin = 0
    while len(text) - begin > PIECE_CHARS:
        space = SPACE.search(text, begin + PIECE_CHARS, begin + 2 * PIECE_CHARS)
        end = space.start() if space else begin + PIECE_CHARS
        yield begin, text[begin:end]
        begin = end
    yield begin, text[begin:]


@cache
def _tokenizer() -> Tokenizer | None:
    """MiniLM's, without the cutting and padding that its file asks for. Only read afterwards, so threads share it."""
    folder = files.minilm_dir()
    if folder is None:
        return None
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
