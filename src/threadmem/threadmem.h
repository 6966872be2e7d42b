/*
 * threadmem/threadmem.h: what every room may use: settings, ids, errors, guards.
 *
 * Errors follow docs/errors.md: one SQLSTATE each, a lower-case message without full stop, the
 * ids in DETAIL, the way out in HINT, and for programs the view and the column that they are about
 * in the fields of the error.  What is called error_... does not return.
 *
 * An argument is a NullableDatum, as calls have them and statements take them: an SQL null or a
 * value.  What is palloc'd is so in the current memory context.
 */
#ifndef THREADMEM_H
#define THREADMEM_H

#include "postgres.h"

#include "fmgr.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* As PostgreSQL 18 names it, and where: before the declaration. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* Limits in bytes (docs/limits.md#ids); a btree key holds 2,704. */
/* Of a thread: ten years of 365 days. */
#define TTL_MAX_MINUTES 5256000

#define ID_MAX_BYTES 255
#define TENANT_MAX_BYTES 63
#define NS_MAX_BYTES 1000
#define ROWS_MAX 1000 /* rows of one page */
/* What is counted on comes in within this, on both sides of 0, and never reaches the end of int64.
 */
#define COUNT_MAX (INT64CONST(1) << 62)
#define EMBEDDING_MAX 16000 /* numbers, as many as pgvector's vector has */
#define EMBEDDINGS_MAX 1000 /* of one item of the store */

typedef enum IdFormat
{
	ID_UUID,    /* uuid version 7, so that new rows land at the right end of their index */
	ID_PREFIXED /* thread_ and 22 base62 characters, as the Entities API and OpenAI make them */
} IdFormat;

typedef enum BadUnicode
{
	UNICODE_ERROR,
	UNICODE_REPLACE
} BadUnicode;

/* Settings; threadmem/threadmem.c says what each is for.  Strings belong to the settings machinery.
 */
extern void settings_of_role(void); /* as the library is loaded: threadmem/role_settings.c */
extern char *setting_tenant;
extern char *setting_user_id;
extern bool setting_require_tenant;
extern char *setting_search_config;
extern char *setting_token_counter;
extern int setting_id_format;
extern int setting_bad_unicode;
extern int setting_max_body;          /* kilobytes */
extern double setting_snapshot_ratio; /* checkpoint/chain.c says what for */
extern bool setting_keep_memory;      /* thread/thread.c */
extern bool setting_notify;           /* thread_row/notify.c */
extern int setting_tombstone_seconds; /* seconds that a deleted thread's tombstone counts */
extern int setting_memory_messages;   /* of a thread, that are its query */
extern int setting_memory_budget;     /* kilobytes; memory/read.c says of what */
extern int setting_store_user;        /* the element of a namespace that is a person, 0: none */

/* A new id, a text datum palloc'd; the prefix ("thread") counts only for ID_PREFIXED. */
extern Datum id_generate(const char *prefix);

/* 128 random bits as 32 digits, palloc'd. */
extern char *random_hex(void);

/*
 * A checkpoint id as LangGraph makes them: a uuid of version 6 whose group 4 carries the step, and
 * always greater by bytes than newest (NULL for none). Where newest sorts above every uuid, it is
 * newest, a dot and a uuid; of a newest over 218 bytes the first 218, the last of them raised.
 * 54000 when nothing can be above it.  palloc'd.
 */
extern char *checkpoint_id_generate(const char *newest, int64 step);
/* Whether it can make an id after this one: not after more than 218 of the greatest bytes. */
extern bool checkpoint_id_has_next(const char *id);

/* A uuid of version 5 of a name in the namespace of another uuid, palloc'd; NULL where that is no
 * uuid. */
extern char *uuid_of_name(const char *name, const char *namespace);

/* P0002, 23505 and 23503: noun is "thread", so that errors call the id thread_id. */
pg_noreturn extern void error_not_found(const char *noun, const char *id);
/* The same of the row that a page should begin after. */
pg_noreturn extern void error_not_found_now(const char *noun, const char *id, const char *state,
											const char *hint);
pg_noreturn extern void error_no_cursor(const char *noun, const char *id);
pg_noreturn extern void error_exists(const char *noun, const char *id, const char *hint);
pg_noreturn extern void error_no_parent(const char *noun, const char *id);

/* 42501: row security hides or protects the row from this session. */
pg_noreturn extern void error_denied(const char *action, const char *noun, const char *id,
									 const char *hint);

/* 22023: which argument, also as the field column, and a sentence on what is wrong with it. */
#define error_bad_input(argument, ...) error_bad_input_hint(argument, NULL, __VA_ARGS__)
#define error_bad_input_hint(argument, hint, ...) \
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), \
					errmsg("invalid value for argument \"%s\"", argument), errdetail(__VA_ARGS__), \
					(hint) ? errhint("%s", (const char *)(hint)) : 0, \
					err_generic_string(PG_DIAG_COLUMN_NAME, argument)))

/* 55000: the row is not in a state that allows this; the sentences name the ids and the way out. */
#define error_state(message, hint, ...) \
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg(message), \
					errdetail(__VA_ARGS__), errhint(hint)))

