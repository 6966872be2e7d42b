"""A conversation with SQLAlchemy 2 over psycopg: text() with named parameters, rows of one's own as mapped classes."""

import os
import uuid
from datetime import timedelta

from sqlalchemy import bindparam, create_engine, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(os.environ["DATABASE_URL"].replace("postgres:", "postgresql+psycopg:"), pool_size=1, max_overflow=0)


class Base(DeclarativeBase):
    pass


class Chat(Base):
    __tablename__ = "chats"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    label: Mapped[str]


def sql(query, *json):
    """The query, whose parameters named in json are JSON."""
    return text(query).bindparams(*(bindparam(name, type_=JSONB) for name in json))


Base.metadata.create_all(engine)
chat = uuid.uuid4()                  # a key of the application
t = {"t": str(chat)}                 # the same for threadmem, whose ids are text
minutes = timedelta(minutes=5)

with Session(engine) as db, db.begin():
    db.execute(sql("SELECT FROM threadmem.user_create('ada', metadata => :m)", "m"), {"m": {"plan": "free"}})
    db.execute(sql("SELECT FROM threadmem.thread_create(:t, user_id => 'ada', graph_id => 'guide')"), t)

    # Messages: parts, a call of a tool and its output. The id is chosen before, so that the call can be repeated.
    question, calls = str(uuid.uuid4()), [{"id": "c1", "type": "function", "function": {"name": "map", "arguments": "{}"}}]
    for _ in range(2):
        added = db.execute(
            sql("SELECT * FROM threadmem.message_add(:t, 'user', parts => :p, message_id => :id)", "p"),
            t | {"p": [{"type": "text", "text": "Where is the Roman theatre?"}], "id": question}).one()
    assert (added.seq, added.text, added.content[0]["type"]) == (1, "Where is the Roman theatre?", "text")
    db.execute(sql("SELECT FROM threadmem.message_add(:t, 'assistant', tool_calls => :c)", "c"), t | {"c": calls})
    db.execute(sql("SELECT FROM threadmem.message_add(:t, 'tool', 'On the hill.', tool_call_id => 'c1')"), t)

    # A page, and the next from where it ended; what fits the window of a model; a search in what is one user's.
    page = db.execute(sql("SELECT * FROM threadmem.message_list(:t, max_rows => :n)"), t | {"n": 2}).all()
    rest = db.execute(sql("SELECT * FROM threadmem.message_list(:t, after_position => :p)"), t | {"p": page[-1].position}).all()
    assert [m.role for m in page + rest] == ["user", "assistant", "tool"] and page[1].body["tool_calls"] == calls
    window = db.execute(sql("SELECT * FROM threadmem.message_context(:t, max_tokens => :n)"), t | {"n": 4000}).all()
    assert [m.role for m in window] == ["user", "assistant", "tool"] and window[0].used_tokens > 0
    found = db.execute(sql("SELECT * FROM threadmem.message_search('roman theatre', user_id => :u)"), {"u": "ada"}).all()
    assert [(m.thread_id, m.message_id) for m in found] == [(t["t"], question)]

    # A worker's run updates the state, asks a person, and ends; a second run brings the answer.
    db.execute(sql("SELECT FROM threadmem.run_create(:t, run_id => 'r1', graph_id => 'guide')"), t)
    run = db.execute(sql("SELECT * FROM threadmem.run_claim('worker 1', lease => :l, graph_id => 'guide')"), {"l": minutes}).one()
    assert (run.thread_id, run.run_id, run.status) == (t["t"], "r1", "in_progress")
    beat = db.execute(sql("SELECT * FROM threadmem.run_heartbeat(:t, 'r1', 'worker 1', :l)"), t | {"l": minutes}).one()
    assert beat.lease_until >= run.lease_until
    db.execute(sql("SELECT FROM threadmem.thread_update_state(:t, :v, as_node => 'plan', next => :n, run_id => 'r1')", "v"),
               t | {"v": {"stops": ["hill"]}, "n": ["approve"]})
    # "values" is a method of rows here, so the column has another name.
    both = sql('SELECT t.status, s."values" AS state, s.next, s.tasks, s.interrupts, s.checkpoint '
               'FROM threadmem.thread_get(:t) t, threadmem.thread_state(:t) s')
    now = db.execute(both, t).one()
    assert now.state["stops"] == ["hill"] and now.next == ["approve"]
    db.execute(sql("SELECT threadmem.checkpoint_put_writes(:t, :c, :task, :w)", "w"),
               t | {"c": now.checkpoint["checkpoint_id"], "task": now.tasks[0]["id"],
                    "w": [["__interrupt__", [{"id": "i1", "value": "Shall I book?"}]]]})
    db.execute(sql("SELECT FROM threadmem.run_interrupt(:t, 'r1', worker => 'worker 1')"), t)
    now = db.execute(both, t).one()
    assert now.status == "interrupted" and now.interrupts[0]["value"] == "Shall I book?"
    db.execute(sql("SELECT FROM threadmem.run_create(:t, run_id => 'r2', graph_id => 'guide')"), t)
    db.execute(sql("SELECT FROM threadmem.run_claim('worker 1', graph_id => 'guide')"))
    db.execute(sql("SELECT FROM threadmem.thread_update_state(:t, :v, as_node => 'approve', run_id => 'r2')", "v"),
               t | {"v": {"approved": True}})
    db.execute(sql("SELECT FROM threadmem.run_complete(:t, 'r2', usage => :u, worker => 'worker 1')", "u"),
               t | {"u": {"total_tokens": 12}})
    now = db.execute(both, t).one()
    assert (now.status, now.next, now.interrupts) == ("idle", [], []) and now.state["approved"] is True

    # An embedding is the list that the model gave.
    db.execute(sql("SELECT threadmem.memory_set_embedding('ada', :e, thread_id => :t, message_id => :m)"),
               t | {"e": [0.1, 0.2, 0.3], "m": question})
    hits = db.execute(sql("SELECT * FROM threadmem.memory_search('ada', :q)"), {"q": "where was the theatre"}).all()
    assert hits[0].message_id == question and "theatre" in hits[0].content


