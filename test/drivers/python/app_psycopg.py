"""A conversation with psycopg 3 and its pool; what to connect to is in PGHOST, PGUSER and so on."""

import uuid
from datetime import timedelta

import psycopg
from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

pool = ConnectionPool(min_size=1, max_size=1, kwargs={"row_factory": namedtuple_row})
chat = uuid.uuid4()      # a key of the application
thread = str(chat)       # the same for threadmem, whose ids are text

with pool.connection() as conn:
    conn.execute("CREATE TABLE chats (id uuid PRIMARY KEY, label text)")
    conn.execute("SELECT FROM threadmem.user_create('ada', metadata => %s)", [Jsonb({"plan": "free"})])
    conn.execute("SELECT FROM threadmem.thread_create(%s, user_id => 'ada', graph_id => 'guide')", [thread])

    # Messages: parts, a call of a tool and its output. The id is chosen before, so that the call can be repeated.
    question, calls = str(uuid.uuid4()), [{"id": "c1", "type": "function", "function": {"name": "map", "arguments": "{}"}}]
    for _ in range(2):
        added = conn.execute(
            "SELECT * FROM threadmem.message_add(%s, 'user', parts => %s, message_id => %s)",
            [thread, Jsonb([{"type": "text", "text": "Where is the Roman theatre?"}]), question]).fetchone()
    assert (added.seq, added.text, added.content[0]["type"]) == (1, "Where is the Roman theatre?", "text")
    conn.execute("SELECT FROM threadmem.message_add(%s, 'assistant', tool_calls => %s)", [thread, Jsonb(calls)])
    conn.execute("SELECT FROM threadmem.message_add(%s, 'tool', 'On the hill.', tool_call_id => 'c1')", [thread])

    # A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
    page = conn.execute("SELECT * FROM threadmem.message_list(%s, max_rows => %s)", [chat, 2]).fetchall()
    rest = conn.execute("SELECT * FROM threadmem.message_list(%s, after_position => %s)", [thread, page[-1].position]).fetchall()
    assert [m.role for m in page + rest] == ["user", "assistant", "tool"] and page[1].body["tool_calls"] == calls
    window = conn.execute("SELECT * FROM threadmem.message_context(%s, max_tokens => %s)", [thread, 4000]).fetchall()
    assert [m.role for m in window] == ["user", "assistant", "tool"] and window[0].used_tokens > 0
    found = conn.execute("SELECT * FROM threadmem.message_search('roman theatre', user_id => %s)", ["ada"]).fetchall()
    assert [(m.thread_id, m.message_id) for m in found] == [(thread, question)]

    # A worker's run updates the state, asks a person, and ends; a second run brings the answer.
    minutes = timedelta(minutes=5)
    conn.execute("SELECT FROM threadmem.run_create(%s, run_id => 'r1', graph_id => 'guide')", [thread])
    run = conn.execute("SELECT * FROM threadmem.run_claim('worker 1', lease => %s, graph_id => 'guide')", [minutes]).fetchone()
    assert (run.thread_id, run.run_id, run.status) == (thread, "r1", "in_progress")
    beat = conn.execute("SELECT * FROM threadmem.run_heartbeat(%s, 'r1', 'worker 1', %s)", [thread, minutes]).fetchone()
    assert beat.lease_until >= run.lease_until
    conn.execute("SELECT FROM threadmem.thread_update_state(%s, %s, as_node => 'plan', next => %s, run_id => 'r1')",
                 [thread, Jsonb({"stops": ["hill"]}), ["approve"]])
    state = conn.execute('SELECT s."values" AS state, s.* FROM threadmem.thread_state(%s) s', [thread]).fetchone()
    assert state.state["stops"] == ["hill"] and state.next == ["approve"]
    conn.execute("SELECT threadmem.checkpoint_put_writes(%s, %s, %s, %s)",
                 [thread, state.checkpoint["checkpoint_id"], state.tasks[0]["id"],
                  Jsonb([["__interrupt__", [{"id": "i1", "value": "Shall I book?"}]]])])
    conn.execute("SELECT FROM threadmem.run_interrupt(%s, 'r1', worker => 'worker 1')", [thread])
    waiting = conn.execute("SELECT t.status, s.interrupts FROM threadmem.thread_get(%s) t, threadmem.thread_state(%s) s",
                           [thread, thread]).fetchone()
    assert waiting.status == "interrupted" and waiting.interrupts[0]["value"] == "Shall I book?"
    conn.execute("SELECT FROM threadmem.run_create(%s, run_id => 'r2', graph_id => 'guide')", [thread])
    conn.execute("SELECT FROM threadmem.run_claim('worker 1', graph_id => 'guide')")
    conn.execute("SELECT FROM threadmem.thread_update_state(%s, %s, as_node => 'approve', run_id => 'r2')",
                 [thread, Jsonb({"approved": True})])
    conn.execute("SELECT FROM threadmem.run_complete(%s, 'r2', usage => %s, worker => 'worker 1')",
                 [thread, Jsonb({"total_tokens": 12})])
    state = conn.execute('SELECT t.status, s."values" AS state, s.next, s.interrupts '
                         'FROM threadmem.thread_get(%s) t, threadmem.thread_state(%s) s', [thread, thread]).fetchone()
    assert (state.status, state.next, state.interrupts) == ("idle", [], []) and state.state["approved"] is True

    # An embedding is the list that the model gave.
    conn.execute("SELECT threadmem.memory_set_embedding('ada', %s, thread_id => %s, message_id => %s)",
                 [[0.1, 0.2, 0.3], thread, question])
    hits = conn.execute("SELECT * FROM threadmem.memory_search('ada', %s)", ["where was the theatre"]).fetchall()
    assert hits[0].message_id == question and "theatre" in hits[0].content


