/*
 * query/query.c: kept plans, rows to composite values, sets.
 *
 * What a function is (which arguments are required, whether it may write) is read from the catalog
 * once a session and kept in a hash table, because the executor makes a fresh FmgrInfo for every
 * execution of even a prepared statement.  It is read again when its row in pg_proc changes.
 */
#include "query/plan.h"
#include "query/runner.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/tstoreReceiver.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

#define SET_KILOBYTES (16 * 1024)

/* How PostgreSQL's message begins, in whatever language it is shown. */
#define POLICY_ERROR "new row violates row-level security policy"

typedef struct Function
{
	Oid oid;     /* hash key */
	uint32 hash; /* of its row in the system cache: what invalidations name */
	bool valid;
	bool read_only;
	int required;          /* arguments without default */
	Oid result;            /* composite type */
	MemoryContext context; /* has the names */
	char *names[FUNC_MAX_ARGS];
	Oid types[FUNC_MAX_ARGS];
} Function;

static HTAB *functions;
static uint64 invalidations;

static bool catalog_checked;

static void
forget_functions(Datum arg, int cache, uint32 hash)
{
	HASH_SEQ_STATUS scan;
	Function *fn;

	invalidations++;
	catalog_checked = false;
	hash_seq_init(&scan, functions);
	while ((fn = hash_seq_search(&scan)) != NULL)
		if (hash == 0 || hash == fn->hash)
			fn->valid = false;
}

static void
create_function_table(void)
{
	HASHCTL ctl = {.keysize = sizeof(Oid), .entrysize = sizeof(Function), .hcxt = TopMemoryContext};

	functions =
		hash_create("threadmem functions", 128, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	CacheRegisterSyscacheCallback(PROCOID, forget_functions, (Datum)0);
}

/* Those of an extension that was dropped would stay for the session. */
static void
remove_forgotten(void)
{
	HASH_SEQ_STATUS scan;
	Function *fn;

	hash_seq_init(&scan, functions);
	while ((fn = hash_seq_search(&scan)) != NULL)
		if (!fn->valid)
		{
			if (fn->context)
				MemoryContextDelete(fn->context);
			hash_search(functions, &fn->oid, HASH_REMOVE, NULL);
		}
}

/* Only input arguments are named; OUT columns of a set are not arguments. */
static void
read_function(Function *fn)
{
	uint64 before = invalidations;
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(fn->oid));
	Form_pg_proc proc;
	Datum argnames;
	bool isnull;
	char **names = NULL;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", fn->oid);
	if (fn->context)
		MemoryContextReset(fn->context);
	else
		fn->context =
			AllocSetContextCreate(TopMemoryContext, "threadmem function", ALLOCSET_SMALL_SIZES);
	proc = (Form_pg_proc)GETSTRUCT(tuple);
	fn->hash = GetSysCacheHashValue1(PROCOID, ObjectIdGetDatum(fn->oid));
	fn->read_only = proc->provolatile != PROVOLATILE_VOLATILE;
	fn->required = proc->pronargs - proc->pronargdefaults;
	fn->result = proc->prorettype;
	memcpy(fn->types, proc->proargtypes.values, proc->pronargs * sizeof(Oid));
	argnames = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proargnames, &isnull);
	if (!isnull)
		get_func_input_arg_names(argnames, (Datum)0, &names);
	for (int i = 0; i < proc->pronargs; i++)
		fn->names[i] = MemoryContextStrdup(fn->context, names[i]);
	ReleaseSysCache(tuple);
	fn->valid = before == invalidations;
}

static Function *
find_function(Oid oid)
{
	Function *fn;

	if (!functions)
		create_function_table();
	fn = hash_search(functions, &oid, HASH_FIND, NULL);
	if (!fn)
	{
		remove_forgotten();
		fn = hash_search(functions, &oid, HASH_ENTER, NULL);
		fn->valid = false;
		fn->context = NULL;
	}
	if (!fn->valid)
		read_function(fn);
	return fn;
}

static void
check_arguments(FunctionCallInfo fcinfo, const Function *fn)
{
	for (int i = 0; i < fcinfo->nargs; i++)
		if (!fcinfo->args[i].isnull)
			guard_argument(fn->names[i], fn->types[i], fcinfo->args[i].value);
		else if (i < fn->required)
			error_bad_input(fn->names[i], "It is required and must not be null.");
}

