/*
 * admin/graph.c: thread_graph(), the history of a thread as a drawing.
 *
 * Every checkpoint names its parent, so a namespace's history is a forest; admin/graph_draw.c draws
 * it. Ids are what writers say: a parent may sort above its child, be its own child, or not be
 * stored. Lines only lead downwards. A parent further down that is not stored gets a row of its
 * own, so that siblings meet there; a parent above is told in words, which a circle always has one
 * of.
 */
#include "admin/graph.h"

#include "graph/graph.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_thread_graph);

#define GRAPH_ROWS 100
#define NAME_MAX_CHARS 24 /* of a node, in the drawing */
#define NEXT_MAX_CHARS 24 /* of nodes to run next, before the last one shown */

/* Newest first, with what their tasks have written; task 0 is nobody's. */
static Stmt admin_newest = {
	"SELECT c.checkpoint_id, c.parent_checkpoint_id, c.seq, c.base_seq, c.metadata ->> 'step',"
	" c.metadata ->> 'source', c.seen, w.tasks, w.untasked, w.interrupted, w.failed,"
	" jsonb_build_object('step', c.metadata -> 'step'), c.next_rev, c.next_change"
	" FROM (SELECT * FROM threadmem_data.checkpoints h WHERE h.tenant_id = $1 AND h.thread_id = $2"
	" AND h.checkpoint_ns = $3 ORDER BY h.checkpoint_id DESC LIMIT $4) c,"
	" LATERAL (SELECT count(DISTINCT p.task_id) FILTER (WHERE NOT p.nobody"
	" AND p.channel NOT IN ('__error__', '__interrupt__', '__scheduled__', '__resume__')) AS tasks,"
	" bool_or(p.nobody) AS untasked, bool_or(p.channel = '__interrupt__') AS interrupted,"
	" bool_or(p.channel = '__error__') AS failed FROM (SELECT v.task_id, v.channel,"
	" v.task_id = '" NULL_TASK_ID "' AS nobody"
	" FROM threadmem_data.checkpoint_writes v WHERE v.tenant_id = $1 AND v.thread_id = $2"
	" AND v.checkpoint_ns = $3 AND v.checkpoint_id = c.checkpoint_id) p) w"
	" ORDER BY c.checkpoint_id DESC",
	"ttl"};
static Stmt admin_gone = {"SELECT m.rev FROM threadmem_data.messages m WHERE m.tenant_id = $1"
						  " AND m.thread_id = $2 AND m.body IS NULL ORDER BY m.rev",
						  "t"};
/* The order within a namespace decides for its index, whatever the statistics. */
static Stmt admin_namespaces = {
	"SELECT x.place FROM unnest($3) WITH ORDINALITY x (ns, place),"
	" LATERAL (SELECT 1 FROM threadmem_data.checkpoints c WHERE c.tenant_id = $1 AND c.thread_id = $2"
	" AND c.checkpoint_ns = x.ns ORDER BY c.checkpoint_id LIMIT 1) e ORDER BY x.place",
	"tT"};

/* A checkpoint of the drawing. */
typedef struct GraphPoint
{
	char *checkpoint_id;
	char *parent_checkpoint_id;
	char *step;   /* as it is written, for the drawing */
	int64 number; /* as it counts */
	char *source;
	NullableDatum seen;
	Taken taken;
	int64 writers; /* tasks with writes */
	bool untasked; /* writes of no task */
	bool interrupted;
	bool failed;
	bool is_latest;
	bool has_child;
	Outline outline;
	List *tasks;
	List *notes; /* lines below it */
} GraphPoint;

/* A row of the drawing: a checkpoint, or the id of one that is not stored. */
typedef struct GraphEntry
{
	const char *checkpoint_id;
	GraphPoint *point;
} GraphEntry;

typedef struct GraphHistory
{
	Call *call;
	NullableDatum thread_id;
	NullableDatum checkpoint_ns;
	Jsonb *graph;
	GraphPoint *points; /* newest first */
	int count;
	bool goes_on;        /* there are older ones */
	GraphEntry *entries; /* in the same order, with the parents that are not among the points */
	int entry_count;
	RevSet gone; /* revisions of messages erased */
} GraphHistory;

static void
read_point(GraphPoint *point, uint64 row)
{
	*point = (GraphPoint){
		.checkpoint_id = row_text(row, 1),
		.parent_checkpoint_id = row_text_or_null(row, 2),
		.step = row_text_or_null(row, 5),
		.number = checkpoint_step(row_jsonb(row, 12, JSON_ROOT_OBJECT)),
		.source = row_text_or_null(row, 6),
		.writers = row_int64(row, 8),
		.untasked = row_bool(row, 9),
		.interrupted = row_bool(row, 10),
		.failed = row_bool(row, 11),
		.taken = {row_int64(row, 13), row_int64(row, 14)},
		.is_latest = row == 1,
		.outline = {.seq = row_int64(row, 3), .base_seq = row_int64(row, 4)},
	};
	if (point->is_latest)
		point->seen = row_column(row, 7);
}

