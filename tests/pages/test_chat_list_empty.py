"""The lists of chats where there is none yet."""

from __future__ import annotations

from tests.pages.test_chat_list import page_of
from tests.pages.world import World


def test_empty_lists_teach(world: World) -> None:
    client = world.client(world.alice)
    page = page_of(client)
    assert "/api/v1/conversation/create" in page
    assert 'href="/chats/new/"' in page
    assert world.space.wire_id in page_of(client, path=f"/spaces/{world.space.pk}/chats/")
    assert "Everything that was asked is answered." in page_of(client, "view=unanswered")
    assert "Nothing matches" in page_of(client, "q=zzz")
