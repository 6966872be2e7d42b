# Promise: what a session keeps does not grow, whatever it calls and whatever is defined meanwhile.

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
	CREATE FUNCTION count_tokens(text) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT length($1)';
	SELECT threadmem.graph_define('g', '{"channels": {"n": {"default": 1}}}'), threadmem.assistant_create('a', 'g'), threadmem.user_create('u');
	SELECT threadmem.thread_create('t' || n, 'u', metadata => jsonb_build_object('n', n)) FROM generate_series(1, 30) n;
	SELECT threadmem.message_add('t1', 'user', 'word ' || n, message_id => 'm' || n) FROM generate_series(1, 50) n;
	SELECT threadmem.run_create('t2', 'a', run_id => 'r'), threadmem.thread_update_state('t3', '{"n": 2}', as_node => '__input__');
	SELECT threadmem.memory_add_data('u', 'Ada likes tea')});

# Calls of every kind, one of them an error, with the function they share made anew before each few.
# $1 makes texts, filters and numbers of rows differ.
my @calls = (
	q{SELECT threadmem.thread_get('t1'), threadmem.thread_get('t' || 1 + $1 % 30)},
	q{SELECT threadmem.thread_get('none')},
	q{SELECT threadmem.message_list('t1', $1 % 1000), threadmem.message_list('t1', view => 'state', max_rows => $1 % 7)},
	q{SELECT threadmem.message_last('t1', $1 % 1000), threadmem.message_search('word', max_rows => $1 % 1000)},
	q{SELECT threadmem.thread_list(max_rows => $1 % 1000), threadmem.user_list(max_rows => $1 % 1000), threadmem.assistant_list(max_rows => $1 % 1000)},
	q{SELECT threadmem.thread_search(user_id => CASE WHEN $1 & 1 > 0 THEN 'u' END, status => CASE WHEN $1 & 2 > 0 THEN 'idle' END, assistant_id => CASE WHEN $1 & 4 > 0 THEN 'a' END,
		graph_id => CASE WHEN $1 & 8 > 0 THEN 'g' END, participant_id => CASE WHEN $1 & 16 > 0 THEN 'u' END, metadata => CASE WHEN $1 & 32 > 0 THEN '{"n": 1}'::jsonb END,
		created_since => CASE WHEN $1 & 64 > 0 THEN now() END, sort_order => CASE WHEN $1 & 128 > 0 THEN 'asc' END), threadmem.thread_search(values_match => '{"n": 2}')},
	q{SET threadmem.search_config = 'pg_catalog.simple'},
	q{SELECT threadmem.message_update('t1', 'm' || 1 + $1 % 50, 'word ' || $1), threadmem.message_search('word', thread_id => 't1')},
	q{RESET threadmem.search_config},
	q{SET threadmem.token_counter = 'public.count_tokens'},
	q{SELECT threadmem.message_context('t1', 100 + $1 % 50)},
	q{RESET threadmem.token_counter},
	q{SELECT threadmem.thread_state('t' || 1 + $1 % 3), threadmem.thread_history('t3', $1 % 1000), threadmem.checkpoint_list('t3', max_rows => $1 % 1000)},
	q{SELECT threadmem.run_list('t2', max_rows => $1 % 1000), threadmem.run_get('t2', 'r'), threadmem.run_steps('t2', 'r', $1 % 1000)},
	q{SELECT threadmem.memory_search('u', 'tea'), threadmem.thread_context('t1')},
	q{SELECT threadmem.json_patch_fold('[]', '[{"op": "add", "path": "/-", "value": 1}]') FROM generate_series(1, 10)},
	q{SET threadmem.tenant = 'other'; SELECT threadmem.thread_list(); RESET threadmem.tenant},
	q{SELECT threadmem.message_format('t1', 'openai'), threadmem.thread_count(metadata => '{"n": 3}')},
);

# The filters make 256 statements, more than are kept: the same ones are at the end of 300 rounds and of 812.
# Rounds of all of them, and a line with what the session then keeps.
sub rounds
{
	my ($from, $to, $name) = @_;
	my $sql = "\\o /dev/null\n";
	for my $n ($from .. $to)
	{
		for my $i (0 .. $#calls)
		{
			$sql .= "CREATE OR REPLACE FUNCTION pg_temp.f() RETURNS integer LANGUAGE sql AS 'SELECT $n';\n" if $i % 5 == 0;
			(my $call = $calls[$i]) =~ s/\$1/$n/g;
			$sql .= "$call;\n";
		}
	}
	return $sql . "\\o\nSELECT '$name ' || name || ' ' || total FROM (SELECT CASE WHEN name = 'TopMemoryContext' THEN name ELSE 'all' END AS name, sum(total_bytes) AS total FROM pg_backend_memory_contexts GROUP BY 1) c;\n";
}

my ($stdout, $stderr);
$node->psql('postgres', rounds(1, 300, 'before') . rounds(301, 812, 'after'), stdout => \$stdout, stderr => \$stderr, on_error_stop => 0);
my %kept;
$kept{$1}{$2} = $3 while $stdout =~ /^(before|after) (\w+) (\d+)$/mg;
is(() = $stderr =~ /ERROR/g, 812, 'one call in each round fails, no other') or diag(substr $stderr, 0, 2000);
for my $name ('TopMemoryContext', 'all')
{
	my $grown = $kept{after}{$name} - $kept{before}{$name};
	note("$name: $kept{before}{$name} bytes, grown by $grown");
	cmp_ok($grown, '<', 128 * 1024, "$name is the same after 10,000 calls more");
}

$node->stop;
done_testing();
