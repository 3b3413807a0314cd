"""What a rule excludes is in no answer, reference, search, count or export: random rules, files, moves and people.

alice administers the account, bob uses the space and may read the folder HR and what inherits from it, mallory has the
same files in another account. Every file answers the question, so whatever is missing was excluded.
"""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest

from chats.answering import answer_chat
from chats.models import Assistant, Message, ScopeRule
from chats.replies import ask
from chats.resources import MessageResource
from memories import ingestion
from memories.filters.documents import document_of
from memories.filters.uniqueql import And, matches, parse
from memories.models import Folder, FolderAccess, FolderLevel, Memory
from memories.permissions import visible_memories
from memories.resources import MemoryResource, with_folder_paths
from memories.retrieval import Mode, Place, Query, retrieve, search
from spaces.actors import Actor
from spaces.models import SpaceAccess
from spaces_project.kit import ids
from tests.factories import admin_of, make_account, make_chat, make_space, make_user
from tests.ingesting import ingest_all, use_hashing

pytestmark = pytest.mark.django_db
QUESTION = "What does the travel policy say about trains?"
FILES, QUOTED = 14, 4
TREE = {"HR": None, "New": "HR", "2026": "New", "IT": None, "Board": "HR"}
WALLED = "Board"  # does not inherit access


