"""What answers about contents look like, for the OpenAPI document only: contents.py and searching.py make them."""

from __future__ import annotations

from rest_framework import serializers

from .answers import TIMES, _Free, _shape, free, maybe, no_time_yet, number, text, texts

CONTENT = {
    "id": text(),
    "object": text(),
    "key": text(),
    "url": maybe(),
    "title": maybe(),
    "description": maybe(),
    "ownerId": text(),
    "ownerType": text(),
    "mimeType": text(),
    "byteSize": number(),
    "metadata": _Free(),
    "ingestionState": text(),
    "expiredAt": no_time_yet(),
    **TIMES,
}
CONFIGURED = {
    "writeUrl": maybe(),
    "readUrl": maybe(),
    "ingestionConfig": free(),
    "appliedIngestionConfig": free(),
    "previewPdfFileName": maybe(),
    "pdfPreviewWriteUrl": maybe(),
}
Chunk = _shape(
    "Chunk", "A part of a content; pages from 1, -1 where there are none.", id=text(), text=text(), startPage=number(),
    endPage=number(), order=number(),
)  # fmt: skip
Content = _shape("Content", "A file, or another text that can be found.", **CONTENT, **CONFIGURED)
FoundContent = _shape(
    "FoundContent",
    "A content with its chunks, or where these are many with some: `nextChunkSkip` says where the next ones begin.",
    **CONTENT,
    **CONFIGURED,
    chunks=Chunk(many=True),
    nextChunkSkip=serializers.IntegerField(allow_null=True),
)
Found = FoundContent(many=True)
ContentInfo = _shape(
    "ContentInfo", "A content without what is in it.", **CONTENT, expiresAt=no_time_yet(), deletedAt=no_time_yet()
)
ContentInfoPage = _shape(
    "ContentInfoPage", "Some contents, newest first.", object=text(), contentInfo=ContentInfo(many=True),
    totalCount=number(),
)  # fmt: skip
ContentInfosPage = _shape(
    "ContentInfosPage", "Some contents, newest first.", object=text(), contentInfos=ContentInfo(many=True),
    totalCount=number(),
)  # fmt: skip
Hit = _shape(
    "SearchHit",
    "A chunk that was found. `score` only with `includeScores`.",
    id=text(),
    object=text(),
    chunkId=text(),
    text=text(),
    url=maybe(),
    title=maybe(),
    key=text(),
    metadata=_Free(),
    order=number(),
    startPage=number(),
    endPage=number(),
    internallyStoredAt=no_time_yet(),
    score=serializers.FloatField(required=False),
    **TIMES,
)
Hits = _shape("SearchHits", "Chunks, the best first.", object=text(), data=Hit(many=True))
SearchString = _shape("SearchString", "What to search for.", object=text(), searchString=text())
Vector = serializers.ListField(child=serializers.FloatField())
Embeddings = _shape(
    "Embeddings", "A vector for each text.", object=text(), embeddings=serializers.ListField(child=Vector)
)
Models = _shape("Models", "The names of language models.", models=texts())
Said = _shape("CompletionAnswer", "What a language model said.", role=text(), content=text())
Option = _shape("CompletionChoice", "One answer.", index=number(), message=Said(), finish_reason=text())
Completion = _shape(
    "Completion", "An answer of a language model.", id=text(), object=text(), created=number(), model=text(),
    choices=Option(many=True), usage=_Free(),
)  # fmt: skip
