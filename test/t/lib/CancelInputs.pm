# Calls that have much to do: what they need, and the call. $N is the size, $X a name of the case's own; a table of the
# name args_$X holds an argument that is too long to write down.

package CancelInputs;

use strict;
use warnings;

sub list { my ($element, $n) = @_; $n //= '$N'; return "(SELECT jsonb_agg($element) FROM generate_series(1, $n) AS i)" }
sub object { my ($value) = @_; return "(SELECT jsonb_object_agg('k' || i, $value) FROM generate_series(1, \$N) AS i)" }

sub given
{
	my ($value, $type) = @_;
	$type //= 'jsonb';
	return ('DROP TABLE IF EXISTS args_$X', "CREATE TABLE args_\$X (arg $type)",
		'ALTER TABLE args_$X ALTER arg SET STORAGE EXTERNAL', "INSERT INTO args_\$X SELECT $value");
}

sub add { return ("SELECT threadmem.message_add('\$X', body => (SELECT arg FROM args_\$X))") }
sub add_all { my ($element, $n) = @_; return "SELECT count(*) FROM threadmem.message_add_batch('\$X', " . list($element, $n) . ')' }

my $arg = '(SELECT arg FROM args_$X)';
my $thread = q{SELECT threadmem.thread_create('$X')};
my $call = q{jsonb_build_object('id', 'call_' || i, 'type', 'function', 'function', jsonb_build_object('name', 'f', 'arguments', '{"a": 1}'))};
my $calls = q{jsonb_build_object('role', 'assistant', 'id', 'm', 'content', 'x', 'tool_calls', } . list($call) . ')';
my $parts = q{jsonb_build_object('role', 'user', 'id', 'm', 'content', } . list(q{jsonb_build_object('type', 'text', 'text', 'x' || i)}) . ')';
my $uses = q{jsonb_build_object('role', 'assistant', 'id', 'm', 'content', } . list(q{jsonb_build_object('type', 'tool_use', 'id', 'c' || i, 'name', 'f', 'input', '{}'::jsonb)}) . ')';
my $numbers = q{jsonb_build_object('role', 'user', 'id', 'm', 'content', NULL, 'x', } . list('i') . ')';
my $word = q{jsonb_build_object('role', 'user', 'content', 'word ' || i)};
my @users_thread = (q{SELECT threadmem.user_create('$X')}, q{SELECT threadmem.thread_create('$X', user_id => '$X')});
my @running = ($thread, q{SELECT threadmem.run_create('$X', run_id => 'r')}, q{SELECT threadmem.run_start('$X', 'r')});
my $steps = q{DO $do$ BEGIN FOR i IN 1..$N LOOP PERFORM threadmem.message_add('$X', 'user', 'x'); PERFORM threadmem.thread_update_state('$X', jsonb_build_object('x', i)); END LOOP; END $do$};

sub put_one
{
	return q{SELECT threadmem.checkpoint_put('$X', '{"v": 4, "id": "1ef00000-0000-6000-8000-000000000001", "channel_values": {"x": 1}, "channel_versions": {"x": 1}}', '{}')};
}

# LangGraph's map-reduce: many tasks, each of which has written.
sub fan
{
	return (q{SELECT threadmem.graph_define('$X', '{"channels": {"out": {"reducer": "append"}}, "nodes": ["w"], "edges": [["__start__", "w"]]}')},
		q{SELECT threadmem.thread_create('$X', graph_id => '$X')},
		q{SELECT threadmem.checkpoint_put('$X', jsonb_build_object('id', '1f0a1b2c-3d4e-6f00-8000-aabbccddeeff', 'v', 4, 'channel_values', jsonb_build_object('__pregel_tasks', } . list(q{jsonb_build_object('node', 'w', 'args', i)})
			. q{, 'out', '[]'::jsonb), 'channel_versions', '{"__pregel_tasks": 1, "out": 1}'::jsonb, 'versions_seen', '{}'::jsonb), metadata => '{"step": 0, "source": "loop"}')},
		q{SELECT count(threadmem.checkpoint_put_writes('$X', '1f0a1b2c-3d4e-6f00-8000-aabbccddeeff', t ->> 'id', '[["out", [1]]]')) FROM threadmem.thread_state('$X') AS s, jsonb_array_elements(to_jsonb(s) -> 'tasks') AS t});
}

# The name, the size, the call, what it needs.
sub inputs
{
	return (
		[ 'message_add', 100_000, "SELECT (threadmem.message_add('\$X', body => $arg)).seq", $thread, given($calls) ],
		[ 'message_add_arguments', 100_000, "SELECT (threadmem.message_add('\$X', 'assistant', 'x', tool_calls => $arg)).seq", $thread, given(list($call)) ],
		[ 'message_add_numbers', 2_000_000, "SELECT (threadmem.message_add('\$X', body => $arg)).seq", $thread, given("$numbers - 'id'") ],
		[ 'message_add_batch', 2_000, "SELECT count(*) FROM threadmem.message_add_batch('\$X', $arg)", $thread, given(list($word)) ],
		[ 'message_context', 150_000, q{SELECT count(*) FROM threadmem.message_context('$X')}, $thread, given($calls), add() ],
		[ 'message_context_close', 60_000, q{SELECT count(*) FROM threadmem.message_context('$X', dangling => 'close')}, $thread, given($calls), add() ],
		[ 'message_context_answers', 60_000, q{SELECT count(*) FROM threadmem.message_context('$X')}, $thread, given($uses), add(),
			given(q{jsonb_build_object('role', 'user', 'id', 'n', 'content', } . list(q{jsonb_build_object('type', 'tool_result', 'tool_use_id', 'c' || i, 'content', 'x')}) . ')'), add() ],
		[ 'message_context_orphans', 15_000, q{SELECT count(*) FROM threadmem.message_context('$X')}, $thread,
			add_all(q{jsonb_build_object('role', 'assistant', 'content', 'x')}), add_all(q{jsonb_build_object('role', 'tool', 'content', 'x', 'tool_call_id', 'c' || i)}) ],
		[ 'message_context_middle', 20_000, q{SELECT count(*) FROM threadmem.message_context('$X', max_tokens => $N * 2 - 10, strategy => 'middle')}, $thread, add_all($word) ],
		[ 'message_prompt', 150_000, "SELECT length(threadmem.message_prompt($arg))", given($uses) ],
		[ 'message_prompt_wordless', 100_000, "SELECT length(threadmem.message_prompt($arg))",
			given(q{jsonb_build_object('role', 'user', 'content', } . list(q{jsonb_build_object('type', 'thing', 'n', i)}) . ')') ],
		[ 'message_prompt_numbers', 3_000_000, "SELECT length(threadmem.message_prompt($arg))", given($numbers) ],
		[ 'message_text', 1_500_000, "SELECT length(threadmem.message_text($arg))", given($parts) ],
		[ 'message_format', 60_000, q{SELECT pg_column_size(threadmem.message_format('$X', 'langchain'))}, $thread, given($calls), add() ],
		[ 'message_format_parts', 150_000, q{SELECT pg_column_size(threadmem.message_format('$X', 'openai'))}, $thread, given($parts), add() ],
		[ 'thread_format', 60_000, q{SELECT pg_column_size(threadmem.thread_format('$X', 'langgraph'))}, $thread, add_all($word) ],
		[ 'json_accept', 400_000, "SELECT pg_column_size(threadmem.json_accept($arg))", given(list(q{jsonb_build_object('a', i, 'b', 'x' || i)}) . '::text', 'text') ],
		[ 'json_accept_escapes', 12_000_000, q{SELECT pg_column_size(threadmem.json_accept('"' || repeat('\\\\', $N) || '"'))} ],
		[ 'memory_add_data', 500_000, "SELECT (threadmem.memory_add_data('\$X', $arg, 'json')).episode_id", q{SELECT threadmem.user_create('$X')}, given(list(q{jsonb_build_object('a', i)}) . '::text', 'text') ],
		[ 'memory_search', 800, q{SELECT count(*) FROM threadmem.memory_search('$X', (SELECT string_agg('w' || k, ' ') FROM generate_series(1, 8000) AS k))},
			@users_thread, add_all(q{jsonb_build_object('role', 'user', 'content', (SELECT string_agg('w' || k, ' ') FROM generate_series(1, 4000) AS k))}) ],
		[ 'memory_search_pairs', 3_000, q{SELECT count(*) FROM threadmem.memory_search('$X', repeat('alpha beta ', 40))}, @users_thread,
			add_all(q{jsonb_build_object('role', 'user', 'content', repeat('alpha ', 255) || repeat('stone ', 20) || repeat('beta ', 255))}) ],
		[ 'memory_search_filters', 300_000, q{SELECT count(*) FROM threadmem.memory_search('$X', 'word', filters => } . "$arg)", @users_thread, add_all($word, 500),
			given(q{jsonb_build_object('thread_ids', } . list(q{'t' || i}) . ')') ],
		[ 'thread_context', 8_000_000, q{SELECT length(threadmem.thread_context('$X'))}, @users_thread, q{SELECT threadmem.message_add('$X', 'user', 'hello')},
			q{SELECT (threadmem.memory_add_data('$X', 'hello ' || repeat(E'\n x', $N / 3))).episode_id} ],
		[ 'run_require_action', 120_000, "SELECT (threadmem.run_require_action('\$X', 'r', $arg)).status", @running, given(list($call)) ],
		[ 'run_submit_tool_outputs', 5_000, q{SELECT (threadmem.run_submit_tool_outputs('$X', 'r', } . list(q{jsonb_build_object('tool_call_id', 'call_' || i, 'output', 'x')}) . ')).status',
			@running, given(list($call)), "SELECT (threadmem.run_require_action('\$X', 'r', $arg)).status" ],
		[ 'graph_define_channels', 60_000, "SELECT (threadmem.graph_define('\$X', $arg)).graph_id", given(q{jsonb_build_object('channels', } . object(q{'{"reducer": "append"}'::jsonb}) . ')') ],
		[ 'graph_define_edges', 60_000, "SELECT (threadmem.graph_define('\$X', $arg)).graph_id",
			given(q{jsonb_build_object('nodes', } . list(q{'n' || i}) . q{, 'edges', } . list(q{jsonb_build_array('n' || i, 'n' || (i % 1000 + 1))}) . ')') ],
		[ 'thread_create_participants', 2_000, q{SELECT (threadmem.thread_create('$X', participant_ids => (SELECT array_agg('$X_' || i) FROM generate_series(1, $N) AS i))).thread_id},
			q{SELECT count(*) FROM (SELECT threadmem.user_create('$X_' || i) FROM generate_series(1, $N) AS i) AS u} ],
		[ 'thread_prune', 40_000, "SELECT threadmem.thread_prune($arg)", given(q{(SELECT array_agg('t' || i) FROM generate_series(1, $N) AS i)}, 'text[]') ],
		[ 'thread_search_fields', 400_000, "SELECT count(*) FROM threadmem.thread_search(thread_ids => ARRAY['\$X'], fields => $arg)", given(q{(SELECT array_agg('values'::text) FROM generate_series(1, $N) AS i)}, 'text[]') ],
		[ 'thread_delete', 10_000, q{SELECT count(*) FROM threadmem.thread_delete('$X')}, @users_thread, add_all($word) ],
		[ 'thread_copy', 10_000, q{SELECT (threadmem.thread_copy('$X')).thread_id}, $thread, add_all($word) ],
		[ 'threadmem_verify', 300, q{SELECT count(*) FROM threadmem.threadmem_verify('$X')}, $thread, $steps ],
		[ 'user_delete', 1_500, q{SELECT count(*) FROM threadmem.user_delete('$X')}, q{SELECT threadmem.user_create('$X'), threadmem.user_create('$X_other')},
			q{SELECT threadmem.thread_create('$X', user_id => '$X_other')}, add_all(q{jsonb_build_object('role', 'user', 'content', 'word ' || i, 'sender_id', '$X')}), $steps ],
		[ 'thread_update', 300_000, "SELECT (threadmem.thread_update('\$X', metadata => (SELECT arg FROM args_\$X), remove_keys => (SELECT array_agg('k' || i || 'x') FROM generate_series(1, \$N) AS i))).version",
			$thread, given(object('i')) ],
		[ 'thread_search_metadata', 150_000, "SELECT count(*) FROM threadmem.thread_search(metadata => $arg)", $thread, given(q{jsonb_build_object('a', } . list('i') . ')'),
			"SELECT threadmem.thread_update('\$X', metadata => (SELECT arg FROM args_\$X))", given(q{jsonb_build_object('a', } . list('$N + 1 - i') . ')') ],
		[ 'thread_state', 40_000, q{SELECT pg_column_size(s.*) FROM threadmem.thread_state('$X') AS s}, $thread, add_all($word) ],
		[ 'thread_fold', 40_000, q{SELECT threadmem.thread_fold('$X')}, $thread, add_all($word) ],
		[ 'message_list_state', 40_000, q{SELECT count(*) FROM threadmem.message_list('$X', view => 'state', max_rows => 1000)}, $thread, add_all($word) ],
		[ 'thread_update_state_edits', 10_000, q{SELECT threadmem.thread_update_state('$X', jsonb_build_object('messages', } . list(q{jsonb_build_object('type', 'human', 'id', 'm' || i, 'content', 'edited ' || i)}) . '))',
			$thread, add_all(q{jsonb_build_object('role', 'user', 'id', 'm' || i, 'content', 'x ' || i)}), q{SELECT threadmem.thread_fold('$X')} ],
		[ 'checkpoint_put', 10_000, q{SELECT threadmem.checkpoint_put('$X', jsonb_build_object('v', 4, 'id', '1ef00000-0000-6000-8000-000000000001', 'channel_values', jsonb_build_object('messages', } . "$arg), 'channel_versions', '{\"messages\": 1}'::jsonb), '{}')",
			$thread, given(list(q{jsonb_build_object('role', 'user', 'id', 'm' || i, 'content', 'v ' || i)})) ],
		[ 'checkpoint_put_writes', 30_000, q{SELECT threadmem.checkpoint_put_writes('$X', '1ef00000-0000-6000-8000-000000000001', 'task', } . "$arg)", $thread, put_one(), given(list(q{jsonb_build_array('ch' || i, i)})) ],
		[ 'thread_state_writes', 60_000, q{SELECT pg_column_size(s.*) FROM threadmem.thread_state('$X') AS s}, $thread, put_one(),
			q{SELECT threadmem.checkpoint_put_writes('$X', '1ef00000-0000-6000-8000-000000000001', '00000000-0000-0000-0000-000000000000', } . list(q{jsonb_build_array('ch' || i, i)}) . ')' ],
		[ 'thread_state_tasks', 6_000, q{SELECT pg_column_size(s.*) FROM threadmem.thread_state('$X') AS s}, fan() ],
		[ 'channel_superstep_append', 400_000, q{SELECT pg_column_size(threadmem.channel_superstep('x', 'append', '[]', } . "$arg))", given(list('i')) ],
		[ 'channel_superstep_merge', 200_000, q{SELECT pg_column_size(threadmem.channel_superstep('x', 'merge', '{}', } . "$arg))", given(list(q{jsonb_build_object('k' || i, 1)})) ],
		[ 'json_diff', 300_000, "SELECT pg_column_size(threadmem.json_diff((arg -> 0), (arg -> 1))) FROM args_\$X", given('jsonb_build_array(' . list('i') . ', ' . list('i * 7 % 300007') . ')') ],
		[ 'json_patch_apply', 100_000, "SELECT pg_column_size(threadmem.json_patch_apply('{}', $arg))", given(list(q{jsonb_build_object('op', 'add', 'path', '/k' || i, 'value', i)})) ],
	);
}

1;
