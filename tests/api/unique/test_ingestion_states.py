"""Every state and failure of a memory has one of the vendor's words, and the page of the dialect names them all."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from memories.embedders.base import Code as EmbedderCode
from memories.extraction.documents import Code
from spaces_project.api.unique.contents import FAILED, FAILURES, STAGES
from tests.docs.test_docs import page

# Section 7.4 of the vendor's words.
WORDS = {
    "QUEUED", "INGESTION_READING", "INGESTION_CHUNKING", "INGESTION_EMBEDDING", "FINISHED", "RETRYING",
    "RE_INGESTING", "RE_EMBEDDING", "REBUILDING_METADATA", "RECREATING_VECETORDB_INDEX", "METADATA_VALIDATION",
    "EXTRACTING_METADATA", "CHECKING_INTEGRITY", "MALWARE_SCANNING", "FAILED", "FAILED_CREATING_CHUNKS",
    "FAILED_EMBEDDING", "FAILED_GETTING_FILE", "FAILED_IMAGE", "FAILED_MALWARE_FOUND",
    "FAILED_MALWARE_SCAN_TIMEOUT", "FAILED_METADATA_VALIDATION", "FAILED_PARSING", "FAILED_REDELIVERED",
    "FAILED_TIMEOUT", "FAILED_TOO_LESS_CONTENT", "FAILED_TABLE_LIMIT_EXCEEDED",
}  # fmt: skip
WAITING = {"QUEUED", "RE_INGESTING", "RETRYING", "FINISHED"}


def test_every_word_is_the_vendors_and_is_documented() -> None:
    told = WAITING | set(STAGES.values()) | set(FAILURES.values()) | {FAILED}
    assert told <= WORDS
    table = page("api/unique.md").split("### Ingestion states\n")[1].split("\n## ")[0]
    assert {word for line in re.findall(r"^\| (`.*?) \|", table, re.M) for word in re.findall(r"`(\w+)`", line)} >= told


def test_every_failure_has_a_word() -> None:
    assert FAILURES.keys() >= {*Code, *get_args(EmbedderCode), "CHUNKING_INVALID", "CONTENT_MISSING", "LOST"}


@pytest.mark.django_db
def test_the_way_of_a_memory_in_words(library: Any) -> None:
    from memories.models import Attempt, Memory
    from spaces_project.api.unique.contents import ingestion_state, with_stage

    rows = Memory.objects.of(library.account).filter(pk=library.policy.pk)

    def state(**fields: Any) -> str:
        rows.update(**fields)
        (one,) = with_stage(rows)
        assert ingestion_state(one) == ingestion_state(rows.get())
        return ingestion_state(one)

    assert state() == "FINISHED"
    assert state(state="pending", generation=2) == "RE_INGESTING"
    assert state(completed_at=None) == state(state="uploading") == "QUEUED"
    assert state(state="processing") == "INGESTION_READING"
    tried = Attempt(account=library.account, memory=library.policy, generation=2, number=1, stage="chunking")
    tried.save()
    assert state() == "INGESTION_CHUNKING"
    Attempt(account=library.account, memory=library.policy, generation=2, number=2, stage="storing").save()
    assert state() == "INGESTION_EMBEDDING"
    assert state(state="pending") == "RETRYING"
    assert state(state="failed", failure_code="NO_TEXT") == "FAILED_TOO_LESS_CONTENT"
    assert state(failure_code="FAILED_MALWARE_FOUND") == "FAILED_MALWARE_FOUND"
    assert state(failure_code="INTERNAL") == "FAILED"