static Datum
no_tenant_yet(void)
{
	query_require_operator();
	return CStringGetTextDatum("");
}

static void
connect_for(Call *call, Datum (*tenant)(void))
{
	if (!row_security)
		query_error_row_security();
	AcceptInvalidationMessages(); /* a binding takes hold in an open transaction as well */
	call->tenant = tenant();
	call->acting = TextDatumGetCString(call->tenant);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

uint64
query_as_caller(const char *sql)
{
	int code = SPI_execute(sql, false, 0);

	if (code < 0)
		elog(ERROR, "could not execute \"%s\": %s", sql, SPI_result_code_string(code));
	return SPI_processed;
}

static void
begin(Call *call, FunctionCallInfo fcinfo, Datum (*tenant)(void))
{
	const Function *fn = find_function(fcinfo->flinfo->fn_oid);

	if (!catalog_checked)
		query_check_version();
	catalog_checked = true;
	check_arguments(fcinfo, fn);
	call->fcinfo = fcinfo;
	call->read_only = fn->read_only;
	call->caller = CurrentMemoryContext;
	connect_for(call, tenant);
}

void
query_begin(Call *call, FunctionCallInfo fcinfo)
{
	begin(call, fcinfo, query_tenant);
}

void
query_begin_all(Call *call, FunctionCallInfo fcinfo)
{
	begin(call, fcinfo, no_tenant_yet);
}

void
query_connect(Call *call)
{
	call->fcinfo = NULL;
	call->read_only = true;
	call->caller = CurrentMemoryContext;
	connect_for(call, query_tenant);
}

void
query_push(void)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

void
query_pop(void)
{
	SPI_finish();
}

void
query_free_rows(void)
{
	SPI_freetuptable(SPI_tuptable);
}

void
query_free_table(SPITupleTable *table)
{
	SPI_freetuptable(table);
}

static Oid
type_of_letter(char letter)
{
	static const struct
	{
		char letter;
		Oid type;
	} map[] = {
		{'t', TEXTOID},           {'j', JSONBOID},       {'i', INT4OID},       {'l', INT8OID},
		{'b', BOOLOID},           {'z', TIMESTAMPTZOID}, {'T', TEXTARRAYOID},  {'x', BYTEAOID},
		{'v', TSVECTOROID},       {'q', TSQUERYOID},     {'J', JSONBARRAYOID}, {'L', INT8ARRAYOID},
		{'m', INT8MULTIRANGEOID}, {'F', FLOAT4ARRAYOID}, {'f', FLOAT4OID},     {'d', FLOAT8OID}};

	for (int i = 0; i < lengthof(map); i++)
		if (map[i].letter == letter)
			return map[i].type;
	elog(ERROR, "unknown type letter \"%c\"", letter);
}

static void
prepare(Stmt *stmt)
{
	Oid types[STMT_MAX_ARGS + 1] = {TEXTOID};
	int count = 1;
	SPIPlanPtr plan;

	plan_take_hooks();
	for (const char *letter = stmt->types; *letter; letter++)
		types[count++] = type_of_letter(*letter);
	plan = SPI_prepare_cursor(stmt->sql, count, types,
							  stmt->custom ? CURSOR_OPT_CUSTOM_PLAN : CURSOR_OPT_GENERIC_PLAN);
	if (!plan || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare \"%s\": %s", stmt->sql, SPI_result_code_string(SPI_result));
	stmt->plan = plan;
}

/* The values of a statement in SPI's form. */
typedef struct StmtValues
{
	Datum values[STMT_MAX_ARGS + 1];
	char nulls[STMT_MAX_ARGS + 1];
} StmtValues;

static void
fill_values(StmtValues *v, Call *call, Stmt *stmt, NullableDatum *args)
{
	v->values[0] = call->tenant;
	v->nulls[0] = ' ';
	for (int i = 0; stmt->types[i]; i++)
	{
		if (stmt->types[i] == 'q' && !args[i].isnull)
			query_probe_words(DatumGetTSQuery(args[i].value));
		v->values[i + 1] = args[i].value;
		v->nulls[i + 1] = args[i].isnull ? 'n' : ' ';
	}
}

/* Until runner_end() what runs is a statement of ours; it is planned here when it is new. */
static Running *
begin_statement(StmtValues *v, Call *call, Stmt *stmt, NullableDatum *args)
{
	Running *running = runner_begin(call->acting, stmt->every_tenant ? AS_READER : AS_RUNNER);

	if (!stmt->plan)
		prepare(stmt);
	fill_values(v, call, stmt, args);
	running->stmt = stmt;
	return running;
}

/*
 * What goes with a row includes what a transaction added that has committed since this one began:
 * a repeatable read would leave it behind.  It sees the newest rows, as a foreign key's action
 * does, and fails (40001) at one that its own snapshot does not have.
 */
static int
run_plan(Call *call, Stmt *stmt, StmtValues *v)
{
	if (!stmt->newest || !IsolationUsesXactSnapshot())
		return SPI_execute_plan(stmt->plan, v->values, v->nulls, call->read_only, 0);
	CommandCounterIncrement();
	return SPI_execute_snapshot(stmt->plan, v->values, v->nulls, GetLatestSnapshot(),
								GetTransactionSnapshot(), false, true, 0);
}

/* The ids that the call was given, for an error. Nothing is read: a statement has failed. */
static char *
ids_of(const Call *call)
{
	FunctionCallInfo fcinfo = call->fcinfo;
	Function *fn = fcinfo ? hash_search(functions, &fcinfo->flinfo->fn_oid, HASH_FIND, NULL) : NULL;
	StringInfoData ids;

	initStringInfo(&ids);
	for (int i = 0; fn && fn->context && i < fcinfo->nargs; i++)
		if (!fcinfo->args[i].isnull && fn->types[i] == TEXTOID &&
			text_ends_with(fn->names[i], "_id"))
			appendStringInfo(&ids, "; %s is \"%s\"", fn->names[i],
							 TextDatumGetCString(fcinfo->args[i].value));
	return ids.data;
}

/* What a policy keeps a narrowed session from: only its owner's session, or one of all users, may.
 */
static void
rethrow_denied(const Call *call)
{
	ErrorData *error;

	MemoryContextSwitchTo(call->caller);
	error = CopyErrorData();
	if (error->sqlerrcode != ERRCODE_INSUFFICIENT_PRIVILEGE || !error->message_id ||
		strncmp(error->message_id, POLICY_ERROR, strlen(POLICY_ERROR)) != 0)
		PG_RE_THROW();
	FlushErrorState();
	ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					errmsg("permission denied for a session narrowed to one user"),
					errdetail("threadmem.user_id is \"%s\"%s.", setting_user_id, ids_of(call)),
					errhint("Use a session of the owner, or one that is not narrowed by "
							"threadmem.user_id.")));
}

