"""The pages of spaces and contacts."""

from __future__ import annotations

from django.urls import path

from . import bulk, contact_actions, contacts, saved_views, space, spaces

urlpatterns = [
    path("spaces/", spaces.space_list, name="space_list"),
    path("spaces/new/", spaces.space_create, name="space_create"),
    path("spaces/columns/", spaces.space_columns, name="space_columns"),
    path("spaces/bulk/export/", bulk.space_bulk_export, name="space_bulk_export"),
    path("spaces/bulk/result/", bulk.space_bulk_result, name="space_bulk_result"),
    path("spaces/bulk/<slug:name>/", bulk.space_bulk_confirm, name="space_bulk_confirm"),
    path("spaces/bulk/<slug:name>/run/", bulk.space_bulk_run, name="space_bulk_run"),
    path("spaces/<uuid:pk>/settings/", space.space_settings, name="space_settings"),
    path("spaces/<uuid:pk>/archive/", space.space_archive, name="space_archive"),
    path("spaces/<uuid:pk>/unarchive/", space.space_unarchive, name="space_unarchive"),
    path("spaces/<uuid:pk>/delete/", space.space_delete_confirm, name="space_delete_confirm"),
    path("spaces/<uuid:pk>/delete/run/", space.space_delete, name="space_delete"),
    path("spaces/<uuid:pk>/access/", space.space_access, name="space_access"),
    path("spaces/<uuid:pk>/access/grant/", space.space_grant, name="space_grant"),
    path("spaces/<uuid:pk>/access/<uuid:grant_pk>/revoke/", space.space_revoke, name="space_revoke"),
    path("views/new/", saved_views.view_create, name="view_create"),
    path("views/<uuid:pk>/", saved_views.view_settings, name="view_settings"),
    path("views/<uuid:pk>/update/", saved_views.view_update, name="view_update"),
    path("views/<uuid:pk>/delete/", saved_views.view_delete_confirm, name="view_delete_confirm"),
    path("views/<uuid:pk>/delete/run/", saved_views.view_delete, name="view_delete"),
    path("contacts/", contacts.contact_list, name="contact_list"),
    path("contacts/columns/", contacts.contact_columns, name="contact_columns"),
    path("contacts/new/", contacts.contact_create, name="contact_create"),
    path("contacts/bulk/export/", contact_actions.contact_bulk_export, name="contact_bulk_export"),
    path("contacts/bulk/result/", contact_actions.contact_bulk_result, name="contact_bulk_result"),
    path("contacts/bulk/<slug:name>/", contact_actions.contact_bulk_confirm, name="contact_bulk_confirm"),
    path("contacts/bulk/<slug:name>/run/", contact_actions.contact_bulk_run, name="contact_bulk_run"),
    path("contacts/<uuid:pk>/settings/", contacts.contact_settings, name="contact_settings"),
    path("contacts/<uuid:pk>/delete/", contact_actions.contact_delete_confirm, name="contact_delete_confirm"),
    path("contacts/<uuid:pk>/delete/run/", contact_actions.contact_delete, name="contact_delete"),
]
