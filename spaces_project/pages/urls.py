"""The pages over several apps, and the way in and out."""

from __future__ import annotations

from django.urls import path

from . import accounts, audit, contact, exports, language_models, links, overview, search, space, theme

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("search/", search.search, name="search"),
    path("theme/", theme.theme, name="theme"),
    path("sign-in/", accounts.SignIn.as_view(), name="sign_in"),
    path("sign-out/", accounts.SignOut.as_view(), name="sign_out"),
    path("settings/password/", accounts.PasswordChange.as_view(), name="password_change"),
    path("settings/language-models/", language_models.language_model_list, name="language_model_list"),
    path("settings/language-models/new/", language_models.language_model_create, name="language_model_create"),
    path("settings/language-models/<uuid:pk>/", language_models.language_model_detail, name="language_model_detail"),
    path("settings/language-models/<uuid:pk>/test/", language_models.language_model_test, name="language_model_test"),
    path(
        "settings/language-models/<uuid:pk>/default/",
        language_models.language_model_default,
        name="language_model_default",
    ),
    path(
        "settings/language-models/<uuid:pk>/delete/",
        language_models.language_model_delete_confirm,
        name="language_model_delete_confirm",
    ),
    path(
        "settings/language-models/<uuid:pk>/delete/run/",
        language_models.language_model_delete,
        name="language_model_delete",
    ),
    path("spaces/export.<slug:format>", exports.space_export, name="space_export"),
    path("contacts/export.<slug:format>", exports.contact_export, name="contact_export"),
    path("chats/export.<slug:format>", exports.chat_export, name="chat_export"),
    path("chats/messages/export.<slug:format>", exports.message_export, name="message_export"),
    path("chats/<uuid:pk>/messages/export.<slug:format>", exports.chat_messages_export, name="chat_messages_export"),
    path("memories/export.<slug:format>", exports.memory_export, name="memory_export"),
    path("memories/chunks/export.<slug:format>", exports.chunk_export, name="chunk_export"),
    path("audit/", audit.audit_list, name="audit_list"),
    path("audit/export.<slug:format>", exports.audit_export, name="audit_export"),
    path("links/<str:token>/<str:name>.<slug:format>", links.export_link_open, name="export_link_open"),
    path("spaces/<uuid:pk>/", space.space_detail, name="space_detail"),
    path("spaces/<uuid:pk>/chats/", space.space_chats, name="space_chats"),
    path("spaces/<uuid:pk>/memories/", space.space_memories, name="space_memories"),
    path("spaces/<uuid:pk>/contacts/", space.space_contacts, name="space_contacts"),
    path("spaces/<uuid:pk>/history/", space.space_history, name="space_history"),
    path("spaces/<uuid:pk>/api/", space.space_api, name="space_api"),
    path("contacts/<uuid:pk>/", contact.contact_detail, name="contact_detail"),
    path("contacts/<uuid:pk>/chats/", contact.contact_chats, name="contact_chats"),
    path("contacts/<uuid:pk>/memories/", contact.contact_memories, name="contact_memories"),
    path("contacts/<uuid:pk>/ratings/", contact.contact_ratings, name="contact_ratings"),
    path("contacts/<uuid:pk>/spaces/", contact.contact_spaces, name="contact_spaces"),
    path("contacts/<uuid:pk>/history/", contact.contact_history, name="contact_history"),
    path("contacts/<uuid:pk>/api/", contact.contact_api, name="contact_api"),
]
