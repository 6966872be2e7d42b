# Promise: pg_upgrade takes everything along: rows, policies, grants, owners, bindings, and the role that the extension
# made, though it runs no install script; the old cluster and the new one agree to the last object.
#
# The old cluster is of the same server unless THREADMEM_OLD_INSTALL names the prefix of another one (its bin/, share/ and
# lib/), where threadmem is installed as well.

use strict;
use warnings;
use Cwd;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Everything;

my $install = $ENV{THREADMEM_OLD_INSTALL};
my $old = PostgreSQL::Test::Cluster->new('old', $install ? (install_path => $install) : ());
my $bindir = $old->config_data('--bindir');
my @initdb = (extra => [ '--encoding', 'UTF8', '--locale', 'C' ]);
$old->init(@initdb);
$old->start;

# Something of everybody's beside it, by which the numbers of roles and objects differ from those of a fresh cluster.
$old->safe_psql('postgres', 'CREATE ROLE earlier; CREATE DATABASE d; CREATE DATABASE plain');
Everything::fill($old, 'd', 3000);
$old->safe_psql('plain', 'CREATE EXTENSION threadmem');
is(scalar Everything::tables($old, 'd'), $Everything::TABLES, 'as many tables as there are to lose');

# What the owner may do by itself is left out, and row types as members: majors differ in both. So they do in the default
# statistics target (-1 or null) and in constraints of NOT NULL, of which 18 has rows.
my $catalog = q{
	CREATE FUNCTION pg_temp.given(acl aclitem[], owner oid) RETURNS text LANGUAGE sql AS $$
		SELECT string_agg(format('%s %s%s', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END, privilege_type, CASE WHEN is_grantable THEN '*' END), ', '
			ORDER BY grantee, privilege_type) FROM aclexplode(acl) WHERE grantee <> owner $$;
	SELECT relnamespace::regnamespace, relname, relkind, pg_get_userbyid(relowner), relrowsecurity, relforcerowsecurity, pg_temp.given(relacl, relowner), reloptions
		FROM pg_class WHERE relnamespace IN ('threadmem'::regnamespace, 'threadmem_data'::regnamespace) ORDER BY 1, 2;
	SELECT tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'threadmem_data' ORDER BY 1, 2;
	SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attcompression, nullif(attstattarget, -1), attacl, pg_get_expr(adbin, adrelid) FROM pg_attribute
		LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum JOIN pg_class c ON c.oid = attrelid
		WHERE relnamespace = 'threadmem_data'::regnamespace AND relkind = 'r' AND attnum > 0 ORDER BY 1, 2;
	SELECT oid::regprocedure, pg_get_userbyid(proowner), pg_temp.given(coalesce(proacl, acldefault('f', proowner)), proowner), probin, prosrc, provolatile, proparallel, proleakproof, proconfig
		FROM pg_proc WHERE pronamespace = 'threadmem'::regnamespace ORDER BY oid::regprocedure::text;
	SELECT nspname, pg_temp.given(nspacl, nspowner) FROM pg_namespace WHERE nspname ~ '^threadmem' ORDER BY 1;
	SELECT extname, extversion, extnamespace::regnamespace, (SELECT string_agg(t::regclass || ' ' || c, ', ' ORDER BY i) FROM unnest(extconfig, extcondition) WITH ORDINALITY x (t, c, i)) FROM pg_extension ORDER BY 1;
	SELECT pg_describe_object(classid, objid, 0) FROM pg_depend LEFT JOIN pg_type t ON classid = 'pg_type'::regclass AND t.oid = objid
		WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' AND (t.oid IS NULL OR typrelid = 0 AND typelem = 0) ORDER BY 1;
	SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'threadmem_data'::regnamespace AND contype <> 'n' ORDER BY 1, 2;
	SELECT indexdef FROM pg_indexes WHERE schemaname = 'threadmem_data' ORDER BY 1;
	SELECT pg_describe_object(classoid, objoid, objsubid), description FROM pg_description WHERE objoid >= 16384 ORDER BY 1;
	SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls FROM pg_roles WHERE oid >= 16384 ORDER BY 1};

# Lines that the one has and the other has not.
sub differences
{
	my ($before, $after) = map { [ split /\n/ ] } @_;
	my %before = map { $_ => 1 } @$before;
	my %after = map { $_ => 1 } @$after;
	return join "\n", (map { "- $_" } grep { !$after{$_} } @$before), map { "+ $_" } grep { !$before{$_} } @$after;
}

my %before = (
	hashes => Everything::hashes($old, 'd'),
	answers => Everything::answers($old, 'd'),
	catalog => $old->safe_psql('d', $catalog),
	plain => $old->safe_psql('plain', $catalog),
);
is(Everything::findings($old, 'd'), '', 'what is upgraded is whole');
$old->stop;

my $new = PostgreSQL::Test::Cluster->new('new');
$new->init(@initdb);
chdir $PostgreSQL::Test::Utils::tmp_check or die; # it writes its files where it stands
my @upgrade = ('pg_upgrade', '-d', $old->data_dir, '-D', $new->data_dir, '-b', $bindir, '-B', $new->config_data('--bindir'),
	'-s', $new->host, '-p', $old->port, '-P', $new->port, '--copy');
@upgrade = grep { $_ ne '--copy' } @upgrade if $new->pg_version < 16; # the default, which had no name
command_ok([ @upgrade, '--check' ], 'pg_upgrade --check');
command_ok([@upgrade], 'pg_upgrade');

$new->start;
is(differences($before{catalog}, $new->safe_psql('d', $catalog)), '', 'every object is as it was: owners, grants, policies, members of the extension');
is(differences($before{plain}, $new->safe_psql('plain', $catalog)), '', 'in a database without rows too');
is(Everything::hashes($new, 'd'), $before{hashes}, 'every row of every table');
is(Everything::findings($new, 'd'), '', 'verify finds nothing');
is(Everything::answers($new, 'd'), $before{answers}, 'roles get what they got');

# What was upgraded can be dumped, dropped and made again.
is($new->safe_psql('plain', q{SELECT thread_id FROM threadmem.thread_create('t'); DROP EXTENSION threadmem;
	SELECT count(*) FROM pg_namespace WHERE nspname ~ '^threadmem'; CREATE EXTENSION threadmem;
	SELECT thread_id FROM threadmem.thread_create('t')}), "t\n0\nt", 'it goes whole, and comes again');
my $dir = PostgreSQL::Test::Utils::tempdir;
$new->safe_psql('postgres', 'CREATE DATABASE restored');
my $superuser = $new->safe_psql('postgres', 'SELECT current_user');
my ($text) = run_command([ 'pg_dump', '--schema-only', '-d', $new->connstr('d') ]);
unlike($text, qr/^(?!--).*\b(\Q$superuser\E|threadmem_\w+er)\b/m, 'a dump of it names neither the superuser nor the role of the extension');
$new->command_ok([ 'pg_dump', '-Fd', '-f', "$dir/dump", '-d', $new->connstr('d') ], 'pg_dump of it');
$new->command_ok([ 'pg_restore', '-e', '-j2', '-d', $new->connstr('restored'), "$dir/dump" ], 'pg_restore of that');
is(Everything::hashes($new, 'restored'), $before{hashes}, 'dumped and restored: every row of every table');
is(Everything::answers($new, 'restored'), $before{answers}, 'dumped and restored: roles get what they got');

$new->stop;
done_testing();
