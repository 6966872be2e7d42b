/*
 * memory/memory.c: the search in what is remembered of a user, and the episodes that are no
 * messages.
 *
 * A live message of a user's thread is memory by being stored; what else is remembered is a row of
 * episodes. Deleting a thread makes such rows of its messages, unless it forgets.
 */
#include "memory/memory.h"

#include <ctype.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "extract/extract.h"
#include "fact/fact.h"
#include "memory/filter.h"
#include "memory/working.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_memory_add_data);
PG_FUNCTION_INFO_V1(threadmem_memory_get_episode);
PG_FUNCTION_INFO_V1(threadmem_memory_update_episode);
PG_FUNCTION_INFO_V1(threadmem_memory_episode_history);
PG_FUNCTION_INFO_V1(threadmem_memory_delete_episode);

static Stmt memory_last_lines = {
	"SELECT l.seq, l.body FROM (SELECT m.seq, m.body FROM threadmem_data.messages m"
	" WHERE m.tenant_id = $1 AND m.thread_id = $2 AND m.state = 'live'"
	" AND m.role NOT IN ('system', 'developer', 'tool', 'function', 'platform')"
	" AND ($4 IS NULL OR m.event_at <= $4) ORDER BY m.seq DESC LIMIT $3) l ORDER BY l.seq",
	"tlz"};
static Stmt memory_insert_episode = {
	"INSERT INTO threadmem_data.episodes AS e (tenant_id, episode_id, user_id, source, role, name,"
	" event_at, created_at, source_description, metadata, content, body, search)"
	" VALUES ($1, $2, $3, $4, $5, $6, coalesce($7, clock_timestamp()), clock_timestamp(), $8,"
	" coalesce($9, '{}'), $10, $11, $12)"
	" ON CONFLICT (tenant_id, user_id, episode_id) DO NOTHING RETURNING " EPISODE_COLUMNS,
	"tttttztjtjv"};
static Stmt memory_find_episode = {"SELECT " EPISODE_COLUMNS
								   " FROM threadmem_data.episodes e WHERE e.tenant_id = $1"
								   " AND e.user_id = $2 AND e.episode_id = $3",
								   "tt"};
static Stmt memory_lock_episode = {
	"SELECT e.source FROM threadmem_data.episodes e WHERE e.tenant_id = $1 AND e.user_id = $2"
	" AND e.episode_id = $3 FOR NO KEY UPDATE",
	"tt"};
static Stmt memory_newest_revision = {
	"SELECT count(*) + 1 FROM threadmem_data.episode_revisions r WHERE r.tenant_id = $1"
	" AND r.user_id = $2 AND r.episode_id = $3",
	"tt"};
static Stmt memory_archive_episode = {
	"INSERT INTO threadmem_data.episode_revisions (tenant_id, user_id, episode_id, rev, content, body,"
	" event_at, source_description, metadata, replaced_at) SELECT e.tenant_id, e.user_id, e.episode_id,"
	" $4, e.content, e.body, e.event_at, e.source_description, e.metadata, clock_timestamp()"
	" FROM threadmem_data.episodes e WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.episode_id = $3",
	"ttl"};
/* $4 null: the text stays, and what was made of it; another waits for extractors anew. */
static Stmt memory_change_episode = {
	"UPDATE threadmem_data.episodes e SET content = coalesce($4, e.content),"
	" role = CASE WHEN $4 IS NULL THEN e.role ELSE $5 END,"
	" name = CASE WHEN $4 IS NULL THEN e.name ELSE $6 END,"
	" body = CASE WHEN $4 IS NULL THEN e.body ELSE $7 END, search = coalesce($8, e.search),"
	" extract_at = CASE WHEN $4 IS NULL THEN e.extract_at ELSE clock_timestamp() END,"
	" embedding = CASE WHEN $4 IS NULL THEN e.embedding END, event_at = coalesce($9, e.event_at),"
	" source_description = coalesce($10, e.source_description),"
	" metadata = threadmem.json_remove_keys(e.metadata || coalesce($11, '{}'), coalesce($12, '{}'))"
	" WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.episode_id = $3 RETURNING " EPISODE_COLUMNS,
	"tttttjvztjT"};
