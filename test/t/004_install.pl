# Promise: the extension comes and goes whole: it takes no schema that somebody made before, only a
# superuser installs it, and DROP EXTENSION leaves nothing behind.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE plain LOGIN; CREATE DATABASE d; GRANT ALL ON DATABASE d TO plain');

sub error_of
{
	my ($sql, $role) = @_;
	my ($status, $out, $err) = $node->psql('d', "\\set VERBOSITY sqlstate\n$sql", extra_params => $role ? [ '-U', $role ] : []);
	return $err;
}

# Everything of the database that an extension could have left.
sub objects
{
	return $node->safe_psql('d', q{
		SELECT 'class', count(*), max(oid::regclass::text) FROM pg_class WHERE oid >= 16384
		UNION ALL SELECT 'proc', count(*), NULL FROM pg_proc WHERE oid >= 16384
		UNION ALL SELECT 'type', count(*), NULL FROM pg_type WHERE oid >= 16384
		UNION ALL SELECT 'operator', count(*), NULL FROM pg_operator WHERE oid >= 16384
		UNION ALL SELECT 'opclass', count(*), NULL FROM pg_opclass WHERE oid >= 16384
		UNION ALL SELECT 'opfamily', count(*), NULL FROM pg_opfamily WHERE oid >= 16384
		UNION ALL SELECT 'namespace', count(*), NULL FROM pg_namespace WHERE oid >= 16384
		UNION ALL SELECT 'policy', count(*), NULL FROM pg_policy
		UNION ALL SELECT 'extension', count(*), NULL FROM pg_extension WHERE extname <> 'plpgsql'
		UNION ALL SELECT 'event trigger', count(*), NULL FROM pg_event_trigger
		UNION ALL SELECT 'cast', count(*), NULL FROM pg_cast WHERE oid >= 16384
		UNION ALL SELECT 'role', count(*), NULL FROM pg_roles WHERE oid >= 16384
		UNION ALL SELECT 'setting', count(*), NULL FROM pg_db_role_setting
		ORDER BY 1});
}

# Who may install it.
like(error_of('CREATE EXTENSION threadmem', 'plain'), qr/42501/, 'not a plain role');
$node->safe_psql('postgres', 'ALTER DATABASE d OWNER TO plain');
like(error_of('CREATE EXTENSION threadmem', 'plain'), qr/42501/, 'nor the owner of the database');

# A schema with functions of somebody else in it would make them part of ours.
$node->safe_psql('d', 'CREATE SCHEMA threadmem', extra_params => [ '-U', 'plain' ]);
like(error_of('CREATE EXTENSION threadmem'), qr/42P06/, 'not into a schema that exists');
like(error_of('CREATE SCHEMA other; CREATE EXTENSION threadmem SCHEMA other'), qr/0A000/, 'nor into another schema');
$node->safe_psql('d', 'DROP SCHEMA threadmem; DROP SCHEMA other');

my $empty = objects();
my $version;
for my $round (1, 2)
{
	$node->safe_psql('d', 'CREATE EXTENSION threadmem');
	$version = $node->safe_psql('d', q{SELECT extversion FROM pg_extension WHERE extname = 'threadmem'});
	$node->safe_psql('d', q{
		SELECT threadmem.thread_create('t');
		SELECT threadmem.message_add('t', 'user', 'hello')});
	is($node->safe_psql('d', 'SELECT count(*) FROM threadmem.messages'), '1', "round $round: it works");
	like(error_of('SELECT * FROM threadmem.threads', 'plain'), qr/42501/, "round $round: nothing is open to everyone");
	like(error_of(q{SELECT threadmem.thread_get('t')}, 'plain'), qr/42501/, "round $round: nor a function");
	like(error_of('DROP EXTENSION threadmem', 'plain'), qr/42501/, "round $round: nor may everyone drop it");
	$node->safe_psql('d', 'DROP EXTENSION threadmem');
	is(objects(), $empty, "round $round: nothing is left");
}

# A session keeps plans and a cache of functions: the next installation must not meet them.
is($node->safe_psql('d', q{
	CREATE EXTENSION threadmem;
	SELECT threadmem.thread_create('t') IS NULL;
	SELECT seq FROM threadmem.message_add('t', 'user', 'first life');
	DROP EXTENSION threadmem;
	CREATE EXTENSION threadmem;
	SELECT threadmem.thread_create('t') IS NULL;
	SELECT seq FROM threadmem.message_add('t', 'user', 'second life');
	SELECT content FROM threadmem.message_last('t')}),
	qq{f\n1\nf\n1\n"second life"}, 'dropped and created again within one session');

# Granted roles do not hinder a drop, and bindings go with it.
$node->safe_psql('d', q{
	SELECT threadmem.grant_access('plain', 'admin'), threadmem.tenant_bind('plain', 'a');
	DROP EXTENSION threadmem;
	CREATE EXTENSION threadmem});
is($node->safe_psql('d', 'SELECT count(*) FROM threadmem.tenant_roles'), '0', 'no binding is left');
like(error_of('SELECT * FROM threadmem.threads', 'plain'), qr/42501/, 'nor a grant');
is($node->safe_psql('d', q{SELECT default_version FROM pg_available_extensions WHERE name = 'threadmem'}), $version,
	'the version installed is the default one');

$node->stop;
done_testing();
