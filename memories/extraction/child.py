"""The process that reads one file: it bounds itself, reads, and writes one line of JSON.

Started by `process.py` with the file as standard input and a temporary file as standard output. Imports no Django.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any, BinaryIO, NoReturn

from spaces_project.kit import limits

from .documents import Code, Document, ExtractionFailed
from .plain import read_plain
from .types import DOCX, HTML, PDF, PPTX, XLSX, is_text

RESULT_BYTES = limits.MEMORY_TEXT_CHARS * 6  # a character is at most so long in JSON that is not escaped
FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.spawn", "shutil.")


def main(mime_type: str, declared: str) -> None:
    """Read standard input; what it says comes out, or why not."""
    _bound()
    gc.set_threshold(100_000, 20, 100)  # parsers make many objects and few cycles
    try:
        answer: dict[str, Any] = asdict(read(sys.stdin.buffer, mime_type, declared))
    except ExtractionFailed as failure:
        answer = {"code": failure.code, "message": failure.message}
    except MemoryError:
        answer = {"code": Code.OUT_OF_MEMORY, "message": ""}
    except Exception as error:  # parsers raise all kinds for broken files
        answer = {"code": Code.CORRUPT, "message": "", "cause": type(error).__name__}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))
    sys.stdout.buffer.flush()
    os._exit(0)  # tidying up gigabytes of objects takes longer than reading some files


def read(file: BinaryIO, mime_type: str, declared: str) -> Document:
    """Read an open file of a known type; imports only what that type needs."""
    if mime_type == PDF:
        from .pdf import read_pdf

        return read_pdf(file)
    if mime_type in {DOCX, XLSX, PPTX}:
        from .office import read_office

        return read_office(file, mime_type)
    if mime_type == HTML:
        from .html import read_html

        return read_html(file.read(), declared)
    if is_text(mime_type):
        return read_plain(file.read(), mime_type, declared)
    raise ExtractionFailed(Code.UNSUPPORTED, f"Files of the type {mime_type} are not read.")


def _bound() -> None:
    """Limit memory, time and written bytes, and refuse what no parser needs: network, other programs, writing files."""
    _limit(resource.RLIMIT_AS, limits.EXTRACTION_MEMORY_BYTES)
    _limit(resource.RLIMIT_CPU, limits.EXTRACTION_CPU_SECONDS, spare=5)  # at the hard limit the signal would be SIGKILL
    _limit(resource.RLIMIT_FSIZE, RESULT_BYTES)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, 0)  # does not bind root; what is refused below does
    sys.addaudithook(_refuse)


def _limit(kind: int, most: int, spare: int = 0) -> None:
    hard = resource.getrlimit(kind)[1]
    upper = most + spare if hard == resource.RLIM_INFINITY else min(most + spare, hard)
    resource.setrlimit(kind, (min(most, upper), upper))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(FORBIDDEN) or (event == "open" and _writes(*arguments[1:3])):
        _stop(event)


def _writes(mode: str | None, flags: int) -> bool:
    return bool(set(mode or "") & set("wax+")) or bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _stop(event: str) -> NoReturn:
    raise PermissionError(f"{event} is not for readers of files")
