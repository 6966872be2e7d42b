-- context: which messages go before a model, within a budget of tokens.

-- System messages are kept wherever they stand, so they have to be found without reading the thread.
CREATE INDEX messages_system ON threadmem_data.messages (tenant_id, thread_id, role) WHERE role OPERATOR(pg_catalog.=) ANY (ARRAY['system', 'developer']);

CREATE VIEW threadmem.context_message WITH (security_invoker = true) AS
    SELECT ''::text AS message_id, 0::bigint AS seq, ''::text AS role, NULL::text AS name, NULL::text AS content,
           '{}'::jsonb AS body, NULL::text AS tool_call_id, 0 AS tokens, 0 AS used_tokens,
           0 AS used_messages, 0 AS dropped_messages WHERE false;
COMMENT ON VIEW threadmem.context_message IS
$$One message of a context. content is its words, body the whole of it in its writer's shape. The last three are
the same on every row: the tokens and messages of all rows, and the messages of the thread or its state that are
not among them. Has no rows: the type of a result.$$;

CREATE FUNCTION threadmem.message_context(
    thread_id text, max_tokens bigint DEFAULT NULL, max_messages bigint DEFAULT NULL, strategy text DEFAULT 'last',
    keep_system boolean DEFAULT true, start_on text DEFAULT NULL, head_messages bigint DEFAULT 4,
    dangling text DEFAULT 'drop') RETURNS SETOF threadmem.context_message
    AS 'MODULE_PATHNAME', 'threadmem_message_context' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_context(text, bigint, bigint, text, boolean, text, bigint, text) IS
$$The messages to put before a model, in their order, within a budget of tokens.
They are those of the latest state, of a thread without one those of its log. A call of tools and its answers
stay or go together, the answers directly behind it even where somebody spoke in between. An answer whose call
is not there is left out (one that names no call belongs to the assistant's message before it), and so are
second answers to a call, thoughts that nothing of the same answer follows, messages still streaming or broken
off, and roles that no model knows. A body is as its writer wrote it: an id that threadmem put into it is not
there. Tokens are counted in what message_prompt() gives, by the function that threadmem.token_counter names, or
by characters: four to a token, in scripts such as Han one.
Arguments:
  thread_id: of the thread
  max_tokens, max_messages: limit all rows together; null: no limit
  strategy: last takes the newest, back to the first that does not fit; middle gives at most half to the oldest
    and the rest to the newest; head_tail keeps the first head_messages and fills up with the newest
  keep_system: every system and developer message stays, wherever it stands
  start_on: but for those the first message has this role
  head_messages: of head_tail
  dangling: a call that nothing answers is left out with what answers it has (drop), or gets an answer that says
    so, without message_id (close)
Errors:
  P0002: no such thread
  54000: the limits hold not even the system messages, the newest message with what belongs to it, or
    head_messages
  22023: bad input, or the setting names no function
  0A000: a delta channel messages whose reducer the thread's graph does not declare
Answers: OpenAI truncation_strategy, LangChain trim_messages, AutoGen HeadAndTail.$$;

CREATE FUNCTION threadmem.message_context(
    thread_uuid uuid, max_tokens bigint DEFAULT NULL, max_messages bigint DEFAULT NULL, strategy text DEFAULT 'last',
    keep_system boolean DEFAULT true, start_on text DEFAULT NULL, head_messages bigint DEFAULT 4,
    dangling text DEFAULT 'drop') RETURNS SETOF threadmem.context_message
    LANGUAGE sql STABLE PARALLEL RESTRICTED
    BEGIN ATOMIC SELECT * FROM threadmem.message_context(thread_uuid::text, max_tokens, max_messages, strategy, keep_system,
        start_on, head_messages, dangling); END;
COMMENT ON FUNCTION threadmem.message_context(uuid, bigint, bigint, text, boolean, text, bigint, text) IS
$$message_context() for an id of type uuid, as the application's own tables have it.
It has an argument's name of its own for those who choose functions by the names of arguments (PostgREST).
Arguments: as those of message_context(), with thread_uuid for thread_id.
Errors:
  P0002: as there
  54000: as there
  22023: as there
  0A000: as there$$;
