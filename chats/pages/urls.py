"""The pages of chats."""

from __future__ import annotations

from django.urls import path

from . import assistant, bulk, chat, chats, composer, feedback, live, raw, rule_count, settings, source, stream

urlpatterns = [
    path("chats/", chats.chat_list, name="chat_list"),
    path("chats/columns/", chats.chat_columns, name="chat_columns"),
    path("chats/bulk/export/", bulk.chat_bulk_export, name="chat_bulk_export"),
    path("chats/bulk/result/", bulk.chat_bulk_result, name="chat_bulk_result"),
    path("chats/bulk/<slug:name>/", bulk.chat_bulk_confirm, name="chat_bulk_confirm"),
    path("chats/bulk/<slug:name>/run/", bulk.chat_bulk_run, name="chat_bulk_run"),
    path("spaces/<uuid:pk>/assistant/", assistant.space_assistant, name="space_assistant"),
    path("spaces/<uuid:pk>/assistant/rules/count/", rule_count.space_rule_count, name="space_rule_count"),
    path("chats/new/", composer.chat_create, name="chat_create"),
    path("chats/<uuid:pk>/", chat.chat_detail, name="chat_detail"),
    path("chats/<uuid:pk>/contact/", chat.chat_contact, name="chat_contact"),
    path("chats/<uuid:pk>/assessments/", chat.chat_assessments, name="chat_assessments"),
    path("chats/<uuid:pk>/history/", chat.chat_history, name="chat_history"),
    path("chats/<uuid:pk>/api/", chat.chat_api, name="chat_api"),
    path("chats/<uuid:pk>/raw/", raw.chat_raw, name="chat_raw"),
    path("chats/<uuid:pk>/sources/<uuid:memory_pk>/", source.chat_source, name="chat_source"),
    path("chats/<uuid:pk>/raw.json", raw.chat_raw_json, name="chat_raw_json"),
    path("chats/<uuid:pk>/latest/", live.chat_latest, name="chat_latest"),
    path("chats/<uuid:pk>/stream/", stream.chat_stream, name="chat_stream"),
    path("chats/<uuid:pk>/messages/", composer.chat_send, name="chat_send"),
    path("chats/<uuid:pk>/again/", composer.chat_again, name="chat_again"),
    path("chats/<uuid:pk>/messages/<uuid:message_pk>/stop/", composer.chat_stop, name="chat_stop"),
    path("chats/<uuid:pk>/messages/<uuid:message_pk>/vote/", feedback.chat_vote, name="chat_vote"),
    path("chats/<uuid:pk>/messages/<uuid:message_pk>/unvote/", feedback.chat_unvote, name="chat_unvote"),
    path("chats/<uuid:pk>/messages/<uuid:message_pk>/text/", raw.chat_message_text, name="chat_message_text"),
    path("chats/<uuid:pk>/messages/<uuid:message_pk>.json", raw.chat_message_json, name="chat_message_json"),
    path("chats/<uuid:pk>/vote/", feedback.chat_vote_all, name="chat_vote_all"),
    path("chats/<uuid:pk>/unvote/", feedback.chat_unvote_all, name="chat_unvote_all"),
    path("chats/<uuid:pk>/settings/", settings.chat_settings, name="chat_settings"),
    path("chats/<uuid:pk>/move/", settings.chat_move, name="chat_move"),
    path("chats/<uuid:pk>/delete/", settings.chat_delete_confirm, name="chat_delete_confirm"),
    path("chats/<uuid:pk>/delete/run/", settings.chat_delete, name="chat_delete"),
]
