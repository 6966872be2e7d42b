# message_add against one prepared statement that updates the thread's row and inserts the same row.
# Each has its own database: who fills the pending list of the search index has to empty it.

for db in append_call append_statement; do
	bench_db "$db"
	fill "$db" '' "$BENCH_THREADS" 0
done
mapfile -t call < <(variants message_add.sql)
mapfile -t statement < <(variants statement.sql)

# The statement is no measure unless it writes what message_add writes: the same columns, of the same
# size; only id, times and the bytes of the hash differ.
written()
{
	as_user pgbench -n -M prepared -t 1 -D threads=1 -D content="a message of some words" \
		-f "$T/src/test/bench/$2" "$1" >/dev/null
	sql "$1" "SELECT pg_column_size(m), to_jsonb(m) - '{message_id,body,body_hash,event_at,created_at}'::text[],
		length(message_id), length(body_hash), body - 'id', t.live_messages
		FROM threadmem_data.messages m JOIN threadmem_data.threads t USING (tenant_id, thread_id)"
}
[ "$(written append_call message_add.sql)" = "$(written append_statement statement.sql)" ] ||
	die "message_add and the statement write different rows"

append_call() { tps append_call "$clients" "${CONTENTS[@]}" "${call[@]}"; }
append_statement() { tps append_statement "$clients" "${CONTENTS[@]}" "${statement[@]}"; }
for commit in on off; do
	for clients in 1 8; do
		export PGOPTIONS="-c synchronous_commit=$commit"
		if [ "$commit" = on ]; then durable=durable bound=0.85; else durable="not durable" bound=0.6; fi
		compare "append, $durable, clients: $clients" ">=" "$bound" append_call append_statement
	done
done
unset PGOPTIONS
