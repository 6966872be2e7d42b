/*
 * store/words.c: the words that an item is found by.
 *
 * They are the strings and numbers of its value, or of the parts of it that paths lead to, and
 * their lexemes are made as those of messages are. Who asks a question asks it in a sentence: what
 * has any of its words answers, the better the more of them. A single letter of a script without
 * spaces stands for what begins with it, as message_lexemes_asked() has it.
 */
#include "store/item.h"

#include "common/string.h"
#include "miscadmin.h"
#include "tsearch/ts_utils.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "message/message.h"

/* A step of a path: a member of an object, or an element of an array. */
typedef struct WordStep
{
	bool every;
	char *name; /* NULL for an element */
	int index;  /* negative: from the end */
} WordStep;

pg_noreturn static void
error_bad_path(const char *path)
{
	error_bad_input("indexed",
					"\"%s\" is no path: $, or names between dots, each with [number] or [*] as "
					"often as needed; * is any name.",
					path);
}

static WordStep *
add_step(List **steps)
{
	WordStep *step = palloc0(sizeof(WordStep));

	*steps = lappend(*steps, step);
	return step;
}

/* Behind the bracket that opens; gives what follows the one that closes. */
static const char *
read_element(List **steps, const char *at, const char *path)
{
	WordStep *step = add_step(steps);
	int digits = (int)strspn(at + (*at == '-'), "0123456789");
	char *end = unconstify(char *, at + 1);

	step->every = *at == '*';
	errno = 0;
	if (!step->every && digits > 0)
		step->index = strtoint(at, &end, 10);
	if ((!step->every && digits == 0) || errno != 0 || *end != ']')
		error_bad_path(path);
	return end + 1;
}

static List *
read_path(const char *path)
{
	List *steps = NIL;
	const char *at = path;

	if (strcmp(path, "$") == 0)
		return NIL;
	for (;;)
	{
		int length = (int)strcspn(at, ".[]{}");
		WordStep *step = add_step(&steps);

		if (length == 0)
			error_bad_path(path);
		step->name = pnstrdup(at, length);
		step->every = strcmp(step->name, "*") == 0;
		at += length;
		while (*at == '[')
			at = read_element(&steps, at + 1, path);
		if (*at == '\0')
			return steps;
		if (*at++ != '.')
			error_bad_path(path);
	}
}

/* All strings and numbers of a value, each a line, until there are more bytes than are searched. */
static void
add_words(StringInfo words, JsonbValue *value)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue part = *value;

	if (value->type == jbvBinary)
	{
		it = JsonbIteratorInit(value->val.binary.data);
		while (words->len <= SEARCH_PREFIX_BYTES &&
			   (token = JsonbIteratorNext(&it, &part, false)) != WJB_DONE)
		{
			CHECK_FOR_INTERRUPTS();
			if (token == WJB_VALUE || token == WJB_ELEM)
				add_words(words, &part);
		}
	}
	else if (value->type == jbvString)
		appendBinaryStringInfo(words, value->val.string.val, value->val.string.len);
	else if (value->type == jbvNumeric)
		appendStringInfoString(words, DatumGetCString(DirectFunctionCall1(
										  numeric_out, NumericGetDatum(value->val.numeric))));
	appendStringInfoChar(words, '\n');
}

static void take_words(StringInfo words, JsonbValue *value, const List *steps, int next);

/* Every member or element, by the kind of the step. */
static void
take_every(StringInfo words, JsonbContainer *container, const List *steps, int next)
{
	JsonbIterator *it = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue part;

	(void)JsonbIteratorNext(&it, &part, true);
	while ((token = JsonbIteratorNext(&it, &part, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_VALUE || token == WJB_ELEM)
			take_words(words, &part, steps, next);
	}
}

/* What the steps from this one on lead to; what leads nowhere has no words. */
static void
take_words(StringInfo words, JsonbValue *value, const List *steps, int next)
{
	const WordStep *step;
	JsonbContainer *container;
	JsonbValue *part = NULL;
	int64 index;

	check_stack_depth();
	if (next == list_length(steps))
	{
		add_words(words, value);
		return;
	}
	step = list_nth(steps, next);
	container = step->name ? json_as_object(value) : json_as_array(value);
	if (!container)
		return;
	if (step->every)
	{
		take_every(words, container, steps, next + 1);
		return;
	}
	index = step->index < 0 ? (int64)JsonContainerSize(container) + step->index : step->index;
	if (step->name)
		part = json_field(container, step->name);
	else if (index >= 0)
		part = getIthJsonbValueFromContainer(container, (uint32)index);
	if (part)
		take_words(words, part, steps, next + 1);
}

Datum
store_words(Jsonb *value, NullableDatum indexed)
{
	JsonbValue whole = {.type = jbvBinary,
						.val.binary = {.len = (int)VARSIZE_ANY_EXHDR(value), .data = &value->root}};
	StringInfoData words;
	Datum *paths;
	int count = text_list(indexed, &paths);

	initStringInfo(&words);
	if (indexed.isnull)
		add_words(&words, &whole);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		take_words(&words, &whole, read_path(TextDatumGetCString(paths[i])), 0);
	}
	return message_lexemes(words.data);
}

/* A question that is being made of lexemes. */
typedef struct Question
{
	TSQuery query;
	TSVector lexemes;
	int item; /* the next */
	int end;  /* of the texts of its operands */
} Question;

static void
put_lexeme(Question *question, const WordEntry *entry)
{
	QueryOperand *operand = &GETQUERY(question->query)[question->item++].qoperand;

	operand->type = QI_VAL;
	operand->length = entry->len;
	operand->prefix = script_is_letter(STRPTR(question->lexemes) + entry->pos, entry->len);
	operand->distance = question->end;
	memcpy(GETOPERAND(question->query) + question->end, STRPTR(question->lexemes) + entry->pos,
		   entry->len);
	question->end += entry->len + 1;
}

/*
 * Any of the lexemes from one on to another, as a tree that is no deeper than it must be: an
 * operator stands before what is right of it, and that before what is left.
 */
static void
put_any(Question *question, int from, int to)
{
	int half = (to - from) / 2;
	int operator= question->item;
	QueryItem *item = &GETQUERY(question->query)[operator];

	if (half == 0)
	{
		put_lexeme(question, ARRPTR(question->lexemes) + from);
		return;
	}
	item->qoperator.type = QI_OPR;
	item->qoperator.oper = OP_OR;
	question->item++;
	put_any(question, from + half, to);
	item->qoperator.left = question->item - operator;
	put_any(question, from, from + half);
}

NullableDatum
store_question(NullableDatum words)
{
	Question question = {0};
	int items;
	Size bytes = 0;

	if (words.isnull)
		return words;
	question.lexemes = DatumGetTSVector(message_lexemes_asked(TextDatumGetCString(words.value)));
	if (question.lexemes->size == 0)
		return ARG_NULL;
	items = 2 * question.lexemes->size - 1;
	for (int i = 0; i < question.lexemes->size; i++)
		bytes += ARRPTR(question.lexemes)[i].len + 1;
	question.query = palloc0(COMPUTESIZE(items, bytes));
	SET_VARSIZE(question.query, COMPUTESIZE(items, bytes));
	question.query->size = items;
	put_any(&question, 0, question.lexemes->size);
	return ARG(TSQueryGetDatum(question.query));
}
