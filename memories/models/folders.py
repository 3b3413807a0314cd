"""Folders: a tree of files in the account, beside the spaces, and who may read and write in it."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models.fields.tuple_lookups import Tuple, TupleIn
from django.db.models.functions import Lower

from spaces import audit
from spaces.actors import Actor
from spaces.errors import Conflict, InvalidInput
from spaces.models import Account, Group, User
from spaces.models.access import Grant, one_holder
from spaces.models.base import Resource
from spaces.models.integrity import domain_errors
from spaces.permissions import Level, capped, granted_to, level_in_account, reaches_account
from spaces_project.kit import ids, limits
from spaces_project.kit.tenancy import CASCADE, NOTHING, TenantForeignKey, TenantQuerySet, or_nothing
from spaces_project.kit.values import NameField

SEPARATOR = "/"
TOLD_AT_ONCE = 1_000
# They turn around how a name is shown: "exe.fdp" reads as a PDF.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class FolderLevel(models.TextChoices):
    """What a grant allows in a folder and in those below it; each level includes those before it."""

    READ = "READ", "Read: see the files and use them in answers"
    WRITE = "WRITE", "Write: add, change and delete files and folders in it"
    MANAGE = "MANAGE", "Manage: rename, move and delete the folder, and grant access"


LEVELS = {FolderLevel.READ: Level.READ, FolderLevel.WRITE: Level.UPLOAD, FolderLevel.MANAGE: Level.MANAGE}


def check_folder_name(text: str) -> None:
    """A folder's name is a part of a path, and looks like what it is."""
    if SEPARATOR in text or text.strip() in ("", ".", "..") or text != text.strip():
        raise ValidationError("A folder's name is not empty and has no slash, and no blanks around it.", code="name")
    if TURNING & set(text):
        raise ValidationError("Marks that turn the direction of writing are not allowed.", code="direction")


class FolderQuerySet(TenantQuerySet["Folder"]):
    """Conditions of folders; who may see which is in memories/permissions.py."""

    def roots(self) -> Self:
        return self.filter(parent=None)

    def inside(self, folder: Folder) -> Self:
        """Directly in it."""
        return self.filter(parent=folder)

    def named(self, places: Collection[tuple[UUID | None, str]]) -> Self:
        """Those that lie directly in these folders (None: at the root) under these names, by the unique index."""
        wanted = [(above or NOTHING, name) for above, name in places]
        return self.filter(TupleIn(Tuple(or_nothing("parent"), models.F("name")), wanted))

    def below(self, folder: Folder) -> Self:
        """In it at any depth, and itself."""
        return self.filter(path__contains=[folder.pk])

    def by_name(self) -> Self:
        return self.order_by(Lower("name"), "id")


