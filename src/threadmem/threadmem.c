/*
 * threadmem/threadmem.c: the module: its magic, its settings and its errors.
 */
#include "threadmem/threadmem.h"

#include <limits.h>

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"

#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "threadmem", .version = THREADMEM_VERSION);
#else
PG_MODULE_MAGIC;
#endif

char *setting_tenant;
char *setting_user_id;
bool setting_require_tenant;
char *setting_search_config;
char *setting_token_counter;
int setting_id_format = ID_UUID;
int setting_bad_unicode = UNICODE_ERROR;
int setting_max_body;
double setting_snapshot_ratio;
int setting_tombstone_seconds;
int setting_memory_messages;
int setting_memory_budget;
int setting_store_user;
bool setting_keep_memory;
bool setting_notify;

static const struct config_enum_entry id_formats[] = {
	{"uuid", ID_UUID, false}, {"prefixed", ID_PREFIXED, false}, {NULL, 0, false}};

static const struct config_enum_entry unicode_policies[] = {
	{"error", UNICODE_ERROR, false}, {"replace", UNICODE_REPLACE, false}, {NULL, 0, false}};

PGDLLEXPORT void _PG_init(void);

/*
 * Who is asking.  These two have no check hook on purpose: a value set before the library is loaded
 * would be dropped with a warning only, and the session would go on as the default tenant.  They
 * are judged where they are used, with an error.
 */
