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

static json_t *
parse(const char *argument, Jsonb *document)
{
	char *written = json_text(&document->root);
	json_error_t error;
	json_t *tree;
	Text rest;

	written = pg_server_to_any(written, strlen(written), PG_UTF8);
	do
	{
		CHECK_FOR_INTERRUPTS();
		rest = (Text){.at = written, .left = strlen(written)};
		tree =
			json_load_callback(read_piece, &rest, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	} while (tree == NULL && rest.interrupted);
	if (tree == NULL)
		error_bad_input(argument, "%s.", local(error.text));
	return own(tree);
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
