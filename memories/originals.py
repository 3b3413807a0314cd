"""The files that memories are made of, by content: ``<account>/<sha256 in hex>``.

A file is written before the row that names it, under another name first, so that a file with its name is whole. It
goes a day after the last row that named it. Where they are kept is Django's storage ``originals``: a folder of
SPACES_DATA_DIR, or what SPACES_ORIGINALS_BACKEND names (docs/settings.md).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages

from spaces.errors import InvalidInput, NotFound, TooLarge
from spaces_project.kit import limits

BLOCK = 1 << 20
KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Original:
    """A stored file: its SHA-256 in hex, and its bytes by count."""

    sha256: str
    size: int


class OriginalsOnDisk(FileSystemStorage):
    """Files whose name is their content: written aside, synced, and then renamed."""

    def __init__(self, location: str | None = None, **options: Any) -> None:
        super().__init__(location or settings.ORIGINALS_DIR, **options)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name  # the same name is the same content

    def _save(self, name: str, content: File[bytes]) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as aside:
            try:
                for block in content.chunks(BLOCK):
                    aside.write(block)
                aside.flush()
                os.fsync(aside.fileno())
                os.replace(aside.name, path)
                _sync(path.parent)
            except BaseException:
                Path(aside.name).unlink(missing_ok=True)
                raise
        return name

    def touch(self, name: str) -> None:
        """It is wanted again: as if it were new."""
        os.utime(self.path(name))


def store(account: UUID, content: bytes | IO[bytes] | Iterable[bytes]) -> Original:
    """Keep a file; its row comes afterwards. Raises TooLarge past ORIGINAL_BYTES."""
    with tempfile.SpooledTemporaryFile(max_size=4 * BLOCK) as collected:
        digest, size = hashlib.sha256(), 0
        for block in _blocks(content):
            size += len(block)
            if size > limits.ORIGINAL_BYTES:
                raise TooLarge(f"A file may have {limits.ORIGINAL_BYTES // (1 << 20)} MiB.")
            digest.update(block)
            collected.write(block)
        kept = Original(digest.hexdigest(), size)
        _write(_name(account, kept.sha256), collected)
    return kept


def _write(name: str, content: Any) -> None:
    storage = storages["originals"]
    if storage.exists(name):
        with contextlib.suppress(FileNotFoundError, AttributeError):
            storage.touch(name)  # type: ignore[attr-defined]
            return
    content.seek(0)
    storage.save(name, File(content))


def _blocks(content: Any) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
    elif hasattr(content, "read"):
        while block := content.read(BLOCK):
            yield block
    else:
        yield from content


def open_original(account: UUID, sha256: str) -> IO[bytes]:
    """The file, to be read and closed. NotFound when there is none any more."""
    try:
        return storages["originals"].open(_name(account, sha256))
    except FileNotFoundError as error:
        raise NotFound("The file is not there any more.") from error


@contextlib.contextmanager
def on_disk(account: UUID, sha256: str) -> Iterator[Path]:
    """The path of the file, for programs that need one; of a copy when it is kept elsewhere."""
    path = _path(_name(account, sha256))
    if path is not None:
        if not path.exists():
            raise NotFound("The file is not there any more.")
        yield path
        return
    with tempfile.NamedTemporaryFile() as copy, open_original(account, sha256) as original:
        for block in _blocks(original):
            copy.write(block)
        copy.flush()
        yield Path(copy.name)


def _path(name: str) -> Path | None:
    """Where it is on this disk; None when the storage is elsewhere."""
    with contextlib.suppress(NotImplementedError):
        return Path(storages["originals"].path(name))
    return None


def remove_unused(is_used: Any) -> int:
    """Delete the files on disk that no row has named for a day; ``is_used(account, sha256s)`` gives those in use.

    Says how many went. Storages elsewhere have rules for that of their own (docs/settings.md).
    """
    storage = storages["originals"]
    if not isinstance(storage, OriginalsOnDisk):
        return 0
    gone = 0
    for folder in Path(storage.location).glob("*-*-*-*-*"):
        account = _account(folder)
        if account is not None:
            old = [path for path in folder.iterdir() if _is_old(path)]
            used = is_used(account, [path.name for path in old])
            gone += sum(_remove(path) for path in old if path.name not in used)
    return gone


def _account(folder: Path) -> UUID | None:
    with contextlib.suppress(ValueError):
        return UUID(folder.name)
    return None


def _remove(path: Path) -> bool:
    """Put it aside, look at it once more, and delete it. Who stores the same file meanwhile stores it anew, or has
    touched it before: then it is put back."""
    aside = path.with_name(f".old-{path.name}")
    with contextlib.suppress(FileNotFoundError):
        path.rename(aside)
        if _is_old(aside):
            aside.unlink()
            return True
        aside.rename(path)
    return False


def _sync(folder: Path) -> None:
    """Let the names in it outlive a loss of power, as the row that will name the file does."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _is_old(path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime > KEPT_SECONDS
    return False


def _name(account: UUID, sha256: str) -> str:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise InvalidInput("Not the name of a file.")
    return f"{account}/{sha256}"
