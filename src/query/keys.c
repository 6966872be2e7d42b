/*
 * query/keys.c: the keys under which the GIN indexes find rows.
 *
 * A GIN index over words, or over the paths of documents, holds each of them once for the whole
 * table, whoever's rows have it. With the tenant as another column it is no better: GIN keeps the
 * keys of every column apart, and looks for the word among all rows before it joins them with the
 * tenant's. How many pages that takes tells a tenant how common a word is with the others (EXPLAIN
 * shows the buffers, and a clock the time). So every key begins with its tenant, and the word of
 * another tenant is another key:
 *
 *     tenant 0x01 word                     for a lexeme of a search vector
 *     tenant 0x01 8 hexadecimal digits     for a path with its value, as jsonb_path_ops hashes them
 *     tenant 0x02                          for a document of more than PATHS_MAX such
 *     tenant 0x03 thread                   for every message with words of a thread
 *     tenant 0x04 user                     and for those of a user's threads, and those it sent
 *
 * The last two are there to meet words within the index, which goes through the rarer of two keys
 * and skips in the other: a rare word is found in a thread of any size, and a thread of a few
 * messages has its word found however common that is beside it. An index of a word in a thread as
 * one key would be as fast and as large again as that of words.
 *
 * What a long thread costs is that skipping: its list is a tree, of which a leaf (8 kB) is read for
 * each row that is found, from there to the leaf's end. Twenty found in 100 messages take 5 pages
 * and 0.01 ms of the processor, in 100,000 they take 41 and 0.15, in 300,000 the same. Lists by
 * parts of a thread would be no faster: what has the word may be in any part, so each part is
 * looked up.
 *
 * No tenant has a control character in its name, so the keys of two never meet. PostgreSQL's own
 * functions search them, with the question as a tsquery over keys: that of a document asks for all
 * its paths, or for the key of the large ones.
 *
 * The keys lead to candidates: a hash and a large document may be others, and words stand in an
 * order that keys do not know. Each statement has the exact condition beside. Below a policy
 * PostgreSQL uses an index for LEAKPROOF operators only; no error here depends on a row.
 */
#include "query/query.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "tsearch/ts_utils.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "json_patch/json_patch.h"

PG_FUNCTION_INFO_V1(threadmem_tenant_keys_of_words);
PG_FUNCTION_INFO_V1(threadmem_tenant_keys_of_document);
PG_FUNCTION_INFO_V1(threadmem_tenant_query_of_words);
PG_FUNCTION_INFO_V1(threadmem_tenant_query_of_document);
PG_FUNCTION_INFO_V1(threadmem_keys_match);
PG_FUNCTION_INFO_V1(threadmem_jsonb_contains);

#define PATHS_MAX 65536
#define PATH_DIGITS 8

static const char word_mark = '\x01';
static const char large_mark = '\x02';
static const char id_marks[] = {'\x03', '\x04', '\x04'};

/* Keys of one tenant, one behind the other. */
typedef struct Keys
{
	const char *tenant;
	int tenant_length;
	int count;
	Datum *keys;
	char *next;
} Keys;

/* Room for so many keys; bytes: of all that comes behind the tenants. */
static void
keys_begin(Keys *keys, text *tenant, int count, Size bytes)
{
	keys->tenant = VARDATA_ANY(tenant);
	keys->tenant_length = (int)VARSIZE_ANY_EXHDR(tenant);
	keys->count = 0;
	keys->keys = palloc(sizeof(Datum) * (count + 1));
	keys->next =
		palloc((count + 1) * (INTALIGN(VARHDRSZ + keys->tenant_length + 1) + ALIGNOF_INT) + bytes);
}

static void
add_key(Keys *keys, char mark, const char *rest, int length)
{
	int bytes = VARHDRSZ + keys->tenant_length + 1 + length;
	char *key = VARDATA(keys->next);

	SET_VARSIZE(keys->next, bytes);
	memcpy(key, keys->tenant, keys->tenant_length);
	key[keys->tenant_length] = mark;
	memcpy(key + keys->tenant_length + 1, rest, length);
	keys->keys[keys->count++] = PointerGetDatum(keys->next);
	keys->next += INTALIGN(bytes);
}

/* A thread, its user and a sender, each of which may be none. */
typedef struct Ids
{
	Datum *values;
	bool *nulls;
	int count;
	Size bytes;
} Ids;

static Ids
read_ids(ArrayType *array)
{
	Ids ids = {.bytes = VARSIZE(array)};

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &ids.values, &ids.nulls, &ids.count);
	ids.count = Min(ids.count, (int)lengthof(id_marks));
	return ids;
}

