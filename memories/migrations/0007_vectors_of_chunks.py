from django.db import migrations, models


class Migration(migrations.Migration):
    """Deleting a chunk looks for its vectors by account and chunk. With both in the index no other is taken for it, as
    was the one of accounts and ids, until the table was analyzed."""

    dependencies = [("memories", "0006_keys_in_spaces")]

    operations = [
        migrations.RemoveIndex("embedding", "memories_embedding_of_chunk"),
        migrations.AddIndex("embedding", models.Index(fields=["account", "chunk"], name="memories_embedding_of_chunk")),
    ]
