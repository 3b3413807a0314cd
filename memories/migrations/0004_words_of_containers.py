from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from spaces_project.kit.search import SearchColumn


class Migration(migrations.Migration):
    dependencies = [("memories", "0003_folders")]

    operations = [
        migrations.RemoveIndex("chunk", "memories_chunk_search"),
        migrations.RemoveField("chunk", "search"),
        migrations.AddField("chunk", "search", SearchColumn("text", within="container_id")),
        migrations.AddIndex("chunk", GinIndex(fields=["search"], name="memories_chunk_search")),
    ]
