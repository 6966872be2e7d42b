# Promise: a worker that dies holds its thread until the end of its lease and no longer, with nobody to
# clean up after it: then readers find the run expired, another run takes its place, and the dead
# worker's late calls change nothing. So it is after a crash of the server.

use strict;
use warnings;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

sub sql { return $node->safe_psql('postgres', $_[0]) }

sub error_of
{
	my ($sql) = @_;
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\n$sql");
	return $status == 0 ? "no error: $out" : $err;
}

# Waits until a question is answered so, for at most a minute.
sub wait_for
{
	my ($sql, $expected) = @_;
	my $answer;
	for (1 .. 600)
	{
		$answer = sql($sql);
		last if $answer eq $expected;
		usleep(100_000);
	}
	return $answer;
}

sub worker
{
	my ($in, $out, $err) = ('', '', '');
	my $run = IPC::Run::start([ 'psql', '-X', '-A', '-t', '-d', $node->connstr('postgres') ],
		'<', \$in, '>', \$out, '2>', \$err);
	return { run => $run, in => \$in, out => \$out };
}

sub say
{
	my ($worker, $sql, $until) = @_;
	${ $worker->{in} } .= "$sql\n";
	$worker->{run}->pump until ${ $worker->{out} } =~ $until;
}

my $status = q{SELECT t.status, r.status FROM threadmem.thread_get('t') t, threadmem.run_get('t', 'one') r};
# What is stored, which no reader may be told.
my $stored = q{SELECT t.status, r.status FROM threadmem_data.threads t JOIN threadmem_data.runs r USING (thread_id) WHERE run_id = 'one'};

sql(q{
	CREATE EXTENSION threadmem;
	SELECT threadmem.thread_create('t'), threadmem.thread_create('other');
	SELECT threadmem.message_add('t', 'user', 'question');
	SELECT threadmem.run_create('t', run_id => 'one'), threadmem.run_create('t', run_id => 'two')});

# It dies in the middle of a transaction, with the thread locked and half an answer not committed.
my $worker = worker();
say($worker, q{SELECT 'claimed ' || run_id FROM threadmem.run_claim('w1', '2 seconds');}, qr/claimed one/);
say($worker, q{BEGIN; SELECT 'said ' || seq FROM threadmem.message_add('t', 'assistant', 'half an answ', run_id => 'one');}, qr/said 2/);
is(sql($status), 'busy|in_progress', 'at work');
$worker->{run}->kill_kill(grace => 0);
like(error_of(q{SELECT threadmem.run_create('t', strategy => 'reject')}), qr/55006/, 'until the end of its lease the thread is busy')
	if sql($status) eq 'busy|in_progress';
is(wait_for($status, 'busy|expired'), 'busy|expired', 'then its run is expired, and the next one waits');
is(sql($stored), 'busy|in_progress', '... though nobody has written anything');
is(sql('SELECT run_id, was, worker FROM threadmem.stuck_runs'), 'one|in_progress|w1', 'stuck_runs shows it');
like(error_of(q{SELECT threadmem.run_heartbeat('t', 'one', 'w1')}), qr/55000/, 'it cannot be revived');
like(error_of(q{SELECT threadmem.run_complete('t', 'one')}), qr/55000/, '... nor completed');

# Another worker takes the next run: it sees what a person said, and nothing of the half answer.
is(sql(q{SELECT thread_id, run_id FROM threadmem.run_claim('w2', '10 minutes')}), 't|two', 'another worker has the next run');
is(sql($stored), 'busy|expired', 'which has written it down');
is(sql(q{SELECT jsonb_path_query_array("values", '$.messages[*].content') FROM threadmem.thread_state('t')}), '["question"]', 'the state is whole');
is(sql(q{SELECT status FROM threadmem.run_complete('t', 'two', worker => 'w2')}), 'completed', 'and it completes');
is(sql(q{SELECT status FROM threadmem.thread_get('t')}), 'idle', 'the thread is idle');

# Nothing waits in the queue: the thread is in error, and usable at once.
is(sql(q{SELECT threadmem.run_create('other', run_id => 'one'); SELECT status FROM threadmem.run_start('other', lease => '300 ms')}) =~ /in_progress$/, 1, 'a run without heartbeats');
is(wait_for(q{SELECT status FROM threadmem.thread_get('other')}, 'error'), 'error', 'ends in error');
is(sql(q{SELECT string_agg(thread_id, ',') FROM threadmem.thread_search(thread_ids => '{other}')}), 'other', 'is found');
is(sql(q{SELECT checkpoint_ns IS NULL FROM threadmem.thread_update_state('other', '{"k": 1}', 'n')}), 'f', 'its state can be changed');
is(sql(q{SELECT status FROM threadmem.run_create('other', run_id => 'next', strategy => 'reject')}), 'queued', 'and another run be created');

# The server crashes below a worker. A lease that is renewed outlives its first end; one that is not, does not.
sql(q{SELECT threadmem.thread_create(t), threadmem.run_create(t, run_id => 'r') FROM unnest('{kept,lost}'::text[]) t});
is(sql(q{SELECT string_agg((threadmem.run_start(t, worker => 'w', lease => '1 second')).status, ' ') FROM unnest('{kept,lost}'::text[]) t}), 'in_progress in_progress', 'two at work');
is(sql(q{SELECT status FROM threadmem.run_heartbeat('kept', 'r', 'w', '1 hour')}), 'in_progress', 'one of them is alive');
$node->stop('immediate');
$node->start;
is(wait_for(q{SELECT status FROM threadmem.thread_get('lost')}, 'error'), 'error', 'the other one expires after the crash');
is(sql(q{SELECT (threadmem.thread_get('kept')).status, (threadmem.run_get('kept', 'r')).status}), 'busy|in_progress', 'the first goes on');
is(sql(q{SELECT status FROM threadmem.run_complete('kept', 'r', worker => 'w')}), 'completed', '... to its end');
is(sql(q{SELECT run_id FROM threadmem.run_create('lost', run_id => 'again'); SELECT run_id FROM threadmem.run_claim('w', graph_id => NULL)}) =~ /^again\n/, 1, 'and the thread of the other is used again');

$node->stop;
done_testing();
