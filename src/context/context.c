/*
 * context/context.c: message_context(), the messages to put before a model within a budget.
 */
#include "context/context.h"

#include <limits.h>

#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(threadmem_message_context);

/* What a closed call is answered with. */
#define NO_ANSWER "This call was not answered."
#define DEFAULT_HEAD 4
/* Messages that are read again at once. */
#define REREAD 256

enum
{
	CONTEXT_THREAD_ID,
	CONTEXT_MAX_TOKENS,
	CONTEXT_MAX_MESSAGES,
	CONTEXT_STRATEGY,
	CONTEXT_KEEP_SYSTEM,
	CONTEXT_START_ON,
	CONTEXT_HEAD_MESSAGES,
	CONTEXT_DANGLING
};

/* The columns of threadmem.context_message. */
enum
{
	OUT_MESSAGE_ID,
	OUT_SEQ,
	OUT_ROLE,
	OUT_NAME,
	OUT_CONTENT,
	OUT_BODY,
	OUT_TOOL_CALL_ID,
	OUT_TOKENS,
	OUT_USED_TOKENS,
	OUT_USED_MESSAGES,
	OUT_DROPPED_MESSAGES,
	OUT_COLUMNS
};

static int64
read_number(const char *argument, NullableDatum value, int least, int64 otherwise)
{
	if (value.isnull)
		return otherwise;
	if (DatumGetInt64(value.value) < least)
		error_bad_input(argument, "It must be %d or more, not " INT64_FORMAT ".", least,
						DatumGetInt64(value.value));
	return (int)DatumGetInt64(value.value);
}

static void
read_rules(WindowRules *rules, NullableDatum *args)
{
	static const char *const strategies[] = {"last", "middle", "head_tail", NULL};
	static const char *const danglings[] = {"drop", "close", NULL};
	char *origin;
	char *start_on = text_or_null(args[CONTEXT_START_ON]);

	memset(rules, 0, sizeof(WindowRules));
	rules->tokens = read_number("max_tokens", args[CONTEXT_MAX_TOKENS], 1, PG_INT64_MAX);
	rules->messages = read_number("max_messages", args[CONTEXT_MAX_MESSAGES], 1, PG_INT64_MAX);
	rules->head_messages =
		read_number("head_messages", args[CONTEXT_HEAD_MESSAGES], 0, DEFAULT_HEAD);
	rules->strategy = guard_choice("strategy", args[CONTEXT_STRATEGY], strategies);
	rules->close = guard_choice("dangling", args[CONTEXT_DANGLING], danglings) == 1;
	rules->start_on = start_on ? shape_role("start_on", start_on, &origin) : NULL;
}

pg_noreturn static void
error_no_room(NullableDatum thread_id, const char *detail, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("context does not fit into its limits"),
					errdetail("thread_id is \"%s\"; %s", text_or_null(thread_id), detail),
					errhint("%s", hint)));
}

/* The limits as the caller gave them, for an error. */
static char *
limits_text(const WindowRules *rules)
{
	StringInfoData out;

	initStringInfo(&out);
	if (rules->tokens != PG_INT64_MAX)
		appendStringInfo(&out, INT64_FORMAT " tokens", rules->tokens);
	if (rules->messages != PG_INT64_MAX)
		appendStringInfo(&out, "%s" INT64_FORMAT " messages", out.len > 0 ? " and " : "",
						 rules->messages);
	return out.data;
}

/* System messages are taken first; what is left is for the conversation. */
static List *
take_system(ThreadSource *source, WindowRules *rules)
{
	List *items = source->keep_system ? source_system(source) : NIL;
	int64 tokens = 0;
	ListCell *cell;

	foreach (cell, items)
		tokens += ((WindowItem *)lfirst(cell))->tokens;
	if (tokens > rules->tokens || list_length(items) > rules->messages)
		error_no_room(source->thread_id,
					  psprintf("its system messages are %d and need " INT64_FORMAT
							   " tokens, the limits are %s.",
							   list_length(items), tokens, limits_text(rules)),
					  "Raise the limits, or pass keep_system => false.");
	if (rules->tokens != PG_INT64_MAX)
		rules->tokens -= tokens;
	if (rules->messages != PG_INT64_MAX)
		rules->messages -= list_length(items);
	return items;
}

