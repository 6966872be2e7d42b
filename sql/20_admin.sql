-- admin: how much there is, and whether it is whole.

CREATE VIEW threadmem.statistic WITH (security_invoker = true) AS
    SELECT ''::text AS kind, 0::bigint AS rows, 0::bigint AS bytes, ''::text AS tenant_id WHERE false;
COMMENT ON VIEW threadmem.statistic IS
$$How many rows of a kind a tenant has, and their size in bytes without indexes and dead rows. Has no rows: the
type of a result.$$;
CREATE VIEW threadmem.storage WITH (security_invoker = true) AS
    SELECT ''::text AS kind, NULL::text AS channel, 0 AS rows, 0::bigint AS bytes WHERE false;
COMMENT ON VIEW threadmem.storage IS
$$How much of a kind a thread has: rows, and bytes as they are stored, without indexes, row headers and dead rows.
Has no rows: the type of a result.$$;
CREATE VIEW threadmem.finding WITH (security_invoker = true) AS
    SELECT NULL::text AS thread_id, ''::text AS problem, NULL::text AS tenant_id WHERE false;
COMMENT ON VIEW threadmem.finding IS 'One thing that is wrong, with a thread of a tenant or (null) with a role. Has no rows: the type of a result.';

CREATE FUNCTION threadmem.threadmem_stats(all_tenants boolean DEFAULT false) RETURNS SETOF threadmem.statistic
    AS 'MODULE_PATHNAME', 'threadmem_threadmem_stats' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.threadmem_stats(boolean) IS
$$Rows and bytes by kind, of this tenant or of each.
Reads every row.
Arguments:
  all_tenants: of each tenant, instead of this one; for superusers and roles of level operator
Errors:
  42501: all_tenants from another role, one that is bound to a tenant, or a session narrowed to one user$$;

CREATE FUNCTION threadmem.threadmem_verify(thread_id text DEFAULT NULL, all_tenants boolean DEFAULT false) RETURNS SETOF threadmem.finding
    AS 'MODULE_PATHNAME', 'threadmem_threadmem_verify' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.threadmem_verify(text, boolean) IS
$$Computes again what the functions keep true, of one thread, a tenant or all; no row means all is well.
Counters, order, owners, links and states of checkpoints, values for search. Without a thread it also finds what
is left in no thread and, for a session that is neither bound nor narrowed, members of threadmem_runner and
threadmem_reader and bindings of roles that do not exist (thread_id is null then). Reads every message and
restores every checkpoint; what cannot be restored is a finding, not an error.
Arguments:
  thread_id: this thread only
  all_tenants: every tenant, instead of this one; for superusers and roles of level operator
Errors:
  P0002: no such thread
  22023: bad input or a thread together with all_tenants
  42501: all_tenants from another role, one that is bound to a tenant, or a session narrowed to one user$$;

CREATE FUNCTION threadmem.thread_storage(thread_id text) RETURNS SETOF threadmem.storage
    AS 'MODULE_PATHNAME', 'threadmem_thread_storage' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_storage(text) IS
$$Where a thread's space goes: rows and bytes by kind and channel.
total is the sum of messages (bodies, each once), search (their search vectors), embeddings, chunks,
checkpoints, pending_writes (by channel), runs and run_steps (their documents: input, config, usage and the
like). Parts of checkpoints are metadata, snapshots and patches; channel_values tells how much of snapshots and
patches each channel takes, rows being the checkpoints that store its value or a change of it. Messages in a
state are numbers there.
Arguments:
  thread_id: of the thread
Errors:
  P0002: no such thread
  22023: bad input
Answers: LangGraph GET /threads/{id}/storage: total_bytes is total; checkpoints and pending_writes {count,
    bytes} are rows and bytes of these kinds, checkpoints without the bytes of channel_values;
    channel_values.by_channel {versions, bytes} are rows and bytes.$$;

CREATE FUNCTION threadmem.thread_graph(
    thread_id text, checkpoint_ns text DEFAULT '', max_rows bigint DEFAULT 100) RETURNS SETOF text
    AS 'MODULE_PATHNAME', 'threadmem_thread_graph' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.thread_graph(text, text, bigint) IS
$$The history of a thread with all its branches, drawn for psql as git log --graph does.
SELECT * FROM threadmem.thread_graph('my thread'). One line per checkpoint, newest id first, as thread_history()
lists them; a line leads down from each to its parent. * is a checkpoint: its id, in parentheses what is to be
known of it, step and source, how many messages its channel messages holds, the nodes to run next (long names
and lists are cut at ..., +n more: thread_state has all). latest: the greatest id; waits for log: so many
messages of the log are new, changed or deleted since (thread_fold takes them in); writes: so many tasks have
written already, and no checkpoint has followed (without task: an answer to an interrupt); interrupted, error:
what tasks of it wrote; parent X above: the parent has a greater id, so no line leads there; parent X not
stored, its own parent; not restorable: see threadmem_verify(). o is a parent that is not stored, pruned for
instance. subgraph X below a checkpoint: call again with checkpoint_ns X. The last line is ... when there are
older ones. A thread without checkpoint but with messages gives one line that says so, one without either, and a
namespace without checkpoint, none. Reads states in part only: 100 checkpoints take milliseconds.
Arguments:
  thread_id: of the thread
  checkpoint_ns: one of its subgraphs; '' for the thread's own graph
  max_rows: checkpoints at most, 0 to 1,000; 0: no line
