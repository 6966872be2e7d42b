/*
 * checkpoint/list.c: how a list of messages stands in a state document.
 *
 * A list is an array of pieces, in its order. A piece is one run of revisions, [first, last]; where
 * short runs follow each other, as they do in a conversation of which messages were deleted here
 * and there, it is a string of some dozens of them:
 *
 *   "10,3-17:0~4,2,2~3,-14"    ten revisions from 3 to 17: [3, 7], [9, 9], [11, 14]
 *
 * Before the colon stands how many revisions a piece has, its lowest and its greatest one. Behind
 * it each run says how far it begins after the end of the one before it, the first one after the
 * lowest, and behind ~ how many revisions follow its first. So ten thousand runs take thirty
 * kilobytes instead of 360; and who wants a place in the list, or a revision, goes by what the
 * pieces say of themselves and opens the one in question.
 *
 * States are stored as changes, by which a piece is replaced as a whole. So where pieces begin is
 * decided by the runs themselves, by a hash that one in BEGINS_ONE_IN has, and not by counting:
 * else a message that goes at the beginning of a list would move all that comes after it into other
 * pieces. The same list is always the same pieces.
 */
#include "checkpoint/checkpoint.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "threadmem/threadmem.h"

/* What takes no time worth speaking of, whether the revisions are there or not. */
#define LONG_LIST (64 * 1024)

/* Revisions in a list: more messages than 255 MB hold (checkpoint/bytes.c counts 160 for each). */
#define LIST_MAX (2 * 1024 * 1024)

#define BEGINS_ONE_IN_BITS 5 /* 32 */
#define PIECE_MAX 128        /* runs */
#define STRING_MIN 4         /* runs: fewer are an element each */

/* Who may write the table may write anything into it; that must not bring the server down. */
pg_noreturn static void
error_bad_refs(void)
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("state of a checkpoint is damaged"),
					errdetail("Its refs are no runs of revisions."),
					errhint("threadmem_verify() lists what cannot be restored.")));
}

pg_noreturn static void
error_too_long(void)
{
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("list of messages of a state is too long"),
					errdetail("It refers to more than %d revisions.", LIST_MAX),
					errhint("threadmem_verify() lists what is damaged.")));
}

static bool
read_number(const JsonNode *node, int64 *number)
{
	return node->kind == NODE_NUMBER &&
		   numeric_int64(DatumGetNumeric(PointerGetDatum(node->data)), number);
}

/* [first, last], most often of one revision: making a number of it is what reading one costs. */
static bool
read_run(const JsonNode *node, RevRun *run)
{
	JsonReader reader;
	JsonNode first;
	JsonNode last;

	if (!node_is_array(node) || JsonContainerSize(node_container(node)) != 2)
		return false;
	reader = json_reader(node_container(node));
	first = json_reader_next(&reader);
	last = json_reader_next(&reader);
	if (!read_number(&first, &run->first))
		return false;
	run->last = run->first;
	return (node_same(&first, &last) || read_number(&last, &run->last)) && run->first <= run->last;
}

/* Digits, which are no more than can be counted. */
static bool
read_digits(const char **at, const char *end, int64 *number)
{
	const char *next = *at;
	int64 value = 0;

	for (; next < end && *next >= '0' && *next <= '9'; next++)
	{
		if (value > COUNT_MAX / 10)
			return false;
		value = value * 10 + (*next - '0');
	}
	if (next == *at || value > COUNT_MAX)
		return false;
	*at = next;
	*number = value;
	return true;
}

static bool
read_sign(const char **at, const char *end, char sign)
{
	if (*at == end || **at != sign)
		return false;
	(*at)++;
	return true;
}

/* What a string says of itself; at is where its runs begin. */
static bool
read_head(const JsonNode *node, const char **at, ListPiece *piece)
{
	const char *end = (const char *)node->data + node->length;

	*at = node->data;
	return read_digits(at, end, &piece->total) && read_sign(at, end, ',') &&
		   read_digits(at, end, &piece->lowest) && read_sign(at, end, '-') &&
		   read_digits(at, end, &piece->greatest) && read_sign(at, end, ':') && piece->total > 0 &&
		   piece->lowest > 0;
}

static bool
read_piece(const JsonNode *node, ListPiece *piece)
{
	const char *at;
	RevRun run;

	piece->node = *node;
	if (node->kind == NODE_STRING)
		return read_head(node, &at, piece);
	if (!read_run(node, &run))
		return false;
	piece->lowest = run.first;
	piece->greatest = run.last;
	piece->total = run.last - run.first + 1;
	return run.first > 0 && run.last <= COUNT_MAX;
}

