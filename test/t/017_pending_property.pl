# Promise: whatever is said, streamed, changed, deleted, erased, put, branched, folded, copied, forked, pruned and taken
# back, in whichever order, a state with what is pending is what the slow rule makes of the tables: all that is live and
# that the head has not seen, and all that was ever deleted. So is what a fold stores, and a window shows it.
#
# THREADMEM_SEED repeats a run, THREADMEM_STEPS is its length.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{THREADMEM_SEED} // (time ^ $$ << 8) & 0x7fffffff;
my $length = $ENV{THREADMEM_STEPS} // 700;
my $sql = do { local $/; <DATA> };

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;
note("seed $seed, $length steps");
for my $database ('origin', 'restored')
{
	$node->safe_psql('postgres', "CREATE DATABASE $database");
}
$node->safe_psql('origin', "CREATE EXTENSION threadmem CASCADE; $sql");

# Half of it in the database, half in what was restored from its dump.
sub work
{
	my ($database, $seed) = @_;
	my ($status, $out, $err) = $node->psql($database,
		"SET threadmem.tenant = 'pending'; SELECT setseed($seed / 2147483648.0); CALL work($length / 2)");
	is($err =~ /^psql:.*NOTICE:  (.*)/m ? $1 : $err, 'good', "seed $seed: every answer is what the rule says");
	return !$status && $err =~ /good/;
}

if (work('origin', $seed))
{
	my $file = PostgreSQL::Test::Utils::tempdir . '/dump.sql';
	$node->command_ok([ 'pg_dump', '-f', $file, '-d', $node->connstr('origin') ], 'pg_dump');
	$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $file, '-d', $node->connstr('restored') ], 'restore');
	work('restored', $seed ^ 1);
	# A run in which something never happened, or was pending hardly ever, shows nothing.
	is($node->safe_psql('restored', "SELECT count(*) >= 20, sum(times) FILTER (WHERE what = 'made fold') > $length / 70 FROM met"),
		't|t', 'all of it happened');
}
$node->stop;
done_testing();

__DATA__
CREATE TABLE met (what text PRIMARY KEY, times int NOT NULL);
CREATE FUNCTION met(what text) RETURNS void LANGUAGE sql AS 'INSERT INTO met VALUES ($1, 1) ON CONFLICT (what) DO UPDATE SET times = met.times + 1';
CREATE SEQUENCE word;
CREATE FUNCTION one(n bigint) RETURNS bigint LANGUAGE sql AS 'SELECT floor(random() * n)::bigint';
CREATE FUNCTION words() RETURNS text LANGUAGE sql AS $$SELECT 'words ' || nextval('word')$$;

-- The revision of an element of a list, which may be shown as LangChain's object: no two have the same words.
CREATE FUNCTION own(t text, element jsonb) RETURNS SETOF threadmem_data.messages LANGUAGE sql AS $$
	SELECT m.* FROM threadmem_data.messages m, coalesce(element -> 'kwargs', element) e
	 WHERE m.tenant_id = 'pending' AND m.thread_id = t AND m.message_id = e ->> 'id' AND m.body ->> 'content' = e ->> 'content' $$;
