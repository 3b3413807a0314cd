"""The house: imports run one way, rooms stay small, and nothing names what must not be named."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("spaces_project", "spaces", "memories", "chats")

# A room and what it may import of ours; the first match counts. Tests and commands see everything.
ROOMS: list[tuple[str, tuple[str, ...]]] = [
    ("spaces_project.kit", ("spaces_project.kit",)),
    ("spaces", ("spaces_project.kit", "spaces")),
    ("memories", ("spaces_project.kit", "spaces", "memories")),
    ("chats", ("spaces_project.kit", "spaces", "memories", "chats")),
    ("spaces_project", OURS),
]
DIALECTS = ("chatbotkit", "unique", "goodmem")
FUNCTION_LINES, MODULE_LINES = 40, 400


@cache
def tracked(*patterns: str) -> list[Path]:
    names = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in names.stdout.split("\n") if name and (ROOT / name).is_file()]


@cache
def modules() -> list[Path]:
    return [
        path for path in tracked("*.py") if path.relative_to(ROOT).parts[0] in OURS and "migrations" not in path.parts
    ]


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def package(path: Path) -> list[str]:
    """The package that the relative imports of ``path`` start from."""
    return list(path.relative_to(ROOT).parent.parts)


@cache
def statements(path: Path) -> list[ast.AST]:
    """Every import and function of a module, which is read once for all tests."""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds)]


def imports(path: Path) -> Iterator[str]:
    for node in statements(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            base = package(path)[: len(package(path)) - node.level + 1] if node.level else []
            stem = ".".join([*base, *(node.module.split(".") if node.module else [])])
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def test_imports_run_one_way() -> None:
    wrong = []
    for path in modules():
        allowed = next(allowed for room, allowed in ROOMS if within(dotted(path), room))
        for name in imports(path):
            if name.split(".")[0] in OURS and not any(within(name, room) for room in allowed):
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


def test_no_dialect_knows_another() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        for dialect in DIALECTS
        if within(dotted(path), f"spaces_project.api.{dialect}")
        for name in imports(path)
        for sibling in set(DIALECTS) - {dialect}
        if within(name, f"spaces_project.api.{sibling}")
    ]
    assert wrong == []


def test_models_know_no_http() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        if "models" in path.parts
        for name in imports(path)
        if within(name, "django.http") or within(name, "rest_framework") or within(name, "django.shortcuts")
    ]
    assert wrong == []


# What could open a connection, and who may: the door, and those who wait for a server of ours to start.
NETWORK = [
    "socket",
    "ssl",
    "http.client",
    "urllib.request",
    "urllib3",
    "requests",
    "httpx",
    "httpcore",
    "h11",
    "aiohttp",
    "openai",
]
NETWORK_ROOMS = (
    *("spaces_project.kit.egress", "spaces_project.embedded_postgres"),
    "spaces_project.management.commands.up",
)


def test_there_is_one_door_to_the_network() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        if not any(within(dotted(path), room) for room in NETWORK_ROOMS)
        for name in imports(path)
        if any(within(name, library) for library in NETWORK)
    ]
    assert wrong == []


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in statements(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1


def test_rooms_stay_small() -> None:
    checked = [path for path in tracked("*.py") if "migrations" not in path.parts]
    long_modules = [str(path.relative_to(ROOT)) for path in checked if path.read_text().count("\n") > MODULE_LINES]
    long_functions = [
        f"{path.relative_to(ROOT)}:{name}"
        for path in checked
        if path.relative_to(ROOT).parts[0] in OURS
        for name, lines in functions(path)
        if lines > FUNCTION_LINES
    ]
    assert (long_modules, long_functions) == ([], [])


TOP = {
    *("manage.py", "pyproject.toml", "spaces_project", "spaces", "chats", "memories", "templates", "static", "tests"),
    *("README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "requirements.lock"),
    *("requirements-dev.lock", ".ci", "docs", "benchmarks", "deploy", ".gitignore", ".gitattributes"),
}


def test_the_top_level_is_as_designed() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= TOP


HOSTS = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npm|npmjs\.(org|com)|deb\.debian\.org|-{2}index-url", re.I)


def test_no_file_names_a_package_registry() -> None:
    others = [path for path in tracked() if path != Path(__file__)]
    named = [str(path.relative_to(ROOT)) for path in others if HOSTS.search(path.read_text(errors="replace"))]
    assert named == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_are_hashed(lock: str) -> None:
    pins = [line for line in (ROOT / lock).read_text().split("\n") if re.match(r"^[a-z0-9]", line)]
    assert pins
    assert all("==" in line and line.endswith("\\") for line in pins)
