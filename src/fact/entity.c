/*
 * fact/entity.c: who and what facts are about.
 *
 * Two mentions of one name are one entity: names are compared in small letters, with single spaces
 * (words_key()), and a user's own entity answers to the user's name and to its id as well.
 */
#include "fact/row.h"

#include <ctype.h>

#include "catalog/pg_collation.h"
#include "utils/builtins.h"
#include "utils/formatting.h"

#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_memory_add_entity);
PG_FUNCTION_INFO_V1(threadmem_memory_get_entity);
PG_FUNCTION_INFO_V1(threadmem_memory_update_entity);
PG_FUNCTION_INFO_V1(threadmem_memory_delete_entity);

#define LOCK_OWNER \
	"SELECT " NAME_OF_USER ", u.kind = 'group', " ONTOLOGY_OF_USER " FROM threadmem_data.users u" \
	" WHERE u.tenant_id = $1 AND u.user_id = $2 FOR NO KEY UPDATE"
static Stmt entity_lock_owner = {LOCK_OWNER, "t"};
static Stmt entity_try_lock_owner = {LOCK_OWNER " SKIP LOCKED", "t"};
/* Against its deletion, which takes what is known of its messages away before it takes these. */
static Stmt entity_lock_thread = {"SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id = $1"
								  " AND t.thread_id = $2 FOR SHARE",
								  "t"};
/* The messages that are a user's memory: those of its threads, and what it said in others'. */
static Stmt entity_lock_message = {
	"SELECT m.event_at FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.message_id = $3 AND m.state = 'live' AND ((m.user_id = $4 AND m.in_memory)"
	" OR (m.sender_id = $4 AND m.in_sender_memory)) FOR SHARE",
	"ttt"};
static Stmt entity_lock_episode = {
	"SELECT e.event_at FROM threadmem_data.episodes e WHERE e.tenant_id = $1 AND e.user_id = $2"
	" AND e.episode_id = $3 FOR KEY SHARE",
	"tt"};
#define ONE_ENTITY \
	" FROM threadmem_data.entities e WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.entity_id = $3"
#define OWN_ENTITY \
	" FROM threadmem_data.users u WHERE u.tenant_id = $1 AND u.user_id = $2 AND u.user_id = $3"
static Stmt entity_get = {
	"SELECT " ENTITY_COLUMNS ONE_ENTITY " UNION ALL SELECT " USER_AS_ENTITY OWN_ENTITY, "tt"};
static Stmt entity_by_name = {"SELECT e.entity_id FROM threadmem_data.entities e"
							  " WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.name_key = $3",
							  "tt"};
static Stmt entity_by_id = {"SELECT e.entity_id, e.name, e.label" ONE_ENTITY, "tt"};
/* Both ends of a fact, against deletion: one statement, so that they are locked in their order. */
#define LOCK_ENDS(which) \
	"SELECT e.entity_id, e.name, e.label, e.name_key FROM threadmem_data.entities e" \
	" WHERE e.tenant_id = $1 AND e.user_id = $2 AND " which " ORDER BY e.entity_id FOR KEY SHARE"
static Stmt ends_by_name = {LOCK_ENDS("e.name_key = ANY ($3)"), "tTT"};
static Stmt ends_by_id = {LOCK_ENDS("e.entity_id = ANY ($4)"), "tTT"};
static Stmt ends_by_both = {LOCK_ENDS("(e.name_key = ANY ($3) OR e.entity_id = ANY ($4))"), "tTT"};
static Stmt entity_insert = {
	"INSERT INTO threadmem_data.entities AS e (tenant_id, user_id, entity_id, stated, name_key,"
	" name, label, summary, attributes, metadata, search, created_at, updated_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, '{}'), coalesce($10, '{}'), $11, $12, $12)"
	" ON CONFLICT DO NOTHING RETURNING " ENTITY_COLUMNS,
	"ttbttttjjvz"};
