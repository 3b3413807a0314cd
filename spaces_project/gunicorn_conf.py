"""How gunicorn runs the product; see docs/settings.md for the variables.

Threads, not processes, carry the live streams: a waiting stream costs a thread and no database connection.
"""

import gc
import os
from typing import Any

from gunicorn.http import message  # type: ignore[import-untyped]

from spaces_project.env import env
from spaces_project.kit import limits
from spaces_project.parent import end_with_parent

bind = f"fd://{os.environ['SUPERVISOR_FD']}" if "SUPERVISOR_FD" in os.environ else "127.0.0.1:8000"
worker_class = "spaces_project.web_worker.Worker"
workers = env.int("SPACES_WEB_WORKERS", 2)
threads = env.int("SPACES_WEB_THREADS", 192)
timeout = 120
graceful_timeout = 20
keepalive = 5
max_requests = 0  # a recycled worker would cut its streams
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (heartbeat files, made safely)
loglevel = os.environ.get("SPACES_LOG_LEVEL", "warning").lower()
control_socket_disable = True
# A query string as long as it may be comes through, and a longer one is told so in the words of who is asked: of its
# own gunicorn answers 4 KB with a page of HTML, and takes 8 at most.
limit_request_line = message.MAX_REQUEST_LINE = 2 * limits.QUERY_STRING_BYTES


def on_starting(server: Any) -> None:
    """Do not outlive the supervisor."""
    end_with_parent()


def post_worker_init(worker: Any) -> None:
    """What is loaded by now stays for good: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def child_exit(server: Any, worker: Any) -> None:
    worker.leave()


def pre_request(worker: Any, req: Any) -> None:
    """Close the connection after each answer of the Unique dialect.

    Its async client repeats a POST on a reused connection that broke; gunicorn drops a `Connection` header
    set by the application, so the server itself has to do it.
    """
    if req.path.startswith("/public/"):
        req.force_close()
