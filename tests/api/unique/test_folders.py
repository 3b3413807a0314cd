"""Folder.get_info, get_infos, get_folder_path, create_paths, update, delete and move."""

from __future__ import annotations

from typing import Any

import pytest

from memories import ingestion
from memories.models import Folder, FolderAccess, Memory
from spaces.models import AuditEntry, User
from spaces_project.kit import limits
from spaces_project.kit.ids import Prefix, encode
from tests.api.unique.caller import Caller, caller, refused, told
from tests.api.world import World
from tests.factories import actor_of, make_space

pytestmark = pytest.mark.django_db
INFO = {"id", "object", "name", "parentId", "externalId", "ingestionConfig", "createdAt", "updatedAt"}


def make(who: Caller, *paths: str, **more: Any) -> list[str]:
    """The ids of the folders that were made."""
    return [each["id"] for each in told(who.post("folder", {"paths": paths, **more}), 201)["createdFolders"]]


def info(who: Caller, path: str) -> Any:
    return told(who.get(f"folder/info?folderPath={path}"))


def names(who: Caller, query: str = "") -> list[str]:
    return [each["name"] for each in told(who.get(f"folder/infos{query}"))["folderInfos"]]


def path(who: Caller, folder: str) -> str:
    return str(told(who.get(f"folder/{folder}/path"))["folderPath"])


def grant(folder: str, user: User, level: str, by: User) -> None:
    row = Folder.objects.get(pk=stored(folder).pk)
    FolderAccess.grant(row, user, level, actor_of(by))


def stored(folder: str) -> Folder:
    return next(row for row in Folder.objects.all() if row.wire_id == folder)


def add_file(world: World, folder: str, name: str = "a.txt") -> Memory:
    space = world.account.default_space
    return ingestion.add(actor_of(world.alice), space, b"text", folder=stored(folder), name=name, key=name)


# ------------------------------------------------------------------------ making


def test_paths_are_made_as_a_whole_and_once(world: World, alice: Caller, bob: Caller) -> None:
    made = told(alice.post("folder", {"paths": ["/HR/New/2026", "/HR/Old"]}), 201)["createdFolders"]
    hr, new, year, old = made
    assert [each["name"] for each in made] == ["HR", "New", "2026", "Old"]
    assert (hr["parentId"], new["parentId"], year["parentId"], old["parentId"]) == (
        None, hr["id"], new["id"], hr["id"]
    )  # fmt: skip
    assert {each["object"] for each in made} == {"folder"}
    assert made[-1]["id"] == info(alice, "/HR/Old/")["id"]
    assert path(alice, year["id"]) == "/HR/New/2026"
    assert make(alice, "/HR/New/2026") == [], "nothing was missing"
    assert AuditEntry.objects.filter(operation="folder.create").count() == 4
    assert names(bob) == []


def test_relative_paths_are_made_in_a_folder(world: World, alice: Caller, bob: Caller) -> None:
    (hr,) = make(alice, "/HR")
    body = {"parentScopeId": hr, "relativePaths": ["2026/Q1", "/2026/Q2"], "paths": None, "inheritAccess": False}
    made = told(alice.post("folder", body), 201)["createdFolders"]
    assert [path(alice, each["id"]) for each in made] == ["/HR/2026", "/HR/2026/Q1", "/HR/2026/Q2"]
    assert not stored(made[0]["id"]).inherits_access
    assert refused(bob.post("folder", body)) == (404, "NOT_FOUND")
    grant(hr, world.bob, "READ", world.alice)
    assert refused(bob.post("folder", {**body, "relativePaths": ["x"]})) == (403, "FORBIDDEN")
    assert refused(bob.post("folder", {"paths": ["/HR/x"]})) == (403, "FORBIDDEN")
    grant(hr, world.bob, "WRITE", world.alice)
    assert len(make(bob, "/HR/x")) == 1


def test_a_hidden_folder_is_in_the_way_without_telling_of_itself(world: World, alice: Caller, bob: Caller) -> None:
    make(alice, "/HR/Secret")
    assert refused(bob.post("folder", {"paths": ["/HR"]})) == (409, "CONFLICT")
    assert refused(bob.post("folder", {"paths": ["/HR/Mine"]})) == (404, "NOT_FOUND")
    assert refused(bob.post("folder", {"paths": ["/HR/Secret"]})) == (404, "NOT_FOUND"), "as if it were not there"
    assert refused(bob.post("folder", {"paths": ["/HR/Secret/Mine"]})) == (404, "NOT_FOUND")
    assert Folder.objects.count() == 2


