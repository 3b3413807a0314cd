"""What embedders, rerankers and language models share: a model on a server, and how this account reaches it."""

from __future__ import annotations

import hashlib
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction

from memories.embedders import Endpoint
from spaces import audit
from spaces.actors import Actor
from spaces.models import Account, User
from spaces.models.base import Resource
from spaces.models.integrity import domain_errors
from spaces.permissions import can
from spaces_project.kit import limits
from spaces_project.kit.egress import Refused, needs_opening, normal, origin
from spaces_project.kit.sealed import SealedField, Secret, check_secret
from spaces_project.kit.tenancy import NO_ACTION, TenantForeignKey
from spaces_project.kit.values import LabelsField, NameField, TextField

MODALITIES = ("TEXT", "IMAGE", "AUDIO", "VIDEO")


def text_only() -> list[str]:
    return ["TEXT"]


def check_modalities(value: Any) -> None:
    """A list of names of MODALITIES, each once."""
    if not isinstance(value, list) or not value or any(each not in MODALITIES for each in value):
        raise ValidationError(f"Must be a list of {', '.join(MODALITIES)}.")
    if len(set(value)) < len(value):
        raise ValidationError("Each only once.")


class RemoteModel(Resource):
    """A model on a server. ``endpoint_url`` + ``api_path`` is called, with ``api_key`` behind ``key_prefix`` in the
    header ``key_header``.

    A key belongs to its server: when the server of ``endpoint_url`` changes and no new key comes with it, the key is
    forgotten. ``fingerprint`` tells two keys apart without opening them: the SHA-256 of the key, in hex.
    """

    endpoint_url = TextField(max_length=limits.EGRESS_URL_CHARS)
    api_path = TextField(max_length=limits.NAME_CHARS, blank=True)
    model_identifier = NameField(max_length=limits.NAME_CHARS)
    api_key = SealedField()
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    key_header = NameField(max_length=limits.NAME_CHARS, default="Authorization")
    key_prefix = models.CharField(max_length=limits.NAME_CHARS, default="Bearer ", blank=True)
    supported_modalities = models.JSONField(default=text_only, validators=[check_modalities])
    version = NameField(max_length=limits.NAME_CHARS, blank=True)
    monitoring_endpoint = TextField(max_length=limits.EGRESS_URL_CHARS, blank=True)
    labels = LabelsField()
    owner = TenantForeignKey(User, NO_ACTION, related_name="+", null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.name)

    @property
    def url(self) -> str:
        """What is called."""
        return f"{self.endpoint_url}{self.api_path}"

    def endpoint(self) -> Endpoint:
        """How it is called; raises CannotUnseal when its key cannot be read any more."""
        key, prefix = self.api_key.reveal(), self.key_prefix
        return Endpoint(url=self.url, key=key, header=self.key_header, prefix=prefix, timeout=limits.MODEL_SECONDS)

    def clean(self) -> None:
        if not self.name.strip():
            raise ValidationError({"name": "Give it a name."})
        if self.api_path and not self.api_path.startswith("/"):
            raise ValidationError({"api_path": "A path begins with a slash."})
        self.endpoint_url = _address(self.endpoint_url, self.api_path)
        try:
            origin(self.url)
        except Refused as error:
            raise ValidationError({"endpoint_url": str(error)}) from error

    @classmethod
    def create(cls, by: Actor, account: Account, *, api_key: str = "", **fields: Any) -> Self:
        """A new one. Raises ValidationError on a field, AlreadyExists when the like exists."""
        _check_key(api_key)
        given = {**fields, "api_key": api_key, "fingerprint": fingerprint(api_key)}
        made = cls.new(by, {"account": account, **given})
        with domain_errors(), transaction.atomic():
            made.before_insert(by)
            made.insert(by, {**fields, "api_key": made.api_key})
            made._check_reach(by)  # of the address as it is kept
        return made

    def as_kept(self, fields: dict[str, Any]) -> dict[str, Any]:
        """``fields`` with the address as it will be kept, to be compared with the one that is."""
        if "endpoint_url" not in fields:
            return fields
        path = fields.get("api_path", self.api_path)
        return {**fields, "endpoint_url": _address(fields["endpoint_url"], path)}

    def _check_reach(self, by: Actor) -> None:
        """What the operator opened inside his network is for administrators to name; ValidationError."""
        if needs_opening(self.url, settings.EGRESS_ALLOW) and not can(by, "account.administer"):
            raise ValidationError(
                {"endpoint_url": "Only an administrator may name a local server, or one without https."}
            )

    def before_insert(self, by: Actor) -> None:
        """What else changes with it, in its transaction."""

    def change(self, by: Actor, *, merge_meta: dict[str, Any] | None = None, **fields: Any) -> bool:
        """As Resource.change. ``api_key`` is set when given; "" forgets it; another server without a key too."""
        key = fields.get("api_key")
        if key is None and "endpoint_url" in fields and not _same_server(self.endpoint_url, fields["endpoint_url"]):
            key = ""
        if key is not None:
            _check_key(key)
            fields |= {"api_key": Secret.of(key), "fingerprint": fingerprint(key)}
        before = self.endpoint_url
        with transaction.atomic():
            changed = super().change(by, merge_meta=merge_meta, **fields)
            if not _same_server(before, self.endpoint_url):
                self._check_reach(by)
        return changed

    def remove(self, by: Actor) -> None:
        """Delete it. Conflict while something that must not lose it still uses it."""
        with domain_errors(), transaction.atomic():
            gone, _ = type(self)._base_manager.filter(account_id=self.account_id, pk=self.pk).delete()
            if gone:
                audit.record(by, self.operation("delete"), self)


def _address(text: str, path: str) -> str:
    """An address in its one spelling, without the path that is kept apart; what is no address stays as it is."""
    address = text.strip().removesuffix("/")
    address = address.removesuffix(path).removesuffix("/") if path else address
    try:
        return normal(address)
    except Refused:
        return address


def fingerprint(key: str) -> str:
    """The SHA-256 of a key in hex; empty for none."""
    return hashlib.sha256(key.encode()).hexdigest() if key else ""


def _check_key(key: str) -> None:
    try:
        check_secret(key)
    except ValidationError as error:
        raise ValidationError({"api_key": error.messages}) from error


def _same_server(before: str, after: str) -> bool:
    try:
        return origin(before) == origin(after.strip())
    except Refused:
        return False