/* TM001: what expected_version, expected_rev or expected_content named is not what is there now. */
#define ERRCODE_LOST_LOCK MAKE_SQLSTATE('T', 'M', '0', '0', '1')
#define error_stale(message, hint, ...) \
	ereport(ERROR, \
			(errcode(ERRCODE_LOST_LOCK), errmsg(message), errdetail(__VA_ARGS__), errhint(hint)))

/* XX001: what a column holds cannot be; also in the field of the error that clients read. */
pg_noreturn extern void error_damaged(const char *column, const char *problem);

/* 54000: bytes over the limit of the setting named. */
pg_noreturn extern void error_too_large(const char *what, Size bytes, Size limit,
										const char *setting);

/* 0A000: named by the contract, not built. */
pg_noreturn extern void error_not_supported(const char *what, const char *hint);

/*
 * Guards.  guard_argument judges by the argument's name, so that every function of the extension
 * checks an id, a page size or a metadata object in the same way. The rest are for what a name
 * cannot tell. Arguments are never changed in place: a constant is the next row's as well.
 */
extern void guard_argument(const char *name, Oid type, Datum value);
/* 22023 for what is no id, a tenant, one of the choices; 54000 for a body over the limit. */
extern void guard_id(const char *argument, const char *bytes, int length);
/*
 * The id of a call of a tool is whatever the model's provider makes it, thousands of bytes at times
 * (a signed thought is packed into some), and is no part of a key: it has no limit of its own.
 */
extern void guard_call_id(const char *argument, const char *bytes, int length);
/* Whether guard_id would let it pass. */
extern bool id_is_good(const char *bytes, int length);
extern void guard_tenant(const char *bytes, int length);
/* The index of a text among the choices, which end with NULL; an SQL null is the first. */
extern int guard_choice(const char *argument, NullableDatum value, const char *const *choices);
extern void guard_choices(const char *argument, NullableDatum list, const char *const *choices);
/* 22023 for a key of an object that is none of these, which end with NULL; what: the object. */
extern void guard_keys(const char *argument, JsonbContainer *object, const char *what,
					   const char *const *keys);
extern void guard_body(Jsonb *body);

/* A text argument as a C string, NULL for an SQL null; and the other way. palloc'd. */
extern char *text_or_null(NullableDatum arg);
extern NullableDatum text_arg(const char *string);

/* What an argument says, or what stands for it where it is null. */
static inline bool
bool_or(NullableDatum arg, bool otherwise)
{
	return arg.isnull ? otherwise : DatumGetBool(arg.value);
}

static inline int64
int64_or(NullableDatum arg, int64 otherwise)
{
	return arg.isnull ? otherwise : DatumGetInt64(arg.value);
}

/*
 * An embedding comes as double precision[], as drivers send it, and is stored and compared as the
 * real[] of this: models give doubles, and mean no more. guard_argument has passed it.
 */
extern NullableDatum embedding_real(NullableDatum given);

/* The elements of a text[] that guard_argument has passed; how many, 0 for an SQL null. */
extern int text_list(NullableDatum list, Datum **elements);
/* A text[] of so many text datums. */
extern NullableDatum text_array(Datum *elements, int count);
/* A text[] of C strings. */
extern NullableDatum text_array_of(const List *strings);
/* As text_list, in the order of their bytes and each once, so that two calls lock in one order. */
extern int text_list_sorted(NullableDatum list, Datum **elements);
extern bool text_list_has(NullableDatum list, const char *element);

/* Whether a string is longer than the suffix and ends with it; NULL does not. */
extern bool text_ends_with(const char *string, const char *suffix);
/* Whether it is one of these, which end with NULL. */
extern bool text_is_one_of(const char *string, const char *const *list);

/* For qsort and bsearch: of int64, or of structs whose first member is one and the key. */
extern int compare_int64(const void *a, const void *b);

/*
 * The first of so many structs of a size, in the order of the int64 at an offset in them, in which
 * that is not below the least; count when there is none.
 */
static inline int
lower_bound_int64(const void *structs, Size size, Size offset, int count, int64 least)
{
	int low = 0;

	while (low < count)
	{
		int middle = low + (count - low) / 2;

		if (*(const int64 *)((const char *)structs + middle * size + offset) < least)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/* A count as integer, which every driver reads as a number; 22003 when it is none. */
extern Datum count_datum(int64 count);

/*
 * Opens a function of the application's by its name, with its schema, for a call with the rights of
 * the caller; 42501 where they do not do. What is wrong with the name as the end of a sentence,
 * NULL for nothing.
 */
extern const char *function_open(FmgrInfo *opened, const char *name, const Oid *types, int count,
								 Oid result);

/* Shorthand for lists of arguments to statements. */
#define ARG_NULL ((NullableDatum){.value = (Datum)0, .isnull = true})
#define ARG(datum) ((NullableDatum){.value = (datum), .isnull = false})
#define ARG_TEXT(cstring) text_arg(cstring)

#include "threadmem/json.h"
#include "threadmem/names.h"

#endif
