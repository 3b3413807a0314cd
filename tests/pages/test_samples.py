"""The samples that the pages show do what they say, against a real server."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from chats.models import Chat
from memories.models import Folder, Memory
from spaces.models import Space
from tests.factories import admin_of, make_account, make_key, make_space


def shown(live: str, path: str, user: Any) -> list[str]:
    """The code blocks of a page, as a person who reaches the server at ``live`` sees them."""
    client = Client(HTTP_HOST=live.removeprefix("http://"))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(path).content.decode()
    return [html.unescape(code) for code in re.findall(r'<pre tabindex="0">(.*?)</pre>', page, re.S)]


def run(command: list[str], key: str) -> Any:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=os.environ | {"SPACES_KEY": key})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_samples_of_a_space_return_it(live: str) -> None:
    account = make_account("acme")
    space = make_space(account, name="Customer Support")
    _, key = make_key(admin_of(account))
    curl, python, javascript = shown(live, f"/spaces/{space.pk}/api/", admin_of(account))
    assert json.loads(run(["bash", "-c", curl.replace("curl", "curl -sS", 1)], key))["name"] == "Customer Support"
    assert "Customer Support" in run([sys.executable, "-c", python], key)
    if node := shutil.which("node"):
        assert "Customer Support" in run([node, "--input-type=module", "-e", javascript], key)


@pytest.mark.thorough
def test_the_curl_line_of_the_empty_list_makes_a_space(live: str) -> None:
    account = make_account("acme")
    _, key = make_key(admin_of(account))
    (curl,) = shown(live, "/spaces/", admin_of(account))
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    run(["bash", "-c", curl.replace("curl", "curl -sS", 1)], key)
    assert Space.objects.of(account).listed().get().name == "Customer Support"


@pytest.mark.thorough
def test_the_curl_lines_of_empty_lists_make_chats(live: str) -> None:
    account = make_account("acme")
    space = make_space(account)
    _, key = make_key(admin_of(account))
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    for path, home in (("/chats/", account.default_space), (f"/spaces/{space.pk}/chats/", space)):
        (curl,) = shown(live, path, admin_of(account))
        run(["bash", "-c", curl.replace("curl", "curl -sS", 1)], key)
        chat = Chat.objects.get(space=home)
        assert [message.text for message in chat.messages.all()] == ["Where is my order?"]
        chat.delete()


@pytest.mark.thorough
def test_the_samples_of_a_folder_list_it_and_fill_it(live: str, tmp_path: Path) -> None:
    account = make_account("acme")
    admin = admin_of(account)
    _, key = make_key(admin)
    (curl,) = shown(live, "/files/", admin)
    run(["bash", "-c", curl.replace("curl", "curl -sS", 1)], key)
    contracts = Folder.objects.of(account).get(name="Contracts")
    listed, python, javascript, upload, _ = shown(live, f"/files/{contracts.pk}/api/", admin)
    assert "2026" in run(["bash", "-c", listed.replace("curl", "curl -sS", 1)], key)
    (tmp_path / "manual.pdf").write_bytes(b"%PDF-1.4")
    tool = Path(sys.executable).with_name("unique-cli")
    run(["bash", "-c", f"cd {tmp_path}; {upload.replace('unique-cli', str(tool))}"], key)
    assert Memory.objects.of(account).get(folder=contracts).key == "manual.pdf"
    said = run([sys.executable, "-c", python], key)
    assert "manual.pdf" in said
    assert "2026" in said
    if node := shutil.which("node"):
        assert "2026" in run([node, "--input-type=module", "-e", javascript], key)
