# Promise: in whichever order facts come and whenever they began, memory gives what a simple rule gives: of one source and one
# relation each holds from its valid_at until the next begins or its own end, whichever is earlier; what has no valid_at ends
# none and is ended by none; and as memory knew it at a time, the rule is that of the facts that it had by then.
#
# THREADMEM_SEED repeats another run than the usual one, THREADMEM_STEPS is how many rounds there are.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{THREADMEM_SEED} // 20;
my $rounds = $ENV{THREADMEM_STEPS} // 24;
my $sql = do { local $/; <DATA> };

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;
note("seed $seed, $rounds rounds");
$node->safe_psql('postgres', "CREATE EXTENSION threadmem CASCADE; $sql");
my ($status, $out, $err) = $node->psql('postgres',
	"SET TIME ZONE 'UTC'; SELECT setseed($seed / 1000.0); CALL work($rounds)");
is($err =~ /^psql:.*NOTICE:  (.*)/m ? $1 : $err, 'good', "seed $seed: every answer is what the rule says");
# A run in which nothing ended, or nothing was ever unknown, shows nothing.
is($node->safe_psql('postgres', 'SELECT count(*) FILTER (WHERE times < 20) FROM met'), '0', 'all of it happened');
$node->stop;
done_testing();

__DATA__
CREATE TABLE met (what text PRIMARY KEY, times int NOT NULL);
CREATE FUNCTION met(what text) RETURNS void LANGUAGE sql AS 'INSERT INTO met VALUES ($1, 1) ON CONFLICT (what) DO UPDATE SET times = met.times + 1';
CREATE FUNCTION one(n integer) RETURNS integer LANGUAGE sql AS 'SELECT floor(random() * n)::integer';
CREATE FUNCTION day(n integer) RETURNS timestamptz LANGUAGE sql AS $$SELECT '2020-01-01Z'::timestamptz + n * interval '1 day'$$;

-- What was told, as it was told.
CREATE TABLE told (n int, source text, relation text, valid_at timestamptz, invalid_at timestamptz, created_at timestamptz);
-- The rule.
CREATE FUNCTION holds(known timestamptz, at timestamptz) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(f.n::text, ' ' ORDER BY f.n) FROM told f, LATERAL (SELECT least(f.invalid_at, min(g.valid_at)) AS until
	  FROM told g WHERE g.source = f.source AND g.relation = f.relation AND g.valid_at > f.valid_at AND g.created_at <= known) e
	 WHERE f.created_at <= known AND (f.valid_at IS NULL OR f.valid_at <= at) AND (e.until IS NULL OR e.until > at) $$;
CREATE FUNCTION given(u text, known timestamptz, at timestamptz) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(f.fact_id, ' ' ORDER BY f.fact_id::int) FROM threadmem.memory_facts(u, as_of => at, known_at => known, max_rows => 1000) f $$;

-- Facts of few sources and relations, of few days, so that they meet; each of a target of its own, so that none is another once more.
CREATE PROCEDURE tell(u text, facts integer, in_order boolean) LANGUAGE plpgsql AS $$
DECLARE i integer; f told; stored threadmem.facts;
BEGIN
	TRUNCATE told;
	FOR i IN 1..facts LOOP
		f := (i, 'source ' || one(2), 'R' || one(2), CASE one(6) WHEN 0 THEN NULL ELSE day(one(20)) END, NULL, day(CASE WHEN in_order THEN 100 + 2 * i ELSE 100 + one(60) END));
		IF one(4) = 0 THEN
			f.invalid_at := coalesce(f.valid_at, day(0)) + (1 + one(8)) * interval '1 day';
			PERFORM met('its own end');
		END IF;
		INSERT INTO told SELECT f.*;
		stored := threadmem.memory_add_fact(u, f.relation, 'sentence ' || i, 'target ' || i, f.source, valid_at => f.valid_at, invalid_at => f.invalid_at, created_at => f.created_at, fact_id => i::text);
		IF stored.invalid_at IS DISTINCT FROM f.invalid_at THEN PERFORM met('ended by an earlier one'); END IF;
		IF f.valid_at IS NULL THEN PERFORM met('of unknown time'); END IF;
	END LOOP;
	PERFORM met('ended by a later one') FROM threadmem_data.facts s WHERE s.user_id = u AND s.rev > 1;
END $$;

CREATE PROCEDURE work(rounds integer) LANGUAGE plpgsql AS $$
DECLARE r integer; u text; k integer; v integer; ours text; theirs text; in_order boolean;
BEGIN
	FOR r IN 1..rounds LOOP
		u := 'u' || r;
		in_order := r % 2 = 0;
		PERFORM threadmem.user_create(u);
		CALL tell(u, 12 + one(8), in_order);
		-- What is imported in another order than it became known is known since it came; so only the end of it is compared.
		FOR k IN SELECT unnest(CASE WHEN in_order THEN ARRAY[99, 103, 108, 113, 121, 128, 200] ELSE ARRAY[200] END) LOOP
			FOR v IN SELECT generate_series(-1, 28, 2) + one(2) LOOP
				ours := given(u, day(k), day(v));
				theirs := holds(day(k), day(v));
				IF ours IS DISTINCT FROM theirs THEN
					RAISE NOTICE 'round %: known % held %: % instead of %', r, k, v, ours, theirs;
					RETURN;
				END IF;
				PERFORM met(CASE WHEN ours IS NULL THEN 'nothing' ELSE 'something' END);
				IF in_order AND holds(day(200), day(v)) IS DISTINCT FROM theirs THEN PERFORM met('known later'); END IF;
			END LOOP;
		END LOOP;
		-- Now is as of now, and what memory says of itself is whole.
		IF (SELECT string_agg(f.fact_id, ' ' ORDER BY f.fact_id::int) FROM threadmem.memory_facts(u, max_rows => 1000) f) IS DISTINCT FROM holds(now(), now()) THEN
			RAISE NOTICE 'round %: now', r;
			RETURN;
		END IF;
	END LOOP;
	IF EXISTS (SELECT FROM threadmem.threadmem_verify()) THEN RAISE NOTICE 'not whole'; RETURN; END IF;
	RAISE NOTICE 'good';
END $$;