static void
define_identity(void)
{
	DefineCustomStringVariable(
		"threadmem.tenant", "The tenant of this session, unless its role is bound to one.",
		"At most 63 bytes; empty is the default tenant. It is ignored where the role is "
		"bound: see tenant_bind().",
		&setting_tenant, "", PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"threadmem.user_id", "Narrows row security to the threads of one user.",
		"Empty: every user of the tenant. A seat belt for code, no wall against SQL.",
		&setting_user_id, "", PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable(
		"threadmem.require_tenant", "Whether a session without a tenant is refused.",
		"On: the default tenant is nobody's, so a tenant that was forgotten is an "
		"error and not the wrong place.",
		&setting_require_tenant, false, PGC_SUSET, 0, NULL, NULL, NULL);
}

/* How rows are written. */
static void
define_writing(void)
{
	DefineCustomEnumVariable("threadmem.id_format", "The form of generated ids.",
							 "uuid (version 7), or prefixed: thread_ and 22 base62 characters.",
							 &setting_id_format, ID_UUID, id_formats, PGC_USERSET, 0, NULL, NULL,
							 NULL);
	DefineCustomEnumVariable(
		"threadmem.bad_unicode", "What json_accept() does with text that jsonb cannot hold.",
		"error, or replace: U+0000 and lone surrogates become U+FFFD.", &setting_bad_unicode,
		UNICODE_ERROR, unicode_policies, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"threadmem.search_config", "The text search configuration of message search.",
		"A schema-qualified name; a change counts for messages written after it.",
		&setting_search_config, "pg_catalog.english", PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("threadmem.max_body", "The largest message body.",
							"It guards against those who write, so they cannot raise it.",
							&setting_max_body, 32 * 1024, 1, 255 * 1024, PGC_SUSET, GUC_UNIT_KB,
							NULL, NULL, NULL);
	DefineCustomRealVariable(
		"threadmem.snapshot_ratio", "When a checkpoint is stored whole rather than as a change.",
		"As soon as replaying the changes costs so many times the bytes of the state: "
		"greater saves storage, less saves reading.",
		&setting_snapshot_ratio, 1.0, 0.0, 1000.0, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("threadmem.tombstone_ttl",
							"How long a deleted thread refuses late writers.", NULL,
							&setting_tombstone_seconds, 24 * 3600, 0, INT_MAX, PGC_USERSET,
							GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomBoolVariable(
		"threadmem.keep_memory",
		"Whether thread_delete() leaves what was said in its user's memory.",
		"For calls that do not say keep_memory. Off: who deletes a thread is forgotten with it.",
		&setting_keep_memory, true, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable(
		"threadmem.notify", "Whether new messages and changes of runs are notified.",
		"On the channel that notify_channel() names, at commit: {\"thread_id\", \"seq\"} of the newest "
		"message, or {\"thread_id\", \"run_id\", \"status\"}. Any role may listen to a channel it knows. "
		"A transaction that notified cannot be prepared; who polls by message_list(after_seq) "
		"misses nothing without it.",
		&setting_notify, false, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"threadmem.store_user_element", "The element of a namespace of the store that is a person.",
		"Counted from 1; an item of a shorter namespace is nobody's, and with 0 every one is. What "
		"is a person's goes with user_delete(). A change counts for what is put after it.",
		&setting_store_user, 0, 0, 100, PGC_USERSET, 0, NULL, NULL, NULL);
}

/* How messages are counted, and memory is searched. */
static void
define_reading(void)
{
	DefineCustomStringVariable(
		"threadmem.token_counter", "The function that counts the tokens of a text.",
		"A schema-qualified name of a function (text) RETURNS integer, not a temporary one; it "
		"runs as who calls. "
		"Empty counts a token for every four characters, more in scripts of which one says more.",
		&setting_token_counter, "", PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("threadmem.memory_query_messages",
							"How many of a thread's last messages are its query to memory.", NULL,
							&setting_memory_messages, 4, 1, 100, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"threadmem.memory_budget", "How much of long messages a search in memory reads.",
		"Bytes of search vectors of the newest messages, as many of older ones "
		"that have words of the query, as many of texts, and as many of embeddings.",
		&setting_memory_budget, 64 * 1024, 1024, MAX_KILOBYTES, PGC_USERSET, GUC_UNIT_KB, NULL,
		NULL, NULL);
}

void
_PG_init(void)
{
	define_identity();
	define_writing();
	define_reading();
	MarkGUCPrefixReserved("threadmem");
	settings_of_role();
}

static const char *
view_of(const char *noun)
{
	return strcmp(noun, "template") == 0 ? "context_templates" : psprintf("%ss", noun);
}

/* What an error is about, as fields: of a noun its view and its key, as PostgreSQL does. */
static int
about(const char *noun)
{
	err_generic_string(PG_DIAG_SCHEMA_NAME, "threadmem");
	err_generic_string(PG_DIAG_TABLE_NAME, view_of(noun));
	return err_generic_string(PG_DIAG_COLUMN_NAME, psprintf("%s_id", noun));
}

void
error_not_found(const char *noun, const char *id)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND), errmsg("%s not found", noun),
			 errdetail("%s_id is \"%s\".", noun, id ? id : ""),
			 errhint("Check the id, and the tenant and user of this session."), about(noun)));
}

void
error_not_found_now(const char *noun, const char *id, const char *state, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND), errmsg("%s not found", noun),
					errdetail("%s_id is \"%s\", which is %s.", noun, id, state),
					errhint("%s", hint), about(noun)));
}

void
error_no_cursor(const char *noun, const char *id)
{
	ereport(ERROR, (errcode(ERRCODE_NO_DATA_FOUND), errmsg("%s not found", noun),
					errdetail("%s_id is \"%s\".", noun, id ? id : ""),
					errhint("A page goes on after a row that is gone by the row's position: "
							"after_position, before_position."),
					about(noun)));
}

void
error_exists(const char *noun, const char *id, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION), errmsg("%s exists already", noun),
			 errdetail("%s_id is \"%s\".", noun, id), errhint("%s", hint), about(noun),
			 err_generic_string(PG_DIAG_CONSTRAINT_NAME, psprintf("%s_pkey", view_of(noun)))));
}

