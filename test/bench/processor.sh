# Processor time of the server, which no other work on the machine makes longer: message_add against the bare prepared
# statement that writes the same, message_add_batch against COPY of the same rows into the same tables and indexes.

appends=$((BENCH_APPENDS / 10))
for db in processor_call processor_statement; do
	bench_db "$db"
	fill "$db" '' "$BENCH_THREADS" 0
done
append_by()
{
	as_user env PGOPTIONS='-c synchronous_commit=off' pgbench -n -M prepared -c 1 -t "$appends" -D threads="$BENCH_THREADS" \
		-D content="$content" -f "$T/src/test/bench/$2" "$1" 2>"$T/pgbench.err" || { cat "$T/pgbench.err" >&2; die "pgbench failed"; }
}
by_call() { append_by processor_call message_add.sql; }
by_statement() { append_by processor_statement statement.sql; }
content=$(sql words "SELECT content FROM sample ORDER BY i LIMIT 1")
processor "append of ${#content} bytes, us of the processor" 1.3 "$appends" by_call by_statement
content="a message of some words"
processor "append of ${#content} bytes, us of the processor" 1.3 "$appends" by_call by_statement

# Undone each time, so that each writes the same rows where nothing is.
batches=20
bench_db processor_batch
as_user psql -X -q -v ON_ERROR_STOP=1 -d processor_batch >/dev/null <<SQL
SELECT threadmem.thread_create('batch');
CREATE TABLE batch AS SELECT jsonb_agg(jsonb_build_object('role', 'user', 'content', content)) AS messages FROM (SELECT content FROM sample ORDER BY i LIMIT 1000) s;
SELECT threadmem.message_add_batch('batch', messages) FROM batch;
COPY (SELECT * FROM threadmem_data.messages ORDER BY rev) TO '$T/tmp/rows';
SELECT threadmem.thread_delete('batch', keep_memory => false);
SELECT threadmem.thread_create('batch');
VACUUM ANALYZE;
SQL
repeat() { for ((i = 0; i < batches; i++)); do echo "BEGIN; $2; ROLLBACK;"; done | as_user tee "$T/tmp/$1.sql" >/dev/null; }
repeat batch "SELECT count(*) FROM batch, threadmem.message_add_batch('batch', messages)"
repeat copy "COPY threadmem_data.messages FROM '$T/tmp/rows'"
batch() { as_user psql -X -q -v ON_ERROR_STOP=1 -d processor_batch -f "$T/tmp/batch.sql"; }
copy() { as_user psql -X -q -v ON_ERROR_STOP=1 -d processor_batch -f "$T/tmp/copy.sql"; }
processor "message_add_batch of 1,000, us a message" 4 "$((batches * 1000))" batch copy
