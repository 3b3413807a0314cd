"""An invented tree of folders, as a company files its handbook, with the documents that the demo's answers cite."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Any

from memories import ingestion
from memories.models import Folder, FolderAccess, FolderLevel, Memory
from spaces.actors import Actor
from spaces.models import User
from spaces.models.users import Role

from .documents import DEPARTMENTS, documents
from .people import TEAMS, Demo

HOMES = {
    "support": "/Customer Support/Playbooks",
    "sales": "/Sales/Handbook",
    "hr": "/Company/Policies",
    "it": "/IT/How-to",
    "legal": "/Legal/Guides",
}
OTHERS = (
    *("/Company/Brand/Logos", "/Company/Policies/Archive/2025", "/Customer Support/Templates/E-mail"),
    *("/Sales/Tenders/2026/Q1", "/Sales/Tenders/2026/Q2", "/IT/Inventory", "/Legal/Contracts/Suppliers"),
)


def add_folders(by: Actor, demo: Demo, count: int) -> None:
    """The tree, and about ``count`` files in it, dealt out team by team. What is there of another seed stays."""
    when = demo.times(1)[0]
    homes = {team: _folder(by, demo, path, when) for team, path in HOMES.items()}
    for path in OTHERS:
        _folder(by, demo, path, when)
    _open_to_members(by, demo)
    left = [(team, *document) for team in TEAMS for document in documents(team)]
    demo.random.shuffle(left)
    for team, name, text in left[:count]:
        _file(by, demo, homes[team], team, name, text)


def _folder(by: Actor, demo: Demo, path: str, when: datetime) -> Folder:
    found: Folder | None = None
    for name in path.strip("/").split("/"):
        there = Folder.objects.of(demo.account).filter(parent=found, name=name).first()
        found = there or Folder.create(by, demo.account, found, name, id=demo.new_id(when), created_at=when)
    assert found is not None
    return found


def _open_to_members(by: Actor, demo: Demo) -> None:
    """Colleagues who are no administrators read all but what is Legal's."""
    members = User.objects.filter(account=demo.account, pk__in=demo.owners, role=Role.MEMBER)
    for folder in Folder.objects.of(demo.account).roots().exclude(name="Legal"):
        for member in members:
            FolderAccess.grant(folder, member, FolderLevel.READ, by)


def _file(by: Actor, demo: Demo, folder: Folder, team: str, name: str, text: str) -> None:
    stem = PurePath(name).stem
    key = f"{stem}.md"
    if Memory.objects.of(demo.account).filter(folder=folder, key=key).exists():
        return
    when = demo.times(1)[0]
    file: dict[str, Any] = {"id": demo.new_id(when), "created_at": when, "name": stem, "key": key}
    meta = {"department": DEPARTMENTS[team], "source": name, "year": when.year}
    space = demo.account.default_space
    ingestion.add(by, space, text.encode(), folder=folder, mime_type="text/markdown", meta=meta, **file)
