from __future__ import annotations

import pytest
from django.urls import reverse

from tests.pages.world import World

SPACE_PAGES = ["space_detail", "space_contacts", "space_access", "space_settings", "space_history", "space_api"]


@pytest.mark.parametrize("name", ["overview", "space_list", "space_create", "search", "password_change"])
def test_pages_of_the_account_open(world: World, name: str) -> None:
    response = world.client(world.alice).get(reverse(name))
    assert response.status_code == 200
    assert b"<h1>" in response.content


@pytest.mark.parametrize("name", [*SPACE_PAGES, "space_delete_confirm"])
def test_pages_of_a_space_open_for_its_owner(world: World, name: str) -> None:
    response = world.client(world.alice).get(reverse(name, args=[world.space.pk]))
    assert response.status_code == 200
    assert "Warranty claims" in response.content.decode()