def error(query, *args):
    with pool.connection() as conn:
        try:
            conn.execute(query, args)
        except psycopg.Error as e:
            return e.sqlstate, e.diag.table_name, e.diag.column_name


assert error("SELECT FROM threadmem.thread_get(%s)", "none") == ("P0002", "threads", "thread_id")
assert error("SELECT FROM threadmem.message_list(%s, max_rows => %s)", thread, 5_000_000_000) == ("22023", None, "max_rows")
assert error("SELECT FROM threadmem.thread_update(%s, title => 'x', expected_version => 99)", thread)[0] == "TM001"

# A row of one's own and a message: both or none. What is joined may be gone.
try:
    with pool.connection() as conn:
        conn.execute("INSERT INTO chats VALUES (%s, 'lost')", [chat])
        conn.execute("SELECT FROM threadmem.message_add(%s, 'user', 'lost')", [thread])
        raise KeyError
except KeyError:
    pass
with pool.connection() as conn:
    conn.execute("INSERT INTO chats VALUES (%s, 'mine'), (%s, 'gone')", [chat, uuid.uuid4()])
    rows = conn.execute("SELECT c.label, t.message_count FROM chats c "
                        "LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY 1").fetchall()
    assert rows == [("gone", None), ("mine", 3)]


# A tenant for one transaction: the pool's only connection goes from one to the other, and back as it was.
def threads(tenant, create=None):
    with pool.connection() as conn:
        conn.execute("SELECT set_config('threadmem.tenant', %s, true)", [tenant])
        if create:
            conn.execute("SELECT FROM threadmem.thread_create(%s)", [create])
        return [t.thread_id for t in conn.execute("SELECT * FROM threadmem.thread_list()")]


assert threads("north", create="of north") == ["of north"] and threads("south", create="of south") == ["of south"]
assert threads("north") == ["of north"]
with pool.connection() as conn:
    assert conn.execute("SELECT current_setting('threadmem.tenant') AS tenant").fetchone().tenant == ""
    assert [t.thread_id for t in conn.execute("SELECT * FROM threadmem.thread_list()")] == [thread]
pool.close()
print("ok psycopg")
