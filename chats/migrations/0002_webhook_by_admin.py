from typing import Any

from django.conf import settings
from django.db import migrations, models

from spaces_project.kit.egress import Refused, needs_opening


def of_administrators(apps: Any, schema_editor: Any) -> None:
    """Addresses that by their text administrators alone could name go on as they did; others are public ones."""
    assistants = apps.get_model("chats", "Assistant")._base_manager
    for each in assistants.exclude(webhook_url="").only("webhook_url").iterator():
        try:
            is_within = needs_opening(each.webhook_url, settings.EGRESS_ALLOW)
        except Refused:
            continue
        if is_within:
            assistants.filter(pk=each.pk).update(webhook_by_admin=True)


class Migration(migrations.Migration):
    dependencies = [("chats", "0001_initial")]

    operations = [
        migrations.AddField("assistant", "webhook_by_admin", models.BooleanField(default=False, editable=False)),
        migrations.RunPython(of_administrators, migrations.RunPython.noop),
    ]
