"""The pages of folders and of the files in them."""

from __future__ import annotations

from django.urls import path

from . import access, browser, bulk, folders, moving, upload, versions

urlpatterns = [
    path("files/", browser.file_list, name="file_list"),
    path("files/new/", folders.folder_create, name="folder_create"),
    path("files/bulk/export/", bulk.file_bulk_export, name="file_bulk_export"),
    path("files/bulk/result/", bulk.file_bulk_result, name="file_bulk_result"),
    path("files/bulk/<slug:name>/", bulk.file_bulk_confirm, name="file_bulk_confirm"),
    path("files/bulk/<slug:name>/run/", bulk.file_bulk_run, name="file_bulk_run"),
    path("files/<uuid:pk>/", browser.folder_detail, name="folder_detail"),
    path("files/<uuid:pk>/tree/", browser.folder_tree, name="folder_tree"),
    path("files/<uuid:pk>/new/", folders.folder_create_in, name="folder_create_in"),
    path("files/<uuid:pk>/upload/", upload.folder_upload, name="folder_upload"),
    path("files/<uuid:pk>/access/", access.folder_access, name="folder_access"),
    path("files/<uuid:pk>/access/grant/", access.folder_grant, name="folder_grant"),
    path("files/<uuid:pk>/access/<uuid:grant_pk>/revoke/", access.folder_revoke, name="folder_revoke"),
    path("files/<uuid:pk>/access/inherit/", access.folder_inherit, name="folder_inherit"),
    path("files/<uuid:pk>/access/separate/", access.folder_separate, name="folder_separate"),
    path("files/<uuid:pk>/settings/", folders.folder_settings, name="folder_settings"),
    path("files/<uuid:pk>/rename/", folders.folder_rename, name="folder_rename"),
    path("files/<uuid:pk>/move/", folders.folder_move, name="folder_move"),
    path("files/<uuid:pk>/delete/", folders.folder_delete_confirm, name="folder_delete_confirm"),
    path("files/<uuid:pk>/delete/run/", folders.folder_delete, name="folder_delete"),
    path("files/<uuid:pk>/history/", folders.folder_history, name="folder_history"),
    path("files/<uuid:pk>/api/", folders.folder_api, name="folder_api"),
    path("memories/<uuid:pk>/move-to-folder/", moving.memory_move_to_folder, name="memory_move_to_folder"),
    path("memories/<uuid:pk>/versions/", versions.memory_versions, name="memory_versions"),
    path("memories/<uuid:pk>/versions/<uuid:version_pk>/", versions.memory_version, name="memory_version"),
    path(
        "memories/<uuid:pk>/versions/<uuid:version_pk>/restore/",
        versions.memory_version_restore_confirm,
        name="memory_version_restore_confirm",
    ),
    path(
        "memories/<uuid:pk>/versions/<uuid:version_pk>/restore/run/",
        versions.memory_version_restore,
        name="memory_version_restore",
    ),
    path("memories/<uuid:pk>/replace/", versions.memory_replace, name="memory_replace"),
    path("memories/<uuid:pk>/preview/", versions.memory_preview, name="memory_preview"),
]