void
error_no_parent(const char *noun, const char *id)
{
	ereport(ERROR, (errcode(ERRCODE_FOREIGN_KEY_VIOLATION), errmsg("%s does not exist", noun),
					errdetail("%s_id is \"%s\".", noun, id), errhint("Create the %s first.", noun),
					about(noun)));
}

void
error_denied(const char *action, const char *noun, const char *id, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("%s may not be %s", noun, action),
			 errdetail("%s_id is \"%s\".", noun, id), errhint("%s", hint), about(noun)));
}

void
error_damaged(const char *column, const char *problem)
{
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("stored row is damaged"),
					errdetail("Column \"%s\" %s.", column, problem),
					errhint("threadmem_verify() lists what is damaged: restore the row, or delete "
							"it."),
					err_generic_string(PG_DIAG_COLUMN_NAME, column)));
}

void
error_too_large(const char *what, Size bytes, Size limit, const char *setting)
{
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("%s is too large", what),
					errdetail("It has %zu bytes, the limit is %zu.", bytes, limit),
					errhint("Raise %s, or keep large files elsewhere.", setting)));
}

void
error_not_supported(const char *what, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("%s is not supported", what),
					errhint("%s", hint)));
}

Datum
count_datum(int64 count)
{
	if (count > PG_INT32_MAX)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("count is out of range for type integer"),
						errdetail("It is " INT64_FORMAT ".", count)));
	return Int32GetDatum((int32)count);
}

char *
text_or_null(NullableDatum arg)
{
	return arg.isnull ? NULL : TextDatumGetCString(arg.value);
}

NullableDatum
text_arg(const char *string)
{
	return string ? ARG(CStringGetTextDatum(string)) : ARG_NULL;
}

int
text_list(NullableDatum list, Datum **elements)
{
	int count = 0;

	if (!list.isnull)
		deconstruct_array(DatumGetArrayTypeP(list.value), TEXTOID, -1, false, TYPALIGN_INT,
						  elements, NULL, &count);
	return count;
}

NullableDatum
text_array(Datum *elements, int count)
{
	return ARG(PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT)));
}

NullableDatum
text_array_of(const List *strings)
{
	Datum *elements = palloc(sizeof(Datum) * list_length(strings));
	ListCell *cell;

	foreach (cell, strings)
		elements[foreach_current_index(cell)] = CStringGetTextDatum(lfirst(cell));
	return text_array(elements, list_length(strings));
}

static int
compare_texts(const void *a, const void *b)
{
	CHECK_FOR_INTERRUPTS();
	return DatumGetInt32(
		DirectFunctionCall2Coll(bttextcmp, C_COLLATION_OID, *(const Datum *)a, *(const Datum *)b));
}

int
text_list_sorted(NullableDatum list, Datum **elements)
{
	int count = text_list(list, elements);
	int kept = 0;

	qsort(*elements, count, sizeof(Datum), compare_texts);
	for (int i = 0; i < count; i++)
		if (kept == 0 || compare_texts(&(*elements)[kept - 1], &(*elements)[i]) != 0)
			(*elements)[kept++] = (*elements)[i];
	return kept;
}

bool
text_list_has(NullableDatum list, const char *element)
{
	Datum *elements;
	int count = text_list(list, &elements);

	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (strcmp(TextDatumGetCString(elements[i]), element) == 0)
			return true;
	}
	return false;
}

bool
text_ends_with(const char *string, const char *suffix)
{
	size_t length = string ? strlen(string) : 0;
	size_t tail = strlen(suffix);

	return length > tail && strcmp(string + length - tail, suffix) == 0;
}

bool
text_is_one_of(const char *string, const char *const *list)
{
	while (*list && strcmp(string, *list) != 0)
		list++;
	return *list != NULL;
}

int
compare_int64(const void *a, const void *b)
{
	int64 left = *(const int64 *)a;
	int64 right = *(const int64 *)b;

	CHECK_FOR_INTERRUPTS();
	return left < right ? -1 : left > right;
}
