# Promise: in a database of any encoding the id of a checkpoint that the extension makes comes after
# the head's, and is text of that encoding.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

# A head of some bytes, in hex, repeated; then whether two updates are after it.
sub follows
{
	my ($encoding, $bytes, $count) = @_;
	return $node->safe_psql($encoding, qq{
		SET client_min_messages = warning;
		CREATE TEMP TABLE head AS SELECT repeat(convert_from('\\x$bytes', '$encoding'), $count) AS id;
		SELECT 'put' FROM head, threadmem.checkpoint_put('t', jsonb_build_object('id', id,
			'channel_values', '{"x": 0}'::jsonb, 'channel_versions', '{"x": 1}'::jsonb)) p WHERE p IS NULL;
		SELECT 1 FROM threadmem.thread_update_state('t', '{"x": 1}', 'a') u WHERE u IS NULL;
		SELECT 1 FROM threadmem.thread_update_state('t', '{"x": 2}', 'a') u WHERE u IS NULL;
		SELECT g.checkpoint_id COLLATE "C" > h.id, octet_length(g.checkpoint_id) <= 255,
			convert_from(convert_to(g.checkpoint_id, '$encoding'), '$encoding') = g.checkpoint_id,
			g.checkpoint -> 'channel_values' FROM head h, threadmem.checkpoint_get('t') g;
		SELECT 1 FROM threadmem.thread_delete('t', false) d WHERE d IS NULL;});
}

sub refused
{
	my ($encoding, $bytes, $count) = @_;
	my ($status, $out, $err) = $node->psql($encoding, qq{\\set VERBOSITY sqlstate
		SELECT threadmem.checkpoint_put('t', jsonb_build_object('id', repeat(convert_from('\\x$bytes', '$encoding'), $count)));});
	return $err =~ /22023/;
}

for my $encoding ('LATIN1', 'EUC_JP', 'SQL_ASCII')
{
	$node->safe_psql('postgres', "CREATE DATABASE \"$encoding\" ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
	$node->safe_psql($encoding, 'CREATE EXTENSION threadmem');
	is(follows($encoding, '7a', 255), 't|t|t|{"x": 2}', "$encoding: z to the end");
}
is(follows('LATIN1', 'e9', 255), 't|t|t|{"x": 2}', 'LATIN1: letters with accents');
is(follows('LATIN1', '7e', 255), 't|t|t|{"x": 2}', 'LATIN1: after ~ comes no control character');
is(follows('LATIN1', '7aff', 127), 't|t|t|{"x": 2}', 'LATIN1: the last byte, and one before it that is not');
ok(refused('LATIN1', 'ff', 219), 'LATIN1: nothing comes after the last byte');
is(follows('LATIN1', 'ff', 218), 't|t|t|{"x": 2}', 'LATIN1: but a uuid');
is(follows('EUC_JP', 'c6fc', 127), 't|t|t|{"x": 2}', 'EUC_JP: characters of two bytes');
is(follows('EUC_JP', '7ac6fc', 85), 't|t|t|{"x": 2}', 'EUC_JP: one of them across byte 218');
is(follows('EUC_JP', 'c6fc7e', 85), 't|t|t|{"x": 2}', 'EUC_JP: after ~ comes the character before it');
is(follows('SQL_ASCII', '7e', 255), 't|t|t|{"x": 2}', 'SQL_ASCII: after ~ comes no control character');

done_testing();
