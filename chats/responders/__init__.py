"""What writes answers. A responder is one module behind the small base class here; ``responder_for`` chooses."""

from .base import Debug, Dialogue, Failed, Original, Piece, References, Responder, Said, Thought, Turn, Usage, Waits
from .choice import responder_for

__all__ = [
    "Debug",
    "Dialogue",
    "Failed",
    "Original",
    "Piece",
    "References",
    "Responder",
    "Said",
    "Thought",
    "Turn",
    "Usage",
    "Waits",
    "responder_for",
]
