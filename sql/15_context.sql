-- context: which messages go before a model, within a budget of tokens.

-- System messages are kept wherever they stand, so they have to be found without reading the thread.
CREATE INDEX messages_system ON threadmem_data.messages (tenant_id, thread_id, role) WHERE role OPERATOR(pg_catalog.=) ANY (ARRAY['system', 'developer']);

CREATE TYPE threadmem.context_message AS (
    message_id text, seq bigint, role text, name text, content text, body jsonb, tool_call_id text,
    tokens bigint, used_tokens bigint, used_messages bigint, dropped_messages bigint
);
COMMENT ON TYPE threadmem.context_message IS 'One message of a context. content is its words, body the whole of it in its writer''s shape. The last three are the same on every row: the tokens and messages of all rows, and the messages of the thread or its state that are not among them.';

CREATE FUNCTION threadmem.message_context(
    thread_id text, max_tokens integer DEFAULT NULL, max_messages integer DEFAULT NULL, strategy text DEFAULT 'last',
    keep_system boolean DEFAULT true, start_on text DEFAULT NULL, head_messages integer DEFAULT 4,
    dangling text DEFAULT 'drop') RETURNS SETOF threadmem.context_message
    AS 'MODULE_PATHNAME', 'threadmem_message_context' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.message_context(text, integer, integer, text, boolean, text, integer, text) IS 'The messages to put before a model, in their order: those of the latest state, of a thread without one those of its log. max_tokens and max_messages limit all rows together (null: no limit). strategy: last takes the newest, back to the first that does not fit; middle gives at most half to the oldest and the rest to the newest; head_tail keeps the first head_messages and fills up with the newest. A call of tools and its answers stay or go together, the answers directly behind it even where somebody spoke in between; a call that nothing answers is left out with what answers it has (dangling drop), or gets an answer that says so, without message_id (close). An answer whose call is not there is left out, and so are second answers to a call, messages still streaming or broken off, and roles that no model knows. keep_system: every system and developer message stays, wherever it stands. start_on: but for those the first message has this role. Tokens are counted in what message_prompt gives, by the function that threadmem.token_counter names. Errors: P0002 no such thread; 54000 the limits hold not even the system messages, the newest message with what belongs to it, or head_messages; 22023 bad input, or the setting names no function. Answers OpenAI truncation_strategy, LangChain trim_messages, AutoGen HeadAndTail.';
