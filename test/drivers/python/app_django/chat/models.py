import uuid

from django.db import models


class Chat(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    label = models.TextField()

    @classmethod
    def with_threads(cls):
        """Chats with title and message_count of their threads, None where a thread is gone."""
        return cls.objects.raw("SELECT c.*, t.title, t.message_count FROM chat_chat c "
                               "LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY c.label")


class Message(models.Model):
    """Rows of threadmem's lists, by raw(); Django neither makes nor drops what they come from."""

    thread_id = models.TextField()
    message_id = models.TextField(primary_key=True)
    seq = models.BigIntegerField()
    role = models.TextField()
    text = models.TextField()
    body = models.JSONField()

    class Meta:
        managed = False
        db_table = 'threadmem"."messages'
