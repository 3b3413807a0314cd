from .assistants import Assistant, AssistantPrompt, McpServer, Module, ScopeRule, SubAgent
from .chats import Chat
from .feedback import Assessment, Rating
from .messages import Message
from .notes import MessageLog, ShortTermMemory
from .references import Reference

__all__ = [
    "Assessment",
    "Assistant",
    "AssistantPrompt",
    "Chat",
    "McpServer",
    "Message",
    "MessageLog",
    "Module",
    "Rating",
    "Reference",
    "ScopeRule",
    "ShortTermMemory",
    "SubAgent",
]
