/*
 * query/row.c: what statements have read, column by column, judged before it is believed.
 *
 * Constraints keep bad values out of the tables, but they can be dropped, and an archive restored
 * without them; nothing stored may bring the server down. So here is the only place that takes a
 * column apart. A value that the code cannot do without raises XX001 when it is null or of another
 * kind; a list, in which a bad row may cost only itself, reads softly and gets NULL.
 */
#include "query/query.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"

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
