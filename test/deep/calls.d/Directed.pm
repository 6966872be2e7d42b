# Calls that chance seldom or never comes upon: what has to be there first is made, then one call gives its SQLSTATE. All of
# it is undone. %{plain} is a thread of that kind (World.pm), %[messages] the table.
package Directed;

use strict;
use warnings;

# 12,000 levels: jsonb takes more, functions that walk two documents at once do not.
my $DEEP = q((repeat('[', 12000) || repeat(']', 12000))::jsonb);
my $DEEPER = q((repeat('[', 12000) || '1' || repeat(']', 12000))::jsonb);
# A document of 9 MB that is copied into itself until jsonb cannot hold it.
my $LARGE = q(jsonb_build_object('a', repeat('x', 9000000)));
my $COPIES = q((SELECT jsonb_agg(jsonb_build_object('op', 'copy', 'from', '', 'path', '/' || i)) FROM generate_series(1, 6) i));
my $HUGE = '9e131071'; # twice this is more than a numeric holds
my $LONG = q(repeat('long ', 1000)); # more than threadmem.max_body of the session "small"
my $SUMS = qq(supersteps => '[{"updates": [{"values": {"x": $HUGE}, "as_node": "__start__"}]}, {"updates": [{"values": {"x": $HUGE}, "as_node": "n1"}]}]');
my $BUSY = q(if_exists => 'do_nothing', supersteps => '[{"updates": [{"values": {"x": 1}, "as_node": "n1"}]}]');

# Messages that together are more than jsonb holds, put there behind the functions' backs.
my @GROWN = (q(SET LOCAL statement_timeout = '60s'), q(UPDATE %[messages] SET body = jsonb_build_object('id', message_id, 'type', 'human', 'content', repeat('x', 140000000)) WHERE thread_id = '%{THREAD}' AND body IS NOT NULL AND message_id !~ '^m([3-9]|10)$'));
my $grown = sub { my ($thread) = @_; return map { s/THREAD/$thread/r } @GROWN };
my ($SECOND, $FOURTH) = map { "'1ef00000-0000-6000-8000-00000000000$_'" } 2, 4;