class Archive:
    """A space with memories and an account with folders of files, all about trains; each says a word of its own."""

    def __init__(self, random: Random, files: int) -> None:
        self.random = random
        self.account = make_account()
        self.alice = Actor(account=self.account, user=admin_of(self.account))
        bob = make_user(self.account)
        self.bob = Actor(account=self.account, user=bob)
        use_hashing(self.account)
        self.space = make_space(self.account, name="Travel desk")
        SpaceAccess.grant(self.space, bob, "USE", self.alice)
        self.assistant = Assistant.of(self.space)
        self.assistant.change(self.alice, internal_search=True)
        self.folders = dict[str, Folder]()
        for name, above in TREE.items():
            parent = self.folders[above] if above else None
            fields = {"inherits_access": name != WALLED}
            self.folders[name] = Folder.create(self.alice, self.account, parent, name, **fields)
        FolderAccess.grant(self.folders["HR"], bob, FolderLevel.READ, self.alice)
        self.words = {self.remember(number).pk: f"word{number}" for number in range(files)}
        ingest_all(self.account)

    def remember(self, number: int) -> Memory:
        folder = self.random.choice([None, *self.folders.values()])
        text = f"The travel policy, part word{number}, says that trains come before planes."
        space = self.account.default_space if folder else self.space
        fields = {"folder": folder, "name": f"Part {number}", "key": f"part{number}.txt", "meta": self.meta()}
        return ingestion.add(self.alice, space, text.encode(), **fields)

    def meta(self) -> dict[str, Any]:
        choose, roles = self.random.choice, ["author", "editor"]
        found = {
            "status": choose(["draft", "Final", None]),
            "year": choose([2024, "2024", 2026]),
            "tags": self.random.sample(["legal", "risk", "hr"], self.random.randrange(3)),
            "people": [{"role": choose(roles), "active": choose([True, False])} for _ in range(2)],
            "reviewedAt": choose(["2026-01-31", "2026-02-30", "2025-12-31T23:30:00-01:00"]),
        }
        return {name: value for name, value in found.items() if choose([True, True, False])}

    # ------------------------------------------------------------------ rules

    def statement(self) -> dict[str, Any]:
        choose = self.random.choice
        folder = choose([*self.folders.values()])
        chain = "/".join(ids.encode(ids.Prefix.SCOPE, pk) for pk in folder.path)
        kinds: list[tuple[list[str], list[str], list[Any]]] = [
            (["folderIdPath"], ["contains", "notContains"], [folder.wire_id, f"{folder.wire_id}/"]),
            (["folderIdPath"], ["equals", "notEquals", "isNull"], [f"uniquepathid://{chain}"]),
            (["folderId"], ["equals", "notEquals", "isNull", "isNotNull"], [folder.wire_id]),
            (["title"], ["contains", "notContains"], ["PART 1", "2", ""]),
            (["key"], ["in", "notIn"], [[f"part{number}.txt" for number in self.random.sample(range(FILES), 6)]]),
            (["status"], ["equals", "notEquals", "isNull", "isNotEmpty"], ["draft", "Final"]),
            (["year"], ["equals", "greaterThan", "lessThanOrEqual"], [2024, 2025]),
            (["tags"], ["overlaps", "notOverlaps"], [["legal"], ["risk", "hr"]]),
            (["tags"], ["isEmpty", "isNotEmpty", "isNull"], [None]),
            (["reviewedAt"], ["greaterThan", "lessThanOrEqual"], ["2026-01-01", "2026-01-01T00:30:00Z"]),
            (["people", "*"], ["nested"], [self.author(True), self.author(False)]),
        ]  # fmt: skip
        path, operators, values = choose(kinds)
        return {"path": path, "operator": choose(operators), "value": choose(values)}

    def author(self, active: bool) -> dict[str, Any]:
        role = {"path": ["role"], "operator": "equals", "value": "author"}
        return {"and": [role, {"path": ["active"], "operator": "equals", "value": active}]}

    def rule(self, depth: int = 2) -> dict[str, Any]:
        if not depth or self.random.random() < 0.4:
            return self.statement()
        rules = [self.rule(depth - 1) for _ in range(self.random.randint(1, 3))]
        return {self.random.choice(["and", "or", "or"]): rules}

    def rules(self) -> list[dict[str, Any]]:
        return [self.rule() for _ in range(self.random.choice([0, 1, 1]))]

    # ------------------------------------------------------------------ changes after ingestion

    def change_something(self) -> None:
        memory = self.random.choice(Memory.objects.of(self.account).select_related("space__account", "folder"))
        what = self.random.randrange(4)
        if what == 0:
            memory.change(self.alice, folder=self.random.choice([*self.folders.values()]))
        elif what == 1:
            memory.change(self.alice, space=self.space)
        elif what == 2:
            memory.change(self.alice, merge_meta={**dict.fromkeys(memory.meta), **self.meta()})
        else:
            self.move_folder(self.random.choice([*self.folders.values()]))

    def move_folder(self, folder: Folder) -> None:
        for each in self.folders.values():
            each.refresh_from_db()
        elsewhere = [None, *(each for each in self.folders.values() if folder.pk not in each.path)]
        folder.move(self.alice, self.random.choice(elsewhere))
        for each in self.folders.values():
            each.refresh_from_db()

    # ------------------------------------------------------------------ what ought to be

    def rows(self) -> list[Memory]:
        return list(Memory.objects.of(self.account).select_related("folder"))

    def reads(self, actor: Actor, memory: Memory) -> bool:
        """By the tree itself: bob reads from HR down, as far as no folder is walled off."""
        if actor is self.alice or memory.folder is None:
            return True
        names = {folder.pk: name for name, folder in self.folders.items()}
        below = [names[pk] for pk in memory.folder.path]
        if WALLED in below:
            below = below[below.index(WALLED) :]
        return "HR" in below

    def words_in(self, text: str) -> set[str]:
        return set(re.findall(r"word\d+", text))


def check_case(archive: Archive, mallory: Archive) -> int:
    """One case; how many files were excluded."""
    random = archive.random
    archive.change_something()
    of_space, of_message = archive.rules(), archive.rules()
    rules = [parse(rule) for rule in of_space + of_message]
    actor = random.choice([archive.alice, archive.bob])
    rows = archive.rows()
    matching = {row.pk for row in rows if all(matches(rule, document_of(row)) for rule in rules)}
    expected = {row.pk for row in rows if row.pk in matching and archive.reads(actor, row)}
    check_search(archive, actor, of_space + of_message, expected)
    check_answer(archive, actor, of_space, of_message, expected)
    check_lists(archive, actor, rules, matching, expected)
    if rules:
        assert Memory.objects.ruled_by(mallory.account, And(tuple(rules))).filter(pk__in=archive.words).count() == 0
    return len(rows) - len(matching)


