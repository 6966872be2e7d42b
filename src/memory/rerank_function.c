/*
 * memory/rerank_function.c: a reranker of the application's.
 *
 *     function(query text, documents jsonb) RETURNS jsonb
 *
 * documents is an array of {"id", "kind", "user_id", "content"}, and the function gives an object
 * of scores by id. It sees what is given anyway, runs as the caller and between statements of ours,
 * and decides about order alone: what it does not name scores 0, what was not found it cannot bring
 * in.
 *
 * A reranker knows the texts and not what stands around them, nor the thread: it mixes, it does not
 * replace. Its score is added to the logarithm of how relevant the rank found a hit, so that one
 * that gives all the same leaves the order as it is, and one that gives logits adds evidence.
 */
#include "memory/rerank.h"

#include <math.h>

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "json_patch/json_patch.h"

#define LEAST_RELEVANCE 0.01 /* of what no word found */

pg_noreturn static void
error_reranker(const char *name, const char *wrong)
{
	error_bad_input_hint("reranker",
						 "Name a function (text, jsonb) RETURNS jsonb, with its schema, that gives"
						 " an object of numbers.",
						 "\"%s\" %s", name, wrong);
}

void
rerank_open_function(Reranking *reranking, const char *name)
{
	Oid types[] = {TEXTOID, JSONBOID};
	const char *wrong = function_open(&reranking->function, name, types, lengthof(types), JSONBOID);

	if (wrong)
		error_reranker(name, wrong);
	reranking->reranker = RERANK_FUNCTION;
	reranking->name = name;
}

static Jsonb *
documents_of(List *hits)
{
	static const char *const kinds[] = {
		[KIND_EPISODE] = "episode", [KIND_FACT] = "fact", [KIND_ENTITY] = "entity"};
	JsonBuilder documents = {0};
	ListCell *cell;

	json_push(&documents, WJB_BEGIN_ARRAY, NULL);
	foreach (cell, hits)
	{
		const MemoryHit *hit = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		json_push(&documents, WJB_BEGIN_OBJECT, NULL);
		json_put_text(&documents, "id", psprintf("%d", foreach_current_index(cell) + 1));
		json_put_text(&documents, "kind", kinds[hit->kind]);
		json_put_text(&documents, "user_id", hit->owner_id);
		json_put_text(&documents, "content", hit_text(hit));
		json_push(&documents, WJB_END_OBJECT, NULL);
	}
	json_push(&documents, WJB_END_ARRAY, NULL);
	return json_built(&documents);
}

/* Of an id that is one of ours, and nothing else. */
static MemoryHit *
hit_named(const char *id, List *hits)
{
	int number = strlen(id) < 6 ? atoi(id) : 0;

	if (number < 1 || number > list_length(hits) || strcmp(psprintf("%d", number), id) != 0)
		return NULL;
	return list_nth(hits, number - 1);
}

static double
score_of(const Reranking *reranking, const char *id, const JsonbValue *value)
{
	double score = 0;

	if (value->type == jbvNumeric)
		score = DatumGetFloat8(
			DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
	if (value->type != jbvNumeric || !isfinite(score))
		error_reranker(reranking->name, psprintf("gave no number for document \"%s\".", id));
	return score;
}

static void
take_scores(const Reranking *reranking, Jsonb *scores, List *hits)
{
	JsonbIterator *it = JsonbIteratorInit(&scores->root);
	JsonbValue key;
	JsonbValue value;

	(void)JsonbIteratorNext(&it, &key, false);
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		char *id = pnstrdup(key.val.string.val, key.val.string.len);
		MemoryHit *hit = hit_named(id, hits);

		CHECK_FOR_INTERRUPTS();
		(void)JsonbIteratorNext(&it, &value, true);
		if (!hit)
			error_reranker(reranking->name,
						   psprintf("gave a score for \"%s\", which is no document.", id));
		hit->score += score_of(reranking, id, &value);
	}
}

void
rerank_by_function(const Reranking *reranking, List *hits)
{
	LOCAL_FCINFO(fcinfo, 2);
	FmgrInfo function = reranking->function;
	ListCell *cell;
	Datum scores;

	if (hits == NIL)
		return;
	foreach (cell, hits)
	{
		MemoryHit *hit = lfirst(cell);

		hit->score = log(Max(hit->relevance, LEAST_RELEVANCE));
	}
	InitFunctionCallInfoData(*fcinfo, &function, 2, DEFAULT_COLLATION_OID, NULL, NULL);
	fcinfo->args[0] = ARG(CStringGetTextDatum(reranking->query));
	fcinfo->args[1] = ARG(JsonbPGetDatum(documents_of(hits)));
	scores = FunctionCallInvoke(fcinfo);
	if (fcinfo->isnull)
		error_reranker(reranking->name, "gave null instead of scores.");
	if (!JB_ROOT_IS_OBJECT(DatumGetJsonbP(scores)))
		error_reranker(reranking->name, "gave something else than an object.");
	take_scores(reranking, DatumGetJsonbP(scores), hits);
}