static void
add_ids(Keys *keys, const Ids *ids)
{
	for (int i = 0; i < ids->count; i++)
		if (!ids->nulls[i])
		{
			text *id = DatumGetTextPP(ids->values[i]);

			add_key(keys, id_marks[i], VARDATA_ANY(id), (int)VARSIZE_ANY_EXHDR(id));
		}
}

static Datum
array_of(const Keys *keys)
{
	return PointerGetDatum(
		construct_array(keys->keys, keys->count, TEXTOID, -1, false, TYPALIGN_INT));
}

static int
compare_hashes(const void *a, const void *b)
{
	uint32 x = *(const uint32 *)a;
	uint32 y = *(const uint32 *)b;

	CHECK_FOR_INTERRUPTS();
	return x < y ? -1 : x > y;
}

/* The hashes of its paths with their values, in order and each once. */
static uint32 *
paths_of(Jsonb *document, int *count)
{
	int32 found = 0;
	Datum *entries = (Datum *)DatumGetPointer(DirectFunctionCall2(
		gin_extract_jsonb_path, JsonbPGetDatum(document), PointerGetDatum(&found)));
	uint32 *hashes = palloc_extended(sizeof(uint32) * (found + 1), MCXT_ALLOC_HUGE);

	*count = 0;
	for (int i = 0; i < found; i++)
		hashes[i] = DatumGetUInt32(entries[i]);
	qsort(hashes, found, sizeof(uint32), compare_hashes);
	for (int i = 0; i < found; i++)
		if (i == 0 || hashes[i] != hashes[i - 1])
			hashes[(*count)++] = hashes[i];
	return hashes;
}

static void
add_paths(Keys *keys, const uint32 *hashes, int count)
{
	char digits[PATH_DIGITS + 1];

	for (int i = 0; i < count; i++)
	{
		snprintf(digits, sizeof(digits), "%08x", hashes[i]);
		add_key(keys, word_mark, digits, PATH_DIGITS);
	}
}

Datum
threadmem_tenant_keys_of_words(PG_FUNCTION_ARGS)
{
	TSVector words = PG_GETARG_TSVECTOR(1);
	Ids ids = read_ids(PG_GETARG_ARRAYTYPE_P(2));
	const WordEntry *entries = ARRPTR(words);
	Keys keys;

	keys_begin(&keys, PG_GETARG_TEXT_PP(0), words->size + ids.count, VARSIZE(words) + ids.bytes);
	for (int i = 0; i < words->size; i++)
		add_key(&keys, word_mark, STRPTR(words) + entries[i].pos, entries[i].len);
	if (words->size > 0)
		add_ids(&keys, &ids);
	PG_RETURN_DATUM(array_of(&keys));
}

Datum
threadmem_tenant_keys_of_document(PG_FUNCTION_ARGS)
{
	int count;
	uint32 *hashes = paths_of(PG_GETARG_JSONB_P(1), &count);
	bool is_large = count > PATHS_MAX;
	Keys keys;

	keys_begin(&keys, PG_GETARG_TEXT_PP(0), is_large ? 1 : count, count * PATH_DIGITS);
	if (is_large)
		add_key(&keys, large_mark, "", 0);
	else
		add_paths(&keys, hashes, count);
	PG_RETURN_DATUM(array_of(&keys));
}

Jsonb *
keys_of_document(Jsonb *document)
{
	Jsonb *sample = json_sample(document, INDEXED_VALUES);
	int count;

	if (!sample)
		sample = document;
	pfree(paths_of(sample, &count));
	return count > 0 ? sample : NULL;
}

/* A question of so many items, which are to be filled in, about these keys. */
static TSQuery
new_question(int items, const Keys *keys)
{
	Size bytes = 0;
	TSQuery question;

	for (int i = 0; i < keys->count; i++)
		bytes += VARSIZE(DatumGetPointer(keys->keys[i])) - VARHDRSZ + 1;
	if (bytes > MAXSTRPOS || TSQUERY_TOO_BIG(items, bytes))
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("search is too large"),
						errdetail("Its words take %zu bytes, of at most %d.", bytes, MAXSTRPOS)));
	question = palloc0(COMPUTESIZE(items, bytes));
	SET_VARSIZE(question, COMPUTESIZE(items, bytes));
	question->size = items;
	return question;
}

