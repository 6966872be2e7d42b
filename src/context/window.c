/*
 * context/window.c: the choice of what fits; no tables, no counting.
 *
 * A model refuses a call without its answer, and an answer without its call. So the choice is not
 * among messages but among units: a message alone, or a call with all its answers. Units are found
 * from the newest message back, because that is where most windows lie, and a thread may be long.
 * An answer is put aside until the call that it names is reached: the nearest one before it, for
 * some models number their calls anew in every turn. An answer that names none belongs to the
 * assistant's message that it directly follows, and stands alone where there is no such message.
 * What is still aside when the window ends has its call outside, and stays outside too. OpenAI's
 * items say a turn in several messages: a reasoning item belongs to what follows it, and so does a
 * call to the call next to it; those are one unit. So do thoughts of any form that came alone;
 * those that nothing of the same answer follows are passed over: the stream broke off, and models
 * refuse them. Only the first answer to a call counts. A unit with a call that nothing answers is
 * passed over, or closed by an answer of our own. The rules are the same for all providers: which
 * messages call, answer or think is for shape/tools.c and shape/part.c to say.
 *
 * "last" takes units from the newest back until one does not fit. It never takes an older one in
 * its stead: the model would read a conversation that nobody had. "middle" and "head_tail" take
 * the newest unit, then a part from the beginning, then what still fits from the end, down to that
 * part. Read from the beginning, a call's answers are yet to come: messages are read on until they
 * have, but not for ever; a call that has none LOOK_AHEAD messages later counts as unanswered.
 */
#include "context/context.h"

#include "miscadmin.h"

#include "threadmem/threadmem.h"

#define UNITS 64         /* made at once */
#define LOOK_AHEAD 256   /* answers to parallel calls, and what people say meanwhile */
#define START_AHEAD 1024 /* messages in which the beginning looks for one of role start_on */

/* An answer whose call is not reached yet; it is found by the ids that it names. */
typedef struct AnswerAside
{
	WindowItem *item;
	int number; /* in the order they were put aside, newest first */
	int unit;   /* for which it was looked at last */
	bool gone;
} AnswerAside;

/* Gives the units of messages, newest first. */
typedef struct UnitReader
{
	WindowSource *source; /* NULL: from the list */
	List *items;          /* oldest first */
	int left;
	WindowItem *held; /* read too far */
	int64 said;       /* place of the last message that is no answer */
	Names *aside;     /* by id the answers (List of AnswerAside) that name it; NULL for none yet */
	int aside_count;
	int looks;   /* that were taken at them */
	List *loose; /* answers that name no call, newest first */
	List *alone; /* those of them that turned out to stand alone, from the place next_alone on */
	int next_alone;
	WindowUnit *units; /* the first so many are there to be taken */
	int room;
} UnitReader;

static WindowItem *
read_item(UnitReader *reader)
{
	WindowItem *item = reader->held;

	reader->held = NULL;
	if (item)
		return item;
	if (reader->source)
		return reader->source->older(reader->source);
	return reader->left > 0 ? list_nth(reader->items, --reader->left) : NULL;
}

List *
unit_items(const WindowUnit *unit)
{
	return unit->items == NIL ? list_make1(unit->first) : list_copy(unit->items);
}

/* Most are of one message, and as many as a long thread has. */
static WindowUnit *
unit_of(UnitReader *reader, WindowItem *item)
{
	WindowUnit *unit;

	if (reader->room == 0)
	{
		reader->room = UNITS;
		reader->units = palloc(sizeof(WindowUnit) * UNITS);
	}
	unit = &reader->units[--reader->room];
	*unit = (WindowUnit){.first = item, .tokens = -1};
	return unit;
}

static bool
is_assistant(const WindowItem *item)
{
	return strcmp(item->role, "assistant") == 0;
}

/* Whether an item is one message with the assistant's message after it. */
static bool
leans_on(const WindowItem *item, const WindowItem *next)
{
	bool other_run = item->run_id && next->run_id && item->run_id != next->run_id;

	return is_assistant(item) && !other_run &&
		   (item->tools->is_reasoning || (item->tools->is_item && next->tools->is_item));
}