static Stmt memory_episode_versions = {
	"SELECT v.user_id, v.episode_id, v.rev, v.content, v.event_at, v.source_description, v.metadata,"
	" v.replaced_at FROM (SELECT r.user_id, r.episode_id, r.rev, r.content, r.event_at,"
	" r.source_description, r.metadata, r.replaced_at FROM threadmem_data.episode_revisions r"
	" WHERE r.tenant_id = $1 AND r.user_id = $2 AND r.episode_id = $3 UNION ALL SELECT e.user_id,"
	" e.episode_id, (SELECT count(*) + 1 FROM threadmem_data.episode_revisions r WHERE r.tenant_id = $1"
	" AND r.user_id = $2 AND r.episode_id = $3), e.content, e.event_at, e.source_description,"
	" e.metadata, NULL FROM threadmem_data.episodes e WHERE e.tenant_id = $1 AND e.user_id = $2"
	" AND e.episode_id = $3) v ORDER BY v.rev",
	"tt"};
/* Deletes episodes, and what they said before; how many, whose, and which. */
#define FORGET(which) \
	"WITH gone AS (DELETE FROM threadmem_data.episodes e WHERE e.tenant_id = $1 AND " which \
	" RETURNING e.user_id, e.episode_id), old AS (DELETE FROM threadmem_data.episode_revisions r" \
	" USING gone g WHERE r.tenant_id = $1 AND r.user_id = g.user_id" \
	" AND r.episode_id = g.episode_id) SELECT count(*), coalesce(array_agg(g.user_id), '{}')," \
	" coalesce(array_agg(g.episode_id), '{}') FROM gone g"
static Stmt memory_delete_episode = {FORGET("e.user_id = $2 AND e.episode_id = $3"), "tt"};
/* Who is a user, also where the owner's session is narrowed and sees itself alone. */
#define IN_THREAD " m.tenant_id = $1 AND m.thread_id = $2 AND m.state = 'live'"
static Stmt memory_kept_messages = {
	.sql =
		"SELECT k.rev, k.user_id FROM (SELECT m.seq, m.rev, m.user_id FROM threadmem_data.messages m"
		" WHERE" IN_THREAD " AND m.in_memory AND m.user_id IS NOT NULL UNION ALL"
		" SELECT m.seq, m.rev, m.sender_id FROM threadmem_data.messages m WHERE" IN_THREAD
		" AND m.in_sender_memory AND " SENT_TO_OTHERS(
			"m.") " AND EXISTS (SELECT 1 FROM threadmem_data.users u"
				  " WHERE u.tenant_id = $1 AND u.user_id = m.sender_id)) k ORDER BY k.seq, k.user_id",
	.types = "t",
	.everybody = true};
/* By key, so that the time does not depend on what the planner thinks of the arrays. */
static Stmt memory_keep_thread_stmt = {
	"INSERT INTO threadmem_data.episodes (tenant_id, user_id, episode_id, source, thread_id, owner_id,"
	" message_id, seq, role, name, sender_id, event_at, created_at, metadata, content, search, embedding)"
	" SELECT m.tenant_id, i.user_id, i.id, 'deleted_thread', m.thread_id, m.user_id, m.message_id, m.seq,"
	" CASE WHEN m.role IN ('user', 'assistant') AND threadmem.message_said(m.body) IS NULL THEN 'tool'"
	" ELSE m.role END, m.name, m.sender_id, m.event_at, m.created_at, m.metadata,"
	" coalesce(threadmem.message_said(m.body), threadmem.message_text(m.body)),"
	" coalesce(m.search, ''), m.embedding"
	" FROM unnest($3, $4, $5) AS i (rev, id, user_id), LATERAL (SELECT l.* FROM threadmem_data.messages l"
	" WHERE l.tenant_id = $1 AND l.thread_id = $2 AND l.rev = i.rev OFFSET 0) m"
	" WHERE threadmem.message_text(m.body) IS NOT NULL",
	"tLTT"};
/* Another owner's thread of the same name is another one. */
static Stmt memory_forget_thread_stmt = {
	FORGET("e.thread_id = $2 AND e.owner_id IS NOT DISTINCT FROM $3"), "tt"};
