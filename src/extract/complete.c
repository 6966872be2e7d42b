/*
 * extract/complete.c: how a job ends: with what a model answered, or with an error.
 */
#include "extract/job.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "document/document.h"
#include "fact/fact.h"
#include "run/run.h"

PG_FUNCTION_INFO_V1(threadmem_memory_complete);
PG_FUNCTION_INFO_V1(threadmem_memory_fail);

#define RETRY_SECONDS 60
#define ERROR_MAX_BYTES 10000

static Stmt complete_is_edit = {
	"SELECT 1 FROM threadmem_data.messages m WHERE m.tenant_id = $1 AND m.thread_id = $2"
	" AND m.message_id = $3 AND m.rev < $4 LIMIT 1",
	"ttl"};
static Stmt fail_retry = {
	"UPDATE threadmem_data.memory_jobs j SET status = 'retry', error = $4, lease_until = $5"
	" WHERE j.tenant_id = $1 AND j.user_id = $2 AND j.job_id = $3",
	"tttz"};

/* What is drawn from one episode. */
typedef struct Drawing
{
	Call *call;
	FactOwner owner;
	FactOrigin origin;
	NullableDatum extractor;
	FactsAhead ahead; /* what the document says */
	const char *at;   /* the part of it that is being read or added, for errors */
} Drawing;

static void
tell_place(void *place)
{
	const Drawing *drawing = place;

	errcontext("%s of the document", drawing->at);
}

static NullableDatum
given_text(JsonbContainer *object, const char *key)
{
	return ARG_TEXT(json_as_text(json_given(object, key)));
}

static NullableDatum
given_object(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_given(object, key);

	return value ? ARG(JsonbPGetDatum(json_own(value))) : ARG_NULL;
}

static NullableDatum
given_time(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_given(object, key);
	TimestampTz time;
	char *problem;

	if (value == NULL)
		return ARG_NULL;
	problem = shape_time(key, value, &time);
	if (problem)
		error_bad_input(key, "%s", problem);
	return ARG(TimestampTzGetDatum(time));
}

static NullableDatum
given_share(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_given(object, key);

	return value ? ARG(DirectFunctionCall1(numeric_float8, NumericGetDatum(value->val.numeric)))
				 : ARG_NULL;
}

static NullableDatum
given_ids(JsonbContainer *object, const char *key)
{
	JsonbContainer *list = json_as_array(json_given(object, key));
	List *ids = NIL;

	if (list == NULL)
		return ARG_NULL;
	for (uint32 i = 0; i < JsonContainerSize(list); i++)
	{
		char *id = json_as_text(getIthJsonbValueFromContainer(list, i));

		guard_id(key, id, (int)strlen(id));
		ids = lappend(ids, id);
	}
	return text_array_of(ids);
}

/* The user itself is a row of users, which has a summary and no attributes. */
static void
draw_owner(Drawing *drawing, const EntityGiven *given)
{
	if (!given->attributes.isnull)
		error_bad_input("attributes", "The entity is the user itself, which has none.");
	if (!given->summary.isnull)
		owner_describe(drawing->call, &drawing->owner, &drawing->origin, given->summary);
}

static void
draw_entity(Drawing *drawing, const void *said)
{
	const EntityGiven *given = said;

	if (entity_is_owner(&drawing->owner, given->name))
		draw_owner(drawing, given);
	else
		(void)entity_add(drawing->call, &drawing->owner, &drawing->origin, given, ENTITY_UPDATE);
}

static void
draw_fact(Drawing *drawing, const void *said)
{
	(void)fact_add(drawing->call, &drawing->owner, &drawing->origin, said);
}

static void *
read_entity(Drawing *drawing, JsonbContainer *object)
{
	EntityGiven *given = palloc(sizeof(EntityGiven));

	*given = (EntityGiven){.name = given_text(object, "name"),
						   .label = given_text(object, "label"),
						   .summary = given_text(object, "summary"),
						   .attributes = given_object(object, "attributes"),
						   .metadata = ARG_NULL,
						   .created_at = ARG_NULL,
						   .entity_id = ARG_NULL};
	entity_guard(given);
	return given;
}

