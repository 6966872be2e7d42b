/*
 * admin/graph_draw.c: a forest drawn as text, as `git log --graph` draws it.
 *
 * Rows come top to bottom, each with at most one parent further down. A lane is a column of the
 * drawing, two characters wide: a line on its way down to a row that is still to come. A row takes
 * the lane that leads to it; when none does, nothing above is its child, and it opens a new lane at
 * the right. Below the row its lane leads on to its parent. Should another lane lead there as well,
 * the two are joined at once, the right one going over to the left one, so that never more than one
 * lane leads to a row. A row without parent ends its lane. Either way a lane is gone from the right
 * of which all others move to the left by one:
 *
 *     | | * | c       the lane of c goes over to that of a, and what is right of it moves up
 *     | |/ /
 *     |/| |
 *     | * | b
 *     * | | a
 *
 * To go further than two lanes to the left it passes under those between, in one line (|_|/); so no
 * change takes more than two lines. Where a row at the right end has no parent and the next one
 * opens a lane in the same column, a line is left free, lest the one look like the other's child.
 * Lanes that lead past the last row are still open at the end. git (2.39) leaves no line free, and
 * slants a lane beside a row (* /) that moves to the left both above and below it; all else is the
 * same, line by line.
 */
#include "admin/graph.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

typedef struct GraphDrawing
{
	List *lines;
	int *lanes; /* to which row each leads; GRAPH_NO_PARENT for one that ends */
	int count;
	bool closed; /* the last change ended the lane at the right end */
} GraphDrawing;

/* Characters at columns that may come in any order, spaces between them. */
static void
set_char(StringInfo line, int column, char value)
{
	while (line->len <= column)
		appendStringInfoChar(line, ' ');
	line->data[column] = value;
}

static void
add_line(GraphDrawing *drawing, StringInfo line)
{
	drawing->lines = lappend(drawing->lines, line->data);
}

static void
begin_line(const GraphDrawing *drawing, StringInfo line, int lanes)
{
	initStringInfo(line);
	for (int i = 0; i < lanes; i++)
		if (drawing->lanes[i] != GRAPH_NO_PARENT)
			set_char(line, 2 * i, '|');
}

/* A line of all lanes with words beside them. */
static void
add_words(GraphDrawing *drawing, int lane, char mark, const char *words)
{
	StringInfoData line;

	begin_line(drawing, &line, drawing->count);
	if (mark)
		set_char(&line, 2 * lane, mark);
	if (words && drawing->count > 0)
		set_char(&line, 2 * drawing->count - 1, ' ');
	if (words)
		appendStringInfoString(&line, words);
	add_line(drawing, &line);
}

/* The first lane that leads to a row, but for one; -1 when there is none. */
static int
find_lane(const GraphDrawing *drawing, int row, int but)
{
	for (int i = 0; i < drawing->count; i++)
		if (drawing->lanes[i] == row && i != but)
			return i;
	return -1;
}

/* A lane goes over to one at its left, or ends (to is -1); what is right of it moves up. */
static void
close_lane(GraphDrawing *drawing, int from, int to)
{
	StringInfoData line;

	drawing->closed = to < 0 && from == drawing->count - 1;
	begin_line(drawing, &line, from);
	for (int i = to + 2; to >= 0 && i < from; i++)
		set_char(&line, 2 * i - 1, '_');
	for (int i = to >= 0 ? from : from + 1; i < drawing->count; i++)
		set_char(&line, 2 * i - 1, '/');
	if (!drawing->closed)
		add_line(drawing, &line);
	drawing->count--;
	memmove(&drawing->lanes[from], &drawing->lanes[from + 1],
			sizeof(int) * (drawing->count - from));
	if (to < 0 || from - to == 1)
		return;
	begin_line(drawing, &line, drawing->count);
	set_char(&line, 2 * to + 1, '/');
	add_line(drawing, &line);
}

/* The lane of a row now leads to its parent. */
static void
lead_on(GraphDrawing *drawing, int lane)
{
	int parent = drawing->lanes[lane];
	int other = parent == GRAPH_NO_PARENT ? -1 : find_lane(drawing, parent, lane);

	drawing->closed = false;
	if (parent == GRAPH_NO_PARENT)
		close_lane(drawing, lane, -1);
	else if (other >= 0)
		close_lane(drawing, Max(lane, other), Min(lane, other));
}

static void
draw_row(GraphDrawing *drawing, const GraphRow *rows, int row)
{
	int lane = find_lane(drawing, row, -1);
	ListCell *cell;

	if (lane < 0)
	{
		if (drawing->closed)
			add_words(drawing, 0, '\0', NULL);
		lane = drawing->count++;
		drawing->lanes[lane] = row;
	}
	add_words(drawing, lane, rows[row].mark, rows[row].text);
	drawing->lanes[lane] = rows[row].parent;
	foreach (cell, rows[row].notes)
	{
		CHECK_FOR_INTERRUPTS();
		add_words(drawing, lane, '\0', lfirst(cell));
	}
	lead_on(drawing, lane);
}

List *
graph_draw(const GraphRow *rows, int count, bool goes_on)
{
	GraphDrawing drawing = {.lanes = palloc(sizeof(int) * Max(count, 1))};

	for (int row = 0; row < count; row++)
	{
		CHECK_FOR_INTERRUPTS();
		Assert(rows[row].parent == GRAPH_NO_PARENT || rows[row].parent > row);
		draw_row(&drawing, rows, row);
	}
	if (goes_on)
		add_words(&drawing, 0, '\0', "...");
	return drawing.lines;
}
