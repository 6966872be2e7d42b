# What is tried: calls of every function, searches, the views, and whatever else a role could think of.
package Tried;

use strict;
use warnings;
use Catalog;
use ChainRandom;
use Neighbour;
use Values;

our $EXPLAIN = 'EXPLAIN (ANALYZE, VERBOSE, BUFFERS, TIMING OFF, SUMMARY OFF)';

# A constraint's call with the values of a row that meets it.
sub of_row
{
	my ($session, $values, $function) = @_;
	my $columns = join ', ', map { "quote_nullable($_->{name}) || '::$_->{type}'" } @{ $function->{args} };
	my $row = $session->query("SELECT $columns FROM $function->{table} LIMIT 1")->{rows}[0];
	return $values->text_of({ %$function, table => '' }, map { $_ // 'NULL' } @$row);
}

# Calls that succeed, and one for each error that comes up on the way.
sub own_calls
{
	my ($session, $values, $function) = @_;
	my (%good, %bad);
	for (1 .. (@{ $function->{args} } ? 60 : 1))
	{
		last if keys %good == 3;
		my $sql = $function->{table} ? of_row($session, $values, $function) : $values->call($function, 1) =~ s/tenant_id => '\w*'/tenant_id => 'a'/r;
		my $code = $session->query("ROLLBACK; BEGIN; $sql")->{code};
		if ($code eq 'ok') { $good{$sql} = 1 }
		else { $bad{$code} //= $sql }
	}
	return (sort(keys %good), map { $bad{$_} } sort keys %bad);
}

# { function => { calls => [ { sql, whose } ] } }: a's own, the same with b's ids and words, with b's words alone, and what
# only an enemy gives.
sub functions
{
	my ($session, $world, $seed) = @_;
	my $random = ChainRandom->new($seed);
	my $values = Values->new($random, $world);
	my %calls;
	for my $function (Catalog::functions($session))
	{
		my @own = own_calls($session, $values, $function);
		my %seen;
		my @calls = map { { sql => $_, whose => 'own' } } @own;
		push @calls, map { { sql => Neighbour::theirs($_, \&Neighbour::probe), whose => 'theirs' } } @own;
		push @calls, map { { sql => Neighbour::worded($_, \&Neighbour::probe), whose => 'mixed' } } @own;
		push @calls, map { { sql => $function->{table} ? $own[0] : Neighbour::theirs($values->call($function), \&Neighbour::probe), whose => 'hostile' } } 1 .. 3;
		push @{ $calls{ $function->{name} }{calls} }, grep { $_->{sql} && !$seen{ $_->{sql} }++ } @calls;
		$calls{ $function->{name} }{writes} = $function->{volatile} eq 'v';
	}
	return \%calls;
}

# Searches for words of b's in the one database, in the other, and for nobody's.
sub searches
{
	my @calls;
	for my $word (qw(quava000 quavo000 quavx000))
	{
		my $id = $word =~ s/000/777/r; # of a crowd: through the views' estimates joiner is told such ids, and is not asked for one
		push @calls, map { s/WORD/$word/gr =~ s/\bID\b/$id/gr } map { "SELECT * FROM threadmem.$_" } (
			map({ "message_search($_)" } "'WORD'", "'WORD or shared'", "'shared -WORD'", "'\"shared WORD\"'", "'WORD', 'u1'", "'WORD', 'bu1'", "'WORD', thread_id => 'a1-many'", "'WORD', thread_id => 'b9-full'", "'WORD', role => 'user', since => '2020-01-01'", "'shared', 'ID'"),
			map({ "memory_search($_)" } "'u1', 'WORD'", "'bu1', 'WORD'", "'u1', 'WORD shared', max_rows => 100", "'u1', 'WORD', filters => '{\"roles\": [\"user\"]}'", "'u1', 'WORD', embedding => '{1,2,3}'"),
			map({ my $condition = $_; map { "$_($condition)" } qw(thread_search thread_count) } map({ "metadata => '$_'" } '{"plan": "WORD"}', '{"plan": "WORD", "shared": 1}', '{"shared": 1}'), q(values_match => '{"plan": "WORD"}'), q(user_id => 'ID', metadata => '{"shared": 1}'), q(assistant_id => 'ID', metadata => '{"shared": 1}'), q(metadata => '{"plan": "WORD"}', values_match => '{"plan": "WORD"}')),
			map({ my $condition = $_; map { "$_($condition)" } qw(assistant_search assistant_count) } q(metadata => '{"plan": "WORD"}'), q(name => 'WORD')),
			q(user_list(search => 'WORD')), q(message_list('a1-many', metadata => '{"k": "WORD"}')), q(thread_context('e1-plain', template => 'For %{episodes limit=5} WORD')));
	}
	return { searches => { calls => [ map { { sql => $_, whose => 'search' } } @calls ] } };
}

# The views, and what may not be done to them.
sub views
{
	my ($session) = @_;
	my $views = $session->query(q{SELECT c.oid::regclass::text, string_agg(a.attname, ',' ORDER BY a.attnum) FILTER (WHERE a.atttypid = 'text'::regtype),
		coalesce(string_agg(a.attname, ',' ORDER BY a.attnum) FILTER (WHERE a.atttypid = 'jsonb'::regtype), '')
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relkind = 'v' AND c.relnamespace = 'threadmem'::regnamespace GROUP BY 1 ORDER BY 1})->{rows};
	my %calls;
	for my $row (@$views)
	{
		my ($view, $texts, $documents) = @$row;
		my @sql = ("SELECT * FROM $view ORDER BY 1, 2", "SELECT count(*) FROM $view WHERE app.peek($view\::text) AND $view\::text ~ 'quava000'");
		push @sql, "SELECT x FROM $view x WHERE $_ IN ('b9-full', 'bu1', 'ba1', 'bm1', 'br1', 'quava000')" for split /,/, $texts // '';
		push @sql, qq{SELECT x FROM $view x WHERE $_ @> '{"plan": "quava000"}' OR $_\::text ~ 'quava'} for map { "\"$_\"" } split /,/, $documents;
		push @sql, "SELECT x FROM $view x JOIN threadmem.threads t ON t.metadata::text ~ 'quava' LIMIT 5";
		$calls{$view}{calls} = [ map { { sql => $_, whose => 'theirs' } } @sql ];
		$calls{$view}{view} = 1;
		$calls{$view}{plain} = [ "DELETE FROM $view", "INSERT INTO $view DEFAULT VALUES", "SELECT * FROM $view FOR UPDATE", "CREATE TRIGGER t INSTEAD OF DELETE ON $view EXECUTE FUNCTION app.watch()" ];
	}
	return \%calls;
}

# Everything else: what the roles may do about the tables, what of the application's runs on the way.
our @ELSE = (
	map({ ("SELECT count(*) FROM $_", "EXPLAIN SELECT * FROM $_", "DELETE FROM $_", "LOCK TABLE $_", "COPY $_ TO STDOUT", "CREATE TABLE app.mine (x text REFERENCES $_)",
		"CREATE TRIGGER t AFTER INSERT ON $_ EXECUTE FUNCTION app.watch()", "CREATE TRIGGER t AFTER INSERT ON $_ FOR EACH ROW EXECUTE FUNCTION app.watch()", "ANALYZE $_") }
		qw(threadmem_data.messages threadmem_data.threads threadmem_data.tenant_roles threadmem.messages)),
	"SELECT threadmem.tenant_keys('b', 'quava000'::tsvector, '{}')", "SELECT '{}'::text[] OPERATOR(threadmem.\@\@) 'quava000'",
	"SET row_security = off; SELECT * FROM threadmem.thread_list()", "SET ROLE threadmem_runner", "SET ROLE neighbour", "SET SESSION AUTHORIZATION neighbour",
	"SET threadmem.tenant = 'b'; SELECT threadmem.current_tenant()", "SET LOCAL threadmem.token_counter = 'app.count_tokens'",
	"SELECT * FROM pg_stats WHERE schemaname = 'threadmem_data' OR most_common_vals::text ~ 'quava'", "SELECT * FROM pg_statistic", 'SELECT * FROM pg_prepared_statements',
	"SELECT relname, reltuples, relpages, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class WHERE relnamespace = 'threadmem_data'::regnamespace ORDER BY 1",
	"SELECT app.deep(0, 'quava000')", map({ my $levels = $_; map { "SELECT app.deep($levels, '$_')" } qw(quava000 quavo000 nobodys) } map { 40 * $_ } 1 .. 20),
	"SELECT app.spy('called')", map({ my $deferred = $_;
		map { "INSERT INTO app.notes SELECT message_id FROM $_ LIMIT 3; $deferred" } "threadmem.message_search('shared')", "threadmem.message_list('b9-full')", "threadmem.thread_list() t (message_id)" }
		'', 'SET CONSTRAINTS ALL IMMEDIATE'),
	"SELECT * FROM threadmem.thread_delete('e1-plain', false)", "SELECT * FROM threadmem.thread_delete('b1-plain', false)",
	"SELECT * FROM threadmem.message_search(ROW('quava000')::app.word)", "SELECT * FROM threadmem.message_list(ROW('b9-full')::app.word)", "SELECT * FROM threadmem.message_add('e1-plain', 'user', ROW('quava000')::app.word)",
	"CREATE TEMP TABLE w (w app.word); INSERT INTO w SELECT message_id FROM threadmem.message_list('a1-many'); SELECT count(*) FROM w", "SELECT * FROM threadmem.message_context('a1-many', 100)",
	"PREPARE p AS SELECT count(*) FROM threadmem.message_search(\$1); EXECUTE p ('quava000'); EXECUTE p ('quavo000'); EXECUTE p ('shared'); $EXPLAIN EXECUTE p ('quava000')",
	"SELECT threadmem.position_of('threads', 'quava000')", "SELECT threadmem.position_of('message_search', 0.1::real, 1::bigint, 'b9-full')",
	"SELECT * FROM threadmem.message_search('quava000') m LEFT JOIN threadmem.message_search('quavo000') n USING (message_id)",
	"COPY (SELECT * FROM threadmem.message_search('quava000 or shared')) TO STDOUT", 'LISTEN threadmem', "NOTIFY threadmem, 'quava000'",
	"DO 'BEGIN PERFORM threadmem.message_get(''b9-full'', ''bm1''); EXCEPTION WHEN OTHERS THEN RAISE INFO ''% %'', SQLSTATE, SQLERRM; END'",
);

1;