/* The calls of a unit that are being answered. */
typedef struct UnitAnswers
{
	Names *calls;    /* ids */
	Names *answered; /* those among them that are, also in the message that calls */
	Names *places;   /* how many answers a name has that goes by place; NULL for none yet */
	int nameless;    /* calls without an id that an answer without one serves: the first so many */
} UnitAnswers;

static void
find_calls(UnitAnswers *answering, const WindowUnit *unit)
{
	ListCell *cell;
	ListCell *inner;

	*answering = (UnitAnswers){names_new(), names_new(), NULL, 0};
	foreach (cell, unit->items)
		foreach (inner, ((WindowItem *)lfirst(cell))->tools->calls)
		{
			MessageCall *call = lfirst(inner);

			if (call->id)
				(void)names_take(answering->calls, call->id);
			if (call->id && call->answered)
				(void)names_take(answering->answered, call->id);
		}
}

/*
 * The calls of the unit that an answer serves, NIL when one of them is none of these, or has been
 * answered. Those that go by place are served in their order, in however many messages.
 */
static List *
calls_served(UnitAnswers *answering, const List *ids)
{
	List *served = NIL;
	ListCell *cell;

	foreach (cell, ids)
	{
		char *id = lfirst(cell);

		if (shape_is_place(id))
		{
			const char *name = shape_place_name(id);

			if (!answering->places)
				answering->places = names_new();
			id = shape_place(name, shape_next_place(answering->places, name));
		}
		if (!names_has(answering->calls, id) || names_has(answering->answered, id))
			return NIL;
		served = lappend(served, id);
	}
	return served;
}

/* Adds what was put aside before a place for one id, each once; the id's list keeps the rest. */
static List *
add_asides(UnitReader *reader, const char *id, int64 before, List *found)
{
	NameEntry *name = names_find(reader->aside, id, (int)strlen(id));
	List *rest = NIL;
	ListCell *cell;

	if (!name)
		return found;
	foreach (cell, (List *)name->value)
	{
		AnswerAside *aside = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		if (!aside->gone && aside->item->place >= before)
			rest = lappend(rest, aside);
		else if (!aside->gone && aside->unit != reader->looks)
		{
			aside->unit = reader->looks;
			found = lappend(found, aside);
		}
	}
	name->value = rest;
	return found;
}

static int
compare_asides(const ListCell *a, const ListCell *b)
{
	return ((const AnswerAside *)lfirst(b))->number - ((const AnswerAside *)lfirst(a))->number;
}

/* The answers that name a call of the unit, oldest first. */
static List *
find_asides(UnitReader *reader, const WindowUnit *unit, int64 before)
{
	List *found = NIL;
	ListCell *cell;
	ListCell *inner;

	reader->looks++;
	foreach (cell, reader->aside ? unit->items : NIL)
		foreach (inner, ((WindowItem *)lfirst(cell))->tools->calls)
		{
			const MessageCall *call = lfirst(inner);

			if (call->id)
				found = add_asides(reader, call->id, before, found);
		}
	list_sort(found, compare_asides);
	return found;
}

/*
 * Takes the answers before a place, oldest first. One that answers something else besides is
 * nobody's; and models refuse a second answer to the same call.
 */
static void
take_answers(UnitReader *reader, WindowUnit *unit, UnitAnswers *answering, int64 before)
{
	List *found = find_asides(reader, unit, before);
	ListCell *cell;
	ListCell *inner;

	foreach (cell, found)
	{
		AnswerAside *aside = lfirst(cell);
		List *ids;

		aside->gone = true;
		ids = calls_served(answering, aside->item->tools->answers);
		if (ids == NIL)
			continue;
		unit->items = lappend(unit->items, aside->item);
		foreach (inner, ids)
			(void)names_take(answering->answered, lfirst(inner));
	}
}

static void
add_missing(WindowUnit *unit, WindowItem *caller, MessageCall *call)
{
	MissingAnswer *missing = palloc(sizeof(MissingAnswer));

	missing->caller = caller;
	missing->call = call;
	unit->missing = lappend(unit->missing, missing);
}

/*
 * Answers without an id stand directly behind their calls, and serve those that have no other
 * there, in order. With none of them left, the rest of the calls is missing an answer.
 */
