# Promise: what a superuser said of a role or a database (ALTER ROLE ... SET) of the settings that are a superuser's holds,
# whatever the session's connection string or its first statements say, before the library is loaded and after.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', q{CREATE EXTENSION threadmem; CREATE ROLE app LOGIN; CREATE ROLE boss LOGIN SUPERUSER; SELECT threadmem.grant_access('app')});

# What a session has that says something in its connection string, as the library comes with its first call.
sub has
{
	my ($setting, $options, $role, @before) = @_;
	local $ENV{PGOPTIONS} = $options;
	my ($status, $out, $err) = $node->psql('postgres', join('; ', @before, "SELECT threadmem.current_user_id() IS NULL", "SHOW threadmem.$setting"), extra_params => [ '-U', $role ]);
	return (split /\n/, $out)[-1] // $err;
}

sub answer
{
	my ($options) = @_;
	local $ENV{PGOPTIONS} = $options;
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\nSELECT threadmem.user_count()", extra_params => [ '-U', 'app' ]);
	return $err =~ /ERROR:  (\w+)/ ? $1 : $out;
}

my $off = '-c threadmem.require_tenant=off';
is(answer(''), '0', 'no tenant is required by default');
$node->safe_psql('postgres', 'ALTER ROLE app SET threadmem.require_tenant = on');
is(answer(''), '42501', 'of the role');
is(answer($off), '42501', '... and of its connection string, which is not asked');
is(answer('-c threadmem.Require_Tenant=off'), '42501', '... however it is spelled');
is(has('require_tenant', $off, 'app'), 'on', '... as the session is told');
is(has('require_tenant', '', 'app', 'SET threadmem.require_tenant = off'), 'on', 'nor is its first statement');
is(has('require_tenant', '', 'app', 'BEGIN', 'SET LOCAL threadmem.require_tenant = off'), 'on', '... a local one neither');
is(has('require_tenant', $off, 'boss'), 'off', 'a superuser may');
is(has('require_tenant', '', 'app', q{SET threadmem.tenant = 'a'}, 'BEGIN', 'SELECT threadmem.user_count()', 'ROLLBACK'), 'on', 'the end of the transaction that loaded it changes nothing');
$node->safe_psql('postgres', 'ALTER ROLE app RESET ALL; ALTER DATABASE postgres SET threadmem.require_tenant = on');
is(answer($off), '42501', 'of the database');
$node->safe_psql('postgres', 'ALTER ROLE app IN DATABASE postgres SET threadmem.require_tenant = off');
is(answer(''), '0', 'of the role in the database, which goes before it');
$node->safe_psql('postgres', 'ALTER ROLE app IN DATABASE postgres RESET ALL; ALTER DATABASE postgres RESET ALL; ALTER ROLE ALL SET threadmem.require_tenant = on');
is(answer($off), '42501', 'of every role');
$node->safe_psql('postgres', 'ALTER ROLE ALL RESET ALL');
is(answer($off), '0', 'of none');

$node->safe_psql('postgres', q{ALTER ROLE app SET threadmem.max_body = '1MB'; ALTER ROLE app SET threadmem.token_counter = 'pg_catalog.length'; ALTER ROLE app SET threadmem.id_format = 'prefixed'});
is(has('max_body', '-c threadmem.max_body=200MB', 'app'), '1MB', 'the largest body');
is(has('token_counter', '-c threadmem.token_counter=', 'app'), 'pg_catalog.length', 'who counts tokens');
is(has('id_format', '-c threadmem.id_format=uuid', 'app'), 'uuid', "what is anybody's to set is set");
is(has('id_format', '', 'app'), 'prefixed', '... and else the role has it');

# As loaded at the begin of every session, and of the server.
$node->safe_psql('postgres', q{ALTER ROLE app SET session_preload_libraries = 'threadmem'});
is(has('max_body', '-c threadmem.max_body=200MB', 'app'), '1MB', 'loaded as the session begins');
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'threadmem'");
$node->restart;
like(has('max_body', '-c threadmem.max_body=200MB', 'app'), qr/permission denied to set parameter/, 'loaded with the server it refuses the connection');
is(has('max_body', '', 'app'), '1MB', '... and else the role has it');

done_testing();
