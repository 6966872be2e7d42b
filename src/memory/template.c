/*
 * memory/template.c: templates of the context block (docs/contracts.md#templates).
 *
 * A template is text with variables: %{user_summary}, %{memory_blocks}, and %{edges}, %{entities},
 * %{episodes} with options, as in %{edges limit=10 types=[LIKES,OWNS] include_attributes=true}.
 * Everything else, other braces and percent signs too, stands for itself.  It is read when it is
 * stored, so that a mistake shows there and not in the middle of a conversation.
 */
#include "memory/block.h"

#include <ctype.h>

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#define TEMPLATE_ID_MAX_BYTES 100
#define TEMPLATE_MAX_CHARACTERS 1200

#define TEMPLATE_COLUMNS "c.template_id, c.template, c.created_at, c.updated_at"

PG_FUNCTION_INFO_V1(threadmem_context_template_create);
PG_FUNCTION_INFO_V1(threadmem_context_template_get);
PG_FUNCTION_INFO_V1(threadmem_context_template_list);
PG_FUNCTION_INFO_V1(threadmem_context_template_update);
PG_FUNCTION_INFO_V1(threadmem_context_template_delete);

/* One time for both: two readings of the clock differ now and then. */
static Stmt memory_insert_template = {
	"INSERT INTO threadmem_data.context_templates AS c (tenant_id, template_id, template, created_at,"
	" updated_at) SELECT $1, $2, $3, n, n FROM clock_timestamp() AS n ON CONFLICT (tenant_id, template_id) DO NOTHING"
	" RETURNING " TEMPLATE_COLUMNS,
	"tt"};
static Stmt memory_find_template = {"SELECT " TEMPLATE_COLUMNS
									" FROM threadmem_data.context_templates c"
									" WHERE c.tenant_id = $1 AND c.template_id = $2",
									"t"};
static Stmt memory_update_template = {
	"UPDATE threadmem_data.context_templates c SET template = $3, updated_at = clock_timestamp()"
	" WHERE c.tenant_id = $1 AND c.template_id = $2 RETURNING " TEMPLATE_COLUMNS,
	"tt"};
static Stmt memory_delete_template = {"DELETE FROM threadmem_data.context_templates c"
									  " WHERE c.tenant_id = $1 AND c.template_id = $2",
									  "t"};

/* Where the reader stands. */
typedef struct TemplateReader
{
	const char *start;
	const char *at;
} TemplateReader;

#define error_template(reader, place, format, ...) \
	error_bad_input("template", "At character %d: " format ".", \
					pg_mbstrlen_with_len((reader)->start, (int)((place) - (reader)->start)) + 1, \
					__VA_ARGS__)

static void
skip_space(TemplateReader *reader)
{
	while (isspace((unsigned char)*reader->at))
		reader->at++;
}

/* What is there up to the next sign of the language. */
static char *
read_word(TemplateReader *reader)
{
	size_t length = strcspn(reader->at, " \t\n\r\f\v=,[]{}%");
	char *word = pnstrdup(reader->at, length);

	reader->at += length;
	return word;
}

/* What stands there, for an error. */
static const char *
found(const TemplateReader *reader)
{
	return *reader->at ? psprintf("\"%.*s\"", pg_mblen(reader->at), reader->at) : "the end";
}

static void
expect(TemplateReader *reader, char sign, const char *within)
{
	skip_space(reader);
	if (*reader->at != sign)
		error_template(reader, reader->at, "\"%c\" expected in %s, not %s", sign, within,
					   found(reader));
	reader->at++;
}

static void
read_limit(TemplateReader *reader, BlockPart *part)
{
	const char *place = reader->at;
	char *word = read_word(reader);

	if (*word == '\0' || strlen(word) > 4 || strspn(word, "0123456789") != strlen(word) ||
		atoi(word) > BLOCK_LIMIT_MAX)
		error_template(reader, place, "limit must be a number from 0 to %d, not \"%s\"",
					   BLOCK_LIMIT_MAX, word);
	part->limit = atoi(word);
}

static void
read_types(TemplateReader *reader, BlockPart *part)
{
	expect(reader, '[', "types");
	part->types = names_new();
	do
	{
		char *type;

		skip_space(reader);
		type = read_word(reader);
		if (*type == '\0')
			error_template(reader, reader->at, "a type expected, not %s", found(reader));
		(void)names_take(part->types, type);
		skip_space(reader);
	} while (*reader->at == ',' && reader->at++);
	expect(reader, ']', "types");
}