# Of everybody, of a session whose max_body is 1 kB, of one that is narrowed to u1 (whose "foreign" is not).
my %OF = (
	owner => [
		[ 22023 => 'current_tenant()', "SET LOCAL threadmem.tenant = '" . 'x' x 64 . "'" ],
		[ 42501 => 'current_tenant()', "tenant_bind('app')", 'SET LOCAL SESSION AUTHORIZATION app' ],
		[ 42501 => "grant_access('bare', 'read')", "grant_access('bare')", 'SET LOCAL ROLE chief' ],
		[ 42501 => "revoke_access('bare')", "grant_access('bare', 'read')", 'SET LOCAL ROLE chief' ],
		[ 42710 => 'install_roles()', 'ALTER ROLE threadmem_runner CREATEDB' ],
		[ 22023 => 'current_user_id()', q(SET LOCAL threadmem.user_id = E'\x01') ],
		[ 22003 => "channel_reduce('add', '$HUGE', '$HUGE')" ],
		[ 22003 => "channel_superstep('x', 'add', '$HUGE', '[$HUGE]')" ],
		[ 22003 => "thread_update_state('%{empty}', '{\"x\": $HUGE}', 'n1')", "thread_update_state('%{empty}', '{\"x\": $HUGE}', '__start__')" ],
		[ 22003 => "thread_create('sums', graph_id => 'g1', $SUMS)" ],
		[ 22003 => "session_create('sums', graph_id => 'g1', $SUMS)" ],
		[ 22003 => "memory_add_session('sums', graph_id => 'g1', $SUMS)" ],
		[ 55006 => "thread_create('%{working}', $BUSY)" ],
		[ 55006 => "session_create('%{working}', $BUSY)" ],
		[ 55006 => "memory_add_session('%{working}', $BUSY)" ],
		[ 54001 => "json_diff($DEEP, $DEEPER)" ],
		[ 54000 => "json_patch_apply($LARGE, $COPIES)" ],
		[ 54000 => "json_patch_test($LARGE, $COPIES)" ],
		[ 54000 => "SELECT threadmem.json_patch_fold($LARGE, $COPIES)" ],
		[ 54000 => "SELECT threadmem.json_patch_fold_step('null', $LARGE, $COPIES)" ],
		[ 54000 => "memory_search('u1', embedding => array_fill(0.5::real, ARRAY[16001]))" ],
		[ 54000 => "store_put('{n}', 'k', '{}', embeddings => array_fill(0.5::float8, ARRAY[1001, 1]))" ],
		[ 54000 => "store_search(embedding => array_fill(0.5::float8, ARRAY[16001]))" ],
		[ 54000 => "store_batch(jsonb_build_array(jsonb_build_object('op', 'search', 'embedding', (SELECT jsonb_agg(1) FROM generate_series(1, 16001)))))" ],
		[ 54000 => "memory_set_embedding('u1', array_fill(0.5::real, ARRAY[16001]), episode_id => 'ep1')" ],
		[ 54000 => "memory_get('%{foreign}')", "user_update('u2', summary => repeat('Bob ', 700))" ],
		[ 54000 => "checkpoint_get('%{chain}', checkpoint_id => $SECOND)", $grown->('chain') ],
		[ 54000 => "checkpoint_delta_history('%{chain}', '{messages}', checkpoint_id => $FOURTH)", $grown->('chain') ],
		[ 54000 => "thread_state('%{chain}', $SECOND)", $grown->('chain') ],
		[ 54000 => "thread_diff('%{chain}', $SECOND, $FOURTH)", $grown->('chain') ],
		[ 54000 => "thread_fold('%{plain}')", $grown->('plain') ],
		[ 54000 => "run_start('%{queued}')", "message_add('%{queued}', 'user', 'more', message_id => 'm2')", $grown->('queued') ],
		[ 54000 => "checkpoint_put_writes('%{chain}', $SECOND, 'task3', jsonb_build_array(jsonb_build_array('x', repeat('x', 262000000))))", $GROWN[0] ],
		[ 23505 => "thread_fork('%{plain}', message_id => 'm1', new_thread_id => '%{empty}')" ],
		[ 54000 => "thread_rewind('%{plain}', 'm2')", $grown->('plain') ],
		[ 23505 => "thread_rewind('%{plain}', 'm2', 'x', new_message_id => 'm1')" ],
		[ 55006 => "thread_rewind('%{working}', 'm1')" ],
		[ 23505 => "checkpoint_copy_thread('%{chain}', '%{plain}')" ],
		[ 55006 => "run_create('%{working}', 'a1', strategy => 'reject')" ],
		[ 55000 => "run_expire('%{over}', 'r1')" ],
		[ 55000 => "run_create('%{pinned}', 'a2')" ],
		[ 55000 => "thread_update('%{pinned}', assistant_id => 'a2')" ],
		[ 55000 => "session_update('%{pinned}', assistant_id => 'a2')" ],
		[ TM001 => "memory_set_embedding('u1', '{1,2}', '%{plain}', 'm1', expected_content => 'another')" ],
	],
	small => [
		[ 54000 => "message_add('%{plain}', 'user', $LONG)" ],
		[ 54000 => "message_update('%{plain}', 'm1', $LONG)" ],
		[ 54000 => "thread_rewind('%{plain}', 'm1', $LONG)" ],
		[ 54000 => "message_append('%{plain}', 'm7', 3, $LONG)" ],
		[ 54000 => "message_complete('%{plain}', 'm7', jsonb_build_object('role', 'assistant', 'content', $LONG))" ],
		[ 54000 => "run_submit_tool_outputs('%{action}', 'r1', jsonb_build_array(jsonb_build_object('tool_call_id', 'call_1', 'output', $LONG)))" ],
		[ 54000 => "run_create('%{plain}', 'a1', messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', $LONG)))" ],
		[ 54000 => "thread_create(messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', $LONG)))" ],
		[ 54000 => "session_create(messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', $LONG)))" ],
		[ 54000 => "memory_add_session(messages => jsonb_build_array(jsonb_build_object('role', 'user', 'content', $LONG)))" ],
		[ 54000 => "thread_update_state('%{empty}', jsonb_build_object('messages', jsonb_build_array(jsonb_build_object('type', 'human', 'content', $LONG))), '__start__')" ],
		[ 54000 => "memory_add_data('u1', $LONG)" ],
		[ 54000 => "store_put('{n}', 'k', jsonb_build_object('x', $LONG))" ],
	],
	narrowed => [
		[ 42501 => "thread_prune('{%{foreign}}')" ],
		[ 42501 => "checkpoint_prune('{%{foreign}}', 'delete')" ],
		[ 42501 => "thread_copy('%{foreign}')" ],
		[ 42501 => "thread_fork('%{foreign}', message_id => 'm1')" ],
		[ 42501 => "thread_delete('%{foreign}')" ],
		[ 42501 => "session_delete('%{foreign}')" ],
		[ 42501 => "checkpoint_delete_thread('%{foreign}')" ],
		[ 42501 => "thread_set_ttl('%{foreign}', 5)" ],
		[ 42501 => "thread_update('%{foreign}', user_id => 'u1')" ],
		[ 42501 => "session_update('%{foreign}', user_id => 'u1')" ],
		[ 42501 => "thread_add_participant('%{foreign}', 'u1')" ],
		[ 42501 => "user_create('newcomer')" ],
		[ 42501 => "thread_create('%{foreign}')" ],
		[ 42501 => "session_create('%{foreign}')" ],
		[ 42501 => "memory_add_session('%{foreign}')" ],
		[ 42501 => "graph_delete('g3')" ],
		[ 42501 => "run_create('%{plain}', graph_id => 'g3')" ],
		[ 42501 => 'tenant_list()' ],
		[ 42501 => "tenant_export('')" ],
		[ 42501 => "tenant_delete('')" ],
		[ 42501 => 'tenants_purge_expired()' ],
		[ 42501 => 'tenants_expire_runs()' ],
		[ 42501 => 'tenants_stuck_runs()' ],
		[ 42501 => q(tenants_prune_threads('2026-01-01')) ],
		[ 42501 => "store_put('{u2}', 'k', '{}')", 'SET LOCAL threadmem.store_user_element = 1' ],
		[ 42501 => "store_batch('[{\"op\": \"put\", \"namespace\": [\"u2\"], \"key\": \"k\", \"value\": {}}]')", 'SET LOCAL threadmem.store_user_element = 1' ],
		[ 42501 => 'threadmem_stats(all_tenants => true)' ],
		[ 42501 => 'threadmem_verify(all_tenants => true)' ],
	],
	app => [ map { [ 22023 => $_, q(SET LOCAL threadmem.user_id = E'\x01') ] }
			"sees_thread('%{plain}')", "sees_owned('%{plain}', 'u1')", "names_owner('%{plain}', 'u1')", "keeps_owner('%{plain}', 'u1')",
			"streamed_status('%{plain}', 'r')", "streamed_body('%{plain}', 'm', NULL, '{}')" ],
	chief => [ [ 42501 => "tenant_bind('app', 'other')" ] ],
);

our @CASES = map { my $session = $_; map { { session => $session, code => $_->[0], call => $_->[1], before => [ @$_[ 2 .. $#$_ ] ] } } @{ $OF{$session} } } sort keys %OF;

1;
