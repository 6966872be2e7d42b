# Promise: a dump holds everything. Restored, the rows are the same, row security is still on, and a
# role that was bound to a tenant still sees the rows of that tenant only.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
my $dir = PostgreSQL::Test::Utils::tempdir;

sub sql
{
	my ($db, $sql, $role) = @_;
	my ($status, $out, $err) = $node->psql($db, $sql, extra_params => $role ? [ '-U', $role ] : []);
	return $status == 0 ? $out : "error: $err";
}

# Two tenants with something in every table, one message in the middle of its stream.
$node->safe_psql('postgres', 'CREATE ROLE app_a LOGIN; CREATE ROLE app_b LOGIN; CREATE DATABASE origin');
$node->safe_psql('origin', q{
	CREATE EXTENSION threadmem;
	SELECT threadmem.grant_access('app_a', 'write'), threadmem.grant_access('app_b', 'read');
	SELECT threadmem.tenant_bind('app_a', 'a'), threadmem.tenant_bind('app_b', 'b');
});
for my $tenant ('a', 'b', '')
{
	$node->safe_psql('origin', qq{
		SET threadmem.tenant = '$tenant';
		SELECT threadmem.user_create('u', email => 'u\@$tenant.example', metadata => '{"price": 1.10}');
		SELECT threadmem.user_update('u', summary => 'what is known in "$tenant"');
		SELECT threadmem.context_template_create('block', '%{user_summary} of "$tenant"');
		SELECT threadmem.graph_define('g', '{"channels": {"messages": {"reducer": "add_messages"}}}');
		SELECT threadmem.assistant_create('asst', graph_id => 'g', name => 'Ann');
		SELECT threadmem.thread_create('t', user_id => 'u', assistant_id => 'asst', metadata => '{"tenant": "$tenant"}');
		SELECT threadmem.thread_create('gone');
		SELECT threadmem.thread_delete('gone');
		SELECT threadmem.user_create('friend');
		SELECT threadmem.thread_add_participant('t', 'friend');
		SELECT threadmem.message_add('t', 'user', E'secret of "$tenant" \\\\ \\t \\n end', message_id => 'm1');
		SELECT threadmem.message_update('t', 'm1', 'corrected secret of "$tenant"');
		SELECT threadmem.message_add('t', body => '{"role": "assistant", "content": null, "cost": 1.10}');
		SELECT threadmem.checkpoint_put('t', jsonb_build_object('id', 'c1', 'channel_versions', '{"messages": 1, "k": 1, "long": 1}'::jsonb, 'channel_values',
			jsonb_build_object('k', 1.10, 'long', repeat('long ', 200), 'messages', '[{"id": "m3", "type": "ai", "content": "secret state of \\"$tenant\\""}]'::jsonb)));
		SELECT threadmem.checkpoint_put('t', '{"id": "c2", "channel_versions": {"messages": 1, "k": 2, "long": 1}, "channel_values": {"k": 2}}', '{"step": 1}', '{"k": 2}', 'c1');
		SELECT threadmem.checkpoint_put_writes('t', 'c2', 'task', '[["k", "of \\"$tenant\\""]]');
		SELECT threadmem.message_start('t', message_id => 'm2');
		SELECT threadmem.message_append('t', 'm2', 1, 'once upon');
		SELECT threadmem.message_append('t', 'm2', 2, ' a time');
		SELECT threadmem.thread_create('r');
		SELECT threadmem.run_create('r', run_id => 'r1', input => '{"price": 1.10, "of": "$tenant"}'), threadmem.run_create('r', run_id => 'r2');
		SELECT threadmem.run_start('r', 'r1', 'w');
		SELECT threadmem.run_step_add('r', 'r1', details => '{"of": "$tenant"}');
		SELECT threadmem.run_require_action('r', 'r1', '[{"id": "c1"}]');
		SELECT threadmem.memory_add_data('u', 'remembered of "$tenant"', episode_id => 'e');
		SELECT threadmem.memory_set_embedding('u', '{0.1,1.10,-3e-8}', episode_id => 'e'), threadmem.memory_set_embedding('u', '{2}', 't', 'm1');
	});
}

my @tables = split /\n/, $node->safe_psql('origin',
	q{SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
	  WHERE nspname = 'threadmem' AND relkind IN ('r', 'p') ORDER BY 1});

# What of the catalogs decides who sees what; not the owner of the objects alone.
my $security = q{
	SELECT relname, relrowsecurity, relforcerowsecurity, relacl FROM pg_class
	WHERE relnamespace = 'threadmem'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1;
	SELECT * FROM pg_policies WHERE schemaname = 'threadmem' ORDER BY tablename, policyname;
	SELECT oid::regprocedure, proacl FROM pg_proc WHERE pronamespace = 'threadmem'::regnamespace ORDER BY oid::regprocedure::text;
	SELECT nspacl FROM pg_namespace WHERE nspname = 'threadmem'};

sub contents
{
	my ($db) = @_;
	return join "\n", map { "$_:\n" . $node->safe_psql($db, "SELECT x FROM $_ x ORDER BY x::text") } @tables;
}

# A dump as text, without the random tokens that newer minor releases put around it.
sub dump_text
{
	my ($db) = @_;
	my ($text, $err) = run_command([ 'pg_dump', '-d', $node->connstr($db) ]);
	is($err, '', "pg_dump of $db has no complaints");
	my @lines = grep { !/^\\(un)?restrict / } split /\n/, $text;
	return join "\n", @lines;
}

