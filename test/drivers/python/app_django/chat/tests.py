import json
import uuid
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.test import TestCase, TransactionTestCase
from psycopg.types.json import Jsonb

from .models import Chat, Message


def rows(query, *args):
    """The rows as dicts. Django leaves jsonb as text, but in models."""
    with connection.cursor() as cursor:
        cursor.execute(query, args)
        jsonb = {c.name for c in cursor.description if c.type_code == 3802}
        return [{c.name: json.loads(v) if c.name in jsonb and v is not None else v
                 for c, v in zip(cursor.description, row)} for row in cursor]


class Conversation(TestCase):
    """Each test is a transaction that is rolled back, what threadmem stored in it too."""

    def setUp(self):
        self.chat = Chat.objects.create(label="mine")
        self.thread = str(self.chat.id)     # the ids of threadmem are text
        rows("SELECT * FROM threadmem.user_create('ada', metadata => %s)", Jsonb({"plan": "free"}))
        rows("SELECT * FROM threadmem.thread_create(%s, user_id => 'ada', graph_id => 'guide', title => 'Lyon')", self.thread)

    def test_messages(self):
        question, calls = str(uuid.uuid4()), [{"id": "c1", "type": "function", "function": {"name": "map", "arguments": "{}"}}]
        for _ in range(2):      # the id was chosen before, so that the call can be repeated
            added, = rows("SELECT * FROM threadmem.message_add(%s, 'user', parts => %s, message_id => %s)",
                          self.thread, Jsonb([{"type": "text", "text": "Where is the Roman theatre?"}]), question)
        self.assertEqual((added["seq"], added["text"], added["content"][0]["type"]), (1, "Where is the Roman theatre?", "text"))
        rows("SELECT * FROM threadmem.message_add(%s, 'assistant', tool_calls => %s)", self.thread, Jsonb(calls))
        rows("SELECT * FROM threadmem.message_add(%s, 'tool', 'On the hill.', tool_call_id => 'c1')", self.thread)

        page = list(Message.objects.raw("SELECT * FROM threadmem.message_list(%s, max_rows => %s)", [self.chat.id, 2]))
        rest = list(Message.objects.raw("SELECT * FROM threadmem.message_list(%s, after_position => %s)",
                                        [self.thread, page[-1].position]))
        self.assertEqual([m.role for m in page + rest], ["user", "assistant", "tool"])
        self.assertEqual(page[1].body["tool_calls"], calls)
        window = rows("SELECT * FROM threadmem.message_context(%s, max_tokens => %s)", self.thread, 4000)
        self.assertEqual([m["role"] for m in window], ["user", "assistant", "tool"])
        found = Message.objects.raw("SELECT * FROM threadmem.message_search('roman theatre', user_id => %s)", ["ada"])
        self.assertEqual([m.message_id for m in found], [question])

        rows("SELECT threadmem.memory_set_embedding('ada', %s, thread_id => %s, message_id => %s)",
             [0.1, 0.2, 0.3], self.thread, question)
        hit, *_ = rows("SELECT * FROM threadmem.memory_search('ada', %s)", "where was the theatre")
        self.assertEqual(hit["message_id"], question)

        self.assertEqual([(c.label, c.title, c.message_count) for c in Chat.with_threads()], [("mine", "Lyon", 3)])
        Chat.objects.create(label="gone")
        self.assertEqual([(c.label, c.title) for c in Chat.with_threads()], [("gone", None), ("mine", "Lyon")])

    def test_run(self):
        both = 'SELECT t.status, s.* FROM threadmem.thread_get(%s) t, threadmem.thread_state(%s) s'
        minutes = timedelta(minutes=5)
        rows("SELECT * FROM threadmem.run_create(%s, run_id => 'r1', graph_id => 'guide')", self.thread)
        run, = rows("SELECT * FROM threadmem.run_claim('worker 1', lease => %s, graph_id => 'guide')", minutes)
        self.assertEqual((run["thread_id"], run["status"]), (self.thread, "in_progress"))
        rows("SELECT * FROM threadmem.run_heartbeat(%s, 'r1', 'worker 1', %s)", self.thread, minutes)
        rows("SELECT * FROM threadmem.thread_update_state(%s, %s, as_node => 'plan', next => %s, run_id => 'r1')",
             self.thread, Jsonb({"stops": ["hill"]}), ["approve"])
        state, = rows(both, self.thread, self.thread)
        self.assertEqual((state["values"]["stops"], state["next"]), (["hill"], ["approve"]))
        rows("SELECT threadmem.checkpoint_put_writes(%s, %s, %s, %s)", self.thread, state["checkpoint"]["checkpoint_id"],
             state["tasks"][0]["id"], Jsonb([["__interrupt__", [{"id": "i1", "value": "Shall I book?"}]]]))
        rows("SELECT * FROM threadmem.run_interrupt(%s, 'r1', worker => 'worker 1')", self.thread)
        state, = rows(both, self.thread, self.thread)
        self.assertEqual((state["status"], state["interrupts"][0]["value"]), ("interrupted", "Shall I book?"))
        rows("SELECT * FROM threadmem.run_create(%s, run_id => 'r2', graph_id => 'guide')", self.thread)
        rows("SELECT * FROM threadmem.run_claim('worker 1', graph_id => 'guide')")
        rows("SELECT * FROM threadmem.thread_update_state(%s, %s, as_node => 'approve', run_id => 'r2')",
             self.thread, Jsonb({"approved": True}))
        rows("SELECT * FROM threadmem.run_complete(%s, 'r2', worker => 'worker 1')", self.thread)
        state, = rows(both, self.thread, self.thread)
        self.assertEqual((state["status"], state["next"], state["interrupts"]), ("idle", [], []))

    def error(self, query, *args):
        with self.assertRaises(DatabaseError) as raised, transaction.atomic():  # a savepoint: what follows goes on
            rows(query, *args)
        e = raised.exception.__cause__      # that of psycopg
        return e.sqlstate, e.diag.table_name, e.diag.column_name

    def test_errors(self):
        self.assertEqual(self.error("SELECT * FROM threadmem.thread_get('none')"), ("P0002", "threads", "thread_id"))
        self.assertEqual(self.error("SELECT * FROM threadmem.message_list(%s, max_rows => %s)", self.thread, 5_000_000_000),
                         ("22023", None, "max_rows"))
        self.assertEqual(self.error("SELECT * FROM threadmem.thread_update(%s, expected_version => 99)", self.thread)[0], "TM001")

    def test_both_or_none(self):
        with self.assertRaises(KeyError), transaction.atomic():
            Chat.objects.create(label="lost")
            rows("SELECT * FROM threadmem.message_add(%s, 'user', 'lost')", self.thread)
            raise KeyError
        self.assertEqual([(c.label, c.message_count) for c in Chat.with_threads()], [("mine", 0)])


class Tenants(TransactionTestCase):
    """Commits. Django empties its own tables afterwards; what threadmem has stays to the end of the run."""

    def threads(self, tenant, create=None):
        with transaction.atomic():
            rows("SELECT set_config('threadmem.tenant', %s, true)", tenant)
            if create:
                rows("SELECT * FROM threadmem.thread_create(%s)", create)
            return [t["thread_id"] for t in rows("SELECT * FROM threadmem.thread_list()")]

    def test_tenants(self):
        self.assertEqual(self.threads("north", create="of north"), ["of north"])
        self.assertEqual(self.threads("south", create="of south"), ["of south"])
        self.assertEqual(self.threads("north"), ["of north"])
        self.assertEqual(rows("SELECT * FROM threadmem.thread_list()"), [])     # the connection is as it was

    def test_role(self):
        self.assertEqual(rows("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"), [{"rolsuper": False}])
