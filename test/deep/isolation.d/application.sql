-- What an administrator and the applications of tenant a have in their database: roles of every kind, all bound to a, and
-- whatever of theirs could run in the middle of our statements: definers, triggers, casts, a token counter, a leaky function.
\set ON_ERROR_STOP 1
\set QUIET 1
\o /dev/null

CREATE EXTENSION threadmem;
CREATE ROLE reader LOGIN; -- read
CREATE ROLE app LOGIN; -- write
CREATE ROLE chief LOGIN; -- admin
CREATE ROLE joiner LOGIN; -- write, and the views
CREATE ROLE team NOLOGIN; -- write, by its member
CREATE ROLE member LOGIN IN ROLE team;
CREATE ROLE keeper NOLOGIN; -- write, by a function of its own that
CREATE ROLE client LOGIN; -- calls, who may nothing else
CREATE ROLE bare LOGIN;
CREATE ROLE neighbour LOGIN; -- tenant b's
SELECT threadmem.grant_access(r, l, j) FROM (VALUES ('reader', 'read', false), ('app', 'write', false), ('chief', 'admin', false),
    ('joiner', 'write', true), ('team', 'write', false), ('keeper', 'write', false), ('neighbour', 'write', true)) g (r, l, j);
SELECT threadmem.tenant_bind(r, 'a') FROM unnest('{reader,app,chief,joiner,team,keeper}'::text[]) r;
SELECT threadmem.tenant_bind('neighbour', 'b');

CREATE SCHEMA app;
GRANT USAGE, CREATE ON SCHEMA app TO PUBLIC;

CREATE FUNCTION app.ask(query text) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY EXECUTE 'SELECT r::text FROM (' || query || ') r';
END $$;
ALTER FUNCTION app.ask(text) OWNER TO keeper;

-- Tells what a view lets it see before its own conditions.
CREATE FUNCTION app.peek(seen text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$
BEGIN
    RAISE INFO 'peeks at %', seen;
    RETURN true;
END $$;

-- Tries everything, as whoever it runs as, and tells what it got.
CREATE FUNCTION app.spy(place text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    try text;
    got text;
BEGIN
    FOREACH try IN ARRAY ARRAY[
        'SELECT count(*)::text || coalesce(max(body::text), '''') FROM threadmem_data.messages',
        'SELECT count(*)::text FROM threadmem_data.threads WHERE tenant_id = ''b''',
        'SELECT count(*)::text || max(body::text) FROM threadmem.messages',
        'SELECT count(*)::text FROM threadmem.message_search(''quava000'')',
        'SELECT count(*)::text FROM threadmem.thread_search(metadata => ''{"plan": "quava000"}'')',
        'SELECT set_config(''threadmem.tenant'', ''b'', true) || count(*) FROM threadmem.thread_list()',
        'SELECT threadmem.current_tenant()'] LOOP
        BEGIN
            EXECUTE try INTO got;
        EXCEPTION WHEN OTHERS THEN
            got := SQLSTATE || ' ' || SQLERRM;
        END;
        RAISE INFO '%, %, %: % gives %', place, session_user, current_user, try, got;
    END LOOP;
END $$;
CREATE FUNCTION app.watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM app.spy(TG_WHEN || ' ' || TG_OP || ' ' || TG_LEVEL);
    RETURN NULL;
END $$;

-- The application's own table, which takes in what our functions give.
CREATE TABLE app.notes (note text);
CREATE TRIGGER each_row AFTER INSERT ON app.notes FOR EACH ROW EXECUTE FUNCTION app.watch();
CREATE TRIGGER each_statement AFTER INSERT ON app.notes FOR EACH STATEMENT EXECUTE FUNCTION app.watch();
CREATE CONSTRAINT TRIGGER at_the_end AFTER INSERT ON app.notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.watch();
-- One that a superuser hung on ours, as nobody else may: when a thread goes its triggers run within our statement, on 15 to 17
-- as threadmem_runner. Whoever writes such a one could ask for words with our operators, before the policies: not tried here.
CREATE TABLE app.bookmarks (tenant_id text, thread_id text, FOREIGN KEY (tenant_id, thread_id) REFERENCES threadmem_data.threads ON DELETE CASCADE);
CREATE TRIGGER each_row AFTER DELETE ON app.bookmarks FOR EACH ROW EXECUTE FUNCTION app.watch();
CREATE TRIGGER each_statement AFTER DELETE ON app.bookmarks FOR EACH STATEMENT EXECUTE FUNCTION app.watch();
GRANT ALL ON ALL TABLES IN SCHEMA app TO PUBLIC;

-- Casts, which run where an argument of ours is made, and where a result of ours is taken.
CREATE TYPE app.word AS (word text);
CREATE FUNCTION app.text_of_word(word app.word) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM app.spy('cast');
    RETURN word.word;
END $$;
CREATE CAST (app.word AS text) WITH FUNCTION app.text_of_word(app.word) AS IMPLICIT;
CREATE FUNCTION app.word_of_text(text) RETURNS app.word LANGUAGE plpgsql AS $$
BEGIN
    RAISE INFO 'casts %', $1;
    RETURN ROW($1);
END $$;
CREATE CAST (text AS app.word) WITH FUNCTION app.word_of_text(text) AS ASSIGNMENT;

CREATE FUNCTION app.count_tokens(counted text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    RAISE INFO '% counts %', current_user, counted;
    RETURN length(counted);
END $$;
ALTER ROLE app SET threadmem.token_counter = 'app.count_tokens';

-- A query that is asked from deep within the stack: does where it ends depend on the rows?
CREATE FUNCTION app.deep(levels integer, word text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF levels > 0 THEN
        RETURN app.deep(levels - 1, word);
    END IF;
    RETURN count(*)::text FROM threadmem.message_search(word || ' (' || repeat('x or ', 3000) || 'x)');
END $$;
