"""The tree of folders: where they lie, who may read them, and what goes when they move or go."""

from __future__ import annotations

from typing import Any

import pytest

from memories import bulk, ingestion
from memories.models import Folder, FolderAccess, FolderLevel, Memory, find_path
from memories.permissions import (
    changeable_memories,
    get_folder,
    get_memory,
    visible_folders,
    visible_memories,
    writable_folders,
)
from spaces.actors import Actor
from spaces.errors import AlreadyExists, Conflict, NotFound
from spaces.models import AuditEntry
from spaces.models.api_keys import Scope
from spaces.models.users import Role
from spaces.permissions import Level, can
from spaces_project.kit import limits
from tests.factories import admin_of, make_account, make_contact, make_group, make_space, make_user

pytestmark = pytest.mark.django_db


class Tree:
    """/HR/New/2026 and /Sales; alice administers, bob is a member, mallory is in another account."""

    def __init__(self) -> None:
        self.account = make_account()
        self.alice = Actor(account=self.account, user=admin_of(self.account))
        self.bob = Actor(account=self.account, user=make_user(self.account))
        other = make_account()
        self.mallory = Actor(account=other, user=admin_of(other))
        self.hr = self.folder("HR")
        self.new = self.folder("New", self.hr)
        self.year = self.folder("2026", self.new)
        self.sales = self.folder("Sales")

    def folder(self, name: str, parent: Folder | None = None, **fields: Any) -> Folder:
        return Folder.create(self.alice, self.account, parent, name, **fields)

    def file(self, folder: Folder, name: str = "a.txt") -> Memory:
        space = self.account.default_space
        return ingestion.add(self.alice, space, b"text", folder=folder, name=name, key=name)

    def path(self, folder: Folder) -> str:
        folder.refresh_from_db()
        return "/" + "/".join(each.name for each in folder.ancestry())


@pytest.fixture
def tree() -> Tree:
    return Tree()


def grant(tree: Tree, folder: Folder, level: str, who: Any = None) -> None:
    FolderAccess.grant(folder, who or tree.bob.user, level, tree.alice)


def test_a_path_leads_to_its_folder(tree: Tree) -> None:
    assert find_path(tree.account.pk, "/HR/New/2026") == tree.year
    assert find_path(tree.account.pk, "/HR//New/") == tree.new
    assert find_path(tree.account.pk, "/New") is None
    assert find_path(tree.mallory.account.pk, "/HR") is None


@pytest.mark.parametrize("name", ["", " ", "..", ".", "a/b", "a\x00b", "a\nb", " a", "fdp\u202eexe", "x" * 256])
def test_a_name_that_is_no_name_is_refused(tree: Tree, name: str) -> None:
    with pytest.raises(Exception, match=r".") as caught:
        tree.folder(name)
    assert type(caught.value).__name__ == "ValidationError"
    assert Folder.objects.of(tree.account).count() == 4


def test_names_are_unique_among_neighbours_only(tree: Tree) -> None:
    tree.folder("New", tree.sales)
    for parent in (None, tree.sales):
        with pytest.raises(AlreadyExists):
            tree.folder("Sales" if parent is None else "New", parent)


def test_moving_takes_everything_below_along(tree: Tree) -> None:
    file = tree.file(tree.year)
    assert tree.new.move(tree.alice, tree.sales)
    assert [tree.path(each) for each in (tree.new, tree.year)] == ["/Sales/New", "/Sales/New/2026"]
    assert Memory.objects.of(tree.account).below(tree.sales).get() == file
    assert not Memory.objects.of(tree.account).below(tree.hr).exists()
    assert tree.new.move(tree.alice, None)
    assert tree.path(tree.year) == "/New/2026"


def test_a_folder_never_lies_in_itself(tree: Tree) -> None:
    for target in (tree.hr, tree.new, tree.year):
        with pytest.raises(Conflict):
            tree.hr.move(tree.alice, target)
    assert tree.path(tree.year) == "/HR/New/2026"


def test_folders_lie_only_so_deep(tree: Tree) -> None:
    deep = tree.year
    for number in range(limits.FOLDER_DEPTH - 3):
        deep = tree.folder(str(number), deep)
    with pytest.raises(Conflict):
        tree.folder("more", deep)
    with pytest.raises(Conflict):
        tree.hr.move(tree.alice, tree.sales)


def test_a_grant_reaches_what_is_below(tree: Tree) -> None:
    grant(tree, tree.new, FolderLevel.READ)
    assert set(visible_folders(tree.bob)) == {tree.new, tree.year}
    assert not writable_folders(tree.bob).exists()
    with pytest.raises(NotFound):
        get_folder(tree.bob, tree.hr.pk)
    team = make_group(tree.account, tree.bob.user)
    grant(tree, tree.sales, FolderLevel.WRITE, team)
    assert set(writable_folders(tree.bob)) == {tree.sales}
    assert can(tree.bob, "folder.write", tree.sales)
    assert not can(tree.bob, "folder.manage", tree.sales)


