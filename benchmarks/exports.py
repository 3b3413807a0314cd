"""Exports, end to end over HTTP, beside what psql needs to copy the same rows."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Figure, alternating, seconds
from benchmarks.server import Server, forget_peak, memory, running
from benchmarks.world import World

PATH = "/api/v1/space/export"
RAW = """SELECT {id}, name, description, NULLIF(blueprint_id, '') AS "blueprintId", {contact} AS "contactId",
    {created} AS "createdAt", {updated} AS "updatedAt", {meta}
    FROM spaces_space WHERE NOT is_default ORDER BY created_at DESC, id DESC"""
RENDERED = """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
# PostgreSQL has no base 36: long division of four 32-bit limbs by 36^5, five digits at a time.
WIRE_ID = """
CREATE FUNCTION bench_wire_id(prefix text, id uuid) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    h text := replace(id::text, '-', ''); t text := ''; z text := '0123456789abcdefghijklmnopqrstuvwxyz';
    a bigint := ('x' || substr(h, 1, 8))::bit(32)::bigint; b bigint := ('x' || substr(h, 9, 8))::bit(32)::bigint;
    c bigint := ('x' || substr(h, 17, 8))::bit(32)::bigint; d bigint := ('x' || substr(h, 25, 8))::bit(32)::bigint;
    r bigint;
BEGIN
    FOR i IN 1..5 LOOP
        r := a % 60466176; a := a / 60466176;
        b := (r << 32) + b; r := b % 60466176; b := b / 60466176;
        c := (r << 32) + c; r := c % 60466176; c := c / 60466176;
        d := (r << 32) + d; r := d % 60466176; d := d / 60466176;
        t := substr(z, (r / 1679616)::int + 1, 1) || substr(z, (r / 46656 % 36)::int + 1, 1)
            || substr(z, (r / 1296 % 36)::int + 1, 1) || substr(z, (r / 36 % 36)::int + 1, 1)
            || substr(z, (r % 36)::int + 1, 1) || t;
    END LOOP;
    RETURN prefix || t;
END $$
"""


def copies() -> dict[str, str]:
    """What psql copies: the raw columns, the same JSON, and JSON that leaves the ids as UUIDs (less than the same)."""
    plain = {"id": "id", "contact": "contact_id"}
    wire = {"id": "bench_wire_id('space_', id) AS id", "contact": "bench_wire_id('contact_', contact_id)"}
    times = {name: RENDERED.format(f"{name}_at") for name in ("created", "updated")}
    return {
        "raw": RAW.format(**plain, created="created_at", updated="updated_at", meta="meta::text"),
        "same": f"SELECT row_to_json(r) FROM ({RAW.format(**wire, **times, meta='meta')}) r",
        "plain": f"SELECT row_to_json(r) FROM ({RAW.format(**plain, **times, meta='meta')}) r",
    }


def growth(server: Server, place: World, accept: str) -> float:
    """By how many MiB the worker that streams an export grows at most."""
    pid = server.workers()[0]
    server.download(f"{PATH}?take=100", place.token, accept)
    before = memory(pid, "VmRSS")
    forget_peak(pid)
    server.download(PATH, place.token, accept)
    return memory(pid, "VmHWM") - before


def run(place: World, rounds: int) -> Iterator[Figure]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(WIRE_ID)
    copied = copies()
    with running(workers=1) as server:

        def export(accept: str) -> float:
            return seconds(lambda: server.download(PATH, place.token, accept))

        yield Figure("CSV export, memory grown", growth(server, place, "text/csv"), "MiB", at_most=48)
        yield Figure("JSONL export, memory grown", growth(server, place, "application/jsonl"), "MiB", at_most=48)
        found = alternating(
            {
                "raw": lambda: place.copy_seconds(copied["raw"]),
                "csv": lambda: export("text/csv"),
                "plain": lambda: place.copy_seconds(copied["plain"], "text"),
                "jsonl": lambda: export("application/jsonl"),
                "same": lambda: place.copy_seconds(copied["same"], "text"),
            },
            rounds,
        )
    for ours, theirs, what, goal in (
        ("csv", "raw", "CSV export : psql COPY of the raw rows", 7.0),
        ("jsonl", "same", "JSONL export : psql COPY of the same JSON", 1.5),
        ("jsonl", "plain", "JSONL export : psql COPY with the ids left as UUIDs", None),
    ):
        note = f"{place.size.spaces:,} spaces, {found[ours]:.2f} s : {found[theirs]:.2f} s"
        yield Figure(what, found[ours] / found[theirs], at_most=goal, note=note)
