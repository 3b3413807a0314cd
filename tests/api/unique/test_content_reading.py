"""content/search, info and infos, and changing and deleting contents, over the wire."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.unique.caller import refused, told

pytestmark = pytest.mark.django_db


def keys(contents: Any) -> list[str]:
    return sorted(each["key"] for each in contents)


def found(caller: Any, **body: Any) -> list[str]:
    return keys(told(caller.post("content/search", body)))


def test_a_content_has_its_chunks_and_the_standard_metadata(library: Any) -> None:
    (content,) = told(library.alice.post("content/search", {"where": {"id": {"equals": library.policy.unique_id}}}))
    (chunk,) = content["chunks"]
    scope, path = library.hr.wire_id, f"uniquepathid://{library.docs.wire_id}/{library.hr.wire_id}"
    assert content["object"] == "content.search"
    assert (content["ownerType"], content["ownerId"], content["ingestionState"]) == ("SCOPE", scope, "FINISHED")
    expected = {
        "year": 2026,
        "key": "policy.txt",
        "title": "Travel policy",
        "mimeType": "text/plain",
        "folderId": scope,
    }
    assert content["metadata"].items() >= {**expected, "folderIdPath": path}.items()
    assert chunk == {
        "id": f"chunk_{library.policy.chunks.get().pk.hex}",
        "text": library.policy.chunks.get().text,
        "startPage": -1,
        "endPage": -1,
        "order": 0,
    }
    for member in ("url", "description", "writeUrl", "readUrl", "expiredAt", "ingestionConfig", "previewPdfFileName"):
        assert content[member] is None


def test_who_may_read_a_content_finds_it(library: Any) -> None:
    assert found(library.alice) == ["noted.txt", "policy.txt", "report.txt", "salary.txt"]
    assert found(library.reader) == ["policy.txt", "salary.txt"]
    assert found(library.mallory) == []
    key = {"where": {"id": {"equals": library.policy.unique_id}}}
    assert told(library.mallory.post("content/search", key)) == []


def test_a_file_of_a_chat_is_there_only_where_the_chat_is_named(library: Any) -> None:
    recipe = {"id": {"equals": library.recipe.unique_id}}
    chat = library.chat.unique_id
    assert found(library.alice, where=recipe) == []
    assert found(library.alice, where=recipe, chatId=chat) == ["recipe.txt"]
    assert found(library.alice, where={"ownerId": {"equals": chat}}, chatId=chat) == ["recipe.txt"]
    assert found(library.alice, where={"ownerType": {"equals": "CHAT"}}, chatId=chat) == ["recipe.txt"]
    for stranger in (library.reader, library.mallory):
        assert refused(stranger.post("content/search", {"where": recipe, "chatId": chat})) == (404, "NOT_FOUND")


WHERE = [
    ({"title": {"contains": "trav"}}, []),
    ({"title": {"contains": "trav", "mode": "insensitive"}}, ["policy.txt"]),
    ({"title": {"startsWith": "Sal"}}, ["salary.txt"]),
    ({"title": {"endsWith": "policy"}}, ["policy.txt"]),
    ({"title": "Report"}, ["report.txt"]),
    ({"title": {"contains": "%"}}, []),
    ({"title": {"contains": "Travel%policy"}}, []),
    ({"key": {"in": ["report.txt", "salary.txt", "x"]}}, ["report.txt", "salary.txt"]),
    ({"key": {"notIn": ["report.txt", "salary.txt"]}}, ["noted.txt", "policy.txt"]),
    ({"key": {"in": ["REPORT.TXT"], "mode": "insensitive"}}, ["report.txt"]),
    ({"key": {"not": {"contains": "o"}}}, ["salary.txt"]),
    ({"key": {"not": "report.txt"}}, ["noted.txt", "policy.txt", "salary.txt"]),
    ({"key": {"gt": "policy.txt", "lte": "report.txt"}}, ["report.txt"]),
    ({"url": {"equals": None}, "key": {"lt": "policy.txt"}}, ["noted.txt"]),
    ({"url": {"not": None}}, []),
    ({"url": {"not": {"contains": "x"}}}, []),
    ({"mimeType": {"equals": "application/pdf"}}, []),
    ({"ownerType": {"equals": "COMPANY"}}, ["noted.txt"]),
    ({"byteSize": {"lt": 26}}, ["report.txt"]),
    ({"createdAt": {"lt": "2020-01-01T00:00:00Z"}}, []),
    ({"AND": [{"key": {"contains": "o"}}, {"title": {"contains": "e"}}]}, ["noted.txt", "policy.txt", "report.txt"]),
    ({"OR": [{"key": "salary.txt"}, {"AND": {"key": "report.txt"}}]}, ["report.txt", "salary.txt"]),
    ({"OR": []}, []),
    ({"NOT": [{"key": "salary.txt"}, {"key": "noted.txt"}]}, ["policy.txt", "report.txt"]),
    ({"NOT": {"OR": [{"key": "salary.txt"}, {"key": "noted.txt"}]}, "title": None}, ["policy.txt", "report.txt"]),
    ({"AND": [], "OR": None, "id": {}}, ["noted.txt", "policy.txt", "report.txt", "salary.txt"]),
    ({"id": {"equals": "cont_unknown"}}, []),
]


def test_conditions_mean_what_prisma_means(library: Any) -> None:
    for where, expected in WHERE:
        assert found(library.alice, where=where) == expected, where


def test_ids_and_owners_are_conditions(library: Any) -> None:
    ids = [library.policy.unique_id, library.salary.unique_id, "x"]
    assert found(library.alice, where={"id": {"in": ids}, "key": {"not": {"equals": "salary.txt"}}}) == ["policy.txt"]
    assert found(library.alice, where={"ownerId": {"equals": library.docs.wire_id}}) == ["report.txt"]
    not_there = {"ownerId": {"not": {"in": [library.hr.wire_id, library.docs.wire_id]}}}
    assert found(library.alice, where=not_there) == ["noted.txt"]
    assert found(library.reader, where={"ownerId": {"equals": library.docs.wire_id}}) == []


NESTED: dict[str, Any] = {}
for _ in range(25):
    NESTED = {"AND": NESTED}
BAD = [
    ({"where": []}, "where: Must be a JSON object."),
    ({"where": {"owner": {}}}, "where: There is no field 'owner'"),
    ({"where": {"AND": 1}}, "where.AND: Must be an array"),
    ({"where": {"AND": [1]}}, "where.AND[0]: Must be an object."),
    ({"where": {"OR": [{"NOT": [{"key": {"like": "x"}}]}]}}, "where.OR[0].NOT[0].key.like: There is no such operator"),
    ({"where": {"ownerType": {"contains": "S"}}}, "where.ownerType.contains: There is no such operator here"),
    ({"where": {"id": {"contains": 1}}}, "where.id.contains: Must be a string."),
    ({"where": {"key": {"equals": 1}}}, "where.key.equals: Must be a string."),
    ({"where": {"key": {"equals": None}}}, "where.key.equals: Must not be null."),
    ({"where": {"key": {"in": "x"}}}, "where.key.in: Must be an array."),
    ({"where": {"key": {"in": [1]}}}, "where.key.in[0]: Must be a string."),
    ({"where": {"key": {"mode": "x"}}}, "where.key.mode: Must be one of"),
    ({"where": {"createdAt": {"gt": "soon"}}}, "where.createdAt.gt: Must be a time"),
    ({"where": {"byteSize": {"gt": "1"}}}, "where.byteSize.gt: Must be a whole number"),
    ({"where": NESTED}, "where: May be nested 16 levels deep."),
    ({"where": {"OR": [{"key": "x"}] * 600}}, "where: May have 1,000 conditions"),
    ({"where": {"key": {"in": ["x"] * 1001}}}, "may hold 1,000 values"),
    ({"metadataFilter": {"path": ["year"], "operator": "like", "value": 1}}, "unknown operator"),
    ({"take": 0}, "take: "),
    ({"chatId": 7}, "chatId: Must be a string."),
]


def test_what_is_not_understood_is_refused_with_its_place(library: Any) -> None:
    for body, sentence in BAD:
        answer = library.alice.post("content/search", body)
        assert refused(answer) == (400, "BAD_REQUEST"), body
        assert sentence in answer.json()["error"]["message"]


def test_filters_as_deep_as_a_well_are_refused(library: Any) -> None:
    deep = b'{"and":[' * 10_000 + b"]}" * 10_000
    for route in ("content/search", "content/info", "content/infos", "search/search"):
        for member in (b"metadataFilter", b"metaDataFilter", b"where"):
            answer = library.alice.call("POST", route, b'{"' + member + b'":' + deep + b"}")
            assert refused(answer) == (400, "BAD_REQUEST")


def test_failed_contents_are_left_out_unless_asked_for(library: Any) -> None:
    rows = type(library.report).objects.filter(pk=library.report.pk)
    rows.update(state="failed", failure_code="ENCRYPTED")
    where = {"where": {"id": {"equals": library.report.unique_id}}}
    assert told(library.alice.post("content/search", where)) == []
    (failed,) = told(library.alice.post("content/search", {**where, "includeFailedContent": True}))
    assert failed["ingestionState"] == "FAILED_PARSING"


def test_a_page_of_contents_is_bounded_and_says_what_comes_next(library: Any, monkeypatch: Any) -> None:
    from spaces_project.kit import limits

    first = library.alice.post("content/search", {"take": 3})
    assert (keys(told(first)), first["X-Next-Skip"]) == (["noted.txt", "report.txt", "salary.txt"], "3")
    rest = library.alice.post("content/search", {"take": 3, "skip": 3})
    assert keys(told(rest)) == ["policy.txt"]
    assert "X-Next-Skip" not in rest
    monkeypatch.setattr(limits, "CHARS_PER_LIST", 60)
    small = library.alice.post("content/search")
    assert (keys(told(small)), small["X-Next-Skip"]) == (["noted.txt", "report.txt"], "2")


def test_a_content_of_many_chunks_comes_in_parts(library: Any, monkeypatch: Any) -> None:
    from spaces_project.kit import limits

    text = "\n\n".join(f"Section {number}. " + "Trains leave. " * 30 for number in range(12))
    cut = {"recursive": {"chunkSize": 100, "chunkOverlap": 0}}
    large = library.file(library.hr, text, key="large.txt", chunking=cut)
    assert large.chunks.count() > 6
    off = large.chunks.order_by("order")[2]
    large.chunks.filter(pk=off.pk).update(is_disabled=True)
    expected = [
        f"chunk_{pk.hex}" for pk in large.chunks.exclude(pk=off.pk).order_by("order").values_list("pk", flat=True)
    ]
    (whole,) = told(library.alice.post("content/search", {"where": {"key": "large.txt"}}))
    assert ([each["id"] for each in whole["chunks"]], whole["nextChunkSkip"]) == (expected, None)
    for name, most in (("CHUNKS_PER_ANSWER", 3), ("CHARS_PER_LIST", 1_000), ("CHARS_PER_LIST", 10)):
        with monkeypatch.context() as patched:
            patched.setattr(limits, name, most)
            assert read_in_parts(library.alice, {"where": {"key": "large.txt"}}) == expected
    (first, *others) = told(library.alice.post("content/search", {"chunkSkip": 1}))
    assert [each["id"] for each in first["chunks"]] == expected[1:]
    assert all(each["chunks"] for each in others)
    assert refused(library.alice.post("content/search", {"chunkSkip": -1})) == (400, "BAD_REQUEST")


def read_in_parts(caller: Any, body: dict[str, Any]) -> list[str]:
    (part,) = told(caller.post("content/search", body))
    read = [each["id"] for each in part["chunks"]]
    while part["nextChunkSkip"] is not None:
        assert part["nextChunkSkip"] == len(read)
        (part,) = told(caller.post("content/search", {**body, "chunkSkip": len(read)}))
        read += [each["id"] for each in part["chunks"]]
    return read


@pytest.mark.thorough
def test_the_number_of_queries_does_not_depend_on_the_number_of_contents(
    library: Any, django_assert_max_num_queries: Any
) -> None:
    assert found(library.alice) != []  # what is read once in a process is read
    for number in range(5):
        library.file(library.hr, f"More of it, {number}.", key=f"{number}.txt")
    with django_assert_max_num_queries(9):
        assert len(found(library.alice)) == 9
    with django_assert_max_num_queries(9):
        assert told(library.alice.post("content/infos", {}))["totalCount"] == 9


def test_switched_off_chunks_are_not_quoted(library: Any) -> None:
    library.policy.chunks.get().disable(library.by)
    (content,) = told(library.alice.post("content/search", {"where": {"key": "policy.txt"}}))
    assert content["chunks"] == []


# --------------------------------------------------------------------- info, infos


def test_infos_by_filter_and_by_folder(library: Any) -> None:
    scope = library.docs.wire_id
    inside = {"path": ["folderIdPath"], "operator": "contains", "value": f"uniquepathid://{scope}"}
    below = {"path": ["folderIdPath"], "operator": "notContains", "value": f"{scope}/"}
    answer = told(library.alice.post("content/infos", {"metadataFilter": inside, "take": 2}))
    assert (answer["totalCount"], len(answer["contentInfos"])) == (3, 2)
    direct = told(library.alice.post("content/infos", {"metadataFilter": {"and": [inside, below]}}))
    assert keys(direct["contentInfos"]) == ["report.txt"]
    assert keys(told(library.alice.post("content/infos", {"parentId": scope}))["contentInfos"]) == ["report.txt"]
    assert told(library.reader.post("content/infos", {"metadataFilter": inside}))["totalCount"] == 2
    assert refused(library.reader.post("content/infos", {"parentId": scope})) == (404, "NOT_FOUND")
    assert refused(library.alice.post("content/infos", {"parentId": scope, "metadataFilter": inside}))[0] == 400
    assert refused(library.alice.post("content/infos", {"take": 251}))[0] == 400
    last = told(library.alice.post("content/infos", {"skip": 3}))
    assert (keys(last["contentInfos"]), last["totalCount"]) == (["policy.txt"], 4)


def test_info_by_path_id_and_filter(library: Any) -> None:
    def infos(caller: Any, **body: Any) -> list[str]:
        answer = told(caller.post("content/info", body))
        assert answer["totalCount"] == len(answer["contentInfo"])
        return keys(answer["contentInfo"])

    assert infos(library.alice, filePath="/Docs/HR/policy.txt") == ["policy.txt"]
    assert infos(library.alice, filePath="/Docs/HR/Travel policy") == ["policy.txt"]
    assert infos(library.alice, filePath="/Docs/policy.txt") == infos(library.alice, filePath="/policy.txt") == []
    assert infos(library.reader, filePath="/Docs/HR/policy.txt") == ["policy.txt"]
    assert (
        infos(library.reader, filePath="/Docs/report.txt") == infos(library.mallory, filePath="/Docs/report.txt") == []
    )
    assert infos(library.alice, contentId=library.report.unique_id) == ["report.txt"]
    assert infos(library.reader, contentId=library.report.unique_id) == infos(library.alice, contentId="x") == []
    assert infos(library.alice, metadataFilter={"path": ["year"], "operator": "equals", "value": 2026}) == [
        "policy.txt"
    ]
    of_chat = {"contentId": library.recipe.unique_id}
    assert infos(library.alice, **of_chat) == []
    assert infos(library.alice, **of_chat, chatId=library.chat.unique_id) == ["recipe.txt"]
    for path in ("Docs/x", "x", "/" * 3000, "/a" * 40):
        assert library.alice.post("content/info", {"filePath": path}).status_code in (200, 400)


# ---------------------------------------------------------------- changing, deleting


def test_title_and_metadata_change_and_null_removes_a_key(library: Any) -> None:
    route = f"content/{library.policy.unique_id}"
    changes = {"title": "New", "metadata": {"year": None, "topic": "travel", "key": "mine", "folderId": "x"}}
    answer = told(library.alice.patch(route, changes))
    assert (answer["title"], answer["key"], answer["object"]) == ("New", "policy.txt", "content_info")
    assert answer["metadata"]["folderId"] == library.hr.wire_id
    library.policy.refresh_from_db()
    assert (library.policy.name, library.policy.meta) == ("New", {"topic": "travel"})
    assert refused(library.reader.patch(route, {"title": "x"})) == (403, "FORBIDDEN")
    assert refused(library.mallory.patch(route, {"title": "x"})) == (404, "NOT_FOUND")


def test_a_content_moves_to_where_one_may_write(library: Any) -> None:
    from memories.models import FolderAccess, FolderLevel

    route = f"content/{library.policy.unique_id}"
    assert told(library.alice.patch(route, {"ownerId": library.docs.wire_id}))["ownerId"] == library.docs.wire_id
    FolderAccess.grant(library.docs, library.world.bob, FolderLevel.WRITE, library.by)
    library.hr.inherit_access(library.by, is_inherited=False)
    assert refused(library.reader.patch(route, {"ownerId": library.hr.wire_id})) == (403, "FORBIDDEN")
    taken = library.file(library.hr, "Other text.", key="policy.txt")
    assert refused(library.alice.patch(route, {"ownerId": library.hr.wire_id})) == (409, "CONFLICT")
    assert refused(library.alice.patch(route, {"ownerId": "scope_x"})) == (404, "NOT_FOUND")
    assert refused(library.alice.patch(route, {"ownerId": library.chat.unique_id, "ownerType": "CHAT"}))[0] == 409
    space = told(library.alice.patch(route, {"ownerId": f"assistant_{library.home.wire_id[6:]}"}))
    assert (space["ownerType"], "folderId" in space["metadata"]) == ("COMPANY", False)
    library.policy.refresh_from_db()
    assert (library.policy.folder, library.policy.space_id, taken.folder) == (None, library.home.pk, library.hr)


def test_a_file_of_a_chat_is_changed_and_deleted_with_the_chat_named(library: Any) -> None:
    route, chat = f"content/{library.recipe.unique_id}", library.chat.unique_id
    assert refused(library.alice.patch(route, {"title": "x"})) == (404, "NOT_FOUND")
    assert told(library.alice.patch(route, {"title": "x", "chatId": chat, "ownerId": chat, "ownerType": "CHAT"}))
    assert refused(library.alice.patch(route, {"chatId": chat, "ownerId": library.hr.wire_id})) == (409, "CONFLICT")
    assert refused(library.alice.delete(route)) == (404, "NOT_FOUND")
    assert refused(library.reader.delete(f"{route}?chatId={chat}")) == (404, "NOT_FOUND")
    assert told(library.alice.delete(f"{route}?chatId={chat}")) == {"id": library.recipe.unique_id}
    assert not type(library.recipe).objects.filter(pk=library.recipe.pk).exists()


def test_deleting_needs_the_right_to_write(library: Any) -> None:
    route = f"content/{library.policy.unique_id}"
    assert refused(library.reader.delete(route)) == (403, "FORBIDDEN")
    assert refused(library.mallory.delete(route)) == (404, "NOT_FOUND")
    assert told(library.alice.delete(route)) == {"id": library.policy.unique_id}
    assert refused(library.alice.delete(route)) == (404, "NOT_FOUND")
