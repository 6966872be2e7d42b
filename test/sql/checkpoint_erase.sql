-- An erased message is taken out of everything that checkpoints hold: states, writes, inputs, subgraphs, metadata; all else of them stays.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'checkpoint erase';
CREATE FUNCTION pg_temp.put(thread text, id text, parent text, "values" jsonb, metadata jsonb DEFAULT '{}', ns text DEFAULT '') RETURNS text LANGUAGE sql AS
$$SELECT checkpoint_id FROM threadmem.checkpoint_put(thread, jsonb_build_object('v', 4, 'id', id, 'channel_values', "values" || jsonb_build_object('long', repeat('x', 2000)), 'channel_versions', (SELECT coalesce(jsonb_object_agg(k, id), '{}') FROM jsonb_object_keys("values") k) || '{"long": 1}'), metadata, NULL, parent, ns)$$;
CREATE FUNCTION pg_temp.read(thread text) RETURNS TABLE (ns text, id text, "values" jsonb, metadata jsonb, writes jsonb) LANGUAGE sql AS
$$SELECT checkpoint_ns, checkpoint_id, (checkpoint -> 'channel_values') - 'long', metadata, pending_writes FROM threadmem.checkpoint_list(thread) ORDER BY checkpoint_ns, checkpoint_id$$;
-- Rows of any table that say a word, and how the states are stored.
CREATE FUNCTION pg_temp.saying(word text, thread text) RETURNS text LANGUAGE sql AS
$$SELECT concat_ws(' ', (SELECT count(*) FROM threadmem_data.messages x WHERE x::text ~ word AND tenant_id = t AND thread_id = thread), (SELECT count(*) FROM threadmem_data.checkpoints x WHERE x::text ~ word AND tenant_id = t AND thread_id = thread), (SELECT count(*) FROM threadmem_data.checkpoint_writes x WHERE x::text ~ word AND tenant_id = t AND thread_id = thread),
         (SELECT count(*) FROM threadmem_data.thread_values x WHERE x::text ~ word AND tenant_id = t AND thread_id = thread)) FROM threadmem.current_tenant() t$$;
CREATE FUNCTION pg_temp.stored(thread text) RETURNS text LANGUAGE sql AS
$$SELECT string_agg(CASE WHEN patch IS NULL THEN 'S' ELSE 'P' END, '' ORDER BY seq) FROM threadmem_data.checkpoints WHERE tenant_id = threadmem.current_tenant() AND thread_id = thread$$;

-- A turn as LangGraph writes it: the input in __start__ and as a write of the parent without id, then with its id in the list, in a subgraph's list, in what its task wrote; reworded once, forked once.
CREATE FUNCTION pg_temp.fill(thread text) RETURNS text LANGUAGE sql AS
$$SELECT concat_ws(' ', pg_temp.put(thread, 'c1', NULL, '{"__start__": {"messages": [{"type": "human", "content": "secret one"}, {"type": "human", "content": "harmless"}]}, "n": 1}', '{"source": "input", "writes": {"messages": [{"role": "user", "content": "secret one"}]}}'),
    threadmem.checkpoint_put_writes(thread, 'c1', 't0', '[["messages", {"type": "human", "content": "secret one"}], ["messages", [{"type": "human", "content": "harmless"}, {"type": "human", "content": "secret one"}]], ["n", 2]]'),
    pg_temp.put(thread, 'c2', 'c1', '{"messages": [{"type": "human", "id": "s", "content": "secret one"}, {"type": "human", "id": "h", "content": "harmless"}], "n": 2}', '{"source": "loop"}'),
    threadmem.checkpoint_put_writes(thread, 'c2', 't1', '[["messages", [{"type": "ai", "id": "a", "content": "answer"}, {"type": "human", "id": "s", "content": "secret two"}]], ["deep", {"of": [{"last": {"type": "human", "id": "s", "content": "secret two"}, "kept": [1, "text"]}]}]]'),
    pg_temp.put(thread, 'b1', NULL, '{"messages": [{"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {"id": "s", "content": "secret one"}}, {"type": "ai", "id": "i", "content": "inside"}], "n": "sub"}', '{"parents": {"": "c2"}}', 'n:1'),
    threadmem.checkpoint_put_writes(thread, 'b1', 't2', '[["messages", [{"type": "human", "id": "s", "content": "secret two"}]]]', checkpoint_ns => 'n:1'),
    pg_temp.put(thread, 'c3', 'c2', '{"messages": [{"type": "human", "id": "s", "content": "secret two"}, {"type": "human", "id": "h", "content": "harmless"}, {"type": "ai", "id": "a", "content": "answer"}], "n": 3, "list": ["plain", {"type": "human", "id": "s", "content": "secret two"}]}', '{"source": "loop"}'),
    pg_temp.put(thread, 'c4', 'c3', '{"messages": [{"type": "human", "id": "s", "content": "secret two"}, {"type": "ai", "id": "a", "content": "answer"}], "n": 4, "list": ["plain", {"type": "human", "id": "s", "content": "secret two"}, "more"]}'),
    pg_temp.put(thread, 'c5', 'c2', '{"messages": [{"type": "human", "id": "h", "content": "harmless"}], "n": 5}'))$$;