def test_who_reads_a_folder_finds_out_nothing_of_hidden_ones_in_it(world: World, alice: Caller, bob: Caller) -> None:
    (hr,) = make(alice, "/HR")
    make(alice, "/HR/Secret/Plan", inheritAccess=False)
    ways = ("/HR/Secret", "/HR/Secret/Plan", "/HR/Secret/x", "/HR/Nothing", "/HR/Nothing/x")
    grant(hr, world.bob, "READ", world.alice)
    assert {refused(bob.post("folder", {"paths": [way]})) for way in ways} == {(403, "FORBIDDEN")}
    grant(hr, world.bob, "WRITE", world.alice)
    assert refused(bob.post("folder", {"paths": ["/HR/Secret"]})) == (409, "CONFLICT"), "he could not make it anyway"
    told_of = {refused(bob.post("folder", {"paths": [way]})) for way in ("/HR/Secret/Plan", "/HR/Secret/x")}
    assert told_of == {(404, "NOT_FOUND")}
    assert Folder.objects.count() == 3


def test_many_paths_are_looked_up_together(world: World, alice: Caller, django_assert_max_num_queries: Any) -> None:
    """One call asked 30,000 times, for a minute in which nobody else of the account could make or move a folder."""
    deep = ["/" + "/".join(f"{number}" for number in range(8)), "/0/1/other/3/4", "/0"]
    made = make(alice, *deep)
    assert [path(alice, each) for each in (made[7], made[-1])] == deep[:2]
    with django_assert_max_num_queries(40):
        assert make(alice, *deep * 40) == []
    assert len(make(alice, "/0/1/x/y", "/0/1/x/z", "/0/1/x")) == 3, "what is made first is found by those that follow"


BAD_PATHS = {
    "no slash at first": "HR",
    "the root": "/",
    "nothing": "",
    "an empty name": "/HR//New",
    "up": "/HR/../New",
    "here": "/HR/./New",
    "blanks": "/HR/ /New",
    "blanks around": "/HR/ New",
    "null": "/HR/a\0b",
    "a line": "/HR/a\nb",
    "too long": f"/HR/{'x' * 300}",
    "turned around": "/HR/invoice\u202efdp.exe",
    "too deep": "/a" * 10_000,
    "no text": 7,
    "surrogate": "/HR/\ud800",
}


def test_a_bad_path_is_refused_and_nothing_is_made(world: World, alice: Caller) -> None:
    for what, text in BAD_PATHS.items():
        assert refused(alice.post("folder", {"paths": ["/HR", text]})) == (400, "BAD_REQUEST"), what
        assert not Folder.objects.exists(), what


