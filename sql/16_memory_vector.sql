-- memory_vector: embeddings of what is remembered, made by a model elsewhere.

CREATE FUNCTION threadmem.memory_set_embedding(
    user_id text, embedding double precision[] DEFAULT NULL, thread_id text DEFAULT NULL, message_id text DEFAULT NULL,
    episode_id text DEFAULT NULL, expected_content text DEFAULT NULL) RETURNS boolean
    AS 'MODULE_PATHNAME', 'threadmem_memory_set_embedding' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_set_embedding(text, double precision[], text, text, text, text) IS
$$Stores what a model made of something remembered, in place of what was there.
It belongs to the text: an edited message has none, one that is copied or kept when its thread is deleted has it
still. All of a user's should come from one model. What is embedded is the text alone, without who said it: names draw
what is compared to lines that have the name. pgvector is not needed; a value of its type is given as v::real[].
Arguments:
  user_id: of the user or group
  embedding: 1 to 16,000 finite numbers that are not all 0; null: it is removed
  thread_id, message_id: of a live message
  episode_id: or of another episode
  expected_content: the text it was made of; refuse when there is another by now
Errors:
  P0002: no such user, episode or thread, or no live message of it that the user's memory holds
  TM001: another text than expected
  22023: bad input
  54000: more than 16,000 numbers$$;

CREATE FUNCTION threadmem.memory_without_embedding(user_id text, max_rows bigint DEFAULT 20) RETURNS SETOF threadmem.episodes
    AS 'MODULE_PATHNAME', 'threadmem_memory_without_embedding' LANGUAGE c STABLE PARALLEL RESTRICTED
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.memory_without_embedding(text, bigint) IS
$$What is remembered of a user and has no embedding, oldest event first.
For a worker that asks a model for them and calls memory_set_embedding(), until there is no row. What it embeds is
content, as it is given.
Arguments:
  user_id: of the user or group
  max_rows: 0 to 1,000
Errors:
  P0002: no such user
  22023: bad input$$;
