"""The command line of Unique's package as a subprocess: single commands, and a session that reads them from a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

PROGRAM = [sys.executable, "-W", "ignore", "-m", "unique_sdk.cli"]
END = "*** No help on end-of-answer"  # what the session says to a question nobody asks


def environment(base: str, key: str, user: str = "alice") -> dict[str, str]:
    """As the vendor's documentation says, and nothing of the machine's own."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "PYTHONUNBUFFERED": "1",
        "UNIQUE_API_BASE": f"{base}/public/chat-gen2",
        "UNIQUE_API_KEY": key,
        "UNIQUE_APP_ID": "app_test",
        "UNIQUE_USER_ID": user,
        "UNIQUE_COMPANY_ID": "acme",
    }


def run(env: dict[str, str], folder: Path, *words: str) -> tuple[int, str]:
    """One command; its exit status and all it printed."""
    done = subprocess.run([*PROGRAM, *words], cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


class Session:
    """``with Session(env, folder) as say: say("ls /")`` is the answer to that command, without the prompt."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self.process = subprocess.Popen(
            PROGRAM, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin: IO[str] = self.process.stdin
        self.stdout: IO[str] = self.process.stdout

    def __enter__(self) -> Session:
        self("pwd")
        return self

    def __exit__(self, *_: object) -> None:
        self.stdin.close()
        self.stdout.read()
        self.process.wait(timeout=30)
        self.stdout.close()

    def __call__(self, command: str) -> str:
        self.stdin.write(f"{command}\nhelp end-of-answer\n")
        self.stdin.flush()
        lines: list[str] = []
        for line in self.stdout:
            if line.rstrip().endswith(END):
                break
            lines.append(line)
        else:
            raise AssertionError(f"the session ended in {command!r}: {''.join(lines)}")
        return "".join(lines).partition("> ")[2].rstrip("\n")
