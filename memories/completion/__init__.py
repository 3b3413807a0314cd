"""Asking a language model: one call of an OpenAI-compatible server, streamed.

for event in complete(model, messages, stop=stop):
    ...                     # Text, Thought, ToolCall, Tokens, End
"""

from .client import Options, complete
from .events import End, Event, Text, Thought, Tokens, ToolCall
from .failures import ModelFailure

__all__ = ["End", "Event", "ModelFailure", "Options", "Text", "Thought", "Tokens", "ToolCall", "complete"]