/* One row more is asked for, which tells whether there is one. */
static void
read_points(GraphHistory *history, int64 max_rows)
{
	NullableDatum args[] = {history->thread_id, history->checkpoint_ns,
							ARG(Int64GetDatum(max_rows + 1))};
	int64 rows = (int64)query_exec(history->call, &admin_newest, args);

	history->goes_on = rows > max_rows;
	history->count = (int)Min(rows, max_rows);
	history->points = palloc(sizeof(GraphPoint) * Max(history->count, 1));
	for (int i = 0; i < history->count; i++)
		read_point(&history->points[i], i + 1);
}

static void
read_gone(GraphHistory *history)
{
	uint64 count = query_exec(history->call, &admin_gone, &history->thread_id);
	RevRuns revs = {0};

	for (uint64 row = 1; row <= count; row++)
		rev_runs_add(&revs, row_int64(row, 1), row_int64(row, 1));
	history->gone = rev_set_of(&revs);
}

/* Outlines, and the tasks that they tell of. */
static void
read_outlines(GraphHistory *history)
{
	char *ns = text_or_null(history->checkpoint_ns);
	Outline **outlines = palloc(sizeof(Outline *) * Max(history->count, 1));

	for (int i = 0; i < history->count; i++)
		outlines[i] = &history->points[i].outline;
	outlines_read(history->call, history->thread_id, history->checkpoint_ns, outlines,
				  history->count);
	for (int i = 0; i < history->count; i++)
	{
		GraphPoint *point = &history->points[i];

		CHECK_FOR_INTERRUPTS();
		if (point->outline.document)
			point->tasks = state_tasks(point->outline.document, point->checkpoint_id, ns,
									   point->number + 1, NULL);
	}
}

/* The namespaces that tasks may have, and where to note those that there are. */
typedef struct GraphCandidates
{
	List *names;
	List *points;
} GraphCandidates;

static void
add_candidates(const GraphHistory *history, GraphPoint *point, GraphCandidates *candidates)
{
	ListCell *cell;

	foreach (cell, point->tasks)
	{
		StateTask *task = lfirst(cell);
		char *ns;

		CHECK_FOR_INTERRUPTS();
		if (!task->id)
			continue;
		ns = state_task_ns(task, text_or_null(history->checkpoint_ns));
		if (strlen(ns) > NS_MAX_BYTES)
			continue;
		candidates->names = lappend(candidates->names, ns);
		candidates->points = lappend(candidates->points, point);
	}
}

/* Text of a writer's own on one line: control characters as \x0a, the end cut off visibly. */
static void
add_plain(StringInfo out, const char *string, int max_chars)
{
	int length = (int)strlen(string);
	int shown = pg_mbcharcliplen(string, length, max_chars);

	for (int i = 0; i < shown; i++)
		if ((unsigned char)string[i] < 0x20 || string[i] == 0x7f)
			appendStringInfo(out, "\\x%02x", (unsigned char)string[i]);
		else
			appendStringInfoChar(out, string[i]);
	if (shown < length)
		appendStringInfoString(out, "...");
}

static void
read_namespaces(GraphHistory *history)
{
	GraphCandidates candidates = {0};
	NullableDatum args[] = {history->thread_id, ARG_NULL};
	uint64 rows;

	for (int i = 0; i < history->count; i++)
		add_candidates(history, &history->points[i], &candidates);
	if (candidates.names == NIL)
		return;
	args[1] = text_array_of(candidates.names);
	rows = query_exec(history->call, &admin_namespaces, args);
	for (uint64 row = 1; row <= rows; row++)
	{
		int place = (int)row_int64(row, 1) - 1;
		GraphPoint *point = list_nth(candidates.points, place);
		StringInfoData note;

		CHECK_FOR_INTERRUPTS();
		initStringInfo(&note);
		appendStringInfoString(&note, "subgraph ");
		add_plain(&note, list_nth(candidates.names, place), NS_MAX_BYTES);
		point->notes = lappend(point->notes, note.data);
	}
}

static int
compare_entries(const void *a, const void *b)
{
	return strcmp(((const GraphEntry *)b)->checkpoint_id, ((const GraphEntry *)a)->checkpoint_id);
}

