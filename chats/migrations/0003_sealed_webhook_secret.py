from django.db import migrations

import spaces_project.kit.sealed


class Migration(migrations.Migration):
    dependencies = [("chats", "0002_request_is_free_json")]

    operations = [
        migrations.AlterField(
            model_name="assistant",
            name="webhook_secret",
            field=spaces_project.kit.sealed.SealedField(
                blank=True, default="", editable=False, help_text="Signs what is sent to webhook_url."
            ),
        ),
    ]
