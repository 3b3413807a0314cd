from .chunks import Chunk, Embedding, VectorIndex, index_name
from .embedders import Builtin, Embedder, EmbedderProvider, InUse, Reranker, RerankerProvider
from .folders import Folder, FolderAccess, FolderLevel, find_path
from .language_models import LanguageModel, Provider
from .memories import Attempt, Memory, Stage, State
from .searches import SearchLog
from .settings import MemorySettings, SpaceEmbedder, Weighted, embedders_of, embedders_of_many, set_embedders
from .versions import MemoryVersion, Purpose, Upload, used_originals

__all__ = [
    "Attempt",
    "Builtin",
    "Chunk",
    "Embedder",
    "EmbedderProvider",
    "Embedding",
    "Folder",
    "FolderAccess",
    "FolderLevel",
    "InUse",
    "LanguageModel",
    "Memory",
    "MemorySettings",
    "MemoryVersion",
    "Provider",
    "Purpose",
    "Reranker",
    "RerankerProvider",
    "SearchLog",
    "SpaceEmbedder",
    "Stage",
    "State",
    "Upload",
    "VectorIndex",
    "Weighted",
    "embedders_of",
    "embedders_of_many",
    "find_path",
    "index_name",
    "set_embedders",
    "used_originals",
]