pg_noreturn static void
error_misfit(ThreadSource *source, const WindowRules *rules, const Window *window)
{
	NullableDatum thread_id = source->thread_id;
	WindowItem *item = window->misfit->first;
	char *left = limits_text(rules);
	char *message_id;

	if (!item->row)
		source_reread(source, &item, 1);
	message_id = text_or_null(source_column(source, item, ITEM_MESSAGE_ID));
	if (window->trimmed > 0)
		error_no_room(thread_id,
					  psprintf("the newest messages within %s have none of role \"%s\".", left,
							   rules->start_on),
					  "Raise the limits, or leave start_on out.");
	if (window->misfit_is_of_head)
		error_no_room(
			thread_id,
			psprintf("message_id \"%s\" is of the head_messages to keep, and does not fit "
					 "into %s with those before it and the newest.",
					 message_id, left),
			"Raise the limits, or lower head_messages.");
	error_no_room(thread_id,
				  psprintf("message_id \"%s\" is the newest, and needs with what belongs to it "
						   "tokens: " INT64_FORMAT ", messages: " INT64_FORMAT
						   "; there is room for %s.",
						   message_id, window->misfit->tokens, window->misfit->messages, left),
				  "Raise the limits, or shorten the message by message_update().");
}

/* A row of the result; answer is the call that it answers, NULL for a message of the thread. */
typedef struct ContextRow
{
	WindowItem *item;
	const MessageCall *answer;
	int64 place; /* of the unit */
	int number;  /* within it */
} ContextRow;

static int
compare_rows(const void *a, const void *b)
{
	const ContextRow *left = a;
	const ContextRow *right = b;

	if (left->place != right->place)
		return left->place < right->place ? -1 : 1;
	return left->number - right->number;
}

static int
compare_places(const ListCell *a, const ListCell *b)
{
	const WindowItem *left = lfirst(a);
	const WindowItem *right = lfirst(b);

	if (left->tools->is_answer != right->tools->is_answer)
		return left->tools->is_answer ? 1 : -1;
	return left->place < right->place ? -1 : left->place > right->place;
}

/*
 * Answers stand directly behind their calls, those of our own first: models refuse anything in
 * between, and a person may have said something while the tool was at work.
 */
static int
add_unit(ContextRow *rows, const WindowUnit *unit)
{
	List *items = unit_items(unit);
	int64 place = unit->first->place;
	int count = 0;
	int calls = 0;
	ListCell *cell;

	list_sort(items, compare_places);
	foreach (cell, items)
	{
		WindowItem *item = lfirst(cell);
		bool behind = item->tools->is_answer && item != unit->first;

		calls += behind ? 0 : 1;
		rows[count] = (ContextRow){.item = item, .place = place};
		rows[count].number = behind ? count + list_length(unit->missing) : count;
		count++;
	}
	list_free(items);
	foreach (cell, unit->missing)
	{
		MissingAnswer *missing = lfirst(cell);

		rows[count++] = (ContextRow){
			.item = missing->caller, .answer = missing->call, .place = place, .number = calls++};
	}
	return count;
}

static void
put(Datum *values, bool *nulls, int column, NullableDatum value)
{
	values[column] = value.value;
	nulls[column] = value.isnull;
}

/* Providers refuse ids that are not their own. */
static Jsonb *
written_body(const ThreadSource *source, WindowItem *item, Jsonb *body)
{
	char *id_from = text_or_null(source_column(source, item, ITEM_ID_FROM));

	return id_from && strcmp(id_from, ID_FROM_BODY) == 0 ? body : shape_without_id(body);
}

static void
put_message(Datum *values, bool *nulls, const ThreadSource *source, WindowItem *item)
{
	Jsonb *body = source_body(source, item);
	text *content = shape_text(body, INT_MAX);

	put(values, nulls, OUT_MESSAGE_ID, source_column(source, item, ITEM_MESSAGE_ID));
	put(values, nulls, OUT_SEQ, source_column(source, item, ITEM_SEQ));
	put(values, nulls, OUT_ROLE, source_column(source, item, ITEM_ROLE));
	put(values, nulls, OUT_NAME, source_column(source, item, ITEM_NAME));
	put(values, nulls, OUT_CONTENT, content ? ARG(PointerGetDatum(content)) : ARG_NULL);
	put(values, nulls, OUT_BODY, ARG(JsonbPGetDatum(written_body(source, item, body))));
	put(values, nulls, OUT_TOOL_CALL_ID, source_column(source, item, ITEM_TOOL_CALL_ID));
	put(values, nulls, OUT_TOKENS, ARG(count_datum(item->tokens)));
}

