"""Reading a ``.safetensors`` file without copying it: 8 bytes of length, a JSON header, then the numbers."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

HEADER_BYTES = 1024 * 1024
TYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "I64": np.dtype("<i8")}


class BadWeights(Exception):
    """The file is not what it should be; ``str(error)`` says what is wrong, without the file's folder."""


def tensors(path: Path) -> dict[str, np.ndarray]:
    """The tensors of the file by name, as read-only views of one memory map (the system shares it among processes).

    Raises BadWeights when the file is cut off or malformed, OSError when it cannot be read.
    """
    file = np.memmap(path, dtype=np.uint8, mode="r") if path.stat().st_size else np.empty(0, np.uint8)
    size = int.from_bytes(file[:8].tobytes(), "little")
    if len(file) < 8 or not 0 < size <= min(HEADER_BYTES, len(file) - 8):
        raise BadWeights(f"{path.name} is not a safetensors file.")
    try:
        header = json.loads(file[8 : 8 + size].tobytes())
        header.pop("__metadata__", None)
        return {name: _tensor(file[8 + size :], entry) for name, entry in header.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadWeights(f"{path.name} is cut off, or not a safetensors file.") from None


def _tensor(data: np.ndarray, entry: dict[str, Any]) -> np.ndarray:
    begin, end = entry["data_offsets"]
    dtype, shape = TYPES[entry["dtype"]], tuple(entry["shape"])
    if not 0 <= begin <= end <= len(data) or end - begin != prod(shape) * dtype.itemsize:
        raise ValueError(entry)
    return np.asarray(data[begin:end]).view(dtype).reshape(shape)
