/*
 * query/query.h: statements.  Only this room prepares them, runs them, or changes the current user.
 *
 * A function of the extension is a few lines over its room's table of statements:
 *
 *     static Stmt user_get = {"SELECT " USER_COLUMNS " FROM threadmem_data.users u"
 *                             " WHERE u.tenant_id = $1 AND u.user_id = $2", "t"};
 *
 *     Call call;
 *     query_begin(&call, fcinfo);
 *     return query_one(&call, &user_get, fcinfo->args, "user", text_or_null(fcinfo->args[0]));
 *
 * $1 is always the tenant; types describes $2 and on: t text, j jsonb, i int4, l int8, b bool, z
 * timestamptz, f real, d double precision, T text[], x bytea, v tsvector, q tsquery, L int8[], m
 * int8multirange, F real[].  Arguments are passed as they stand in fcinfo->args.  Plans are kept
 * for the life of the session, and made once: the best way to a key or to the newest rows does not
 * depend on which. Left to itself, PostgreSQL would plan every LIMIT anew.
 *
 * Words:
 *
 *  call      one call of a function of ours, from query_begin() to a function marked [ends]
 *  runner    the role threadmem_runner: each statement, and nothing else, runs as this role
 *            (query/runner.h); what is between two statements runs as the caller
 *  tenant    whose rows a call works on (query/tenant.c): that of the role where it is bound to one
 *            by tenant_bind(), else that of the setting
 *  narrowed  of a session: threadmem.user_id is set, and it sees the threads of that user
 *  built     a statement put together of what a call asks for (query/built.c)
 *  position  the place of a row in a list, as a text from which the next page goes on
 *  softly    so that a damaged row gives nothing, instead of an error
 *
 * Memory: query_begin() connects to SPI, and its memory is the current one until the call ends:
 * what is palloc'd meanwhile needs no pfree, and what is returned is copied out.  A row read is
 * valid until the next statement.
 *
 * Errors are P0002 where said, else the server's.
 */
#ifndef QUERY_H
#define QUERY_H

#include "threadmem/threadmem.h"

#include "access/tupdesc.h"
#include "datatype/timestamp.h"
#include "executor/spi.h"
#include "tsearch/ts_type.h"

#define RUNNER_ROLE "threadmem_runner"
#define READER_ROLE "threadmem_reader" /* sees which tenants there are, and of no row more */
#define OPERATORS_FUNCTION "tenants_stuck_runs" /* who may call it is an operator */

#define STMT_MAX_ARGS 40

/*
 * How often to look for a row whose id is taken and which is not there: it was deleted meanwhile,
 * and each time somebody else got something done, or this session may not see it.
 */
#define TRIES_MAX 10

typedef struct Stmt
{
	const char *sql;
	const char *types;
	SPIPlanPtr plan;
	bool custom;       /* plan for the values of every call: what to search for decides the way */
	bool keyed;        /* read by an index, whatever the statistics say */
	bool by_words;     /* where it asks for words, by the index of words */
	bool every_tenant; /* runs as threadmem_reader: see query/tenants.c */
	bool everybody;    /* in a narrowed session, too: whoever calls shows nothing of it */
	bool newest;       /* also what is newer than the transaction's snapshot: see run_plan() */
} Stmt;

/* One call of a function; lives on its stack. */
typedef struct Call
{
	FunctionCallInfo fcinfo;
	Datum tenant;
	const char *acting;   /* the same, for the policies */
	bool read_only;       /* a STABLE function: no writes, no locks, the caller's snapshot */
	MemoryContext caller; /* where results are built */
} Call;

/*
 * Checks every argument (a null in a required one is 22023; names decide the rest), resolves the
 * tenant and connects.  Every path out goes through one of the functions marked [ends].
 */
extern void query_begin(Call *call, FunctionCallInfo fcinfo);
/*
 * The same for what is about all tenants: which the session has is not asked, and there is none
 * until query_first_tenant() or query_sweep(). 42501 as query_require_operator().
 */
extern void query_begin_all(Call *call, FunctionCallInfo fcinfo);

/* Connects without a call's checks, read-only, for a function that policies run; ends with
 * query_pop(). */
extern void query_connect(Call *call);

/*
 * What statements read stays in memory until the call ends. A loop over many large things puts each
 * round between these two, and copies what has to outlive it into a context of its own.
 */
extern void query_push(void);
extern void query_pop(void);

/* Or frees the rows of the last statement at once. */
extern void query_free_rows(void);
/* Or those of a statement before. */
extern void query_free_table(SPITupleTable *table);

/* 42501: row_security is off, so that every statement would fail. */
pg_noreturn extern void query_error_row_security(void);

