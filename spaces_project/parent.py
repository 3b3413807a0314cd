"""A child of the supervisor ends when the supervisor is gone, even when that was killed without a word."""

import ctypes
import os
import signal
import sys
import threading
import time

VARIABLE = "SUPERVISOR_PID"
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Get SIGTERM when the process that SUPERVISOR_PID names, our parent, dies; without it, nothing."""
    expected = os.environ.get(VARIABLE)
    if not expected:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != int(expected):  # it died before we asked
            os.kill(os.getpid(), signal.SIGTERM)
    else:
        threading.Thread(target=_watch, args=(int(expected),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
