from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("spaces", "0010_saved_views")]

    operations = [
        migrations.AddIndex(
            "webhookdelivery",
            models.Index(fields=["account", "subject_id"], name="spaces_delivery_of_subject"),
        ),
    ]
