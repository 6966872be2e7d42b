"""A conversation with asyncpg and its pool; what to connect to is in PGHOST, PGUSER and so on."""

import asyncio
import json
import uuid
from datetime import timedelta

import asyncpg

chat = uuid.uuid4()      # a key of the application
thread = str(chat)       # the same for threadmem, whose ids are text
minutes = timedelta(minutes=5)


async def init(conn):
    await conn.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def messages(conn):
    # Parts, a call of a tool and its output. The id is chosen before, so that the call can be repeated.
    question, calls = str(uuid.uuid4()), [{"id": "c1", "type": "function", "function": {"name": "map", "arguments": "{}"}}]
    for _ in range(2):
        added = await conn.fetchrow(
            "SELECT * FROM threadmem.message_add($1, 'user', parts => $2, message_id => $3)",
            thread, [{"type": "text", "text": "Where is the Roman theatre?"}], question)
    assert (added["seq"], added["text"], added["content"][0]["type"]) == (1, "Where is the Roman theatre?", "text")
    await conn.execute("SELECT FROM threadmem.message_add($1, 'assistant', tool_calls => $2)", thread, calls)
    await conn.execute("SELECT FROM threadmem.message_add($1, 'tool', 'On the hill.', tool_call_id => 'c1')", thread)

    # A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
    page = await conn.fetch("SELECT * FROM threadmem.message_list($1::uuid, max_rows => $2)", chat, 2)
    rest = await conn.fetch("SELECT * FROM threadmem.message_list($1, after_position => $2)", thread, page[-1]["position"])
    assert [m["role"] for m in page + rest] == ["user", "assistant", "tool"] and page[1]["body"]["tool_calls"] == calls
    window = await conn.fetch("SELECT * FROM threadmem.message_context($1, max_tokens => $2)", thread, 4000)
    assert [m["role"] for m in window] == ["user", "assistant", "tool"] and window[0]["used_tokens"] > 0
    found = await conn.fetch("SELECT * FROM threadmem.message_search('roman theatre', user_id => $1)", "ada")
    assert [(m["thread_id"], m["message_id"]) for m in found] == [(thread, question)]

    # An embedding is the list that the model gave.
    await conn.execute("SELECT threadmem.memory_set_embedding('ada', $1, thread_id => $2, message_id => $3)",
                       [0.1, 0.2, 0.3], thread, question)
    hits = await conn.fetch("SELECT * FROM threadmem.memory_search('ada', $1)", "where was the theatre")
    assert hits[0]["message_id"] == question and "theatre" in hits[0]["content"]


async def run(conn):
    # A worker's run updates the state, asks a person, and ends; a second run brings the answer.
    await conn.execute("SELECT FROM threadmem.run_create($1, run_id => 'r1', graph_id => 'guide')", thread)
    run = await conn.fetchrow("SELECT * FROM threadmem.run_claim('worker 1', lease => $1, graph_id => 'guide')", minutes)
    assert (run["thread_id"], run["run_id"], run["status"]) == (thread, "r1", "in_progress")
    beat = await conn.fetchrow("SELECT * FROM threadmem.run_heartbeat($1, 'r1', 'worker 1', $2)", thread, minutes)
    assert beat["lease_until"] >= run["lease_until"]
    await conn.execute("SELECT FROM threadmem.thread_update_state($1, $2, as_node => 'plan', next => $3, run_id => 'r1')",
                       thread, {"stops": ["hill"]}, ["approve"])
    state = await conn.fetchrow("SELECT * FROM threadmem.thread_state($1)", thread)
    assert state["values"]["stops"] == ["hill"] and state["next"] == ["approve"]
    await conn.execute("SELECT threadmem.checkpoint_put_writes($1, $2, $3, $4)",
                       thread, state["checkpoint"]["checkpoint_id"], state["tasks"][0]["id"],
                       [["__interrupt__", [{"id": "i1", "value": "Shall I book?"}]]])
    await conn.execute("SELECT FROM threadmem.run_interrupt($1, 'r1', worker => 'worker 1')", thread)
    both = "SELECT t.status, s.* FROM threadmem.thread_get($1) t, threadmem.thread_state($1) s"
    waiting = await conn.fetchrow(both, thread)
    assert waiting["status"] == "interrupted" and waiting["interrupts"][0]["value"] == "Shall I book?"
    await conn.execute("SELECT FROM threadmem.run_create($1, run_id => 'r2', graph_id => 'guide')", thread)
    await conn.execute("SELECT FROM threadmem.run_claim('worker 1', graph_id => 'guide')")
    await conn.execute("SELECT FROM threadmem.thread_update_state($1, $2, as_node => 'approve', run_id => 'r2')",
                       thread, {"approved": True})
    await conn.execute("SELECT FROM threadmem.run_complete($1, 'r2', usage => $2, worker => 'worker 1')",
                       thread, {"total_tokens": 12})
    state = await conn.fetchrow(both, thread)
    assert (state["status"], state["next"], state["interrupts"]) == ("idle", [], []) and state["values"]["approved"] is True


async def error(conn, query, *args):
    try:
        await conn.execute(query, *args)
    except asyncpg.PostgresError as e:
        return e.sqlstate, e.table_name, e.column_name


async def threads(pool, tenant, create=None):
    # A tenant for one transaction: the pool's only connection goes from one to the other, and back as it was.
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT set_config('threadmem.tenant', $1, true)", tenant)
        if create:
            await conn.execute("SELECT FROM threadmem.thread_create($1)", create)
        return [t["thread_id"] for t in await conn.fetch("SELECT * FROM threadmem.thread_list()")]


async def main():
    async with asyncpg.create_pool(min_size=1, max_size=1, init=init) as pool:
        async with pool.acquire() as conn:
            await conn.execute("CREATE TABLE chats (id uuid PRIMARY KEY, label text)")
            await conn.execute("SELECT FROM threadmem.user_create('ada', metadata => $1)", {"plan": "free"})
            await conn.execute("SELECT FROM threadmem.thread_create($1, user_id => 'ada', graph_id => 'guide')", thread)
            await messages(conn)
            await run(conn)
            assert await error(conn, "SELECT FROM threadmem.thread_get($1)", "none") == ("P0002", "threads", "thread_id")
            assert await error(conn, "SELECT FROM threadmem.message_list($1, max_rows => $2)", thread, 5_000_000_000) \
                == ("22023", None, "max_rows")
            assert (await error(conn, "SELECT FROM threadmem.thread_update($1, expected_version => 99)", thread))[0] == "TM001"

            # A row of one's own and a message: both or none. What is joined may be gone.
            try:
                async with conn.transaction():
                    await conn.execute("INSERT INTO chats VALUES ($1, 'lost')", chat)
                    await conn.execute("SELECT FROM threadmem.message_add($1, 'user', 'lost')", thread)
                    raise KeyError
            except KeyError:
                pass
            await conn.execute("INSERT INTO chats VALUES ($1, 'mine'), ($2, 'gone')", chat, uuid.uuid4())
            rows = await conn.fetch("SELECT c.label, t.message_count FROM chats c "
                                    "LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY 1")
            assert [tuple(r) for r in rows] == [("gone", None), ("mine", 3)]

        assert await threads(pool, "north", "of north") == ["of north"]
        assert await threads(pool, "south", "of south") == ["of south"]
        assert await threads(pool, "north") == ["of north"]
        assert await pool.fetchval("SELECT current_setting('threadmem.tenant')") == ""
        assert [t["thread_id"] for t in await pool.fetch("SELECT * FROM threadmem.thread_list()")] == [thread]


asyncio.run(main())
print("ok asyncpg")
