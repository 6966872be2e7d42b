-- erase: what has to be gone.

CREATE FUNCTION threadmem.user_delete(user_id text) RETURNS SETOF threadmem.deletion_count
    AS 'MODULE_PATHNAME', 'threadmem_user_delete' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.user_delete(text) IS
$$Deletes a user, its threads and what it said elsewhere, in one transaction.
Its threads go with all inside, and so do all that memory keeps of it, its items of the store and its
participation in other threads;
what it said there as sender_id is erased, also where only memory still has it. Tells how much of each kind. Old
row versions stay on disk until VACUUM, and WAL and backups keep theirs.
Arguments:
  user_id: of the user
Errors:
  P0002: no such user
  42501: a session narrowed to one user (it does not see all that has to go)
  22023: bad input
Answers: Zep user.delete, Entities user erasure.$$;

CREATE FUNCTION threadmem.user_export(user_id text) RETURNS SETOF jsonb
    AS 'MODULE_PATHNAME', 'threadmem_user_export' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.user_export(text) IS
$$All that is stored of a user, one JSON object a row with its kind as object.
The user, the threads it owns, every revision of the messages in them and of those it sent elsewhere, the pieces
of messages that are being streamed, the episodes that memory keeps of it, its items of the store, its part in
threads of others, and of the threads it owns the latest checkpoint of every namespace, as checkpoint_get() gives
it, all writes of tasks, and the runs with their steps. Earlier checkpoints are left out; checkpoint_list() has them. What is only
computed of the texts (search vectors, embeddings) is left out too. In place of an entry that jsonb cannot hold
stands one of the object left_out, with its kind, its keys and what reads it.
Arguments:
  user_id: of the user
Errors:
  P0002: no such user
  22023: bad input$$;

CREATE FUNCTION threadmem.assistant_delete(assistant_id text, cascade boolean DEFAULT false) RETURNS SETOF threadmem.deletion_count
    AS 'MODULE_PATHNAME', 'threadmem_assistant_delete' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.assistant_delete(text, boolean) IS
$$Deletes an assistant; its threads stay without one, or go with it.
Tells how much of each kind.
Arguments:
  assistant_id: of the assistant
  cascade: true: its threads go, and what memory has of them, as Backboard does it
Errors:
  P0002: no such assistant
  42501: a session narrowed to one user
  22023: bad input
Answers: LangGraph assistants.delete, Backboard delete assistant.$$;

CREATE FUNCTION threadmem.message_delete(thread_id text, message_id text) RETURNS threadmem.messages
    AS 'MODULE_PATHNAME', 'threadmem_message_delete' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_delete(text, text) IS
$$Takes a message out of every list, search and context.
Its body stays in message_revisions() until message_erase(). It is no memory any more, and facts and entities that
nothing else says go with it.
Arguments:
  thread_id: of the thread
  message_id: of the message
Errors:
  P0002: no such live message
  55000: it is being streamed
  22023: bad input
Answers: OpenAI messages.delete, Entities delete_message.$$;

CREATE FUNCTION threadmem.message_erase(thread_id text, message_id text) RETURNS threadmem.messages
    AS 'MODULE_PATHNAME', 'threadmem_message_erase' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_erase(text, text) IS
$$Removes the body of every revision of a message for good, wherever it is kept.
Also its metadata, name, sender, search terms and embedding, and what checkpoints, pending writes, runs and
their steps hold of it, and what memory kept of it from an earlier thread of this owner and id. Id, place and
role stay as a tombstone, and a later message_add() with this id stores nothing. May be repeated.
Arguments:
  thread_id: of the thread
  message_id: of the message
Errors:
  P0002: no such message
  22023: bad input$$;

CREATE FUNCTION threadmem.thread_purge_expired(max_rows bigint DEFAULT 1000) RETURNS integer
    AS 'MODULE_PATHNAME', 'threadmem_thread_purge_expired' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_purge_expired(bigint) IS
