"""What requests about embedders, rerankers and language models may say; lengths and the like are the models' rules."""

from __future__ import annotations

from typing import Any

from memories.models import EmbedderProvider, Provider, RerankerProvider
from memories.models.embedders import Distribution
from memories.models.remote import MODALITIES
from spaces_project.kit import limits

from .fields import Body, Choice, Decimal, Flag, Identifier, Labels, Number, Object, Objects, Text, Texts

# ruff: noqa: N815 (the wire's names)

API_KEY, GCP_ADC = "CREDENTIAL_KIND_API_KEY", "CREDENTIAL_KIND_GCP_ADC"
DIALECTS = ("UNSPECIFIED", "OPENAI_COMPATIBLE")  # the other ones of DashScope are not spoken here
BACKENDS = ("UNSPECIFIED", "DEVELOPER")


class SecretBody(Body):
    """A key and how it is sent. A reference to a secret elsewhere is understood, and refused: see credentials.py."""

    inlineSecret = Text()
    secretRef = Object()
    headerName = Text(allow_blank=False)
    prefix = Text()


class CredentialsBody(Body):
    """How a server is told who calls."""

    kind = Choice((API_KEY, GCP_ADC), required=True)
    apiKey = SecretBody(required=False)
    gcpAdc = Object()
    labels = Labels()


class GeminiBody(Body):
    """Which of Google's servers is called."""

    backend = Choice(BACKENDS)
    projectId = Text()
    location = Text()


class ModelChange(Body):
    """What may change in every kind of model."""

    displayName = Text(source="name", allow_blank=False)
    description = Text()
    endpointUrl = Text(source="endpoint_url", allow_blank=False)
    apiPath = Text(source="api_path")
    modelIdentifier = Text(source="model_identifier", allow_blank=False)
    supportedModalities = Objects(Choice(MODALITIES), source="supported_modalities", allow_empty=False)
    credentials = CredentialsBody(required=False)
    version = Text()
    monitoringEndpoint = Text(source="monitoring_endpoint")
    dashscopeApiDialect = Choice(DIALECTS)
    replaceLabels = Labels()
    mergeLabels = Labels()


class EmbedderChange(ModelChange):
    """The body of PUT /embedders/{id}."""

    dimensionality = Number(min_value=1, max_value=limits.EMBEDDING_DIMENSIONS)
    distributionType = Choice(Distribution.values, source="distribution_type")
    maxSequenceLength = Number(source="max_sequence_length", min_value=1)
    geminiEndpointConfig = GeminiBody(required=False)


class SamplingBody(Body):
    """How a language model chooses its words; ``temperature`` and ``maxTokens`` hold for every answer."""

    maxTokens = Number(min_value=1)
    temperature = Decimal(min_value=0, max_value=2)
    topP = Decimal(min_value=0, max_value=1)
    topK = Number(min_value=0)
    frequencyPenalty = Decimal(min_value=-2, max_value=2)
    presencePenalty = Decimal(min_value=-2, max_value=2)
    stopSequences = Texts(max_length=limits.SEPARATORS)


class CapabilitiesBody(Body):
    """What a language model can do."""

    supportsChat = Flag()
    supportsCompletion = Flag()
    supportsFunctionCalling = Flag()
    supportsSystemMessages = Flag()
    supportsStreaming = Flag()
    supportsSamplingParameters = Flag()


class LlmChange(ModelChange):
    """The body of PUT /llms/{id}."""

    capabilities = CapabilitiesBody(required=False)
    defaultSamplingParams = SamplingBody(required=False, source="sampling")
    maxContextLength = Number(source="max_context_length", min_value=256)
    clientConfig = Object(source="client_config")


def _created(change: type[ModelChange], own_id: str, providers: Any, **more: Any) -> dict[str, Any]:
    """The members of a body that creates: what may change, what must be there, who owns it and its id."""
    return {
        **dict.fromkeys(("replaceLabels", "mergeLabels")),
        "displayName": Text(source="name", required=True, allow_blank=False),
        "providerType": Choice(providers, source="provider_type", required=True),
        "endpointUrl": Text(source="endpoint_url", required=True, allow_blank=False),
        "modelIdentifier": Text(source="model_identifier", required=True, allow_blank=False),
        "labels": Labels(),
        "ownerId": Identifier("owner"),
        own_id: Identifier(own_id.removesuffix("Id"), source="id"),
        **more,
        "__doc__": "The body of POST, with which one is made.",
    }


EmbedderBody: Any = type(
    "EmbedderBody",
    (EmbedderChange,),
    _created(
        EmbedderChange,
        "embedderId",
        EmbedderProvider.values,
        dimensionality=Number(required=True, min_value=1, max_value=limits.EMBEDDING_DIMENSIONS),
        distributionType=Choice(Distribution.values, source="distribution_type", required=True),
    ),
)
RerankerBody: Any = type("RerankerBody", (ModelChange,), _created(ModelChange, "rerankerId", RerankerProvider.values))
LlmBody: Any = type("LlmBody", (LlmChange,), _created(LlmChange, "llmId", Provider.values))