static Stmt memory_forget_messages_stmt = {
	FORGET("e.thread_id = $2"
		   " AND (e.message_id IN (SELECT unnest($3))) IS TRUE AND e.owner_id IS NOT DISTINCT FROM"
		   " (SELECT t.user_id FROM threadmem_data.threads t WHERE t.tenant_id = $1"
		   " AND t.thread_id = $2)"),
	"tT"};
static Stmt memory_forget_user_stmt = {FORGET("(e.user_id = $2 OR e.sender_id = $2)"), "t"};

/* Queries */

void
memory_thread_query(Call *call, NullableDatum thread_id, MemoryQuery *query)
{
	NullableDatum args[] = {thread_id, ARG(Int64GetDatum(setting_memory_messages)), query->as_of};
	uint64 count;

	thread_row_require(call, thread_id);
	count = query_exec(call, &memory_last_lines, args);
	query->thread_id = thread_id;
	query->lines = NIL;
	query->from_seq = count > 0 ? row_int64(1, 1) : 0;
	query->asked = (int64)count;
	for (uint64 i = 1; i <= count; i++)
	{
		Jsonb *body = row_jsonb_softly(i, 2, JSON_ROOT_OBJECT);
		text *said = body ? shape_said(body, SEARCH_PREFIX_BYTES) : NULL;

		CHECK_FOR_INTERRUPTS();
		if (body)
			pfree(body);
		if (said)
			query->lines = lappend(query->lines, text_to_cstring(said));
	}
}

/* Added data */

enum
{
	ADD_USER_ID,
	ADD_DATA,
	ADD_TYPE,
	ADD_EVENT_AT,
	ADD_METADATA,
	ADD_DESCRIPTION,
	ADD_EPISODE_ID
};

/* What added data says of itself. */
typedef struct AddedData
{
	char *content;
	NullableDatum role;
	NullableDatum name;
	NullableDatum body;
} AddedData;

/* "Name (role): text" or "Name: text". */
static void
read_message(AddedData *added, char *data)
{
	char *colon = strstr(data, ": ");
	char *open = NULL;
	char *origin;

	if (!colon || colon == data || memchr(data, '\n', colon - data))
		error_bad_input("data", "A message is \"Name (role): text\" or \"Name: text\".");
	added->content = colon + 2;
	*colon = '\0';
	if (colon[-1] == ')')
		open = strrchr(data, '(');
	if (open && open > data)
	{
		colon[-1] = '\0';
		added->role = ARG_TEXT(shape_role("data", open + 1, &origin));
		while (open > data && isspace((unsigned char)open[-1]))
			open--;
		*open = '\0';
	}
	added->name = ARG_TEXT(data);
}

static void
read_data(AddedData *added, NullableDatum data, NullableDatum type)
{
	static const char *const types[] = {"text", "json", "message", NULL};
	Size limit = (Size)setting_max_body * 1024;
	Size bytes = VARSIZE_ANY_EXHDR(DatumGetTextPP(data.value));
	int kind = guard_choice("type", type, types);

	if (bytes > limit)
		error_too_large("data", bytes, limit, "threadmem.max_body");
	*added = (AddedData){text_or_null(data), ARG_NULL, ARG_NULL, ARG_NULL};
	if (kind == 1)
		added->body = ARG(shape_accept(data.value));
	if (kind == 2)
		read_message(added, added->content);
	if (strspn(added->content, " \t\r\n") == strlen(added->content))
		error_bad_input("data", "It is empty.");
}

Datum
threadmem_memory_add_data(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum id = args[ADD_EPISODE_ID];
	AddedData added;
	Call call;

	query_begin(&call, fcinfo);
	read_data(&added, args[ADD_DATA], args[ADD_TYPE]);
	user_require(&call, args[ADD_USER_ID]);
	if (id.isnull)
		id = ARG(id_generate("episode"));
	{
		NullableDatum row[] = {id,
							   args[ADD_USER_ID],
							   args[ADD_TYPE].isnull ? ARG_TEXT("text") : args[ADD_TYPE],
							   added.role,
							   added.name,
							   args[ADD_EVENT_AT],
							   args[ADD_DESCRIPTION],
							   args[ADD_METADATA],
							   ARG_TEXT(added.content),
							   added.body,
							   ARG(message_lexemes(added.content))};

		if (!query_first(&call, &memory_insert_episode, row))
			error_exists("episode", text_or_null(id), "Choose another id.");
	}
	return query_row(&call);
}

