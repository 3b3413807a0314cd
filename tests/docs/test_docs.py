"""What the documentation says is so: settings, limits, commands, and examples that run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chats.models import Rating
from spaces_project.kit import limits
from tests.factories import admin_of, make_account, make_key

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text()
EXAMPLE = re.compile(r"<!-- run(?:: (\w+))? -->\n```\w+\n(.*?)```", re.S)


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def test_the_page_of_limits_is_the_module() -> None:
    said = dict(re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", page("limits.md"), re.M))
    real = {name: f"{value:,}" for name, value in vars(limits).items() if name.isupper()}
    assert said == real


def test_every_setting_is_documented_and_nothing_else() -> None:
    sources = [*(ROOT / "spaces_project").rglob("*.py"), ROOT / "manage.py"]
    code = "\n".join(path.read_text() for path in sources)
    real = set(re.findall(r"[\"'](SPACES_[A-Z_]+|DATABASE_URL|HOST|PORT)[\"']", code))
    said = set(re.findall(r"`(SPACES_[A-Z_]+|DATABASE_URL|HOST|PORT)`", page("settings.md")))
    assert said == real


def test_every_command_is_documented_and_nothing_else() -> None:
    commands = ROOT / "spaces_project" / "management" / "commands"
    real = {path.stem for path in commands.glob("*.py") if path.stem != "__init__"}
    said = set(re.findall(r"^\| `([a-z_]+)", page("commands.md").split("## manage.py")[1], re.M))
    assert said == real
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"^\| `make ([a-z-]+)`", page("commands.md"), re.M)) == targets


PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


@pytest.mark.parametrize("path", sorted(PAGES), ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text())
    assert [target for target in targets if not (path.parent / target).exists()] == []


def environment(url: str) -> dict[str, str]:
    _, token = make_key(admin_of(make_account("acme")))
    return os.environ | {"SPACES_URL": url, "SPACES_KEY": token}


def test_the_curl_examples_of_the_readme_run(live: str) -> None:
    assert len(scripts("")) == 3
    told = [
        subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=env, capture_output=True, text=True, check=True)
        for env in [environment(live)]
        for script in scripts("")
    ]
    created, listed, exported = (done.stdout for done in told)
    space_id = re.fullmatch(r'\{"id":\s*"(space_[0-9a-z]{25})"\}', created.strip())
    assert space_id, created
    assert space_id[1] in listed
    assert "department: support" in exported
    assert exported.count(space_id[1]) == 2


def scripts(kind: str) -> list[str]:
    return [script for name, script in EXAMPLE.findall(README) if name == kind]


def run_node(folder: Path, script: str, env: dict[str, str]) -> str:
    (folder / "readme.mjs").write_text(script)
    done = subprocess.run(["node", "readme.mjs"], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.thorough
def test_the_javascript_examples_of_the_readme_run(live: str, live_worker: object, node_sdk: Path) -> None:
    about_spaces, about_chats = scripts("node")
    env = environment(live)
    assert re.fullmatch(r"space_[0-9a-z]{25} Returns desk premium\n", run_node(node_sdk, about_spaces, env))
    assert "not a language model" in run_node(node_sdk, about_chats, env)
    assert Rating.objects.get().reason == "Quick"


@pytest.mark.thorough
def test_the_command_line_example_of_the_readme_runs(live: str, tmp_path: Path) -> None:
    (script,) = scripts("cli")
    admin = admin_of(make_account("default"))
    script = script.replace("UNIQUE_USER_ID=admin", f"UNIQUE_USER_ID={admin.username}")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = os.environ | {"SPACES_URL": live, "SPACES_KEY": make_key(admin)[1], "PATH": path}
    command = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"FILE +policy\.txt +cont_\w+ +42 B", done.stdout), done.stdout
    assert (tmp_path / "copy.txt").read_text() == (tmp_path / "policy.txt").read_text()


@pytest.mark.thorough
def test_the_python_example_of_the_readme_runs(live: str, live_worker: object, tmp_path: Path) -> None:
    (script,) = scripts("python")
    account = make_account("default")
    key = make_key(admin_of(account))[1]
    script = script.replace('"admin"', f'"{admin_of(account).username}"')
    (tmp_path / "readme.py").write_text(script)
    env = os.environ | {"SPACES_URL": live, "SPACES_KEY": key}
    command = [sys.executable, str(tmp_path / "readme.py")]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "not a language model" in done.stdout
    assert done.stdout.endswith("2 messages\n")
