# Promise: logical replication carries every table: rows equal after the first copy and after every kind of change,
# bindings too, also of roles that the subscriber has not got yet, and of sessions open there; and it can take over.

use strict;
use warnings;
use FindBin;
use IPC::Run;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Everything;

my $publisher = PostgreSQL::Test::Cluster->new('publisher');
$publisher->init(allows_streaming => 'logical');
$publisher->start;
my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
$subscriber->init;
$subscriber->start;
$_->safe_psql('postgres', 'CREATE DATABASE d') for $publisher, $subscriber;
Everything::fill($publisher, 'd', 3000);
is(scalar Everything::tables($publisher, 'd'), $Everything::TABLES, 'as many tables as there are to replicate');
unlike(Everything::hashes($publisher, 'd'), qr/ 0 0$/m, 'each has rows');

# A row is found by its key, and no number comes from anything that is not a row.
is($publisher->safe_psql('d', q{SELECT c.oid::regclass FROM pg_class c WHERE relnamespace = 'threadmem_data'::regnamespace AND relkind = 'r'
	AND (relreplident <> 'd' OR NOT EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary))}), '', 'each has a key');
is($publisher->safe_psql('d', q{SELECT c.oid::regclass FROM pg_class c WHERE relnamespace IN ('threadmem_data'::regnamespace, 'threadmem'::regnamespace) AND relkind = 'S'
	UNION ALL SELECT attrelid::regclass FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'threadmem_data'::regnamespace AND (attidentity <> '' OR attgenerated <> '')}),
	'', 'there is no sequence, identity or generated column to carry on');

sub caught_up
{
	my ($what) = @_;
	$publisher->wait_for_catchup('s');
	is(Everything::hashes($subscriber, 'd'), Everything::hashes($publisher, 'd'), "$what: every row of every table");
	is(Everything::findings($subscriber, 'd'), '', "$what: verify finds nothing");
	return;
}

# Of what of another application is in the database nothing is asked: the schema is published. No role is there yet.
$subscriber->safe_psql('d', 'CREATE EXTENSION threadmem');
$publisher->safe_psql('d', 'CREATE PUBLICATION p FOR TABLES IN SCHEMA threadmem_data');
my $connection = $publisher->connstr . ' dbname=d';
$subscriber->safe_psql('d', "CREATE SUBSCRIPTION s CONNECTION '$connection' PUBLICATION p");
$subscriber->wait_for_subscription_sync($publisher, 's', 'd');
caught_up('first copy');

$subscriber->safe_psql('d', $Everything::ROLES . q{
	SELECT threadmem.grant_access('app_a', 'write'), threadmem.grant_access('app_b', 'read', joins => true), threadmem.grant_access('backend', 'admin')});
is(Everything::answers($subscriber, 'd'), Everything::answers($publisher, 'd'), 'roles made afterwards are bound, and get what they get on the publisher');

# Every kind of change, while a session is open there whose binding changes.
my ($in, $out) = ('', '');
my $open = IPC::Run::start([ 'psql', '-XAtq', '-d', $subscriber->connstr('d') . ' user=app_a' ], '<', \$in, '>', \$out);

sub tenant_of_open_session
{
	($in, $out) = ("SELECT 'tenant ' || threadmem.current_tenant();\n", '');
	$open->pump until $out =~ /tenant (.*)\n/;
	return $1;
}
is(tenant_of_open_session(), 'a', 'a session of a bound role');
$publisher->safe_psql('d', q{
	SET threadmem.tenant = 'a';
	SELECT threadmem.message_add('t1', 'user', 'next'), threadmem.message_update('t1', 'm4', 'changed'), threadmem.message_delete('t1', 'm5'), threadmem.message_erase('t1', 'm6');
	SELECT threadmem.message_append('t1', 's', 2, 'end'), threadmem.message_complete('t1', 's');
	SELECT threadmem.thread_update_state('t1', '{"count": 6}', run_id => 'r'), threadmem.run_complete('t1', 'r');
	SELECT threadmem.checkpoint_prune('{t2}', keep => 1);
	SELECT threadmem.thread_remove_participant('t3', 'u5');
	SELECT threadmem.thread_copy('t3', 'copy');
	SELECT threadmem.thread_delete('t4');
	SELECT threadmem.user_delete('u6');
	SELECT threadmem.tenant_bind('app_a', 'b')});
caught_up('changes');
sleep 1; # the apply worker sends no word of it: a session asks again after a second
is(tenant_of_open_session(), 'b', 'the open session has the binding that came');
$in = "\\q\n";
$open->finish;

# Everything of another publication that has all tables: those of the application as well.
$publisher->safe_psql('d', 'CREATE TABLE mine (id int PRIMARY KEY); CREATE PUBLICATION everything FOR ALL TABLES');
$subscriber->safe_psql('d', 'CREATE TABLE mine (id int PRIMARY KEY); DROP SUBSCRIPTION s');
$subscriber->safe_psql('d', join ';', map { "TRUNCATE $_" } Everything::tables($subscriber, 'd'));
$subscriber->safe_psql('d', "CREATE SUBSCRIPTION s CONNECTION '$connection' PUBLICATION everything");
$subscriber->wait_for_subscription_sync($publisher, 's', 'd');
$publisher->safe_psql('d', q{INSERT INTO mine VALUES (1); SET threadmem.tenant = 'b'; SELECT threadmem.message_add('t1', 'user', 'of all tables')});
caught_up('all tables');
is($subscriber->safe_psql('d', 'SELECT id FROM mine'), '1', 'and the application\'s');

# The subscriber takes over: numbers go on where they stood.
my $next = q{SELECT seq, rev FROM threadmem.message_add('t1', 'user', 'the new one')};
$publisher->safe_psql('d', q{SET threadmem.tenant = 'b'; SELECT threadmem.message_add('t1', 'user', 'the last word')});
$publisher->wait_for_catchup('s');
my $expected = $publisher->safe_psql('d', "BEGIN; SET threadmem.tenant = 'b'; $next; ROLLBACK");
$subscriber->safe_psql('d', 'DROP SUBSCRIPTION s');
$publisher->stop('immediate');
is($subscriber->safe_psql('d', "SET threadmem.tenant = 'b'; $next"), $expected, 'numbers go on where they stood');
is(Everything::findings($subscriber, 'd'), '', 'taken over: verify finds nothing');

$subscriber->stop;
done_testing();
