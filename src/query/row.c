/*
 * query/row.c: what statements have read, column by column, judged before it is believed.
 *
 * Constraints keep bad values out of the tables, but they can be dropped, and an archive restored
 * without them; nothing stored may bring the server down. So here is the only place that takes a
 * column apart. A value that the code cannot do without raises XX001 when it is null or of another
 * kind; a list, in which a bad row may cost only itself, reads softly and gets NULL.
 */
#include "query/query.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

static const char *
column_name(const SPITupleTable *table, int column)
{
	return NameStr(TupleDescAttr(table->tupdesc, column - 1)->attname);
}

NullableDatum
table_column(const SPITupleTable *table, uint64 row, int column)
{
	NullableDatum out;

	out.value = SPI_getbinval(table->vals[row - 1], table->tupdesc, column, &out.isnull);
	return out;
}

Datum
table_datum(const SPITupleTable *table, uint64 row, int column)
{
	NullableDatum value = table_column(table, row, column);

	if (value.isnull)
		error_damaged(column_name(table, column), "is null");
	return value.value;
}

int64
table_int64(const SPITupleTable *table, uint64 row, int column)
{
	NullableDatum value = table_column(table, row, column);

	return value.isnull ? 0 : DatumGetInt64(value.value);
}

bool
table_bool(const SPITupleTable *table, uint64 row, int column)
{
	NullableDatum value = table_column(table, row, column);

	return !value.isnull && DatumGetBool(value.value);
}

static bool
has_root(Jsonb *document, JsonRoot root)
{
	return root == JSON_ROOT_ANY ||
		   (root == JSON_ROOT_OBJECT ? JB_ROOT_IS_OBJECT(document)
									 : JB_ROOT_IS_ARRAY(document) && !JB_ROOT_IS_SCALAR(document));
}

Jsonb *
table_jsonb_softly(const SPITupleTable *table, uint64 row, int column, JsonRoot root)
{
	NullableDatum value = table_column(table, row, column);
	Jsonb *document = value.isnull ? NULL : DatumGetJsonbP(value.value);

	return document && has_root(document, root) ? document : NULL;
}

Jsonb *
table_jsonb(const SPITupleTable *table, uint64 row, int column, JsonRoot root)
{
	Jsonb *document = DatumGetJsonbP(table_datum(table, row, column));

	if (!has_root(document, root))
		error_damaged(column_name(table, column),
					  root == JSON_ROOT_OBJECT ? "is not a JSON object" : "is not a JSON array");
	return document;
}

Jsonb *
table_jsonb_or_null(const SPITupleTable *table, uint64 row, int column, JsonRoot root)
{
	return table_column(table, row, column).isnull ? NULL : table_jsonb(table, row, column, root);
}

const char *
table_bytes(const SPITupleTable *table, uint64 row, int column, int length)
{
	bytea *bytes = DatumGetByteaPP(table_datum(table, row, column));

	if (VARSIZE_ANY_EXHDR(bytes) != length)
		error_damaged(column_name(table, column), psprintf("has not %d bytes", length));
	return VARDATA_ANY(bytes);
}

NullableDatum
row_column(uint64 row, int column)
{
	NullableDatum out = table_column(SPI_tuptable, row, column);
	Form_pg_attribute attr = TupleDescAttr(SPI_tuptable->tupdesc, column - 1);

	if (!out.isnull && !attr->attbyval)
		out.value = datumCopy(out.value, false, attr->attlen);
	return out;
}

Datum
row_datum(uint64 row, int column)
{
	(void)table_datum(SPI_tuptable, row, column);
	return row_column(row, column).value;
}

char *
row_text_or_null(uint64 row, int column)
{
	return text_or_null(table_column(SPI_tuptable, row, column));
}

char *
row_text(uint64 row, int column)
{
	return TextDatumGetCString(table_datum(SPI_tuptable, row, column));
}

int64
row_int64(uint64 row, int column)
{
	return table_int64(SPI_tuptable, row, column);
}

bool
row_bool(uint64 row, int column)
{
	return table_bool(SPI_tuptable, row, column);
}

/* A document of its own: what has been detoasted is one. */
static Jsonb *
own(Jsonb *document, uint64 row, int column)
{
	bool is_stored =
		document && PointerGetDatum(document) == table_column(SPI_tuptable, row, column).value;

	return is_stored ? DatumGetJsonbPCopy(JsonbPGetDatum(document)) : document;
}

Jsonb *
row_jsonb(uint64 row, int column, JsonRoot root)
{
	return own(table_jsonb(SPI_tuptable, row, column, root), row, column);
}

Jsonb *
row_jsonb_or_null(uint64 row, int column, JsonRoot root)
{
	return own(table_jsonb_or_null(SPI_tuptable, row, column, root), row, column);
}

Jsonb *
row_jsonb_softly(uint64 row, int column, JsonRoot root)
{
	return own(table_jsonb_softly(SPI_tuptable, row, column, root), row, column);
}

/* The fault of what was read, and not of the session, its query or the server. */
static bool
is_damage(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_DATA_CORRUPTED ||
		   ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_DATA_EXCEPTION ||
		   ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_PROGRAM_LIMIT_EXCEEDED;
}

/* What the work held is given back; an error that is no damage goes on. */
static void
take_error(MemoryContext memory, const char *what)
{
	ErrorData *error;

	MemoryContextSwitchTo(memory);
	error = CopyErrorData();
	if (!is_damage(error))
		PG_RE_THROW();
	FlushErrorState();
	RollbackAndReleaseCurrentSubTransaction();
	ereport(WARNING, (errcode(error->sqlerrcode), errmsg("%s cannot be read", what),
					  errdetail("%s.%s%s", error->message, error->detail ? " " : "",
								error->detail ? error->detail : ""),
					  errhint("threadmem_verify() lists what is damaged.")));
}

/*
 * A subtransaction is what gives back whatever an error may leave behind; it takes two microseconds
 * and no number. There is none while other processes work on the query: then the error is raised.
 */
bool
query_softly(void (*work)(void *), void *context, const char *what)
{
	MemoryContext memory = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool sound = true;
	bool guarded = !IsInParallelMode();

	if (guarded)
		BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		query_push();
		work(context);
		query_pop();
		if (guarded)
			ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		if (!guarded)
			PG_RE_THROW();
		take_error(memory, what);
		sound = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(memory);
	CurrentResourceOwner = owner;
	return sound;
}