/* Of a narrowed session a policy may refuse what is written: that is told in words of ours. */
static int
run_narrowed(Call *call, Stmt *stmt, StmtValues *v)
{
	volatile int code = 0;

	PG_TRY();
	{
		code = run_plan(call, stmt, v);
	}
	PG_CATCH();
	{
		rethrow_denied(call);
	}
	PG_END_TRY();
	return code;
}

uint64
query_exec(Call *call, Stmt *stmt, NullableDatum *args)
{
	StmtValues v;
	Running *running = begin_statement(&v, call, stmt, args);
	bool may_be_denied = !call->read_only && setting_user_id[0] != '\0';
	int code = may_be_denied ? run_narrowed(call, stmt, &v) : run_plan(call, stmt, &v);

	runner_end(running);
	if (code < 0)
		elog(ERROR, "could not execute \"%s\": %s", stmt->sql, SPI_result_code_string(code));
	return SPI_processed;
}

bool
query_first(Call *call, Stmt *stmt, NullableDatum *args)
{
	return query_exec(call, stmt, args) > 0;
}

/* A view that an update of the extension has changed under a session with the library of before. */
static void
require_columns(TupleDesc desc, int count)
{
	if (desc->natts != count)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("result has other columns than this session's library gives"),
						errdetail("It has %d columns, the library gives %d.", desc->natts, count),
						errhint("Open a new session: the extension was updated meanwhile.")));
}

/*
 * The statement's columns are the view's by construction (a room writes both beside each other), so
 * the tuple needs only its type; a slip is caught here rather than in the caller.
 */
