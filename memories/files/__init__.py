"""Files as programs bring them: announced under a key, put to an address, then ingested; replaced, and restored.

What is put where is decided in two steps. ``announce`` makes or changes the memory and a place to put its file to
(``Upload``); ``receive`` takes the file there; ``finish`` lets it take the place of the memory's file and starts
ingestion. Nothing that can be found changes before ``finish``.
"""

from .modes import Mode, begin, mode_of
from .receiving import receive
from .upserting import Announced, Given, Place, announce, finish
from .versions import archive, restore

__all__ = [
    "Announced",
    "Given",
    "Mode",
    "Place",
    "announce",
    "archive",
    "begin",
    "finish",
    "mode_of",
    "receive",
    "restore",
]
