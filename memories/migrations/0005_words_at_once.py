from django.contrib.postgres.indexes import GinIndex
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("memories", "0004_words_of_containers")]

    operations = [
        migrations.RemoveIndex("chunk", "memories_chunk_search"),
        migrations.AddIndex("chunk", GinIndex(fields=["search"], name="memories_chunk_search", fastupdate=False)),
    ]
