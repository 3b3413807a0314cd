"""The peer of benchmarks/retrieval.py: starts a Chroma server, loads it, and times its answers. Run by that module.

On stdin come lines: ``load`` answers with the seconds that loading took, a share ("10 %") with the milliseconds of a
search in it. Spaces are a metadata member of one collection, as Chroma's users do it.
"""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

BATCH, BEST = 2_000, 10


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # the server ends too
    import chromadb
    import numpy as np

    folder, shares = Path(sys.argv[1]), sys.argv[2:]
    held = np.load(folder / "vectors.npz")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("chroma"), "run", "--path", folder / "data", "--port", str(port)]
    server = subprocess.Popen([*map(str, command), "--host", "127.0.0.1"], stdout=subprocess.DEVNULL)
    try:
        collection = connect(chromadb, port).create_collection(
            "chunks", metadata={"hnsw:space": "ip", "hnsw:M": 16, "hnsw:construction_ef": 64, "hnsw:search_ef": 100}
        )
        for line in sys.stdin:
            asked = line.strip()
            print(load(collection, held, shares) if asked == "load" else search(collection, held, asked), flush=True)
    finally:
        server.terminate()
        server.wait(timeout=30)


def connect(chromadb, port):
    end = time.monotonic() + 60
    while True:
        try:
            return chromadb.HttpClient(host="127.0.0.1", port=port)
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def load(collection, held, shares) -> float:
    began = time.perf_counter()
    for number, share in enumerate(shares):
        vectors = held[f"v{number}"]
        for start in range(0, len(vectors), BATCH):
            part = vectors[start : start + BATCH]
            names = [f"{number}-{start + place}" for place in range(len(part))]
            texts = [f"chunk {name}" for name in names]
            collection.add(ids=names, embeddings=part, metadatas=[{"space": share}] * len(part), documents=texts)
    return time.perf_counter() - began


def search(collection, held, share) -> float:
    questions = held["questions"]
    where = {} if share == "100 %" else {"where": {"space": share}}
    began = time.perf_counter()
    for question in questions:
        collection.query(query_embeddings=[question], n_results=BEST, **where)
    return (time.perf_counter() - began) / len(questions) * 1000


main()
