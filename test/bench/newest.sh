# The newest 20 messages of a thread of 10,000 against the bare indexed SELECT of the same columns.

bench_db newest
fill newest '' 10 100000
as_user tee "$T/tmp/last.sql" >/dev/null <<'SQL'
SELECT * FROM threadmem.message_last('t1', 20);
SQL
as_user tee "$T/tmp/select.sql" >/dev/null <<'SQL'
SELECT thread_id, message_id, seq, rev, role, origin_role, name, body -> 'content' AS content, body ->> 'content' AS text, sender_id, user_id,
    assistant_id, run_id, tool_call_id, status, state, metadata, body, event_at, created_at, id_from, edited_at
FROM (SELECT * FROM threadmem_data.messages WHERE tenant_id = '' AND thread_id = 't1' AND state = 'live'
      ORDER BY seq DESC LIMIT 20) m ORDER BY seq;
SQL
newest_call() { tps newest 1 -f "$T/tmp/last.sql"; }
newest_select() { tps newest 1 -f "$T/tmp/select.sql"; }
compare "newest 20 of 10,000" "<=" 1.5 newest_call newest_select
