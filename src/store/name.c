/*
 * store/name.c: namespaces and keys.
 */
#include "store/item.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#define LABEL_MAX_BYTES ID_MAX_BYTES

/* Not in any label, and below all that is: so paths have the order of their labels. */
static const char separator = '\x01';
static const char past_separator = '\x02';

static void
guard_label(const char *argument, const char *bytes, int length)
{
	if (!id_is_good(bytes, length))
		error_bad_input(argument, "A label has 1 to %d bytes and no control character.",
						LABEL_MAX_BYTES);
	if (memchr(bytes, '.', length))
		error_bad_input(argument, "Label \"%s\" has a \".\".", pnstrdup(bytes, length));
}

NullableDatum
path_of(const char *argument, NullableDatum labels)
{
	Datum *elements;
	int count = text_list(labels, &elements);
	StringInfoData path;

	if (count == 0)
		return ARG_NULL;
	initStringInfo(&path);
	for (int i = 0; i < count; i++)
	{
		text *label = DatumGetTextPP(elements[i]);

		CHECK_FOR_INTERRUPTS();
		guard_label(argument, VARDATA_ANY(label), VARSIZE_ANY_EXHDR(label));
		if (i > 0)
			appendStringInfoChar(&path, separator);
		appendBinaryStringInfo(&path, VARDATA_ANY(label), VARSIZE_ANY_EXHDR(label));
	}
	if (path.len > PATH_MAX_BYTES)
		error_bad_input(argument, "A namespace has at most %d bytes, this one has %d.",
						PATH_MAX_BYTES, path.len);
	return ARG(PointerGetDatum(cstring_to_text_with_len(path.data, path.len)));
}

NullableDatum
path_of_item(const char *argument, NullableDatum labels)
{
	NullableDatum path = path_of(argument, labels);

	if (path.isnull)
		error_bad_input(argument, "A namespace has one label at least.");
	return path;
}

static NullableDatum
path_with(NullableDatum path, char last)
{
	return ARG_TEXT(psprintf("%s%c", text_or_null(path), last));
}

NullableDatum
path_below(NullableDatum path)
{
	return path_with(path, separator);
}

NullableDatum
path_end(NullableDatum path)
{
	return path_with(path, past_separator);
}

List *
path_labels(const char *path)
{
	List *labels = NIL;
	const char *end;

	while ((end = strchr(path, separator)) != NULL)
	{
		labels = lappend(labels, pnstrdup(path, end - path));
		path = end + 1;
	}
	return lappend(labels, pstrdup(path));
}

char *
path_first(const char *path, int64 labels)
{
	const char *end = path;

	while (labels > 0 && (end = strchr(end, separator)) != NULL)
	{
		labels--;
		if (labels > 0)
			end++;
	}
	return end ? pnstrdup(path, end - path) : pstrdup(path);
}

char *
path_shown(NullableDatum path)
{
	char *shown = text_or_null(path);

	for (char *at = shown; (at = strchr(at, separator)) != NULL;)
		*at = '.';
	return shown;
}

void
guard_key(const char *argument, NullableDatum key)
{
	Size length = VARSIZE_ANY_EXHDR(DatumGetTextPP(key.value));

	if (length < 1 || length > KEY_MAX_BYTES)
		error_bad_input(argument, "A key has 1 to %d bytes, this one has %zu.", KEY_MAX_BYTES,
						length);
}

List *
labels_of(const char *argument, NullableDatum labels)
{
	List *list = NIL;
	Datum *elements;
	int count = text_list(labels, &elements);

	for (int i = 0; i < count; i++)
	{
		char *label = TextDatumGetCString(elements[i]);

		CHECK_FOR_INTERRUPTS();
		guard_label(argument, label, (int)strlen(label));
		list = lappend(list, label);
	}
	return list;
}

void
warn_damaged(const char *column)
{
	ereport(WARNING,
			(errcode(ERRCODE_DATA_CORRUPTED), errmsg("an item of the store is damaged"),
			 errdetail("Column \"%s\" is not as it should be, and answers nothing.", column),
			 errhint("threadmem_verify() lists what is damaged.")));
}
