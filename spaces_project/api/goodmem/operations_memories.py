"""The operations of memories, and of retrieval."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers as rest

from . import answers as a
from . import serializers_memories as bodies
from .operation import GONE, MADE, Operation, Query, paging, parameter
from .operations_spaces import Chunking
from .serializers_retrieve import CHAT_NAMES, RetrieveBody

NDJSON = "application/x-ndjson"
Job = a.shape(
    "GoodMemJob",
    "The latest job of a memory.",
    jobId=a.number(),
    jobType=a.text(),
    status=a.text(),
    attempts=a.number(),
    maxAttempts=a.number(),
    runAt=a.number(),
    updatedAt=a.number(),
)
Attempt = a.shape(
    "GoodMemAttempt",
    "One try of a job.",
    attemptId=a.number(),
    jobId=a.number(),
    startedAt=a.number(),
    finishedAt=a.maybe_number(),
    workerId=a.text(),
    statusMessage=a.text(),
    progressCurrent=a.number(),
    progressTotal=a.number(),
    progressUnit=a.text(),
    progressUpdatedAt=a.number(),
)
History = a.shape("GoodMemHistory", "How a memory was processed.", latestJob=Job(), attempts=Attempt(many=True))
Memory = a.shape(
    "GoodMemMemory",
    "A document in a space. Content and history come when they are asked for; originalContent is Base64.",
    memoryId=a.uuid(),
    spaceId=a.uuid(),
    contentType=a.text(),
    processingStatus=a.text(),
    pageImageStatus=a.text(),
    pageImageCount=a.number(),
    metadata=a.free(),
    originalContentLength=rest.IntegerField(required=False),
    originalContentSha256=rest.CharField(required=False),
    originalContentRef=rest.CharField(required=False),
    originalContent=rest.CharField(required=False),
    chunkingConfig=Chunking(required=False),
    processingHistory=History(required=False),
    **a.touched(),
)
Memories = a.shape("GoodMemMemories", "A page of memories.", memories=Memory(many=True), nextToken=a.maybe())
BatchItem = a.shape("GoodMemBatchItem", "One of many: a memory, or an error.", success=a.flag())
Batch = a.shape("GoodMemBatch", "What became of each; 207 when one of them failed.", results=BatchItem(many=True))
Images = a.shape("GoodMemPageImages", "Always empty.", pageImages=a.texts(), nextToken=a.maybe())

CONTENT = parameter("includeContent", "The file, as Base64.", bool)
HISTORY = parameter("includeProcessingHistory", "How it was processed.", bool)
EXTRAS: Query = (CONTENT, HISTORY)
FILTERS: Query = (
    parameter("statusFilter", "Only memories in this state.", enum=list(bodies.STATUSES)),
    parameter("filter", "A filter expression over the metadata, see docs/filters.md."),
    parameter("sortBy", "", enum=["created_at", "updated_at", "content_type", "processing_status"]),
    parameter("sortOrder", "", enum=["ASCENDING", "DESCENDING"]),
    *paging(50, 500),
)
RETRIEVE: Query = (
    parameter("message", "The question.", required=True),
    parameter("spaceIds", "Comma list of spaces.", required=True),
    parameter("filter", "A filter expression for all of them."),
    parameter("requestedSize", "At most so many chunks; 20 when absent.", int),
    parameter("fetchMemory", "Whether memories come with their chunks; true when absent.", bool),
    parameter("fetchMemoryContent", "Whether they come with their files.", bool),
    *(parameter(f"postProcessor{name}", f"Of the post-processor; `pp{name}` means the same.") for name in CHAT_NAMES),
)
WRITES = (404, 409)
EVENTS = OpenApiTypes.STR

MEMORIES: tuple[Operation, ...] = (
    Operation("memory.create", "createMemory", "Create a memory of a text, of Base64 or of an uploaded file", Memory,
              bodies.MemoryBody, fails=WRITES, status=MADE),
    Operation("memory.list", "listMemories", "List the memories of a space; of a public one without a key", Memories,
              query=EXTRAS + FILTERS, is_open=True),
    Operation("memory.fetch", "getMemory", "Fetch a memory; of a public space without a key", Memory, query=EXTRAS,
              is_open=True),
    Operation("memory.remove", "deleteMemory", "Delete a memory with its chunks", status=GONE),
    Operation("memory.content", "getMemoryContent", "Download the file of a memory, or a range of it",
              OpenApiTypes.BINARY, fails=(404, 412, 416), is_open=True, media="*/*"),
    Operation("memory.pages", "listMemoryPageImages", "List images of pages: there are none", Images, is_open=True),
    Operation("memory.page_image", "getMemoryPageImageContent", "Always 404: there are no images", is_open=True),
    Operation("batch.create", "batchCreateMemory", "Create many memories, each with its own outcome", Batch,
              bodies.MemoriesBody, also=(207,), fails=()),
    Operation("batch.fetch", "batchGetMemory", "Fetch many memories, each with its own outcome", Batch,
              bodies.MemoryIdsBody, also=(207,), fails=(), is_open=True),
    Operation("batch.delete_many", "batchDeleteMemory", "Delete memories by id, or all of a space that match", Batch,
              bodies.DeletionBody, also=(207,), fails=()),
    Operation("retrieve.search", "retrieveMemoryAdvanced", "Find chunks by meaning, streamed as events", EVENTS,
              RetrieveBody, media=NDJSON),
    Operation("retrieve.search_by_query", "retrieveMemory", "The same, asked by a query string", EVENTS, query=RETRIEVE,
              media=NDJSON),
)  # fmt: skip
