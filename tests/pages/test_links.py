"""Export links: what they open, for whom, and how they end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from spaces.models import AuditEntry, ExportLink
from spaces.models.users import Role
from tests.factories import actor_of, make_space
from tests.pages.world import World


def make_link(world: World, user: Any, path: str = "/spaces/export.csv", query: str = "") -> ExportLink:
    return ExportLink.issue(actor_of(user), user, "Weekly", path, query, 30)


def address(link: ExportLink, form: str = "csv") -> str:
    return reverse("export_link_open", args=[link.token, "weekly", form])


def text(response: Any) -> str:
    return b"".join(response.streaming_content).decode() if response.streaming else response.content.decode()


def test_a_link_exports_the_filtered_list_without_a_session(world: World) -> None:
    make_space(world.account, world.alice, name="Returns desk")
    client = world.client(world.alice)
    new = reverse("export_link_create") + "?list=spaces&q=warranty&sort=-name&after=x"
    assert "warranty" in client.get(new).content.decode()
    made = client.post(new, {"name": "Weekly report", "days": "30"})
    link = ExportLink.objects.get(user=world.alice)
    assert made.status_code == 302
    assert (link.path, link.query) == ("/spaces/export.csv", "q=warranty")
    assert AuditEntry.objects.filter(object_id=link.pk, operation="export_link.create").count() == 1

    shown = client.get(reverse("export_link_detail", args=[link.pk])).content.decode()
    for form in ("csv", "xlsx", "jsonl"):
        assert f"/links/{link.token}/weekly-report.{form}" in shown
    got = text(Client().get(f"/links/{link.token}/weekly-report.csv"))
    assert "Warranty claims" in got
    assert "Returns desk" not in got
    assert '"Warranty claims"' in text(Client().get(address(link, "jsonl")))
    link.refresh_from_db()
    assert link.last_used_at is not None
    workbook = Client().get(address(link, "xlsx"))
    assert b"".join(workbook.streaming_content).startswith(b"PK")


def test_a_link_has_its_makers_rights_of_now(world: World) -> None:
    link = make_link(world, world.ann)
    assert "Warranty claims" in text(Client().get(address(link)))
    world.ann.change(actor_of(world.admin), role=Role.MEMBER)
    assert "Warranty claims" not in text(Client().get(address(link)))
    world.ann.deactivate(actor_of(world.admin))
    assert Client().get(address(link)).status_code == 404


def test_what_does_not_open_is_one_and_the_same_404(world: World) -> None:
    revoked, expired, good = (make_link(world, world.alice) for _ in range(3))
    revoked.revoke(actor_of(world.alice))
    ExportLink.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    unknown = ExportLink(pk=world.space.pk)
    elsewhere = make_link(world, world.alice, path="/admin/")
    audit = make_link(world, world.alice, path="/audit/export.csv")
    wrong = make_link(world, world.alice, query="owner=" + "x" * 200)
    urls = [address(each) for each in (revoked, expired, unknown, elsewhere, audit, wrong)]
    urls += [
        f"/links/{good.token}x/weekly.csv",
        "/links/nonsense/weekly.csv",
        address(good, "json"),
        address(good, "exe"),
    ]
    answers = [Client().get(url) for url in urls] + [world.client(world.mallory).get(urls[0])]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert Client().get(address(good)).status_code == 200


def test_revoking_asks_and_ends_it_at_once(world: World) -> None:
    link, client = make_link(world, world.alice), world.client(world.alice)
    assert client.get(reverse("export_link_revoke_confirm", args=[link.pk])).status_code == 200
    assert Client().get(address(link)).status_code == 200
    client.post(reverse("export_link_revoke", args=[link.pk]))
    client.post(reverse("export_link_revoke", args=[link.pk]))
    assert Client().get(address(link)).status_code == 404
    assert AuditEntry.objects.filter(object_id=link.pk, operation="export_link.revoke").count() == 1


def test_links_of_others(world: World) -> None:
    link = make_link(world, world.alice)
    assert world.client(world.bob).get(reverse("export_link_detail", args=[link.pk])).status_code == 404
    assert world.client(world.mallory).post(reverse("export_link_revoke", args=[link.pk])).status_code == 404
    assert "Weekly" not in world.client(world.bob).get(reverse("export_link_list")).content.decode()
    administrators = world.client(world.admin)
    assert "Weekly" in administrators.get(reverse("export_link_list")).content.decode()
    seen = administrators.get(reverse("export_link_detail", args=[link.pk])).content.decode()
    assert link.token not in seen, "an administrator revokes a link, but does not take another's rights"
    assert administrators.post(reverse("export_link_revoke", args=[link.pk])).status_code == 302


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ({"name": "", "days": "30"}, 'value="30"'),
        ({"name": "Weekly", "days": "0"}, 'value="Weekly"'),
        ({"name": "Weekly", "days": "366"}, 'value="366"'),
        ({"name": "Weekly", "days": "x"}, 'value="x"'),
        ({"name": "nul\x00", "days": "30"}, 'value="30"'),
        ({"name": "n" * 256, "days": "30"}, "n" * 256),
    ],
)
def test_a_bad_link_is_refused_with_what_was_typed(world: World, data: dict[str, str], kept: str) -> None:
    answer = world.client(world.alice).post(reverse("export_link_create") + "?list=spaces", data)
    assert answer.status_code == 422
    assert kept in answer.content.decode()
    assert not ExportLink.objects.exists()


def test_only_lists_that_one_may_read_get_a_link(world: World) -> None:
    for url, status in (("?list=audit", 403), ("?list=members", 404), ("", 404)):
        assert world.client(world.alice).get(reverse("export_link_create") + url).status_code == status
