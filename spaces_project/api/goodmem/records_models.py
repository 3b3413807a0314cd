"""Embedders, rerankers and language models as GoodMem's clients read them. No record holds a key."""

from __future__ import annotations

from typing import Any

from memories.models import Embedder, LanguageModel, Reranker
from memories.models.remote import RemoteModel

from .records import Record, touched

CAPABILITIES = {
    "supportsChat": True,
    "supportsCompletion": False,
    "supportsFunctionCalling": False,
    "supportsSystemMessages": True,
    "supportsStreaming": True,
    "supportsSamplingParameters": True,
}


def embedder_record(row: Embedder) -> Record:
    own = {
        "dimensionality": row.dimensionality,
        "distributionType": row.distribution_type,
        "maxSequenceLength": row.max_sequence_length,
    }
    return {"embedderId": str(row.pk), **_common(row), **own, **_google(row)}


def reranker_record(row: Reranker) -> Record:
    return {"rerankerId": str(row.pk), **_common(row)}


def llm_record(row: LanguageModel, *, is_whole: bool) -> Record:
    """``is_whole`` for administrators: how it is called may hold what opens other doors."""
    own = {
        "capabilities": {**CAPABILITIES, **row.capabilities},
        "defaultSamplingParams": _sampling(row) or None,
        "maxContextLength": row.max_context_length,
        "clientConfig": (row.client_config or None) if is_whole else None,
    }
    return {"llmId": str(row.pk), **_common(row), **own}


def _sampling(row: LanguageModel) -> Record:
    """As given; temperature and maximum are those that hold, which pages change as well."""
    held = {"temperature": row.temperature, "maxTokens": row.max_tokens}
    given = {name: value for name, value in row.sampling.items() if name not in held}
    return {**given, **{name: value for name, value in held.items() if value is not None}}


def _common(row: Any) -> Record:
    return {
        "displayName": row.name,
        "description": row.description,
        "providerType": row.provider_type,
        "endpointUrl": row.endpoint_url,
        "apiPath": row.api_path,
        "modelIdentifier": row.model_identifier,
        "supportedModalities": row.supported_modalities,
        "labels": row.labels,
        "version": row.version,
        "monitoringEndpoint": row.monitoring_endpoint,
        "ownerId": str(row.owner_id or row.created_by or row.account_id),
        **touched(row),
        **_given(row, "dashscopeApiDialect"),
    }


def _google(row: RemoteModel) -> Record:
    return _given(row, "geminiEndpointConfig")


def _given(row: RemoteModel, name: str) -> Record:
    """A member that means nothing here and is given back as it came."""
    return {name: row.meta[name]} if name in row.meta else {}