/* Puts a key behind those that are there; the operand keeps its weight and prefix. */
static void
put_operand(TSQuery question, QueryOperand *operand, int *end, Datum key)
{
	int length = (int)VARSIZE(DatumGetPointer(key)) - VARHDRSZ;

	operand->type = QI_VAL;
	operand->distance = *end;
	operand->length = length;
	memcpy(GETOPERAND(question) + *end, VARDATA(DatumGetPointer(key)), length);
	*end += length + 1;
}

static void
put_operator(QueryItem *item, int8 operator)
{
	item->qoperator.type = QI_OPR;
	item->qoperator.oper = operator;
	item->qoperator.left = 2;
}

/* The keys of the words, behind those of the thread and the user, all of which a row must have. */
Datum
threadmem_tenant_query_of_words(PG_FUNCTION_ARGS)
{
	TSQuery words = PG_GETARG_TSQUERY(1);
	Ids ids = read_ids(PG_GETARG_ARRAYTYPE_P(2));
	const QueryItem *given = GETQUERY(words);
	QueryItem *item;
	TSQuery question;
	Keys keys;
	int given_ids;
	int end = 0;
	int next = 0;

	if (words->size == 0)
		PG_RETURN_TSQUERY(words);
	keys_begin(&keys, PG_GETARG_TEXT_PP(0), words->size + ids.count, VARSIZE(words) + ids.bytes);
	add_ids(&keys, &ids);
	given_ids = keys.count;
	for (int i = 0; i < words->size; i++)
		if (given[i].type == QI_VAL)
			add_key(&keys, word_mark, GETOPERAND(words) + given[i].qoperand.distance,
					given[i].qoperand.length);
	question = new_question(words->size + 2 * given_ids, &keys);
	item = GETQUERY(question);
	while (next < given_ids)
	{
		put_operator(item++, OP_AND);
		put_operand(question, &item++->qoperand, &end, keys.keys[next++]);
	}
	memcpy(item, given, sizeof(QueryItem) * words->size);
	for (int i = 0; i < words->size; i++)
		if (item[i].type == QI_VAL)
			put_operand(question, &item[i].qoperand, &end, keys.keys[next++]);
	PG_RETURN_TSQUERY(question);
}

/* The key of the large, or all of the paths: each operator has an operand and the rest. */
Datum
threadmem_tenant_query_of_document(PG_FUNCTION_ARGS)
{
	int count;
	uint32 *hashes = paths_of(PG_GETARG_JSONB_P(1), &count);
	QueryItem *item;
	TSQuery question;
	Keys keys;
	int end = 0;

	keys_begin(&keys, PG_GETARG_TEXT_PP(0), count + 1, count * PATH_DIGITS);
	add_key(&keys, large_mark, "", 0);
	add_paths(&keys, hashes, count);
	question = new_question(keys.count * 2 - 1, &keys);
	item = GETQUERY(question);
	for (int i = 0; i < keys.count - 1; i++)
	{
		put_operator(item++, i == 0 ? OP_OR : OP_AND);
		put_operand(question, &item++->qoperand, &end, keys.keys[i]);
	}
	put_operand(question, &item->qoperand, &end, keys.keys[keys.count - 1]);
	PG_RETURN_TSQUERY(question);
}

/* The keys of a row, in order. */
typedef struct Row
{
	const char *question; /* the texts of its operands */
	Datum *keys;
	int count;
} Row;

static int
compare_key(Datum key, const char *wanted, int length, bool prefix)
{
	text *have = DatumGetTextPP(key);

	return tsCompareString(unconstify(char *, wanted), length, VARDATA_ANY(have),
						   (int)VARSIZE_ANY_EXHDR(have), prefix);
}

/* What positions or weights have to say is said by the condition beside. */
static TSTernaryValue
has_key(void *arg, QueryOperand *operand, ExecPhraseData *positions)
{
	const Row *row = arg;
	int low = 0;
	int high = row->count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;
		int order = compare_key(row->keys[middle], row->question + operand->distance,
								(int)operand->length, operand->prefix);

		if (order == 0)
			return positions || operand->weight ? TS_MAYBE : TS_YES;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return TS_NO;
}

/* The operator that an index answers; asked itself only where a bitmap has lost its rows. */
Datum
threadmem_keys_match(PG_FUNCTION_ARGS)
{
	TSQuery question = PG_GETARG_TSQUERY(1);
	Row row = {.question = GETOPERAND(question)};

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT, &row.keys, NULL,
					  &row.count);
	PG_RETURN_BOOL(question->size > 0 &&
				   TS_execute(GETQUERY(question), &row, TS_EXEC_PHRASE_NO_POS, has_key));
}

/* The exact condition of documents; that of words is PostgreSQL's own. */
Datum
threadmem_jsonb_contains(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(json_contains(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1)));
}
