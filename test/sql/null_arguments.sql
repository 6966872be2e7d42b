-- NULL for a required argument of any function is error 22023 and names the argument.
-- Generated from the catalog: each required argument in turn is NULL, the others have something plausible.
CREATE FUNCTION pg_temp.dummy(type regtype) RETURNS text LANGUAGE sql AS
$$SELECT format('%L::%s', CASE t.typcategory WHEN 'N' THEN '1' WHEN 'D' THEN '2026-01-01' WHEN 'T' THEN '1 day' WHEN 'B' THEN 'true'
                          WHEN 'A' THEN CASE WHEN t.typelem = 'text'::regtype THEN '{x}' ELSE '{}' END
                          ELSE CASE WHEN t.typname = 'json_patch' THEN '[]' WHEN t.typname ~ 'json' THEN '{}' ELSE 'x' END END, type)
    FROM pg_type t WHERE t.oid = type$$;

-- What a call gives: its SQLSTATE, the wrong argument, or what it returned; whatever it did is undone.
CREATE FUNCTION pg_temp.verdict(call text, argument text) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE message text; state text;
BEGIN
    EXECUTE call;
    RAISE EXCEPTION USING ERRCODE = 'XX000', MESSAGE = 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE;
    RETURN CASE WHEN state = '22023' AND position('"' || argument || '"' IN message) > 0 THEN 'as promised'
                ELSE state || ': ' || message END;
END $$;

-- A STRICT function gives null for null and is no case; what a constraint (check_), a policy or a view asks judges nulls; a part of an aggregate cannot be called.
CREATE TEMP VIEW cases AS
SELECT p.oid::regprocedure::text AS function, p.proargnames[i] AS argument,
       format('SELECT * FROM threadmem.%I(%s)', p.proname,
              (SELECT string_agg(CASE WHEN j = i THEN 'NULL::' || format_type(t, NULL) ELSE pg_temp.dummy(t) END, ', ' ORDER BY j)
                 FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a(t, j) WHERE j <= p.pronargs - p.pronargdefaults)) AS call
  FROM pg_proc p, generate_series(1, p.pronargs - p.pronargdefaults) AS i
 WHERE p.pronamespace = 'threadmem'::regnamespace AND p.prosqlbody IS NULL AND NOT p.proisstrict AND p.prokind = 'f' AND p.proname !~ '^check_|^(sees|names|keeps)_own|^shares_|^streamed_'
   AND 'internal'::regtype <> ALL (p.proargtypes::oid[]);

SELECT count(*) > 5 AS there_are_cases FROM cases;
SELECT call, argument, verdict FROM cases, pg_temp.verdict(call, argument) AS verdict
 WHERE verdict <> 'as promised' ORDER BY call COLLATE "C", argument COLLATE "C";

-- The check itself sees a function that takes the null.
BEGIN;
CREATE FUNCTION threadmem.takes_null(x text) RETURNS text LANGUAGE sql AS 'SELECT x';
SELECT call, argument, verdict FROM cases, pg_temp.verdict(call, argument) AS verdict WHERE verdict <> 'as promised';
ROLLBACK;
