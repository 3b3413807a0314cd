"""What clients call a language model: its name, maybe with settings behind it, ``gpt-5/temperature=0.7``."""

from __future__ import annotations


def model_name(text: str) -> str:
    """The name without the settings. A name may have slashes of its own."""
    parts = text.split("/")
    while len(parts) > 1 and "=" in parts[-1]:
        parts.pop()
    return "/".join(parts)
