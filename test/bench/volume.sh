# An append to a table of a million messages against one to an empty table with as many threads.

bench_db volume_full
fill volume_full '' "$BENCH_THREADS" "$BENCH_MESSAGES"
bench_db volume_empty
fill volume_empty '' "$BENCH_THREADS" 0
mapfile -t call < <(variants message_add.sql)
volume_full() { tps volume_full 1 "${CONTENTS[@]}" "${call[@]}"; }
volume_empty() { tps volume_empty 1 "${CONTENTS[@]}" "${call[@]}"; }
for commit in on off; do
	export PGOPTIONS="-c synchronous_commit=$commit"
	compare "append to $BENCH_MESSAGES, synchronous_commit=$commit" "<=" 1.3 volume_full volume_empty
done
unset PGOPTIONS