static void
answer_rest(WindowUnit *unit, UnitAnswers *answering, int loose, bool missing)
{
	int nameless = 0;
	ListCell *cell;
	ListCell *inner;

	foreach (cell, unit->items)
	{
		WindowItem *caller = lfirst(cell);

		foreach (inner, caller->tools->calls)
		{
			MessageCall *call = lfirst(inner);

			CHECK_FOR_INTERRUPTS();
			if (call->answered || (call->id && names_has(answering->answered, call->id)) ||
				(!call->id && nameless++ < answering->nameless) || (!missing && loose-- <= 0))
				continue;
			if (missing)
				add_missing(unit, caller, call);
			if (call->id)
				(void)names_take(answering->answered, call->id);
			else
				answering->nameless++;
		}
	}
}

static bool
has_calls(const WindowUnit *unit)
{
	ListCell *cell;

	foreach (cell, unit->items)
		if (((WindowItem *)lfirst(cell))->tools->calls != NIL)
			return true;
	return false;
}

/* First those directly behind the calls, then those that came later. */
static void
find_answers(UnitReader *reader, WindowUnit *unit)
{
	UnitAnswers answering;

	if (has_calls(unit))
	{
		find_calls(&answering, unit);
		take_answers(reader, unit, &answering, reader->said);
		answer_rest(unit, &answering, list_length(reader->loose), false);
		take_answers(reader, unit, &answering, PG_INT64_MAX);
		answer_rest(unit, &answering, 0, true);
	}
	unit->items = list_concat(unit->items, reader->loose);
	reader->loose = NIL;
	reader->said = unit->first->place;
}

static List *
list_reversed(const List *list)
{
	List *out = NIL;

	for (int i = list_length(list) - 1; i >= 0; i--)
		out = lappend(out, list_nth(list, i));
	return out;
}

/* An assistant's message, what leans on it, and the answers. */
static WindowUnit *
assistant_unit(UnitReader *reader, WindowItem *item)
{
	WindowUnit *unit = unit_of(reader, item);
	WindowItem *next;

	unit->items = list_make1(item);
	unit->is_unfinished = item->tools->is_reasoning;
	while ((next = read_item(reader)) != NULL && leans_on(next, unit->first))
	{
		unit->items = lappend(unit->items, next);
		unit->first = next;
	}
	reader->held = next;
	if (list_length(unit->items) > 1)
		unit->items = list_reversed(unit->items);
	find_answers(reader, unit);
	if (list_length(unit->items) == 1)
	{
		list_free(unit->items);
		unit->items = NIL;
	}
	return unit;
}

static void
put_aside(UnitReader *reader, WindowItem *item)
{
	AnswerAside *aside = palloc0(sizeof(AnswerAside));
	ListCell *cell;

	if (!reader->aside)
		reader->aside = names_new();
	aside->item = item;
	aside->number = reader->aside_count++;
	foreach (cell, item->tools->answers)
	{
		NameEntry *name = names_add(reader->aside, lfirst(cell), (int)strlen(lfirst(cell)));

		name->value = lappend(name->value, aside);
	}
}

/* NULL at the beginning of the thread. */
static WindowUnit *
unit_next(UnitReader *reader)
{
	while (true)
	{
		WindowItem *item;

		CHECK_FOR_INTERRUPTS();
		if (reader->next_alone < list_length(reader->alone))
			return unit_of(reader, list_nth(reader->alone, reader->next_alone++));
		item = read_item(reader);
		if (item && item->tools->answers != NIL)
			put_aside(reader, item);
		else if (item && item->tools->is_answer)
			reader->loose = lappend(reader->loose, item);
		else if (item && is_assistant(item))
			return assistant_unit(reader, item);
		else if (reader->loose != NIL)
		{
			reader->alone = reader->loose;
			reader->next_alone = 0;
			reader->loose = NIL;
			reader->held = item;
		}
		else if (item)
		{
			reader->said = item->place;
			return unit_of(reader, item);
		}
		else
			return NULL;
	}
}

/* One window being chosen. */
typedef struct WindowChoice
{
	WindowSource *source;
	const WindowRules *rules;
	Window *window;
	UnitReader tail_reader;
	WindowUnit *pending; /* read from the tail, and did not fit then */
	List *tail;          /* newest first */
	List *head;          /* oldest first */
} WindowChoice;

