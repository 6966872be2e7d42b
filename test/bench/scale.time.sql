-- The calls of scale.sql, timed in rounds and judged: see scale.
SELECT set_config('bench.rounds', :'rounds', false) \g /dev/null
CREATE TABLE times (call integer, ms float8);

-- What is undone is rolled back with its subtransaction.
CREATE FUNCTION took(statement text, undone boolean) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE began timestamptz; ended timestamptz;
BEGIN
	began := clock_timestamp();
	EXECUTE statement;
	ended := clock_timestamp();
	IF undone THEN RAISE SQLSTATE 'UNDO1'; END IF;
	RETURN extract(epoch FROM ended - began) * 1000;
EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
	RETURN extract(epoch FROM ended - began) * 1000;
END $$;

-- Sizes take turns, none always the first, so that the machine's moods meet all of them; what is linear is slow and has every fourth round.
-- The first rounds make the plans: they are generic from the sixth call on.
CREATE PROCEDURE measure() LANGUAGE plpgsql AS $$
DECLARE
	c record; ms float8; warm CONSTANT integer := 6; began CONSTANT timestamptz := clock_timestamp();
BEGIN
	FOR round IN 1 .. warm + current_setting('bench.rounds')::integer LOOP
		FOR c IN SELECT * FROM calls ORDER BY name, random() LOOP
			CONTINUE WHEN c.kind = 'linear' AND round % 4 <> 2;
			PERFORM set_config('threadmem.tenant', c.tenant, false), also(replace(c.before, '%n', round::text));
			COMMIT;
			ms := took(replace(c.call, '%n', round::text), c.undone);
			COMMIT;
			PERFORM also(replace(c.after, '%n', round::text));
			COMMIT;
			IF round > warm THEN INSERT INTO times VALUES (c.at, ms); END IF;
		END LOOP;
	END LOOP;
	PERFORM set_config('threadmem.tenant', '', false);
END $$;
SELECT setseed(0) \g /dev/null
CALL measure();

-- Flat is judged from the smallest size to the largest, linear from what is a tenth of the largest or less.
CREATE TABLE figures AS
	WITH at_size AS (SELECT c.*, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric AS ms FROM calls c JOIN times t ON t.call = c.at GROUP BY c.at),
	     line AS (SELECT min(at) AS at, name, sizes, kind, max(size) AS largest, max(ms) FILTER (WHERE size = most) AS last, string_agg(to_char(size, 'FM999,999'), ' / ' ORDER BY size) AS labels, string_agg(round(ms, 3)::text, ' / ' ORDER BY size) AS ms
	                FROM (SELECT *, max(size) OVER (PARTITION BY name, sizes) AS most FROM at_size) s GROUP BY name, sizes, kind)
	SELECT line.*, last / first.ms / CASE kind WHEN 'linear' THEN largest::numeric / first.size / 10 ELSE 1 END AS ratio, CASE kind WHEN 'linear' THEN 13 WHEN 'flat' THEN 1.5 END AS bound
	  FROM line, LATERAL (SELECT a.ms, a.size FROM at_size a WHERE (a.name, a.sizes) = (line.name, line.sizes) AND (kind <> 'linear' OR a.size <= largest / 10)
	                       ORDER BY CASE kind WHEN 'linear' THEN - a.size ELSE a.size END LIMIT 1) first;
SELECT format('%-40s %-34s %-26s %7s  %s', name, labels || ' ' || sizes, ms, round(ratio, 2),
              CASE WHEN bound IS NULL THEN '' WHEN ratio <= bound THEN 'ok <= ' || bound ELSE 'MISSED <= ' || bound END) FROM figures ORDER BY at;
SELECT 'MISSED ' || count(*) FILTER (WHERE ratio > bound) || coalesce(': ' || string_agg(name, '; ' ORDER BY at) FILTER (WHERE ratio > bound), '') FROM figures;
