"""The operations of embedders, rerankers and language models."""

from __future__ import annotations

from .operation import Operation

MODELS: tuple[Operation, ...] = ()
