"""The vendor's words for where a content is, as callers may set them (contents.py says which of them it is in)."""

from __future__ import annotations

DONE = "FINISHED"
# Asks for ingestion: of a file that is ingested here, from its beginning, whatever the word names as the first step.
AGAIN = frozenset({"QUEUED", "RETRYING", "RE_INGESTING", "RE_EMBEDDING", "RECREATING_VECETORDB_INDEX"})
# What a program says while it ingests; only the end changes anything.
ON_THE_WAY = frozenset(
    {
        *("INGESTION_READING", "INGESTION_CHUNKING", "INGESTION_EMBEDDING", "REBUILDING_METADATA"),
        *("METADATA_VALIDATION", "EXTRACTING_METADATA", "CHECKING_INTEGRITY", "MALWARE_SCANNING"),
    }
)
FAILURES = frozenset(
    {
        *("FAILED", "FAILED_CREATING_CHUNKS", "FAILED_EMBEDDING", "FAILED_GETTING_FILE", "FAILED_IMAGE"),
        *("FAILED_MALWARE_FOUND", "FAILED_MALWARE_SCAN_TIMEOUT", "FAILED_METADATA_VALIDATION", "FAILED_PARSING"),
        *("FAILED_REDELIVERED", "FAILED_TIMEOUT", "FAILED_TOO_LESS_CONTENT", "FAILED_TABLE_LIMIT_EXCEEDED"),
    }
)
WORDS = frozenset({DONE}) | AGAIN | ON_THE_WAY | FAILURES
