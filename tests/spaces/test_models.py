from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from spaces.actors import Actor
from spaces.bootstrap import create_account, first_start
from spaces.errors import AlreadyExists, Conflict
from spaces.models import Account, ApiKey, AuditEntry, Contact, Space, User
from tests.factories import actor_of, admin_of, make_account, make_contact, make_operator, make_space, make_user


@pytest.fixture
def acme(db: None) -> Account:
    return make_account("acme")


def entries(obj: object) -> list[tuple[str, dict[str, object]]]:
    return list(AuditEntry.objects.about(obj.pk).order_by("created_at", "id").values_list("operation", "changes"))  # type: ignore[attr-defined]


def test_a_change_sets_merges_and_is_written_down_once(acme: Account) -> None:
    by, space = actor_of(admin_of(acme)), make_space(acme, name="Before", meta={"a": 1, "b": {"x": 1}})
    touched = space.updated_at
    assert space.change(by, name="After", merge_meta={"a": None, "b": {"y": 2}, "c": [1]})
    stored = Space.objects.get(pk=space.pk)
    assert (stored.name, stored.meta) == (space.name, space.meta) == ("After", {"b": {"y": 2}, "c": [1]})
    assert stored.updated_at > touched
    assert stored.updated_by == by.user.pk  # type: ignore[union-attr]
    assert entries(space)[1:] == [("space.update", {"name": ["Before", "After"], "meta": None})]


def test_changing_nothing_writes_nothing(acme: Account) -> None:
    by, space = actor_of(admin_of(acme)), make_space(acme, name="Same", meta={"a": 1})
    touched = space.updated_at
    assert not space.change(by, name="Same", merge_meta={"a": 1, "gone": None})
    assert Space.objects.get(pk=space.pk).updated_at == touched
    assert len(entries(space)) == 1


def test_a_refused_change_leaves_everything_as_it_was(acme: Account) -> None:
    by, space = actor_of(admin_of(acme)), make_space(acme, name="Before")
    with pytest.raises(ValidationError) as caught:
        space.change(by, name="x" * 256)
    assert list(caught.value.message_dict) == ["name"]
    with pytest.raises(ValidationError) as caught:
        space.change(by, merge_meta={str(n): n for n in range(257)})
    assert list(caught.value.message_dict) == ["meta"]
    assert Space.objects.get(pk=space.pk).name == "Before"
    assert len(entries(space)) == 1


@pytest.mark.parametrize("length", [0, 1, 255])
def test_names_of_0_to_255_characters_are_kept(acme: Account, length: int) -> None:
    assert Space.objects.get(pk=make_space(acme, name="é" * length).pk).name == "é" * length


def test_an_alias_is_taken_once_in_an_account(acme: Account) -> None:
    make_space(acme, alias="help")
    with pytest.raises(AlreadyExists, match="Another space has this alias"):
        make_space(acme, alias="help")
    assert make_space(make_account("other"), alias="help").alias == "help"
    with pytest.raises(ValidationError):
        make_space(acme, alias="Not An Alias")


def test_the_default_space_keeps_its_name_and_stays(acme: Account) -> None:
    by, default = actor_of(admin_of(acme)), acme.default_space
    with pytest.raises(Conflict):
        default.change(by, name="Mine")
    with pytest.raises(Conflict):
        default.archive(by)
    with pytest.raises(Conflict):
        default.remove(by)
    assert str(acme.default_space) == "Unfiled"


def test_archiving_is_a_change_and_can_be_undone(acme: Account) -> None:
    by, space = actor_of(admin_of(acme)), make_space(acme)
    assert space.archive(by)
    assert list(acme.spaces.archived()) == [space]
    assert space.unarchive(by)
    assert [operation for operation, _ in entries(space)] == ["space.create", "space.update", "space.update"]


