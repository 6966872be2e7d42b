/*
 * store/namespaces.c: which namespaces there are.
 *
 * There is no list of them: one is there as long as it has an item. So the index of items is gone
 * through from one to the next, a look for each, however many items it has; and where only the
 * first labels are shown, to what lies behind all that has the same.
 */
#include "store/item.h"

#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_store_list_namespaces);

static Stmt store_next_path = {
	"SELECT s.path FROM threadmem_data.store_items s WHERE s.tenant_id = $1 AND s.path >= $2"
	" AND " STORE_LIVE " ORDER BY s.path LIMIT 1",
	"t", .keyed = true};

static const Order by_path = {.list = "store_list_namespaces", .types = "t", .columns = {"s.path"}};

static bool
is_any(const char *label)
{
	return strcmp(label, "*") == 0;
}

/* Whether labels from one on are those of a condition. */
static bool
has_at(const List *labels, int from, const List *condition)
{
	const ListCell *cell;

	if (from < 0 || list_length(labels) - from < list_length(condition))
		return false;
	foreach (cell, condition)
		if (!is_any(lfirst(cell)) &&
			strcmp(list_nth(labels, from + foreach_current_index(cell)), lfirst(cell)) != 0)
			return false;
	return true;
}

static bool
meets_all(const NamespaceSearch *search, const char *path)
{
	List *labels = path_labels(path);
	const ListCell *cell;

	foreach (cell, search->prefixes)
		if (!has_at(labels, 0, lfirst(cell)))
			return false;
	foreach (cell, search->suffixes)
		if (!has_at(labels, list_length(labels) - list_length(lfirst(cell)), lfirst(cell)))
			return false;
	return true;
}

/* The labels before the first * of the longest prefix of this kind; null for none. */
static NullableDatum
known_part(const NamespaceSearch *search)
{
	List *longest = NIL;
	const ListCell *cell;

	foreach (cell, search->prefixes)
	{
		List *labels = NIL;
		const ListCell *label;

		foreach (label, (List *)lfirst(cell))
		{
			if (is_any(lfirst(label)))
				break;
			labels = lappend(labels, lfirst(label));
		}
		if (list_length(labels) > list_length(longest))
			longest = labels;
	}
	return longest == NIL ? ARG_NULL : path_of("prefix", text_array_of(longest));
}

/* Where to look behind one that was shown, or was not. */
static NullableDatum
behind(const NamespaceSearch *search, const char *path)
{
	NullableDatum shown = ARG_TEXT(path);
	bool is_whole = search->max_depth == 0 || list_length(path_labels(path)) < search->max_depth;

	return is_whole ? path_below(shown) : path_end(shown);
}

static char *
next_path(Call *call, NullableDatum from)
{
	char *path = query_first(call, &store_next_path, &from) ? row_text(1, 1) : NULL;

	query_free_rows();
	return path;
}

List *
store_namespaces(Call *call, const NamespaceSearch *search, bool *has_more)
{
	NullableDatum known = known_part(search);
	NullableDatum from = known.isnull ? ARG_TEXT("") : known;
	char *end = known.isnull ? NULL : text_or_null(path_end(known));
	int64 left = search->skip;
	List *found = NIL;
	NullableDatum place;
	char *path;

	if (!search->after_position.isnull)
	{
		order_read(&by_path, "after_position", search->after_position, &place);
		from = behind(search, text_or_null(place));
	}
	*has_more = false;
	while ((path = next_path(call, from)) != NULL && !(end && strcmp(path, end) >= 0))
	{
		char *shown = search->max_depth == 0 ? path : path_first(path, search->max_depth);

		CHECK_FOR_INTERRUPTS();
		if (!meets_all(search, path))
		{
			from = path_below(ARG_TEXT(path));
			continue;
		}
		from = behind(search, shown);
		if (left-- > 0)
			continue;
		*has_more = list_length(found) == search->max_rows;
		if (*has_more)
			break;
		found = lappend(found, shown);
	}
	return found;
}

enum
{
	LIST_PREFIX,
	LIST_SUFFIX,
	LIST_MAX_DEPTH,
	LIST_MAX_ROWS,
	LIST_SKIP,
	LIST_AFTER_POSITION
};

static List *
condition_of(const char *argument, NullableDatum labels)
{
	return labels.isnull ? NIL : list_make1(labels_of(argument, labels));
}

Datum
threadmem_store_list_namespaces(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NamespaceSearch search = {.max_depth = int64_or(args[LIST_MAX_DEPTH], 0),
							  .max_rows = int64_or(args[LIST_MAX_ROWS], DEFAULT_ROWS),
							  .skip = int64_or(args[LIST_SKIP], 0),
							  .after_position = args[LIST_AFTER_POSITION]};
	const ListCell *cell;
	bool has_more;
	List *found;
	Call call;

	query_begin(&call, fcinfo);
	if (!args[LIST_MAX_DEPTH].isnull && search.max_depth < 1)
		error_bad_input("max_depth", "It must be 1 or more, not " INT64_FORMAT ".",
						search.max_depth);
	search.prefixes = condition_of("prefix", args[LIST_PREFIX]);
	search.suffixes = condition_of("suffix", args[LIST_SUFFIX]);
	found = store_namespaces(&call, &search, &has_more);
	query_open_set(&call);
	foreach (cell, found)
	{
		NullableDatum path = ARG_TEXT(lfirst(cell));
		Datum values[] = {text_array_of(path_labels(lfirst(cell))).value,
						  order_position(&by_path, &path).value, BoolGetDatum(has_more)};
		bool nulls[lengthof(values)] = {false};

		query_put(&call, values, nulls, lengthof(values));
	}
	return query_close_set(&call);
}
