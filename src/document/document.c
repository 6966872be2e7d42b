/*
 * document/document.c: the only file that sees jansson, for its strictness and its messages.
 *
 * Three rules keep the server safe.  No header with fmgrprotos.h may be included, and json_object()
 * may not be called: the server has a function of that name and wins at run time.  Every tree is
 * attached to the memory context, for an error would jump over json_decref().  And jansson speaks
 * UTF-8, so text passes through the database's encoding both ways.
 */
#include "postgres.h"

#include <jansson.h>
#pragma GCC poison json_object

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "document/document.h"
#include "json_patch/json_patch.h"
#include "shape/shape.h"

static void
release(void *tree)
{
	json_decref(tree);
}

/* Makes the memory context the owner of a new tree. */
static json_t *
own(json_t *tree)
{
	MemoryContextCallback *callback;

	if (tree == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	callback = MemoryContextAlloc(CurrentMemoryContext, sizeof(*callback));
	callback->func = release;
	callback->arg = tree;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	return tree;
}

/* jansson cuts its messages at a byte, so the last character may be a part of one. */
static char *
local(const char *utf8)
{
	int length = pg_encoding_mbcliplen(PG_UTF8, utf8, strlen(utf8), strlen(utf8));

	return pg_any_to_server(pnstrdup(utf8, length), length, PG_UTF8);
}

/* What jansson has not read of a text. */
typedef struct Text
{
	const char *at;
	size_t left;
	bool interrupted;
} Text;

/*
 * An interrupt must not jump over jansson, whose memory would be left behind: so the reading fails,
 * and is begun anew when the interrupt was none that ends the call.
 */
static size_t
read_piece(void *buffer, size_t length, void *data)
{
	Text *rest = data;

	rest->interrupted |= INTERRUPTS_PENDING_CONDITION() && INTERRUPTS_CAN_BE_PROCESSED();
	if (rest->interrupted)
		return (size_t)-1;
	length = Min(length, rest->left);
	memcpy(buffer, rest->at, length);
	rest->at += length;
	rest->left -= length;
	return length;
}

/* NULL, and why, for what jansson does not take. */
static json_t *
read_tree(const char *written, size_t flags, json_error_t *error)
{
	json_t *tree;
	Text rest;

	do
	{
		CHECK_FOR_INTERRUPTS();
		rest = (Text){.at = written, .left = strlen(written)};
		tree = json_load_callback(read_piece, &rest, JSON_REJECT_DUPLICATES | flags, error);
	} while (tree == NULL && rest.interrupted);
	return tree ? own(tree) : NULL;
}

static json_t *
parse(const char *argument, Jsonb *document)
{
	char *written = json_text(&document->root);
	json_error_t error;
	json_t *tree;

	written = pg_server_to_any(written, strlen(written), PG_UTF8);
	tree = read_tree(written, JSON_DECODE_ANY, &error);
	if (tree == NULL)
		error_bad_input(argument, "%s.", local(error.text));
	return tree;
}

void
document_read_ttl(Jsonb *document, TtlDocument *ttl)
{
	static const char *const strategies[] = {"delete", "keep_latest", NULL};
	json_t *tree = parse("ttl", document);
	const char *strategy = "delete";
	int refresh = false;
	json_int_t minutes;
	json_error_t error;

	if (json_is_integer(tree))
		minutes = json_integer_value(tree);
	else if (json_unpack_ex(tree, &error, JSON_STRICT, "{s:I,s?s,s?b}", "ttl", &minutes, "strategy",
							&strategy, "refresh", &refresh) != 0)
		error_bad_input_hint("ttl",
							 "Give {\"ttl\": minutes, \"strategy\": \"delete\" or "
							 "\"keep_latest\", \"refresh\": true}, or the minutes alone.",
							 "%s.", local(error.text));
	if (minutes < 1 || minutes > TTL_MAX_MINUTES)
		error_bad_input("ttl", "\"ttl\" is from 1 to %d minutes, not %lld.", TTL_MAX_MINUTES,
						(long long)minutes);
	if (!text_is_one_of(strategy, strategies))
		error_bad_input("ttl", "\"strategy\" is delete or keep_latest, not \"%s\".",
						local(strategy));
	ttl->minutes = minutes;
	ttl->refresh = refresh;
	ttl->keep_latest = strcmp(strategy, "keep_latest") == 0;
}

static void
guard_name(const char *what, const char *name)
{
	size_t length = strlen(name);

	if (length < 1 || length > ID_MAX_BYTES)
		error_bad_input("definition", "The name of a %s has 1 to %d bytes, this one has %zu.", what,
						ID_MAX_BYTES, length);
}

static void
check_channel(const char *name, json_t *channel)
{
	static const char *const reducers[] = {"last_value", "add_messages", "append", "add",
										   "merge",      "union",        "opaque", NULL};
	const char *reducer = "last_value";
	json_t *initial;
	json_error_t error;

	guard_name("channel", name);
	if (json_unpack_ex(channel, &error, JSON_STRICT, "{s?s,s?o}", "reducer", &reducer, "default",
					   &initial) != 0)
		error_bad_input("definition", "Channel \"%s\": %s.", local(name), local(error.text));
	if (!text_is_one_of(reducer, reducers))
		error_bad_input("definition", "Channel \"%s\": \"%s\" is no reducer.", local(name),
						local(reducer));
}

static void
check_channels(json_t *channels)
{
	const char *name;
	json_t *channel;

	if (!json_is_object(channels))
		error_bad_input("definition", "\"channels\" must be a JSON object.");
	json_object_foreach (channels, name, channel)
	{
		CHECK_FOR_INTERRUPTS();
		check_channel(name, channel);
	}
}

/* Adds a name to a set, which takes the value over; false when it is there already. */
static bool
add_name(json_t *set, const char *name, json_t *value)
{
	bool added = json_object_get(set, name) == NULL;

	if (!added)
		json_decref(value);
	else if (json_object_set_new(set, name, value) != 0)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	return added;
}

static void
check_nodes(json_t *nodes, json_t *known)
{
	static const char *const reserved[] = {"__start__", "__end__", NULL};
	size_t i;
	json_t *node;

	if (!json_is_array(nodes))
		error_bad_input("definition", "\"nodes\" must be an array of names.");
	json_array_foreach (nodes, i, node)
	{
		const char *name = json_string_value(node);

		CHECK_FOR_INTERRUPTS();
		if (name == NULL)
			error_bad_input("definition", "Element %zu of \"nodes\" is not a string.", i + 1);
		guard_name("node", name);
		if (text_is_one_of(name, reserved))
			error_bad_input("definition", "Node \"%s\" is always there and not listed.", name);
		if (!add_name(known, name, json_true()))
			error_bad_input("definition", "Node \"%s\" is listed twice.", local(name));
	}
}

static void
check_end(const char *name, const char *reserved, json_t *nodes, size_t i)
{
	if (strcmp(name, reserved) != 0 && json_object_get(nodes, name) == NULL)
		error_bad_input("definition", "Element %zu of \"edges\": \"%s\" is not one of its nodes.",
						i + 1, local(name));
}

/* Several starts: the name of LangGraph's channel for them has to be clear. */
static char *
check_starts(json_t *starts, const char *to, json_t *nodes, size_t edge)
{
	json_t *seen = own(json_pack("{}"));
	StringInfoData joined;
	size_t i;
	json_t *start;

	initStringInfo(&joined);
	if (json_array_size(starts) == 0)
		error_bad_input("definition", "Element %zu of \"edges\" has no start.", edge + 1);
	json_array_foreach (starts, i, start)
	{
		const char *name = json_string_value(start);

		CHECK_FOR_INTERRUPTS();
		if (name == NULL)
			error_bad_input("definition", "Element %zu of \"edges\": a start is no string.",
							edge + 1);
		check_end(name, "", nodes, edge);
		if (!add_name(seen, name, json_true()))
			error_bad_input("definition", "Element %zu of \"edges\" lists \"%s\" twice.", edge + 1,
							local(name));
		appendStringInfo(&joined, "%s%s", i ? "+" : "", name);
		if (strpbrk(name, "+:") || strchr(to, ':'))
			error_bad_input("definition",
							"Element %zu of \"edges\" waits for several nodes, so their names have"
							" no + and no colon.",
							edge + 1);
	}
	return joined.data;
}

static void
check_edges(json_t *edges, json_t *nodes)
{
	json_t *seen = own(json_pack("{}"));
	size_t i;
	json_t *edge;

	if (!json_is_array(edges))
		error_bad_input("definition", "\"edges\" must be an array of pairs of names.");
	json_array_foreach (edges, i, edge)
	{
		const char *from;
		const char *to;
		json_t *start;
		json_error_t error;

		CHECK_FOR_INTERRUPTS();
		if (json_unpack_ex(edge, &error, JSON_STRICT, "[o,s]", &start, &to) != 0)
			error_bad_input("definition", "Element %zu of \"edges\": %s.", i + 1,
							local(error.text));
		if (!json_is_string(start) && !json_is_array(start))
			error_bad_input("definition", "Element %zu of \"edges\" starts at no node.", i + 1);
		check_end(to, "__end__", nodes, i);
		from = json_string_value(start);
		if (from == NULL)
			from = check_starts(start, to, nodes, i);
		else
			check_end(from, "__start__", nodes, i);
		(void)add_name(seen, from, json_pack("{}"));
		if (!add_name(json_object_get(seen, from), to, json_true()))
			error_bad_input("definition", "The edge from \"%s\" to \"%s\" is listed twice.",
							local(from), local(to));
	}
}

static void check_graph(json_t *tree);

/* Each is the definition of the graph that a node runs. */
static void
check_subgraphs(json_t *graphs, json_t *nodes)
{
	const char *name;
	json_t *graph;

	if (!json_is_object(graphs))
		error_bad_input("definition", "\"subgraphs\" must be a JSON object.");
	json_object_foreach (graphs, name, graph)
	{
		CHECK_FOR_INTERRUPTS();
		guard_name("node", name);
		if (strchr(name, '|') || strchr(name, ':'))
			error_bad_input("definition",
							"Node \"%s\" has a subgraph, so its name has no | and no"
							" colon.",
							local(name));
		if (nodes && json_object_get(nodes, name) == NULL)
			error_bad_input("definition", "\"subgraphs\": \"%s\" is not one of its nodes.",
							local(name));
		check_graph(graph);
	}
}

static void
check_graph(json_t *tree)
{
	json_t *channels = NULL;
	json_t *nodes = NULL;
	json_t *edges = NULL;
	json_t *graphs = NULL;
	json_t *known = own(json_pack("{}"));
	json_error_t error;

	check_stack_depth();
	if (json_unpack_ex(tree, &error, JSON_STRICT, "{s?o,s?o,s?o,s?o}", "channels", &channels,
					   "nodes", &nodes, "edges", &edges, "subgraphs", &graphs) != 0)
		error_bad_input("definition", "%s.", local(error.text));
	if (channels)
		check_channels(channels);
	if (nodes)
		check_nodes(nodes, known);
	if (edges)
		check_edges(edges, known);
	if (graphs)
		check_subgraphs(graphs, nodes ? known : NULL);
}

void
document_check_graph(Jsonb *definition)
{
	check_graph(parse("definition", definition));
}

/*
 * What a model says. It puts its JSON into a fence, or writes around it; what stands there is left
 * alone, but there is one object and no more, and in it nothing that is not asked for. Jansson
 * judges the form alone: the values are read by the server, whose numbers keep every digit.
 */

typedef struct Field
{
	const char *name;
	char
		kind; /* s text, n number, o object, l list of texts, f and e lists of facts and entities */
	bool required;
} Field;

static const Field fact_fields[] = {{"name", 's', true},
									{"fact", 's', true},
									{"target", 's', true},
									{"source", 's'},
									{"target_label", 's'},
									{"source_label", 's'},
									{"valid_at", 's'},
									{"invalid_at", 's'},
									{"attributes", 'o'},
									{"confidence", 'n'},
									{"contradicts", 's'},
									{"contradicted_ids", 'l'},
									{NULL}};
static const Field entity_fields[] = {
	{"name", 's', true}, {"label", 's'}, {"summary", 's'}, {"attributes", 'o'}, {NULL}};
static const Field extraction_fields[] = {
	{"entities", 'e'}, {"facts", 'f'}, {"summary", 's'}, {NULL}};

static void check_fields(const char *path, json_t *object, const Field *fields);

static const char *
what_it_is(json_t *value)
{
	static const char *const names[] = {"an object", "an array", "a string", "a number",
										"a number",  "true",     "false",    "null"};

	return names[json_typeof(value)];
}

static void
check_kind(const char *path, json_t *value, bool good, const char *kind)
{
	if (!good)
		error_bad_input("document", "%s is %s; it must be %s.", path, what_it_is(value), kind);
}

/* Each of a list; without fields, of texts. */
static void
check_list(const char *path, json_t *list, const Field *fields)
{
	size_t i;
	json_t *element;

	check_kind(path, list, json_is_array(list), "an array");
	json_array_foreach (list, i, element)
	{
		char *at = psprintf("%s[%zu]", path, i);

		CHECK_FOR_INTERRUPTS();
		if (fields)
			check_fields(at, element, fields);
		else
			check_kind(at, element, json_is_string(element), "a string");
		pfree(at);
	}
}

static void
check_field(const char *path, json_t *value, char kind)
{
	switch (kind)
	{
	case 's':
		check_kind(path, value, json_is_string(value), "a string");
		break;
	case 'n':
		check_kind(path, value, json_is_number(value), "a number");
		break;
	case 'o':
		check_kind(path, value, json_is_object(value), "an object");
		break;
	default:
		check_list(path, value, kind == 'f' ? fact_fields : kind == 'e' ? entity_fields : NULL);
	}
}

static const Field *
find_field(const Field *fields, const char *name)
{
	while (fields->name && strcmp(fields->name, name) != 0)
		fields++;
	return fields->name ? fields : NULL;
}

/* A null is as if it were not there. The path of the whole is "". */
static void
check_fields(const char *path, json_t *object, const Field *fields)
{
	const char *whole = *path ? path : "It";
	const char *dot = *path ? "." : "";
	const char *name;
	json_t *value;

	check_kind(whole, object, json_is_object(object), "an object");
	json_object_foreach (object, name, value)
	{
		const Field *field = find_field(fields, name);

		if (field == NULL)
			error_bad_input("document", "%s has a key \"%s\", which is none of it.", whole,
							local(name));
		if (!json_is_null(value))
			check_field(psprintf("%s%s%s", path, dot, name), value, field->kind);
	}
	for (; fields->name; fields++)
		if (fields->required && !json_is_string(json_object_get(object, fields->name)))
			error_bad_input("document", "%s has no \"%s\".", whole, fields->name);
}

/* Where an object begins: a brace, and a key or its end. NULL when none does. */
static const char *
find_object(const char *from)
{
	while ((from = strchr(from, '{')) != NULL)
	{
		const char *next = from + 1 + strspn(from + 1, " \t\r\n");

		if (*next == '"' || *next == '}')
			return from;
		from++;
	}
	return NULL;
}

/* Lines and bytes in them are counted from 1, as editors do. */
static char *
place_of(const char *whole, const char *at)
{
	const char *line = whole;
	int lines = 1;

	for (const char *c = whole; c < at; c++)
		if (*c == '\n')
		{
			lines++;
			line = c + 1;
		}
	return psprintf("line %d, byte %zu", lines, (size_t)(at - line) + 1);
}

Jsonb *
document_read_extraction(const char *given)
{
	size_t length = strlen(given);
	char *answer = pstrdup(pg_server_to_any(given, (int)length, PG_UTF8));
	const char *object = find_object(answer);
	json_error_t error;
	json_t *tree;

	if (object == NULL)
		error_bad_input("document", "There is no JSON object in it.");
	shape_mend("document", answer);
	tree = read_tree(object, JSON_DISABLE_EOF_CHECK | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL,
					 &error);
	if (tree == NULL)
		error_bad_input_hint("document",
							 json_error_code(&error) == json_error_premature_end_of_input
								 ? "Was the answer of the model cut off?"
								 : NULL,
							 "At %s: %s.",
							 place_of(answer, object + Min(error.position, strlen(object))),
							 local(error.text));
	if (find_object(object + error.position))
		error_bad_input("document", "A second JSON object begins at %s.",
						place_of(answer, find_object(object + error.position)));
	check_fields("", tree, extraction_fields);
	answer = pg_any_to_server(pnstrdup(object, error.position), error.position, PG_UTF8);
	return DatumGetJsonbP(shape_accept(ARG_TEXT(answer).value));
}
