"""A filter on meta that few rows match, with the index and without it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from benchmarks.measure import Figure, alternating, seconds
from benchmarks.world import World

TIMES = 5
KEPT = ("spaces_space_created", "spaces_space_meta", "spaces_space_pkey", "spaces_space_tenant_id")


def listed(place: World, ref: str) -> int:
    """One page of `space/list?meta.ref=…`, as the API renders it."""
    from spaces.actors import Actor
    from spaces.permissions import visible_spaces
    from spaces_project.api.chatbotkit.records import SpaceRecord

    actor = Actor(account=place.account, user=place.owner)
    rows = visible_spaces(actor).listed().filter(meta__contains={"ref": ref})
    return len(SpaceRecord(place.account.pk).page(rows, take=100).lines)


def enlarge(place: World) -> None:
    """The rest of the rows, with the other indexes out of the way: filling them is not what is measured."""
    from django.db import connection

    print(f"{place.size.filtered:,} spaces …", file=sys.stderr, flush=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'spaces_space'")
        found: list[tuple[str, str]] = cursor.fetchall()
        for name, _ in found:
            if name.startswith("spaces_space_") and name not in KEPT and not _is_constraint(cursor, name):
                cursor.execute(f"DROP INDEX {name}")
        place.fill(place.size.spaces + 1, place.size.filtered)
        cursor.execute("VACUUM ANALYZE spaces_space")


def _is_constraint(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname = %s", [name])
    return bool(cursor.fetchone()[0])


def run(place: World, rounds: int) -> Iterator[Figure]:
    from django.db import connection

    enlarge(place)
    refs = iter(range(1, 10_000))

    def page() -> float:
        took = seconds(lambda: [listed(place, f"R-{next(refs)}") for _ in range(TIMES)])
        return took / TIMES * 1000

    assert listed(place, "R-7") > 0
    with_index = alternating({"page": page}, rounds * 3)["page"]
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX spaces_space_meta")
    without = alternating({"page": page}, 3)["page"]
    note = f"{without:.1f} ms : {with_index:.2f} ms"
    yield Figure(
        f"rare key in {place.size.filtered:,} spaces, without the index : with it",
        without / with_index,
        at_least=100 if place.size.filtered >= 1_000_000 else 10,
        note=note,
    )