static void *
read_fact(Drawing *drawing, JsonbContainer *object)
{
	FactGiven *given = palloc(sizeof(FactGiven));

	*given = (FactGiven){.name = given_text(object, "name"),
						 .fact = given_text(object, "fact"),
						 .target = given_text(object, "target"),
						 .source = given_text(object, "source"),
						 .target_id = ARG_NULL,
						 .source_id = ARG_NULL,
						 .valid_at = given_time(object, "valid_at"),
						 .invalid_at = given_time(object, "invalid_at"),
						 .created_at = ARG_NULL,
						 .expired_at = ARG_NULL,
						 .attributes = given_object(object, "attributes"),
						 .metadata = ARG_NULL,
						 .target_label = given_text(object, "target_label"),
						 .source_label = given_text(object, "source_label"),
						 .contradicts = given_text(object, "contradicts"),
						 .contradicted_ids = given_ids(object, "contradicted_ids"),
						 .extractor = drawing->extractor,
						 .confidence = given_share(object, "confidence"),
						 .fact_id = ARG_NULL};
	fact_guard(given);
	return given;
}

static List *
read_list(Drawing *drawing, JsonbContainer *root, const char *key,
		  void *(*read)(Drawing *, JsonbContainer *))
{
	JsonbContainer *list = json_as_array(json_given(root, key));
	List *said = NIL;

	for (uint32 i = 0; list && i < JsonContainerSize(list); i++)
	{
		CHECK_FOR_INTERRUPTS();
		drawing->at = psprintf("%s[%u]", key, i);
		said = lappend(said, read(drawing, json_as_object(getIthJsonbValueFromContainer(list, i))));
	}
	drawing->at = "the whole";
	return said;
}

static void
draw_list(Drawing *drawing, const List *said, const char *key,
		  void (*draw)(Drawing *, const void *))
{
	for (int i = 0; i < list_length(said); i++)
	{
		CHECK_FOR_INTERRUPTS();
		drawing->at = psprintf("%s[%d]", key, i);
		draw(drawing, list_nth(said, i));
	}
	drawing->at = "the whole";
}

/* All that is said is judged before anything is locked for it. */
static void
read_all(Drawing *drawing, JsonbContainer *root)
{
	drawing->ahead.entities = read_list(drawing, root, "entities", read_entity);
	drawing->ahead.facts = read_list(drawing, root, "facts", read_fact);
}

static void
draw_all(Drawing *drawing, JsonbContainer *root)
{
	NullableDatum summary = given_text(root, "summary");

	draw_list(drawing, drawing->ahead.entities, "entities", draw_entity);
	draw_list(drawing, drawing->ahead.facts, "facts", draw_fact);
	if (!summary.isnull)
		owner_describe(drawing->call, &drawing->owner, &drawing->origin, summary);
}

/* Adds it all; of a message that was edited it takes the place of what was drawn before. */
static void
draw(Drawing *drawing, const Job *job, JsonbContainer *root)
{
	ErrorContextCallback context = {error_context_stack, tell_place, drawing};
	bool edited = !job->thread_id.isnull &&
				  query_first(drawing->call, &complete_is_edit,
							  (NullableDatum[]){job->thread_id, job->message_id, job->rev});
	FactsUnsaid unsaid;

	error_context_stack = &context;
	drawing->at = "the whole";
	read_all(drawing, root);
	origin_lock(drawing->call, &drawing->owner, job->thread_id, job->message_id, job->episode_id,
				&drawing->origin);
	drawing->ahead.thread_id = edited ? job->thread_id : ARG_NULL;
	drawing->ahead.message_id = edited ? job->message_id : ARG_NULL;
	fact_lock_ahead(drawing->call, &drawing->owner, &drawing->ahead);
	if (edited)
		fact_unsay(drawing->call, job->user_id, job->thread_id, job->message_id, &unsaid);
	draw_all(drawing, root);
	if (edited)
		fact_prune(drawing->call, &unsaid);
	error_context_stack = context.previous;
}