def test_a_call_makes_so_many_folders_and_no_more(world: World, alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FOLDERS_AT_ONCE", 3)
    assert refused(alice.post("folder", {"paths": ["/a/b/c", "/d"]})) == (400, "BAD_REQUEST")
    assert not Folder.objects.exists()
    assert len(make(alice, "/a/b/c")) == 3
    assert len(make(alice, "/a/b/c", "/d")) == 1, "what is there counts not"


def test_one_way_to_say_where_is_needed(world: World, alice: Caller) -> None:
    both = {"paths": ["/a"], "parentScopeId": "b"}
    bodies: list[Any] = [{}, {"paths": []}, {"relativePaths": ["x"]}, {"parentScopeId": "scope_x"}, both]
    for body in bodies:
        assert refused(alice.post("folder", body)) == (400, "BAD_REQUEST"), body


# ----------------------------------------------------------------------- reading


def test_a_folder_is_found_by_id_and_by_path(world: World, alice: Caller, bob: Caller, mallory: Caller) -> None:
    hr, new = make(alice, "/HR/New")
    got = told(alice.get(f"folder/info?scopeId={new}"))
    assert set(got) == INFO
    assert (got["id"], got["name"], got["parentId"], got["object"]) == (new, "New", hr, "folder-info")
    assert (got["ingestionConfig"], got["externalId"]) == (None, None)
    assert got["createdAt"].endswith("Z")
    assert info(alice, "/HR/New") == got
    for who in (bob, mallory):
        for query in (f"scopeId={new}", "folderPath=/HR/New"):
            assert refused(who.get(f"folder/info?{query}")) == (404, "NOT_FOUND")
        assert refused(who.get(f"folder/{new}/path")) == (404, "NOT_FOUND")
        assert refused(who.get(f"folder/infos?parentId={hr}")) == (404, "NOT_FOUND")
    for query, status in (("", 400), ("?folderPath=HR", 400), ("?folderPath=/", 404), ("?scopeId=x%00", 400)):
        assert refused(alice.get(f"folder/info{query}"))[0] == status


def test_folders_are_listed_by_name_a_window_at_a_time(world: World, alice: Caller) -> None:
    (hr,) = make(alice, "/HR")
    make(alice, "/sales", *(f"/HR/{name}" for name in ("b", "C", "a", "d")))
    assert names(alice) == ["HR", "sales"]
    page = told(alice.get(f"folder/infos?parentId={hr}&skip=1&take=2"))
    assert ([each["name"] for each in page["folderInfos"]], page["totalCount"]) == (["b", "C"], 4)
    for query in ("take=0", "take=101", "skip=-1", "take=x"):
        assert refused(alice.get(f"folder/infos?{query}")) == (400, "BAD_REQUEST")


def test_a_member_sees_what_he_may_read_where_he_can_find_it(world: World, alice: Caller, bob: Caller) -> None:
    hr, new, _ = make(alice, "/HR/New/2026")
    make(alice, "/Sales")
    grant(new, world.bob, "READ", world.alice)
    assert names(bob) == ["New"], "beside the root's: nobody may read what is above it"
    assert names(bob, f"?parentId={new}") == ["2026"]
    assert path(bob, new) == "/HR/New"
    assert info(bob, "/HR/New")["parentId"] == hr
    assert refused(bob.get(f"folder/{hr}/path")) == (404, "NOT_FOUND")
    limited = caller(world.alice, spaces=[make_space(world.account, world.alice)])
    assert refused(limited.get("folder/infos")) == (403, "FORBIDDEN")
    assert refused(limited.get(f"folder/{new}/path")) == (404, "NOT_FOUND")


# ---------------------------------------------------------------------- changing


def test_a_folder_is_renamed_and_moved_in_one_call(world: World, alice: Caller, bob: Caller) -> None:
    hr, new, year = make(alice, "/HR/New/2026")
    (sales,) = make(alice, "/Sales")
    assert told(alice.patch(f"folder/{new}", {"scopeId": new, "name": "Fresh"}))["name"] == "Fresh"
    assert path(alice, year) == "/HR/Fresh/2026"
    changed = told(alice.patch(f"folder/{new}", {"name": "New", "parentId": sales}))
    assert (changed["name"], changed["parentId"]) == ("New", sales)
    assert path(alice, year) == "/Sales/New/2026"
    assert told(alice.patch(f"folder/{new}", {"parentId": None}))["parentId"] is None
    assert path(alice, year) == "/New/2026"
    before = AuditEntry.objects.count()
    assert told(alice.patch(f"folder/{new}", {"name": None}))["name"] == "New"
    assert AuditEntry.objects.count() == before, "nothing changed"
    grant(new, world.bob, "WRITE", world.alice)
    assert refused(bob.patch(f"folder/{new}", {"name": "x"})) == (403, "FORBIDDEN")
    assert refused(bob.patch(f"folder/{hr}", {"name": "x"})) == (404, "NOT_FOUND")


def test_a_folder_goes_nowhere_it_cannot_be(world: World, alice: Caller, bob: Caller) -> None:
    hr, new, year = make(alice, "/HR/New/2026")
    (sales,) = make(alice, "/Sales")
    make(alice, "/Sales/New")
    for place in (new, year):
        assert refused(alice.patch(f"folder/{new}", {"parentId": place})) == (409, "CONFLICT")
        assert refused(alice.post(f"folder/{new}/move", {"newParentId": place})) == (409, "CONFLICT")
    assert refused(alice.patch(f"folder/{new}", {"parentId": sales})) == (409, "CONFLICT"), "the name is taken"
    assert refused(alice.patch(f"folder/{new}", {"parentId": "scope_x"})) == (404, "NOT_FOUND")
    for bad in ({"name": ""}, {"name": ".."}, {"name": "a/b"}, {"parentId": 7}, {"parentId": ""}):
        assert refused(alice.patch(f"folder/{new}", bad))[0] in (400, 404)
    (mine,) = make(bob, "/Mine")
    assert refused(bob.patch(f"folder/{mine}", {"parentId": hr})) == (404, "NOT_FOUND")
    grant(hr, world.bob, "READ", world.alice)
    assert refused(bob.patch(f"folder/{mine}", {"parentId": hr})) == (403, "FORBIDDEN")
    assert [path(alice, each) for each in (hr, new, year)] == ["/HR", "/HR/New", "/HR/New/2026"]


def test_a_move_tells_of_the_files_it_took_along(world: World, alice: Caller) -> None:
    _, new, year = make(alice, "/HR/New/2026")
    (sales,) = make(alice, "/Sales")
    for folder in (new, year):
        add_file(world, folder)
    moved = told(alice.post(f"folder/{new}/move", {"newParentId": sales}))
    assert moved == {
        "object": "folder-move", "scopeId": new, "asyncMetadataRebuild": False, "jobId": None, "affectedFiles": 2,
        "message": "Moved to /Sales/New.",
    }  # fmt: skip
    assert refused(alice.post(f"folder/{new}/move", {})) == (400, "BAD_REQUEST")
    assert told(alice.post(f"folder/{new}/move", {"newParentId": None}))["message"] == "Moved to /New."
    assert path(alice, year) == "/New/2026"


def test_a_move_counts_no_files_that_one_may_not_read(world: World, alice: Caller, bob: Caller) -> None:
    (hr,) = make(alice, "/HR")
    (hidden,) = make(alice, "/HR/Hidden", inheritAccess=False)
    grant(hr, world.bob, "MANAGE", world.alice)
    for folder in (hr, hidden):
        add_file(world, folder)
    assert told(bob.post(f"folder/{hr}/move", {"newParentId": None}))["affectedFiles"] == 1
    assert told(alice.post(f"folder/{hr}/move", {"newParentId": None}))["affectedFiles"] == 2


def test_who_moves_a_folder_goes_on_managing_it(world: World, alice: Caller, bob: Caller) -> None:
    hr, new = make(alice, "/HR/New")
    grant(hr, world.bob, "MANAGE", world.alice)
    assert told(bob.patch(f"folder/{new}", {"parentId": None}))["parentId"] is None
    assert told(bob.patch(f"folder/{new}", {"name": "Bob's"}))["name"] == "Bob's"


# ---------------------------------------------------------------------- deleting


def test_only_an_empty_folder_goes_without_recursive(world: World, alice: Caller) -> None:
    hr, new = make(alice, "/HR/New")
    add_file(world, new)
    for folder, where in ((hr, "/HR"), (new, "/HR/New")):
        answer = told(alice.delete(f"folder/{folder}"))
        (failed,) = answer["failedFolders"]
        assert (answer["successFolders"], failed["id"], failed["path"]) == ([], folder, where)
        assert failed["failReason"] == "The folder is not empty."
    Memory.objects.all().delete()
    gone = told(alice.delete(f"folder/{new}?recursive=False"))
    assert gone == {"successFolders": [{"id": new, "name": "New", "path": "/HR/New"}], "failedFolders": []}
    assert refused(alice.delete(f"folder/{new}")) == (404, "NOT_FOUND")


def test_recursive_takes_everything_with_an_entry_each(world: World, alice: Caller, bob: Caller) -> None:
    hr, _, year = make(alice, "/HR/New/2026")
    (sales,) = make(alice, "/Sales")
    file, other = add_file(world, year), add_file(world, sales)
    grant(hr, world.bob, "WRITE", world.alice)
    assert refused(bob.delete(f"folder/{hr}?recursive=True")) == (403, "FORBIDDEN")
    answer = told(alice.delete(f"folder/{hr}?recursive=True"))
    assert [each["path"] for each in answer["successFolders"]] == ["/HR", "/HR/New", "/HR/New/2026"]
    assert answer["failedFolders"] == []
    assert [row.pk for row in Memory.objects.all()] == [other.pk]
    assert [row.name for row in Folder.objects.all()] == ["Sales"]
    assert AuditEntry.objects.filter(operation="folder.delete").count() == 3
    assert AuditEntry.objects.get(operation="memory.delete").object_id == file.pk


def test_what_one_may_not_delete_stays_with_all_above_it(world: World, alice: Caller, bob: Caller) -> None:
    """Bob manages /HR, but neither /HR/A/Kept, which he may read, nor /HR/A/Hidden, which he may not."""
    hr, a, b = make(alice, "/HR/A", "/HR/B")
    kept, hidden = make(alice, "/HR/A/Kept", "/HR/A/Hidden", inheritAccess=False)
    below = make(alice, "/HR/A/Also")[0]
    grant(hr, world.bob, "MANAGE", world.alice)
    grant(kept, world.bob, "READ", world.alice)
    files = {folder: add_file(world, folder).pk for folder in (hr, a, b, kept, hidden, below)}
    answer = told(bob.delete(f"folder/{hr}?recursive=true"))
    assert {each["path"] for each in answer["successFolders"]} == {"/HR/B", "/HR/A/Also"}
    assert {each["path"]: each["failReason"] for each in answer["failedFolders"]} == {
        "/HR": "It holds folders that you may not delete.",
        "/HR/A": "It holds folders that you may not delete.",
        "/HR/A/Kept": "You may not delete this folder.",
    }
    assert encode(Prefix.SCOPE, stored(hidden).pk) not in str(answer)
    assert {row.pk for row in Memory.objects.all()} == {files[folder] for folder in (hr, a, kept, hidden)}
