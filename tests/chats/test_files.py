"""Files of a chat: answers use those that a question selects, and they go where the chat goes."""

from __future__ import annotations

from typing import Any

import pytest

from chats import bulk
from chats.models import Assistant, Chat, Reference
from memories.models import Memory, State, set_embedders
from spaces.bulk import run
from spaces.models import Space
from spaces_project.kit.ids import Prefix, encode
from tests.chats.models import answered, make_talk
from tests.factories import actor_of, make_embedder, make_space
from tests.ingesting import ingest_all, use_hashing

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk() -> Chat:
    chat = make_talk(chat_upload=Assistant.Upload.ENABLED)
    use_hashing(chat.account)
    return chat


def add(chat: Chat, key: str, text: str) -> Memory:
    from memories import ingestion

    memory = ingestion.add(actor_of(chat.user), chat.space, text.encode(), chat=chat, key=key, name=key)
    ingest_all(chat.account)
    memory.refresh_from_db()
    return memory


def content(memory: Memory) -> str:
    return encode(Prefix.CONTENT, memory.pk)


def cited(chat: Chat, text: str = "When does the ferry leave?", **options: Any) -> set[str]:
    """The names of what the answer quotes."""
    answer = answered(chat, text, **options)
    assert answer.state == "done", answer.error
    return set(Reference.objects.filter(message=answer).values_list("name", flat=True))


def test_an_answer_uses_the_files_that_the_question_selects(talk: Chat) -> None:
    noon, night = (
        add(talk, "noon.txt", "The ferry leaves at noon."),
        add(talk, "night.txt", "The ferry leaves at night."),
    )
    Memory.create(actor_of(talk.user), talk.space, name="empty")
    assert cited(talk) == {"noon.txt", "night.txt"}
    assert cited(talk, selectedUploadedFileIds=[content(noon)]) == {"noon.txt"}
    assert cited(talk, selectedUploadedFileIds=[content(night), str(noon.pk)]) == {"noon.txt", "night.txt"}
    assert cited(talk, selectedUploadedFileIds=[]) == set()


def test_memories_of_the_space_are_used_beside_the_selected_files(talk: Chat) -> None:
    from memories.texts import add_text

    noon = add(talk, "noon.txt", "The ferry leaves at noon.")
    add(talk, "night.txt", "The ferry leaves at night.")
    add_text(actor_of(talk.user), talk.space, "Every ferry leaves from the western pier.", name="Piers")
    ingest_all(talk.account)
    assert cited(talk, selectedUploadedFileIds=[content(noon)]) == {"noon.txt", "Piers"}


def test_files_alone_are_a_question_too(talk: Chat) -> None:
    noon = add(talk, "noon.txt", "The ferry leaves at noon.")
    night = add(
        talk, "night.txt", " ".join(f"Ferry {n} leaves at night, after all others have left." for n in range(900))
    )
    add(talk, "other.txt", "The other ferry.")
    asked = {"selectedUploadedFileIds": [content(night), content(noon)]}
    assert cited(talk, "", **asked) == {"noon.txt", "night.txt"}
    answer = answered(talk, " \n", **asked)
    quoted = Reference.objects.filter(message=answer).order_by("number").values_list("name", "text")
    assert [name for name, _ in quoted] == ["night.txt", "night.txt", "night.txt", "noon.txt"], (
        "each one, in this order"
    )
    assert quoted[0][1].startswith("Ferry 0 leaves")
    assert "how the selected files begin" in answer.text
    assert "Ferry 0 leaves" in answer.text


def test_files_without_text_alone_are_said_to_have_none(talk: Chat) -> None:
    """Files of another chat are never selected, whatever the message says."""
    other = make_talk(talk.account, chat_upload=Assistant.Upload.ENABLED)
    theirs = add(other, "theirs.txt", "The ferry of others.")
    waiting = add(talk, "noon.txt", "The ferry leaves at noon.")
    Memory.objects.filter(pk=waiting.pk).update(state=State.PENDING)
    answer = answered(talk, "", selectedUploadedFileIds=[content(waiting), content(theirs)])
    assert (answer.state, "no text in the files" in answer.text) == ("done", True)
    assert not Reference.objects.filter(message=answer).exists()


def moved_alone(chat: Chat, space: Space) -> None:
    chat.change(actor_of(chat.user), space=space)


def moved_with_others(chat: Chat, space: Space) -> None:
    list(run(actor_of(chat.user), bulk.move(space), [chat.pk], bulk.CHATS))


@pytest.mark.parametrize("move", [moved_alone, moved_with_others])
def test_files_go_with_their_chat_into_another_space(talk: Chat, move: Any) -> None:
    file, home = add(talk, "noon.txt", "The ferry leaves at noon."), talk.space
    there = make_space(talk.account, talk.user)
    own = make_embedder(talk.account)
    set_embedders(actor_of(talk.user), there, [(own, 1.0)])
    move(talk, there)
    file.refresh_from_db()
    assert (file.space, file.state, file.generation) == (there, State.PENDING, 2), "the new space embeds in another way"
    home.delete()
    assert Memory.objects.filter(pk=file.pk).exists()


def test_files_are_not_ingested_again_where_the_new_space_embeds_alike(talk: Chat) -> None:
    file = add(talk, "noon.txt", "The ferry leaves at noon.")
    moved_alone(talk, make_space(talk.account, talk.user))
    talk.refresh_from_db()
    moved_alone(talk, talk.space)
    file.refresh_from_db()
    assert (file.space_id, file.state, file.generation) == (talk.space_id, State.COMPLETED, 1)
    assert cited(talk) == {"noon.txt"}