/* The runs of a string, which has to be what it says of itself. */
static bool
read_string(const JsonNode *node, RevRuns *list)
{
	const char *end = (const char *)node->data + node->length;
	const char *at;
	ListPiece piece;
	int64 last;

	if (!read_head(node, &at, &piece))
		return false;
	last = piece.lowest;
	do
	{
		bool back = read_sign(&at, end, '-');
		int64 step;
		int64 more = 0;

		if (!read_digits(&at, end, &step) ||
			(read_sign(&at, end, '~') && !read_digits(&at, end, &more)))
			return false;
		step = last + (back ? -step : step);
		last = step + more;
		piece.total -= more + 1;
		if (step < piece.lowest || last > piece.greatest || piece.total < 0)
			return false;
		rev_runs_add(list, step, last);
	} while (read_sign(&at, end, ','));
	return at == end && piece.total == 0;
}

bool
list_read_run(const JsonNode *node, RevRun *run)
{
	return read_run(node, run) && run->first > 0 && run->last <= COUNT_MAX;
}

void
list_check_length(const RevRuns *list)
{
	if (list->total > LIST_MAX)
		error_too_long();
}

bool
list_read(const JsonNode *node, RevRuns *list)
{
	JsonReader reader;

	if (!node_is_array(node))
		return false;
	reader = json_reader(node_container(node));
	for (uint32 i = 0; i < JsonContainerSize(node_container(node)); i++)
	{
		JsonNode item = json_reader_next(&reader);
		RevRun run;

		CHECK_FOR_INTERRUPTS();
		if (item.kind == NODE_STRING)
		{
			if (!read_string(&item, list))
				return false;
		}
		else if (read_run(&item, &run))
			rev_runs_add(list, run.first, run.last);
		else
			return false;
	}
	return true;
}

ListPieces
list_pieces(const JsonNode *node)
{
	ListPieces out = {0};
	JsonReader reader;
	uint32 count;

	if (!node_is_array(node))
		error_bad_refs();
	count = JsonContainerSize(node_container(node));
	out.pieces = palloc_extended(sizeof(ListPiece) * Max(count, 1), MCXT_ALLOC_HUGE);
	reader = json_reader(node_container(node));
	for (uint32 i = 0; i < count; i++)
	{
		JsonNode item = json_reader_next(&reader);

		CHECK_FOR_INTERRUPTS();
		if (!read_piece(&item, &out.pieces[i]))
			error_bad_refs();
		out.total += out.pieces[i].total;
		if (out.total > LIST_MAX)
			error_too_long();
	}
	out.count = (int)count;
	return out;
}

void
list_open(const ListPiece *piece, RevRuns *list)
{
	if (piece->node.kind != NODE_STRING)
		rev_runs_add(list, piece->lowest, piece->greatest);
	else if (!read_string(&piece->node, list))
		error_bad_refs();
}

/* Adds all runs of a list. */
static void
append_runs(RevRuns *list, const JsonNode *node)
{
	ListPieces pieces = list_pieces(node);

	for (int i = 0; i < pieces.count; i++)
		list_open(&pieces.pieces[i], list);
	pfree(pieces.pieces);
}

RevRuns
list_of_node(const JsonNode *node)
{
	RevRuns list = {0};

	append_runs(&list, node);
	return list;
}

bool
document_list_node(const StateParts *parts, const char *channel, int length, JsonNode *node)
{
	JsonbValue value;

	if (!parts->refs || !getKeyJsonValueFromContainer(parts->refs, channel, length, &value))
		return false;
	*node = node_of_value(&value);
	return true;
}

bool
document_list(const StateParts *parts, const char *channel, int length, RevRuns *list)
{
	JsonNode node;

	*list = (RevRuns){0};
	if (!document_list_node(parts, channel, length, &node))
		return false;
	append_runs(list, &node);
	return true;
}

RevRuns
document_revisions(const StateParts *parts)
{
	JsonItems *channels = parts->refs ? items_read(parts->refs) : items_new(1);
	RevRuns list = {0};

	for (int i = 0; i < channels->count; i++)
		append_runs(&list, &items_at(channels, i)->value);
	items_free(channels);
	return list;
}

/* How many revisions a list says that it has, or more than matters. */
static int64
total_of(const JsonNode *node)
{
	JsonReader reader;
	int64 total = 0;

	if (!node_is_array(node))
		error_bad_refs();
	reader = json_reader(node_container(node));
	for (uint32 i = 0; i < JsonContainerSize(node_container(node)) && total <= LONG_LIST; i++)
	{
		JsonNode item = json_reader_next(&reader);
		const char *at = item.data;
		ListPiece piece;

		if (item.kind == NODE_STRING ? !read_digits(&at, at + item.length, &piece.total)
									 : !read_piece(&item, &piece))
			error_bad_refs();
		total += piece.total;
	}
	return total;
}

