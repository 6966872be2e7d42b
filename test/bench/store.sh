# The store: put and get against prepared statements, which write the same row or one as LangGraph's PostgresStore has it;
# searches of a namespace of 100 items, and of one that has them all.

bench_db store
calls=$((BENCH_APPENDS / 10))
names=$((BENCH_ITEMS / 100))
as_user psql -X -q -v ON_ERROR_STOP=1 -d store -v items="$BENCH_ITEMS" -v names="$names" >/dev/null <<'SQL'
CREATE TABLE item AS SELECT 'u' || i % :names AS name, 'k' || i / :names AS key,
    jsonb_build_object('kind', (ARRAY['fact', 'task', 'note', 'wish'])[1 + i % 4], 'rank', i % 1000, 'text', s.content) AS value
  FROM generate_series(0, :items - 1) i JOIN (SELECT row_number() OVER () - 1 AS n, left(content, 200) AS content FROM sample LIMIT 1000) s ON s.n = i % 1000;
SELECT count(threadmem.store_put(ARRAY['users', name], key, value)) FROM item;
CREATE TABLE plain (prefix text COLLATE "C", key text COLLATE "C", value jsonb NOT NULL, created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(),
    expires_at timestamptz, ttl_minutes int, PRIMARY KEY (prefix, key));
INSERT INTO plain SELECT 'users.' || name, key, value FROM item;
SET threadmem.tenant = 'one';
SELECT count(threadmem.store_put('{all}', name || key, value)) FROM item;
VACUUM ANALYZE;
SQL

say() { echo "$2" | as_user tee "$T/tmp/$1.sql" >/dev/null; }
ask() { as_user env PGOPTIONS="-c synchronous_commit=off ${2:-}" pgbench -n -M prepared -c 1 -t "$calls" -D names="$names" -f "$T/tmp/$1.sql" store >/dev/null 2>"$T/pgbench.err" ||
	{ cat "$T/pgbench.err" >&2; die "pgbench failed"; }; }
pick='\set n random(0, :names - 1)
\set k random(0, 99)
\set r random(1, 1000000)
'
value="jsonb_build_object('kind', 'fact', 'rank', CAST(:r AS integer), 'text', 'likes green tea and plays tennis on sunday number ' || :r)"
say put_ours "${pick}SELECT FROM threadmem.store_put(ARRAY['users', 'u' || :n], 'k' || :k, $value);"
say put_same "${pick}INSERT INTO threadmem_data.store_items AS s (tenant_id, path, key, value, search, created_at, updated_at)
SELECT '', 'users' || chr(1) || 'u' || :n, 'k' || :k, v, jsonb_to_tsvector('pg_catalog.english', v, '[\"string\", \"numeric\"]'), now, now FROM (SELECT $value AS v, clock_timestamp() AS now) i
ON CONFLICT (tenant_id, path, key) DO UPDATE SET value = excluded.value, search = excluded.search, updated_at = excluded.updated_at RETURNING key;"
say put_plain "${pick}INSERT INTO plain (prefix, key, value) VALUES ('users.u' || :n, 'k' || :k, $value)
ON CONFLICT (prefix, key) DO UPDATE SET value = excluded.value, updated_at = now();"
say get_ours "${pick}SELECT value FROM threadmem.store_get(ARRAY['users', 'u' || :n], 'k' || :k);"
say get_plain "${pick}SELECT value FROM plain WHERE prefix = 'users.u' || :n AND key = 'k' || :k;"
say filter_ours "${pick}SELECT key, value FROM threadmem.store_search(ARRAY['users', 'u' || :n], '{\"kind\": \"note\", \"rank\": {\"\$gte\": 500}}', max_rows => 10);"
say filter_plain "${pick}SELECT key, value FROM plain WHERE (prefix = 'users.u' || :n OR prefix LIKE 'users.u' || :n || '.%') AND value -> 'kind' = '\"note\"' AND value ->> 'rank' >= '500' ORDER BY updated_at DESC LIMIT 10;"
for name in put_ours put_same put_plain get_ours get_plain filter_ours filter_plain; do eval "$name() { ask $name; }"; done

processor "store_put, us, against the same statement" 1.5 "$calls" put_ours put_same
processor "store_put, us, against PostgresStore's row" 10 "$calls" put_ours put_plain
processor "store_get, us, against a select" 3 "$calls" get_ours get_plain
processor "store_search of 100 by filter, us" 2.5 "$calls" filter_ours filter_plain

# figure NAME SQL: milliseconds of one call, the median of 11.
figure()
{
	local i
	for ((i = 0; i < 12; i++)); do echo "$2;"; done | as_user env PGOPTIONS='-c threadmem.tenant=one' psql -X -q -d store -o /dev/null -c '\timing' -f - |
		sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -n 11 | median | { read -r ms; printf '%-60s %8.2f ms\n' "$1, of $BENCH_ITEMS in one namespace" "$ms"; }
}
figure "store_search: the newest 10" "SELECT key FROM threadmem.store_search('{all}', max_rows => 10)"
figure "store_search: by filter" "SELECT key FROM threadmem.store_search('{all}', '{\"kind\": \"note\", \"rank\": {\"\$gte\": 990}}', max_rows => 10)"
figure "store_search: by a rare filter" "SELECT key FROM threadmem.store_search('{all}', '{\"rank\": 7, \"kind\": \"none\"}', max_rows => 10)"
figure "store_search: by words" "SELECT key FROM threadmem.store_search('{all}', query => 'needle', max_rows => 10)"
figure "store_list_namespaces: all 1" "SELECT namespace FROM threadmem.store_list_namespaces()"
