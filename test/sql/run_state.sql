-- A run becomes what docs/contracts.md#runs lets it become and nothing else, and the thread's status follows from its runs.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'run states';
SET client_min_messages = warning;
-- The contract's table, as it stands there.
CREATE TEMP TABLE allowed AS
SELECT split_part(rule, '→', 1) AS old, unnest(string_to_array(split_part(rule, '→', 2), '|')) AS new FROM unnest(string_to_array(
    'queued→in_progress|cancelled|expired|failed; in_progress→requires_action|interrupted|completed|incomplete|failed|expired|cancelling; requires_action→queued|in_progress|cancelling|cancelled|expired; cancelling→cancelled|completed|failed|expired', '; ')) rule;
CREATE TEMP TABLE statuses AS
SELECT s AS status, n, s NOT IN ('queued', 'in_progress', 'requires_action', 'cancelling') AS over
  FROM unnest('{queued,in_progress,requires_action,cancelling,interrupted,completed,incomplete,failed,cancelled,expired}'::text[]) WITH ORDINALITY u (s, n);

-- The call that makes a run something, and what brings a new run there.
CREATE FUNCTION pg_temp.call(status text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$SELECT 'SELECT (threadmem.' || CASE status
    WHEN 'queued' THEN 'run_submit_tool_outputs(%1$L, %2$L, ''[{"tool_call_id": "c", "output": "x"}]'')'
    WHEN 'in_progress' THEN 'run_start(%1$L, %2$L)'
    WHEN 'requires_action' THEN 'run_require_action(%1$L, %2$L, ''[{"id": "c"}]'')'
    WHEN 'cancelling' THEN 'run_cancel(%1$L, %2$L)'
    WHEN 'interrupted' THEN 'run_interrupt(%1$L, %2$L)'
    WHEN 'completed' THEN 'run_complete(%1$L, %2$L)'
    WHEN 'incomplete' THEN 'run_complete(%1$L, %2$L, ''max_completion_tokens'')'
    WHEN 'failed' THEN 'run_fail(%1$L, %2$L)'
    WHEN 'cancelled' THEN 'run_cancel(%1$L, %2$L, confirm => true)'
    WHEN 'expired' THEN 'run_expire(%1$L, %2$L)' END || ').status'$$;
CREATE FUNCTION pg_temp.bring(thread text, run text, status text) RETURNS void LANGUAGE plpgsql AS
$$DECLARE step text;
BEGIN
    FOREACH step IN ARRAY CASE status WHEN 'queued' THEN '{}' WHEN 'cancelled' THEN '{cancelled}' WHEN 'expired' THEN '{expired}' WHEN 'in_progress' THEN '{in_progress}'
                               ELSE ARRAY['in_progress', status] END::text[] LOOP
        EXECUTE format(pg_temp.call(step), thread, run) INTO step;
    END LOOP;
    IF step IS DISTINCT FROM nullif(status, 'queued') THEN RAISE 'brought to % instead of %', step, status; END IF;
END$$;

-- Every pair is tried on a thread of its own: what the call gives, or how it refuses. The thread is undone with it.
CREATE FUNCTION pg_temp.attempt(old text, new text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE outcome text; message text; detail text;
BEGIN
    PERFORM threadmem.thread_create('t');
    PERFORM threadmem.run_create('t', run_id => 'r');
    PERFORM pg_temp.bring('t', 'r', old);
    BEGIN
        EXECUTE format(pg_temp.call(new), 't', 'r') INTO outcome;
        outcome := coalesce(outcome, 'nothing');
        IF outcome <> 'nothing' AND outcome <> (SELECT status FROM threadmem.run_get('t', 'r')) THEN outcome := 'gives ' || outcome; END IF;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS outcome = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        IF message || detail !~ ('\m' || old || '\M') OR message !~ ('\m' || CASE new WHEN 'cancelling' THEN 'cancelled' ELSE new END || '\M') OR detail !~ '"r"' THEN outcome := outcome || ' ' || message; END IF;
        IF (SELECT status FROM threadmem.run_get('t', 'r')) <> old THEN outcome := outcome || ' and changes it'; END IF;
    END;
    PERFORM threadmem.thread_delete('t');
    RETURN outcome;
END$$;
CREATE TEMP TABLE attempts AS SELECT o.status AS old, n.status AS new, o.n AS i, n.n AS j, pg_temp.attempt(o.status, n.status) AS outcome FROM statuses o, statuses n;
-- A run that nobody works on is cancelled at once. What is not in the table is 55000, with both states in the message; the same again is no error (run_expire gives no row for it).
CREATE TEMP VIEW expected AS
SELECT a.*, CASE WHEN old = new THEN CASE new WHEN 'expired' THEN 'nothing' ELSE new END
                 WHEN new = 'cancelling' AND old IN ('queued', 'requires_action', 'cancelled') THEN 'cancelled'
                 WHEN EXISTS (SELECT FROM allowed l WHERE l.old = a.old AND l.new = a.new) THEN new ELSE '55000' END AS expected FROM attempts a;
SELECT count(*), count(*) FILTER (WHERE outcome = '55000') AS refused, count(*) FILTER (WHERE outcome <> '55000' AND old <> new) AS allowed FROM attempts;
SELECT old, new, outcome, expected FROM expected WHERE outcome <> expected AND NOT (old = 'queued' AND new = 'queued') ORDER BY i, j;
-- A run that has asked for nothing has no outputs to take.
SELECT outcome FROM attempts WHERE old = 'queued' AND new = 'queued';
-- The table is the whole of it: every change of status that is allowed was made, but the one from requires_action to cancelling, where no worker is left to ask.
SELECT old, new FROM allowed EXCEPT SELECT old, outcome FROM attempts;
SELECT old, string_agg(CASE WHEN outcome = '55000' THEN '-' WHEN outcome = old OR outcome = 'nothing' THEN '=' ELSE outcome END, ' ' ORDER BY j) AS outcomes FROM attempts WHERE old <> 'queued' OR new <> 'queued' GROUP BY old, i ORDER BY i;

-- The status of a thread, the rule of docs/contracts.md#runs in SQL: from the statuses of its runs, the one that ended last, and whether it left nodes to run next.
CREATE FUNCTION pg_temp.rule(runs text[], last text, goes_on boolean) RETURNS text LANGUAGE sql IMMUTABLE AS
$$SELECT CASE WHEN runs && '{queued,in_progress,cancelling}' THEN 'busy'
              WHEN 'requires_action' = ANY (runs) OR last = 'interrupted' OR last = 'completed' AND goes_on THEN 'interrupted'
              WHEN last IN ('failed', 'expired') THEN 'error' ELSE 'idle' END$$;
SELECT graph_id FROM threadmem.graph_define('g', '{"nodes": ["a", "b"], "edges": [["__start__", "a"], ["a", "b"]]}');
-- Two runs of one thread, in every pair of statuses that can be; the first or the second is brought there first.
CREATE FUNCTION pg_temp.status_of(first text, second text, second_first boolean, goes_on boolean, OUT runs text[], OUT status text, OUT held boolean) LANGUAGE plpgsql AS
$$BEGIN
    PERFORM threadmem.thread_create('t', graph_id => 'g');
    PERFORM threadmem.thread_update_state('t', '{}', CASE WHEN goes_on THEN 'a' ELSE 'b' END);
    PERFORM threadmem.run_create('t', run_id => r) FROM unnest('{1,2}'::text[]) r;
    IF second_first THEN PERFORM pg_temp.bring('t', '2', second); END IF;
    PERFORM pg_temp.bring('t', '1', first);
    IF NOT second_first THEN PERFORM pg_temp.bring('t', '2', second); END IF;
    SELECT array_agg(r.status ORDER BY seq) INTO runs FROM threadmem.run_list('t') r;
    status := (SELECT t.status FROM threadmem.thread_get('t') t);
    SELECT t.status = status_of.status AND (busy_until IS NOT NULL) = (t.status = 'busy') AND (waits_until IS NOT NULL) = ('requires_action' = ANY (runs)) INTO held
      FROM threadmem_data.threads t WHERE tenant_id = 'run states' AND thread_id = 't';
    PERFORM threadmem.thread_delete('t');
END$$;
CREATE TEMP TABLE pairs AS
SELECT a.status AS first, b.status AS second, second_first, goes_on, s.*,
       pg_temp.rule(ARRAY[a.status, b.status], CASE WHEN a.over AND (second_first OR NOT b.over) THEN a.status WHEN b.over THEN b.status END, goes_on) AS expected
  FROM statuses a, statuses b, unnest('{t,f}'::boolean[]) second_first, unnest('{t,f}'::boolean[]) goes_on, pg_temp.status_of(a.status, b.status, second_first, goes_on) s
 -- one at a time and in order: the second cannot start before the first is over, but it can end in the queue
 WHERE (a.over AND NOT second_first) OR b.status IN ('queued', 'cancelled', 'expired');
SELECT expected, count(*), string_agg(DISTINCT status, ' ') AS found, bool_and(runs = ARRAY[first, second]) AS runs, bool_and(held) AS held FROM pairs GROUP BY expected ORDER BY expected;
SELECT * FROM pairs WHERE status <> expected OR runs <> ARRAY[first, second] OR NOT held;

-- Time runs out for one run, for the other, or for both, and nobody writes it down: runs and thread are the same for a reader as after the writing.
CREATE FUNCTION pg_temp.name(first text, second text, short text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT concat_ws(' ', first, second, short)$$;
CREATE FUNCTION pg_temp.age(first text, second text, short text) RETURNS void LANGUAGE plpgsql AS
$$DECLARE t text := pg_temp.name(first, second, short);
BEGIN
    PERFORM threadmem.thread_create(t);
    PERFORM threadmem.run_create(t, run_id => '1', expires_in => CASE WHEN short IN ('first', 'both') THEN interval '1 second' ELSE '1 hour' END);
    IF second <> 'none' THEN PERFORM threadmem.run_create(t, run_id => '2', expires_in => CASE WHEN short IN ('second', 'both') THEN interval '1 second' ELSE '1 hour' END); END IF;
    PERFORM pg_temp.bring(t, '1', first);
END$$;
SELECT count(pg_temp.age(f, s, e)::text) FROM unnest('{queued,in_progress,requires_action,cancelling}'::text[]) f, unnest('{queued,none}'::text[]) s, unnest('{first,second,both}'::text[]) e;
-- A lease is another way to run out.
SELECT thread_id FROM threadmem.thread_create('lease');
SELECT status FROM threadmem.run_create('lease', run_id => '1');
SELECT status FROM threadmem.run_start('lease', lease => '1 second');
DO $$BEGIN PERFORM pg_sleep(1.1); END$$;
CREATE TEMP TABLE before AS
SELECT thread_id, (SELECT g.status FROM threadmem.thread_get(thread_id) g), (SELECT array_agg(r.status ORDER BY seq) FROM threadmem.run_list(t.thread_id) r) AS runs FROM threadmem_data.threads t WHERE tenant_id = 'run states';
-- Search, its count and a sort by status say the same as the threads one by one.
SELECT status, count(*) = threadmem.thread_count(status => status) AS counted, array_agg(thread_id ORDER BY thread_id) = (SELECT array_agg(s.thread_id ORDER BY thread_id) FROM threadmem.thread_search(status => b.status, max_rows => 100) s WHERE s.status = b.status) AS found FROM before b GROUP BY status ORDER BY status;
SELECT array_agg(status) = (SELECT array_agg(status ORDER BY status COLLATE "C", thread_id) FROM before) AS sorted FROM threadmem.thread_search(sort_by => 'status', sort_order => 'asc', max_rows => 100);
SELECT count(*), string_agg(DISTINCT status, ' ') AS next_page FROM threadmem.thread_search(sort_by => 'status', sort_order => 'asc', max_rows => 100, after_id => (SELECT thread_id FROM before WHERE status = 'busy' ORDER BY thread_id DESC LIMIT 1));
SELECT was, count(*) FROM threadmem.stuck_runs GROUP BY was ORDER BY was;
SELECT count(*) AS written, count(DISTINCT thread_id) AS threads, bool_and(status = 'expired' AND completed_at <= updated_at) AS expired FROM threadmem.run_expire();
SELECT count(*) AS again FROM threadmem.run_expire();
SELECT count(*) AS stuck FROM threadmem.stuck_runs;
SELECT b.runs, b.status, count(*) AS threads, bool_and(b.status = t.status AND t.status = (SELECT g.status FROM threadmem.thread_get(b.thread_id) g) AND b.runs = (SELECT array_agg(r.status ORDER BY seq) FROM threadmem_data.runs r WHERE r.tenant_id = 'run states' AND r.thread_id = b.thread_id)) AS as_written,
       bool_and(b.status = pg_temp.rule(b.runs, CASE WHEN 'expired' = ANY (b.runs) THEN 'expired' END, false)) AS as_the_rule
  FROM before b JOIN threadmem_data.threads t ON t.tenant_id = 'run states' AND t.thread_id = b.thread_id GROUP BY b.runs, b.status ORDER BY b.runs;
SELECT count(*) AS problems FROM threadmem.threadmem_verify();
