from django.db import migrations, models
from django.db.models.functions import MD5


class Migration(migrations.Migration):
    dependencies = [("memories", "0005_words_at_once")]

    operations = [
        migrations.AddIndex(
            "memory",
            models.Index(
                *("account", "space", MD5("key")),
                condition=models.Q(folder=None, chat=None) & ~models.Q(key=""),
                name="memories_memory_key_in_space",
            ),
        ),
    ]
