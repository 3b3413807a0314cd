"""The editor of scope rules: rows or JSON, and what a rule matches while it is being written."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given

from chats.models import Assistant, ScopeRule
from chats.pages.rule_rows import Row, rows_of, rule_of
from memories.filters.evaluator import document, matches
from memories.filters.uniqueql import InvalidFilter, parse
from memories.models import Folder, Memory
from spaces.models import AuditEntry, SpaceAccess
from tests.factories import actor_of
from tests.memories.filters import strategies
from tests.pages.test_chat_assistant import save

HTMX = {"HX-Request": "true"}
YEAR = {"path": ["year"], "operator": "greaterThan", "value": 2024}
DRAFT = {"path": ["status"], "operator": "notEquals", "value": "draft"}
CASES: list[tuple[Any, list[tuple[str, ...]]]] = [
    (YEAR, [("and", "meta", "year", "greaterThan", "2024")]),
    (
        {"and": [YEAR, DRAFT]},
        [("and", "meta", "year", "greaterThan", "2024"), ("and", "meta", "status", "notEquals", "draft")],
    ),
    (
        {"or": [{"and": [YEAR, DRAFT]}, {"path": ["key"], "operator": "contains", "value": ".pdf"}]},
        [
            ("and", "meta", "year", "greaterThan", "2024"),
            ("and", "meta", "status", "notEquals", "draft"),
            ("or", "key", "", "contains", ".pdf"),
        ],
    ),
    ({"path": ["n"], "operator": "equals", "value": "24"}, [("and", "meta", "n", "equals", '"24"')]),
    ({"path": ["a", "b"], "operator": "in", "value": ["x", 2, True]}, [("and", "meta", "a.b", "in", "x, 2, true")]),
    ({"path": ["x"], "operator": "isNull", "value": None}, [("and", "meta", "x", "isNull", "")]),
    (
        {"path": ["folderIdPath"], "operator": "contains", "value": "uniquepathid://scope_a"},
        [("and", "folderIdPath", "", "equals", "", "scope_a")],
    ),
    (
        {"path": ["folderIdPath"], "operator": "notContains", "value": "uniquepathid://scope_a"},
        [("and", "folderIdPath", "", "notEquals", "", "scope_a")],
    ),
    (
        {"path": ["folderIdPath"], "operator": "contains", "value": "uniquepathid://scope_a/scope_b"},
        [("and", "folderIdPath", "", "contains", "uniquepathid://scope_a/scope_b")],
    ),
    ({"path": ["date"], "operator": "lessThan", "value": "<T-7>"}, [("and", "meta", "date", "lessThan", "<T-7>")]),
]
FOR_JSON: list[Any] = [
    {"path": ["people"], "operator": "nested", "value": YEAR},
    {"and": [YEAR, {"or": [YEAR, DRAFT]}]},
    {"path": ["a.b"], "operator": "equals", "value": 1},
    {"path": ["a"], "operator": "overlaps", "value": ["x"]},
    {"path": ["a"], "operator": "in", "value": ["x, y"]},
    {"or": []},
    {"path": ["a"], "operator": "equals", "value": ""},
]


@pytest.mark.parametrize(("rule", "rows"), CASES)
def test_common_rules_are_rows_and_back(rule: Any, rows: list[tuple[str, ...]]) -> None:
    assert rows_of(rule) == [Row(*each) for each in rows]
    assert parse(rule_of(rows_of(rule) or [])) == parse(rule)


@pytest.mark.parametrize("rule", FOR_JSON)
def test_what_rows_cannot_say_is_json(rule: Any) -> None:
    assert rows_of(rule) is None


@given(strategies.RULES, strategies.DOCUMENTS)
def test_rows_mean_what_the_rule_means(rule: Any, metadata: Any) -> None:
    rows = rows_of(rule.to_json())
    if rows is not None:
        held = document(metadata, {})
        assert matches(parse(rule_of(rows)), held) == matches(rule, held)


def lies_in(*folders: str) -> Any:
    return document({}, {"folderIdPath": "uniquepathid://" + "/".join(folders)})


@pytest.mark.parametrize(
    ("operator", "value", "folder", "keeps"),
    [
        ("equals", "scope_hr", "", {"hr"}),
        ("equals", "", "scope_hr", {"hr"}),
        ("in", "scope_hr, uniquepathid://scope_it", "", {"hr", "it"}),
        ("in", "", "scope_hr", {"hr"}),
        ("notEquals", "uniquepathid://scope_hr", "", {"it", "law"}),
        ("notEquals", "", "scope_hr", {"it", "law"}),
        ("notIn", "scope_hr, scope_it", "", {"law"}),
        ("notIn", "", "scope_hr", {"it", "law"}),
    ],
)
def test_a_folder_with_those_below_means_them_also_in_exclusions(
    operator: str, value: str, folder: str, keeps: set[str]
) -> None:
    held = {name: lies_in("scope_root", f"scope_{name}", "scope_new") for name in ("hr", "it", "law")}
    row = Row(field="folderIdPath", operator=operator, value=value, folder=folder)
    year = Row(field="meta", name="year", operator="isNull")
    for rows in ([row], [year, row], [row, year], [row, Row(join="or", field="meta", name="year", value="1")]):
        rule = rule_of(rows)
        assert {name for name, each in held.items() if matches(parse(rule), each)} == keeps
        shown = rows_of(rule)
        assert shown is not None
        assert parse(rule_of(shown)) == parse(rule)


def test_a_rule_that_no_form_can_show_whole_is_json() -> None:
    assert len(rows_of({"or": [YEAR] * 50}) or []) == 50
    assert rows_of({"or": [YEAR] * 51}) is None
    assert rows_of({"path": ["a"], "operator": "equals", "value": "two\nlines"}) is None
    assert rows_of({"path": ["a\rb"], "operator": "equals", "value": "x"}) is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row(field="meta", name="", value="x"), "row 1: name the metadata"),
        (Row(field="meta", name="year", operator="greaterThan", value="many"), "row 1.value"),
        (Row(field="", value="x"), "row 1: choose a field"),
        (Row(field="key", value=" "), "row 1: the value is missing"),
        (Row(field="meta", name="key.x", value="y"), "a field of its own"),
        (Row(field="key", operator="equal", value="y"), 'row 1.operator: unknown operator "equal"'),
        (Row(field="meta", name="n", value="1e400"), "row 1.value: the number is too large"),
    ],
)
def test_a_mistake_is_told_with_its_row(row: Row, said: str) -> None:
    with pytest.raises(InvalidFilter, match=re.escape(said)):
        rule_of([row])


# ---------------------------------------------------------------------- pages

pages = pytest.mark.django_db


def typed(*rows: Row, prefix: str = "rules-0", **more: str) -> dict[str, Any]:
    columns = {
        name: [getattr(row, name) for row in rows] for name in ("join", "field", "name", "operator", "value", "folder")
    }
    return {**{f"{prefix}-rows-{name}": values for name, values in columns.items()}, **more}


def counted(world: Any, user: Any, *rows: Row, headers: Any = HTMX, **more: str) -> Any:
    url = reverse("space_rule_count", args=[world.space.pk])
    return world.client(user).post(url, {"check": "rules-0", **typed(*rows, **more)}, headers=headers)


def words(response: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))).strip()


@pytest.fixture
def shelf(world: Any) -> Any:
    """Three memories of the space, and a file in a folder that bob may not read."""
    folder = Folder.create(actor_of(world.alice), world.account, None, "Contracts")
    rows = [
        Memory(account=world.account, space=world.space, name=f"Terms {year}", meta={"year": year})
        for year in (2024, 2025, 2026)
    ]
    default = world.account.default_space
    rows.append(
        Memory(
            account=world.account, space=default, folder=folder, key="frame.pdf", name="frame.pdf", meta={"year": 2026}
        )
    )
    Memory.objects.bulk_create(rows)
    world.folder = folder
    return world


@pages
def test_a_rule_says_what_it_matches_while_it_is_written(shelf: Any) -> None:
    newer = Row(field="meta", name="year", operator="greaterThan", value="2024")
    assert words(counted(shelf, shelf.alice, newer)) == "Matches 2 of 3 that you may read: Terms 2026, Terms 2025"
    with_files = counted(shelf, shelf.alice, newer, internal_search="on")
    assert words(with_files).startswith("Matches 3 of 4 that you may read: frame.pdf")
    inside = Row(field="folderIdPath", folder=shelf.folder.wire_id)
    assert (
        words(counted(shelf, shelf.alice, inside, internal_search="on"))
        == "Matches 1 of 4 that you may read: frame.pdf"
    )
    assert words(
        counted(shelf, shelf.alice, Row(field="meta", name="year", operator="lessThan", value="x"))
    ).startswith("row 1.value")
    mine = Row(field="meta", name="unit", value="<userMetadata.unit>")
    assert "as if you asked" in words(counted(shelf, shelf.alice, mine))
    assert words(counted(shelf, shelf.alice)) == "Fill a row to see what it matches."


@pages
def test_only_what_one_may_read_is_counted_and_only_who_manages_the_space_asks(shelf: Any) -> None:
    newer = Row(field="meta", name="year", operator="greaterThan", value="2024")
    assert counted(shelf, shelf.bob, newer).status_code == 404
    SpaceAccess.grant(shelf.space, shelf.bob, "MANAGE", actor_of(shelf.alice))
    assert words(counted(shelf, shelf.bob, newer, internal_search="on")).startswith("Matches 2 of 3 ")
    assert counted(shelf, shelf.mallory, newer).status_code == 404
    before = AuditEntry.objects.count()
    counted(shelf, shelf.alice, newer)
    assert AuditEntry.objects.count() == before


@pages
def test_rows_are_saved_and_shown_again(shelf: Any) -> None:
    client, address = shelf.client(shelf.alice), reverse("space_assistant", args=[shelf.space.pk])
    page = client.get(address).content.decode()
    assert "As JSON" in page
    data = typed(
        Row(field="folderIdPath", folder=shelf.folder.wire_id), Row(join="or", field="meta", name="year", value="2026")
    )
    assert save(shelf, **data).status_code == 302
    (rule,) = Assistant.of(shelf.space).rules()
    assert rule.rule == {
        "or": [
            {"path": ["folderIdPath"], "operator": "contains", "value": f"uniquepathid://{shelf.folder.wire_id}"},
            {"path": ["year"], "operator": "equals", "value": 2026},
        ]
    }
    page = client.get(address).content.decode()
    assert f'<option value="{shelf.folder.wire_id}" selected>Contracts</option>' in page
    assert save(shelf, title="Desk").status_code == 302
    assert [each.pk for each in Assistant.of(shelf.space).rules()] == [rule.pk]


def folder_rule(value: Any, operator: str = "contains", path: str = "folderIdPath") -> dict[str, Any]:
    return {"path": [path], "operator": operator, "value": value}


@pages
@pytest.mark.parametrize("typed_as", ["Contracts", "contracts", "/Contracts", "/Contracts/", "{wire}", "{pk}"])
def test_a_typed_folder_is_found_by_name_path_and_id(shelf: Any, typed_as: str) -> None:
    text = typed_as.format(wire=shelf.folder.wire_id, pk=shelf.folder.pk)
    assert save(shelf, **typed(Row(field="folderIdPath", value=text))).status_code == 302
    (rule,) = Assistant.of(shelf.space).rules()
    assert rule.rule in (folder_rule(f"uniquepathid://{shelf.folder.wire_id}"), folder_rule(shelf.folder.wire_id))


@pages
def test_typed_folders_in_a_list_and_variables(shelf: Any) -> None:
    below = Folder.create(actor_of(shelf.alice), shelf.account, shelf.folder, "2026")
    rows = [
        Row(field="folderId", operator="in", value="/Contracts/2026, Contracts"),
        Row(join="or", field="folderIdPath", value="<userMetadata.folder>"),
    ]
    assert save(shelf, **typed(*rows)).status_code == 302
    (rule,) = Assistant.of(shelf.space).rules()
    assert rule.rule == {
        "or": [
            folder_rule([below.wire_id, shelf.folder.wire_id], "in", "folderId"),
            folder_rule("<userMetadata.folder>"),
        ]
    }


@pages
def test_a_typed_folder_that_is_none_is_refused_and_nothing_is_lost(shelf: Any) -> None:
    """For bob, who manages the space and reads no folder, a folder that he may not read is none."""
    year = Folder.create(actor_of(shelf.alice), shelf.account, shelf.folder, "2026")
    Folder.create(actor_of(shelf.alice), shelf.account, None, "2026")
    newer = Row(field="meta", name="year", operator="greaterThan", value="2024")
    stranger = Folder.create(actor_of(shelf.mallory), shelf.mallory.account, None, "Theirs")
    for text, said in (
        ("Contract", "row 2: there is no folder “Contract” that you may read"),
        ("/2026/Contracts", "row 2: there is no folder “/2026/Contracts”"),
        ("Theirs", "row 2: there is no folder “Theirs”"),
        (stranger.wire_id, f"row 2: there is no folder with the id {stranger.wire_id}"),
        ("2026", "row 2: 2 folders are called “2026”: write its path, such as /Docs/2026"),
        ("/", "row 2: there is no folder “/”"),
    ):
        refused = save(shelf, **typed(newer, Row(field="folderIdPath", value=text)))
        page = html.unescape(refused.content.decode())
        assert (refused.status_code, said in page) == (422, True), text
        assert f'value="{text}"' in page
        assert 'value="2024"' in page
    assert list(Assistant.of(shelf.space).rules()) == []
    assert save(shelf, **typed(Row(field="folderIdPath", value="/Contracts/2026"))).status_code == 302
    assert [each.rule for each in Assistant.of(shelf.space).rules()] == [folder_rule(f"uniquepathid://{year.wire_id}")]
    SpaceAccess.grant(shelf.space, shelf.bob, "MANAGE", actor_of(shelf.alice))
    asked = counted(shelf, shelf.bob, Row(field="folderIdPath", value="Contracts"))
    assert words(asked).startswith("row 1: there is no folder “Contracts” that you may read")


@pages
def test_a_stored_folder_stays_for_who_may_not_read_it(shelf: Any) -> None:
    stored = {"and": [folder_rule(f"{shelf.folder.wire_id}"), {"path": ["year"], "operator": "equals", "value": 2026}]}
    Assistant.of(shelf.space).change(
        actor_of(shelf.alice), {ScopeRule: [ScopeRule(account=shelf.account, rule=stored)]}
    )
    SpaceAccess.grant(shelf.space, shelf.bob, "MANAGE", actor_of(shelf.alice))
    (rule,) = Assistant.of(shelf.space).rules()
    kept = (rows_of(stored) or [])[:1]
    known = {"rules-0-id": str(rule.pk), "rules-0-rule": json.dumps(rule.rule, indent=2)}
    assert words(counted(shelf, shelf.bob, *kept, **known)).startswith("Matches 0 of 3")
    assert "no folder with the id" in words(counted(shelf, shelf.bob, *kept))


@pages
def test_a_long_rule_stays_whole_and_too_many_rows_are_refused(shelf: Any) -> None:
    years: Any = {"or": [{"path": ["year"], "operator": "equals", "value": year} for year in range(60)]}
    lines = {"path": ["note"], "operator": "equals", "value": "two\nlines"}
    stored = [ScopeRule(account=shelf.account, rule=rule) for rule in (years, lines)]
    Assistant.of(shelf.space).change(actor_of(shelf.alice), {ScopeRule: stored})
    assert save(shelf, title="Desk").status_code == 302
    assert Assistant.of(shelf.space).title == "Desk"
    left = [each.rule for each in Assistant.of(shelf.space).rules()]
    assert (len(left), years in left, lines in left) == (2, True, True)
    row = Row(join="or", field="meta", name="year", value="2024")
    refused = save(shelf, **typed(*[row] * 51, prefix="rules-2"))
    assert (refused.status_code, "At most 50 rows" in refused.content.decode()) == (422, True)
    assert len(Assistant.of(shelf.space).rules()) == 2
    assert save(shelf, **typed(*[row] * 50, prefix="rules-2")).status_code == 302
    assert len(Assistant.of(shelf.space).rules()) == 3


@pytest.mark.thorough
@pages
def test_json_stays_what_it_is(shelf: Any) -> None:
    nested = {"path": ["people"], "operator": "nested", "value": {"path": ["role"], "operator": "equals", "value": "x"}}
    Assistant.of(shelf.space).change(
        actor_of(shelf.alice), {ScopeRule: [ScopeRule(account=shelf.account, rule=nested)]}
    )
    entries = AuditEntry.objects.filter(operation="assistant.update").count()
    assert save(shelf).status_code == 302
    assert AuditEntry.objects.filter(operation="assistant.update").count() == entries
    (rule,) = Assistant.of(shelf.space).rules()
    assert rule.rule == nested
    wrong = save(shelf, **{"rules-0-rule": json.dumps({"path": ["a"], "operator": "equal", "value": 1})})
    assert (wrong.status_code, "unknown operator" in wrong.content.decode()) == (422, True)


@pages
def test_without_javascript_the_whole_page_says_it(shelf: Any) -> None:
    newer = Row(field="meta", name="year", operator="greaterThan", value="2024")
    page = counted(shelf, shelf.alice, newer, headers=None, **{"rules-TOTAL_FORMS": "1", "rules-INITIAL_FORMS": "0"})
    assert page.status_code == 200
    assert "Matches 2 of 3" in page.content.decode()
    assert 'value="2024"' in page.content.decode()
    assert list(Assistant.of(shelf.space).rules()) == []