enum
{
	EPISODE_USER_ID,
	EPISODE_OWN_ID,
	EPISODE_MISSING_OK
};

Datum
threadmem_memory_get_episode(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return query_get(&call, &memory_find_episode, fcinfo->args, fcinfo->args[EPISODE_MISSING_OK],
					 "episode", text_or_null(fcinfo->args[EPISODE_OWN_ID]));
}

enum
{
	CHANGE_USER_ID,
	CHANGE_EPISODE_ID,
	CHANGE_DATA,
	CHANGE_EVENT_AT,
	CHANGE_METADATA,
	CHANGE_DESCRIPTION,
	CHANGE_REMOVE_KEYS,
	CHANGE_EXPECTED_REV
};

/* Locks the row; its newest revision. */
static int64
lock_episode(Call *call, NullableDatum *args, NullableDatum *source)
{
	NullableDatum expected = args[CHANGE_EXPECTED_REV];
	char *id = text_or_null(args[CHANGE_EPISODE_ID]);
	int64 rev;

	if (!query_first(call, &memory_lock_episode, args))
		error_not_found("episode", id);
	*source = row_column(1, 1);
	if (strcmp(row_text(1, 1), "deleted_thread") == 0)
		error_state("episode is of a deleted thread", "Add what is to be remembered instead.",
					"episode_id \"%s\" is what was said, and is not edited.", id);
	query_first(call, &memory_newest_revision, args); /* behind the lock */
	rev = row_int64(1, 1);
	if (!expected.isnull && DatumGetInt64(expected.value) != rev)
		error_stale("episode was changed meanwhile", "Read it again, then repeat the change.",
					"episode_id \"%s\" has revision " INT64_FORMAT ", expected was " INT64_FORMAT
					".",
					id, rev, DatumGetInt64(expected.value));
	return rev;
}

Datum
threadmem_memory_update_episode(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum data = args[CHANGE_DATA];
	NullableDatum source;
	NullableDatum archive[3];
	AddedData added = {NULL, ARG_NULL, ARG_NULL, ARG_NULL};
	FactOwner owner;
	Call call;

	query_begin(&call, fcinfo);
	user_require_own(&call, args[CHANGE_USER_ID]);
	owner_lock(&call, args[CHANGE_USER_ID], &owner); /* against a claim of the text that goes */
	archive[0] = args[CHANGE_USER_ID];
	archive[1] = args[CHANGE_EPISODE_ID];
	archive[2] = ARG(Int64GetDatum(lock_episode(&call, args, &source)));
	if (!data.isnull)
		read_data(&added, data, source);
	query_exec(&call, &memory_archive_episode, archive);
	{
		NullableDatum row[] = {archive[0],
							   archive[1],
							   ARG_TEXT(added.content),
							   added.role,
							   added.name,
							   added.body,
							   data.isnull ? ARG_NULL : ARG(message_lexemes(added.content)),
							   args[CHANGE_EVENT_AT],
							   args[CHANGE_DESCRIPTION],
							   args[CHANGE_METADATA],
							   args[CHANGE_REMOVE_KEYS]};

		return query_one(&call, &memory_change_episode, row, "episode", text_or_null(archive[1]));
	}
}

Datum
threadmem_memory_episode_history(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	query_open_set(&call);
	if (query_add_to_set(&call, &memory_episode_versions, fcinfo->args) == 0)
		error_not_found("episode", text_or_null(fcinfo->args[EPISODE_OWN_ID]));
	return query_close_set(&call);
}

