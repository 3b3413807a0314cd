"""Import and export on an admin list: django-import-export's pages over our resources and our export engine."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ConfirmImportForm, ImportForm
from import_export.tmp_storages import TempFolderStorage

from spaces.models import Account
from spaces_project.env import DATA_DIR
from spaces_project.kit import limits
from spaces_project.kit.exports import TooManyRows, export_response
from spaces_project.kit.exports.xlsx import unescaped

from .base import OperationsAdmin

FORMATS = {"csv": "CSV", "xlsx": "Excel", "json": "JSON", "jsonl": "JSONL"}
KEPT_SECONDS = 24 * 3600


class Workbook(XLSX):  # type: ignore[misc]
    """As the library's, with Excel's own escapes undone."""

    def create_dataset(self, in_stream: Any) -> Any:
        dataset = super().create_dataset(in_stream)
        rows = [[unescaped(each) if isinstance(each, str) else each for each in row] for row in dataset]
        return type(dataset)(*rows, headers=dataset.headers)


class ImportedFiles(TempFolderStorage):  # type: ignore[misc]
    """Files between the preview and the confirmation: in the data folder, for a day."""

    folder = DATA_DIR / "imports"
    name: str

    def get_full_path(self) -> str:
        return str(self.folder / Path(self.name).name)

    def _open(self, mode: str = "r") -> Any:
        if self.name:
            return open(self.get_full_path(), mode, encoding=self.encoding)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._forget_old()
        file = NamedTemporaryFile(dir=self.folder, delete=False)  # noqa: SIM115  (the library closes it)
        self.name = Path(file.name).name
        return file

    def _forget_old(self) -> None:
        for path in self.folder.iterdir():
            if path.stat().st_mtime < time.time() - KEPT_SECONDS:
                path.unlink(missing_ok=True)


class AccountSlug(forms.CharField):
    """An account by its slug."""

    def clean(self, value: Any) -> Account:
        slug = super().clean(value)
        account = Account.objects.filter(slug__iexact=slug).first() if "\x00" not in slug else None
        if account is None:
            raise forms.ValidationError("There is no such account.")
        return account


class FileForm(ImportForm):  # type: ignore[misc]
    """Which file, and whose rows it holds."""

    account = AccountSlug(help_text="The slug of the account that the rows belong to.")
    field_order = ["account", "import_file", "format"]

    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        if file.size > limits.IMPORT_FILE_BYTES:
            raise forms.ValidationError(f"At most {limits.IMPORT_FILE_BYTES // 1024**2} MiB; cut it into several.")
        return file


class ConfirmForm(ConfirmImportForm):  # type: ignore[misc]
    account = AccountSlug(widget=forms.HiddenInput())


class FilesAdmin(ImportExportMixin, OperationsAdmin):  # type: ignore[misc]
    """An admin list with the buttons Import and Export."""

    import_form_class = FileForm
    confirm_form_class = ConfirmForm
    import_formats = (CSV, Workbook)
    tmp_storage_class = ImportedFiles
    skip_admin_log = True  # the audit has it

    def get_confirm_form_initial(self, request: HttpRequest, import_form: Any) -> dict[str, Any]:
        initial = super().get_confirm_form_initial(request, import_form)
        return {**initial, "account": import_form.cleaned_data["account"].slug} if import_form else initial

    def get_import_resource_kwargs(self, request: HttpRequest, form: Any = None, **kwargs: Any) -> dict[str, Any]:
        account = form.cleaned_data.get("account") if form is not None and form.is_bound and form.is_valid() else None
        return {"account": account, "by": self.actor(request, account)} if account else {}

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """All rows or none: what changed since the preview must not split a file."""
        return {"rollback_on_validation_errors": True}

    @method_decorator(require_POST)
    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super().process_import(request, **kwargs)
        except (OSError, ValueError, LookupError):
            messages.error(request, "That file is no longer here. Choose it again.")
            return self._to("import")
        return response

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        if result.has_errors() or result.has_validation_errors():
            messages.error(request, "Nothing was imported, because something changed meanwhile. Look at it again.")
            return self._to("import")
        response: HttpResponse = super().process_result(result, request)
        return response

    def _to(self, page: str) -> HttpResponse:
        return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"))

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        """A page with a button per format; each streams the list's rows with its filters."""
        if request.method == "POST" and request.POST.get("format") in FORMATS:
            try:
                return self._export(request, request.POST["format"])
            except TooManyRows as error:
                messages.error(request, str(error))
            except IncorrectLookupParameters:
                messages.error(request, "The filters of the list cannot be read. Go back to the list.")
        resource = self.get_export_resource_classes(request)[0]()
        context = {
            **self.admin_site.each_context(request),
            "title": f"Export {self.opts.verbose_name_plural}",
            "opts": self.opts,
            "formats": FORMATS.items(),
            "columns": resource.headers(),
        }
        return TemplateResponse(request, "admin/export.html", context)

    def _export(self, request: HttpRequest, format: str) -> HttpResponseBase:
        rows, resource = self.get_export_queryset(request), self.get_export_resource_classes(request)[0]()
        return export_response(resource, rows, format, filename=str(self.opts.verbose_name_plural))