static GraphEntry *
find_entry(const GraphHistory *history, const char *checkpoint_id)
{
	GraphEntry key = {.checkpoint_id = checkpoint_id};

	return bsearch(&key, history->entries, history->entry_count, sizeof(GraphEntry),
				   compare_entries);
}

/* Parents that lie further down and are no points: not stored, or beyond the last row. */
static void
add_missing_parents(GraphHistory *history)
{
	int stored = history->entry_count;
	int count = stored;
	int unique = 0;
	GraphEntry *entries = history->entries;

	for (int i = 0; i < stored; i++)
	{
		const char *parent = entries[i].point->parent_checkpoint_id;

		if (parent && strcmp(parent, entries[i].checkpoint_id) < 0 && !find_entry(history, parent))
			entries[count++] = (GraphEntry){.checkpoint_id = parent};
	}
	qsort(entries, count, sizeof(GraphEntry), compare_entries);
	for (int i = 0; i < count; i++)
		if (unique == 0 || compare_entries(&entries[unique - 1], &entries[i]) != 0)
			entries[unique++] = entries[i];
	history->entry_count = unique;
}

static void
make_entries(GraphHistory *history)
{
	history->entries = palloc(sizeof(GraphEntry) * Max(2 * history->count, 1));
	history->entry_count = history->count;
	for (int i = 0; i < history->count; i++)
		history->entries[i] = (GraphEntry){history->points[i].checkpoint_id, &history->points[i]};
	add_missing_parents(history);
	for (int i = 0; i < history->count; i++)
	{
		char *parent = history->points[i].parent_checkpoint_id;
		GraphEntry *entry = parent ? find_entry(history, parent) : NULL;

		if (entry && entry->point)
			entry->point->has_child = true;
	}
}

/* Parts of a line: opened by the first, each other one after a comma. */
typedef struct LineParts
{
	StringInfo line;
	const char *before;
} LineParts;

static StringInfo
next_part(LineParts *parts)
{
	appendStringInfoString(parts->line, parts->before);
	parts->before = ", ";
	return parts->line;
}

static const char *
plural(int64 count)
{
	return count == 1 ? "" : "s";
}

/* A parent that no line can lead to. */
static void
add_parent(const GraphHistory *history, const GraphEntry *entry, LineParts *flags)
{
	const char *parent = entry->point->parent_checkpoint_id;
	const GraphEntry *found = parent ? find_entry(history, parent) : NULL;

	if (!parent || (found && found > entry))
		return;
	if (found == entry)
		appendStringInfoString(next_part(flags), "its own parent");
	else
		appendStringInfo(next_part(flags), "parent %s %s", parent, found ? "above" : "not stored");
}

static void
add_waiting(const GraphHistory *history, const GraphPoint *point, LineParts *flags)
{
	StateParts parts;
	int64 waiting;

	if (!point->is_latest || !ns_is_root(history->checkpoint_ns) || !point->outline.document)
		return;
	parts = document_parts(point->outline.document);
	waiting = state_waiting(history->call, history->thread_id, history->graph, &parts, point->seen,
							point->taken);
	if (waiting > 0)
		appendStringInfo(next_part(flags), "waits for log: " INT64_FORMAT, waiting);
}

/* Writes that led to a child are no news; that they ended in an interrupt or an error is. */
static void
add_writes(const GraphPoint *point, LineParts *flags)
{
	if (!point->has_child && point->writers > 0)
		appendStringInfo(next_part(flags), "writes: " INT64_FORMAT " task%s", point->writers,
						 plural(point->writers));
	else if (!point->has_child && point->untasked)
		appendStringInfoString(next_part(flags), "writes without task");
	if (point->interrupted)
		appendStringInfoString(next_part(flags), "interrupted");
	if (point->failed)
		appendStringInfoString(next_part(flags), "error");
}

static void
add_flags(const GraphHistory *history, const GraphEntry *entry, StringInfo line)
{
	LineParts flags = {line, " ("};

	if (entry->point->is_latest)
		appendStringInfoString(next_part(&flags), "latest");
	add_waiting(history, entry->point, &flags);
	add_writes(entry->point, &flags);
	add_parent(history, entry, &flags);
	if (!entry->point->outline.document)
		appendStringInfoString(next_part(&flags), "not restorable");
	if (flags.before[0] == ',')
		appendStringInfoChar(line, ')');
}

