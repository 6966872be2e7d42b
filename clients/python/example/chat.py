"""A conversation of two tenants on one pool.

pip install threadmem psycopg-pool "psycopg[binary]"
DATABASE_URL=postgresql://localhost/app python example/chat.py
"""

import os
import uuid
from datetime import timedelta

from psycopg_pool import ConnectionPool
from threadmem import Threadmem, errors

with ConnectionPool(os.environ.get("DATABASE_URL", ""), min_size=1, max_size=4, open=True) as pool:
    acme = Threadmem(pool, tenant=f"acme {uuid.uuid4()}")
    other = Threadmem(pool, tenant=f"other {uuid.uuid4()}")

    acme.user_create("ada", first_name="Ada", metadata={"plan": "free"})
    acme.thread_create("trip", user_id="ada", title="Lyon")
    acme.message_add("trip", "user", "Where is the Roman theatre?", message_id=uuid.uuid4())
    acme.message_add("trip", "assistant", "On the hill of Fourvière.")
    for message in acme.message_list("trip", max_rows=10):
        print(message.seq, message.role, message.text)
    for hit in acme.memory_search("ada", "roman theatre"):
        print("found:", hit.content)

    # What belongs together happens together. A worker gets the run, and nobody else does.
    with acme.transaction() as calls:
        calls.message_add("trip", "user", "And how do I get there?")
        calls.run_create("trip", input={"messages": []})
    run = acme.run_claim("worker 1", timedelta(minutes=5))
    if run is not None:
        acme.message_add("trip", "assistant", "By the funicular.", run_id=run.run_id)
        acme.run_complete("trip", run.run_id, usage={"total_tokens": 12})
    print(acme.thread_get("trip").status)

    try:
        other.thread_get("trip")
    except errors.NotFound as error:
        print("the other tenant:", error.table, error.detail)
