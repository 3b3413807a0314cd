from django.db import migrations, models


class Migration(migrations.Migration):
    """The list of spaces tells how many are archived, for which it read all of them."""

    dependencies = [("spaces", "0011_deliveries_of_subject")]

    operations = [
        migrations.AddIndex(
            "space",
            models.Index(
                fields=["account", "updated_at", "id"],
                condition=models.Q(is_archived=True),
                name="spaces_space_archived",
            ),
        ),
    ]
