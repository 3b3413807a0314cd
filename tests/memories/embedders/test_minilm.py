"""all-MiniLM-L6-v2 on this machine: the vectors of sentence-transformers, whatever the texts come with."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from memories.embedders import Embedder, EmbeddingFailed, builtin, files, is_installed, tokens
from memories.embedders.bert import gelu
from memories.embedders.minilm import MiniLM
from memories.embedders.safetensors import BadWeights, tensors

pytestmark = [
    pytest.mark.skipif(not is_installed("minilm"), reason="the files of MiniLM are not installed"),
    pytest.mark.xdist_group("minilm"),
]
GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text())


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    return builtin("minilm")


def test_the_vectors_are_those_of_sentence_transformers(minilm: Embedder) -> None:
    found = minilm.embed([row["text"] for row in GOLDEN])
    assert (found.dtype, found.shape) == (np.float32, (12, 384))
    assert np.abs(found - np.array([row["vector"] for row in GOLDEN])).max() < 2e-6
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_a_vector_does_not_depend_on_its_neighbours(minilm: Embedder, monkeypatch) -> None:
    texts = ["long " * 40, "short", "middling text " * 8, "", "short"]
    together = minilm.embed(texts)
    monkeypatch.setattr("memories.embedders.minilm.PACK_TOKENS", 20)
    monkeypatch.setattr("memories.embedders.bert.FFN_ROWS", 16)
    monkeypatch.setattr("memories.embedders.bert.GELU_NUMBERS", 1_000)
    alone = np.concatenate([minilm.embed([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-6
    assert np.abs(together[1] - together[4]).max() < 1e-6


def test_no_texts_give_no_rows(minilm: Embedder) -> None:
    assert minilm.embed([]).shape == (0, 384)


def test_threads_share_one_model(minilm: Embedder) -> None:
    texts = [f"question number {number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = np.concatenate(list(pool.map(lambda text: minilm.embed([text]), texts)))
    assert np.abs(found - minilm.embed(texts)).max() < 1e-6


def test_meaning_is_found_without_shared_words(minilm: Embedder) -> None:
    answers = minilm.embed(["Parcels can be sent back for free.", "The office is closed on Sundays."])
    (question,) = minilm.embed(["How do I return goods?"])
    close, far = answers @ question
    assert close > far + 0.2


def test_halves_of_characters_are_taken(minilm: Embedder) -> None:
    assert np.isfinite(minilm.embed(["half \ud83d of it", "\x00"])).all()


def test_a_long_text_is_read_no_further_than_needed() -> None:
    words = " ".join(f"word{number}" for number in range(40_000))
    assert tokens.first_ids(words, 256) == tokens.first_ids(words[:3_000], 256)
    spaced = "first" + " " * 30_000 + "last"
    assert len(tokens.first_ids(spaced, 256)) == 4
    cut_word = "x " * 253 + "y" * 5_000  # the last word that fits is one that a cut at 4,096 would change
    assert tokens.first_ids(cut_word, 256)[-2] == 100  # [UNK]: a word of more than 100 letters


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    """Another folder of the operator; forgotten afterwards."""
    source = files.minilm_dir()
    assert source is not None
    for name in files.NEEDED:
        (tmp_path / name).symlink_to(source / name)
    settings.MINILM_DIR = tmp_path
    files.minilm_dir.cache_clear()
    yield tmp_path
    files.minilm_dir.cache_clear()


def test_an_operators_own_copy_is_used(folder: Path) -> None:
    assert files.minilm_dir() == folder
    assert MiniLM().embed(["hello"]).shape == (1, 384)


def test_missing_files_are_a_clear_failure(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    assert not is_installed("minilm")
    with pytest.raises(EmbeddingFailed, match="are not installed") as failure:
        MiniLM()
    assert (failure.value.code, failure.value.is_temporary) == ("EMBEDDER_FAILED", False)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_damaged_files_are_a_clear_failure(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()[:50_000]
    (folder / name).unlink()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EmbeddingFailed, match="damaged"):
        MiniLM()


def test_another_model_is_not_taken_for_it(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text()) | {"num_hidden_layers": 12}
    (folder / "config.json").unlink()
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(EmbeddingFailed, match="damaged"):
        MiniLM()


def safetensors(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(**changes: object) -> dict[str, object]:
    return {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x05",
        (2**63).to_bytes(8, "little") + b"{}",
        safetensors(b"not json"),
        safetensors([1]),
        safetensors({"a": 1}),
        safetensors(entry(), b"\0" * 4),
        safetensors(entry(shape=[3]), b"\0" * 8),
        safetensors(entry(shape=[-2]), b"\0" * 8),
        safetensors(entry(data_offsets=[8, 0]), b"\0" * 8),
        safetensors(entry(data_offsets=[-8, 0]), b"\0" * 8),
        safetensors(entry(dtype="F8"), b"\0" * 8),
    ],
)
def test_a_malformed_file_of_weights_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "w.safetensors").write_bytes(content)
    with pytest.raises(BadWeights, match=r"^w\.safetensors "):
        tensors(tmp_path / "w.safetensors")


def test_weights_are_read_where_they_lie(tmp_path: Path) -> None:
    numbers = np.array([1.5, -2], "<f4").tobytes()
    (tmp_path / "w").write_bytes(safetensors({"__metadata__": {}, **entry()}, numbers))
    found = tensors(tmp_path / "w")["a"]
    assert found.tolist() == [1.5, -2]
    assert not found.flags.writeable


def test_gelu_is_exact_to_seven_digits() -> None:
    from math import erf

    numbers = np.linspace(-12, 12, 70_001, dtype=np.float32)
    expected = np.array([x * (1 + erf(x / 2**0.5)) / 2 for x in numbers.tolist()])
    gelu(numbers)
    assert np.abs(numbers - expected).max() < 1e-6


def test_numpy_is_loaded_by_the_first_embedder_only() -> None:
    script = (
        "import sys; import memories.embedders, memories.rerankers;print({'numpy', 'tokenizers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_web_process_starts_without_numpy() -> None:
    script = (
        "import sys, spaces_project.wsgi; from django.urls import get_resolver; get_resolver().url_patterns;"
        "print({'numpy', 'tokenizers'} & set(sys.modules), 'openpyxl' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "set() True\n", "openpyxl, which import_export loads, without what it would load"
