"""`space/list`: as fast on page 2000 as on page 1, and faster than the textbook way."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import Figure, alternating
from benchmarks.server import running
from benchmarks.world import World

PAGE = 100
TIMES, CLIENTS, DURATION = 40, 4, 2.0


def deep_cursor(place: World) -> tuple[int, str]:
    """The number of the last full page, 2000 of 200,000 spaces, and the cursor that leads to it."""
    from spaces.models import Space
    from spaces_project.api.pagination import sign_cursor

    number = place.size.spaces // PAGE
    rows = Space.objects.filter(account=place.account, is_default=False).order_by("-created_at", "-id")
    position = rows.values_list("created_at", "id")[(number - 1) * PAGE - 1]
    return number, sign_cursor(place.account.pk, position)


def run(place: World, rounds: int) -> Iterator[Figure]:
    number, cursor = deep_cursor(place)
    first = f"/api/v1/space/list?take={PAGE}"
    with running() as server:
        took = alternating(
            {
                "first": lambda: server.seconds(first, place.token, TIMES) / TIMES * 1000,
                "deep": lambda: server.seconds(f"{first}&cursor={cursor}", place.token, TIMES) / TIMES * 1000,
            },
            rounds,
        )
        rate = alternating(
            {
                "ours": lambda: server.rate(first, place.token, CLIENTS, DURATION),
                "peer": lambda: server.rate(f"/peer/space/list?take={PAGE}", place.token, CLIENTS, DURATION),
            },
            rounds,
        )
    note = f"{took['deep']:.1f} ms : {took['first']:.1f} ms"
    yield Figure(f"page {number} : page 1", took["deep"] / took["first"], at_most=1.5, note=note)
    note = f"{rate['ours']:.0f}/s : {rate['peer']:.0f}/s"
    yield Figure("requests/s : the same view with ModelSerializer", rate["ours"] / rate["peer"], at_least=3, note=note)