static Stmt entity_mention = {
	"INSERT INTO threadmem_data.entity_episodes AS s (tenant_id, user_id, entity_id, thread_id,"
	" message_id, episode_id, event_at, described_at) VALUES ($1, $2, $3, coalesce($4, ''),"
	" coalesce($5, ''), coalesce($6, ''), $7, CASE WHEN $8 THEN coalesce((SELECT e.updated_at" ONE_ENTITY
	"), (SELECT u.updated_at" OWN_ENTITY
	")) END) ON CONFLICT (tenant_id, user_id, entity_id, thread_id, message_id, episode_id)"
	" DO UPDATE SET described_at = excluded.described_at WHERE s.described_at IS NULL"
	" AND excluded.described_at IS NOT NULL",
	"tttttzb"};
static Stmt entity_state = {"UPDATE threadmem_data.entities e SET stated = true WHERE"
							" e.tenant_id = $1 AND e.user_id = $2 AND e.entity_id = $3"
							" AND NOT e.stated",
							"tt"};
/* Locked as it is read: of one that a deletion takes meanwhile nothing must stay. */
static Stmt entity_archive = {
	"INSERT INTO threadmem_data.entity_revisions (tenant_id, user_id, entity_id, rev, name,"
	" label, summary, attributes, metadata, created_at, updated_at, replaced_at)"
	" SELECT e.tenant_id, e.user_id, e.entity_id, e.rev, e.name, e.label, e.summary,"
	" e.attributes, e.metadata, e.created_at, e.updated_at,"
	" greatest(e.updated_at, clock_timestamp()) FROM (SELECT e.*" ONE_ENTITY
	" FOR NO KEY UPDATE) e",
	"tt"};
static Stmt entity_change = {
	"UPDATE threadmem_data.entities e SET name = coalesce($4, e.name), name_key = coalesce($5,"
	" e.name_key), label = CASE WHEN 'label' = ANY ($10) THEN NULL ELSE coalesce($6, e.label) END,"
	" summary = CASE WHEN 'summary' = ANY ($10) THEN NULL ELSE coalesce($7, e.summary) END,"
	" attributes = CASE WHEN $8 IS NULL THEN e.attributes ELSE"
	" threadmem.json_remove_keys(e.attributes || $8, ARRAY(SELECT x.key FROM jsonb_each($8) x"
	" WHERE x.value = 'null')) END,"
	" metadata = threadmem.json_remove_keys(e.metadata || coalesce($9, '{}'), coalesce($11, '{}')),"
	" search = coalesce($12, e.search), rev = e.rev + 1,"
	" updated_at = greatest(e.updated_at, clock_timestamp())"
	" WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.entity_id = $3 RETURNING " ENTITY_COLUMNS,
	"ttttttjjTTv"};

bool
owner_find_lock(Call *call, NullableDatum user_id, FactOwner *owner)
{
	if (!query_first(call, &entity_lock_owner, &user_id))
		return false;
	owner->user_id = user_id;
	owner->name = row_text(1, 1);
	owner->is_group = row_bool(1, 2);
	owner->ontology = ontology_read(row_jsonb_or_null(1, 3, JSON_ROOT_OBJECT));
	return true;
}

void
owner_lock(Call *call, NullableDatum user_id, FactOwner *owner)
{
	if (!owner_find_lock(call, user_id, owner))
		error_no_parent("user", text_or_null(user_id));
}

bool
owner_try_lock(Call *call, NullableDatum user_id)
{
	return query_first(call, &entity_try_lock_owner, &user_id);
}

void
guard_words(const char *argument, NullableDatum value, int most)
{
	char *words = text_or_null(value);

	if (words && strspn(words, " \t\r\n") == strlen(words))
		error_bad_input(argument, "It is empty.");
	if (words && strlen(words) > most)
		error_bad_input(argument, "It has %zu bytes, and %d are allowed.", strlen(words), most);
}