-- What the head stores, as revisions.
CREATE FUNCTION stored(t text) RETURNS bigint[] LANGUAGE sql AS $$
	SELECT coalesce(array_agg(m.rev ORDER BY e.place), '{}') FROM threadmem.checkpoint_get(t) c,
		jsonb_array_elements(c.checkpoint #> '{channel_values,messages}') WITH ORDINALITY e (body, place), own(t, e.body) m $$;
CREATE FUNCTION head_of(t text) RETURNS threadmem_data.checkpoints LANGUAGE sql AS $$
	SELECT c.* FROM threadmem_data.checkpoints c WHERE c.tenant_id = 'pending' AND c.thread_id = t AND c.checkpoint_ns = ''
	 ORDER BY c.checkpoint_id COLLATE "C" DESC LIMIT 1 $$;

-- The slow rule: each message that is live and unseen, in the order of the log, and then all deletions ever.
CREATE FUNCTION rule(t text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
	list bigint[] := stored(t);
	seen int8multirange := coalesce((head_of(t)).seen, '{}');
	news record;
	place int;
BEGIN
	FOR news IN SELECT m.rev, array_agg(o.rev) AS own, bool_or(o.rev <@ seen) AS known
		FROM threadmem_data.messages m JOIN threadmem_data.messages o USING (tenant_id, thread_id, message_id)
		WHERE m.tenant_id = 'pending' AND m.thread_id = t AND m.state = 'live' AND m.status = 'completed' AND NOT m.rev <@ seen
		GROUP BY m.rev, m.seq ORDER BY m.seq
	LOOP
		place := (SELECT min(i) FROM generate_subscripts(list, 1) i WHERE list[i] = ANY (news.own));
		IF place IS NOT NULL THEN
			list[place] := news.rev;
		ELSIF NOT news.known THEN
			list := list || news.rev;
		END IF;
	END LOOP;
	RETURN coalesce((SELECT array_agg(l.rev ORDER BY l.place) FROM unnest(list) WITH ORDINALITY l (rev, place)
		JOIN threadmem_data.messages m ON m.tenant_id = 'pending' AND m.thread_id = t AND m.rev = l.rev
		WHERE m.body IS NOT NULL AND NOT EXISTS (SELECT FROM threadmem_data.messages d WHERE d.tenant_id = 'pending'
			AND d.thread_id = t AND d.message_id = m.message_id AND d.state = 'deleted')), '{}');
END $$;

-- What differs from the rule, null for nothing.
CREATE FUNCTION difference(t text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	wanted bigint[] := rule(t);
	shown bigint[] := coalesce((SELECT array_agg(l.rev) FROM threadmem.message_list(t, max_rows => 1000, view => 'state') l), '{}');
	state jsonb := coalesce((SELECT jsonb_agg(m - 'additional_kwargs' - 'response_metadata' -> 'id')
		FROM jsonb_array_elements((threadmem.thread_state(t))."values" -> 'messages') m), '[]');
	context text[] := coalesce((SELECT array_agg(c.message_id) FROM threadmem.message_context(t, 1000000) c), '{}');
	ids text[];
BEGIN
	SELECT coalesce(array_agg(m.message_id ORDER BY w.place), '{}') INTO ids FROM unnest(wanted) WITH ORDINALITY w (rev, place)
		JOIN threadmem_data.messages m ON m.tenant_id = 'pending' AND m.thread_id = t AND m.rev = w.rev;
	IF shown <> wanted THEN
		RETURN format('list of %s: %s, not %s', t, shown, wanted);
	ELSIF state <> to_jsonb(ids) THEN
		RETURN format('state of %s: %s, not %s', t, state, ids);
	ELSIF NOT isempty(coalesce((head_of(t)).seen, '{}')) AND context <> ids THEN
		RETURN format('window of %s: %s, not %s', t, context, ids);
	END IF;
	RETURN NULL;
END $$;

-- UUIDv6: later than all, or (late) some of the past.
CREATE FUNCTION new_id(late boolean) RETURNS text LANGUAGE sql AS $$
	SELECT format('%s-%s-6%s-8000-%s', left(h, 8), substr(h, 9, 4), right(h, 3), lpad(to_hex(one(281474976710656)), 12, '0'))
	  FROM to_hex((extract(epoch FROM clock_timestamp()) * 10000000)::bigint + 122192928000000000 - CASE WHEN late THEN one(100000000) ELSE 0 END) h $$;

-- A list as a client of the saver door may have it: of a checkpoint, without some, with wordings of any revision and a new one.
CREATE FUNCTION put(t text, late boolean, parent text, run text) RETURNS text LANGUAGE sql AS $$
	SELECT (threadmem.checkpoint_put(t, jsonb_build_object('v', 4, 'id', new_id(late), 'ts', '2025-01-01T00:00:00Z', 'versions_seen', '{}'::jsonb,
		'channel_versions', jsonb_build_object('messages', nextval('word')), 'channel_values', jsonb_build_object('messages',
			(SELECT coalesce(jsonb_agg(body ORDER BY place), '[]') FROM (SELECT DISTINCT ON (body ->> 'id') body, place FROM (
				SELECT m.body, e.place FROM threadmem.checkpoint_get(t, '', parent) c,
					jsonb_array_elements(c.checkpoint #> '{channel_values,messages}') WITH ORDINALITY e (body, place),
					own(t, e.body) m WHERE random() < 0.9
				UNION ALL (SELECT m.body, 500 + m.rev FROM threadmem_data.messages m WHERE m.tenant_id = 'pending' AND m.thread_id = t
					AND m.body IS NOT NULL AND m.status <> 'in_progress' AND random() < 0.5 ORDER BY random() LIMIT one(3))
				UNION ALL SELECT jsonb_build_object('id', 'p' || nextval('word'), 'type', 'ai', 'content', words()), 5000 WHERE random() < 0.5) x
				ORDER BY body ->> 'id', random()) y))),
		metadata => jsonb_build_object('source', 'loop', 'step', 1, 'run_id', run), parent_checkpoint_id => parent)).checkpoint_id $$;

CREATE PROCEDURE fold(t text) LANGUAGE plpgsql AS $$
DECLARE
	wanted bigint[] := rule(t);
	-- erased messages stay in a list, and are not shown
	before bigint[] := stored(t);
	made text := threadmem.thread_fold(t);
BEGIN
	IF (made IS NULL AND wanted <> before) OR (made IS NOT NULL AND wanted <> stored(t)) THEN
		RAISE 'fold of % is %, has %, not %', t, made, stored(t), wanted;
	END IF;
	PERFORM met(CASE WHEN made IS NULL THEN 'idle fold' ELSE 'made fold' END);
	IF threadmem.thread_fold(t) IS NOT NULL THEN
		RAISE 'a second fold of % finds something', t;
	END IF;
END $$;

CREATE PROCEDURE step(INOUT t text) LANGUAGE plpgsql AS $$
DECLARE
	live text := (SELECT m.message_id FROM threadmem_data.messages m WHERE m.tenant_id = 'pending' AND m.thread_id = t
		AND m.state = 'live' AND m.status <> 'in_progress' ORDER BY random() LIMIT 1);
	stream text := (SELECT m.message_id FROM threadmem_data.messages m WHERE m.tenant_id = 'pending' AND m.thread_id = t
		AND m.state = 'live' AND m.status = 'in_progress' ORDER BY random() LIMIT 1);
	anyone text := (SELECT m.message_id FROM threadmem_data.messages m WHERE m.tenant_id = 'pending' AND m.thread_id = t
		AND m.body IS NOT NULL AND m.status <> 'in_progress' ORDER BY random() LIMIT 1);
	point text := (SELECT c.checkpoint_id FROM threadmem_data.checkpoints c WHERE c.tenant_id = 'pending' AND c.thread_id = t
		AND c.checkpoint_ns = '' ORDER BY random() LIMIT 1);
	run text := CASE WHEN one(3) = 0 THEN 'r' || one(4) END;
	what text := (ARRAY['add', 'add', 'add', 'batch', 'start', 'complete', 'complete', 'fail', 'delete', 'delete', 'delete', 'edit', 'edit',
		'erase', 'fold', 'fold', 'fold', 'answer', 'answer', 'again', 'again', 'remove', 'branch', 'put', 'put', 'put', 'put on', 'put late',
		'roll back', 'prune', 'copy', 'fork', 'fork', 'add'])[1 + one(34)];
	copy text := 't' || nextval('word');
	state text := CASE WHEN live IS NOT NULL AND one(2) = 0 THEN live END;
BEGIN
	IF what IN ('delete', 'edit', 'erase', 'remove') AND live IS NULL OR what IN ('complete', 'fail') AND stream IS NULL
		OR what IN ('branch', 'put on', 'put late') AND point IS NULL OR what = 'again' AND anyone IS NULL
		OR what = 'fork' AND coalesce(live, point) IS NULL OR what = 'erase' AND one(3) > 0 THEN
		RETURN;
	END IF;
	CASE what
		WHEN 'add' THEN PERFORM threadmem.message_add(t, 'user', words(), run_id => run);
		WHEN 'batch' THEN PERFORM threadmem.message_add_batch(t, (SELECT jsonb_agg(jsonb_build_object('role', 'user', 'content', words())) FROM generate_series(1, 3)));
		WHEN 'start' THEN PERFORM threadmem.message_start(t); 
		WHEN 'complete' THEN PERFORM threadmem.message_complete(t, stream, jsonb_build_object('role', 'assistant', 'content', words()));
		WHEN 'fail' THEN PERFORM threadmem.message_fail(t, stream);
		WHEN 'delete' THEN PERFORM threadmem.message_delete(t, live);
		WHEN 'edit' THEN PERFORM threadmem.message_update(t, live, words());
		WHEN 'erase' THEN PERFORM threadmem.message_erase(t, live);
		WHEN 'fold' THEN CALL fold(t);
		WHEN 'answer' THEN PERFORM threadmem.thread_update_state(t, jsonb_build_object('messages', jsonb_build_object('type', 'ai', 'content', words())));
		WHEN 'again' THEN PERFORM threadmem.thread_update_state(t, jsonb_build_object('messages', jsonb_build_object('type', 'ai', 'content', words(), 'id', anyone)));
		WHEN 'remove' THEN PERFORM threadmem.thread_update_state(t, jsonb_build_object('messages', jsonb_build_object('type', 'remove', 'content', '', 'id', live)));
		WHEN 'branch' THEN PERFORM threadmem.thread_update_state(t, jsonb_build_object('messages', jsonb_build_object('type', 'ai', 'content', words())), checkpoint_id => point);
		WHEN 'put' THEN PERFORM put(t, false, (head_of(t)).checkpoint_id, run);
		WHEN 'put on' THEN PERFORM put(t, false, point, run);
		WHEN 'put late' THEN PERFORM put(t, true, point, run);
		WHEN 'roll back' THEN PERFORM threadmem.checkpoint_delete_for_runs(ARRAY['r' || one(4)], t);
		WHEN 'prune' THEN PERFORM threadmem.checkpoint_prune(ARRAY[t], keep => 1 + one(4)::int);
		WHEN 'copy' THEN
			PERFORM threadmem.thread_copy(t, copy, CASE WHEN one(2) = 0 THEN point END, one(2) = 0);
			t := copy;
		WHEN 'fork' THEN
			PERFORM threadmem.thread_fork(t, CASE WHEN live IS NULL OR (point IS NOT NULL AND one(2) = 0) THEN point END,
				CASE WHEN live IS NOT NULL AND (point IS NULL OR one(2) = 0) THEN live END, copy);
			t := copy;
	END CASE;
	PERFORM met(what);
END $$;

CREATE PROCEDURE work(length int) LANGUAGE plpgsql AS $$
DECLARE
	threads text[] := '{}';
	at int;
	t text;
	wrong text;
BEGIN
	FOR i IN 1 .. length LOOP
		at := 1 + one(3);
		IF threads[at] IS NULL OR one(60) = 0 THEN
			threads[at] := 't' || nextval('word');
			PERFORM threadmem.thread_create(threads[at]);
		END IF;
		t := threads[at];
		BEGIN
			CALL step(t);
		EXCEPTION WHEN object_not_in_prerequisite_state OR invalid_parameter_value THEN
			RAISE LOG 'step %: %', i, SQLERRM;
		END;
		threads[at] := t;
		wrong := difference(t);
		IF wrong IS NULL AND i % 10 = 0 THEN
			wrong := (SELECT string_agg(v.problem, ', ') FROM threadmem.threadmem_verify(t) v);
		END IF;
		IF wrong IS NOT NULL THEN
			RAISE 'step %: %', i, wrong;
		END IF;
		COMMIT;
	END LOOP;
	RAISE NOTICE 'good';
END $$;
