"""The pages of settings."""

from __future__ import annotations

from django.urls import path

from . import (
    groups,
    keys,
    links,
    member_actions,
    member_second_factor,
    members,
    profile,
    second_factor,
    webhook_actions,
    webhook_deliveries,
    webhooks,
)

urlpatterns = [
    path("settings/", profile.settings_home, name="settings_home"),
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/second-factor/", second_factor.second_factor, name="second_factor"),
    path("settings/second-factor/set-up/", second_factor.second_factor_setup, name="second_factor_setup"),
    path("settings/second-factor/codes/", second_factor.second_factor_codes, name="second_factor_codes"),
    path("settings/second-factor/off/", second_factor.second_factor_off, name="second_factor_off"),
    path("settings/api-keys/", keys.api_key_list, name="api_key_list"),
    path("settings/api-keys/new/", keys.api_key_create, name="api_key_create"),
    path("settings/api-keys/new/spaces/", keys.api_key_spaces, name="api_key_spaces"),
    path("settings/api-keys/<uuid:pk>/", keys.api_key_detail, name="api_key_detail"),
    path("settings/api-keys/<uuid:pk>/revoke/", keys.api_key_revoke_confirm, name="api_key_revoke_confirm"),
    path("settings/api-keys/<uuid:pk>/revoke/run/", keys.api_key_revoke, name="api_key_revoke"),
    path("settings/export-links/", links.export_link_list, name="export_link_list"),
    path("settings/export-links/new/", links.export_link_create, name="export_link_create"),
    path("settings/export-links/<uuid:pk>/", links.export_link_detail, name="export_link_detail"),
    path(
        "settings/export-links/<uuid:pk>/revoke/", links.export_link_revoke_confirm, name="export_link_revoke_confirm"
    ),
    path("settings/export-links/<uuid:pk>/revoke/run/", links.export_link_revoke, name="export_link_revoke"),
    path("settings/members/", members.member_list, name="member_list"),
    path("settings/members/new/", members.member_create, name="member_create"),
    path("settings/members/second-factors/", member_second_factor.member_second_factors, name="member_second_factors"),
    path(
        "settings/members/second-factors/require/",
        member_second_factor.member_second_factors_require,
        name="member_second_factors_require",
    ),
    path(
        "settings/members/second-factors/waive/",
        member_second_factor.member_second_factors_waive,
        name="member_second_factors_waive",
    ),
    path("settings/members/<uuid:pk>/", members.member_detail, name="member_detail"),
    path(
        "settings/members/<uuid:pk>/deactivate/",
        member_actions.member_deactivate_confirm,
        name="member_deactivate_confirm",
    ),
    path("settings/members/<uuid:pk>/deactivate/run/", member_actions.member_deactivate, name="member_deactivate"),
    path("settings/members/<uuid:pk>/reactivate/", member_actions.member_reactivate, name="member_reactivate"),
    path(
        "settings/members/<uuid:pk>/password/", member_actions.member_password_confirm, name="member_password_confirm"
    ),
    path("settings/members/<uuid:pk>/password/run/", member_actions.member_password, name="member_password"),
    path(
        "settings/members/<uuid:pk>/second-factor/",
        member_second_factor.member_second_factor_confirm,
        name="member_second_factor_confirm",
    ),
    path(
        "settings/members/<uuid:pk>/second-factor/reset/",
        member_second_factor.member_second_factor_reset,
        name="member_second_factor_reset",
    ),
    path("settings/groups/", groups.group_list, name="group_list"),
    path("settings/groups/new/", groups.group_create, name="group_create"),
    path("settings/groups/<uuid:pk>/", groups.group_detail, name="group_detail"),
    path("settings/groups/<uuid:pk>/rename/", groups.group_rename, name="group_rename"),
    path("settings/groups/<uuid:pk>/members/add/", groups.group_add_member, name="group_add_member"),
    path(
        "settings/groups/<uuid:pk>/members/<uuid:user_pk>/remove/",
        groups.group_remove_member,
        name="group_remove_member",
    ),
    path("settings/groups/<uuid:pk>/delete/", groups.group_delete_confirm, name="group_delete_confirm"),
    path("settings/groups/<uuid:pk>/delete/run/", groups.group_delete, name="group_delete"),
    path("settings/webhooks/", webhooks.webhook_list, name="webhook_list"),
    path("settings/webhooks/new/", webhooks.webhook_create, name="webhook_create"),
    path("settings/webhooks/deliveries/", webhook_deliveries.webhook_delivery_list, name="webhook_delivery_list"),
    path(
        "settings/webhooks/deliveries/<uuid:pk>/",
        webhook_deliveries.webhook_delivery_detail,
        name="webhook_delivery_detail",
    ),
    path(
        "settings/webhooks/deliveries/<uuid:pk>/again/", webhook_deliveries.webhook_redeliver, name="webhook_redeliver"
    ),
    path("settings/webhooks/<uuid:pk>/", webhooks.webhook_detail, name="webhook_detail"),
    path("settings/webhooks/<uuid:pk>/edit/", webhooks.webhook_edit, name="webhook_edit"),
    path("settings/webhooks/<uuid:pk>/pause/", webhook_actions.webhook_pause, name="webhook_pause"),
    path("settings/webhooks/<uuid:pk>/resume/", webhook_actions.webhook_resume, name="webhook_resume"),
    path("settings/webhooks/<uuid:pk>/test/", webhook_actions.webhook_test, name="webhook_test"),
    path("settings/webhooks/<uuid:pk>/secret/", webhook_actions.webhook_secret_confirm, name="webhook_secret_confirm"),
    path("settings/webhooks/<uuid:pk>/secret/run/", webhook_actions.webhook_secret, name="webhook_secret"),
    path("settings/webhooks/<uuid:pk>/delete/", webhook_actions.webhook_delete_confirm, name="webhook_delete_confirm"),
    path("settings/webhooks/<uuid:pk>/delete/run/", webhook_actions.webhook_delete, name="webhook_delete"),
]