char *
words_key(const char *words)
{
	char *small = str_tolower(words, strlen(words), DEFAULT_COLLATION_OID);
	char *to = small;

	for (const char *from = small; *from; from++)
		if (!isspace((unsigned char)*from))
			*to++ = *from;
		else if (to > small && to[-1] != ' ')
			*to++ = ' ';
	if (to > small && to[-1] == ' ')
		to--;
	*to = '\0';
	return small;
}

void
origin_lock(Call *call, const FactOwner *owner, NullableDatum thread_id, NullableDatum message_id,
			NullableDatum episode_id, FactOrigin *origin)
{
	NullableDatum message[] = {thread_id, message_id, owner->user_id};
	NullableDatum episode[] = {owner->user_id, episode_id};

	*origin = (FactOrigin){thread_id, message_id, episode_id, ARG_NULL,
						   thread_id.isnull && episode_id.isnull};
	if (thread_id.isnull != message_id.isnull)
		error_bad_input(thread_id.isnull ? "thread_id" : "message_id",
						"A message is named by its thread_id and its message_id.");
	if (!thread_id.isnull && !episode_id.isnull)
		error_bad_input("episode_id", "Give either a message or an episode.");
	if (origin->stated)
		return;
	if (thread_id.isnull && !query_first(call, &entity_lock_episode, episode))
		error_no_parent("episode", text_or_null(episode_id));
	if (!thread_id.isnull && (!query_first(call, &entity_lock_thread, &thread_id) ||
							  !query_first(call, &entity_lock_message, message)))
		error_no_parent("message", text_or_null(message_id));
	origin->event_at = ARG(row_datum(1, 1));
}

static void
mention(Call *call, const FactOwner *owner, NullableDatum entity_id, const FactOrigin *origin,
		bool describes)
{
	NullableDatum args[] = {
		owner->user_id,     entity_id,        origin->thread_id,           origin->message_id,
		origin->episode_id, origin->event_at, ARG(BoolGetDatum(describes))};

	if (!origin->stated)
		query_exec(call, &entity_mention, args);
}

void
owner_describe(Call *call, const FactOwner *owner, const FactOrigin *origin, NullableDatum summary)
{
	user_summarize(call, owner->user_id, summary);
	mention(call, owner, owner->user_id, origin, true);
}

bool
entity_is_owner(const FactOwner *owner, NullableDatum name)
{
	char *given = text_or_null(name);

	return given == NULL || strcmp(given, text_or_null(owner->user_id)) == 0 ||
		   strcmp(words_key(given), words_key(owner->name)) == 0;
}

/* Whether an end is the user itself, which then needs nothing looked up. */
static bool
end_is_owner(const FactOwner *owner, FactEnd *end)
{
	end->is_user = end->id.isnull
					   ? entity_is_owner(owner, end->name)
					   : strcmp(text_or_null(end->id), text_or_null(owner->user_id)) == 0;
	if (end->is_user)
	{
		end->id = owner->user_id;
		end->label = ARG_TEXT(owner->is_group ? "Group" : "User");
		end->shown = owner->name;
	}
	return end->is_user;
}

/* Whose the name is: its id stays null when it is nobody's. */
static void
find_name(Call *call, const FactOwner *owner, FactEnd *end)
{
	if (!end_is_owner(owner, end) &&
		query_first(
			call, &entity_by_name,
			(NullableDatum[]){owner->user_id, ARG_TEXT(words_key(text_or_null(end->name)))}))
		end->id = ARG(row_datum(1, 1));
}

static void
make_end(Call *call, const FactOwner *owner, FactEnd *end, NullableDatum now)
{
	NullableDatum row[] = {owner->user_id,
						   ARG(id_generate("entity")),
						   ARG(BoolGetDatum(false)),
						   ARG_TEXT(words_key(end->shown)),
						   end->name,
						   end->label,
						   ARG_NULL,
						   ARG_NULL,
						   ARG_NULL,
						   entity_lexemes(end->shown, ARG_NULL),
						   now};

	ontology_check_entity(owner->ontology, end->label, ARG_NULL);
	query_exec(call, &entity_insert, row);
	end->id = row[1];
}