/* Deletes episodes, what only they said, and errors that may quote them; how many episodes. */
static int64
forget(Call *call, Stmt *stmt, NullableDatum *args)
{
	int64 count;

	query_first(call, stmt, args);
	count = row_int64(1, 1);
	if (count > 0)
	{
		NullableDatum user_ids = row_column(1, 2);

		fact_forget_episodes(call, user_ids, row_column(1, 3));
		extract_forget(call, user_ids);
	}
	return count;
}

Datum
threadmem_memory_delete_episode(PG_FUNCTION_ARGS)
{
	FactOwner owner;
	Call call;

	query_begin(&call, fcinfo);
	/* the user before the episode; of who is not the session's to change there is nothing */
	if (query_first(&call, &memory_find_episode, fcinfo->args) &&
		!owner_find_lock(&call, fcinfo->args[EPISODE_USER_ID], &owner))
		error_not_found("episode", text_or_null(fcinfo->args[EPISODE_OWN_ID]));
	if (forget(&call, &memory_delete_episode, fcinfo->args) == 0)
		error_not_found("episode", text_or_null(fcinfo->args[EPISODE_OWN_ID]));
	return query_done(&call);
}

/* Deletion */

/* Messages, and who is to keep each. */
typedef struct KeptMessages
{
	int64 *revs;
	Datum *ids; /* of the episodes */
	Datum *users;
	int count;
} KeptMessages;

static void
kept_begin(KeptMessages *kept, uint64 room)
{
	*kept = (KeptMessages){.revs = palloc_extended(sizeof(int64) * room, MCXT_ALLOC_HUGE),
						   .ids = palloc_extended(sizeof(Datum) * room, MCXT_ALLOC_HUGE),
						   .users = palloc_extended(sizeof(Datum) * room, MCXT_ALLOC_HUGE)};
}

static void
kept_add(KeptMessages *kept, int64 rev, Datum user_id)
{
	kept->revs[kept->count] = rev;
	kept->ids[kept->count] = id_generate("episode");
	kept->users[kept->count++] = user_id;
}

static int64
kept_store(Call *call, NullableDatum thread_id, const KeptMessages *kept)
{
	NullableDatum args[] = {thread_id, rev_array(kept->revs, kept->count),
							text_array(kept->ids, kept->count),
							text_array(kept->users, kept->count)};

	return kept->count == 0 ? 0 : (int64)query_exec(call, &memory_keep_thread_stmt, args);
}

/* What the owner and the sender both keep is one message. */
int64
memory_keep_thread(Call *call, NullableDatum thread_id, const ThreadRow *thread)
{
	KeptMessages kept;
	KeptMessages twice;
	uint64 count;

	/* who is narrowed to another will be told so by the deletion */
	if (!thread_row_is_own(thread))
		return 0;
	count = query_exec(call, &memory_kept_messages, &thread_id);
	kept_begin(&kept, count + 1);
	kept_begin(&twice, count + 1);
	for (uint64 i = 1; i <= count; i++)
	{
		int64 rev = row_int64(i, 1);
		bool again = kept.count > 0 && kept.revs[kept.count - 1] == rev;

		CHECK_FOR_INTERRUPTS();
		kept_add(again ? &twice : &kept, rev, row_datum(i, 2));
	}
	(void)kept_store(call, thread_id, &twice);
	count = kept_store(call, thread_id, &kept);
	fact_keep_thread(call, thread_id);
	return (int64)count;
}

int64
memory_forget_thread(Call *call, NullableDatum thread_id, const ThreadRow *thread)
{
	NullableDatum args[] = {thread_id, ARG_TEXT(thread->user_id)};

	fact_forget_messages(call, thread_id, ARG_NULL);
	extract_forget_thread(call, thread_id);
	return forget(call, &memory_forget_thread_stmt, args);
}

void
memory_forget_messages(Call *call, NullableDatum thread_id, NullableDatum message_ids)
{
	NullableDatum args[] = {thread_id, message_ids};

	fact_forget_messages(call, thread_id, message_ids);
	extract_forget_messages(call, thread_id, message_ids);
	(void)forget(call, &memory_forget_messages_stmt, args);
}

int64
memory_forget_user(Call *call, NullableDatum user_id)
{
	working_forget(call, user_id, ARG_NULL, ARG_NULL);
	return forget(call, &memory_forget_user_stmt, &user_id);
}
