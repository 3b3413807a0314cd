"""The operations of memories, for the OpenAPI document."""

from __future__ import annotations

from . import answers_memories as answers
from . import serializers_memories as bodies
from .operation import EXPORT, ID, LIST, Operation, Query, one, page, query, rows

OF_MEMORIES: Query = (
    query("spaceId", "Only memories in these spaces (comma list of ids or `@alias`)."),
    query("contactId", "Only memories of these contacts (comma list of ids or `@alias`)."),
    query("botId", "Only memories with these bot ids (comma list)."),
)
Memory = answers.Memory
FOUND = one(answers.FoundMemories)
MEMORIES = (
    Operation("memory.create", "createMemory", "Create a memory of a text", ID, bodies.NewMemory, fails=(404, 409)),
    Operation("memory.fetch", "fetchMemory", "Fetch a memory", one(Memory), fails=(404,)),
    Operation(
        "memory.update",
        "updateMemory",
        "Change a memory; meta is merged, a new text is ingested",
        ID,
        bodies.MemoryFields,
        fails=(404, 409),
    ),
    Operation("memory.delete", "deleteMemory", "Delete a memory", ID, fails=(404,)),
    Operation("memory.list", "listMemory", "List memories", page(Memory), query=LIST + OF_MEMORIES),
    Operation(
        "memory.export", "exportMemory", "Export memories", rows(answers.ExportedMemory), query=EXPORT + OF_MEMORIES
    ),
    Operation(
        "memory.search",
        "searchMemory",
        "Find at most ten memories, best first",
        FOUND,
        bodies.MemorySearch,
        fails=(404,),
    ),
    Operation(
        "memory.list_of_contact",
        "listContactMemories",
        "List the memories of a contact",
        page(Memory),
        query=LIST + OF_MEMORIES,
        fails=(404,),
    ),
    Operation(
        "memory.search_of_contact",
        "searchContactMemories",
        "Find at most ten memories of a contact, best first",
        FOUND,
        bodies.ContactSearch,
        fails=(404,),
    ),
    Operation(
        "memory.search_of_bot",
        "searchBotMemories",
        "Find at most ten memories of a bot, best first",
        FOUND,
        bodies.ContactSearch,
        fails=(404,),
    ),
)