SET threadmem.snapshot_ratio = 1000;
SELECT pg_temp.fill(t) FROM unnest('{t,other}'::text[]) t;
SELECT pg_temp.saying('secret', 't') AS said, pg_temp.stored('t') AS stored;
CREATE TEMP TABLE before AS SELECT * FROM pg_temp.read('t');
SELECT state, body, name, metadata FROM threadmem.message_erase('t', 's');
-- message_erase (docs/security.md#what-an-erasure-leaves-behind): no bytes of any of its revisions are left, in no row of any table; patches are patches still.
SELECT pg_temp.saying('secret', 't') AS said, pg_temp.saying('harmless', 't') AS harmless, pg_temp.stored('t') AS stored;
-- All else is as it was.
SELECT a.ns, a.id, a."values" FROM pg_temp.read('t') a;
SELECT a.ns, a.id, a.writes, a.metadata FROM pg_temp.read('t') a WHERE a.writes <> '[]' OR a.metadata ? 'writes';
SELECT count(*) AS without_it_the_same FROM before b JOIN pg_temp.read('t') a USING (ns, id) WHERE b."values" - 'messages' - 'list' - '__start__' = a."values" - 'messages' - 'list' - '__start__' AND jsonb_array_length(a.writes) = jsonb_array_length(b.writes);
SELECT checkpoint #>> '{channel_values,long}' = repeat('x', 2000) AS long FROM threadmem.checkpoint_list('t') GROUP BY 1;
SELECT message_id FROM threadmem.message_list('t');
-- Of another thread nothing is taken out, nor is a message with another id and the same words.
SELECT pg_temp.saying('secret', 'other') AS other;
SELECT pg_temp.put('words', 'c1', NULL, '{"messages": [{"type": "human", "id": "x", "content": "yes"}, {"type": "human", "id": "y", "content": "yes"}, {"type": "ai", "content": "yes"}], "list": [{"type": "human", "id": "y", "content": "yes"}, {"type": "ai", "content": "yes"}, {"type": "human", "content": "yes!"}, {"content": "yes"}, "yes"]}');
SELECT state FROM threadmem.message_erase('words', 'x');
SELECT "values" FROM pg_temp.read('words');
-- Again it changes nothing; the chain goes on, and whatever comes under its id is left out of the states.
CREATE TEMP TABLE rows AS SELECT c::text AS row FROM threadmem_data.checkpoints c WHERE tenant_id = 'checkpoint erase' AND thread_id = 't';
SELECT state FROM threadmem.message_erase('t', 's');
SELECT count(*) AS changed FROM (SELECT row FROM rows EXCEPT SELECT c::text FROM threadmem_data.checkpoints c WHERE tenant_id = 'checkpoint erase' AND thread_id = 't') d;
SELECT pg_temp.put('t', 'c6', 'c4', '{"messages": [{"type": "human", "id": "s", "content": "secret one"}, {"type": "ai", "id": "a", "content": "answer"}, {"type": "ai", "id": "z", "content": "on"}]}');
SELECT "values", pg_temp.saying('secret', 't') AS said FROM pg_temp.read('t') WHERE id = 'c6';
SELECT message_id FROM threadmem.message_list('t');
-- A message off the branch is erased as well.
SELECT pg_temp.put('off', 'c1', NULL, '{"messages": [{"type": "human", "id": "a", "content": "one"}]}'), pg_temp.put('off', 'c2', 'c1', '{"messages": [{"type": "human", "id": "a", "content": "one"}, {"type": "human", "id": "s", "content": "secret"}]}'), pg_temp.put('off', 'c3', 'c1', '{"messages": [{"type": "human", "id": "a", "content": "one"}]}');
SELECT state FROM threadmem.message_erase('off', 's');
SELECT id, "values" FROM pg_temp.read('off');
SELECT pg_temp.saying('secret', 'off') AS said, pg_temp.put('off', 'c4', 'c2', '{"messages": [{"type": "human", "id": "a", "content": "one"}, {"type": "human", "id": "s", "content": "secret"}]}');
SELECT message_id FROM threadmem.message_list('off');
RESET threadmem.snapshot_ratio;
SELECT * FROM threadmem.threadmem_verify();
-- A row on whose whole state others are based stays whole, though its change would be smaller.
SET threadmem.snapshot_ratio = 0;
SELECT thread_id FROM threadmem.thread_create('base', messages => '[{"role": "user", "id": "m1", "content": "secret"}]');
SELECT checkpoint_ns FROM threadmem.thread_update_state('base', jsonb_build_object('big', repeat('x', 4000)), '__start__');
SELECT checkpoint_ns FROM threadmem.thread_update_state('base', '{"messages": [{"id": "m1", "role": "user", "content": "secret"}]}', '__input__');
RESET threadmem.snapshot_ratio;
SELECT checkpoint_ns FROM generate_series(1, 2) n, threadmem.thread_update_state('base', jsonb_build_object('n', n), '__start__');
SELECT seq, base_seq, snapshot IS NOT NULL AS whole FROM threadmem_data.checkpoints WHERE tenant_id = threadmem.current_tenant() AND thread_id = 'base' ORDER BY seq;
SELECT state FROM threadmem.message_erase('base', 'm1');
SELECT "values" - 'big' AS values FROM threadmem.thread_history('base');
SELECT * FROM threadmem.threadmem_verify();
