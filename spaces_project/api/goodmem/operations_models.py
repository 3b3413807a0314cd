"""The operations of embedders, rerankers and language models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import answers as a
from . import serializers_models as bodies
from .operation import GONE, LABEL, MADE, Operation, Serializer, parameter

COMMON = {
    "displayName": a.text(),
    "description": a.text(),
    "providerType": a.text(),
    "endpointUrl": a.text(),
    "apiPath": a.text(),
    "modelIdentifier": a.text(),
    "supportedModalities": a.texts(),
    "labels": a.labels(),
    "version": a.text(),
    "monitoringEndpoint": a.text(),
    "ownerId": a.uuid(),
    **a.touched(),
}
Embedder = a.shape(
    "GoodMemEmbedder",
    "What turns texts into vectors.",
    embedderId=a.uuid(),
    **COMMON,
    dimensionality=a.number(),
    distributionType=a.text(),
    maxSequenceLength=a.maybe_number(),
)
Reranker = a.shape("GoodMemReranker", "What puts passages in order.", rerankerId=a.uuid(), **COMMON)
Llm = a.shape(
    "GoodMemLlm",
    "What writes answers.",
    llmId=a.uuid(),
    **COMMON,
    capabilities=a.free(),
    defaultSamplingParams=a.free(),
    maxContextLength=a.maybe_number(),
    clientConfig=a.free(),
)
Status = a.shape("GoodMemStatus", "Something worth knowing.", code=a.text(), message=a.text(), details=a.labels())
CreatedLlm = a.shape(
    "GoodMemCreatedLlm", "A new language model.", llm=Llm(), statuses=Status(many=True, allow_null=True)
)
Embedders = a.shape("GoodMemEmbedders", "All embedders.", embedders=Embedder(many=True))
Rerankers = a.shape("GoodMemRerankers", "All rerankers.", rerankers=Reranker(many=True))
Llms = a.shape("GoodMemLlms", "All language models.", llms=Llm(many=True))
FILTERS = (parameter("ownerId", "Of this user."), parameter("providerType", "Of this provider."), LABEL)
REVEAL = (parameter("includeCredentials", "`true`: with its key; for administrators, and audited.", bool),)
WRITES = (404, 409, 412)


def _crud(
    name: str, noun: str, an: str, one: Any, many: Any, new: Serializer, change: Serializer, made: Any = None
) -> Iterator[Operation]:
    yield Operation(f"{name}.list", f"list{noun}s", f"List {an.split(maxsplit=1)[1]}s", many, query=FILTERS, fails=())
    yield Operation(f"{name}.create", f"create{noun}", f"Add {an}", made or one, new, fails=WRITES, status=MADE)
    yield Operation(f"{name}.retrieve", f"get{noun}", f"Fetch {an}", one, query=REVEAL)
    yield Operation(f"{name}.modify", f"update{noun}", f"Change what is given of {an}", one, change, fails=WRITES)
    yield Operation(f"{name}.remove", f"delete{noun}", f"Delete {an}", fails=WRITES, status=GONE)


MODELS: tuple[Operation, ...] = (
    *_crud("embedder", "Embedder", "an embedder", Embedder, Embedders, bodies.EmbedderBody, bodies.EmbedderChange),
    *_crud("reranker", "Reranker", "a reranker", Reranker, Rerankers, bodies.RerankerBody, bodies.ModelChange),
    *_crud("llm", "LLM", "a language model", Llm, Llms, bodies.LlmBody, bodies.LlmChange, CreatedLlm),
)
