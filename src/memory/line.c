/*
 * memory/line.c: what was said, as a line for a model to read.
 *
 * The block travels as untrusted data: whatever a person wrote stands between tags and behind
 * "  - ", and must not look like either.  Three rules see to that.  Every "</" becomes "<\/" (with
 * white space between the two as well), so that no tag is closed, ours or another.  A line break
 * within a text, of whatever kind, is followed by four spaces, so that the text goes on below its
 * own line and no line of the block begins as an item or a header does.  In a name a line break is
 * a space.  White space around a text is left out; otherwise nothing is added, cut or changed.
 */
#include "memory/line.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "json_patch/json_patch.h"

#define CONTINUED "\n    "

/* The length of the line break that stands here, 0 for none; CR LF is one. */
static int
line_break(const char *at)
{
	if (at[0] == '\r' && at[1] == '\n')
		return 2;
	if (*at >= '\n' && *at <= '\r') /* LF VT FF CR */
		return 1;
	if (GetDatabaseEncoding() != PG_UTF8)
		return 0;
	if (strncmp(at, "\xc2\x85", 2) == 0) /* NEL, then the separators of lines and paragraphs */
		return 2;
	if (strncmp(at, "\xe2\x80\xa8", 3) == 0 || strncmp(at, "\xe2\x80\xa9", 3) == 0)
		return 3;
	return 0;
}

static int
white_space(const char *at)
{
	return *at == ' ' || *at == '\t' ? 1 : line_break(at);
}

/* The text without white space around it. */
static const char *
trimmed(const char *said, const char **end)
{
	int space;

	while ((space = white_space(said)) > 0)
	{
		CHECK_FOR_INTERRUPTS();
		said += space;
	}
	*end = said;
	for (const char *at = said; *at;)
	{
		CHECK_FOR_INTERRUPTS();
		space = white_space(at);
		at += space > 0 ? space : pg_mblen(at);
		if (space == 0)
			*end = at;
	}
	return said;
}

/* An empty line within the text stays empty. */
static void
append_text(StringInfo to, const char *said, const char *instead_of_break)
{
	const char *end;
	bool opened = false; /* behind "<", perhaps with white space */

	for (const char *at = trimmed(said, &end); at < end;)
	{
		int length = line_break(at);

		CHECK_FOR_INTERRUPTS();
		if (length > 0)
		{
			bool empty = line_break(at + length) > 0;

			appendStringInfoString(to,
								   empty && instead_of_break[0] == '\n' ? "\n" : instead_of_break);
			at += length;
			continue;
		}
		if (*at == '/' && opened)
			appendStringInfoChar(to, '\\');
		opened = *at == '<' || (opened && white_space(at) > 0);
		length = pg_mblen(at);
		appendBinaryStringInfo(to, at, length);
		at += length;
	}
}

static void
append_time(StringInfo to, TimestampTz time, pg_tz *zone)
{
	struct pg_tm tm;
	fsec_t fraction;
	int offset;
	char buffer[MAXDATELEN + 1];

	if (TIMESTAMP_NOT_FINITE(time))
		EncodeSpecialTimestamp(time, buffer);
	else if (timestamp2tm(time, &offset, &tm, &fraction, NULL, zone) != 0)
		elog(ERROR, "timestamp out of range");
	else
		EncodeDateTime(&tm, 0, false, 0, NULL, USE_ISO_DATES, buffer);
	appendStringInfoString(to, buffer);
}

int
line_characters(const char *said)
{
	const char *end;

	said = trimmed(said, &end);
	return pg_mbstrlen_with_len(said, (int)(end - said));
}

char *
line_of_prose(const char *prose)
{
	StringInfoData line;

	if (prose == NULL)
		return NULL;
	initStringInfo(&line);
	append_text(&line, prose, "\n");
	return line.len > 0 ? line.data : NULL;
}

