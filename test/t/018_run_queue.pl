# Promise: of many workers that claim at once each run is had by one, once; the runs of a thread come in
# their order and one at a time, though workers die and others come back late.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $workers = 16;
my $threads = 100;
my $runs = 40; # of each

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "max_connections = 40\nsynchronous_commit = off");
$node->start;

sub sql { return $node->safe_psql('postgres', $_[0]) }

sql(qq{
	CREATE EXTENSION threadmem;
	CREATE SEQUENCE turn;
	CREATE TABLE taken (turn bigint, thread_id text, run_id text, worker text, over text);
	SELECT count(threadmem.run_create('t' || t, run_id => 'r' || r, if_not_exists => 'create', metadata => jsonb_build_object('n', r)))
	  FROM generate_series(1, $runs) r, generate_series(1, $threads) t});

# One in twenty dies: its run is over with its lease. Whoever finds nothing tries again.
my $script = PostgreSQL::Test::Utils::tempdir . '/worker.sql';
append_to_file($script, q{
\set dies random(1, 20)
INSERT INTO taken SELECT nextval('turn'), thread_id, run_id, worker, CASE WHEN :dies = 1 THEN 'dead' END
  FROM threadmem.run_claim('w:client_id', CASE WHEN :dies = 1 THEN interval '50 ms' ELSE '5 minutes' END);
UPDATE taken SET over = (threadmem.run_complete(thread_id, run_id, worker => worker)).status WHERE worker = 'w:client_id' AND over IS NULL;
});
my $most = $threads * $runs;
my $failed = 0;
for (1 .. 30)
{
	$failed++ unless run_log([ 'pgbench', '-n', '-c', $workers, '-j', '2', '-t', int($most / $workers / 3), '-f', $script, $node->connstr('postgres') ], '>', \my $out, '2>', \my $err);
	last if sql(q{SELECT count(*) FROM threadmem.active_runs WHERE status = 'queued'}) eq '0';
}
is($failed, 0, 'no worker fails');

is(sql('SELECT count(*), count(DISTINCT (thread_id, run_id)) FROM taken'), "$most|$most", 'every run was claimed, and once');
is(sql(q{SELECT count(*) FROM taken WHERE over IS NULL OR over NOT IN ('dead', 'completed')}), '0', 'those whose worker lived are completed');
is(sql(q{SELECT count(*) > 20 FROM taken WHERE over = 'dead'}), 't', 'some workers died');
is(sql(q{SELECT count(*) FROM (SELECT substr(run_id, 2)::int - lag(substr(run_id, 2)::int, 1, 0) OVER (PARTITION BY thread_id ORDER BY turn) AS step FROM taken) s WHERE step <> 1}), '0', 'in the order of each thread');
sql('SELECT count(*) FROM threadmem.run_expire()');
is(sql(q{SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM threadmem.runs}), 'completed expired', 'nothing is left');
is(sql(q{SELECT count(*) FROM threadmem.runs r JOIN threadmem.runs o USING (thread_id) WHERE o.run_id <> r.run_id AND o.seq < r.seq AND o.completed_at > r.started_at}), '0', 'one at a time');
is(sql('SELECT count(*) FROM threadmem_data.runs WHERE blocked_until IS NOT NULL'), '0', 'and none waits for another');

$node->stop;
done_testing();
