# Promise: what was committed outlives a restart and a crash, in order and without a gap; settings
# count from the server's configuration on; a bad tenant is an error and never the default tenant.

use strict;
use warnings;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', q{
threadmem.id_format = 'prefixed'
threadmem.tenant = 'shop'
threadmem.max_body = '1MB'
});
$node->start;

sub sql { return $node->safe_psql('postgres', $_[0]) }

sub error_of
{
	my ($sql) = @_;
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\n$sql");
	return $status == 0 ? "no error: $out" : $err;
}

sql('CREATE EXTENSION threadmem');

# Settings come from the configuration, in every new session and without preloading.
is(sql('SELECT threadmem.current_tenant()'), 'shop', 'tenant of the configuration');
like(sql('SELECT thread_id FROM threadmem.thread_create()'), qr/^thread_[0-9A-Za-z]{22}$/,
	'form of ids of the configuration');
is(sql('SELECT tenant_id FROM threadmem_data.threads'), 'shop', 'rows belong to the tenant');
like(error_of(q{SELECT threadmem.thread_create('big'); SELECT threadmem.message_add('big', 'user', repeat('x', 1100000))}),
	qr/54000/, 'limit of the configuration');

# A session knows threadmem's settings only once the library is loaded. What was set before is judged
# when it is used.
my $long = 'x' x 64;
like(error_of("SET threadmem.tenant = '$long'; SELECT threadmem.current_tenant()"), qr/22023/,
	'a bad tenant set before the library is loaded');
like(error_of("SET threadmem.tenant = '$long'; SELECT threadmem.thread_create('leak')"), qr/22023/,
	'... is an error in a function');
like(error_of("SELECT threadmem.current_tenant(); SET threadmem.tenant = '$long'; SELECT threadmem.thread_create('leak')"),
	qr/22023/, 'a bad tenant set after the library is loaded');
is(sql(q{SELECT count(*) FROM threadmem_data.threads WHERE thread_id = 'leak'}), '0', 'nothing went elsewhere');
is(sql(q{SET threadmem.tenant = 'early'; SELECT threadmem.current_tenant()}), 'early',
	'a good tenant set before the library is loaded');
$node->safe_psql('postgres', q{
	CREATE ROLE app LOGIN;
	SELECT threadmem.grant_access('app', 'read', joins => true); });
my ($status, $out, $err) = $node->psql('postgres',
	"\\set VERBOSITY sqlstate\nSET threadmem.tenant = '$long'; SELECT count(*) FROM threadmem.threads",
	extra_params => [ '-U', 'app' ]);
like($err, qr/22023/, 'a view refuses a bad tenant too');

# A crash in the middle of streams and appends.
sql(q{
	SELECT threadmem.thread_create('t');
	SELECT threadmem.message_start('t', message_id => 'm');
	SELECT threadmem.message_append('t', 'm', 1, 'once ');
	SELECT threadmem.message_append('t', 'm', 2, 'upon ');
	SELECT threadmem.thread_create('hot' || i) FROM generate_series(1, 4) i});

# An append that never commits.
my ($in, $seen) = ('', '');
my $open = IPC::Run::start([ 'psql', '-X', '-A', '-t', '-d', $node->connstr('postgres') ], '<', \$in, '>', \$seen, '2>', \my $ignored);
$in .= "BEGIN; SELECT 'seq ' || seq FROM threadmem.message_add('t', 'user', 'never said');\n";
$open->pump until $seen =~ /seq 2/;

# Writers that count what was acknowledged: pgbench logs a line for each transaction.
my $dir = PostgreSQL::Test::Utils::tempdir;
append_to_file("$dir/add.sql", q{
\set n random(1, 4)
SELECT threadmem.message_add('hot' || :n, 'user', 'message of client ' || :client_id);
});
my $writers = IPC::Run::start([ 'pgbench', '-n', '-c', '4', '-T', '60', '-l', "--log-prefix=$dir/log", '-f', "$dir/add.sql", '-d', $node->connstr('postgres') ],
	'>', \my $report, '2>', \my $complaints);
my $tries = 0;
usleep(100_000) while $tries++ < 300 && sql('SELECT count(*) FROM threadmem_data.messages') < 200;
$node->stop('immediate');
$writers->finish;
$open->finish;
$node->start;

my $acknowledged = 0;
for my $log (glob "$dir/log.*")
{
	# The last line may be cut; it is of no transaction that anyone was told about.
	$acknowledged += () = slurp_file($log) =~ /\n/g;
}
my $stored = sql(q{SELECT count(*) FROM threadmem_data.messages WHERE thread_id LIKE 'hot%'});
cmp_ok($acknowledged, '>', 0, 'the writers were at work');
cmp_ok($stored, '>=', $acknowledged, "no acknowledged message is lost ($stored stored)");
my $broken = q{
	SELECT thread_id, next_seq, next_rev, live_messages, count(m.seq), max(m.seq)
	FROM threadmem_data.threads t LEFT JOIN threadmem_data.messages m USING (tenant_id, thread_id)
	GROUP BY tenant_id, thread_id
	HAVING count(m.seq) <> next_seq - 1 OR coalesce(max(m.seq), 0) <> next_seq - 1 OR next_rev <> next_seq
	    OR count(DISTINCT m.seq) <> count(m.seq) OR live_messages <> count(m.seq)};
is(sql($broken), '', 'after the crash: no gap, and every counter is right');

is(sql(q{SELECT threadmem.message_append('t', 'm', 2, 'upon ');
	SELECT threadmem.message_append('t', 'm', 3, 'a time');
	SELECT seq, content FROM threadmem.message_complete('t', 'm');
	SELECT seq FROM threadmem.message_add('t', 'user', 'go on')}),
	qq{2\n3\n1|"once upon a time"\n2}, 'the stream goes on, the lost append leaves no gap');

# An orderly restart changes nothing.
my $all = q{SELECT m FROM threadmem_data.messages m ORDER BY thread_id, rev; SELECT t FROM threadmem_data.threads t ORDER BY thread_id};
my $before = sql($all);
$node->restart;
is(sql($all), $before, 'after a restart: the same rows');
is(sql($broken), '', 'after a restart: the same counters');
like(error_of(q{SELECT threadmem.message_append('t', 'm', 4, 'x')}), qr/55000/, 'a completed message stays completed');

$node->stop;
done_testing();