/* Asked of every state that is read, so of what is short only the numbers are added up. */
bool
document_is_long(const StateParts *parts, int64 *greatest)
{
	JsonItems *channels = parts->refs ? items_read(parts->refs) : items_new(1);
	int64 total = 0;

	for (int i = 0; i < channels->count; i++)
		total += total_of(&items_at(channels, i)->value);
	*greatest = 0;
	for (int i = 0; i < channels->count && total > LONG_LIST; i++)
	{
		ListPieces list = list_pieces(&items_at(channels, i)->value);

		for (int k = 0; k < list.count; k++)
			*greatest = Max(*greatest, list.pieces[k].greatest);
		pfree(list.pieces);
	}
	items_free(channels);
	return total > LONG_LIST;
}

static bool
begins_piece(const RevRun *run)
{
	return (uint64)run->first * UINT64CONST(0x9E3779B97F4A7C15) >> (64 - BEGINS_ONE_IN_BITS) == 0;
}

static JsonNode
node_of_run(const RevRun *run)
{
	JsonItems *ends = items_new(2);

	items_append(ends, NULL, node_of_int64(run->first));
	items_append(ends, NULL, node_of_int64(run->last));
	return node_of_items(NODE_ARRAY, ends);
}

static char *
put_number(char *out, char sign, int64 number)
{
	if (sign)
		*out++ = sign;
	return out + pg_lltoa(number, out);
}

ListPiece
list_piece_of(const RevRun *runs, int count)
{
	ListPiece piece = {.lowest = runs[0].first, .greatest = runs[0].last};

	for (int i = 0; i < count; i++)
	{
		piece.lowest = Min(piece.lowest, runs[i].first);
		piece.greatest = Max(piece.greatest, runs[i].last);
		piece.total += runs[i].last - runs[i].first + 1;
	}
	return piece;
}

static JsonNode
node_of_runs(const RevRun *runs, int count)
{
	ListPiece piece = list_piece_of(runs, count);
	char *bytes = palloc(2 * (MAXINT8LEN + 1) * (count + 2));
	char *out = put_number(bytes, 0, piece.total);
	int64 last = piece.lowest;

	out = put_number(out, ',', piece.lowest);
	out = put_number(out, '-', piece.greatest);
	for (int i = 0; i < count; i++)
	{
		out = put_number(out, i == 0 ? ':' : ',', runs[i].first - last);
		if (runs[i].last > runs[i].first)
			out = put_number(out, '~', runs[i].last - runs[i].first);
		last = runs[i].last;
	}
	return node_of_string(bytes, (int)(out - bytes));
}

/* Whether a piece of another list is what these runs would be. */
static bool
is_piece(const JsonNode *node, const RevRun *runs, int count, bool is_string)
{
	ListPiece own = list_piece_of(runs, count);
	ListPiece piece;

	return (node->kind == NODE_STRING) == is_string && read_piece(node, &piece) &&
		   piece.total == own.total && piece.lowest == own.lowest && piece.greatest == own.greatest;
}

/* The pieces of another list, one after the other, as long as they are of the same runs. */
typedef struct Before
{
	JsonReader reader;
	uint32 left;
	int same; /* runs */
} Before;

/* Adds some runs that are one piece; next is where they end. */
static void
add_piece(JsonItems *pieces, Before *before, const RevRuns *list, int begin, int next, bool string)
{
	const RevRun *runs = &list->runs[begin];
	JsonNode node;

	if (next < before->same && before->left > 0)
	{
		node = json_reader_next(&before->reader);
		before->left--;
		if (is_piece(&node, runs, next - begin, string))
		{
			items_append(pieces, NULL, node);
			return;
		}
		before->same = 0;
	}
	items_append(pieces, NULL, string ? node_of_runs(runs, next - begin) : node_of_run(runs));
}

JsonNode
node_of_list(const RevRuns *list, const JsonNode *was, int same)
{
	JsonItems *pieces = items_new(8);
	Before before = {.same = same};
	int next;

	if (same > 0 && node_is_array(was))
	{
		before.reader = json_reader(node_container(was));
		before.left = JsonContainerSize(node_container(was));
	}
	for (int i = 0; i < list->count; i = next)
	{
		CHECK_FOR_INTERRUPTS();
		for (next = i + 1; next < list->count && next - i < PIECE_MAX; next++)
			if (begins_piece(&list->runs[next]))
				break;
		if (next - i >= STRING_MIN)
			add_piece(pieces, &before, list, i, next, true);
		else
			for (int k = i; k < next; k++)
				add_piece(pieces, &before, list, k, k + 1, false);
	}
	return node_of_items(NODE_ARRAY, pieces);
}
