"""UniqueQL rules on an account with many memories, with the indexes and without them."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks.measure import Figure, alternating, seconds
from benchmarks.world import World

MEMORIES, FOLDERS, REFS = 100_000, 1_000, 2_000
INDEXES = ("memories_memory_meta", "memories_memory_in_folder", "memories_memory_folder_name")
ASKED = 200
NAME = f"rule on {MEMORIES:,} memories"

# Ten trees of a hundred folders; nine of ten files lie in one.
FILES = """
INSERT INTO memories_memory (id, account_id, created_at, updated_at, name, description, meta, space_id, folder_id, key,
    url, original_ref, mime_type, original, byte_size, preview, preview_name, text, page_starts, configuration, bot_id,
    state, failure_code, failure, generation, notes, chunk_count)
SELECT
    (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3)
        || '8' || substr(md5(n::text || 'y'), 1, 15))::uuid,
    %(account)s, at, at, 'Report ' || n, '',
    jsonb_build_object(
        'ref', 'R-' || n %% %(refs)s, 'year', 2000 + n %% 27,
        'department', (ARRAY['support', 'sales', 'legal'])[n %% 3 + 1],
        'tags', jsonb_build_array('t' || n %% 997, 't' || n %% 1009),
        'people', jsonb_build_array(
            jsonb_build_object('role', 'author', 'name', 'u' || n %% 3001, 'active', n %% 2 = 0),
            jsonb_build_object('role', 'editor', 'name', 'u' || n %% 2003, 'active', n %% 3 = 0)),
        'reviewedAt', to_char(at, 'YYYY-MM-DD'), 'summary', repeat('What it says in section ' || n %% 211 || '. ', 5)),
    %(space)s, CASE WHEN n %% 10 > 0 THEN f.id END, 'file-' || n || '.pdf',
    '', '', 'application/pdf', '', 1000, '', '', '', '{}', '{}', '', 'completed', '', '', 1, '{}', 0
FROM (
    SELECT n, timestamptz '2025-01-01' + n * interval '5.003 minutes' AS at FROM generate_series(1, %(memories)s) n
) r JOIN (
    SELECT row_number() OVER (ORDER BY id) AS k, id FROM memories_folder WHERE account_id = %(account)s
) f ON f.k = 1 + n %% (SELECT count(*) FROM memories_folder WHERE account_id = %(account)s)
"""


def fill(place: World) -> list[Any]:
    """The folders, and the memories in them."""
    from django.db import connection

    from memories.models import Folder

    print(f"{MEMORIES:,} memories …", file=sys.stderr, flush=True)
    folders: list[Any] = []
    for number in range(FOLDERS):
        above = folders[number // 100 * 100 + number % 100 // 5] if number % 100 else None
        folder = Folder(account=place.account, name=f"Folder {number}", parent=above)
        folder.path = folder.access_path = [*(above.path if above else []), folder.pk]
        folders.append(folder)
    Folder.objects.bulk_create(folders)
    values = {"account": place.account.pk, "space": place.account.default_space.pk}
    with connection.cursor() as cursor:
        cursor.execute(FILES, {**values, "refs": REFS, "memories": MEMORIES})
        cursor.execute("VACUUM ANALYZE memories_memory, memories_folder")
    return folders


def listed(place: World, rule: Any) -> int:
    """What a list asks for: the first page of what a rule matches, and how much it is."""
    found = rows_of(place, rule).gathered()
    total: int = found.order_by().count()
    return min(len(found.only("id", "name", "key", "created_at")[:100]), total)


def matched(place: World, rule: Any) -> int:
    """The rule alone, without the ORM: how many it matches."""
    from django.db import connection

    from memories.filters.uniqueql import parse
    from memories.filters.uniqueql_sql import compile_rule

    condition, values = compile_rule(parse(rule), place.account.pk)
    sql = f"SELECT count(*) FROM memories_memory m WHERE m.account_id = %s AND {condition}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [place.account.pk, *values])
        return int(cursor.fetchone()[0])


def rows_of(place: World, rule: Any) -> Any:
    from memories.filters.uniqueql import parse
    from memories.models import Memory

    return Memory.objects.ruled_by(place.account, parse(rule)).shared().newest_first()


def says(path: list[str], operator: str, value: Any) -> dict[str, Any]:
    return {"path": path, "operator": operator, "value": value}


def rules(folders: list[Any]) -> dict[str, Callable[[int], Any]]:
    """Rules that a number makes different, by what they ask for."""
    return {
        "equals": lambda n: says(["ref"], "equals", f"R-{n}"),
        "in": lambda n: says(["tags"], "in", [f"t{n}", f"t{n + 300}", f"t{n + 600}"]),
        "nested": lambda n: says(
            ["people", "*"], "nested", {"and": [says(["name"], "equals", f"u{n}"), says(["active"], "equals", True)]}
        ),
        "in a folder, of a year": lambda n: {
            "and": [
                says(["folderIdPath"], "contains", f"uniquepathid://{folders[n * 5 % FOLDERS or 1].wire_id}"),
                says(["year"], "in", [2024, 2025, 2026]),
            ]
        },
        "equals, or in a folder": lambda n: {
            "or": [says(["ref"], "equals", f"R-{n}"), says(["folderId"], "equals", folders[n].wire_id)]
        },
    }


def run(place: World, rounds: int) -> Iterator[Figure]:
    made = rules(fill(place))
    for kind, rule in made.items():
        assert listed(place, rule(7)) > 0, kind
    for kind, rule in made.items():
        each = [seconds(partial(listed, place, rule(n))) * 1000 for n in range(ASKED)]
        note = f"median {statistics.median(each):.1f} ms"
        yield Figure(f"{NAME}: {kind}, list, p95", statistics.quantiles(each, n=20)[-1], "ms", at_most=50, note=note)
    for kind in ("equals", "in", "nested"):
        yield compared(place, kind, made[kind], rounds)


def compared(place: World, kind: str, rule: Callable[[int], Any], rounds: int) -> Figure:
    """With the indexes, and with them dropped in a transaction that comes to nothing."""
    from django.db import connection, transaction

    numbers = iter(range(1, 10_000))
    ways = {kind: lambda: seconds(lambda: matched(place, rule(next(numbers)))) * 1000}
    with_index = alternating(ways, rounds * 10)[kind]
    with transaction.atomic(), connection.cursor() as cursor:
        for index in INDEXES:
            cursor.execute(f"DROP INDEX {index}")
        without = alternating(ways, 5)[kind]
        transaction.set_rollback(True)
    note = f"{without:.1f} ms : {with_index:.2f} ms"
    return Figure(f"{NAME}: {kind}, no index : index", without / with_index, at_least=50, note=note)
