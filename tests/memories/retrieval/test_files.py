"""Files of folders in searches: found by who may read their folder, and only when folders are asked for."""

from __future__ import annotations

import pytest

from memories.models import Folder, FolderAccess, FolderLevel, Memory
from memories.retrieval import Place, Query, search
from memories.retrieval.explaining import why_not
from spaces.actors import Actor
from tests.factories import make_user

from .world import World

pytestmark = pytest.mark.django_db
QUESTION = "What does the travel policy say about trains?"
RULE = {"path": ["folderIdPath"], "operator": "contains"}


class Files(World):
    """The world with a folder /HR/Travel that holds a file; bob is a member."""

    def __init__(self) -> None:
        super().__init__()
        self.hr = Folder.create(self.by, self.account, None, "HR")
        self.travel = Folder.create(self.by, self.account, self.hr, "Travel")
        self.file: Memory = self.remember(
            "The travel policy says that trains come before planes.",
            self.account.default_space, folder=self.travel, name="policy", key="policy.txt",
        )  # fmt: skip
        self.bob = Actor(account=self.account, user=make_user(self.account))

    def found(self, actor: Actor, *places: Place, **options: object) -> list[str]:
        options = {"folders": True, **options}
        return list(dict.fromkeys(each.name for each in search(actor, places, Query(QUESTION, **options))))  # type: ignore[arg-type]


@pytest.fixture
def files() -> Files:
    return Files()


def test_only_who_may_read_the_folder_finds_the_file(files: Files) -> None:
    assert files.found(files.by) == ["policy"]
    assert files.found(files.bob) == []
    FolderAccess.grant(files.hr, files.bob.user, FolderLevel.READ, files.by)
    assert files.found(files.bob) == ["policy"]
    assert files.found(Actor(account=files.account, user=files.bob.user, only_spaces=frozenset())) == []


def test_a_space_does_not_hold_the_files(files: Files) -> None:
    unfiled, home = Place(files.account.default_space), Place(files.home)
    assert files.found(files.by, unfiled, folders=False) == []
    assert "policy" not in files.found(files.by, home, folders=False)
    assert files.found(files.by, home, folders=True)[0] == "policy"
    assert files.found(files.by, unfiled, folders=True) == ["policy"]


@pytest.mark.thorough
def test_folders_asked_for_and_rules_narrow(files: Files) -> None:
    assert files.found(files.by, folder_ids=[files.travel.pk]) == ["policy"]
    assert files.found(files.by, folder_ids=[files.hr.pk]) == []
    inside = {**RULE, "value": f"uniquepathid://{files.hr.wire_id}"}
    assert files.found(files.by, rules=[inside]) == ["policy"]
    files.travel.move(files.by, None)
    assert files.found(files.by, rules=[inside]) == []
    assert files.found(files.by, rules=[{**RULE, "value": files.travel.wire_id}]) == ["policy"]


@pytest.mark.thorough
def test_why_a_file_is_not_found(files: Files) -> None:
    home = [Place(files.home)]
    assert why_not(files.by, home, Query(QUESTION), files.file.pk).code == "other_container"
    query = Query(QUESTION, folders=True, folder_ids=[files.hr.pk])
    reason = why_not(files.by, home, query, files.file.pk)
    assert (reason.code, reason.details) == ("filtered", {"clause": "the folders asked for"})
    assert why_not(files.bob, home, Query(QUESTION, folders=True), files.file.pk).code == "unknown"
