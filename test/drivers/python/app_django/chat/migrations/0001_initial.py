import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    operations = [
        # There already, from template1: this says that it is needed. Backwards it stays, with all conversations.
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS threadmem", migrations.RunSQL.noop),
        migrations.CreateModel("Chat", [
            ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
            ("label", models.TextField()),
        ]),
        migrations.CreateModel("Message", [
            ("thread_id", models.TextField()),
            ("message_id", models.TextField(primary_key=True, serialize=False)),
            ("seq", models.BigIntegerField()),
            ("role", models.TextField()),
            ("text", models.TextField()),
            ("body", models.JSONField()),
        ], options={"managed": False, "db_table": 'threadmem"."messages'}),
    ]
