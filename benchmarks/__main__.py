"""Run the benchmarks, print each figure beside its goal; exit 1 when one is missed."""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks import world

# The last one adds a million spaces and takes indexes away.
NAMES = ("exports", "lists", "rules", "files", "chats", "embedding", "retrieval", "filters")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ones: {', '.join(NAMES)} (all)")
    parser.add_argument("--small", action="store_true", help="a tenth of the data: a quick look, not the promise")
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds (5)")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(NAMES)}")
    return asked


def main() -> int:
    asked = arguments()
    missed = 0
    with world.cluster():
        from benchmarks import chats, embedding, exports, files, filters, lists, retrieval, rules

        size = world.Size(20_000, 100_000) if asked.small else world.Size(200_000, 1_000_000)
        place = None if asked.names == ["embedding"] else world.build(size)  # which needs no spaces
        runs = (exports.run, lists.run, rules.run, files.run, chats.run, embedding.run, retrieval.run, filters.run)
        for name, run in zip(NAMES, runs, strict=True):
            if asked.names and name not in asked.names:
                continue
            began = time.monotonic()
            print(f"\n{name}")
            for figure in run(place, asked.rounds):
                print(f"  {figure}", flush=True)
                missed += not figure.is_met
            print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    print(f"\n{missed} goals missed" if missed else "\nall goals met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
