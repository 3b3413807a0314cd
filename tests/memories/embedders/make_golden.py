"""How ``golden.json`` was made: the vectors of sentence-transformers, which the tests compare ours with.

Run it where sentence-transformers is installed (it brings torch, so not in this project's environment):

    python make_golden.py FOLDER_OF_THE_MODEL > golden.json

The texts are our own. Made with sentence-transformers 6.2 and torch 2.13 on a CPU.
"""

from __future__ import annotations

import json
import sys

TEXTS = [
    "How do I return a parcel that arrived damaged?",
    "Retouren sind innerhalb von dreißig Tagen möglich; die Rücksendung ist kostenlos.",
    "",
    "   \n\t ",
    "État des lieux: CAFÉ, naïve, Ångström, ﬁnal",
    "東京は日本の首都です。 Привет, мир! مرحبا",
    "😀 emoji, URLs https://example.org/a?b=c#d and code: def f(x): return x**2  # ok",
    "[CLS] and [SEP] and [MASK] in a text of a person",
    "a" * 300,
    "Supercalifragilisticexpialidocious " * 3,
    "\x00control\x07 characters\u200b and a zero-width space",
    " ".join(f"item{number}" for number in range(250)),
]


def main() -> None:
    from sentence_transformers import SentenceTransformer

    vectors = SentenceTransformer(sys.argv[1], device="cpu").encode(TEXTS, normalize_embeddings=True, batch_size=4)
    rows = [
        {"text": text, "vector": [round(float(x), 7) for x in row]} for text, row in zip(TEXTS, vectors, strict=True)
    ]
    print("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]")


if __name__ == "__main__":
    main()
