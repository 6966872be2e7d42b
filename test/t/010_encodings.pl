# Promise: in a database of any encoding the id of a checkpoint that the extension makes comes after
# the head's, and is text of that encoding. Words are found in each, and in UTF8 the parts of scripts
# without spaces, whatever the locale.

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

# A text in hex is stored; which of the words are found in messages and in memory, and its tokens.
sub finds
{
	my ($database, $bytes, @words) = @_;
	my $encoding = $database eq 'UTF8_C' ? 'UTF8' : $database;
	my $list = join ', ', map { "convert_from('\\x$_', '$encoding')" } @words;
	return $node->safe_psql($database, qq{
		SET client_min_messages = warning;
		SELECT 1 FROM threadmem.user_create('u') u WHERE u IS NULL;
		SELECT 1 FROM threadmem.thread_create('words', user_id => 'u') t WHERE t IS NULL;
		SELECT 1 FROM threadmem.message_add('words', 'user', convert_from('\\x$bytes', '$encoding')) m WHERE m IS NULL;
		SELECT string_agg((SELECT count(*) FROM threadmem.message_search(w, user_id => 'u')) || '' ||
			(SELECT count(*) FROM threadmem.memory_search('u', w)), ' ' ORDER BY n),
			(SELECT tokens FROM threadmem.message_context('words'))
			FROM unnest(ARRAY[$list]) WITH ORDINALITY AS u (w, n);
		SELECT 1 FROM threadmem.user_delete('u') d WHERE d IS NULL;});
}

$node->safe_psql('postgres', q{CREATE DATABASE "UTF8_C" ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0});
$node->safe_psql('UTF8_C', 'CREATE EXTENSION threadmem');
my @utf8 = map { unpack 'H*', $_ } ('æå¤©å»');
my ($tomorrow, $go, $peking, $paris) = ('e6988ee5a4a9', 'e58ebb', 'e58c97e4baac', '5061726973'); # in UTF8
is(finds('UTF8_C', "$tomorrow$go${peking}efbc8c$paris", $peking, $go, "$tomorrow$go", $paris, "$go$peking$paris"),
	'11 11 11 11 11|8', 'UTF8 and no locale: parts, and Latin letters behind punctuation');
is(finds('EUC_JP', 'c5ecb5fe20' . $paris, 'c5ecb5fe', $paris, 'b5fe'), '11 11 00|4', 'EUC_JP: words between spaces, a token for each character');
is(finds('LATIN1', 'e974e920' . $paris, 'e974e9', $paris, 'e9'), '01 11 01|3', 'LATIN1 and no locale: the letters that its parser knows; without a word the newest');
is(finds('SQL_ASCII', $peking . '20' . $paris, $peking, $paris, 'e58c97'), '01 11 01|3', 'SQL_ASCII: the same');

done_testing();
