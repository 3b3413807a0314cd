"""The child process: what it may not do, how it ends, and that nothing of it is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from memories.extraction import Code, ExtractionFailed, extract
from memories.extraction.process import ROOT, SENTENCES, _understand
from spaces_project.kit import limits
from tests.corpus.expected import FILES
from tests.memories.extraction.makers import document, docx, paragraph, pdf, shown


def in_child(script: str) -> subprocess.CompletedProcess[str]:
    """Run Python as the child does, after it has bounded itself."""
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from memories.extraction.child import _bound; _bound()\n"
    command = [sys.executable, "-I", "-c", start + script]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


@pytest.mark.parametrize(
    "script",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
        "open('/tmp/written-by-a-reader', 'w')",
        "import os; os.open('/tmp/written-by-a-reader', os.O_CREAT | os.O_WRONLY)",
    ],
)
def test_it_reaches_nothing_and_writes_nothing(script: str) -> None:
    done = in_child(script)
    assert done.returncode == 1
    assert "PermissionError" in done.stderr
    assert not Path("/tmp/written-by-a-reader").exists()


def test_its_memory_is_bounded() -> None:
    assert "MemoryError" in in_child("bytearray(2 * 1024**3)").stderr


@pytest.mark.slow
def test_its_time_on_the_processor_is_bounded() -> None:
    start = "from spaces_project.kit import limits; limits.EXTRACTION_CPU_SECONDS = 1"
    paths = f"import sys; sys.path.insert(0, {str(ROOT)!r})"
    script = f"{paths}\n{start}\nfrom memories.extraction.child import _bound; _bound()\nwhile True: pass"
    assert subprocess.run([sys.executable, "-I", "-c", script], check=False).returncode == -signal.SIGXCPU


def test_it_imports_no_django() -> None:
    script = "from memories.extraction import child; child.read(open('/dev/null', 'rb'), 'application/pdf', '')"
    done = in_child(f"try:\n    {script}\nexcept Exception: pass\nprint([m for m in sys.modules if 'django' in m])")
    assert done.stdout == "[]\n"


@pytest.mark.thorough
def test_it_works_from_anywhere_with_any_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pypdf.py").write_text("raise SystemExit('the wrong one')")
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert extract(FILES / "minutes.pdf").text.startswith("Minutes of the works council")


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(limits, "EXTRACTION_SECONDS", 0.05)
    before = children()
    with pytest.raises(ExtractionFailed) as caught:
        extract(FILES / "handbook.pdf")
    assert (caught.value.code, caught.value.message) == (Code.TIMED_OUT, "Reading it takes too long.")
    assert children() <= before


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        (b"", Code.CORRUPT, SENTENCES[Code.CORRUPT]),
        (b"[]", Code.CORRUPT, SENTENCES[Code.CORRUPT]),
        (b'{"text": "x"}', Code.CORRUPT, SENTENCES[Code.CORRUPT]),
        (b'{"code": "NONSENSE", "message": ""}', Code.CORRUPT, SENTENCES[Code.CORRUPT]),
        (b'{"code": "OUT_OF_MEMORY", "message": ""}', Code.OUT_OF_MEMORY, SENTENCES[Code.OUT_OF_MEMORY]),
        (json.dumps({"code": "NO_TEXT", "message": "It has no text."}).encode(), Code.NO_TEXT, "It has no text."),
    ],
)
def test_a_strange_answer_is_a_failure(answer: bytes, code: Code, message: str) -> None:
    with pytest.raises(ExtractionFailed) as caught:
        _understand(answer, "application/pdf")
    assert (caught.value.code, caught.value.message) == (code, message)


CRASHES = {
    "kill": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", Code.OUT_OF_MEMORY),
    "segv": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", Code.CORRUPT),
    "cpu": ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", Code.TIMED_OUT),
    "exit": ("raise SystemExit(3)", Code.CORRUPT),
}


@pytest.mark.parametrize("crash", CRASHES)
def test_a_crash_is_a_failure_like_any_other(crash: str, monkeypatch: pytest.MonkeyPatch) -> None:
    script, code = CRASHES[crash]
    monkeypatch.setattr("memories.extraction.process.START", script)
    with pytest.raises(ExtractionFailed) as caught:
        extract(FILES / "handbook.pdf")
    assert caught.value.code == code


@pytest.mark.thorough
def test_pages_up_to_the_limit_are_read(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf([shown("Hello")], kids=limits.EXTRACTION_PAGES + 1))
    with pytest.raises(ExtractionFailed, match="more than 2,000 pages"):
        extract(file)
    file.write_bytes(pdf([shown("Hello")], kids=20))
    assert len(extract(file).page_starts) == 20


@pytest.mark.thorough
def test_large_text_is_read_apart_and_gives_the_same(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    text = "ef\ufb01cient tea\r\n" * (limits.EXTRACTION_HERE_BYTES // 16 + 1)
    file.write_bytes(text.encode())
    assert file.stat().st_size > limits.EXTRACTION_HERE_BYTES
    assert extract(file).text == text.replace("\ufb01", "fi").replace("\r", "")


def test_a_protected_member_is_encrypted(tmp_path: Path) -> None:
    file = tmp_path / "a.docx"
    data = bytearray(docx(document(paragraph("hi"))))
    data[data.index(b"PK\1\2") + 8] |= 1
    file.write_bytes(data)
    with pytest.raises(ExtractionFailed) as caught:
        extract(file, name="a.docx")
    assert caught.value.code == Code.ENCRYPTED
