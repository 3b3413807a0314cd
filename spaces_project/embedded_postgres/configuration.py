"""The server's settings, scaled to the machine's memory."""

import os
from pathlib import Path

MIB = 1024 * 1024
CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def machine_memory() -> int:
    """Bytes of memory that this machine or container may use."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in CGROUP_LIMITS:
        try:
            memory = min(memory, int(limit.read_text()))
        except (OSError, ValueError):  # no such file, or the word "max"
            continue
    return memory


def _mib(size: float, smallest: int, largest: int) -> str:
    return f"{int(max(smallest, min(largest, size / MIB)))}MB"


def settings(socket_dir: Path, *, durable: bool, memory: int) -> dict[str, str]:
    """Name -> value. `memory` is in bytes; `durable=False` gives up crash safety for speed (tests)."""
    values = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
        "port": "5432",
        # Two web processes with a pool of 16 each, the worker's pools, and room for psql and backups.
        "max_connections": "100",
        "shared_buffers": _mib(memory / 8, 128, 1024),
        "effective_cache_size": _mib(memory / 2, 256, 1024 * 1024),
        "maintenance_work_mem": _mib(memory / 16, 64, 512),
        "work_mem": _mib(memory / 512, 4, 32),
        "wal_buffers": "16MB",
        "max_wal_size": "4GB",
        "min_wal_size": "256MB",
        "checkpoint_completion_target": "0.9",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
        "lc_messages": "C",
    }
    return values if durable else values | _THROW_AWAY


_THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "256MB",
    "max_wal_size": "1GB",
    "log_min_messages": "log",
}


def as_file(values: dict[str, str]) -> str:
    """The text of a PostgreSQL configuration file."""
    lines = [f"{name} = '{_quoted(value)}'" for name, value in values.items()]
    return "\n".join(["# Written at every start; ALTER SYSTEM overrides what is here.", *lines, ""])


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