/* Without a name the role speaks; added data may have neither. */
char *
line_of_episode(const Episode *episode, pg_tz *zone)
{
	bool named = episode->name && line_of_prose(episode->name);
	StringInfoData line;

	if (line_of_prose(episode->content) == NULL)
		return NULL;
	initStringInfo(&line);
	appendStringInfoString(&line, "  - ");
	if (named)
		append_text(&line, episode->name, " ");
	if (episode->role)
		appendStringInfo(&line, named ? " (%s)" : "%s", episode->role);
	if (named || episode->role)
		appendStringInfoString(&line, ": ");
	append_text(&line, episode->content, CONTINUED);
	appendStringInfoString(&line, " (");
	append_time(&line, episode->event_at, zone);
	appendStringInfoChar(&line, ')');
	return line.data;
}

static void
append_date(StringInfo to, NullableDatum time, const char *otherwise, pg_tz *zone)
{
	if (time.isnull)
		appendStringInfoString(to, otherwise);
	else
		append_time(to, DatumGetTimestampTz(time.value), zone);
}

/* On a line of its own below the rest; nothing where there are none. */
static void
append_attributes(StringInfo to, NullableDatum attributes)
{
	JsonbIterator *it = JsonbIteratorInit(&DatumGetJsonbP(attributes.value)->root);
	const char *before = CONTINUED "Attributes: ";
	JsonbValue key;
	JsonbValue value;

	(void)JsonbIteratorNext(&it, &key, false);
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		CHECK_FOR_INTERRUPTS();
		(void)JsonbIteratorNext(&it, &value, true);
		appendStringInfoString(to, before);
		append_text(to, pnstrdup(key.val.string.val, key.val.string.len), " ");
		appendStringInfoString(to, ": ");
		append_text(
			to, value.type == jbvString ? json_as_text(&value) : json_text(&json_own(&value)->root),
			" ");
		before = ", ";
	}
}

char *
line_of_fact(const NullableDatum *fact, bool attributes, pg_tz *zone)
{
	StringInfoData line;

	initStringInfo(&line);
	appendStringInfoString(&line, "  - ");
	append_text(&line, text_or_null(fact[FACT_TEXT]), CONTINUED);
	appendStringInfoString(&line, " (Date range: ");
	append_date(&line, fact[FACT_VALID_AT], "date unknown", zone);
	appendStringInfoString(&line, " - ");
	append_date(&line, fact[FACT_INVALID_AT], "present", zone);
	appendStringInfoChar(&line, ')');
	if (attributes)
		append_attributes(&line, fact[FACT_ATTRIBUTES]);
	return line.data;
}

static void
append_field(StringInfo to, const char *before, NullableDatum value)
{
	char *said = line_of_prose(text_or_null(value));

	if (!said)
		return;
	appendStringInfoString(to, before);
	append_text(to, text_or_null(value), CONTINUED);
}

char *
line_of_entity(const NullableDatum *entity, bool attributes)
{
	StringInfoData line;

	initStringInfo(&line);
	appendStringInfoString(&line, "  - Name: ");
	append_text(&line, text_or_null(entity[ENTITY_NAME]), " ");
	append_field(&line, CONTINUED "Label: ", entity[ENTITY_LABEL]);
	if (attributes)
		append_attributes(&line, entity[ENTITY_ATTRIBUTES]);
	append_field(&line, CONTINUED "Summary: ", entity[ENTITY_SUMMARY]);
	return line.data;
}

char *
line_of_block(const char *label, const char *description, const char *value)
{
	StringInfoData line;

	if (line_of_prose(value) == NULL)
		return NULL;
	initStringInfo(&line);
	appendStringInfoString(&line, "  - ");
	append_text(&line, label, " ");
	if (line_of_prose(description))
	{
		appendStringInfoString(&line, " (");
		append_text(&line, description, " ");
		appendStringInfoChar(&line, ')');
	}
	appendStringInfoString(&line, ": ");
	append_text(&line, value, CONTINUED);
	return line.data;
}