/* What both begin with. */
enum
{
	OWN_USER_ID,
	OWN_JOB_ID,
	OWN_WORKER
};

/* Locks the user, then finds the job, which has to be this worker's. */
static void
own_job(Call *call, NullableDatum *args, FactOwner *owner, Job *job)
{
	NullableDatum user_id = args[OWN_USER_ID];
	NullableDatum job_id = args[OWN_JOB_ID];
	char *worker = text_or_null(args[OWN_WORKER]);

	job_find(call, user_id, job_id, job); /* P0002, and not 23503 where the user has gone */
	owner_lock(call, user_id, owner);
	job_find(call, user_id, job_id, job);
	if (strcmp(job->status, "claimed") != 0 || job->worker == NULL ||
		strcmp(job->worker, worker) != 0)
		error_state("job is not this worker's", "Drop the answer: claim the next.",
					"job_id \"%s\" is %s, and worker \"%s\" was the last to claim it.",
					text_or_null(job_id), job->status, job->worker ? job->worker : "");
}

static Datum
end_call(Call *call, const Job *job, const char *status, NullableDatum error)
{
	job_end(call, job, status, error);
	return query_return(call, ARG_TEXT(status), false, -1);
}

static Jsonb *
read_document(NullableDatum document)
{
	Size bytes = VARSIZE_ANY_EXHDR(DatumGetTextPP(document.value));
	Size limit = (Size)setting_max_body * 1024;

	if (bytes > limit)
		error_too_large("document", bytes, limit, "threadmem.max_body");
	return document_read_extraction(text_or_null(document));
}

enum
{
	COMPLETE_DOCUMENT = OWN_WORKER + 1,
	COMPLETE_EXTRACTOR
};

Datum
threadmem_memory_complete(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	Drawing drawing = {0};
	Jsonb *document;
	Call call;
	Job job;

	query_begin(&call, fcinfo);
	run_guard_worker(args[OWN_WORKER]);
	document = read_document(args[COMPLETE_DOCUMENT]);
	own_job(&call, args, &drawing.owner, &job);
	drawing.call = &call;
	drawing.extractor =
		args[COMPLETE_EXTRACTOR].isnull ? args[OWN_WORKER] : args[COMPLETE_EXTRACTOR];
	if (job_lock_episode(&call, &job))
	{
		draw(&drawing, &job, &document->root);
		return end_call(&call, &job, "done", ARG_NULL);
	}
	return end_call(&call, &job, "gone", ARG_NULL);
}

enum
{
	FAIL_ERROR = OWN_WORKER + 1,
	FAIL_RETRY,
	FAIL_RETRY_AFTER
};

Datum
threadmem_memory_fail(PG_FUNCTION_ARGS)
{
	NullableDatum *args = fcinfo->args;
	char *error = text_or_null(args[FAIL_ERROR]);
	NullableDatum later;
	FactOwner owner;
	Call call;
	Job job;

	query_begin(&call, fcinfo);
	run_guard_worker(args[OWN_WORKER]);
	if (strlen(error) > ERROR_MAX_BYTES)
		error_bad_input("error", "It has %zu bytes, and %d are allowed.", strlen(error),
						ERROR_MAX_BYTES);
	later =
		run_time_from("retry_after", GetCurrentTimestamp(), args[FAIL_RETRY_AFTER], RETRY_SECONDS);
	own_job(&call, args, &owner, &job);
	if (!job_lock_episode(&call, &job))
		return end_call(&call, &job, "gone", ARG_NULL);
	if (!bool_or(args[FAIL_RETRY], true) || job.attempts >= job.max_attempts)
		return end_call(&call, &job, "failed", args[FAIL_ERROR]);
	query_exec(&call, &fail_retry,
			   (NullableDatum[]){job.user_id, job.job_id, args[FAIL_ERROR], later});
	return query_return(&call, ARG_TEXT("retry"), false, -1);
}