def test_an_analyst_reads_all_and_changes_nothing_whatever_was_granted(tree: Tree) -> None:
    dana = Actor(account=tree.account, user=make_user(tree.account, role=Role.ANALYST))
    grant(tree, tree.hr, FolderLevel.MANAGE, dana.user)
    file = tree.file(tree.year)
    assert tree.year.level_of(dana) == Level.READ
    assert visible_folders(dana).count() == 4
    assert not writable_folders(dana).exists()
    assert not can(dana, "memory.update", file)
    assert file not in changeable_memories(dana)


def test_adding_a_lesser_level_takes_nothing_away(tree: Tree) -> None:
    for level, holds in (("WRITE", "WRITE"), ("READ", "WRITE"), ("MANAGE", "MANAGE")):
        FolderAccess.add(tree.hr, tree.bob.user, level, tree.alice)
        assert FolderAccess.objects.of(tree.account).get().level == holds
    grant(tree, tree.hr, FolderLevel.READ)
    assert FolderAccess.objects.of(tree.account).get().level == "READ"


def test_a_run_over_many_tells_of_both_places(tree: Tree) -> None:
    file, space = tree.file(tree.hr), make_space(tree.account)
    plans = [bulk.move(tree.account.default_space), bulk.move(space), bulk.move_to_folder(tree.sales)]
    homes = {"space": str(file.space_id), "folder": str(tree.hr.pk)}
    assert [each.plan(file) for each in plans] == [
        {"folder": [homes["folder"], None]},
        {"space": [homes["space"], str(space.pk)], "folder": [homes["folder"], None]},
        {"folder": [homes["folder"], str(tree.sales.pk)]},
    ]


def test_access_follows_the_folder_that_moves(tree: Tree) -> None:
    grant(tree, tree.sales, FolderLevel.WRITE)
    file = tree.file(tree.year)
    assert file not in visible_memories(tree.bob)
    tree.new.move(tree.alice, tree.sales)
    assert file in changeable_memories(tree.bob)
    assert get_memory(tree.bob, file.pk) == file
    tree.year.refresh_from_db()
    tree.year.inherit_access(tree.alice, is_inherited=False)
    assert file not in visible_memories(tree.bob)
    with pytest.raises(NotFound):
        get_memory(tree.bob, file.pk)
    tree.year.inherit_access(tree.alice, is_inherited=True)
    assert file in visible_memories(tree.bob)


def test_whoever_makes_a_folder_manages_it(tree: Tree) -> None:
    mine = Folder.create(tree.bob, tree.account, None, "Bob's")
    assert mine.level_of(tree.bob) == Level.MANAGE
    below = Folder.create(tree.bob, tree.account, mine, "below")
    assert below.level_of(tree.bob) == Level.MANAGE
    assert FolderAccess.objects.of(tree.account).count() == 1


def test_keys_narrow_what_a_person_may(tree: Tree) -> None:
    read = Actor(account=tree.account, user=tree.alice.user, scopes=frozenset({Scope.READ}))
    assert tree.hr.level_of(read) == Level.READ
    assert not writable_folders(read).exists()
    only = Actor(account=tree.account, user=tree.alice.user, only_spaces=frozenset())
    assert tree.hr.level_of(only) == Level.NONE
    assert not visible_folders(only).exists()
    assert tree.hr.level_of(tree.mallory) == Level.NONE
    with pytest.raises(NotFound):
        get_folder(tree.mallory, tree.hr.pk)


def test_files_of_folders_are_not_in_the_default_space(tree: Tree) -> None:
    file = tree.file(tree.hr)
    space = tree.account.default_space
    assert not Memory.objects.of(tree.account).in_space(space).exists()
    assert file not in visible_memories(tree.bob)
    with pytest.raises(AlreadyExists):
        tree.file(tree.hr)
    assert tree.file(tree.sales).pk != file.pk


def test_removing_a_folder_takes_what_is_in_it(tree: Tree) -> None:
    file, kept = tree.file(tree.year), tree.file(tree.sales)
    tree.hr.remove(tree.alice)
    assert set(Folder.objects.of(tree.account)) == {tree.sales}
    assert list(Memory.objects.of(tree.account)) == [kept]
    gone = AuditEntry.objects.filter(account=tree.account, operation__in=["folder.delete", "memory.delete"])
    assert set(gone.values_list("object_id", flat=True)) == {tree.hr.pk, tree.new.pk, tree.year.pk, file.pk}


def test_a_file_leaves_its_folder_for_a_space_and_back(tree: Tree) -> None:
    file, space = tree.file(tree.hr), make_space(tree.account)
    file.change(tree.alice, space=space)
    file.refresh_from_db()
    assert (file.space, file.folder) == (space, None)
    file.change(tree.alice, folder=tree.sales)
    file.refresh_from_db()
    assert (file.space, file.folder) == (tree.account.default_space, tree.sales)


def test_a_file_of_a_folder_that_one_may_not_write_in_holds_its_contact_back(tree: Tree) -> None:
    contact = make_contact(tree.account, tree.bob.user)
    grant(tree, tree.hr, "WRITE")
    file = tree.file(tree.hr)
    Memory.objects.filter(pk=file.pk).update(contact=contact, created_by=tree.bob.user.pk)
    assert can(tree.bob, "contact.delete", contact)
    FolderAccess.objects.of(tree.account).get(user=tree.bob.user).revoke(tree.alice)
    assert not can(tree.bob, "contact.delete", contact)
