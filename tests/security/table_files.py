"""The table's lines for the pages of folders and files: alice manages ``folder``, in which ``file`` lies, and
``other_folder``."""

from __future__ import annotations

from typing import Any

from .route import EXPORT, Route, page
from .stage import Stage

FOLDER, FILE = {"pk": "folder"}, {"pk": "file"}
CHOSEN, ONE = {"ids": "file"}, {"expected": "1"}
VERSION = {**FILE, "version_pk": "version"}
CHANGED = ("folder",)


def _file(stage: Stage) -> dict[str, Any]:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return {"files": SimpleUploadedFile("note.txt", b"Something new", "text/plain")}


FOLDER_PAGES: tuple[Route, ...] = (
    page("file_list", outsider=200),
    page("file_list", query={"folder": "folder.unique"}, outsider=302),
    page("file_list", query={"id": "file", "q": "file"}, outsider=200),
    page("folder_create", outsider=200),
    page("folder_create", "POST", data={"name": "New"}, outsider=302, writes=CHANGED),
    *(
        page(f"folder_{name}", path=FOLDER)
        for name in ("detail", "tree", "create_in", "access", "settings", "delete_confirm", "history", "api")
    ),
    page("folder_create_in", "POST", FOLDER, data={"name": "New"}, writes=CHANGED),
    page("folder_upload", "POST", FOLDER, data=_file, writes=("memory",)),
    page("folder_grant", "POST", FOLDER, body={"holder": "group.group"}, data={"level": "READ"}, writes=CHANGED),
    page("folder_grant", "POST", FOLDER, body={"holder": "bob.user"}, data={"level": "READ"}, writes=CHANGED),
    page("folder_revoke", "POST", {**FOLDER, "grant_pk": "folder_grant"}, writes=CHANGED),
    page("folder_inherit", "POST", FOLDER),
    page("folder_separate", "POST", FOLDER, writes=CHANGED),
    page("folder_rename", "POST", FOLDER, data={"name": "changed"}, writes=CHANGED),
    page("folder_move", "POST", FOLDER, body={"to": "other_folder"}, writes=CHANGED),
    page("folder_delete", "POST", FOLDER, writes=("folder", "memory")),
)
FILE_PAGES: tuple[Route, ...] = (
    page("file_bulk_export", "POST", body=CHOSEN, outsider=302),
    *(
        page("file_bulk_confirm", "POST", {"name": f"={name}"}, body=CHOSEN, outsider=200)
        for name in ("retry", "again", "move", "delete")
    ),
    *(
        page("file_bulk_run", "POST", {"name": f"={name}"}, body=CHOSEN, data=ONE, outsider=409, writes=("memory",))
        for name in ("again", "delete")
    ),
    page(
        "file_bulk_run",
        "POST",
        {"name": "=move"},
        body={**CHOSEN, "folder": "other_folder"},
        data=ONE,
        outsider=422,
        writes=("memory",),
    ),
    page("file_bulk_result", outsider=302),
    Route("file_export", EXPORT, path={"format": "=jsonl"}, query={"id": "file"}, outsider=200),
    Route("file_export", EXPORT, path={"format": "=csv"}, query={"folder": "folder.unique"}, outsider=200),
    page("memory_versions", path=FILE),
    page("memory_version", path=VERSION),
    page("memory_version_restore_confirm", path=VERSION),
    page("memory_version_restore", "POST", VERSION, writes=("memory",)),
    page("memory_replace", "POST", FILE, data=_file, writes=("memory",)),
    page("memory_preview", path=FILE, answers=(404,)),
    page("memory_move_to_folder", "POST", FILE, body={"folder": "other_folder"}, writes=("memory",)),
)
RULE = {"check": "rules-0", "rules-0-is_advanced": "on", "rules-0-rule": '{"path": ["key"], "operator": "isNotNull"}'}
RULES: tuple[Route, ...] = (page("space_rule_count", "POST", {"pk": "space"}, data={**RULE, "internal_search": "on"}),)
FILES = (*FOLDER_PAGES, *FILE_PAGES, *RULES)