def check_search(archive: Archive, actor: Actor, rules: list[Any], expected: set[Any]) -> None:
    mode = archive.random.choice(list(Mode))
    query = Query(QUESTION, limit=50, rules=rules, folders=True, mode=mode)
    found = search(actor, [Place(archive.space)], query)
    assert {each.memory_id for each in found} == expected, (rules, mode)
    assert {each.memory_id for each in retrieve(actor, [archive.space], query)} == expected, (rules, mode)


def check_answer(
    archive: Archive, actor: Actor, of_space: list[Any], of_message: list[Any], expected: set[Any]
) -> None:
    stored = [ScopeRule(account=archive.account, assistant=archive.assistant, rule=rule) for rule in of_space]
    archive.assistant.replace(archive.alice, ScopeRule, stored)
    chat = make_chat(archive.space, actor.user)
    asked = ask(actor, chat, QUESTION, options={"scopeRules": of_message[0]} if of_message else {})
    assert answer_chat(chat)
    answer = Message.objects.get(pk=asked.answer.pk)
    cited = set(answer.references.values_list("memory_id", flat=True))
    assert cited <= expected
    assert len(cited) == min(len(expected), QUOTED)
    allowed = {archive.words[pk] for pk in cited}
    assert archive.words_in(answer.text) == allowed
    exported = MessageResource().export(Message.objects.of(archive.account).filter(chat=chat)).csv
    assert archive.words_in(exported) == allowed


def check_lists(archive: Archive, actor: Actor, rules: list[Any], matching: set[Any], expected: set[Any]) -> None:
    if not rules:
        return
    rule = And(tuple(rules))
    assert Memory.objects.ruled_by(archive.account, rule).count() == len(matching)
    readable = visible_memories(actor).ruled_by(archive.account, rule)
    assert readable.count() == len(expected)
    exported = MemoryResource().export(with_folder_paths(actor, readable)).dict
    assert {ids.decode(ids.Prefix.MEMORY, row["id"]) for row in exported} == expected
    assert {row["id"] for row in exported} == {ids.encode(ids.Prefix.MEMORY, pk) for pk in expected}


def check_cases(seed: int, cases: int) -> None:
    archive, mallory = Archive(Random(seed), FILES), Archive(Random(seed), 2)
    excluded = sum(check_case(archive, mallory) for _ in range(cases))
    assert excluded > cases * FILES / 10, "these rules exclude next to nothing"


@pytest.mark.thorough
def test_a_file_leaves_a_rule_with_its_folder_and_a_changed_rule_counts_at_once() -> None:
    """Nothing is ingested again for it."""
    archive = Archive(Random(0), 1)
    (memory,) = archive.rows()
    hr, it = archive.folders["HR"], archive.folders["IT"]
    in_hr = {"path": ["folderIdPath"], "operator": "contains", "value": f"uniquepathid://{hr.wire_id}"}
    in_it = {**in_hr, "value": f"uniquepathid://{it.wire_id}"}

    def check(rule: Any, *, is_found: bool) -> None:
        expected = {memory.pk} if is_found else set()
        check_search(archive, archive.alice, [rule], expected)
        check_answer(archive, archive.alice, [rule], [], expected)
        check_lists(archive, archive.alice, [parse(rule)], expected, expected)

    memory.change(archive.alice, folder=archive.folders["2026"])
    check(in_hr, is_found=True)
    check(in_it, is_found=False)
    archive.folders["New"].move(archive.alice, it)
    check(in_hr, is_found=False)
    check(in_it, is_found=True)
    memory = archive.rows()[0]
    memory.change(archive.alice, space=archive.space)
    check(in_it, is_found=False)
    assert memory.generation == archive.rows()[0].generation == 1


def test_what_a_rule_excludes_is_nowhere() -> None:
    check_cases(1, cases=6)


@pytest.mark.slow
@pytest.mark.every_case
@pytest.mark.parametrize("seed", range(2, 12))
def test_what_a_rule_excludes_is_nowhere_in_a_thousand_cases(seed: int) -> None:
    check_cases(seed, cases=100)
