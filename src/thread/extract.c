/*
 * thread/extract.c: single values taken out of the threads that a search finds, by paths such as
 * "values.messages[-1].content", as LangGraph's extract does.
 */
#include "thread/find.h"

#include "json_patch/json_patch.h"

#include "utils/builtins.h"

#include "threadmem/threadmem.h"

#define PATHS_MAX 10

typedef enum PathRoot
{
	ROOT_VALUES,
	ROOT_METADATA,
	ROOT_CONFIG,
	ROOT_INTERRUPTS,
	ROOT_COUNT
} PathRoot;

static const char *const root_names[] = {"values", "metadata", "config", "interrupts"};

/* A member of an object, or an element of an array. */
typedef struct PathStep
{
	char *key; /* NULL for an element */
	int index; /* negative: from the end */
} PathStep;

typedef struct ExtractedPath
{
	char *alias;
	PathRoot root;
	List *steps;
} ExtractedPath;

struct Extraction
{
	ExtractedPath paths[PATHS_MAX];
	int count;
};

static void
error_bad_path(const char *path)
{
	error_bad_input("paths",
					"\"%s\" is no path: values, metadata, config or interrupts, then .name or "
					"[number] as often as needed.",
					path);
}

/* The step that the rest of a path begins with, which is taken off it; false for none. */
static bool
read_step(const char **rest, PathStep *step)
{
	const char *start = *rest + 1;
	char *end;

	*step = (PathStep){0};
	if (**rest == '[')
	{
		long number = strtol(start, &end, 10);

		if (!(isdigit((unsigned char)*start) ||
			  (*start == '-' && isdigit((unsigned char)start[1]))) ||
			*end != ']' || number > PG_INT32_MAX || number < PG_INT32_MIN)
			return false;
		step->index = (int)number;
		*rest = end + 1;
		return true;
	}
	*rest = start + strcspn(start, ".[");
	step->key = pnstrdup(start, *rest - start);
	return start[-1] == '.' && *rest > start;
}

static void
read_path(ExtractedPath *path, const char *spelled)
{
	size_t length = strcspn(spelled, ".[");
	const char *rest = spelled + length;

	path->root = ROOT_VALUES;
	while (path->root < ROOT_COUNT && (strlen(root_names[path->root]) != length ||
									   strncmp(spelled, root_names[path->root], length) != 0))
		path->root++;
	if (path->root == ROOT_COUNT)
		error_bad_path(spelled);
	path->steps = NIL;
	while (*rest)
	{
		PathStep *step = palloc(sizeof(PathStep));

		if (!read_step(&rest, step))
			error_bad_path(spelled);
		path->steps = lappend(path->steps, step);
	}
}

Extraction *
extraction_read(NullableDatum paths)
{
	Extraction *extraction;
	JsonItems *given;

	if (paths.isnull)
		return NULL;
	given = items_read(&DatumGetJsonbP(paths.value)->root);
	if (given->count > PATHS_MAX)
		error_bad_input("paths", "It has %d paths, at most %d are allowed.", given->count,
						PATHS_MAX);
	extraction = palloc0(sizeof(Extraction));
	extraction->count = given->count;
	for (int i = 0; i < given->count; i++)
	{
		JsonItem *item = items_at(given, i);

		extraction->paths[i].alias = pnstrdup(item->key, item->key_length);
		if (item->value.kind != NODE_STRING)
			error_bad_input("paths", "The path of \"%s\" must be a string.",
							extraction->paths[i].alias);
		read_path(&extraction->paths[i], pnstrdup(item->value.data, item->value.length));
	}
	return extraction;
}

List *
extraction_fields(const Extraction *extraction, List *fields)
{
	for (int i = 0; extraction && i < extraction->count; i++)
	{
		const ExtractedPath *path = &extraction->paths[i];
		PathStep *first = path->steps ? linitial(path->steps) : NULL;

		if (path->root == ROOT_VALUES && first && first->key)
			fields = lappend(fields, psprintf("values.%s", first->key));
		else if (path->root == ROOT_VALUES || path->root == ROOT_INTERRUPTS)
			fields = lappend(fields, pstrdup(root_names[path->root]));
	}
	return fields;
}

/* Goes a step down; false when it leads nowhere. */
static bool
take_step(JsonNode *node, const PathStep *step)
{
	JsonbValue *element;
	int64 index = step->index;

	if (step->key ? !node_is_object(node) : !node_is_array(node))
		return false;
	if (step->key)
		element = json_field(node_container(node), step->key);
	else
	{
		if (index < 0)
			index += JsonContainerSize(node_container(node));
		element = index < 0 ? NULL : getIthJsonbValueFromContainer(node_container(node), index);
	}
	if (element)
		*node = node_of_value(element);
	return element != NULL;
}

Jsonb *
extraction_take(const Extraction *extraction, const Extractable *row)
{
	Jsonb *const roots[] = {row->values, row->metadata, row->config, row->interrupts};
	JsonItems *out = items_new(Max(extraction->count, 1));
	JsonNode object = node_of_items(NODE_OBJECT, out);

	for (int i = 0; i < extraction->count; i++)
	{
		const ExtractedPath *path = &extraction->paths[i];
		JsonNode node = {.kind = NODE_NULL};
		ListCell *cell;

		if (row->of_state && !roots[path->root])
			return NULL;
		if (roots[path->root])
			node = node_of_root(&roots[path->root]->root);
		foreach (cell, path->steps)
			if (!take_step(&node, lfirst(cell)))
			{
				node = (JsonNode){.kind = NODE_NULL};
				break;
			}
		items_put(out, path->alias, (int)strlen(path->alias), node);
	}
	return node_write_or_null(&object);
}
