"""The operations that read contents, search them, and call models."""

from __future__ import annotations

from . import answers
from . import answers_reading as shown
from . import serializers_reading as asked
from .operation import Operation, query

CHAT_OF_FILE = query("chatId", "The chat whose file it is.")

READING = (
    Operation("content.search", "searchContents", "List contents with their chunks, newest first", shown.Found,
              asked.ContentSearch),
    Operation("content.info", "getContentInfo", "List contents without their chunks, by filter, path or id",
              shown.ContentInfoPage, asked.InfoQuestion),
    Operation("content.infos", "getContentInfos", "List contents without their chunks, by filter or folder",
              shown.ContentInfosPage, asked.InfosQuestion),
    Operation("content.modify", "updateContent", "Change what is given of a content, or move it", shown.ContentInfo,
              asked.ContentChange, fails=(404, 409)),
    Operation("content.remove", "deleteContent", "Delete a content", answers.Identifier, query=(CHAT_OF_FILE,)),
    Operation("search.search", "search", "Find the chunks that answer a question best", shown.Hits, asked.SearchBody,
              fails=(404, 409)),
    Operation("search.phrase", "createSearchString", "Put a question so that it can be searched for",
              shown.SearchString, asked.SearchStringBody),
    Operation("model.embed", "createEmbeddings", "Turn texts into vectors, with the account's embedder",
              shown.Embeddings, asked.EmbeddingsBody, fails=(409,)),
    Operation("model.list", "getModels", "List the names of the language models", shown.Models, fails=()),
    Operation("model.complete", "createChatCompletion", "Ask a language model", shown.Completion,
              asked.CompletionBody, fails=(409,)),
)  # fmt: skip