/* The row of the last statement that is this end, 0 for none. */
static uint64
row_of_end(const FactEnd *end, uint64 count)
{
	char *key = end->id.isnull ? words_key(text_or_null(end->name)) : text_or_null(end->id);

	for (uint64 i = 1; i <= count; i++)
		if (strcmp(row_text(i, end->id.isnull ? 4 : 1), key) == 0)
			return i;
	return 0;
}

/* Locks those that are there; ends by an id have to be. */
static void
lock_ends(Call *call, const FactOwner *owner, FactEnd *ends, int count)
{
	List *names = NIL;
	List *ids = NIL;
	uint64 found;

	for (int i = 0; i < count; i++)
		if (end_is_owner(owner, &ends[i]))
			continue;
		else if (ends[i].id.isnull)
			names = lappend(names, words_key(text_or_null(ends[i].name)));
		else
			ids = lappend(ids, text_or_null(ends[i].id));
	if (names == NIL && ids == NIL)
		return;
	found = query_exec(call,
					   !ids     ? &ends_by_name
					   : !names ? &ends_by_id
								: &ends_by_both,
					   (NullableDatum[]){owner->user_id, text_array_of(names), text_array_of(ids)});
	for (int i = 0; i < count; i++)
	{
		uint64 row = ends[i].is_user ? 0 : row_of_end(&ends[i], found);

		if (row > 0)
		{
			ends[i].id = ARG(row_datum(row, 1));
			ends[i].shown = row_text(row, 2);
			ends[i].label = row_column(row, 3);
		}
		else if (!ends[i].id.isnull && !ends[i].is_user)
			error_no_parent("entity", text_or_null(ends[i].id));
	}
}

void
ends_resolve(Call *call, const FactOwner *owner, FactEnd *ends, int count, const FactOrigin *origin,
			 NullableDatum now)
{
	lock_ends(call, owner, ends, count);
	for (int i = 0; i < count; i++)
	{
		if (ends[i].shown == NULL)
			ends[i].shown = text_or_null(ends[i].name);
		if (ends[i].id.isnull && i > 0 && !ends[0].is_user &&
			strcmp(words_key(ends[0].shown), words_key(ends[i].shown)) == 0)
			ends[i].id = ends[0].id;
		if (ends[i].id.isnull)
			make_end(call, owner, &ends[i], now);
		if (!ends[i].is_user)
			mention(call, owner, ends[i].id, origin, false);
	}
}

/* Entities by themselves */

enum
{
	ADD_USER_ID,
	ADD_NAME,
	ADD_LABEL,
	ADD_SUMMARY,
	ADD_ATTRIBUTES,
	ADD_METADATA,
	ADD_THREAD_ID,
	ADD_MESSAGE_ID,
	ADD_EPISODE_ID,
	ADD_IF_EXISTS,
	ADD_CREATED_AT,
	ADD_ENTITY_ID
};

void
entity_guard(const EntityGiven *given)
{
	guard_words("name", given->name, NAME_MAX_BYTES);
	guard_words("label", given->label, ID_MAX_BYTES);
}

static void
change_entity(Call *call, NullableDatum user_id, NullableDatum entity_id, const EntityGiven *given,
			  NullableDatum clear, NullableDatum remove_keys)
{
	NullableDatum key[] = {user_id, entity_id};
	char *name = text_or_null(given->name);
	NullableDatum row[] = {user_id,      entity_id,      given->name,       ARG_NULL,
						   given->label, given->summary, given->attributes, given->metadata,
						   clear,        remove_keys,    ARG_NULL};

	if (!query_first(call, &entity_get, key))
		error_not_found("entity", text_or_null(entity_id));
	if (name)
		row[3] = ARG_TEXT(words_key(name));
	if (name || !given->summary.isnull)
		row[10] = entity_lexemes(name ? name : row_text(1, 3),
								 given->summary.isnull ? row_column(1, 5) : given->summary);
	query_exec(call, &entity_archive, key);
	query_exec(call, &entity_change, row);
}

