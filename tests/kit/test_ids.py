from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaces_project.kit import ids
from spaces_project.kit.ids import InvalidId, Prefix


@given(st.uuids(), st.sampled_from(list(Prefix)))
def test_every_uuid_has_one_spelling_per_kind(pk: UUID, prefix: Prefix) -> None:
    text = ids.encode(prefix, pk)
    assert text.startswith(prefix)
    assert len(text) == len(prefix) + ids.DIGITS
    assert ids.decode(prefix, text) == ids.decode_any(text) == pk


@given(st.uuids(), st.uuids())
def test_wire_ids_sort_like_their_uuids(one: UUID, other: UUID) -> None:
    assert (ids.to_base36(one) < ids.to_base36(other)) == (one < other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "space_",
        "space_" + "0" * 24,
        "space_" + "0" * 26,
        "space_" + "z" * 25,  # above 128 bits
        "space_" + "A" * 25,
        "space_" + "0" * 24 + "-",
        "space_" + "٣" * 25,  # digits to str.isdigit, not to us
        "contact_" + "0" * 25,
        "SPACE_" + "0" * 25,
        " space_" + "0" * 25,
        "01a20100-2944-7324-ac48-5e720f9d8bf2",
    ],
)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        ids.decode(Prefix.SPACE, text)


def test_new_ids_sort_by_time() -> None:
    made = [ids.new_id() for _ in range(1000)]
    assert made == sorted(made)
    assert {pk.version for pk in made} == {7}