static Datum
first_row_as(Call *call, const SPITupleTable *table, TupleDesc desc)
{
	TupleDesc given = table->tupdesc;
	MemoryContext spi;
	Datum row;

	require_columns(desc, given->natts);
	for (int i = 0; i < desc->natts; i++)
		if (TupleDescAttr(given, i)->atttypid != TupleDescAttr(desc, i)->atttypid)
			elog(ERROR, "statement does not give the type of column \"%s\"",
				 NameStr(TupleDescAttr(desc, i)->attname));
	spi = MemoryContextSwitchTo(call->caller);
	row = heap_copy_tuple_as_datum(table->vals[0], desc);
	MemoryContextSwitchTo(spi);
	return row;
}

Datum
query_row(Call *call)
{
	return query_row_of(call, SPI_tuptable);
}

Datum
query_row_of(Call *call, const SPITupleTable *table)
{
	TupleDesc desc =
		lookup_rowtype_tupdesc(find_function(call->fcinfo->flinfo->fn_oid)->result, -1);
	Datum row = first_row_as(call, table, desc);

	ReleaseTupleDesc(desc);
	SPI_finish();
	return row;
}

Datum
query_made_row(Call *call, const Datum *values, const bool *nulls, int count)
{
	TupleDesc desc =
		lookup_rowtype_tupdesc(find_function(call->fcinfo->flinfo->fn_oid)->result, -1);
	MemoryContext spi;
	Datum row;

	require_columns(desc, count);
	spi = MemoryContextSwitchTo(call->caller);
	row = HeapTupleGetDatum(
		heap_form_tuple(desc, unconstify(Datum *, values), unconstify(bool *, nulls)));
	MemoryContextSwitchTo(spi);
	ReleaseTupleDesc(desc);
	SPI_finish();
	return row;
}

Datum
query_one(Call *call, Stmt *stmt, NullableDatum *args, const char *noun, const char *id)
{
	return query_get(call, stmt, args, ARG_NULL, noun, id);
}

Datum
query_get(Call *call, Stmt *stmt, NullableDatum *args, NullableDatum missing_ok, const char *noun,
		  const char *id)
{
	if (query_first(call, stmt, args))
		return query_row(call);
	if (!bool_or(missing_ok, false))
		error_not_found(noun, id);
	return query_no_row(call);
}

/* A set of at most one row needs no more of the protocol than to say that there is none. */
Datum
query_no_row(Call *call)
{
	((ReturnSetInfo *)call->fcinfo->resultinfo)->isDone = ExprEndResult;
	return query_null(call);
}

Datum
query_return(Call *call, NullableDatum value, bool byval, int16 length)
{
	Datum out = (Datum)0;

	call->fcinfo->isnull = value.isnull;
	if (!value.isnull)
	{
		MemoryContext spi = MemoryContextSwitchTo(call->caller);

		out = datumCopy(value.value, byval, length);
		MemoryContextSwitchTo(spi);
	}
	SPI_finish();
	return out;
}

bool
query_raises(NullableDatum if_exists)
{
	static const char *const choices[] = {"raise", "do_nothing", NULL};

	return guard_choice("if_exists", if_exists, choices) == 0;
}

Datum
query_create(Call *call, const Creation *creation, NullableDatum *row, NullableDatum if_exists)
{
	bool raise = query_raises(if_exists);

	if (row[0].isnull)
		row[0] = ARG(id_generate(creation->prefix));
	for (int i = 0; i < TRIES_MAX; i++)
	{
		if (query_first(call, creation->insert, row))
			return query_row(call);
		if (raise)
			error_exists(creation->noun, text_or_null(row[0]), creation->hint);
		if (query_first(call, creation->get, row))
			break;
	}
	return query_one(call, creation->get, row, creation->noun, text_or_null(row[0]));
}

Datum
query_first_value(Call *call, uint64 rows)
{
	Form_pg_attribute attr;

	if (rows == 0)
		return query_null(call);
	attr = TupleDescAttr(SPI_tuptable->tupdesc, 0);
	return query_return(call, row_column(1, 1), attr->attbyval, attr->attlen);
}

Datum
query_scalar(Call *call, Stmt *stmt, NullableDatum *args)
{
	return query_first_value(call, query_exec(call, stmt, args));
}

Datum
query_jsonb(Call *call, Jsonb *value)
{
	return query_return(call, ARG(JsonbPGetDatum(value)), false, -1);
}