static bool
is_left_out(const WindowChoice *choice, const WindowUnit *unit)
{
	return unit->is_unfinished || (unit->missing != NIL && !choice->rules->close);
}

static int64
tokens_of(const WindowChoice *choice, WindowItem *item)
{
	if (item->tokens < 0)
		item->tokens = choice->source->count(choice->source, item);
	return item->tokens;
}

static void
count(const WindowChoice *choice, WindowUnit *unit)
{
	ListCell *cell;

	if (unit->tokens >= 0)
		return;
	unit->messages = Max(list_length(unit->items), 1) + list_length(unit->missing);
	unit->tokens = list_length(unit->missing) * choice->rules->answer_tokens;
	foreach (cell, unit->items)
		unit->tokens += tokens_of(choice, lfirst(cell));
	if (unit->items == NIL)
		unit->tokens += tokens_of(choice, unit->first);
}

static bool
fits(const WindowChoice *choice, const WindowUnit *unit, int64 tokens, int64 messages)
{
	return choice->window->tokens + unit->tokens <= tokens &&
		   choice->window->messages + unit->messages <= messages;
}

static bool
is_in_head(const WindowChoice *choice, const WindowUnit *unit)
{
	WindowUnit *last = choice->head == NIL ? NULL : llast(choice->head);

	return last && unit->first->place <= last->first->place;
}

/* Takes from the newest back, at most so many units, until the window holds what it may. */
static void
take_tail(WindowChoice *choice, int units, int64 tokens, int64 messages)
{
	while (units > 0)
	{
		WindowUnit *unit = choice->pending ? choice->pending : unit_next(&choice->tail_reader);

		choice->pending = unit;
		if (!unit || is_in_head(choice, unit))
		{
			choice->pending = NULL;
			return;
		}
		if (!is_left_out(choice, unit))
		{
			count(choice, unit);
			if (!fits(choice, unit, tokens, messages))
				return;
			choice->window->tokens += unit->tokens;
			choice->window->messages += unit->messages;
			choice->tail = lappend(choice->tail, unit);
			units--;
		}
		choice->pending = NULL;
	}
}

/* The units of the oldest messages, oldest first. */
static List *
units_of_head(List *items)
{
	UnitReader reader = {.items = items, .left = list_length(items), .said = PG_INT64_MAX};
	List *units = NIL;
	WindowUnit *unit;

	while ((unit = unit_next(&reader)) != NULL)
		units = lappend(units, unit);
	return list_reversed(units);
}

/* Whether so many of the messages read come after the unit's first that no more is looked for. */
static bool
looked_ahead(const List *items, const WindowUnit *unit)
{
	int after = 0;

	for (int i = list_length(items) - 1; i >= 0 && list_nth(items, i) != unit->first; i--)
		if (++after >= LOOK_AHEAD)
			return true;
	return false;
}

/* What a look at the messages read so far says about the head. */
typedef enum WindowHeadLook
{
	HEAD_MORE, /* what comes after may change it */
	HEAD_DONE
} WindowHeadLook;

typedef struct WindowHeadLimits
{
	int64 tokens; /* of the head alone */
	int64 messages;
	bool must_fit; /* the head is promised, so the window's limits are no reason to end it */
} WindowHeadLimits;

/* What the head takes so far; given back when it has to be looked at again. */
typedef struct WindowHead
{
	List *units;
	int64 tokens;
	int64 messages;
} WindowHead;

/* Whether a unit still belongs to the head. */
static bool
extends_head(WindowChoice *choice, const WindowHeadLimits *limits, const WindowHead *head,
			 WindowUnit *unit)
{
	count(choice, unit);
	if (head->tokens + unit->tokens > limits->tokens ||
		head->messages + unit->messages > limits->messages)
		return false;
	if (choice->window->tokens + head->tokens + unit->tokens <= choice->rules->tokens &&
		choice->window->messages + head->messages + unit->messages <= choice->rules->messages)
		return true;
	if (limits->must_fit)
	{
		choice->window->misfit = unit;
		choice->window->misfit_is_of_head = true;
	}
	return false;
}

