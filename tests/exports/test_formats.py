"""The bytes of each format, and that they read back as what is in the database."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
import yaml

from spaces.models import Space
from spaces.resources import SpaceResource
from spaces_project.kit.cursors import time_position
from spaces_project.kit.exports import export_response
from tests.factories import make_account, make_contact, make_space

pytestmark = pytest.mark.django_db
MOMENT = datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def body(response: Any) -> bytes:
    """Everything in it. A file is closed by itself: closing the response would end the test's transaction."""
    with contextlib.closing(getattr(response, "file_to_stream", None) or io.BytesIO()):
        return b"".join(response.streaming_content)


def export(spaces: Any, format: str, **options: Any) -> str:
    return body(export_response(SpaceResource(), spaces, format, **options)).decode()


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def account() -> Any:
    return make_account("acme")


@pytest.fixture
def space(account: Any) -> Any:
    contact = make_contact(account)
    made = make_space(account, name='Say "hi", ü', description="two\nlines", contact=contact, meta={"tier": "gold"})
    Space.objects.filter(pk=made.pk).update(created_at=MOMENT, updated_at=MOMENT)
    return made


def test_csv_quotes_every_cell_and_writes_meta_as_yaml(account: Any, space: Any) -> None:
    text = export(account.spaces.listed(), "csv")
    head, _, rest = text.partition("\n")
    assert head == ("id,name,description,alias,owner,contact,labels,meta,public_read,is_archived,created_at,updated_at")
    assert rest == (
        f'"{space.wire_id}","Say ""hi"", ü","two\nlines","","admin-acme","{space.contact.wire_id}","{{}}\n",'
        '"tier: gold\n","false","false","2025-01-02T03:04:05.678Z","2025-01-02T03:04:05.678Z"\n'
    )


def test_jsonl_is_one_ascii_record_per_line(account: Any, space: Any) -> None:
    text = export(account.spaces.listed(), "jsonl")
    assert text.isascii()
    assert text.endswith("}\n")
    assert text.count("\n") == 1
    record = json.loads(text)
    assert record["id"] == space.wire_id
    assert record["name"] == 'Say "hi", ü'
    assert record["meta"] == {"tier": "gold"}
    assert record["contact"] == space.contact.wire_id
    assert record["created_at"] == "2025-01-02T03:04:05.678Z"


def test_json_has_items_and_an_empty_cursor_at_the_end(account: Any, space: Any) -> None:
    make_space(account, name="Second")
    page = json.loads(export(account.spaces.listed(), "json"))
    assert [item["name"] for item in page["items"]] == ["Second", 'Say "hi", ü']
    assert page["cursor"] == ""
    assert page["items"][0]["contact"] is None


def test_xlsx_has_typed_cells(account: Any, space: Any) -> None:
    response = export_response(SpaceResource(), account.spaces.listed(), "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(body(response))).active
    head, row = list(sheet.iter_rows(values_only=True))
    cells = dict(zip(head, row, strict=True))
    assert cells["id"] == space.wire_id
    assert cells["public_read"] is False
    assert abs(cells["created_at"] - MOMENT.replace(tzinfo=None)) < timedelta(milliseconds=1)
    assert yaml.safe_load(cells["meta"]) == {"tier": "gold"}


def cells_of(account: Any, **options: Any) -> dict[str, Any]:
    response = export_response(SpaceResource(), account.spaces.listed(), "xlsx", **options)
    head, row = openpyxl.load_workbook(io.BytesIO(body(response))).active.iter_rows()
    return {name.value: cell for name, cell in zip(head, row, strict=True)}


def test_a_workbook_runs_no_formula_and_says_what_it_cannot_hold(account: Any, space: Any) -> None:
    row = Space.objects.filter(pk=space.pk)
    row.update(name="=1+1", description="bell \x07 and " + "x" * 40_000)
    cells = cells_of(account)
    assert (cells["name"].value, cells["name"].data_type) == ("'=1+1", "s")
    text = cells["description"].value
    assert text.startswith("bell \N{REPLACEMENT CHARACTER} and x")
    assert text.endswith("the CSV has it all)")
    assert len(text) == 32_767
    cells = cells_of(account, raw=True)
    assert (cells["name"].value, cells["name"].data_type) == ("=1+1", "s")


def test_take_and_cursor_of_a_json_export(account: Any, space: Any) -> None:
    make_space(account, name="Second")
    first = json.loads(export(account.spaces.listed(), "json", take=1))
    assert [item["name"] for item in first["items"]] == ["Second"]
    after = time_position(first["cursor"])
    last = json.loads(export(account.spaces.listed(), "json", take=1, after=after))
    assert ([item["id"] for item in last["items"]], last["cursor"]) == ([space.wire_id], "")
