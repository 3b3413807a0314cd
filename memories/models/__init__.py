from .chunks import Chunk, Embedding, VectorIndex, index_name
from .embedders import Builtin, Embedder, EmbedderProvider, InUse, Reranker, RerankerProvider
from .language_models import LanguageModel, Provider
from .memories import Attempt, Memory, Stage, State
from .searches import SearchLog
from .settings import MemorySettings, SpaceEmbedder, Weighted, embedders_of, embedders_of_many, set_embedders

__all__ = [
    "Attempt",
    "Builtin",
    "Chunk",
    "Embedder",
    "EmbedderProvider",
    "Embedding",
    "InUse",
    "LanguageModel",
    "Memory",
    "MemorySettings",
    "Provider",
    "Reranker",
    "RerankerProvider",
    "SearchLog",
    "SpaceEmbedder",
    "Stage",
    "State",
    "VectorIndex",
    "Weighted",
    "embedders_of",
    "embedders_of_many",
    "index_name",
    "set_embedders",
]
