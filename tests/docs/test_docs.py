"""What the documentation says is so: settings, limits, commands, and examples that run."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

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
    scripts = [script for kind, script in EXAMPLE.findall(README) if not kind]
    assert len(scripts) == 3
    told = [
        subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=env, capture_output=True, text=True, check=True)
        for env in [environment(live)]
        for script in scripts
    ]
    created, listed, exported = (done.stdout for done in told)
    space_id = re.fullmatch(r'\{"id":\s*"(space_[0-9a-z]{25})"\}', created.strip())
    assert space_id, created
    assert space_id[1] in listed
    assert "department: support" in exported
    assert exported.count(space_id[1]) == 2


def test_the_javascript_example_of_the_readme_runs(live: str, node_sdk: Path) -> None:
    (script,) = (script for kind, script in EXAMPLE.findall(README) if kind == "node")
    (node_sdk / "readme.mjs").write_text(script)
    done = subprocess.run(
        ["node", "readme.mjs"], cwd=node_sdk, env=environment(live), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"space_[0-9a-z]{25} Returns desk premium\n", done.stdout)
