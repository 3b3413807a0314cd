"""Import and export at /admin/: preview, confirmation, one audit entry per row, and nothing half done."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from spaces.models import Contact, Space
from spaces_project.admin.files import ImportedFiles
from spaces_project.kit import limits
from tests.factories import make_space

pytestmark = pytest.mark.usefixtures("contexts")
CSV, XLSX = "0", "1"
IMPORT = "/admin/spaces/space/import/"


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(ImportedFiles, "folder", tmp_path / "imports")
    return tmp_path / "imports"


def preview(operations: Any, data: bytes, format: str = CSV, account: str = "acme", model: str = "space") -> Any:
    file = SimpleUploadedFile("rows.csv", data)
    form = {"account": account, "import_file": file, "format": format, "resource": "0"}
    return operations.client.post(f"/admin/spaces/{model}/import/", form)


def confirm(operations: Any, page: Any, **changes: str) -> Any:
    fields = page.context["confirm_form"].initial | changes
    return operations.client.post("/admin/spaces/space/process_import/", fields, follow=True)


def test_a_file_is_previewed_and_then_imported(operations: Any, folder: Path) -> None:
    data = f"id,name,owner,meta\n{operations.space.wire_id},Warranty claims,alice,tier: gold\n,Fresh,alice,{{}}\n"
    before = operations.entries()
    page = preview(operations, data.encode())
    assert "Confirm import" in page.content.decode()
    assert "<ins> claims</ins>" in page.content.decode()
    assert "style=" not in page.content.decode()
    assert operations.entries() == before
    done = confirm(operations, page)
    assert "1 new, 1 updated" in text_of(done)
    assert Space.objects.get(pk=operations.space.pk).meta == {"tier": "gold"}
    assert operations.entries()[len(before) :] == [("space.update", "operator"), ("space.create", "operator")]
    assert list(folder.iterdir()) == []


@pytest.mark.thorough
def test_a_workbook_comes_back_as_it_went(operations: Any) -> None:
    name = "=cmd _x0041_ ü"
    Space.objects.filter(pk=operations.space.pk).update(name=name)
    exported = operations.client.post("/admin/spaces/space/export/", {"format": "xlsx"})
    data = b"".join(exported.streaming_content)
    cells = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(data)).active["C"]]
    assert "'=cmd _x005F_x0041_ ü" in cells
    only = io.BytesIO()
    book = openpyxl.load_workbook(io.BytesIO(data))
    for number in range(book.active.max_row, 1, -1):
        if book.active.cell(number, 2).value != operations.space.wire_id:
            book.active.delete_rows(number)
    book.save(only)
    page = preview(operations, only.getvalue(), XLSX)
    assert [row.import_type for row in page.context["result"].rows] == ["skip"]


def test_bad_rows_are_shown_and_nothing_can_be_confirmed(operations: Any) -> None:
    page = preview(operations, b"name,owner\nGood,alice\nBad,nobody\n")
    assert "Not found." in text_of(page)
    assert "confirm_form" not in page.context


@pytest.mark.parametrize("data", [b"\xff\xfe\x00nonsense", b"", b"PK\x03\x04broken"])
@pytest.mark.parametrize("format", [CSV, XLSX])
def test_a_file_that_cannot_be_read_is_said(operations: Any, data: bytes, format: str) -> None:
    page = preview(operations, data, format)
    assert page.status_code == 200
    assert page.context["form"].errors or page.context["result"].has_errors() or not page.context["result"].rows


def test_an_unknown_account_is_said(operations: Any) -> None:
    assert "There is no such account." in text_of(preview(operations, b"name\nA\n", account="nobody"))


def test_a_file_that_is_too_large_is_said(operations: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IMPORT_FILE_BYTES", 5)
    assert "cut it into several" in text_of(preview(operations, b"name,owner\nA,alice\n"))


def test_what_changed_since_the_preview_stops_the_whole_file(operations: Any) -> None:
    data = f"id,name,owner\n,Fresh,alice\n{operations.space.wire_id},Renamed,alice\n"
    page = preview(operations, data.encode())
    Space.objects.filter(pk=operations.space.pk).delete()
    before = operations.entries()
    assert "Nothing was imported" in text_of(confirm(operations, page))
    assert not Space.objects.filter(name="Fresh").exists()
    assert operations.entries() == before


@pytest.mark.parametrize(
    "changes",
    [{"import_file_name": "../../../etc/passwd"}, {"import_file_name": "gone"}, {"format": "9"}, {"format": "x"}],
)
def test_a_tampered_confirmation_imports_nothing(operations: Any, changes: dict[str, str]) -> None:
    page = preview(operations, b"name,owner\nFresh,alice\n")
    assert "no longer here" in text_of(confirm(operations, page, **changes))
    assert not Space.objects.filter(name="Fresh").exists()


def test_a_confirmation_for_another_account_finds_nothing(operations: Any) -> None:
    page = preview(operations, f"id,name\n{operations.space.wire_id},Stolen\n".encode())
    assert "Nothing was imported" in text_of(confirm(operations, page, account="other"))
    assert Space.objects.get(pk=operations.space.pk).name == "Warranty"


def test_contacts_come_in(operations: Any) -> None:
    page = preview(operations, b"name,email\nJohn,john@example.com\n", model="contact")
    operations.client.post("/admin/spaces/contact/process_import/", page.context["confirm_form"].initial)
    assert Contact.objects.get(email="john@example.com").account == operations.account


@pytest.mark.parametrize("format", ["csv", "json", "jsonl", "xlsx"])
def test_the_list_streams_out_with_its_filters(operations: Any, format: str) -> None:
    make_space(operations.other, name="Elsewhere")
    response = operations.client.post("/admin/spaces/space/export/?q=elsewhere", {"format": format})
    data = b"".join(response.streaming_content)
    if format != "xlsx":
        assert b"Elsewhere" in data
        assert b"Warranty" not in data
        assert b"other" in data


def test_an_unknown_filter_is_said(operations: Any) -> None:
    response = operations.client.post("/admin/spaces/space/export/?nonsense=1", {"format": "csv"})
    assert "filters of the list cannot be read" in text_of(response)


def test_the_export_page_has_a_button_per_format(operations: Any) -> None:
    page = operations.client.get("/admin/spaces/contact/export/")
    assert re.findall(r'name="format" value="(\w+)"', page.content.decode()) == ["csv", "xlsx", "json", "jsonl"]
    assert operations.client.post("/admin/spaces/contact/export/", {"format": "exe"}).status_code == 200


def test_the_lists_have_both_buttons(operations: Any) -> None:
    for model in ("space", "contact"):
        page = operations.client.get(f"/admin/spaces/{model}/").content.decode()
        assert f"href='/admin/spaces/{model}/import/'" in page
        assert f'href="/admin/spaces/{model}/export/' in page
        assert "style=" not in operations.client.get(f"/admin/spaces/{model}/import/").content.decode()