$$Carries expiry out; call it from cron until it returns 0.
Of threads whose time is over, the longest over first: strategy delete deletes, keep_latest keeps the thread
with the newest checkpoint of every namespace, and its time begins anew with the next write. Threads in use are
left for the next call. Then items of the store, as store_purge_expired() does it. Returns how many of both.
tenants_purge_expired() does it for all tenants.
Arguments:
  max_rows: threads and items at most, 0 to 1,000
Errors:
  22023: bad max_rows
Answers: LangGraph's ttl sweep.$$;

CREATE FUNCTION threadmem.tenants_purge_expired(max_rows bigint DEFAULT 1000) RETURNS SETOF threadmem.tenant_sweep
    AS 'MODULE_PATHNAME', 'threadmem_tenants_purge_expired' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.tenants_purge_expired(bigint) IS
$$Carries expiry out in all tenants, as thread_purge_expired() in one; call it from cron.
Gives a row for each tenant that has something to do: count is threads, and items of the store. Tenants whose
threads or items are longest over come first, each with its share of max_rows, and what one does not need the
others have. An error takes back the part of its tenant alone. For superusers and roles of level operator.
Arguments:
  max_rows: threads and items at most, of all tenants together, 0 to 1,000; 0 changes nothing and tells where something waits
Errors:
  22023: bad max_rows
  42501: no operator, a role that is bound to a tenant, or a session narrowed to one user$$;

CREATE FUNCTION threadmem.tenants_prune_threads(
    untouched_since timestamptz, strategy text DEFAULT 'keep_latest', keep bigint DEFAULT 1, max_rows bigint DEFAULT 1000)
    RETURNS SETOF threadmem.tenant_sweep
    AS 'MODULE_PATHNAME', 'threadmem_tenants_prune_threads' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.tenants_prune_threads(timestamptz, text, bigint, bigint) IS
$$Thins out, or deletes, the threads of all tenants that nobody has touched for long.
Shares max_rows out among tenants as tenants_purge_expired() does; count is threads that something went of. Threads
that a run keeps busy, or another session writes to, are left. For superusers and roles of level operator.
Arguments:
  untouched_since: neither thread nor state was changed since then: now() - interval '90 days'
  strategy: keep_latest takes the checkpoints of each namespace that are not its newest, as checkpoint_prune() does;
    delete takes the thread, and what memory has of it, as thread_prune() does
  keep: with keep_latest, how many checkpoints of a namespace stay, from 1
  max_rows: threads at most, of all tenants together, 0 to 1,000
Errors:
  22023: bad input, a time in the future among it
  42501: no operator, a role that is bound to a tenant, or a session narrowed to one user$$;

CREATE FUNCTION threadmem.tenant_export(tenant_id text) RETURNS SETOF jsonb
    AS 'MODULE_PATHNAME', 'threadmem_tenant_export' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.tenant_export(text) IS
$$All that is stored of a tenant, one JSON object a row with its kind as object, in one snapshot.
Assistants, graphs, context templates, and what user_export() gives of a user, of all users and of the threads
without one. The rows wait in a file of the server until they are fetched.
Arguments:
  tenant_id: of the tenant, '' for the default one
Errors:
  42501: a role that is bound to another tenant, or a session narrowed to one user
  22023: bad input$$;

CREATE FUNCTION threadmem.tenant_delete(tenant_id text, max_rows bigint DEFAULT 1000) RETURNS SETOF threadmem.deletion_count
    AS 'MODULE_PATHNAME', 'threadmem_tenant_delete' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.tenant_delete(text, bigint) IS
$$Takes a tenant away, in parts: call it, a transaction each, until it gives no row.
Its threads go first, each with all inside, and when no more are left its other rows. Tells how much of each
kind went. In the end threadmem_verify() and tenant_list() find nothing of the tenant. Whoever writes for it
meanwhile should have lost its access before. Roles stay bound to it (tenant_bind takes that away), so that none
of them is free suddenly.
Arguments:
  tenant_id: of the tenant, '' for the default one
  max_rows: threads, then other rows, in one call; 0 to 1,000
Errors:
  42501: a role that is bound to another tenant, or a session narrowed to one user
  22023: bad input$$;
