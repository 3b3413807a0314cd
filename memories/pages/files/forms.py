"""The forms of folders and of the files in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from memories.models import Folder, FolderLevel
from memories.models.folders import check_folder_name
from memories.pages.forms import FilesField
from memories.permissions import visible_folders, writable_folders
from spaces.actors import Actor
from spaces.pages.forms import GrantForm
from spaces.permissions import can
from spaces_project.kit import limits
from spaces_project.kit.values import check_name

FOLDERS_OFFERED = 1_000
TOP = "top"


class NameForm(forms.Form):
    """A folder's name."""

    name = forms.CharField(
        strip=False,
        max_length=limits.NAME_CHARS,
        validators=[check_name, check_folder_name],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class FolderField(forms.ChoiceField):
    """A folder into which one may write, offered as paths; with ``top``, also the top of the tree.

    ``clean`` gives the folder; None for the top, or for none when it is not required.
    """

    def __init__(self, *, actor: Actor, top: bool = False, without: Sequence[Folder] = (), **kwargs: Any) -> None:
        self.actor, self.has_top, self.without = actor, top, without
        super().__init__(**kwargs)
        first = [("", "Choose…"), *([(TOP, "The top of the tree")] if top else [])]
        self.choices = [*first, *self._offered()]

    def _offered(self) -> list[tuple[str, str]]:
        """The folders as they lie in the tree, each with its path."""
        rows = writable_folders(self.actor)
        if self.without:
            rows = rows.exclude(path__overlap=[folder.pk for folder in self.without])
        found = list(rows.order_by("path").only("id", "account", "name", "path")[:FOLDERS_OFFERED])
        names = dict(visible_folders(self.actor).values_list("pk", "name")) if found else {}
        paths = {folder.pk: " / ".join(names[pk] for pk in folder.path if pk in names) for folder in found}
        return sorted(((str(pk), path) for pk, path in paths.items()), key=lambda pair: pair[1].lower())

    def valid_value(self, value: Any) -> bool:
        return True  # `clean` asks the database: what is offered may be cut

    def clean(self, value: Any) -> Folder | None:
        text = super().clean(value)
        if not text or (text == TOP and self.has_top):
            return None
        try:
            folder: Folder | None = visible_folders(self.actor).filter(pk=text).first()
        except ValidationError:
            folder = None
        if folder is None:
            raise ValidationError("There is no such folder.")
        if not can(self.actor, "folder.write", folder):
            raise ValidationError("You may read this folder, but not add to it.")
        return folder


class MoveFolderForm(forms.Form):
    """Where a folder is put."""

    def __init__(self, data: Any = None, *, actor: Actor, folder: Folder, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.actor = actor
        top = can(actor, "folder.create")
        self.fields["to"] = FolderField(actor=actor, top=top, without=[folder], label="Into the folder")


class MoveFileForm(forms.Form):
    """Where a file is put."""

    def __init__(self, data: Any = None, *, actor: Actor, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["folder"] = FolderField(actor=actor, label="To the folder")


class FilesForm(forms.Form):
    """Files for a folder."""

    files = FilesField(label="Files", required=False)  # type: ignore[assignment]


class ReplaceForm(forms.Form):
    """One file, in the place of another."""

    files = FilesField(label="File", required=False, widget=forms.ClearableFileInput())  # type: ignore[assignment]

    def clean_files(self) -> list[Any]:
        files: list[Any] = self.cleaned_data["files"]
        if len(files) > 1:
            raise ValidationError("Choose one file.")
        return files


class FolderGrantForm(GrantForm):
    """One user or one group gets a level in a folder."""

    level = forms.ChoiceField(label="May", choices=FolderLevel)