/* The last unit read is not final while there is more: an answer or its other half may follow. */
static WindowHeadLook
look_at_head(WindowChoice *choice, const WindowHeadLimits *limits, List *items, bool more,
			 WindowHead *head)
{
	const char *start_on = choice->rules->start_on;
	WindowUnit *oldest = llast(choice->tail);
	List *units = units_of_head(items);
	ListCell *cell;

	foreach (cell, units)
	{
		WindowUnit *unit = lfirst(cell);
		bool last = more && unit == llast(units);

		if (unit->first->place >= oldest->first->place)
			return HEAD_DONE;
		if (more && (last || unit->missing != NIL) && !looked_ahead(items, unit))
			return HEAD_MORE;
		if (is_left_out(choice, unit) ||
			(head->units == NIL && start_on && strcmp(unit->first->role, start_on) != 0))
			continue;
		if (last || !extends_head(choice, limits, head, unit))
			return HEAD_DONE;
		head->units = lappend(head->units, unit);
		head->tokens += unit->tokens;
		head->messages += unit->messages;
	}
	return more && (head->units != NIL || list_length(items) < START_AHEAD) ? HEAD_MORE : HEAD_DONE;
}

static void
take_head(WindowChoice *choice, const WindowHeadLimits *limits)
{
	List *items = NIL;
	WindowHead head;
	bool more;

	do
	{
		more = choice->source->more_of_head(choice->source, &items);
		memset(&head, 0, sizeof(head));
	} while (look_at_head(choice, limits, items, more, &head) == HEAD_MORE);
	choice->head = head.units;
	choice->window->tokens += head.tokens;
	choice->window->messages += head.messages;
}

static int64
half(int64 limit)
{
	return limit == PG_INT64_MAX ? limit : limit / 2;
}

/* The newest unit comes first, and may take more than its half. */
static void
choose_middle(WindowChoice *choice)
{
	const WindowRules *rules = choice->rules;
	WindowHeadLimits limits = {half(rules->tokens), half(rules->messages), false};

	take_tail(choice, 1, rules->tokens, rules->messages);
	if (choice->tail == NIL)
		return;
	if (rules->tokens != PG_INT64_MAX || rules->messages != PG_INT64_MAX)
	{
		take_tail(choice, INT_MAX,
				  rules->tokens == PG_INT64_MAX ? rules->tokens : rules->tokens - limits.tokens,
				  rules->messages == PG_INT64_MAX ? rules->messages
												  : rules->messages - limits.messages);
		if (choice->pending)
			take_head(choice, &limits);
	}
	take_tail(choice, INT_MAX, rules->tokens, rules->messages);
}

static void
choose_head_tail(WindowChoice *choice)
{
	const WindowRules *rules = choice->rules;
	WindowHeadLimits limits = {PG_INT64_MAX, rules->head_messages, true};

	take_tail(choice, 1, rules->tokens, rules->messages);
	if (choice->tail == NIL)
		return;
	take_head(choice, &limits);
	if (!choice->window->misfit_is_of_head)
		take_tail(choice, INT_MAX, rules->tokens, rules->messages);
}

/* The oldest units go until one is of the role to start on. */
static void
trim_start(WindowChoice *choice)
{
	const char *start_on = choice->rules->start_on;

	while (start_on && choice->head == NIL && choice->tail != NIL)
	{
		WindowUnit *oldest = llast(choice->tail);

		if (strcmp(oldest->first->role, start_on) == 0)
			return;
		choice->tail = list_delete_last(choice->tail);
		choice->window->tokens -= oldest->tokens;
		choice->window->messages -= oldest->messages;
		choice->window->trimmed++;
	}
}

void
window_choose(WindowSource *source, const WindowRules *rules, Window *window)
{
	WindowChoice choice = {.source = source, .rules = rules, .window = window};

	memset(window, 0, sizeof(Window));
	choice.tail_reader.source = source;
	choice.tail_reader.said = PG_INT64_MAX;
	if (rules->strategy == WINDOW_LAST)
		take_tail(&choice, INT_MAX, rules->tokens, rules->messages);
	else if (rules->strategy == WINDOW_MIDDLE)
		choose_middle(&choice);
	else
		choose_head_tail(&choice);
	trim_start(&choice);
	if (!window->misfit)
		window->misfit = choice.pending;
	window->units = list_concat(choice.head, choice.tail);
}
