"""A Chroma server with the vectors of benchmarks/retrieval.py, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.retrieval import Bench


@dataclass
class Peer:
    """A Chroma server with the same vectors in one collection, and a client process that asks it."""

    process: subprocess.Popen[str]
    loaded: float = 0.0  # seconds that loading took

    def milliseconds(self, share: str) -> float:
        return float(self.ask(share))

    def ask(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@contextmanager
def chroma(bench: Bench) -> Iterator[Peer | None]:
    """The peer, loaded with the benchmark's vectors; None when it is not installed."""
    import numpy as np

    python = os.environ.get("BENCH_PEER_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import chromadb"], capture_output=True, check=False).returncode:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        parts = {f"v{number}": made.vectors for number, made in enumerate(bench.spaces.values())}
        np.savez(Path(folder) / "vectors.npz", questions=bench.questions, **parts)
        command = [python, str(Path(__file__).with_name("chroma_peer.py")), folder, *bench.spaces]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            peer = Peer(process)
            peer.loaded = float(peer.ask("load"))
            print(f"  (Chroma took {peer.loaded:.0f} s for the spaces)")
            yield peer
        finally:
            process.terminate()
            process.wait(timeout=30)