/* One that is not there yet; its id. */
static NullableDatum
store_entity(Call *call, const FactOwner *owner, const FactOrigin *origin, const EntityGiven *given)
{
	NullableDatum entity_id =
		given->entity_id.isnull ? ARG(id_generate("entity")) : given->entity_id;
	char *name = text_or_null(given->name);
	NullableDatum row[] = {owner->user_id,
						   entity_id,
						   ARG(BoolGetDatum(origin->stated)),
						   ARG_TEXT(words_key(name)),
						   given->name,
						   given->label,
						   given->summary,
						   given->attributes,
						   given->metadata,
						   entity_lexemes(name, given->summary),
						   time_at_hand(given->created_at)};

	if (strcmp(text_or_null(entity_id), text_or_null(owner->user_id)) == 0 ||
		!query_first(call, &entity_insert, row))
		error_exists("entity", text_or_null(entity_id), "Choose another id.");
	return entity_id;
}

NullableDatum
entity_add(Call *call, const FactOwner *owner, const FactOrigin *origin, const EntityGiven *given,
		   EntityExists exists)
{
	FactEnd end = {.what = "name", .name = given->name, .id = ARG_NULL};
	bool describes = !given->summary.isnull || !given->attributes.isnull;

	ontology_check_entity(owner->ontology, given->label, given->attributes);
	find_name(call, owner, &end);
	if (end.is_user || (!end.id.isnull && exists == ENTITY_RAISE))
		error_exists("entity", text_or_null(end.id),
					 end.is_user ? "It is the user's own: use user_update()."
								 : "Use memory_update_entity(), or another if_exists.");
	if (end.id.isnull)
		end.id = store_entity(call, owner, origin, given);
	else
	{
		if (origin->stated)
			query_exec(call, &entity_state, (NullableDatum[]){owner->user_id, end.id});
		if (exists != ENTITY_UPDATE)
			describes = false;
		else
			change_entity(call, owner->user_id, end.id, given, ARG_NULL, ARG_NULL);
	}
	mention(call, owner, end.id, origin, describes);
	return end.id;
}

Datum
threadmem_memory_add_entity(PG_FUNCTION_ARGS)
{
	static const char *const choices[] = {"raise", "do_nothing", "update", NULL};
	NullableDatum *args = fcinfo->args;
	EntityGiven given = {.name = args[ADD_NAME],
						 .label = args[ADD_LABEL],
						 .summary = args[ADD_SUMMARY],
						 .attributes = args[ADD_ATTRIBUTES],
						 .metadata = args[ADD_METADATA],
						 .created_at = args[ADD_CREATED_AT],
						 .entity_id = args[ADD_ENTITY_ID]};
	FactOwner owner;
	FactOrigin origin;
	NullableDatum key[2];
	int exists;
	Call call;

	query_begin(&call, fcinfo);
	exists = guard_choice("if_exists", args[ADD_IF_EXISTS], choices);
	entity_guard(&given);
	owner_lock(&call, args[ADD_USER_ID], &owner);
	origin_lock(&call, &owner, args[ADD_THREAD_ID], args[ADD_MESSAGE_ID], args[ADD_EPISODE_ID],
				&origin);
	key[0] = owner.user_id;
	key[1] = entity_add(&call, &owner, &origin, &given, (EntityExists)exists);
	return query_one(&call, &entity_get, key, "entity", text_or_null(key[1]));
}

enum
{
	GET_USER_ID,
	GET_ENTITY_ID,
	GET_MISSING_OK
};

Datum
threadmem_memory_get_entity(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return query_get(&call, &entity_get, fcinfo->args, fcinfo->args[GET_MISSING_OK], "entity",
					 text_or_null(fcinfo->args[GET_ENTITY_ID]));
}

