# Promise: an update that changes nothing searched is HOT, and touches no index: metadata and embeddings
# of messages, heartbeats, steps, users and assistants. Rows in full pages, in no order, one a transaction.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\nsynchronous_commit = off");
$node->start;

sub sql { return $node->safe_psql('postgres', $_[0]) }

# 900 rows of each kind. Rows of messages of a twentieth to a fifth of a page.
sql(q{
	CREATE EXTENSION threadmem CASCADE;
	CREATE TABLE place AS SELECT n, 't' || n % 30 AS thread_id, 'm' || n / 30 AS message_id, 's' || n / 30 AS streamed FROM generate_series(0, 899) n;
	CREATE VIEW counted AS SELECT relname, n_tup_upd AS updates, n_tup_hot_upd AS hot FROM pg_stat_all_tables WHERE schemaname = 'threadmem_data';
	SELECT count(threadmem.user_create('u' || n, first_name => 'Ann', metadata => '{"plan": "free"}')) FROM place;
	SELECT count(threadmem.assistant_create('a' || n, name => 'Guide', instructions => repeat('Be kind. ', n % 60), metadata => jsonb_build_object('about', repeat('Knows a lot. ', 250)))) FROM place;
	SELECT count(threadmem.thread_create('t' || n, user_id => 'u1')) FROM generate_series(0, 29) n;
	SELECT count(threadmem.message_add(thread_id, 'user', (SELECT string_agg(substr(md5((n + w)::text), 1, 4), ' ') FROM generate_series(1, 8 + n * 7 % 60) w), message_id => message_id)) FROM place;
	SELECT count(threadmem.message_start(thread_id, message_id => streamed)) FROM place;
	SELECT count(threadmem.memory_add_data('u1', (SELECT string_agg(substr(md5((n + w)::text), 1, 4), ' ') FROM generate_series(1, 8 + n * 7 % 60) w), episode_id => 'e' || n)) FROM place;
	SELECT count(threadmem.run_create('r' || n, run_id => 'r', input => '{"x": 1}', if_not_exists => 'create')) FROM place;
	SELECT count(threadmem.thread_update('r' || n, metadata => jsonb_build_object('about', repeat('Long ago. ', 300)))) FROM place;
	SELECT count(threadmem.run_start('r' || n, 'r', worker => 'w')) FROM place;
	SELECT count(threadmem.run_create('r' || n, run_id => 'q')) FROM place;
	SELECT count(threadmem.run_step_add('r' || n, 'r', status => 'in_progress', name => 'look')) FROM place;
	SELECT count(threadmem.thread_create('v' || n)) FROM place;
	SELECT count(threadmem.thread_update_state('v' || n, '{"n": 1}')) FROM place});

# Updates and HOT ones of a table while a call is made for every place.
sub updated
{
	my ($table, $call) = @_;
	my $calls = sql(qq{SELECT format(\$f\$SELECT threadmem.$call;\$f\$, n, thread_id, message_id, streamed) FROM place ORDER BY md5(n::text)});
	my $count = qq{SELECT updates || ' ' || hot FROM counted WHERE relname = '$table'};
	my @before = split / /, sql($count);
	sql("$calls; SELECT pg_stat_force_next_flush()"); # else counted only when the backend has ended
	my @after = split / /, sql($count);
	return ($after[0] - $before[0], $after[1] - $before[1]);
}

# A kind of call: the table it updates, and whether it is HOT.
for my $kind (
	[ 'metadata of a message', 'messages', q{message_update(%2$L, %3$L, metadata => '{"mark": %1$s}')}, 1 ],
	[ 'embedding of a message', 'messages', q{memory_set_embedding('u1', array_fill(0.5::real, '{1536}'), %2$L, %3$L)}, 1 ],
	[ 'another embedding', 'messages', q{memory_set_embedding('u1', array_fill(0.6::real, '{1536}'), %2$L, %3$L)}, 1 ],
	[ 'embedding of an episode', 'episodes', q{memory_set_embedding('u1', array_fill(0.5::real, '{1536}'), episode_id => 'e%1$s')}, 1 ],
	[ 'heartbeat of a run', 'runs', q{run_heartbeat('r%1$s', 'r', 'w')}, 1 ],
	[ 'end of a step', 'run_steps', q{run_step_add('r%1$s', 'r', step_no => 1, status => 'completed')}, 1 ],
	[ 'user', 'users', q{user_update('u%1$s', first_name => 'Bea', metadata => '{"seen": %1$s}')}, 1 ],
	[ 'assistant', 'assistants', q{assistant_update('a%1$s', name => 'Leader', config => '{"n": %1$s}')}, 1 ],
	[ 'append to a thread', 'threads', q{message_add('v%1$s', 'user', 'hello')}, 1 ],
	[ 'thread put aside', 'threads', q{thread_update('r%1$s', archived => true)}, 1 ],
	[ 'end of a run, for its thread', 'threads', q{run_complete('r%1$s', 'r', worker => 'w')}, 1 ],
	# What is searched changes: sql/ says so beside the indexes.
	[ 'metadata of an assistant', 'assistants', q{assistant_update('a%1$s', metadata => '{"n": %1$s}')}, 0 ],
	[ 'title of a thread', 'threads', q{thread_update('r%1$s', title => 'Of long ago %1$s')}, 0 ],
	[ 'end of a stream', 'messages', q{message_complete(%2$L, %4$L, '{"role": "assistant", "content": "words %1$s"}')}, 0 ],
	[ 'edit of a message', 'messages', q{message_update(%2$L, %3$L, content => 'words %1$s')}, 0 ],
	[ 'deletion of a message', 'messages', q{message_delete(%2$L, %3$L)}, 0 ],
	[ 'start of a run', 'runs', q{run_start('r%1$s', 'q')}, 0 ],
	[ 'end of a run', 'runs', q{run_complete('r%1$s', 'q', usage => '{"tokens": %1$s}')}, 0 ],
	[ 'scalars of a state', 'thread_values', q{thread_update_state('v%1$s', '{"n": 1%1$s}')}, 0 ])
{
	my ($name, $table, $call, $is_hot) = @$kind;
	my ($updates, $hot) = updated($table, $call);
	ok($updates == 900 && ($is_hot ? $hot >= 0.95 * $updates : $hot == 0), "$name: " . ($is_hot ? 'HOT' : 'not HOT'))
	  or diag("$hot of $updates");
}
is((updated('thread_values', q{thread_update_state('v%1$s', '{"list": [%1$s]}')}))[0], 0, 'scalars that stay are not written');

$node->stop;
done_testing();
