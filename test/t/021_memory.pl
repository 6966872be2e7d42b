# Promise: a call takes no more memory than three times what it returns, whatever it is put together from: a window
# without limits, and a state. One that is refused for its size takes none to speak of. A page of a state does not read the
# list that it is a page of.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# Linux forgets the largest size of a process when asked to; a sanitizer keeps what is freed.
plan skip_all => 'needs /proc/self/clear_refs, and no sanitizer' if !-w '/proc/self/clear_refs' || $ENV{THREADMEM_SLOWER};

# Whatever is freed goes back at once (glibc). The buffers that all share count as a process touches them.
$ENV{MALLOC_TRIM_THRESHOLD_} = $ENV{MALLOC_MMAP_THRESHOLD_} = 65536;
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\nshared_buffers = 1MB\n");
$node->start;

# Texts that hardly compress, and stuffing that is no text and does.
my $sql = q{
CREATE EXTENSION threadmem;
CREATE FUNCTION of_process(what text) RETURNS bigint LANGUAGE sql AS $$ SELECT (regexp_match(pg_read_file('/proc/self/status'), what || ':\s+(\d+)'))[1]::bigint $$;
CREATE FUNCTION taken(statement text, OUT kilobytes bigint, OUT error text) LANGUAGE plpgsql AS $$
BEGIN
	COPY (SELECT 5) TO '/proc/self/clear_refs';
	kilobytes := - of_process('VmRSS');
	error := '';
	BEGIN
		EXECUTE statement;
	EXCEPTION WHEN OTHERS THEN
		error := SQLSTATE;
	END;
	kilobytes := kilobytes + of_process('VmHWM');
END $$;
CREATE PROCEDURE talk(thread text, n integer, per integer, message jsonb, bytes integer, folded boolean) LANGUAGE plpgsql AS $$
DECLARE letters text := (SELECT string_agg(md5(i::text), ' ') FROM generate_series(1, bytes / 33 + 1) i);
BEGIN
	PERFORM threadmem.thread_create(thread);
	FOR part IN 0 .. (n - 1) / per LOOP
		PERFORM threadmem.message_add_batch(thread, (SELECT jsonb_agg(message || jsonb_build_object('id', 'm' || i, 'content', left(i || ' ' || letters, bytes)) ORDER BY i)
		                                               FROM generate_series(part * per + 1, least(part * per + per, n)) i));
	END LOOP;
	IF folded THEN
		PERFORM threadmem.thread_fold(thread);
	END IF;
END $$;
CALL talk('first', 20, 20, '{"role": "user"}', 60, true);
CALL talk('short', 60000, 1000, '{"role": "user"}', 60, true);
CALL talk('short said', 60000, 1000, '{"role": "assistant"}', 60, false);
CALL talk('short lc', 60000, 1000, '{"type": "ai"}', 60, true);
CALL talk('long', 120, 20, '{"role": "user"}', 100000, true);
CALL talk('long said', 120, 20, '{"role": "assistant"}', 100000, false);
CALL talk('longest', 3, 1, '{"type": "human"}', 8000000, true);
CALL talk('refused', 300, 20, jsonb_build_object('role', 'user', 'stuffing', repeat('x', 1000000)), 60, false);
CALL talk('refused short', 20000, 500, jsonb_build_object('role', 'user', 'stuffing', repeat('x', 14000)), 60, false);
SELECT threadmem.thread_create('values');
SELECT threadmem.thread_update_state('values', jsonb_build_object(name, (SELECT jsonb_agg(md5(name || i)) FROM generate_series(1, 200000) i))) FROM unnest('{a,b,a}'::text[]) name;
CALL talk('holes', 40000, 1000, '{"role": "user"}', 10, true);
SELECT FROM threadmem.thread_update_state('holes', jsonb_build_object('messages', (SELECT jsonb_agg(jsonb_build_object('type', 'remove', 'id', 'm' || i)) FROM generate_series(1, 40000, 2) i)));
VACUUM ANALYZE;
-- of rows, what a client gets; of a state, its values
CREATE FUNCTION returned_by(call text, thread text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE bytes bigint;
BEGIN
	IF call = 'message_context' THEN
		SELECT sum(pg_column_size(c.*)) INTO bytes FROM threadmem.message_context(thread) c;
	ELSE
		SELECT pg_column_size(s.values) INTO bytes FROM threadmem.thread_state(thread) s;
	END IF;
	RETURN bytes;
END $$;
};
$node->safe_psql('postgres', $sql);

# In a session of its own, for what another call has freed is not always given back. It has made its plans.
my %call = (message_context => 'SELECT count(*) FROM threadmem.message_context(%L)', thread_state => 'SELECT (threadmem.thread_state(%L)).checkpoint',
	thread_fold => 'SELECT threadmem.thread_fold(%L)', message_list => q{SELECT count(*) FROM threadmem.message_list(%L, 20, view => ''state'')});
sub taken
{
	my ($call, $thread) = @_;
	return split /\|/, $node->safe_psql('postgres', "SELECT FROM taken(format('$call{$call}', 'first')); SELECT * FROM taken(format('$call{$call}', '$thread'))"), -1;
}

for my $call ('message_context', 'thread_state')
{
	for my $thread ('short', 'short said', 'short lc', 'long', 'long said', 'longest', 'values')
	{
		next if $call eq 'message_context' && $thread eq 'values';
		my ($kilobytes, $error) = taken($call, $thread);
		my $returned = $node->safe_psql('postgres', "SELECT returned_by('$call', '$thread') / 1024");
		is($error, '', "$call of '$thread'");
		cmp_ok($returned, '>', 6 * 1024, "$call of '$thread' returns something");
		cmp_ok($kilobytes, '<=', 3 * $returned, sprintf "$call of '$thread': %d kB for %d kB, %.1f x", $kilobytes, $returned, $kilobytes / $returned);
	}
}
for my $call ('thread_state', 'thread_fold')
{
	for my $thread ('refused', 'refused short')
	{
		my ($kilobytes, $error) = taken($call, $thread);
		is($error, '54000', "$call of '$thread' is refused");
		cmp_ok($kilobytes, '<', 16 * 1024, "$call of '$thread': $kilobytes kB");
	}
}

# Every other one of 40,000 is gone: runs of one revision each, and what is pending beside them: a new message, one in the
# middle with another text, one that was deleted.
my @pending = (q{FROM threadmem.message_add('%s', 'user', 'new', message_id => 'new')}, q{FROM threadmem.message_update('%s', 'm10', content => 'changed')},
	q{threadmem.message_delete('%s', 'm12')});
for my $pending ('', @pending)
{
	$node->safe_psql('postgres', sprintf "SELECT $pending", $_) for $pending ? ('first', 'holes') : ();
	my ($kilobytes, $error) = taken('message_list', 'holes');
	is($error, '', 'a page of a state with holes' . ($pending && ", $pending"));
	cmp_ok($kilobytes, '<=', 512, "takes $kilobytes kB");
}

$node->stop;
done_testing();