/* Tasks of one node in a row are counted; what does not fit as well. */
static void
add_next(const GraphPoint *point, LineParts *parts)
{
	LineParts names = {parts->line, "next: "};
	int count = list_length(point->tasks);
	int start;
	int same;

	if (count == 0)
		return;
	(void)next_part(parts);
	start = parts->line->len;
	for (int i = 0; i < count; i += same)
	{
		const char *name = ((StateTask *)list_nth(point->tasks, i))->name;

		CHECK_FOR_INTERRUPTS();
		if (pg_mbstrlen(parts->line->data + start) > NEXT_MAX_CHARS)
		{
			appendStringInfo(parts->line, ", +%d more", count - i);
			return;
		}
		for (same = 1; i + same < count; same++)
			if (strcmp(((StateTask *)list_nth(point->tasks, i + same))->name, name) != 0)
				break;
		add_plain(next_part(&names), name, NAME_MAX_CHARS);
		if (same > 1)
			appendStringInfo(parts->line, " x%d", same);
	}
}

/* What made it: the step and the source of its metadata. */
static void
add_origin(const GraphPoint *point, StringInfo line)
{
	if (point->step)
	{
		appendStringInfoString(line, "step ");
		add_plain(line, point->step, NAME_MAX_CHARS);
	}
	if (point->step && point->source)
		appendStringInfoChar(line, ' ');
	if (point->source)
		add_plain(line, point->source, NAME_MAX_CHARS);
}

static char *
text_of(const GraphHistory *history, const GraphEntry *entry)
{
	const GraphPoint *point = entry->point;
	StringInfoData line;
	LineParts parts = {&line, " "};
	int messages;

	initStringInfo(&line);
	appendStringInfoString(&line, entry->checkpoint_id);
	if (!point)
	{
		appendStringInfoString(&line, " (not stored)");
		return line.data;
	}
	add_flags(history, entry, &line);
	if (point->step || point->source)
		add_origin(point, next_part(&parts));
	messages = point->outline.document ? outline_messages(&point->outline, &history->gone) : -1;
	if (messages >= 0)
		appendStringInfo(next_part(&parts), "%d message%s", messages, plural(messages));
	add_next(point, &parts);
	return line.data;
}

static GraphRow
row_of(const GraphHistory *history, const GraphEntry *entry)
{
	GraphRow row = {.mark = 'o', .parent = GRAPH_NO_PARENT, .text = text_of(history, entry)};

	if (entry->point)
	{
		char *id = entry->point->parent_checkpoint_id;
		GraphEntry *parent = id ? find_entry(history, id) : NULL;

		row.mark = '*';
		row.notes = entry->point->notes;
		if (parent && parent > entry)
			row.parent = (int)(parent - history->entries);
	}
	return row;
}

/* Rows below the last checkpoint are drawn when it is the last one of all. */
static List *
draw(const GraphHistory *history)
{
	const GraphPoint *last = &history->points[history->count - 1];
	GraphRow *rows = palloc(sizeof(GraphRow) * history->entry_count);
	int count = history->entry_count;

	if (history->goes_on)
		count = (int)(find_entry(history, last->checkpoint_id) - history->entries) + 1;
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		rows[i] = row_of(history, &history->entries[i]);
	}
	return graph_draw(rows, count, history->goes_on);
}

static void
put_line(Call *call, const char *line)
{
	Datum value = CStringGetTextDatum(line);
	bool null = false;

	query_put(call, &value, &null, 1);
}

static void
put_drawing(GraphHistory *history)
{
	ListCell *cell;

	read_outlines(history);
	read_gone(history);
	read_namespaces(history);
	make_entries(history);
	foreach (cell, draw(history))
		put_line(history->call, lfirst(cell));
}

enum
{
	GRAPH_THREAD_ID,
	GRAPH_CHECKPOINT_NS,
	GRAPH_MAX_ROWS
};

Datum
threadmem_thread_graph(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	int64 max_rows = int64_or(args[GRAPH_MAX_ROWS], GRAPH_ROWS);
	GraphHistory history = {.thread_id = args[GRAPH_THREAD_ID]};
	ThreadRow thread;
	Call call;

	query_begin(&call, fcinfo);
	query_open_set(&call);
	history.call = &call;
	history.checkpoint_ns = ns_or_root(args[GRAPH_CHECKPOINT_NS]);
	thread_row_read(&call, history.thread_id, &thread);
	history.graph = graph_definition(&call, ARG_TEXT(thread.graph_id));
	read_points(&history, max_rows);
	if (history.count > 0)
		put_drawing(&history);
	else if (max_rows > 0 && ns_is_root(history.checkpoint_ns) && thread.live_messages > 0)
		put_line(&call, psprintf("(no checkpoint; log: " INT64_FORMAT " message%s)",
								 thread.live_messages, plural(thread.live_messages)));
	return query_close_set(&call);
}