Errors:
  P0002: no such thread
  22023: bad input$$;

CREATE VIEW threadmem.function_summary WITH (security_invoker = true) AS
    SELECT ''::text AS concept, ''::text AS name, ''::text AS arguments, ''::text AS summary WHERE false;
COMMENT ON VIEW threadmem.function_summary IS
$$One function as help() lists it: what it belongs to, its name, its arguments in brief (in brackets those with a
default), the first line of its comment. Has no rows: the type of a result.$$;

-- A function belongs to the concept that has its name, else to the one that has its first noun; what has none serves the extension itself.
CREATE FUNCTION threadmem.help() RETURNS SETOF threadmem.function_summary
    LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 150
    BEGIN ATOMIC
    SELECT c.concept, p.proname::text, concat_ws(' ', a.needed, '[' || a.optional || ']'), split_part(obj_description(p.oid, 'pg_proc'), e'\n', 1)
      FROM pg_proc p
     CROSS JOIN LATERAL (
           SELECT v.place, v.concept
             FROM (VALUES -- in the order of the rooms
                   (1, 'json', '{json}'::text[], '{}'::text[]),
                   (2, 'channel', '{channel}', '{}'),
                   (3, 'tenant', '{tenant,tenants,access,current}', '{grant_access,revoke_access}'),
                   (4, 'user', '{user,group}', '{}'),
                   (5, 'assistant', '{assistant}', '{}'),
                   (6, 'graph', '{graph}', '{}'),
                   (7, 'message', '{message}', '{}'),
                   (8, 'checkpoint', '{checkpoint}', '{}'),
                   (9, 'state', '{state}', '{thread_state,thread_history,thread_update_state,thread_rewind,thread_fold,thread_diff,thread_graph}'),
                   (10, 'run', '{run}', '{}'),
                   (11, 'context', '{}', '{message_context,message_prompt}'),
                   (12, 'memory', '{memory,context}', '{thread_context,thread_get_user_context}'),
                   (13, 'store', '{store}', '{}'),
                   (14, 'thread', '{thread,notify}', '{}'),
                   (15, 'session', '{session}', '{}'),
                   (16, 'admin', '{threadmem,help}', '{thread_storage}'),
                   (17, NULL, '{}', '{json_patch_check,json_patch_fold_step,json_patch_fold_result,tenant_keys,tenant_query,store_matches,store_similarity}')
                  ) AS v (place, concept, nouns, names)
            WHERE p.proname = ANY (v.names) OR split_part(p.proname::text, '_', 1) = ANY (v.nouns)
            ORDER BY p.proname = ANY (v.names) DESC LIMIT 1) AS c
     CROSS JOIN LATERAL (
           SELECT string_agg(p.proargnames[n], ', ' ORDER BY n) FILTER (WHERE n <= d.needed) AS needed,
                  string_agg(CASE WHEN n > d.needed + 3 THEN '...' ELSE p.proargnames[n] END, ', ' ORDER BY n)
                      FILTER (WHERE n BETWEEN d.needed + 1 AND d.needed + 4) AS optional
             FROM (SELECT p.pronargs - p.pronargdefaults) AS d (needed), generate_series(1, p.pronargs) AS n) AS a
     WHERE p.pronamespace = 'threadmem'::regnamespace AND c.concept IS NOT NULL AND 'uuid'::regtype <> ALL (p.proargtypes)
     ORDER BY c.place, p.proname;
    END;
COMMENT ON FUNCTION threadmem.help() IS
$$The functions by what they are about, each with the first line of its comment; help('thread_copy') shows one.
Concepts stand in the order in which they build on each other, functions in that of their names. A function belongs
to the concept that its name begins with (user_threads to user, memory_get to memory), but for those that belong to
another by what they do: thread_state to state, message_context to context, thread_context to memory. Left out are
those that serve the extension itself, and the second form of a function for an id of type uuid.
Errors: none.$$;

CREATE FUNCTION threadmem.help(function_name text) RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_help' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.help(text) IS
$$One function, to be read in psql: its arguments, one a line with defaults, its result and its comment.
\pset format unaligned and \t leave out what psql draws around it.
Arguments:
  function_name: its name, with or without the schema
Errors:
  P0002: no such function; names those that come near
  22023: bad input$$;