def test_a_known_fingerprint_gives_the_contact_that_has_it(acme: Account) -> None:
    by, first = actor_of(admin_of(acme)), make_contact(acme, fingerprint="f" * 16, name="First")
    again, made = Contact.create(by, acme, fingerprint="f" * 16, name="Second")
    assert (again, made, again.name) == (first, False, "First")
    assert make_contact(make_account("other"), fingerprint="f" * 16) != first
    with pytest.raises(ValidationError, match="Fingerprint is too short"):
        make_contact(acme, fingerprint="short")


def test_telephone_numbers_are_kept_in_one_form(acme: Account) -> None:
    by, contact = actor_of(admin_of(acme)), make_contact(acme, phone="(415) 555-2671")
    assert contact.phone == "+14155552671"
    assert not contact.change(by, phone="+1 415 555 2671")
    assert contact.change(by, phone="")
    with pytest.raises(ValidationError):
        contact.change(by, phone="call me")


def test_a_deleted_contact_is_written_down_for_each_space_that_loses_it(acme: Account) -> None:
    contact = make_contact(acme)
    spaces = [make_space(acme, contact=contact) for _ in range(2)]
    contact.remove(actor_of(admin_of(acme)))
    for space in spaces:
        assert Space.objects.get(pk=space.pk).contact_id is None
        assert entries(space)[-1] == ("space.update", {"contact": [str(contact.pk), None]})
    assert entries(contact)[-1][0] == "contact.delete"


def test_the_audit_keeps_no_personal_data_of_contacts(acme: Account) -> None:
    contact = make_contact(acme, name="Jo Secret", email="jo@example.com", meta={"ssn": "1"})
    contact.change(actor_of(admin_of(acme)), nick="jojo")
    written = str(list(AuditEntry.objects.about(contact.pk).values()))
    assert not any(word in written for word in ("Jo Secret", "jo@example.com", "ssn", "jojo"))


def test_search_finds_beginnings_of_words_and_ids_of_any_dialect(acme: Account) -> None:
    space = make_space(acme, name="Warranty claims", description="Covers Élan chairs")
    make_space(acme, name="Other")
    for text in ("warr", "WARRANTY cla", "élan", space.wire_id, str(space.pk), f" {space.wire_id} "):
        assert list(Space.objects.of(acme).matching(text)) == [space], text
    for text in ("arranty", "!!!", "warranty nothing", "' | : & <->", "\\"):
        assert not Space.objects.of(acme).matching(text).exists(), text


def test_a_mebibyte_of_text_does_not_break_the_search_column(acme: Account) -> None:
    space = make_space(acme, description=" ".join(str(n) for n in range(9000)))
    assert list(Space.objects.of(acme).matching("8999")) == [space]


def test_user_names_are_taken_in_any_case(acme: Account) -> None:
    make_user(acme, "Carol")
    with pytest.raises(ValidationError, match="taken"):
        make_user(make_account("other"), "cAROL")
    assert User.objects.get_by_natural_key("carol").username == "Carol"


def test_an_operator_has_no_account_and_everybody_else_has_one(acme: Account) -> None:
    assert make_operator().is_staff
    with pytest.raises(ValidationError, match="operator"):
        User.objects.create_user("nobody", None, account=None, role="member")


def test_the_first_start_makes_an_account_once(db: None) -> None:
    started = first_start("a given password")
    assert started is not None
    assert (started.user_name, started.password) == ("admin", None)
    assert User.objects.get(username="admin").check_password("a given password")
    assert ApiKey.objects.authenticate(started.api_key).user.username == "admin"  # type: ignore[union-attr]
    assert Account.objects.get(slug="default").default_space.owner.username == "admin"
    assert first_start() is None


def test_an_account_is_made_whole_or_not_at_all(acme: Account) -> None:
    with pytest.raises(ValidationError):
        create_account("fresh", admin="admin-acme")
    assert not Account.objects.filter(slug="fresh").exists()
    with pytest.raises(ValidationError):
        create_account("Not a slug")


def test_a_system_actor_may_do_everything(acme: Account) -> None:
    space = make_space(acme)
    space.remove(Actor.system(acme, "sweep"))
    assert AuditEntry.objects.about(space.pk).latest("created_at").actor_name == "sweep"
