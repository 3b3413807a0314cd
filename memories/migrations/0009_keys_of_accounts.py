from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Coalesce, Left, Lower, NullIf


def given(column: str) -> NullIf:
    return NullIf(column, models.Value(""), output_field=models.CharField())


class Migration(migrations.Migration):
    """Programs ask for a key, or for what begins so, wherever it is: in all folders and spaces of an account."""

    dependencies = [("memories", "0008_accounts_of_chunks")]

    operations = [
        migrations.AddIndex(
            "memory",
            models.Index(
                "account",
                OpClass(
                    Lower(Left(Coalesce(given("key"), given("name"), output_field=models.CharField()), 200)),
                    "text_pattern_ops",
                ),
                name="memories_memory_by_key",
            ),
        ),
    ]