is($node->safe_psql('origin', 'SELECT count(*) FROM threadmem.checkpoints WHERE patch IS NOT NULL'), '3', 'a checkpoint of each tenant is a patch');
for my $table (@tables)
{
	isnt($node->safe_psql('origin', "SELECT count(*) FROM $table"), '0', "$table has rows to lose");
}

my $contents = contents('origin');
my $policies = $node->safe_psql('origin', $security);
my $dump = dump_text('origin');
like($dump, qr/^COPY threadmem\.messages /m, 'the dump holds the messages');

# A tenant cannot dump the tables, rather than dump a part of them unnoticed.
$node->command_fails_like([ 'pg_dump', '-d', $node->connstr('origin') . ' user=app_a' ],
	qr/row-level security|permission denied/, 'pg_dump as a tenant fails');

sub check_restored
{
	my ($db) = @_;
	is(contents($db), $contents, "$db: every row is back");
	is($node->safe_psql($db, $security), $policies, "$db: policies, their flags and grants are back");
	is(dump_text($db), $dump, "$db: its dump is the same again");

	# app_a is bound to tenant a, whatever it sets.
	for my $tenant ('a', 'b', '')
	{
		is(sql($db, "SET threadmem.tenant = '$tenant'; SELECT tenant_id, count(*) FROM threadmem.messages GROUP BY 1", 'app_a'),
			'a|5', "$db: app_a with tenant '$tenant' sees messages of a only");
	}
	is(sql($db, q{SELECT metadata FROM threadmem.thread_get('t')}, 'app_a'), '{"tenant": "a"}',
		"$db: app_a gets its thread");
	is(sql($db, q{SELECT metadata FROM threadmem.thread_get('t')}, 'app_b'), '{"tenant": "b"}',
		"$db: app_b gets its thread");
	like(sql($db, q{SELECT threadmem.message_add('t', 'user', 'x')}, 'app_b'), qr/permission denied/,
		"$db: app_b may only read");
	is($node->safe_psql($db, q{SET threadmem.tenant = 'b';
		SELECT string_agg(message_id, ',') FROM threadmem.message_search('corrected')}), 'm1',
		"$db: search finds the tenant's message");
	is(sql($db, q{SELECT source, content FROM threadmem.memory_search('u', 'what is remembered?')}, 'app_b'),
		'text|remembered of "b"', "$db: memory finds what is remembered");

	is(sql($db, q{SELECT checkpoint #>> '{channel_values,messages,0,content}', checkpoint #> '{channel_values,k}', pending_writes FROM threadmem.checkpoint_get('t')}, 'app_b'),
		'secret state of "b"|2|[["task", "k", "of \\"b\\""]]', "$db: a checkpoint that is a patch is read");

	# Life goes on where it stopped.
	is(sql($db, q{SELECT checkpoint_id FROM threadmem.checkpoint_put('t', '{"id": "c3", "channel_versions": {"messages": 1, "k": 3, "long": 1}, "channel_values": {"k": 3}}', NULL, '{"k": 3}', 'c2');
		SELECT length(checkpoint #>> '{channel_values,long}'), checkpoint #> '{channel_values,k}', jsonb_array_length(checkpoint #> '{channel_values,messages}') FROM threadmem.checkpoint_get('t')}, 'app_a'),
		"c3\n1000|3|1", "$db: the chain goes on");
	is(sql($db, q{SELECT threadmem.message_append('t', 'm2', 3, '!');
		SELECT content FROM threadmem.message_complete('t', 'm2');
		SELECT seq, rev FROM threadmem.message_add('t', 'user', 'next')}, 'app_a'),
		qq{3\n"once upon a time!"\n5|6}, "$db: the stream and the numbers go on");
	is(sql($db, q{SELECT status, input FROM threadmem.run_submit_tool_outputs('r', 'r1', '[{"tool_call_id": "c1", "output": "x"}]');
		SELECT run_id, seq FROM threadmem.run_claim('w'); SELECT seq FROM threadmem.run_create('r')}, 'app_a'),
		qq(queued|{"of": "a", "price": 1.10}\nr1|1\n3), "$db: a run goes on");
}

$node->safe_psql('postgres', 'CREATE DATABASE from_text; CREATE DATABASE from_archive; CREATE DATABASE from_parallel');

$node->command_ok([ 'pg_dump', '-f', "$dir/dump.sql", '-d', $node->connstr('origin') ], 'pg_dump as text');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/dump.sql", '-d', $node->connstr('from_text') ],
	'restore with psql');
check_restored('from_text');

$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/dump.custom", '-d', $node->connstr('origin') ], 'pg_dump -Fc');
$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('from_archive'), "$dir/dump.custom" ], 'pg_restore');
check_restored('from_archive');

# An archive does not say in which order the tables of an extension are to be filled: pg_restore -j
# would fill messages before threads and fail. So it is to go without the checks of foreign keys.
{
	local $ENV{PGOPTIONS} = '-c session_replication_role=replica';
	$node->command_ok([ 'pg_restore', '-j2', '-e', '-d', $node->connstr('from_parallel'), "$dir/dump.custom" ],
		'pg_restore -j2 without checks');
}
check_restored('from_parallel');

$node->stop;
done_testing();
