/*
 * message/snippet.c: what a list of threads shows of their messages: how the last one begins, and
 * the place where words were found (message/found.c).
 *
 * Each is a look into a thread of a page that is already there, never into one that a page leaves
 * out: a list that is sorted would else do it for every thread that it sorts.
 */
#include "message/message.h"

#include "tsearch/ts_utils.h"
#include "utils/builtins.h"

/* So far back, at most, for a message of people or models that has words. */
#define LOOKED_AT "10"

/* Bodies are read one after the other, until one has words. */
static Stmt message_previews_stmt = {
	"SELECT (SELECT p.preview FROM (SELECT threadmem.message_preview(" MESSAGE_BODY_NOW
	") AS preview FROM (SELECT o.* FROM threadmem_data.messages o WHERE o.tenant_id = $1"
	" AND o.thread_id = t.thread_id AND o.state = 'live' ORDER BY o.seq DESC LIMIT " LOOKED_AT
	") m WHERE m.role IN ('user', 'assistant') ORDER BY m.seq DESC OFFSET 0) p"
	" WHERE p.preview ~ '[^[:space:]]' LIMIT 1)"
	" FROM unnest($2) WITH ORDINALITY t (thread_id, n) ORDER BY t.n",
	"T"};

#define TITLE_FOUND \
	"SELECT t.title FROM threadmem_data.threads t WHERE t.tenant_id = $1 AND t.thread_id = $2" \
	" AND t.search @@ $3"
#define BODY_FOUND(keys) \
	"SELECT m.body FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2" \
	" AND m.state = 'live' AND m.search @@ $3" keys \
	" ORDER BY ts_rank(m.search, $3) DESC, m.seq DESC LIMIT 1"

static Stmt message_title_found = {TITLE_FOUND, "tq"};
static Stmt message_body_found = {
	.sql = BODY_FOUND(HAS_WORDS("m.", "$3", "$2", "NULL")), .types = "tq", .by_words = true};
static Stmt message_body_without = {BODY_FOUND(""), "tq"};

char **
message_previews(Call *call, NullableDatum thread_ids)
{
	uint64 count = query_exec(call, &message_previews_stmt, &thread_ids);
	char **previews = palloc(sizeof(char *) * Max(count, 1));

	for (uint64 i = 0; i < count; i++)
		previews[i] = row_text_or_null(i + 1, 1);
	return previews;
}

bool
message_query_has_keys(Datum words)
{
	TSQuery query = DatumGetTSQuery(words);

	return query->size > 0 && tsquery_requires_match(GETQUERY(query));
}

NullableDatum
message_snippet(Call *call, NullableDatum thread_id, Datum words)
{
	NullableDatum args[] = {thread_id, ARG(words)};
	TSQuery query = DatumGetTSQuery(words);
	Jsonb *body;
	text *said;
	char *title;

	if (query_first(call, &message_title_found, args) && (title = row_text_or_null(1, 1)) != NULL)
		return ARG(PointerGetDatum(message_found(title, (int)strlen(title), query, true)));
	if (!query_first(call,
					 message_query_has_keys(words) ? &message_body_found : &message_body_without,
					 args))
		return ARG_NULL;
	body = row_jsonb_softly(1, 1, JSON_ROOT_OBJECT);
	if (!body)
		return ARG_NULL;
	said = shape_text(body, SEARCH_PREFIX_BYTES);
	if (!said)
		said = cstring_to_text("");
	return ARG(PointerGetDatum(
		message_found(VARDATA_ANY(said), (int)VARSIZE_ANY_EXHDR(said), query, false)));
}
