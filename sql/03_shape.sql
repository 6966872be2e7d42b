-- shape: what a message says, whichever system wrote it. No tables.

CREATE FUNCTION threadmem.message_text(body jsonb) RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_message_text' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.message_text(jsonb) IS
$$The words of a message that a person reads, in full.
Parts are joined by line feeds; a refusal and the transcript of what was spoken are words; thoughts, tool calls,
keys and encoded files are left out. Null when it has no words, as
for what is no message.
Arguments:
  body: a message in any system's form (Zep, Entities, OpenAI, LangChain, Backboard, AI SDK, Anthropic,
    Bedrock, Gemini, Pydantic AI, AG-UI)
Errors: none.$$;

CREATE FUNCTION threadmem.message_said(body jsonb) RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_message_said' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.message_said(jsonb) IS
$$The words of a message of a user or an assistant that its speaker said: what memory_search() finds of it.
As message_text(), without what tools answered (Anthropic, Bedrock and Pydantic AI have that in messages of the user,
the AI SDK in those of the assistant) and without a system prompt. Null when that leaves no words.
Arguments:
  body: a message in any system's form
Errors: none.$$;

CREATE FUNCTION threadmem.message_preview(body jsonb) RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_message_preview' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.message_preview(jsonb) IS
$$How what was said in a message begins: the first 200 characters of message_said(), for lists.
Of a body over 64 kB only that much is read, so that words behind a large file are missing; the whole when there are
none in that. Null when nothing was said.
Arguments:
  body: a message in any system's form
Errors: none.$$;

CREATE FUNCTION threadmem.message_content(body jsonb) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_message_content' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.message_content(jsonb) IS
$$What the writer of a message calls its content, to the digit.
That is the value of content, of parts (AI SDK) or of output (OpenAI tool outputs). Null when it has none.
Arguments:
  body: a message in any system's form
Errors: none.$$;

CREATE FUNCTION threadmem.json_accept(document text) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_json_accept' LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.json_accept(text) IS
$$Reads JSON text that may hold what jsonb cannot: \u0000 and halves of surrogate pairs.
Models and tools write them. The setting threadmem.bad_unicode decides: error (default), or replace, which puts
U+FFFD in their place (needs an encoding that has it, as UTF8).
Arguments:
  document: the JSON text
Errors:
  22023: such an escape; names the byte of the first, counted from 1
  22P02: the text is no JSON; jsonb's own error$$;

CREATE FUNCTION threadmem.message_prompt(body jsonb) RETURNS text
    AS 'MODULE_PATHNAME', 'threadmem_message_prompt' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.message_prompt(jsonb) IS
$$What a model reads of a message: the text that message_context() counts in tokens.
Its words, each call of a tool with name and arguments, and what has no words (structured output, thoughts) as
JSON; images, audio, files, signatures and encrypted thoughts count nothing. Null for what is no message.
Arguments:
  body: a message in any system's form
Errors: none.$$;
