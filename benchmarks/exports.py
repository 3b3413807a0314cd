"""Exports, end to end over HTTP, beside what psql needs to copy the same rows."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Figure, alternating, seconds
from benchmarks.server import Server, forget_peak, memory, running
from benchmarks.world import World

PATH = "/api/v1/space/export"
RAW = """SELECT id, name, description, NULLIF(blueprint_id, '') AS "blueprintId", contact_id AS "contactId",
    {created} AS "createdAt", {updated} AS "updatedAt", {meta}
    FROM spaces_space WHERE NOT is_default ORDER BY created_at DESC, id DESC"""
RENDERED = """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""


def copies() -> tuple[str, str]:
    """What psql copies: the raw columns as CSV, and the same JSON (with ids as PostgreSQL spells them)."""
    raw = RAW.format(created="created_at", updated="updated_at", meta="meta::text")
    times = {name: RENDERED.format(f"{name}_at") for name in ("created", "updated")}
    return raw, f"SELECT row_to_json(r) FROM ({RAW.format(**times, meta='meta')}) r"


def growth(server: Server, place: World, accept: str) -> float:
    """By how many MiB the worker that streams an export grows at most."""
    pid = server.workers()[0]
    server.download(f"{PATH}?take=100", place.token, accept)
    before = memory(pid, "VmRSS")
    forget_peak(pid)
    server.download(PATH, place.token, accept)
    return memory(pid, "VmHWM") - before


def run(place: World, rounds: int) -> Iterator[Figure]:
    raw, same = copies()
    with running(workers=1) as server:

        def export(accept: str) -> float:
            return seconds(lambda: server.download(PATH, place.token, accept))

        yield Figure("CSV export, memory grown", growth(server, place, "text/csv"), "MiB", at_most=48)
        yield Figure("JSONL export, memory grown", growth(server, place, "application/jsonl"), "MiB", at_most=48)
        found = alternating(
            {
                "raw": lambda: place.copy_seconds(raw),
                "csv": lambda: export("text/csv"),
                "json": lambda: place.copy_seconds(same, "text"),
                "jsonl": lambda: export("application/jsonl"),
            },
            rounds,
        )
    count = f"{place.size.spaces:,} spaces"
    csv, jsonl = found["csv"] / found["raw"], found["jsonl"] / found["json"]
    note = f"{found['csv']:.2f} s : {found['raw']:.2f} s"
    yield Figure(f"CSV export of {count} : psql COPY of the raw rows", csv, at_most=7, note=note)
    note = f"{found['jsonl']:.2f} s : {found['json']:.2f} s"
    yield Figure(f"JSONL export of {count} : psql COPY of the same JSON", jsonl, at_most=1.5, note=note)
