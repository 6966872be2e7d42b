-- Counts the pages that the calls of scale.sql touch: see plan.
CREATE FUNCTION pages(statement text, undone boolean, OUT pages bigint) LANGUAGE plpgsql AS $$
DECLARE plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ' || statement INTO plan;
	pages := (SELECT sum(value::bigint) FROM jsonb_each_text(plan #> '{0,Plan}') WHERE key ~ '(Hit|Read) Blocks$');
	IF undone THEN RAISE SQLSTATE 'UNDO1'; END IF;
EXCEPTION WHEN SQLSTATE 'UNDO1' THEN NULL;
END $$;
CREATE TABLE counts (of integer, round integer, pages bigint);

-- The first calls make the plans, and say where the bindings and the catalog lie.
CREATE PROCEDURE count_calls(first integer) LANGUAGE plpgsql AS $$
DECLARE c record;
BEGIN
	FOR c IN SELECT * FROM calls ORDER BY at LOOP
		PERFORM set_config('threadmem.tenant', c.tenant, false);
		FOR round IN first + 1 .. first + CASE c.kind WHEN 'linear' THEN 5 ELSE 9 END LOOP
			PERFORM also(replace(c.before, '%n', round::text));
			COMMIT;
			INSERT INTO counts SELECT c.at, round, pages(replace(c.call, '%n', round::text), c.undone);
			COMMIT;
			PERFORM also(replace(c.after, '%n', round::text));
			COMMIT;
		END LOOP;
	END LOOP;
END $$;