static void
put_answer(Datum *values, bool *nulls, const ContextRow *row, int64 tokens)
{
	CallForm form = row->item->tools->form;
	Jsonb *body = shape_answer(form, row->answer, NO_ANSWER);
	MessageShape shape;

	shape_read("body", body, &shape);
	put(values, nulls, OUT_MESSAGE_ID, ARG_NULL);
	put(values, nulls, OUT_SEQ, ARG_NULL);
	put(values, nulls, OUT_ROLE, ARG_TEXT(shape.role));
	put(values, nulls, OUT_NAME, ARG_TEXT(shape.name));
	put(values, nulls, OUT_CONTENT, ARG_TEXT(NO_ANSWER));
	put(values, nulls, OUT_BODY, ARG(JsonbPGetDatum(body)));
	put(values, nulls, OUT_TOOL_CALL_ID,
		shape_is_place(row->answer->id) ? ARG_NULL : ARG_TEXT(row->answer->id));
	put(values, nulls, OUT_TOKENS, ARG(count_datum(tokens)));
}

static int64
answer_tokens(ThreadSource *source)
{
	return counter_count(&source->counter, cstring_to_text(NO_ANSWER));
}

/* Of the messages that were let go, those of the next rows are there again. */
static void
reread(ThreadSource *source, const ContextRow *rows, int count)
{
	WindowItem *items[REREAD];
	int gone = 0;

	for (int i = 0; i < count && gone < REREAD; i++)
		if (!rows[i].answer && !rows[i].item->row)
			items[gone++] = rows[i].item;
	source_reread(source, items, gone);
}

static void
put_rows(Call *call, ThreadSource *source, const WindowRules *rules, ContextRow *rows, int count)
{
	MemoryContext each = source_memory(source);
	MemoryContext before;
	Datum values[OUT_COLUMNS];
	bool nulls[OUT_COLUMNS] = {0};
	int64 tokens = 0;
	int stored = 0;

	qsort(rows, count, sizeof(ContextRow), compare_rows);
	for (int i = 0; i < count; i++)
	{
		tokens += rows[i].answer ? rules->answer_tokens : rows[i].item->tokens;
		stored += rows[i].answer ? 0 : 1;
	}
	values[OUT_USED_TOKENS] = count_datum(tokens);
	values[OUT_USED_MESSAGES] = count_datum(count);
	values[OUT_DROPPED_MESSAGES] = count_datum(source->total - stored);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!rows[i].answer && !rows[i].item->row)
			reread(source, rows + i, count - i);
		before = MemoryContextSwitchTo(each);
		if (rows[i].answer)
			put_answer(values, nulls, &rows[i], rules->answer_tokens);
		else
			put_message(values, nulls, source, rows[i].item);
		query_put(call, values, nulls, OUT_COLUMNS);
		MemoryContextSwitchTo(before);
		MemoryContextReset(each);
		if (!rows[i].answer)
			source_free(source, rows[i].item);
	}
}

Datum
threadmem_message_context(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	NullableDatum keep_system = args[CONTEXT_KEEP_SYSTEM];
	ThreadSource source;
	WindowRules rules;
	Window window;
	ContextRow *rows;
	List *system;
	ListCell *cell;
	int count;
	Call call;

	query_begin(&call, fcinfo);
	read_rules(&rules, args);
	query_open_set(&call);
	source_open(&source, &call, args[CONTEXT_THREAD_ID], bool_or(keep_system, true));
	rules.answer_tokens = rules.close ? answer_tokens(&source) : 0;
	system = take_system(&source, &rules);
	window_choose(&source.window, &rules, &window);
	/* an empty window could not say why it is */
	if (window.misfit && (window.units == NIL || window.misfit_is_of_head))
		error_misfit(&source, &rules, &window);
	count = 0;
	rows = palloc_extended(sizeof(ContextRow) * (list_length(system) + window.messages + 1),
						   MCXT_ALLOC_HUGE);
	foreach (cell, system)
	{
		WindowItem *item = lfirst(cell);

		rows[count++] = (ContextRow){.item = item, .place = item->place};
	}
	foreach (cell, window.units)
		count += add_unit(rows + count, lfirst(cell));
	put_rows(&call, &source, &rules, rows, count);
	return query_close_set(&call);
}
