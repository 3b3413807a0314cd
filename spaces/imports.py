"""Rows that come in: the other half of the resources.

A file belongs to one account. Its rows name objects by id (any spelling); a row of another account sounds exactly
like a missing one. Every row goes through the model's verbs, so that it is checked like any other change and
writes its audit entry in the same transaction.
"""

from __future__ import annotations

from typing import Any, ClassVar

from diff_match_patch import diff_match_patch  # type: ignore[import-untyped]
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from import_export.resources import Diff

from spaces_project.kit import limits
from spaces_project.kit.exports import Resource
from spaces_project.kit.exports.widgets import TextWidget, WireIdWidget, cell
from spaces_project.kit.ids import InvalidId, Prefix

from .actors import Actor
from .errors import SpacesError
from .models import Account, Contact, User

NOT_FOUND = "Not found."
_TAGS = {-1: "del", 0: "span", 1: "ins"}


class PlainDiff(Diff):  # type: ignore[misc]
    """What changes in a row, marked up without styles of its own (the policy of the pages forbids them)."""

    def as_html(self) -> list[SafeString]:
        """Of a new row everything is new; its id is not made yet."""
        left = [""] * len(self.left) if self.new else self.left
        right = ["", *self.right[1:]] if self.new else self.right
        return [_marked(str(old or ""), str(new or "")) for old, new in zip(left, right, strict=True)]


def _marked(old: str, new: str) -> SafeString:
    matcher = diff_match_patch()
    pieces = matcher.diff_main(old, new)
    matcher.diff_cleanupSemantic(pieces)
    return format_html_join(
        "", "{}", ((format_html(f"<{_TAGS[way]}>{{}}</{_TAGS[way]}>", text),) for way, text in pieces)
    )


class ImportedResource(Resource):
    """A Resource whose rows can be imported into ``account``, on behalf of ``by``."""

    prefix: ClassVar[Prefix]

    def __init__(self, account: Account | None = None, by: Actor | None = None, **kwargs: Any) -> None:
        """Both are needed to import, neither to export."""
        super().__init__(**kwargs)
        self.account: Any = account
        self.by: Any = by

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return PlainDiff

    def rows(self) -> Any:
        """The rows that an import may change."""
        return self._meta.model.objects.of(self.account)

    def create(self, values: dict[str, Any]) -> Any:
        """The new object behind a row without an id. Raises ValidationError or a domain error."""
        raise NotImplementedError

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        if len(dataset) > limits.DATASET_ROWS:
            raise ValueError(f"A file may have {limits.DATASET_ROWS:,} rows; cut it into several.")

    def init_instance(self, row: Any = None) -> Any:
        return self._meta.model(account=self.account)

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """The object that the row's id names; None for a row without one; ValidationError for an unknown one."""
        try:
            pk = WireIdWidget(self.prefix).clean(row.get("id"))
        except InvalidId:
            raise ValidationError({"id": NOT_FOUND}) from None
        if pk is None:
            return None
        found = self.rows().filter(pk=pk).first()
        if found is None:
            raise ValidationError({"id": NOT_FOUND})
        return found

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        super().import_instance(instance, row, account=self.account, **kwargs)

    def do_instance_save(self, instance: Any, is_create: bool) -> None:
        """Through the verbs; ``instance`` becomes what is in the database."""
        values = {name: getattr(instance, name) for name in self._settable(instance)}
        try:
            saved = self.create(values) if is_create else self._changed(instance, values)
        except SpacesError as error:
            raise ValidationError(str(error)) from error
        instance.__dict__.update(saved.__dict__)

    def _settable(self, instance: Any) -> list[str]:
        return [field.attribute for field in self.get_import_fields() if field.attribute != "id"]

    def _changed(self, instance: Any, values: dict[str, Any]) -> Any:
        row = self.rows().get(pk=instance.pk)
        row.change(self.by, **values)
        return row


class OwnerWidget(TextWidget):
    """A user of the account by user name."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        name = cell(value).strip()
        if not name:
            return None
        owner = User.objects.of(kwargs["account"]).named(name).first()
        if owner is None:
            raise ValueError(NOT_FOUND)
        return owner

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.username if value else ""


class ContactWidget(TextWidget):
    """A contact of the account by id (any spelling) or fingerprint; empty is none."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = cell(value).strip()
        contact = self._find(Contact.objects.of(kwargs["account"]), text) if text else None
        if text and contact is None:
            raise ValueError(NOT_FOUND)
        return contact

    def _find(self, contacts: Any, text: str) -> Contact | None:
        try:
            found: Contact | None = contacts.filter(pk=WireIdWidget(Prefix.CONTACT).clean(text)).first()
        except InvalidId:
            return contacts.filter(fingerprint=text).first()  # type: ignore[no-any-return]
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.wire_id if value else ""
