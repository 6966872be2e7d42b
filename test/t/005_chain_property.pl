# Promise: every checkpoint is read as it was written, byte for byte, whatever happened to its parents, its
# children and its neighbours since: thousands of random operations against a truth kept outside.
#
# THREADMEM_SEED repeats a run, THREADMEM_STEPS is its length, THREADMEM_EVERY the steps from one
# comparison of everything to the next, the first after THREADMEM_FROM.

use strict;
use warnings;
use FindBin;
use IPC::Run;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ChainRandom;
use ChainSteps;

my $seed = $ENV{THREADMEM_SEED} // (time ^ $$ << 8) & 0x7fffffff;
my $length = $ENV{THREADMEM_STEPS} // 2000;
my $every = $ENV{THREADMEM_EVERY} // 100;
my $from = $ENV{THREADMEM_FROM} // $every;

# What the truth is kept in, and how all of it is compared.
my $helpers = q{
CREATE TABLE truth (
    thread_id text COLLATE "C", ns text COLLATE "C", id text COLLATE "C",
    parent text, state text, metadata text, pending text, PRIMARY KEY (thread_id, ns, id));
CREATE TABLE gone (thread_id text, ns text, id text, PRIMARY KEY (thread_id, ns, id));
CREATE TABLE retired (thread_id text);
CREATE TABLE touched (thread_id text); -- by people

CREATE FUNCTION expect(got text, expected text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF got IS DISTINCT FROM expected THEN RAISE 'the call returned %, expected %', got, expected; END IF;
END $$;
CREATE FUNCTION expect(got bigint, expected text) RETURNS void LANGUAGE sql AS 'SELECT expect(got::text, expected)';
CREATE FUNCTION expect(got threadmem.checkpoint_key, expected text) RETURNS void LANGUAGE sql AS 'SELECT expect(got::text, expected)';

CREATE FUNCTION refused(statement text, state text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE got text := 'no error';
BEGIN
    BEGIN
        EXECUTE statement;
    EXCEPTION WHEN OTHERS THEN
        got := SQLSTATE;
    END;
    PERFORM expect(got, state);
END $$;

CREATE FUNCTION attempt(statement text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
EXCEPTION WHEN no_data_found OR unique_violation OR object_not_in_prerequisite_state OR invalid_parameter_value THEN
    NULL;
END $$;

CREATE FUNCTION remember(text, text, text, text, text, text, text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO truth VALUES ($1, $2, $3, $4, $5::jsonb::text, $6::jsonb::text, $7::jsonb::text)
    ON CONFLICT (thread_id, ns, id) DO UPDATE SET state = excluded.state, metadata = excluded.metadata
$$;

CREATE FUNCTION forget(thread text[], namespaces text[], ids text[]) RETURNS void LANGUAGE sql AS $$
    WITH deleted AS (DELETE FROM truth USING unnest(namespaces, ids) AS d (d_ns, d_id)
                     WHERE thread_id = thread[1] AND ns = d_ns AND id = d_id RETURNING thread_id, ns, id)
    INSERT INTO gone SELECT * FROM deleted ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION fields(t truth) RETURNS text[] LANGUAGE sql AS
    'SELECT ARRAY[t.thread_id, t.ns, t.id, t.parent, t.state, t.metadata, t.pending]';
CREATE FUNCTION fields(c threadmem.checkpoint) RETURNS text[] LANGUAGE sql AS
    'SELECT ARRAY[c.thread_id, c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id, c.checkpoint::text, c.metadata::text, c.pending_writes::text]';

CREATE FUNCTION get(t truth, id text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    c threadmem.checkpoint;
BEGIN
    c := threadmem.checkpoint_get(t.thread_id, t.ns, id);
    RETURN fields(c);
EXCEPTION WHEN OTHERS THEN
    RETURN ARRAY[t.thread_id, t.ns, t.id, t.parent, SQLERRM];
END $$;

CREATE FUNCTION pages(thread text, ns text, size integer) RETURNS SETOF threadmem.checkpoint LANGUAGE plpgsql STABLE AS $$
DECLARE
    last threadmem.checkpoint;
    on_page integer;
BEGIN
    LOOP
        on_page := 0;
        FOR last IN SELECT * FROM threadmem.checkpoint_list(thread, ns, max_rows => size, after_id => last.checkpoint_id,
                after_thread_id => CASE WHEN thread IS NULL THEN last.thread_id END, after_ns => CASE WHEN ns IS NULL THEN last.checkpoint_ns END)
        LOOP
            RETURN NEXT last;
            on_page := on_page + 1;
        END LOOP;
        EXIT WHEN on_page < size;
    END LOOP;
END $$;

CREATE FUNCTION listed(thread text, ns text, size integer) RETURNS TABLE (expected text[], got text[]) LANGUAGE sql STABLE AS $$
    SELECT fields(t), fields(l.c)
    FROM (SELECT t, row_number() OVER (ORDER BY id DESC, thread_id, t.ns) AS place FROM truth t
          WHERE thread_id = coalesce(thread, thread_id) AND t.ns = coalesce(listed.ns, t.ns)) t
    FULL JOIN (SELECT c, row_number() OVER () AS place FROM pages(thread, listed.ns, size) c) l USING (place)
    ORDER BY place
$$;

-- Messages of the latest states of threads (but of those that people touched), where those are lists of messages, without their place in the log.
CREATE VIEW not_live AS
    WITH latest AS (
        SELECT DISTINCT ON (thread_id) thread_id, state::jsonb -> 'channel_values' -> 'messages' AS list FROM truth
        WHERE ns = '' AND thread_id NOT IN (SELECT thread_id FROM touched) ORDER BY thread_id, id DESC),
    element AS (
        SELECT thread_id, body, place, CASE WHEN jsonb_typeof(body -> 'id') = 'string' THEN body ->> 'id' ELSE coalesce(body -> 'kwargs', body -> 'data') ->> 'id' END AS id
        FROM (SELECT * FROM latest WHERE jsonb_typeof(list) = 'array') l, jsonb_array_elements(list) WITH ORDINALITY AS e (body, place)),
    last AS (
        SELECT DISTINCT ON (thread_id, id) thread_id, id, body FROM element WHERE id <> '' ORDER BY thread_id, id, place DESC)
    SELECT * FROM last l
    WHERE NOT EXISTS (SELECT FROM threadmem.messages m WHERE m.thread_id = l.thread_id AND m.message_id = l.id AND m.state = 'live' AND m.body::text = l.body::text)
    AND NOT EXISTS (SELECT FROM element e WHERE e.thread_id = l.thread_id
                    AND NOT EXISTS (SELECT FROM threadmem.messages m WHERE m.thread_id = e.thread_id AND m.body::text = e.body::text));

CREATE FUNCTION differences(few integer, many integer, run text, place integer)
RETURNS TABLE (how text, expected text[], got text[]) LANGUAGE sql STABLE AS $$
    SELECT 'by id', fields(t), get(t, t.id) FROM truth t
    UNION ALL
    SELECT 'the latest', fields(t), get(t, NULL)
    FROM truth t
    WHERE NOT EXISTS (SELECT FROM truth o WHERE (o.thread_id, o.ns) = (t.thread_id, t.ns) AND o.id > t.id)
    UNION ALL
    SELECT 'listed', l.* FROM listed(NULL, NULL, many) l
    UNION ALL
    SELECT 'listed by thread', l.* FROM (SELECT thread_id FROM truth GROUP BY 1 ORDER BY 1 OFFSET place % 4 LIMIT 1) o, listed(o.thread_id, NULL, few) l
    UNION ALL
    SELECT 'listed by namespace', l.* FROM (SELECT DISTINCT thread_id, ns FROM truth) o, listed(o.thread_id, o.ns, few) l
    UNION ALL
    SELECT 'filtered', fields(t), fields(c)
    FROM (SELECT id FROM truth ORDER BY id OFFSET place LIMIT 1) o,
    LATERAL (SELECT * FROM (SELECT t, row_number() OVER (ORDER BY id DESC, thread_id, ns) AS place FROM truth t
                            WHERE id < o.id AND metadata::jsonb @> jsonb_build_object('run_id', run)) t
             FULL JOIN (SELECT c, row_number() OVER () AS place
                        FROM threadmem.checkpoint_list(metadata => jsonb_build_object('run_id', run), before_id => o.id, max_rows => 1000) c) l USING (place)) b
    UNION ALL
    SELECT 'deleted', NULL, fields(c) FROM gone g, threadmem.checkpoint_get(g.thread_id, g.ns, g.id) c
    WHERE c.checkpoint_id IS NOT NULL AND NOT EXISTS (SELECT FROM truth t WHERE (t.thread_id, t.ns, t.id) = (g.thread_id, g.ns, g.id))
    UNION ALL
    SELECT 'a body is stored twice', NULL, ARRAY[thread_id, message_id, count(*)::text]
    FROM threadmem.messages WHERE thread_id NOT IN (SELECT thread_id FROM touched) GROUP BY thread_id, message_id, body_hash HAVING count(*) > 1
    UNION ALL
    SELECT 'the log does not show what the latest state has', NULL, ARRAY[thread_id, id, body::text] FROM not_live
    UNION ALL
    SELECT 'threadmem_verify', NULL, ARRAY[v.thread_id, v.problem] FROM threadmem.threadmem_verify() v
$$;
};

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off'); # compiling a comparison takes longer than the comparison
$node->start;
my $dir = PostgreSQL::Test::Utils::tempdir;
my $database = 'origin';
my $steps = ChainSteps->new($seed);
my $checks = ChainRandom->new($seed + 1); # of its own: how often is compared does not change what is done
my $compared = 0;

note("seed $seed, $length steps");
$node->safe_psql('postgres', 'CREATE DATABASE origin; CREATE DATABASE restored');
$node->safe_psql($database, "CREATE EXTENSION threadmem; $helpers");

# The place of the first difference, with what is around it.
sub first_difference
{
	my ($expected, $got) = @_;
	my $at = 0;
	$at++ while $at < length $expected && $at < length $got && substr($expected, $at, 1) eq substr($got, $at, 1);
	my $from = $at > 60 ? $at - 60 : 0;
	return "at byte $at\n  expected ..." . substr($expected, $from, 160) . "\n  got      ..." . substr($got, $from, 160);
}

# Everything needed to do it again: seed, last steps of the thread, and a script of all its steps.
sub report_failure
{
	my ($thread_id, $id, $step, $problem) = @_;
	my $before = $step > $every ? $step - $every : 1;
	diag("$problem\nseed $seed, by step $step, database $database; "
		. "again: THREADMEM_SEED=$seed THREADMEM_STEPS=$length THREADMEM_FROM=$before THREADMEM_EVERY=1");
	my ($thread) = grep { defined $thread_id && $_->{truth}{thread_id} eq $thread_id } @{ $steps->{threads} };
	return unless $thread;
	my @log = grep { /^step (\d+)/ && $1 <= $step } @{ $thread->{log} };
	my @of_id = defined $id ? grep { index($_, $id) >= 0 } @log : ();
	diag("its thread \"$thread_id\", last of ", scalar @log, " steps:\n  ", join "\n  ", @log > 20 ? @log[ -20 .. -1 ] : @log);
	diag("steps with its id:\n  ", join "\n  ", @of_id);
	my $file = "$PostgreSQL::Test::Utils::log_path/005_chain_property.sql";
	append_to_file($file, join "\n", 'CREATE EXTENSION threadmem;', $helpers, @{ $thread->{script} }, '');
	diag("all of them: $file");
	return;
}

sub run_steps
{
	my ($count) = @_;
	my $file = "$dir/steps.sql";
	my $ratio = $steps->ratio;
	$steps->step for 1 .. $count;
	$steps->histories($checks);
	unlink $file;
	append_to_file($file, join "\n", $ratio, $steps->take_lines, '');
	my ($out, $err);
	return 1 if IPC::Run::run([ 'psql', '-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $file, '-d', $node->connstr($database) ], '>', \$out, '2>', \$err);
	my ($step) = $out =~ /.*^step (\d+)/ms;
	my ($thread) = grep { my $thread = $_; grep { /^step $step:/ } @{ $thread->{log} } } @{ $steps->{threads} };
	report_failure($thread && $thread->{truth}{thread_id}, undef, $step, "step $step failed: $err");
	return 0;
}

sub compare
{
	my ($where) = @_;
	my @arguments = ($checks->between(1, 7), $checks->between(5, 300), "'run-" . $checks->between(1, 6) . "'", $checks->below(150));
	my ($out, $err);
	$compared += $node->safe_psql($where, 'SELECT count(*) FROM truth');
	my $status = $node->psql($where, 'SELECT how, field, e, g, (coalesce(expected, got))[1], (coalesce(expected, got))[2], (coalesce(expected, got))[3]
		FROM (SELECT *, expected[field] AS e, got[field] AS g FROM differences(' . join(', ', @arguments) . ") d,
		LATERAL (SELECT min(i) AS field FROM generate_series(1, 7) i WHERE expected[i] IS DISTINCT FROM got[i]) f
		WHERE expected IS DISTINCT FROM got LIMIT 1) x", stdout => \$out, stderr => \$err, extra_params => [ '-F', "\x1f" ]);
	return 1 if $status == 0 && $out eq '';
	my ($how, $field, $expected, $got, $thread, $ns, $id) = $status == 0 ? split /\x1f/, $out, -1 : ();
	my $name = (qw(thread_id checkpoint_ns checkpoint_id parent_checkpoint_id checkpoint metadata pending_writes))[ ($field // 1) - 1 ];
	report_failure($thread, $id, $steps->{step}, $status == 0 ? "\"$thread\" \"$ns\" \"$id\" $how: $name differs " . first_difference($expected, $got) : "comparison failed: $err");
	return 0;
}

# The run goes on in what was restored.
sub move_house
{
	my $file = "$dir/dump.sql";
	$node->command_ok([ 'pg_dump', '-f', $file, '-d', $node->connstr($database) ], 'pg_dump');
	$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $file, '-d', $node->connstr('restored') ], 'restore');
	$database = 'restored';
	return compare($database);
}

my $good = 1;
my $move_at = $length / 2;
while ($good && $steps->{step} < $length)
{
	my $next = $steps->{step} < $from ? $from : $steps->{step} + $every;
	$good = run_steps(($next < $length ? $next : $length) - $steps->{step}) && compare($database);
	if ($good && $database eq 'origin' && $steps->{step} >= $move_at)
	{
		$good = move_house();
	}
	$node->safe_psql($database, 'DELETE FROM gone WHERE thread_id IN (SELECT thread_id FROM retired);
		DELETE FROM touched WHERE thread_id IN (SELECT thread_id FROM retired); TRUNCATE retired') if $good;
}
ok($good, "seed $seed, $steps->{step} steps: every checkpoint is as it was written");
cmp_ok($compared, '>', $length / 4, "$compared checkpoints compared");

$node->stop;
done_testing();
