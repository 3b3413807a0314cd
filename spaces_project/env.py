"""What the environment says. Nonsense raises at start, with the name of the variable and what it may be."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from environs import Env, EnvError

from .kit.egress import Allowed

env = Env()

# Every process gets here before numpy, which reads this once: its own threads would only fight for the cores with ours.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("SPACES_DATA_DIR", str(BASE_DIR / "var"))).resolve()


def secret(variable: str, file_name: str) -> str:
    """The secret in ``variable``, else the one kept in the data directory, made (mode 0600) at first use."""
    if given := env.str(variable, ""):
        return str(given)
    path = DATA_DIR / "secrets" / file_name
    try:
        if not path.exists():
            _write_secret(path, secrets.token_urlsafe(48))
        return path.read_text().strip()
    except OSError as error:
        raise EnvError(f"secrets are kept in SPACES_DATA_DIR ({DATA_DIR}), which cannot be used: {error}") from error


def _write_secret(path: Path, value: str) -> None:
    """Write whole and then link, so that two processes starting at once agree on one secret."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(value)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def positive(variable: str, default: int) -> int:
    """A number from 1."""
    number: int = env.int(variable, default)
    if number < 1:
        raise EnvError(f"{variable} is {number}; it must be 1 or more.")
    return number


def folder(variable: str) -> Path | None:
    """An existing folder; None when the variable is not set."""
    if not (name := env.str(variable, "")):
        return None
    path = Path(name).resolve()
    if not path.is_dir():
        raise EnvError(f"{variable} names {path}, which is not a folder.")
    return path


def encryption_keys() -> list[str]:
    """The secrets that seal what is kept sealed, the newest first."""
    keys = [key.strip() for key in secret("SPACES_ENCRYPTION_KEY", "encryption_key").split(",") if key.strip()]
    if not keys:
        raise EnvError("SPACES_ENCRYPTION_KEY names no key.")
    return keys


def egress_allow() -> Allowed:
    """What SPACES_EGRESS_ALLOW opens: host names, addresses and networks, separated by commas."""
    try:
        return Allowed.parse(env.list("SPACES_EGRESS_ALLOW", []))
    except ValueError as error:
        raise EnvError(f"SPACES_EGRESS_ALLOW: {error}") from error
