# How many updates of the threads' rows by appends are HOT (touch no index).

bench_db hot
fill hot '' "$BENCH_THREADS" 0
mapfile -t call < <(variants message_add.sql)
as_user env PGOPTIONS='-c synchronous_commit=off' pgbench -n -M prepared -c 8 -j 2 -t "$((BENCH_APPENDS / 8))" \
	-D threads="$BENCH_THREADS" "${CONTENTS[@]}" "${call[@]}" hot >/dev/null
sleep 1 # a backend reports its counts as it ends
read -r hot all < <(sql hot "SELECT n_tup_hot_upd || ' ' || n_tup_upd FROM pg_stat_user_tables WHERE relname = 'threads'")
[ "$all" -ge "$((BENCH_APPENDS / 8 * 8))" ] || die "hot: $all updates were counted"
verdict "HOT updates of threads" "$hot" "$all" "$(awk "BEGIN { print $hot / $all }")" ">=" 0.95
