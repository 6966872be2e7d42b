# Promise: a session whose plans were made while the tables were empty finds a thread, and what has
# an id within it, by the key all the same when there are many; nothing has been analysed since.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'autovacuum = off');
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION threadmem;
	CREATE VIEW reads AS SELECT relname AS name, sum(idx_tup_read) AS tuples FROM pg_stat_user_indexes WHERE schemaname = 'threadmem_data' GROUP BY relname
		UNION ALL SELECT relname, seq_tup_read FROM pg_stat_user_tables WHERE schemaname = 'threadmem_data'});

# What an application does on one thread, reading and writing.
sub reading
{
	my ($n) = @_;
	return qq{
		SELECT threadmem.thread_get('talk'), threadmem.message_get('talk', 'm$n'), threadmem.run_get('talk', 'r$n');
		SELECT threadmem.message_last('talk', 5), threadmem.message_revisions('talk', 'm$n'), threadmem.thread_history('talk', 5);
		SELECT threadmem.message_context('talk', max_messages => 5);
	};
}

sub writing
{
	my ($n) = @_;
	return qq{
		SELECT threadmem.message_add('talk', 'user', 'question $n');
		SELECT threadmem.run_create('talk', run_id => 'r$n'), threadmem.run_start('talk', 'r$n');
		SELECT threadmem.message_start('talk', message_id => 'm$n', run_id => 'r$n');
		SELECT threadmem.message_append('talk', 'm$n', 1, 'answer'), threadmem.message_append('talk', 'm$n', 1, 'answer');
		SELECT threadmem.message_complete('talk', 'm$n'), threadmem.run_complete('talk', 'r$n');
		SELECT threadmem.message_update('talk', 'm$n', content => 'edited');
		SELECT threadmem.thread_update_state('talk', '{"n": $n}');
		SELECT threadmem.thread_update_state('talk', '{"messages": [{"type": "human", "id": "m$n", "content": "edited again"}]}');
	};
}

my $fill = q{
	INSERT INTO threadmem_data.threads (thread_id, created_at, updated_at, updated_hour)
		SELECT 'other ' || n, now(), now(), date_trunc('hour', now(), 'UTC') FROM generate_series(1, 20000) n;
	INSERT INTO threadmem_data.messages (thread_id, rev, seq, event_at, created_at, message_id, role, status, body, body_hash, user_id)
		SELECT 'talk', n, n, now(), now(), 'old ' || n, 'user', 'completed', '{"role": "user", "content": "x"}', sha256('x'), (SELECT user_id FROM threadmem_data.threads WHERE thread_id = 'talk') FROM generate_series(1001, 6000) n;
	INSERT INTO threadmem_data.runs (thread_id, run_id, seq, status, strategy, expires_at, created_at, due_at, completed_at, updated_at)
		SELECT 'talk', 'old ' || n, n, 'completed', 'enqueue', now(), now(), now(), now(), now() FROM generate_series(1001, 6000) n;
	INSERT INTO threadmem_data.runs (thread_id, run_id, seq, status, strategy, expires_at, created_at, due_at, updated_at)
		SELECT 'other ' || n, 'r', 1, 'queued', 'enqueue', now() + interval '1 day', now(), now(), now() FROM generate_series(1, 5000) n;
	UPDATE threadmem_data.checkpoints SET seen = '{[1,6001)}' - coalesce(
		(SELECT range_agg(int8range(rev, rev + 1)) FROM threadmem_data.messages WHERE status = 'in_progress'), '{}');
	UPDATE threadmem_data.threads SET next_seq = 6001, next_rev = 6001, next_run = 6001, live_messages = live_messages + 5000 WHERE thread_id = 'talk';
};

# The rows that a part of a session read: what it names, and how many where they are more than a few.
sub read_by
{
	my ($before, $part, $what) = @_;
	my $out = $node->safe_psql('postgres', qq{
		SET stats_fetch_consistency = none;
		$before $fill
		SELECT pg_stat_force_next_flush();
		CREATE TEMP TABLE before AS SELECT name, sum(tuples) AS tuples FROM reads GROUP BY name;
		$part
		SELECT pg_stat_force_next_flush();
		SELECT 'read ' || name || ' ' || sum(r.tuples) - b.tuples FROM reads r JOIN before b USING (name)
		 WHERE name IN ($what) GROUP BY name, b.tuples HAVING sum(r.tuples) - b.tuples > 500});
	$node->safe_psql('postgres', q{SELECT threadmem.thread_delete('talk', keep_memory => false); TRUNCATE threadmem_data.threads, threadmem_data.messages, threadmem_data.runs, threadmem_data.checkpoints});
	return join "\n", grep { /^read / } split /\n/, $out;
}

my $start = q{SELECT threadmem.thread_create('talk');} . writing(1) . reading(1);
is(read_by($start, reading(1), q{'threads', 'messages', 'runs', 'checkpoints'}), '', 'reading one thread among many');

is(read_by($start, writing(2), q{'threads', 'messages', 'runs', 'message_chunks', 'run_steps'}), '', 'writing to one thread among many');

# An answer that nobody ended is never seen; what was said after it has been.
my $left = q{SELECT threadmem.thread_create('talk'); SELECT threadmem.message_start('talk', message_id => 'left');} . writing(1) . reading(1);
is(read_by($left, reading(1) . writing(2), q{'messages', 'runs', 'message_chunks', 'run_steps'}), '', 'one thread with an unfinished answer at its beginning');

# Narrowed to a user, the policies of each write ask for the thread.
my $narrowed = q{SELECT threadmem.user_create('owner'); SELECT threadmem.thread_create('talk', user_id => 'owner');} . writing(1) . reading(1);
is(read_by($narrowed, q{SET threadmem.user_id = 'owner';} . reading(1) . writing(2), q{'threads', 'messages', 'runs', 'message_chunks', 'run_steps'}), '',
	'one thread of a user among many');
$narrowed = q{SET threadmem.user_id = 'owner';} . $narrowed =~ s/SELECT threadmem.user_create\('owner'\);//r;
is(read_by($narrowed, reading(1) . writing(2),
		q{'threads', 'messages', 'runs', 'message_chunks', 'run_steps'}), '', 'the same, narrowed from the beginning');

$node->stop;
done_testing();