Datum
query_count(Call *call, int64 value)
{
	return query_return(call, ARG(count_datum(value)), true, sizeof(int32));
}

Datum
query_null(Call *call)
{
	return query_return(call, ARG_NULL, true, 0);
}

Datum
query_done(Call *call)
{
	return query_return(call, ARG(BoolGetDatum(true)), true, sizeof(bool));
}

/* A page of states or messages should not go through a file only because work_mem is small. */
static void
open_store(ReturnSetInfo *set)
{
	MemoryContext spi = MemoryContextSwitchTo(set->econtext->ecxt_per_query_memory);

	set->setResult = tuplestore_begin_heap((set->allowedModes & SFRM_Materialize_Random) != 0,
										   false, Max(work_mem, SET_KILOBYTES));
	MemoryContextSwitchTo(spi);
}

/* A set of a plain type (jsonb) has no row type of its own: the caller's description serves. */
void
query_open_set(Call *call)
{
	Oid result = find_function(call->fcinfo->flinfo->fn_oid)->result;

	ReturnSetInfo *set = (ReturnSetInfo *)call->fcinfo->resultinfo;

	InitMaterializedSRF(call->fcinfo, type_is_rowtype(result) ? 0 : MAT_SRF_USE_EXPECTED_DESC);
	tuplestore_end(set->setResult);
	open_store(set);
}

/* The receiver checks the columns against the set's own: a slip is an error, not a crash. */
uint64
query_add_to_set(Call *call, Stmt *stmt, NullableDatum *args)
{
	ReturnSetInfo *set = (ReturnSetInfo *)call->fcinfo->resultinfo;
	DestReceiver *dest = CreateDestReceiver(DestTuplestore);
	StmtValues v;
	SPIExecuteOptions options = {.read_only = call->read_only, .dest = dest};
	Running *running = begin_statement(&v, call, stmt, args);
	int code;

	options.params = makeParamList(1 + (int)strlen(stmt->types));
	for (int i = 0; i < options.params->numParams; i++)
	{
		ParamExternData *param = &options.params->params[i];

		param->value = v.values[i];
		param->isnull = v.nulls[i] == 'n';
		param->pflags = PARAM_FLAG_CONST;
		param->ptype = i == 0 ? TEXTOID : type_of_letter(stmt->types[i - 1]);
	}
	SetTuplestoreDestReceiverParams(dest, set->setResult, CurrentMemoryContext, false, set->setDesc,
									"result has other columns than this session's library gives");
	code = SPI_execute_plan_extended(stmt->plan, &options);
	runner_end(running);
	if (code < 0)
		elog(ERROR, "could not execute \"%s\": %s", stmt->sql, SPI_result_code_string(code));
	return SPI_processed;
}

/* A store gives up no row at its end: those that stay go to another. */
void
query_cut_set(Call *call, int64 rows, void (*change)(void *row, Size length))
{
	ReturnSetInfo *set = (ReturnSetInfo *)call->fcinfo->resultinfo;
	Tuplestorestate *all = set->setResult;
	TupleTableSlot *slot = MakeSingleTupleTableSlot(set->setDesc, &TTSOpsMinimalTuple);

	open_store(set);
	while (rows-- > 0 && tuplestore_gettupleslot(all, true, false, slot))
	{
		bool is_copy;
		MinimalTuple row = ExecFetchSlotMinimalTuple(slot, &is_copy);

		change(row, row->t_len);
		tuplestore_puttupleslot(set->setResult, slot);
	}
	ExecDropSingleTupleTableSlot(slot);
	tuplestore_end(all);
}

void
query_put(Call *call, const Datum *values, const bool *nulls, int count)
{
	ReturnSetInfo *set = (ReturnSetInfo *)call->fcinfo->resultinfo;

	require_columns(set->setDesc, count);
	tuplestore_putvalues(set->setResult, set->setDesc, unconstify(Datum *, values),
						 unconstify(bool *, nulls));
}

Datum
query_close_set(Call *call)
{
	SPI_finish();
	return (Datum)0;
}

Datum
query_set(Call *call, Stmt *stmt, NullableDatum *args)
{
	query_open_set(call);
	query_add_to_set(call, stmt, args);
	return query_close_set(call);
}
