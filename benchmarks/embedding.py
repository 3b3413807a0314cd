"""MiniLM in numpy beside sentence-transformers (torch), each on one core, and the memory that it takes.

The peer is not in this project's environment, as it takes gigabytes: BENCH_PEER_PYTHON names a Python that has it.
Speed is per second of CPU, in turns, as other programs may use the cores.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.measure import Figure, alternating

TEXTS = 32  # a round; torch is used with its default batch of 32
CHUNKS = 200
ONE_CORE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
# Its words are one token each.
SENTENCE = (
    "the parcel was returned to our store within thirty days and a full refund has been paid on monday by card while "
    "other goods remain in the north office until new labels arrive from london with every order sent last week"
)
PEER = "sentence_transformers"


def chunks(count: int) -> list[str]:
    """Texts of 200 tokens, as a chunk of 1,000 characters has."""
    chance = random.Random(7)
    return [" ".join(chance.choices(SENTENCE.split(), k=198)) for _ in range(count)]


def run(_: object, rounds: int) -> Iterator[Figure]:
    from memories.embedders import is_installed

    if not is_installed("minilm"):
        yield Figure("MiniLM: its files are not installed", 0, "")
        return
    yield from speed(rounds)
    yield from memory()


def speed(rounds: int) -> Iterator[Figure]:
    python = os.environ.get("BENCH_PEER_PYTHON", sys.executable)
    has_peer = subprocess.run([python, "-c", f"import {PEER}"], capture_output=True, check=False).returncode == 0
    with ExitStack() as stack:
        ways = {"ours": _worker(stack, sys.executable, "ours")}
        if has_peer:
            ways["torch"] = _worker(stack, python, "torch")
        rates = alternating(ways, rounds)
    yield Figure("MiniLM, chunks of 200 tokens on one core", rates["ours"], "/s")
    if has_peer:
        note = f"{rates['ours']:.1f} : {rates['torch']:.1f} a second"
        ratio = rates["ours"] / rates["torch"]
        yield Figure("MiniLM in numpy : in torch (sentence-transformers)", ratio, at_least=0.6, note=note)
    else:
        yield Figure("MiniLM in torch: peer not installed", 0, "")


def memory() -> Iterator[Figure]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.embedding", "memory"],
        env={**os.environ, **ONE_CORE},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    peak, own = (float(number) for number in done.stdout.split())
    yield Figure(f"a process of the product that embeds {CHUNKS} chunks, peak", peak, "MB", at_most=400)
    yield Figure("of it private to the process, beyond numpy's", own, "MB", at_most=60)


def _worker(stack: ExitStack, python: str, name: str) -> Callable[[], float]:
    """A loaded process that embeds once for every line it gets, and says how many texts a second of CPU it did."""
    process = stack.enter_context(
        subprocess.Popen(
            [python, "-m", "benchmarks.embedding", name],
            env={**os.environ, **ONE_CORE, "MODEL": model_folder()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    )
    asked, told = process.stdin, process.stdout
    assert asked
    assert told

    def measure() -> float:
        asked.write("\n")
        asked.flush()
        return float(told.readline())

    stack.callback(asked.close)
    measure()  # the first one warms up
    return measure


def model_folder() -> str:
    from memories.embedders.files import minilm_dir

    return str(minilm_dir())


# ------------------------------------------------------------------ in the other processes


def serve(embed: Callable[[list[str]], object]) -> None:
    texts = chunks(TEXTS)
    for _ in sys.stdin:
        began = time.process_time()
        embed(texts)
        print(TEXTS / (time.process_time() - began), flush=True)


def serve_ours() -> None:
    import django

    django.setup()
    from memories.embedders import builtin

    serve(builtin("minilm").embed)


def serve_torch() -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    model = SentenceTransformer(os.environ["MODEL"], device="cpu")
    serve(lambda texts: model.encode(texts, normalize_embeddings=True, show_progress_bar=False))


def tell_memory() -> None:
    import django

    django.setup()
    import numpy  # noqa: F401

    before = _kilobytes("smaps_rollup", "Private_Dirty")
    from memories.embedders import builtin

    builtin("minilm").embed(chunks(CHUNKS))
    print(_kilobytes("status", "VmHWM") / 1024, (_kilobytes("smaps_rollup", "Private_Dirty") - before) / 1024)


def _kilobytes(file: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self", file).read_text(), re.M)
    assert found
    return int(found[1])


if __name__ == "__main__":
    {"ours": serve_ours, "torch": serve_torch, "memory": tell_memory}[sys.argv[1]]()