static void
read_include_attributes(TemplateReader *reader, BlockPart *part)
{
	const char *place = reader->at;
	char *word = read_word(reader);

	if (strcmp(word, "true") != 0 && strcmp(word, "false") != 0)
		error_template(reader, place, "include_attributes must be true or false, not \"%s\"", word);
	part->attributes = *word == 't';
}

typedef struct TemplateOption
{
	const char *name;
	void (*read)(TemplateReader *reader, BlockPart *part);
	int places; /* one bit for each place that has it */
} TemplateOption;

#define GRAPH_PLACES (1 << PLACE_EDGES | 1 << PLACE_ENTITIES)

static const TemplateOption options[] = {
	{"limit", read_limit, GRAPH_PLACES | 1 << PLACE_EPISODES},
	{"types", read_types, GRAPH_PLACES},
	{"include_attributes", read_include_attributes, GRAPH_PLACES},
};

/* name=value; each once. */
static void
read_option(TemplateReader *reader, BlockPart *part, const char *variable, int *seen)
{
	const char *place = reader->at;
	char *name = read_word(reader);

	for (int i = 0; i < lengthof(options); i++)
	{
		if (strcmp(name, options[i].name) != 0 || !(options[i].places & 1 << part->place))
			continue;
		if (*seen & 1 << i)
			error_template(reader, place, "%s is given twice", name);
		*seen |= 1 << i;
		expect(reader, '=', name);
		skip_space(reader);
		options[i].read(reader, part);
		return;
	}
	if (*name == '\0')
		error_template(reader, place, "\"}\" expected, not %s", found(reader));
	error_template(reader, place, "%s has no option \"%s\"", variable, name);
}

static BlockPlace
read_variable(TemplateReader *reader, char **name)
{
	static const char *const names[] = {"user_summary",    "edges",         "entities",
										"episodes",        "memory_blocks", "observations",
										"thread_summaries"};
	const char *place = reader->at;

	*name = read_word(reader);
	for (int i = 0; i < lengthof(names); i++)
		if (strcmp(*name, names[i]) == 0)
		{
			if (i + 1 > PLACE_WORKING)
				error_not_supported(psprintf("template variable \"%s\"", *name),
									"Language models write them; use %{episodes}.");
			return i + 1;
		}
	if (**name == '\0')
		error_template(reader, place, "a variable expected, not %s", found(reader));
	error_template(
		reader, place,
		"\"%s\" is no variable; there are user_summary, memory_blocks, edges, entities and"
		" episodes",
		*name);
}

/* The reader stands behind "%{". */
static BlockPart *
read_part(TemplateReader *reader)
{
	BlockPart *part = palloc0(sizeof(BlockPart));
	char *variable;
	int seen = 0;

	skip_space(reader);
	part->place = read_variable(reader, &variable);
	part->before = part->behind = "";
	part->limit = BLOCK_LIMIT_MAX;
	for (skip_space(reader); *reader->at != '}'; skip_space(reader))
		read_option(reader, part, variable, &seen);
	reader->at++;
	return part;
}

static BlockPart *
text_part(const char *start, const char *end)
{
	BlockPart *part = palloc0(sizeof(BlockPart));

	part->place = PLACE_TEXT;
	part->before = pnstrdup(start, end - start);
	return part;
}

List *
template_parse(const char *template)
{
	TemplateReader reader = {template, template};
	int characters = pg_mbstrlen(template);
	List *parts = NIL;

	if (characters < 1 || characters > TEMPLATE_MAX_CHARACTERS)
		error_bad_input("template", "A template has 1 to %d characters, this one has %d.",
						TEMPLATE_MAX_CHARACTERS, characters);
	while (*reader.at)
	{
		const char *variable = strstr(reader.at, TEMPLATE_VARIABLE);
		const char *end = variable ? variable : reader.at + strlen(reader.at);

		if (end > reader.at)
			parts = lappend(parts, text_part(reader.at, end));
		reader.at = end;
		if (variable)
		{
			reader.at += strlen(TEMPLATE_VARIABLE);
			parts = lappend(parts, read_part(&reader));
		}
	}
	return parts;
}

