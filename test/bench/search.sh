# Searches as a role below row security, bound to its tenant, against a superuser, who is below none.

bench_db search
fill search acme "$((BENCH_ROWS / 10))" "$BENCH_ROWS"
fill search other "$((BENCH_ROWS / 100))" "$((BENCH_ROWS / 10))"
sql search "CREATE ROLE acme_app LOGIN" >/dev/null
sql search "SELECT threadmem.grant_access('acme_app', 'read'), threadmem.tenant_bind('acme_app', 'acme')" >/dev/null
common=$(sql search "SELECT word FROM word ORDER BY (SELECT abs(count(*) - 200) FROM sample
	WHERE content LIKE '%' || word || '%'), i LIMIT 1")

frequent=$(sql search "SELECT word FROM word ORDER BY i LIMIT 1")

# searched NAME QUERY: both see the same rows, or there is nothing to compare.
searched()
{
	local query=$2 ours theirs
	echo "$query;" | as_user tee "$T/tmp/search.sql" >/dev/null
	ours=$(as_user psql -X -A -t -q -v ON_ERROR_STOP=1 -U acme_app -d search -c "$query")
	theirs=$(as_user env PGOPTIONS='-c threadmem.tenant=acme' psql -X -A -t -q -v ON_ERROR_STOP=1 -d search -c "$query")
	[ -n "$ours" ] && [ "$ours" = "$theirs" ] || die "$1: the role and the superuser find different rows"
	compare "$1" "<=" 1.5 search_role search_superuser
}
search_role() { tps search 1 -U acme_app -f "$T/tmp/search.sql"; }
search_superuser() { PGOPTIONS='-c threadmem.tenant=acme' tps search 1 -f "$T/tmp/search.sql"; }

searched "message_search, rare word" "SELECT * FROM threadmem.message_search('needle')"
searched "message_search, 2 % of the messages" "SELECT * FROM threadmem.message_search('$common')"
searched "message_search within a thread" "SELECT * FROM threadmem.message_search('$frequent', thread_id => 't1000')"
searched "thread_search by metadata" "SELECT * FROM threadmem.thread_search(metadata => '{\"topic\": 7}')"
searched "thread_search, newest" "SELECT * FROM threadmem.thread_search()"