def error(query, **args):
    try:
        with Session(engine) as db:
            db.execute(sql(query), args)
    except DBAPIError as e:          # its class says less than the code, which is that of psycopg
        return e.orig.sqlstate, e.orig.diag.table_name, e.orig.diag.column_name


assert error("SELECT FROM threadmem.thread_get(:t)", t="none") == ("P0002", "threads", "thread_id")
assert error("SELECT FROM threadmem.message_list(:t, max_rows => :n)", n=5_000_000_000, **t) == ("22023", None, "max_rows")
assert error("SELECT FROM threadmem.thread_update(:t, expected_version => 99)", **t)[0] == "TM001"

# A row of one's own and a message: both or none. What is joined may be gone.
try:
    with Session(engine) as db, db.begin():
        db.add(Chat(id=chat, label="lost"))
        db.execute(sql("SELECT FROM threadmem.message_add(:t, 'user', 'lost')"), t)
        raise KeyError
except KeyError:
    pass
with Session(engine) as db, db.begin():
    db.add_all([Chat(id=chat, label="mine"), Chat(id=uuid.uuid4(), label="gone")])
    rows = db.execute(sql("SELECT c.label, t.message_count FROM chats c "
                          "LEFT JOIN LATERAL threadmem.thread_get(c.id, missing_ok => true) t ON true ORDER BY 1")).all()
    assert rows == [("gone", None), ("mine", 3)]


# A tenant for one transaction: the pool's only connection goes from one to the other, and back as it was.
def threads(tenant, create=None):
    with Session(engine) as db, db.begin():
        if tenant:
            db.execute(sql("SELECT set_config('threadmem.tenant', :tenant, true)"), {"tenant": tenant})
        if create:
            db.execute(sql("SELECT FROM threadmem.thread_create(:t)"), {"t": create})
        return db.execute(sql("SELECT thread_id FROM threadmem.thread_list()")).scalars().all()


assert threads("north", create="of north") == ["of north"] and threads("south", create="of south") == ["of south"]
assert threads("north") == ["of north"] and threads(None) == [t["t"]]
print("ok sqlalchemy")
