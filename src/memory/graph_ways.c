/*
 * memory/graph_ways.c: how far facts lead from one entity of a memory to the next.
 *
 * Breadth first: entities stand in a queue in the order in which they are reached, which is that of
 * their distances, and each is gone on from once. So the time is that of the facts, however long a
 * way is. A fact is as far as the nearer of its two ends; one that was taken back leads nowhere.
 */
#include "memory/graph.h"

#include "miscadmin.h"

static void *
numbers(int count)
{
	return palloc_extended(sizeof(int) * count, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* Calls take with each end of a fact that is there. */
static void
each_end(MemoryGraph *graph, void (*take)(MemoryGraph *graph, int fact, int entity))
{
	for (int i = 0; i < graph->fact_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int end = 0; end < 2; end++)
			if (!graph->facts[i].taken_back && graph->facts[i].ends[end] >= 0)
				take(graph, i, graph->facts[i].ends[end]);
	}
}

static void
count_way(MemoryGraph *graph, int fact, int entity)
{
	graph->first[entity + 2]++;
}

static void
lay_way(MemoryGraph *graph, int fact, int entity)
{
	graph->ways[graph->first[entity + 1]++] = fact;
}

/*
 * The ways of each entity, one behind the other. Where those of one begin is kept one place behind
 * its own until they are laid: that moves it to where they end, which is where the next ones begin.
 */
static void
lay_ways(MemoryGraph *graph)
{
	graph->queue = numbers(graph->entity_count + 1);
	graph->first = numbers(graph->entity_count + 2);
	graph->ways = numbers(2 * graph->fact_count + 1);
	each_end(graph, count_way);
	for (int i = 2; i < graph->entity_count + 2; i++)
		graph->first[i] += graph->first[i - 1];
	each_end(graph, lay_way);
}

void
graph_stay(MemoryGraph *graph)
{
	if (!graph->ways)
		lay_ways(graph);
	graph->reached = 0;
	for (int i = 0; i < graph->entity_count; i++)
		graph->entities[i].place.distance = DISTANCE_NONE;
	for (int i = 0; i < graph->fact_count; i++)
		graph->facts[i].place.distance = DISTANCE_NONE;
}

void
graph_reach(MemoryGraph *graph, KnownEntity *entity, int distance)
{
	if (entity->place.distance <= distance)
		return;
	entity->place.distance = distance;
	graph->queue[graph->reached++] = (int)(entity - graph->entities);
}

static void
go_on(MemoryGraph *graph, int from, int distance)
{
	for (int i = graph->first[from]; i < graph->first[from + 1]; i++)
	{
		KnownFact *fact = &graph->facts[graph->ways[i]];
		int to = fact->ends[fact->ends[0] == from];

		CHECK_FOR_INTERRUPTS();
		fact->place.distance = Min(fact->place.distance, distance);
		if (to >= 0)
			graph_reach(graph, &graph->entities[to], distance + 1);
	}
}

void
graph_walk(MemoryGraph *graph, int farthest)
{
	for (int i = 0; i < graph->reached; i++)
	{
		int from = graph->queue[i];
		int distance = graph->entities[from].place.distance;

		if (distance >= farthest)
			break;
		go_on(graph, from, distance);
	}
}