class Folder(Resource):
    """A folder of files. ``path`` are the ids from the root down to itself.

    Access comes from grants on itself and, while it ``inherits_access``, from those above; ``access_path`` is that part
    of the path. Both are kept by the verbs, in the transaction that moves the folder, so that no search ever sees a
    file where it was before. No two folders in one have the same name.
    """

    AUDIT_VALUES = frozenset({"name", "parent", "inherits_access", "external_id"})
    SET_BY_CODE = frozenset({"account", "parent", "path", "access_path"})

    name = NameField(max_length=limits.NAME_CHARS, validators=[check_folder_name])
    parent = TenantForeignKey("self", CASCADE, related_name="children", null=True, blank=True, db_index=False)
    path = ArrayField(models.UUIDField(), editable=False)
    access_path = ArrayField(models.UUIDField(), editable=False)
    inherits_access = models.BooleanField(default=True, help_text="Who may read the folder above may read this one.")
    external_id = NameField(max_length=limits.NAME_CHARS, blank=True)
    ingestion = models.JSONField(default=dict, blank=True, help_text="Unique's ingestionConfig of files put here.")

    objects: ClassVar[Any] = FolderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("account", or_nothing("parent"), "name", name="memories_folder_name"),
        ]
        indexes = [
            models.Index("account", "parent", Lower("name"), "id", name="memories_folder_by_name"),
            GinIndex(fields=["path"], name="memories_folder_path"),
            GinIndex(fields=["access_path"], name="memories_folder_access"),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def wire_id(self) -> str:
        return ids.encode(ids.Prefix.SCOPE, self.pk)

    @property
    def depth(self) -> int:
        return len(self.path)

    def ancestry(self) -> list[Folder]:
        """The folders from the root down to this one, in one query."""
        found = {folder.pk: folder for folder in type(self).objects.of(self.account_id).filter(pk__in=self.path)}
        return [found[pk] for pk in self.path if pk in found]

    def level_of(self, actor: Actor) -> Level:
        """READ, UPLOAD (write) or MANAGE, as far as this actor's key lets him; NONE when it is not for him."""
        if actor.account is None or actor.account.pk != self.account_id or not reaches_account(actor):
            return Level.NONE
        held = level_in_account(actor)
        if held == Level.NONE and actor.user is not None:  # an analyst changes nothing, whatever was granted to him
            mine = FolderAccess.objects.of(self.account_id).filter(granted_to(actor.user), folder__in=self.access_path)
            held = max([held, *(LEVELS[FolderLevel(level)] for level in mine.values_list("level", flat=True))])
        return capped(actor, held)

    # ------------------------------------------------------------------ verbs

    @classmethod
    def create(cls, by: Actor, account: Account, parent: Folder | None, name: str, **fields: Any) -> Folder:
        """A new folder, in ``parent`` or at the root. Its maker manages it.

        Raises ValidationError on a field, AlreadyExists for a name that is taken there, Conflict when too deep.
        """
        folder = cls.new(by, {"account": account, "parent": parent, "name": name, **fields})
        with domain_errors(), transaction.atomic():
            above = cls._place(account.pk, parent)
            folder.path = [*(above.path if above else []), folder.pk]
            own = above is None or not folder.inherits_access
            folder.access_path = [*([] if own or above is None else above.access_path), folder.pk]
            folder.insert(by, {"name": name, "parent": parent, **fields})
            folder._keep_managed(by)
        return folder

    def move(self, by: Actor, parent: Folder | None, **fields: Any) -> bool:
        """Put it, with everything in it, into ``parent`` or to the root; says whether that changed anything.

        Conflict for a folder inside itself, or one that would lie too deep.
        """
        with domain_errors(), transaction.atomic():
            above = self._place(self.account_id, parent, alone=True)
            self.refresh_from_db(fields=["path"])
            if above is not None and self.pk in above.path:
                raise Conflict("A folder cannot be moved into itself.")
            self._check_depth(above)
            changed = self.change(by, parent=parent, **fields)
            self._lay(above)
            self._keep_managed(by)
        return changed

    def _keep_managed(self, by: Actor) -> None:
        """Who made it or put it here goes on managing it; the entry of what he did tells of that too."""
        if by.user is not None and self.level_of(by) < Level.MANAGE:
            mine: dict[str, Any] = {"account_id": self.account_id, "folder": self, "user": by.user}
            FolderAccess.objects.update_or_create(**mine, defaults={"level": FolderLevel.MANAGE})

    def inherit_access(self, by: Actor, *, is_inherited: bool) -> bool:
        """Let the grants of the folders above count here, or not."""
        with transaction.atomic():
            lock(self.account_id, alone=True)
            changed = self.change(by, inherits_access=is_inherited)
            self.refresh_from_db(fields=["path"])
            self._lay_access()
            self._keep_managed(by)
        return changed

    @transaction.atomic
    def remove(self, by: Actor) -> None:
        """Delete it with everything in it: folders, files, chunks, vectors; an entry in the audit for each of them."""
        lock(self.account_id, alone=True)
        remove_folders(by, self.account_id, type(self).objects.of(self.account_id).below(self))

    @classmethod
    def _place(cls, account: UUID, parent: Folder | None, *, alone: bool = False) -> Folder | None:
        """The folder to put something into, as it is now and stays until the transaction ends."""
        lock(account, alone=alone)
        if parent is None:
            return None
        above: Folder = cls.objects.of(account).select_for_update(no_key=True).get(pk=parent.pk)
        if not alone and above.depth >= limits.FOLDER_DEPTH:
            raise Conflict(f"Folders may lie {limits.FOLDER_DEPTH} deep.")
        return above

    def _check_depth(self, above: Folder | None) -> None:
        deepest = models.Max(models.Func(models.F("path"), function="cardinality", output_field=models.IntegerField()))
        below = type(self).objects.of(self.account_id).below(self).aggregate(deepest=deepest)["deepest"] or 0
        if (above.depth if above else 0) + below - self.depth + 1 > limits.FOLDER_DEPTH:
            raise Conflict(f"Folders may lie {limits.FOLDER_DEPTH} deep.")

    def _lay(self, above: Folder | None) -> None:
        """Give it and all below it the paths that begin with its new place."""
        values: dict[str, Any] = {"account": self.account_id, "folder": self.pk, "above": above.path if above else []}
        with connection.cursor() as cursor:
            cursor.execute(LAY, {**values, "depth": self.depth})
        self._lay_access()

    def _lay_access(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(LAY_ACCESS, {"account": self.account_id, "folder": self.pk})
        self.refresh_from_db(fields=["path", "access_path"])


LAY = """
UPDATE memories_folder SET path = %(above)s::uuid[] || path[%(depth)s:]
WHERE account_id = %(account)s AND path @> ARRAY[%(folder)s::uuid]
"""
# From the nearest folder that does not inherit, or from the root.
LAY_ACCESS = """
UPDATE memories_folder f SET access_path = f.path[COALESCE((
    SELECT max(array_position(f.path, a.id)) FROM memories_folder a
    WHERE a.account_id = f.account_id AND a.id = ANY(f.path) AND NOT a.inherits_access
), 1):]
WHERE f.account_id = %(account)s AND f.path @> ARRAY[%(folder)s::uuid]
"""


def remove_folders(by: Actor, account: UUID, folders: FolderQuerySet) -> None:
    """Delete these folders, of each all that are below it, with their files. Who calls this has the lock.

    They are locked, so that nothing is put into them meanwhile, and so are the files: none of them leaves.
    """
    from .memories import Memory

    found = list(folders.order_by("id").select_for_update())
    files = Memory.objects.of(account).filter(folder__in=[folder.pk for folder in found]).order_by("id")
    going = files.only("id", "account", "name", "key").select_for_update(of=("self",)).iterator(chunk_size=TOLD_AT_ONCE)
    while some := list(islice(going, TOLD_AT_ONCE)):
        audit.record_many(by, "memory.delete", [(file, {}) for file in some])
    audit.record_many(by, "folder.delete", [(folder, {}) for folder in found])
    Folder.objects.of(account).filter(pk__in=[folder.pk for folder in found]).delete()


def lock(account: UUID, *, alone: bool) -> None:
    """Until the transaction ends: who moves folders of an account is alone; who puts something into them only shuts
    out those who move."""
    shared = "" if alone else "_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{shared}(hashtextextended(%s, 2))", [str(account)])


def find_path(account: UUID, path: str) -> Folder | None:
    """The folder at ``/A/B``; None when there is none. Whether it may be read is for the caller to ask.

    Raises InvalidInput for what is no path, or one deeper than folders may lie.
    """
    names = names_of(path)
    found: Folder | None = None
    for name in names:
        found = Folder.objects.of(account).named([(found.pk if found else None, name)]).first()
        if found is None:
            return None
    return found


def names_of(path: str) -> list[str]:
    """The names in ``/A/B``; empty for the root."""
    if not path.startswith(SEPARATOR):
        raise InvalidInput("The path of a folder begins with a slash.")
    names = [name for name in path.split(SEPARATOR) if name]
    if len(names) > limits.FOLDER_DEPTH:
        raise InvalidInput(f"Folders may lie {limits.FOLDER_DEPTH} deep.")
    return names


class FolderAccess(Grant):
    """A grant: one user or one group may read, write in or manage one folder and those below it."""

    OF = "folder"

    folder = TenantForeignKey(Folder, related_name="access")
    user = TenantForeignKey(User, related_name="folder_access", null=True, blank=True)
    group = TenantForeignKey(Group, related_name="folder_access", null=True, blank=True)
    level = models.CharField(max_length=8, choices=FolderLevel)

    class Meta:
        verbose_name_plural = "folder access"
        constraints = [
            models.UniqueConstraint(fields=["account", "folder", "user"], name="memories_folderaccess_user_once"),
            models.UniqueConstraint(fields=["account", "folder", "group"], name="memories_folderaccess_group_once"),
            one_holder("memories_folderaccess_one_holder"),
        ]
