"""The parent's side of reading in a process of its own: start it, wait for it, end it, understand what is left."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

from spaces_project.kit import limits

from .child import RESULT_BYTES
from .documents import Code, Document, ExtractionFailed

logger = logging.getLogger(__name__)

# -I: nothing of the caller's environment or folder is imported. So it is told where this interpreter finds modules.
START = (
    "import sys; sys.path[:] = sys.argv[1].split(chr(31)); "
    "from memories.extraction.child import main; main(*sys.argv[2:])"
)
ROOT = Path(__file__).resolve().parents[2]
SENTENCES = {
    Code.TIMED_OUT: "Reading it takes too long.",
    Code.OUT_OF_MEMORY: "Reading it takes too much memory.",
    Code.CORRUPT: "It is damaged: it cannot be read.",
}
BY_SIGNAL = {
    signal.SIGXCPU: Code.TIMED_OUT,
    signal.SIGKILL: Code.OUT_OF_MEMORY,  # by the kernel, as we did not
    signal.SIGABRT: Code.OUT_OF_MEMORY,  # how the interpreter ends when it cannot even say so
}


def read_apart(file: IO[bytes], mime_type: str, declared: str) -> Document:
    """Read an open file in a child process; raises ExtractionFailed whatever becomes of it."""
    with tempfile.TemporaryFile() as result:
        status = _run(file, result, [mime_type, declared])
        if status:
            logger.warning("reading a file of type %s ended with status %s", mime_type, status)
            raise _failure(BY_SIGNAL.get(signal.Signals(-status), Code.CORRUPT) if status < 0 else Code.CORRUPT)
        result.seek(0)
        return _understand(result.read(RESULT_BYTES), mime_type)


def _run(file: IO[bytes], result: IO[bytes], arguments: list[str]) -> int:
    """Return the child's exit status; it and all it started are gone then."""
    paths = chr(31).join([str(ROOT), *(path for path in sys.path if os.path.isabs(path))])
    os.lseek(file.fileno(), 0, os.SEEK_SET)  # what we have read of it may have moved it
    child = subprocess.Popen(
        [sys.executable, "-I", "-c", START, paths, *arguments],
        stdin=file,
        stdout=result,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"LANG": "C.UTF-8"},
        start_new_session=True,
    )
    try:
        return child.wait(limits.EXTRACTION_SECONDS)
    except subprocess.TimeoutExpired:
        raise _failure(Code.TIMED_OUT) from None
    finally:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _understand(answer: bytes, mime_type: str) -> Document:
    """Build the document; the child read hostile bytes, so it is not trusted more than they are."""
    try:
        said: dict[str, Any] = json.loads(answer)
        if "code" in said:
            raise _said_failure(said, mime_type)
        return Document(
            text=str(said["text"]),
            mime_type=str(said["mime_type"]),
            title=str(said["title"]),
            page_starts=tuple(int(start) for start in said["page_starts"]),
            notes=tuple(str(note) for note in said["notes"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        logger.warning("reading a file of type %s gave no result", mime_type)
        raise _failure(Code.CORRUPT) from None


def _said_failure(said: dict[str, Any], mime_type: str) -> ExtractionFailed:
    if cause := said.get("cause"):
        logger.info("a file of type %s cannot be read: %s", mime_type, cause)
    code = Code(said["code"])
    return ExtractionFailed(code, str(said["message"]) or SENTENCES[code])


def _failure(code: Code) -> ExtractionFailed:
    return ExtractionFailed(code, SENTENCES[code])
