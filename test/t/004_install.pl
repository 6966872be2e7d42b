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
		UNION ALL SELECT 'role', count(*), NULL FROM pg_roles WHERE oid >= 16384 AND rolname NOT IN ('threadmem_runner', 'threadmem_reader')
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
$node->safe_psql('d', 'CREATE SCHEMA threadmem_data', extra_params => [ '-U', 'plain' ]);
like(error_of('CREATE EXTENSION threadmem'), qr/42P06/, 'nor where the tables\' schema exists');
$node->safe_psql('d', 'DROP SCHEMA threadmem_data');

# The roles that our statements run as: nobody can be one of them already.
sub runners
{
	return $node->safe_psql('postgres', q{
		SELECT rolcanlogin, rolsuper, rolinherit, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls
		FROM pg_roles WHERE rolname IN ('threadmem_runner', 'threadmem_reader')});
}
is(runners(), '', 'no such role was there, nor was one left by what failed');
for my $role (qw(threadmem_runner threadmem_reader))
{
	for my $attribute (qw(LOGIN SUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS))
	{
		$node->safe_psql('postgres', "CREATE ROLE $role $attribute");
		my (undef, undef, $err) = $node->psql('d', "\\set VERBOSITY verbose\nCREATE EXTENSION threadmem");
		like($err, qr/42710: role "$role" exists already.*HINT: .*ALTER ROLE $role NOLOGIN/s, "not with a $role that has $attribute");
		is($node->safe_psql('d', q{SELECT count(*) FROM pg_namespace WHERE nspname ~ 'threadmem'}), '0', '... and nothing is left');
		$node->safe_psql('postgres', "DROP ROLE $role");
	}
	# Members make a restore no failure: they are named, and again whenever one looks.
	$node->safe_psql('postgres', "CREATE ROLE $role; GRANT $role TO plain");
	my ($status, undef, $err) = $node->psql('d', 'CREATE EXTENSION threadmem');
	is($status, 0, "a $role with members is taken");
	like($err, qr/WARNING:  role "$role" has members: plain\n.*HINT: .*REVOKE $role/s, '... with a warning that names them');
	is($node->safe_psql('d', 'SELECT problem FROM threadmem.threadmem_verify()'),
		qq{role "plain" is a member of "$role": it can read the rows of every tenant}, '... and threadmem_verify names them');
	$node->safe_psql('d', 'DROP EXTENSION threadmem; DROP ROLE threadmem_runner; DROP ROLE threadmem_reader');
}

my $empty = objects();
my $version;
for my $round (1, 2)
{
	$node->safe_psql('d', 'CREATE EXTENSION threadmem');
	$version = $node->safe_psql('d', q{SELECT extversion FROM pg_extension WHERE extname = 'threadmem'});
	$node->safe_psql('d', q{
		SELECT threadmem.thread_create('t');
		SELECT threadmem.message_add('t', 'user', 'hello')});
	is($node->safe_psql('d', 'SELECT count(*) FROM threadmem_data.messages'), '1', "round $round: it works");
	like(error_of('SELECT * FROM threadmem_data.threads', 'plain'), qr/42501/, "round $round: nothing is open to everyone");
	like(error_of(q{SELECT threadmem.thread_get('t')}, 'plain'), qr/42501/, "round $round: nor a function");
	like(error_of('DROP EXTENSION threadmem', 'plain'), qr/42501/, "round $round: nor may everyone drop it");
	$node->safe_psql('d', 'DROP EXTENSION threadmem');
	is(objects(), $empty, "round $round: nothing is left");
	is(runners(), "f|f|t|f|f|f|f\nf|f|t|f|f|f|f", "round $round: but the roles, which have no right of their own");
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
is($node->safe_psql('d', 'SELECT count(*) FROM threadmem_data.tenant_roles'), '0', 'no binding is left');
like(error_of('SELECT * FROM threadmem_data.threads', 'plain'), qr/42501/, 'nor a grant');
is($node->safe_psql('d', q{SELECT default_version FROM pg_available_extensions WHERE name = 'threadmem'}), $version,
	'the version installed is the default one');

# A second database has the same role, and each goes by itself.
$node->safe_psql('postgres', 'CREATE DATABASE e');
$node->safe_psql('e', q{CREATE EXTENSION threadmem; SELECT threadmem.thread_create('in e')});
is($node->safe_psql('d', 'SELECT count(*) FROM threadmem_data.threads'), '0', 'the other database has rows of its own');
$node->safe_psql('d', 'DROP EXTENSION threadmem');
is($node->safe_psql('e', q{SELECT thread_id FROM threadmem.thread_list()}), 'in e', 'and works on when the first has gone');
like($node->psql('postgres', 'DROP ROLE threadmem_runner') ? 'refused' : 'dropped', qr/refused/, 'its role cannot be dropped');
is($node->safe_psql('e', q{SELECT member::regrole FROM pg_auth_members WHERE roleid = 'threadmem_runner'::regrole}), '', 'nobody is a member of it');
my $owned = q{SELECT string_agg(DISTINCT relkind::text, '') FROM pg_class WHERE relowner = 'threadmem_runner'::regrole};
is($node->safe_psql('e', $owned), 'v', 'it owns views and nothing else');
$node->safe_psql('e', 'DROP EXTENSION threadmem');
$node->safe_psql('postgres', 'DROP ROLE threadmem_runner; DROP ROLE threadmem_reader');
pass('without the extension they can go');

$node->stop;
done_testing();
