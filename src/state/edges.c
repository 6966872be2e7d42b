/*
 * state/edges.c: where the edges of a graph lead when nodes have run.
 *
 * A superstep may be one of thousands of nodes, and a graph may have as many edges. So the edges
 * are read once, by the nodes they leave, and what a join has been told in this step is kept beside
 * it: its channel's value is an array that would be copied for each node that arrives.
 */
#include "state/state.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "threadmem/threadmem.h"

/* A channel in which a node waits for several. */
typedef struct WaitChannel
{
	char *channel;
	JsonItems *written; /* its value */
	Names *names;       /* the same */
	bool set;           /* so that the step refers to the value, which goes on to grow */
} WaitChannel;

typedef struct Edge
{
	char *to;
	JsonbContainer *starts; /* of a join, else NULL */
	WaitChannel *join;      /* NULL: nobody has arrived in this step */
} Edge;

struct Edges
{
	Names *nodes; /* NULL: the graph does not say */
	Names *from;  /* of nodes: Lists of Edge */
	Names *joins; /* by their channels */
	Names *followed;
};

static JsonbContainer *
array_of_graph(Jsonb *graph, const char *key)
{
	JsonbContainer *array = graph ? json_as_array(json_field(&graph->root, key)) : NULL;

	return array && JsonContainerSize(array) > 0 ? array : NULL;
}

static void
add_edge(Edges *edges, const char *from, int length, Edge *edge)
{
	NameEntry *node = names_add(edges->from, from, length);

	node->value = lappend(node->value, edge);
}

static void
read_edge(Edges *edges, JsonbContainer *pair)
{
	JsonbValue *from = pair ? getIthJsonbValueFromContainer(pair, 0) : NULL;
	Edge *edge = palloc0(sizeof(Edge));
	JsonItems *starts;

	edge->to = from ? json_as_text(getIthJsonbValueFromContainer(pair, 1)) : NULL;
	if (!edge->to)
		return;
	edge->starts = json_as_array(from);
	if (from->type == jbvString)
		add_edge(edges, from->val.string.val, from->val.string.len, edge);
	if (!edge->starts || strcmp(edge->to, "__end__") == 0)
		return;
	starts = items_read(edge->starts);
	for (int i = 0; i < starts->count; i++)
	{
		const JsonNode *start = &items_at(starts, i)->value;

		if (start->kind == NODE_STRING)
			add_edge(edges, start->data, (int)start->length, edge);
	}
}

Edges *
edges_read(Jsonb *graph)
{
	Edges *edges = palloc0(sizeof(Edges));
	JsonbContainer *nodes = array_of_graph(graph, "nodes");
	JsonbContainer *pairs = array_of_graph(graph, "edges");
	int count = pairs ? (int)JsonContainerSize(pairs) : 0;

	edges->nodes = nodes ? state_names(nodes) : NULL;
	edges->from = names_new();
	edges->joins = names_new();
	edges->followed = names_new();
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		read_edge(edges, json_as_array(getIthJsonbValueFromContainer(pairs, i)));
	}
	return edges;
}

bool
edges_have_node(const Edges *edges, const char *node)
{
	return !edges->nodes || strcmp(node, "__start__") == 0 || names_has(edges->nodes, node);
}

void
edges_trigger(Superstep *step, const char *node)
{
	JsonNode null = {.kind = NODE_NULL};

	if (strcmp(node, "__end__") != 0)
		superstep_set(step, psprintf("branch:to:%s", node), &null);
}

/* LangGraph's name of the channel in which a node waits for several. */
static char *
join_channel(const Edge *edge)
{
	StringInfoData name;

	initStringInfo(&name);
	for (int i = 0; i < (int)JsonContainerSize(edge->starts); i++)
	{
		CHECK_FOR_INTERRUPTS();
		appendStringInfo(&name, "%s%s", i ? "+" : "join:",
						 json_as_text(getIthJsonbValueFromContainer(edge->starts, i)));
	}
	appendStringInfo(&name, ":%s", edge->to);
	return name.data;
}

static WaitChannel *
begin_join(Superstep *step, char *channel)
{
	Jsonb *before = superstep_value(step, channel);
	WaitChannel *join = palloc0(sizeof(WaitChannel));

	join->channel = channel;
	join->written = items_new(2);
	join->names = names_new();
	if (before && JB_ROOT_IS_ARRAY(before))
	{
		join->written = items_read(&before->root);
		join->names = state_names(&before->root);
	}
	return join;
}

static WaitChannel *
join_of(Edges *edges, Superstep *step, Edge *edge)
{
	char *channel;
	NameEntry *entry;

	if (edge->join)
		return edge->join;
	channel = join_channel(edge);
	entry = names_add(edges->joins, channel, (int)strlen(channel));
	if (!entry->value)
		entry->value = begin_join(step, channel);
	return edge->join = entry->value;
}

/* One more of those that the channel waits for has written. */
static void
arrive(Edges *edges, Superstep *step, Edge *edge, const char *node)
{
	WaitChannel *join = join_of(edges, step, edge);
	JsonNode value = node_of_items(NODE_ARRAY, join->written);

	if (!names_take(join->names, node))
		return;
	items_append(join->written, NULL, node_of_text(node));
	if (!join->set)
		superstep_set(step, join->channel, &value);
	join->set = true;
}

void
edges_follow(Edges *edges, Superstep *step, const char *node)
{
	NameEntry *leaving = names_find(edges->from, node, (int)strlen(node));
	ListCell *cell;

	/* to follow them again would change nothing */
	if (!names_take(edges->followed, node))
		return;
	foreach (cell, leaving ? (List *)leaving->value : NIL)
	{
		Edge *edge = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		if (edge->starts)
			arrive(edges, step, edge, node);
		else
			edges_trigger(step, edge->to);
	}
}
