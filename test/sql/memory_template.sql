-- Templates of the context block: stored per tenant, read when they are stored, every mistake told with its place.
\set SHOW_CONTEXT never
\pset null (null)
SET threadmem.tenant = 'template test';

-- Made, read, changed, deleted.
SELECT template_id, template, created_at = updated_at AS unchanged, now() - created_at < '1 min' AS fresh
  FROM threadmem.context_template_create('support', E'# WHO\n%{user_summary}\n# SAID\n%{episodes limit=5}');
SELECT template_id, template FROM threadmem.context_template_get('support');
SELECT template_id, template, updated_at > created_at AS moved FROM threadmem.context_template_update('support', '%{user_summary}');
SELECT template FROM threadmem.context_template_get('support');
SELECT threadmem.context_template_create('support', 'other');
SELECT template FROM threadmem.context_template_create('support', 'other', if_exists => 'do_nothing');
SELECT threadmem.context_template_create('support', 'other', if_exists => 'replace');
SELECT threadmem.context_template_delete('support');
SELECT threadmem.context_template_delete('support');
SELECT threadmem.context_template_get('support');
SELECT threadmem.context_template_update('support', 'x');

-- All that a template may say; what is no variable stands for itself.
SELECT count((threadmem.context_template_create('good' || n, template)).template_id) FROM unnest(ARRAY[
    'no variable at all', '{"json": {"a": 1}}', '100 % }{ $ %', '%%{user_summary}', '%{ user_summary }', E'%{episodes\n\tlimit = 5\n}',
    '%{edges}', '%{edges limit=10 types=[LIKES,OWNS] include_attributes=true}', '%{edges types=[ LIKES , OWNS ]include_attributes=false}',
    '%{entities limit=0}', '%{entities limit=1000 types=[person]} %{entities types=[topic] limit=15}', '%{episodes limit=1000}',
    '%{user_summary}%{edges}%{entities}%{episodes}']) WITH ORDINALITY AS t (template, n);

-- Mistakes, each with the character at which it stands, counted in characters.
CREATE FUNCTION pg_temp.mistake(template text) RETURNS text LANGUAGE plpgsql AS
$$DECLARE message text; detail text;
BEGIN
    PERFORM threadmem.context_template_create('bad', template);
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' ', SQLSTATE, nullif(message, 'invalid value for argument "template"'), detail);
END$$;
SELECT template, pg_temp.mistake(template) AS mistake FROM unnest(ARRAY[
    '%{', '%{}', 'ab%{facts}', '%{User_Summary}', '%{episodes', 'éé%{episodes', '%{episodes limit', '%{episodes limit}', '%{episodes limit=}', '%{episodes limit=}}',
    '%{episodes limit=1001}', '%{episodes limit=-1}', '%{episodes limit=1.5}', '%{episodes limit=99999999999999999999}', '%{episodes limit=five}',
    '%{episodes limit=1 limit=2}', '%{episodes types=[A]}', '%{episodes include_attributes=true}', '%{episodes, limit=1}', '%{user_summary limit=2}',
    '%{edges types=[]}', '%{edges types=[A', '%{edges types=[A,]}', '%{edges types=A}', '%{edges types=[A B]}', '%{edges types=[A]]}',
    '%{edges include_attributes=yes}', '%{edges colour=red}', '%{user_summary %{edges}}', '%{{edges}}', '%{edges}%{']) WITH ORDINALITY AS t (template, n) ORDER BY n;
-- Zep's variables that a language model fills are named, and refused.
SELECT template, pg_temp.mistake(template) AS mistake FROM unnest(ARRAY['%{observations}', '%{thread_summaries limit=3}']) AS template;
SELECT count(*) FROM threadmem.context_template_list() WHERE template_id = 'bad';
-- A mistake in an update changes nothing.
SELECT threadmem.context_template_update('good1', '%{nothing}');
SELECT template FROM threadmem.context_template_get('good1');

-- Bounds: 100 bytes of id, 1 to 1,200 characters (not bytes) of template.
SELECT length(template), octet_length(template) FROM threadmem.context_template_create(repeat('x', 100), repeat('é', 1200));
SELECT threadmem.context_template_create(repeat('é', 50) || 'x', 'x');
SELECT threadmem.context_template_create('bad', repeat('é', 1201));
SELECT threadmem.context_template_update('good1', '');
\set VERBOSITY sqlstate
SELECT threadmem.context_template_create('', 'x');
SELECT threadmem.context_template_create(E'a\tb', 'x');
SELECT threadmem.context_template_create('%{edges}', 'x');
SELECT threadmem.context_template_create(NULL, 'x');
SELECT threadmem.context_template_create('bad', NULL);
\set VERBOSITY default

-- Lists, as every list: newest first, by cursor or by page.
SELECT string_agg(template_id, ' ') FROM threadmem.context_template_list(max_rows => 3);
SELECT string_agg(template_id, ' ') FROM threadmem.context_template_list(sort_order => 'asc', max_rows => 2);
SELECT string_agg(template_id, ' ') FROM threadmem.context_template_list('template_id', 'asc', max_rows => 2, after_id => 'good1');
SELECT string_agg(template_id, ' ') FROM threadmem.context_template_list(page_number => 5, page_size => 3);
SELECT template_id FROM threadmem.context_template_update('good7', 'changed');
SELECT string_agg(template_id, ' ') FROM threadmem.context_template_list('updated_at', max_rows => 1);
SELECT threadmem.context_template_list(after_id => 'nothing');
SELECT threadmem.context_template_list('template');

-- Another tenant has none of these, and may use the same ids.
SET threadmem.tenant = 'template test 2';
SELECT count(*) FROM threadmem.context_template_list();
SELECT template FROM threadmem.context_template_create('good1', 'of the other');
SELECT threadmem.context_template_get('good2');
SELECT threadmem.context_template_delete('good2');
SET threadmem.tenant = 'template test';
SELECT template FROM threadmem.context_template_get('good1');

-- A session narrowed to a user reads the tenant's templates and changes none.
CREATE ROLE regress_template;
SELECT threadmem.grant_access('regress_template');
SET threadmem.user_id = 'ann';
SET ROLE regress_template;
SELECT template FROM threadmem.context_template_get('good1');
\set VERBOSITY sqlstate
SELECT threadmem.context_template_create('hers', 'x');
SELECT threadmem.context_template_update('good1', 'x');
\set VERBOSITY default
SELECT threadmem.context_template_delete('good1');
SELECT threadmem.context_template_delete('nothing');
RESET threadmem.user_id;
SELECT threadmem.context_template_delete('good1');
RESET ROLE;
DROP OWNED BY regress_template;
DROP ROLE regress_template;
