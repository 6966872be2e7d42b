/*
 * memory/filter.c: the filters of memory_search().
 */
#include "memory/filter.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "json_patch/json_patch.h"
#include "shape/shape.h"
#include "threadmem/threadmem.h"

static List *
read_names(const char *key, JsonbValue *value)
{
	JsonbContainer *array = json_as_array(value);
	List *names = NIL;

	if (!array)
		error_bad_input("filters", "\"%s\" must be an array of texts.", key);
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		char *name = json_as_text(getIthJsonbValueFromContainer(array, i));

		CHECK_FOR_INTERRUPTS();
		if (!name)
			error_bad_input("filters", "\"%s\" must be an array of texts.", key);
		names = lappend(names, name);
	}
	return names;
}

static Names *
read_thread_ids(JsonbValue *value)
{
	Names *ids = names_new();
	ListCell *cell;

	foreach (cell, read_names("thread_ids", value))
		(void)names_take(ids, lfirst(cell));
	return ids;
}

static Names *
read_roles(JsonbValue *value)
{
	Names *roles = names_new();
	ListCell *cell;

	foreach (cell, read_names("roles", value))
	{
		char *origin;

		(void)names_take(roles, shape_role("filters", lfirst(cell), &origin));
	}
	return roles;
}

static void
read_time(const char *key, JsonbValue *value, TimestampTz *time)
{
	char *wrong = shape_time(key, value, time);

	if (wrong)
		error_bad_input("filters", "%s", wrong);
}

static void
read_filter(MemoryFilters *filters, const char *key, JsonbValue *value)
{
	if (strcmp(key, "thread_ids") == 0)
		filters->thread_ids = read_thread_ids(value);
	else if (strcmp(key, "roles") == 0)
		filters->roles = read_roles(value);
	else if (strcmp(key, "since") == 0)
		read_time(key, value, &filters->since);
	else if (strcmp(key, "until") == 0)
		read_time(key, value, &filters->until);
	else if (strcmp(key, "metadata") == 0 && json_as_object(value))
		filters->metadata = json_own(value);
	else if (strcmp(key, "metadata") == 0)
		error_bad_input("filters", "\"metadata\" must be an object.");
	else if (!graph_filter_read(&filters->graph, key, value))
		error_bad_input("filters",
						"\"%s\" is none of: thread_ids, roles, since, until, metadata, and the"
						" search_filters of Zep.",
						key);
}

void
filters_read(MemoryFilters *filters, NullableDatum document)
{
	JsonbIterator *it;
	JsonbValue key;
	JsonbValue value;

	memset(filters, 0, sizeof(*filters));
	filters->since = DT_NOBEGIN;
	filters->until = DT_NOEND;
	if (document.isnull)
		return;
	it = JsonbIteratorInit(&DatumGetJsonbP(document.value)->root);
	(void)JsonbIteratorNext(&it, &key, false);
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		(void)JsonbIteratorNext(&it, &value, true);
		if (value.type != jbvNull)
			read_filter(filters, pnstrdup(key.val.string.val, key.val.string.len), &value);
	}
}

/*
 * Whether it is what people said: not what told a model how to behave, nor what a program gave it.
 * Data that was added, which is of no thread, was meant to be remembered.
 */
static bool
is_said(NullableDatum thread_id, NullableDatum role)
{
	static const char *const unsaid[] = {MEMORY_UNSAID_ROLES, NULL};

	return thread_id.isnull || role.isnull || !text_is_one_of(text_or_null(role), unsaid);
}

bool
filters_pass(const MemoryFilters *filters, NullableDatum thread_id, NullableDatum role,
			 TimestampTz event_at, Datum metadata)
{
	if (event_at < filters->since || event_at >= filters->until)
		return false;
	if (filters->thread_ids && !names_find_text(filters->thread_ids, thread_id))
		return false;
	if (filters->roles ? !names_find_text(filters->roles, role) : !is_said(thread_id, role))
		return false;
	return filters->metadata == NULL || json_contains(DatumGetJsonbP(metadata), filters->metadata);
}

bool
filters_ask_origin(const MemoryFilters *filters)
{
	return filters->thread_ids || graph_filter_asks_episodes(&filters->graph);
}

bool
filters_pass_origin(const MemoryFilters *filters, NullableDatum thread_id, NullableDatum message_id,
					NullableDatum episode_id, NullableDatum metadata)
{
	return (!filters->thread_ids || names_find_text(filters->thread_ids, thread_id)) &&
		   graph_filter_has_episode(&filters->graph, message_id, episode_id, metadata);
}