/* The user's own is a row of users, and not changed here. */
static void
refuse_own(const FactOwner *owner, NullableDatum entity_id, const char *hint)
{
	if (strcmp(text_or_null(owner->user_id), text_or_null(entity_id)) == 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("entity is the user itself"),
						errdetail("user_id and entity_id are \"%s\".", text_or_null(entity_id)),
						errhint("%s", hint)));
}

enum
{
	UPDATE_USER_ID,
	UPDATE_ENTITY_ID,
	UPDATE_NAME,
	UPDATE_LABEL,
	UPDATE_SUMMARY,
	UPDATE_ATTRIBUTES,
	UPDATE_METADATA,
	UPDATE_CLEAR,
	UPDATE_REMOVE_KEYS
};

/* 23505 when the name is another entity's, or the user's own. */
static void
guard_new_name(Call *call, const FactOwner *owner, NullableDatum name, NullableDatum entity_id)
{
	FactEnd end = {.name = name, .id = ARG_NULL};

	if (name.isnull)
		return;
	find_name(call, owner, &end);
	if (!end.id.isnull && strcmp(text_or_null(end.id), text_or_null(entity_id)) != 0)
		error_exists("entity", text_or_null(end.id), "It has this name: choose another.");
}

Datum
threadmem_memory_update_entity(PG_FUNCTION_ARGS)
{
	static const char *const clearable[] = {"label", "summary", NULL};
	NullableDatum *args = fcinfo->args;
	NullableDatum key[] = {args[UPDATE_USER_ID], args[UPDATE_ENTITY_ID]};
	EntityGiven given = {.name = args[UPDATE_NAME],
						 .label = args[UPDATE_LABEL],
						 .summary = args[UPDATE_SUMMARY],
						 .attributes = args[UPDATE_ATTRIBUTES],
						 .metadata = args[UPDATE_METADATA]};
	FactOwner owner;
	Call call;

	query_begin(&call, fcinfo);
	guard_choices("clear", args[UPDATE_CLEAR], clearable);
	entity_guard(&given);
	user_require_own(&call, args[UPDATE_USER_ID]);
	owner_lock(&call, args[UPDATE_USER_ID], &owner);
	refuse_own(&owner, args[UPDATE_ENTITY_ID], "Use user_update().");
	if (!args[UPDATE_LABEL].isnull || !args[UPDATE_ATTRIBUTES].isnull)
	{
		if (!query_first(&call, &entity_by_id, key))
			error_not_found("entity", text_or_null(args[UPDATE_ENTITY_ID]));
		ontology_check_entity(owner.ontology,
							  args[UPDATE_LABEL].isnull ? row_column(1, 3) : args[UPDATE_LABEL],
							  args[UPDATE_ATTRIBUTES]);
	}
	guard_new_name(&call, &owner, args[UPDATE_NAME], args[UPDATE_ENTITY_ID]);
	change_entity(&call, owner.user_id, args[UPDATE_ENTITY_ID], &given, args[UPDATE_CLEAR],
				  args[UPDATE_REMOVE_KEYS]);
	return query_one(&call, &entity_get, key, "entity", text_or_null(args[UPDATE_ENTITY_ID]));
}

Datum
threadmem_memory_delete_entity(PG_FUNCTION_ARGS)
{
	NullableDatum user_id = fcinfo->args[GET_USER_ID];
	NullableDatum entity_id = fcinfo->args[GET_ENTITY_ID];
	NullableDatum key[] = {user_id, entity_id};
	FactOwner owner;
	Call call;

	query_begin(&call, fcinfo);
	user_require_own(&call, user_id);
	owner_lock(&call, user_id, &owner);
	refuse_own(&owner, entity_id, "It goes with user_delete().");
	if (!query_first(&call, &entity_by_id, key))
		error_not_found("entity", text_or_null(entity_id));
	entity_remove(&call, user_id, entity_id);
	return query_done(&call);
}
