"""Invented documents: what the answers of the demo's chats cite, put into the spaces where they are cited."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePath
from typing import Any

from memories import ingestion
from spaces.actors import Actor
from spaces.models import Space

from .people import Demo
from .scripts import SCRIPTS, Exchange

CITED = re.compile(r"\s*<sup>\d+</sup>")
DEPARTMENTS = {"support": "Customer Support", "sales": "Sales", "hr": "People", "it": "IT", "legal": "Legal"}


def add_documents(by: Actor, demo: Demo, spaces: list[dict[str, Any]], count: int) -> None:
    """About ``count`` memories in the first spaces, ingested by the worker as soon as there is one."""
    left = count
    for row in spaces:
        if left <= 0:
            return
        if row.get("is_archived"):
            continue
        space = Space.objects.select_related("account").get(pk=row["id"])
        for name, text in documents(row["labels"]["team"]):
            when = min(row["created_at"] + timedelta(hours=2), demo.now)
            ingestion.add(
                by,
                space,
                text.encode(),
                id=demo.new_id(when),
                created_at=when,
                name=PurePath(name).stem,
                key=f"{PurePath(name).stem}.md",
                mime_type="text/markdown",
                meta={"department": DEPARTMENTS[row["labels"]["team"]], "source": name},
            )
            left -= 1


def documents(team: str) -> Iterator[tuple[str, str]]:
    """Name and Markdown of each source that the team's answers cite."""
    sources: dict[str, list[Exchange]] = {}
    for exchange in SCRIPTS[team]:
        if exchange.source:
            sources.setdefault(exchange.source, []).append(exchange)
    for name, exchanges in sources.items():
        parts = [
            f"# {PurePath(name).stem}",
            f"Kept by {DEPARTMENTS[team]}; ask there before you promise anything else.",
        ]
        for exchange in exchanges:
            parts += [f"> {exchange.quote}", f"## {exchange.question}", CITED.sub("", exchange.answer)]
        yield name, "\n\n".join(parts) + "\n"