char *
template_read(Call *call, NullableDatum template_id)
{
	if (!query_first(call, &memory_find_template, &template_id))
		error_not_found("template", text_or_null(template_id));
	return row_text(1, 2);
}

static void
guard_template_id(NullableDatum id)
{
	int length = id.isnull ? 0 : VARSIZE_ANY_EXHDR(DatumGetTextPP(id.value));

	if (length > TEMPLATE_ID_MAX_BYTES)
		error_bad_input("template_id",
						"The id of a template has at most %d bytes, this one has %d.",
						TEMPLATE_ID_MAX_BYTES, length);
	if (length > 0 && strstr(text_or_null(id), TEMPLATE_VARIABLE))
		error_bad_input("template_id", "It has \"%s\", which makes it a template.",
						TEMPLATE_VARIABLE);
}

enum
{
	CREATE_ID,
	CREATE_TEMPLATE,
	CREATE_IF_EXISTS
};

Datum
threadmem_context_template_create(PG_FUNCTION_ARGS)
{
	static const Creation creation = {
		&memory_insert_template, &memory_find_template, "template", "template",
		"Use context_template_update(), or if_exists => 'do_nothing'."};
	NullableDatum row[] = {fcinfo->args[CREATE_ID], fcinfo->args[CREATE_TEMPLATE]};
	Call call;

	query_begin(&call, fcinfo);
	guard_template_id(row[0]);
	template_parse(text_or_null(row[1]));
	return query_create(&call, &creation, row, fcinfo->args[CREATE_IF_EXISTS]);
}

enum
{
	GET_ID,
	GET_MISSING_OK
};

Datum
threadmem_context_template_get(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	return query_get(&call, &memory_find_template, fcinfo->args, fcinfo->args[GET_MISSING_OK],
					 "template", text_or_null(fcinfo->args[GET_ID]));
}

enum
{
	LIST_SORT_BY,
	LIST_SORT_ORDER,
	LIST_MAX_ROWS,
	LIST_AFTER_ID,
	LIST_PAGE_NUMBER,
	LIST_PAGE_SIZE,
	LIST_AFTER_POSITION
};

Datum
threadmem_context_template_list(PG_FUNCTION_ARGS)
{
	static const char *const sorts[] = {"created_at", "updated_at", "template_id", NULL};
	static const ListSort columns[] = {{"z", {"created_at"}}, {"z", {"updated_at"}}, {""}};
	NullableDatum *args = fcinfo->args;
	Listing page = {.list = "context_template_list",
					.table = "threadmem_data.context_templates",
					.key = "template_id",
					.noun = "template"};
	Built built;
	Call call;

	query_begin(&call, fcinfo);
	page.sort = &columns[guard_choice("sort_by", args[LIST_SORT_BY], sorts)];
	page_read(&page, args[LIST_SORT_ORDER], args[LIST_MAX_ROWS], args[LIST_AFTER_ID],
			  args[LIST_AFTER_POSITION]);
	page_by_number(&page, args[LIST_PAGE_NUMBER], args[LIST_PAGE_SIZE]);
	built_begin(&built, "SELECT " TEMPLATE_COLUMNS);
	built_add(&built, page_column(&page, &built));
	built_add(&built, " FROM threadmem_data.context_templates c WHERE c.tenant_id = $1");
	page_add(&call, &page, &built);
	return built_set(&call, &built);
}

enum
{
	UPDATE_ID,
	UPDATE_TEMPLATE
};

Datum
threadmem_context_template_update(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	template_parse(text_or_null(fcinfo->args[UPDATE_TEMPLATE]));
	return query_one(&call, &memory_update_template, fcinfo->args, "template",
					 text_or_null(fcinfo->args[UPDATE_ID]));
}

Datum
threadmem_context_template_delete(PG_FUNCTION_ARGS)
{
	char *id = text_or_null(fcinfo->args[0]);
	Call call;

	query_begin(&call, fcinfo);
	if (query_exec(&call, &memory_delete_template, fcinfo->args) == 0)
	{
		if (!query_first(&call, &memory_find_template, fcinfo->args))
			error_not_found("template", id);
		error_denied("deleted", "template", id,
					 "A session narrowed to one user does not change templates.");
	}
	return query_done(&call);
}
