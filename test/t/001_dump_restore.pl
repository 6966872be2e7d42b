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
	SELECT threadmem.grant_access('app_a', 'write', joins => true), threadmem.grant_access('app_b', 'read');
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
		SELECT threadmem.user_create('friend'), threadmem.notify_channel();
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
		SELECT threadmem.thread_create('redone'), threadmem.run_create('redone'), threadmem.run_create('redone', strategy => 'rollback');
		SELECT threadmem.run_require_action('r', 'r1', '[{"id": "c1"}]');
		SELECT threadmem.memory_add_data('u', 'forgotten of "$tenant"', episode_id => 'e');
		SELECT threadmem.memory_update_episode('u', 'e', 'remembered of "$tenant"');
		SELECT threadmem.memory_block_set('persona', value, 'u') FROM unnest('{short,longer}'::text[]) value;
		SELECT threadmem.user_create('team', kind => 'group'), threadmem.group_add_member('team', 'u');
		SELECT threadmem.memory_claim('w');
		SELECT threadmem.memory_add_fact('u', 'LIKES', 'likes tea of "$tenant"', 'tea', episode_id => 'e', fact_id => 'f'), threadmem.memory_update_fact('u', 'f', attributes => '{"n": 1.10}');
		SELECT threadmem.memory_add_entity('u', 'cup', entity_id => 'cup'), threadmem.memory_update_entity('u', 'cup', label => 'Thing'), threadmem.memory_set_ontology('{}', 'u');
		SELECT threadmem.store_put('{memories,u}', 'k', '{"price": 1.10, "of": "$tenant"}', 90.5, embeddings => '{{0.1,1.10},{-3e-8,2}}'), threadmem.store_put('{shared}', 'k', '{}');
		SELECT threadmem.memory_set_embedding('u', '{0.1,1.10,-3e-8}', episode_id => 'e'), threadmem.memory_set_embedding('u', '{2}', 't', 'm1');
	});
}

my @tables = split /\n/, $node->safe_psql('origin',
	q{SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
	  WHERE nspname = 'threadmem_data' AND relkind IN ('r', 'p') ORDER BY 1});
cmp_ok(scalar @tables, '>=', 16, 'there are tables to lose');

# What of the catalogs decides who sees what; not the owner of the objects alone.
my $security = q{
	SELECT relname, relkind, relowner::regrole, relrowsecurity, relforcerowsecurity, relacl, reloptions FROM pg_class
	WHERE relnamespace IN ('threadmem'::regnamespace, 'threadmem_data'::regnamespace) AND relkind IN ('r', 'p', 'v') ORDER BY 1, 2;
	SELECT * FROM pg_policies WHERE schemaname = 'threadmem_data' ORDER BY tablename, policyname;
	SELECT attrelid::regclass, attname, attstattarget, attcompression FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
	WHERE relnamespace = 'threadmem_data'::regnamespace AND relkind = 'r' AND attnum > 0 ORDER BY 1, 2;
	SELECT oid::regprocedure, proacl FROM pg_proc WHERE pronamespace = 'threadmem'::regnamespace ORDER BY oid::regprocedure::text;
	SELECT nspname, nspacl FROM pg_namespace WHERE nspname ~ '^threadmem' ORDER BY 1};

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

is($node->safe_psql('origin', 'SELECT count(*) FROM threadmem_data.checkpoints WHERE patch IS NOT NULL'), '3', 'a checkpoint of each tenant is a patch');
for my $table (@tables)
{
	isnt($node->safe_psql('origin', "SELECT count(*) FROM $table"), '0', "$table has rows to lose");
}

my $contents = contents('origin');
my $policies = $node->safe_psql('origin', $security);
my $dump = dump_text('origin');
like($dump, qr/^COPY threadmem_data\.messages /m, 'the dump holds the messages');

# Another cluster's superuser has another name.
my $superuser = $node->safe_psql('postgres', 'SELECT current_user');
unlike($dump, qr/^(?!--).*\b\Q$superuser\E\b/m, 'the dump names no superuser');
unlike($dump, qr/^(?!--).*\bthreadmem_runner\b/m, 'nor the role that the extension makes');

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
		is(sql($db, "SET threadmem.tenant = '$tenant'; SELECT threadmem.current_tenant(), count(*) FROM threadmem.messages", 'app_a'),
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

$node->command_ok([ 'pg_dump', '-Fd', '-j2', '-f', "$dir/dump.dir", '-d', $node->connstr('origin') ], 'pg_dump -Fd');
$node->command_ok([ 'pg_restore', '-j4', '-e', '-d', $node->connstr('from_parallel'), "$dir/dump.dir" ], 'pg_restore -j4');
check_restored('from_parallel');

# An archive does not say in which order the tables of an extension are to be filled: any will do, also the reverse.
my ($list) = run_command([ 'pg_restore', '-l', "$dir/dump.custom" ]);
my @list = split /\n/, $list;
my @data = grep { /TABLE DATA/ } @list;
cmp_ok(scalar @data, '>=', 16, 'the archive has the data of the tables');
append_to_file("$dir/reversed", join "\n", (grep { !/TABLE DATA/ } @list), reverse(@data), '');
$node->safe_psql('postgres', 'CREATE DATABASE from_reversed');
$node->command_ok([ 'pg_restore', '-e', '-L', "$dir/reversed", '-d', $node->connstr('from_reversed'), "$dir/dump.custom" ], 'pg_restore in reverse');
check_restored('from_reversed');

# Data alone, into an extension that is there already.
$node->safe_psql('postgres', 'CREATE DATABASE from_data');
$node->safe_psql('from_data', q{CREATE EXTENSION threadmem;
	SELECT threadmem.grant_access('app_a', 'write', joins => true), threadmem.grant_access('app_b', 'read')});
$node->command_ok([ 'pg_restore', '-e', '--data-only', '-d', $node->connstr('from_data'), "$dir/dump.custom" ], 'pg_restore --data-only');
check_restored('from_data');

# A cluster that has neither the role of the extension nor one of the two that are bound: its grants are lost, no row
# and no binding is. Made under its name it is bound to its tenant.
my $elsewhere = PostgreSQL::Test::Cluster->new('elsewhere');
$elsewhere->init;
$elsewhere->start;
$elsewhere->safe_psql('postgres', 'CREATE ROLE app_a LOGIN; CREATE DATABASE d');
my (undef, $complaints) = run_command([ 'psql', '-X', '-q', '-f', "$dir/dump.sql", '-d', $elsewhere->connstr('d') ]);
my @other = grep { /ERROR/ && !/role "app_b" does not exist/ } split /\n/, $complaints;
is("@other", '', 'a restore without a role complains of its grants alone');
is(join("\n", map { "$_:\n" . $elsewhere->safe_psql('d', "SELECT x FROM $_ x ORDER BY x::text") } @tables), $contents, 'and every row is there');
$elsewhere->safe_psql('d', q{CREATE ROLE app_b LOGIN; SELECT threadmem.grant_access('app_b', 'read')});
is($elsewhere->safe_psql('d', q{SET threadmem.tenant = 'a'; SELECT threadmem.current_tenant(), metadata FROM threadmem.thread_get('t')},
	extra_params => [ '-U', 'app_b' ]), 'b|{"tenant": "b"}', 'the role made later is bound');
is($elsewhere->safe_psql('d', q{SELECT threadmem.current_tenant(), count(*) FROM threadmem.messages}, extra_params => [ '-U', 'app_a' ]),
	'a|5', 'so is the other');
$elsewhere->stop;

$node->stop;
done_testing();
