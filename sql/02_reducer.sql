-- reducer: how updates become the value of a channel. No tables.

CREATE FUNCTION threadmem.channel_reduce(reducer text, current jsonb DEFAULT NULL, update jsonb DEFAULT NULL) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_channel_reduce' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.channel_reduce(text, jsonb, jsonb) IS
$$The value of a channel after one update, as LangGraph's reducers make it; numbers keep every digit.
In the update a string is a human's message, [role, content] and {"role", "content", ...} become {"type",
"content", ...} with human for user, ai for assistant, system for developer; objects with a type of LangChain's
or its constructor form ({"lc", "id": [..., class], "kwargs"}), and all objects of current, stay as they are;
messages without id get one (thus VOLATILE). To every reducer but last_value an update {"__overwrite__": value}
or {"type": "__overwrite__", "value": value} gives that value.
Arguments:
  reducer: last_value (the update), append (an array grows by the elements of the update, or by an update that
    is no array), add (numbers are summed, strings and arrays joined; both of one type), merge (the keys of one
    object set in another, null stored as null, nested objects replaced), union (as append, without elements
    that are there already, byte for byte: 1.10 is not 1.1), add_messages (the same id is replaced in place, a
    new id appended, {"type": "remove", "id"} removed; with id __remove_all__ the result is what follows the
    last of these), opaque (what only the application's code knows: nothing but an Overwrite)
  current: the value before, NULL when the channel has none yet: channel_default(reducer) then
  update: required; the JSON null is a value. For add_messages one message or an array of them
Errors:
  22023: an unknown reducer, values that the reducer cannot take, what is no message, removal of an id that is
    not there
  22003: a sum out of range
Answers: LangGraph LastValue, BinaryOperatorAggregate, add_messages (messagesStateReducer), Overwrite.$$;

CREATE FUNCTION threadmem.channel_superstep(
    channel text, reducer text, current jsonb DEFAULT NULL, updates jsonb DEFAULT '[]') RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_channel_superstep' LANGUAGE c VOLATILE PARALLEL UNSAFE
    SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION threadmem.channel_superstep(text, text, jsonb, jsonb) IS
$$The value of a channel after all updates that it gets in one superstep, in their order.
The one Overwrite that a step may have wins over the other updates. Null when last_value has no value yet and
gets none.
Arguments:
  channel: its name, for errors
  reducer, current: as in channel_reduce()
  updates: an array of updates; none, or null, gives current, or the default
Errors:
  22023: two updates of last_value, two Overwrites, and what channel_reduce() refuses; names the channel
  22003: a sum out of range
Answers: LangGraph apply_writes, for one channel.$$;

CREATE FUNCTION threadmem.channel_default(reducer text) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'threadmem_channel_default' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION threadmem.channel_default(text) IS
$$What a channel holds before its first update, unless its graph says otherwise.
[] for add_messages, append and union, 0 for add, {} for merge. Null for last_value and opaque, whose channel is absent
until then.
Arguments:
  reducer: as in channel_reduce()
Errors:
  22023: an unknown reducer
Answers: the default factories of LangGraph's reducers.$$;