/*
 * Runs a text that is no statement on our tables, with the rights of the caller: grants, and what
 * the install script needs. Connected already; rows processed, the rows in SPI_tuptable.
 */
extern uint64 query_as_caller(const char *sql);

/* Runs a statement; rows processed.  The rows are in SPI_tuptable. */
extern uint64 query_exec(Call *call, Stmt *stmt, NullableDatum *args);

/* Runs a statement that gives at most one row that matters; false when there is none. */
extern bool query_first(Call *call, Stmt *stmt, NullableDatum *args);

/*
 * The columns of a row of the last statement, counted from 1; copies where not by value. What the
 * code cannot do without is XX001 when it is null or of another kind: a text, a jsonb with this
 * root, bytes of this length. An int is 0 and a bool false where it is null. _or_null lets null
 * pass; _softly gives NULL for whatever is not as it should be, and belongs to lists.
 */
typedef enum JsonRoot
{
	JSON_ROOT_ANY,
	JSON_ROOT_OBJECT,
	JSON_ROOT_ARRAY
} JsonRoot;

extern NullableDatum row_column(uint64 row, int column); /* to be passed on */
extern Datum row_datum(uint64 row, int column);
extern char *row_text(uint64 row, int column);
extern char *row_text_or_null(uint64 row, int column);
extern int64 row_int64(uint64 row, int column);
extern bool row_bool(uint64 row, int column);
extern Jsonb *row_jsonb(uint64 row, int column, JsonRoot root);
extern Jsonb *row_jsonb_or_null(uint64 row, int column, JsonRoot root);
extern Jsonb *row_jsonb_softly(uint64 row, int column, JsonRoot root);

/* The same of the rows of a statement before, where they lie: good while these are. */
extern NullableDatum table_column(const SPITupleTable *table, uint64 row, int column);
extern Datum table_datum(const SPITupleTable *table, uint64 row, int column);
extern int64 table_int64(const SPITupleTable *table, uint64 row, int column);
extern bool table_bool(const SPITupleTable *table, uint64 row, int column);
extern Jsonb *table_jsonb(const SPITupleTable *table, uint64 row, int column, JsonRoot root);
extern Jsonb *table_jsonb_or_null(const SPITupleTable *table, uint64 row, int column,
								  JsonRoot root);
extern Jsonb *table_jsonb_softly(const SPITupleTable *table, uint64 row, int column, JsonRoot root);
extern const char *table_bytes(const SPITupleTable *table, uint64 row, int column, int length);

/*
 * Does something of a list that may meet a damaged row, at a level of SPI of its own; false, with a
 * WARNING that tells what and why, when it has. For what is no fault of the row (a cancelled query,
 * the memory at an end) it raises.
 */
extern bool query_softly(void (*work)(void *), void *context, const char *what);
/*
 * Does something apart from what else the call does: an error takes back this alone, is told to the
 * server's log, and given as its SQLSTATE; NULL for none. What would meet all the rest as well (a
 * cancelled query, a missing right, a full disk, a bug) it raises.
 */
extern char *query_apart(void (*work)(void *), void *context, const char *what);

/* The first row of the last statement as the function's composite result [ends]. */
extern Datum query_row(Call *call);
/* The same of a statement before [ends]. */
extern Datum query_row_of(Call *call, const SPITupleTable *table);
/* A row made by hand [ends]. */
extern Datum query_made_row(Call *call, const Datum *values, const bool *nulls, int count);

/* Runs and returns one row as the function's composite result; none is P0002 about noun [ends]. */
extern Datum query_one(Call *call, Stmt *stmt, NullableDatum *args, const char *noun,
					   const char *id);

/*
 * The same for a set-returning function that is asked with missing_ok, a bool: then none is no row
 * [ends].
 */
extern Datum query_get(Call *call, Stmt *stmt, NullableDatum *args, NullableDatum missing_ok,
					   const char *noun, const char *id);
/* The answer of such a function that has no row [ends]. */
extern Datum query_no_row(Call *call);

/*
 * Inserts by a statement that gives no row when the id (the first argument) exists: then 23505 with
 * the hint, or with if_exists do_nothing the row that get gives. A null id is generated; prefix as
 * for id_generate [ends].
 */
typedef struct Creation
{
	Stmt *insert;
	Stmt *get;
	const char *noun;
	const char *prefix;
	const char *hint;
} Creation;

extern Datum query_create(Call *call, const Creation *creation, NullableDatum *row,
						  NullableDatum if_exists);
/* True when an existing row is an error: if_exists raise (the default) or do_nothing. */
extern bool query_raises(NullableDatum if_exists);

/* Runs and returns the first column of the first row; no row is SQL null [ends]. */
extern Datum query_scalar(Call *call, Stmt *stmt, NullableDatum *args);
/* The same of the last statement, which gave so many rows [ends]. */
extern Datum query_first_value(Call *call, uint64 rows);

