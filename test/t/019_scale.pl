# Promise: what a call does not look at costs it nothing: buffers touched, statements run and memory taken stay what
# they were as threads, deletions, tasks and queues grow, and where what it looks at grows they grow no faster. The calls
# are those of test/bench/scale, which times them, at a tenth of its sizes.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# Whatever is freed goes back at once, so that the largest size of the process is that of one call (glibc).
$ENV{MALLOC_TRIM_THRESHOLD_} = $ENV{MALLOC_MMAP_THRESHOLD_} = 65536;
chomp(my $libraries = `pg_config --pkglibdir`);
my $statements = -e "$libraries/pg_stat_statements.so";
# Linux forgets the largest size of a process when asked to; a sanitizer keeps what is freed.
my $memory = -w '/proc/self/clear_refs' && !$ENV{THREADMEM_SLOWER};
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\nshared_buffers = 64MB\n" . ($statements ? "shared_preload_libraries = pg_stat_statements\npg_stat_statements.track = all\n" : ''));
$node->start;
$node->safe_psql('postgres', $statements ? 'CREATE EXTENSION pg_stat_statements'
	: q{CREATE FUNCTION pg_stat_statements_reset() RETURNS void LANGUAGE sql AS ''; CREATE VIEW pg_stat_statements AS SELECT 0 AS calls});

# Six calls make the plans; of three more the least counts, as other work of the server falls into one or the other.
my $out = '';
my $measure = q{
CREATE FUNCTION of_process(what text) RETURNS bigint LANGUAGE sql AS $$ SELECT (regexp_match(STATUS, what || ':\s+(\d+)'))[1]::bigint $$;
CREATE FUNCTION forget_largest() RETURNS void LANGUAGE plpgsql AS $$ BEGIN FORGET; END $$;
CREATE FUNCTION counted(statement text, undone boolean, OUT buffers bigint, OUT statements bigint, OUT kilobytes bigint) LANGUAGE plpgsql AS $$
DECLARE plan jsonb;
BEGIN
	PERFORM pg_stat_statements_reset();
	PERFORM forget_largest();
	kilobytes := - of_process('VmRSS');
	EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ' || statement INTO plan;
	kilobytes := kilobytes + of_process('VmHWM');
	buffers := (SELECT sum(value::bigint) FROM jsonb_each_text(plan #> '{0,Plan}') WHERE key ~ '(Hit|Read) Blocks$');
	statements := (SELECT sum(calls) FROM pg_stat_statements);
	IF undone THEN RAISE SQLSTATE 'UNDO1'; END IF;
EXCEPTION WHEN SQLSTATE 'UNDO1' THEN NULL;
END $$;
CREATE TABLE counts (of integer, round integer, buffers bigint, statements bigint, kilobytes bigint);
CREATE PROCEDURE measure(first integer) LANGUAGE plpgsql AS $$
DECLARE c record;
BEGIN
	FOR c IN SELECT * FROM calls ORDER BY at LOOP
		PERFORM set_config('threadmem.tenant', c.tenant, false);
		FOR round IN first + CASE c.kind WHEN 'linear' THEN 5 ELSE 1 END .. first + 9 LOOP
			PERFORM also(replace(c.before, '%n', round::text));
			COMMIT;
			INSERT INTO counts SELECT c.at, round, n.* FROM counted(replace(c.call, '%n', round::text), c.undone) n;
			COMMIT;
			PERFORM also(replace(c.after, '%n', round::text));
			COMMIT;
		END LOOP;
	END LOOP;
END $$;
CALL measure(0);
SELECT 'counted', kind, name, sizes, size, min(buffers), min(statements), min(kilobytes) FROM calls JOIN counts ON of = at WHERE round > 6 GROUP BY at ORDER BY at;
};
my $counting = PostgreSQL::Test::Utils::tempdir . '/counting.sql';
$measure =~ s{STATUS}{$memory ? q(pg_read_file('/proc/self/status')) : q('VmRSS: 0, VmHWM: 0')}e;
$measure =~ s{FORGET}{$memory ? q(COPY (SELECT 5) TO '/proc/self/clear_refs') : 'NULL'}e;
append_to_file($counting, $measure);
my $file = ($ENV{TESTDIR} // '.') . '/test/bench/scale.sql';
ok(run_log([ 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-v', 'unit=10', '-f', $file,
		'-f', $counting, '-d', $node->connstr('postgres') ], '>', \$out), 'the calls are counted');

my (%kind, %sizes, @names);
for (grep { /^counted/ } split /\n/, $out)
{
	my (undef, $kind, $name, $sizes, $size, @counts) = split /\|/;
	my $line = "$name, $sizes";
	push @names, $line unless $kind{$line};
	$kind{$line} = $kind;
	push @{ $sizes{$line} }, [ $size, @counts ];
}
cmp_ok(scalar @names, '>', 40, 'all of them');

# Some pages more: a level of a b-tree, a page of the free space map, a row that had no room. Some statements of the
# measurement itself. Some memory that malloc keeps; what is linear may take a kB for each it looks at, however little
# it took of what was kept.
my @what = ([ 'buffers', 1, 16 ], [ 'statements', 2, 3 ], [ 'kB', 3, 512 ]);
for my $line (@names)
{
	my ($linear, @of) = ($kind{$line} eq 'linear', @{ $sizes{$line} });
	next if $kind{$line} eq 'shown';
	my $to = $of[-1];
	my $from = $linear ? (grep { $_->[0] <= $to->[0] / 10 } @of)[-1] : $of[0];
	my $bound = $linear ? 1.3 * $to->[0] / $from->[0] : 1.5;
	for (@what)
	{
		my ($what, $at, $more) = @$_;
		my $least = $linear && $what eq 'kB' ? $from->[0] : 0;
		cmp_ok($to->[$at], '<=', $bound * ($from->[$at] > $least ? $from->[$at] : $least) + $more,
			"$line: $what: " . join ' / ', map { "$_->[$at] at $_->[0]" } @of);
	}
}

# How a session has plans made is not for our statements, which are kept and planned as each needs it: no call touches
# much more than in a session that leaves it to the server: the first, as the calls before have added to what there is.
# Some more it may, for the rows that the calls before it left dead. What a user's newest messages tell of a word (in all
# that was said before, in none that was added here) is no matter of plans.
my $first = 0;
my %auto;
for my $mode ('auto', 'force_generic_plan', 'force_custom_plan')
{
	$first += 100;
	my $counted = $node->safe_psql('postgres', qq{
		SET plan_cache_mode = $mode;
		SET synchronous_commit = off;
		TRUNCATE counts;
		CALL measure($first);
		SELECT 'counted', name, sizes, size, min(buffers) FROM calls JOIN counts ON of = at WHERE round > $first + 6 GROUP BY at ORDER BY at});
	my %of;
	for (grep { /^counted/ } split /\n/, $counted)
	{
		my (undef, $name, $sizes, $size, $buffers) = split /\|/;
		$of{"$name, $sizes"}{$size} = $buffers;
	}
	%auto = %of if $mode eq 'auto';
	my @more;
	for my $line (grep { !/^memory of its user, a word of all/ } @names)
	{
		for my $size (map { $_->[0] } @{ $sizes{$line} })
		{
			my ($auto, $forced) = ($auto{$line}{$size}, $of{$line}{$size});
			push @more, "$line: $forced at $size, not $auto" if $forced > 3 * $auto + 16;
		}
	}
	is(join("\n", @more), '', "plan_cache_mode = $mode") if $mode ne 'auto';
}

$node->stop;
done_testing();