/* Ends a call that returns a value made otherwise; by-reference values are copied out. */
extern Datum query_return(Call *call, NullableDatum value, bool byval, int16 length);
extern Datum query_jsonb(Call *call, Jsonb *value);
extern Datum query_count(Call *call, int64 value); /* an integer, 22003 beyond */
extern Datum query_null(Call *call);
extern Datum query_done(Call *call); /* true: what has nothing else to tell */

/* Set-returning: open the set once, add the rows of one or more statements, end. */
extern void query_open_set(Call *call);
extern uint64 query_add_to_set(Call *call, Stmt *stmt, NullableDatum *args);
/* Leaves so many rows of the set, each changed by a function that gets its bytes. */
extern void query_cut_set(Call *call, int64 rows, void (*change)(void *row, Size length));
/* One row made by hand, of so many columns. */
extern void query_put(Call *call, const Datum *values, const bool *nulls, int count);
extern Datum query_close_set(Call *call);                            /* [ends] */
extern Datum query_set(Call *call, Stmt *stmt, NullableDatum *args); /* all three */

/*
 * Statements built from what a call asks for: only the conditions given, so that the planner sees
 * what it can use.  The plan is kept by its text, for as long as others are not used more.  A
 * condition names its argument as $%d.
 */
typedef struct Built
{
	StringInfoData sql;
	char types[STMT_MAX_ARGS + 1];
	NullableDatum args[STMT_MAX_ARGS];
	int count;
	bool custom;   /* as in Stmt */
	bool keyed;    /* likewise */
	bool by_words; /* likewise */
	int64 page_rows;
} Built;

extern void built_begin(Built *built, const char *sql);
extern void built_add(Built *built, const char *sql);
/* Adds an argument and gives its number. */
extern int built_arg(Built *built, char type, NullableDatum value);
/* Adds the text with the argument's number in its $%d, when the value is not null. */
extern void built_when(Built *built, const char *sql, char type, NullableDatum value);
/* Adds that a column contains the document, when it is not null. */
extern void built_contains(Built *built, const char *column, NullableDatum document);
/*
 * A condition that the GIN index of a column of documents answers: true of every row that contains
 * what is asked for, and of some others, so the exact one stands beside. See query/keys.c. How many
 * rows have it depends on what: the statement is planned for its values.
 */
#define HAS_KEYS(alias, column, number) \
	" AND threadmem.tenant_keys(" alias "tenant_id, " alias column ")" \
	" OPERATOR(threadmem.@@) threadmem.tenant_query($1, " number ")"
/*
 * The same of the words of messages: true of every row that matches the query and is of the thread
 * and of the user (null for any), and of what differs in the places of words only.
 */
#define HAS_WORDS(alias, query, thread, user) \
	" AND threadmem.tenant_keys(" alias "tenant_id, " alias "search," \
	" ARRAY[" alias "thread_id, " alias "user_id, " alias "sender_id])" \
	" OPERATOR(threadmem.@@) threadmem.tenant_query($1, " query ", ARRAY[" thread ", " user "])"
/* And of the titles of threads, of the user or (null) of any. */
#define HAS_TITLE(alias, query, user) \
	" AND threadmem.tenant_keys(" alias "tenant_id, " alias "search," \
	" ARRAY[NULL::text, " alias "user_id])" \
	" OPERATOR(threadmem.@@) threadmem.tenant_query($1, " query ", ARRAY[NULL, " user "])"
/*
 * What of a document to ask for with it: so many of its values only, since each is another look.
 * NULL when no key leads to what contains the document.
 */
#define INDEXED_VALUES 64
extern Jsonb *keys_of_document(Jsonb *document);
/* Adds the condition, with $%d as its number, when there is a document with keys. */
extern void built_keys(Built *built, const char *has_keys, NullableDatum document);
/*
 * Ends the text: no more than so many rows, after some left out. Its last column is whether more
 * follow (has_more), the same on every row.
 */
extern void built_page(Built *built, int64 rows, int64 skip);
/* As query_exec() and so on [the same end the call]. */
extern uint64 built_exec(Call *call, Built *built);
extern bool built_first(Call *call, Built *built);
extern Datum built_scalar(Call *call, Built *built);
extern uint64 built_add_to_set(Call *call, Built *built);
extern Datum built_set(Call *call, Built *built);

/*
 * What a list is sorted by: never null, its last columns a key, each with its letter (t, z, l, i or
 * f). All go the list's way, or the first so many, and the rest the other. Every row of a list has
 * a position, an opaque text from which the next page goes on; query/position.c has its format.
 */
#define ORDER_COLUMNS 5
#define SORT_TEXT "200" /* characters of a text without a limit that a list is sorted by */

typedef struct Order
{
	const char *list; /* which, of what, sorted how: a position is one of this list alone */
	const char *types;
	const char *columns[ORDER_COLUMNS];
	int turn; /* 0: all go the same way */
	bool descending;
} Order;

/* Text of a select list: the position of a row, whose columns may have other names there. */
extern char *order_column(const Order *order, Built *built, const char *columns);
/* The same of a row made by hand. */
extern NullableDatum order_position(const Order *order, const NullableDatum *values);
/* The values in a position; 22023 for what is none of this list. */
extern void order_read(const Order *order, const char *argument, NullableDatum position,
					   NullableDatum *values);
/* Adds the condition for rows after a place, or before it; then the order itself. */
extern void order_go_on(const Order *order, Built *built, const NullableDatum *values, bool before);
extern void order_add(const Order *order, Built *built);
/* Two ways to say the same: both are 22023. */
extern void order_give_one(const char *argument, NullableDatum one, const char *other_argument,
						   NullableDatum other);

/*
 * The end of every list of what a tenant has.  The room fills the first five (column names without
 * alias: they are looked up in the table, too); page_read and page_by_number take the caller's
 * wishes.
 */
#define DEFAULT_ROWS 20

typedef struct ListSort
{
	const char *types;
	const char *columns[ORDER_COLUMNS - 1];
} ListSort;

typedef struct Listing
{
	const char *list;  /* "user_list", with what it is a list of */
	const char *table; /* "threadmem_data.users" */
	const char *key;   /* "user_id", unique in the tenant */
	const char *noun;  /* "user", for a cursor that is not found */
	const ListSort *sort;
	bool descending;
	int64 max_rows;
	int64 skip;
	NullableDatum after_id;
	NullableDatum after_position;
	Order order; /* made of the above; query/page.c's own */
} Listing;

extern void page_read(Listing *page, NullableDatum sort_order, NullableDatum max_rows,
					  NullableDatum after_id, NullableDatum after_position);
extern void page_by_number(Listing *page, NullableDatum page_number, NullableDatum page_size);
/* Text of the select list, behind the other columns: the position. */
extern char *page_column(Listing *page, Built *built);
extern void page_add(Call *call, Listing *page, Built *built);

/*
 * The tenant of this session, a text datum palloc'd for this call: that to which its roles are
 * bound (session_user, the role of SET ROLE and the user at entry are asked), else the setting's.
 * 42501 for roles that are bound to two, or to none where others are, and for no tenant where one
 * is required.  Within a statement of ours, the tenant of that.
 */
extern Datum query_tenant(void);

/* The user this session is narrowed to, a text; null when it is not. 22023 for what is no id. */
extern NullableDatum query_narrowed_to(void);

/* Neither bound to a tenant nor narrowed to a user: it may learn of other tenants. */
extern bool query_is_free(void);

/* 42501 for a session that is narrowed to a user or, unless it is about its own tenant, bound. */
extern void query_require_free(bool own_tenant);

/*
 * Whether the caller may work for all tenants: a superuser, or a role that grant_access() made an
 * operator, which is bound to none and not narrowed. That others are bound does not concern it: it
 * need not be set free, which would let it choose a tenant and call whatever else it may for it.
 */
extern bool query_is_operator(void);
/* 42501 when not. */
extern void query_require_operator(void);

/* The statements that follow are for this tenant. 42501 as query_require_free(). */
extern void query_act_for(Call *call, NullableDatum tenant_id);

/*
 * Goes through every tenant that has a row, in the order of names, when it is about all of them,
 * which the caller has asked for (query_begin_all() or query_require_free()); else there is but the
 * session's own. The statements between two are for the one at hand.
 *
 *     for (bool more = query_first_tenant(&call, all); more; more = query_next_tenant(&call, all))
 */
extern bool query_first_tenant(Call *call, bool all);
extern bool query_next_tenant(Call *call, bool all);
/* Back to one of them. */
extern void query_go_to_tenant(Call *call, const char *tenant);

/*
 * Work that is due in many tenants; query/sweep.c tells how it is shared out. Gives the call's rows
 * of threadmem.tenant_sweep and ends the call [ends].
 *
 *  due   since when the first waits, null for nothing to do, and how much
 *  args  what due is given
 *  work  does so much of it for the tenant at hand, and tells how much it did
 */
typedef struct Sweep
{
	Stmt *due;
	NullableDatum *args;
	int64 (*work)(Call *call, int64 most, void *context);
	void *context;
	int64 max_rows;
} Sweep;

extern Datum query_sweep(Call *call, const Sweep *sweep);
/* Only what is due, and how much of it. */
extern Datum query_survey(Call *call, Stmt *due, NullableDatum *args);

#include "query/check.h"

#endif
