/*
 * fact/ontology.c: which types of entities and facts a memory knows.
 *
 * An ontology is read for each call that adds, and asked where it is strict; what is in memory
 * already is not judged again. Its form is told by memory_set_ontology().
 */
#include "fact/row.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_memory_set_ontology);
PG_FUNCTION_INFO_V1(threadmem_memory_get_ontology);
PG_FUNCTION_INFO_V1(threadmem_memory_delete_ontology);

#define TYPES_MAX 200 /* of either kind, and attributes of one */

struct Ontology
{
	bool strict;
	JsonbContainer *entities; /* NULL for none, as all that follow */
	JsonbContainer *facts;
};

static Stmt ontology_get = {"SELECT " ONTOLOGY_OF_USER, "t"};
static Stmt ontology_set = {
	"INSERT INTO threadmem_data.ontologies AS o (tenant_id, user_id, ontology, updated_at)"
	" SELECT $1, $2, $3, n FROM clock_timestamp() AS n ON CONFLICT (tenant_id, user_id)"
	" DO UPDATE SET ontology = excluded.ontology, updated_at = excluded.updated_at"
	" RETURNING o.ontology",
	"tj"};
static Stmt ontology_delete = {"DELETE FROM threadmem_data.ontologies o WHERE o.tenant_id = $1"
							   " AND o.user_id = $2",
							   "t"};

/* Reading */

Ontology *
ontology_read(Jsonb *stored)
{
	Ontology *ontology;
	JsonbContainer *root;
	JsonbValue *strict;

	if (stored == NULL)
		return NULL;
	root = &stored->root;
	strict = json_given(root, "strict");
	ontology = palloc(sizeof(Ontology));
	ontology->strict = strict && strict->type == jbvBool && strict->val.boolean;
	ontology->entities = json_as_object(json_given(root, "entities"));
	ontology->facts = json_as_object(json_given(root, "facts"));
	return ontology;
}

static JsonbContainer *
type_of(JsonbContainer *types, NullableDatum name)
{
	return types ? json_as_object(json_given(types, text_or_null(name))) : NULL;
}

static bool
list_has(JsonbContainer *list, const char *label)
{
	JsonbIterator *iterator = JsonbIteratorInit(list);
	JsonbIteratorToken token;
	JsonbValue value;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
		if (token == WJB_ELEM && value.type == jbvString && value.val.string.len == strlen(label) &&
			memcmp(value.val.string.val, label, value.val.string.len) == 0)
			return true;
	return false;
}

static bool
is_of_kind(const JsonbValue *value, const char *kind)
{
	if (value->type == jbvNull || strcmp(kind, "any") == 0)
		return true;
	if (strcmp(kind, "text") == 0)
		return value->type == jbvString;
	return strcmp(kind, "number") == 0 ? value->type == jbvNumeric : value->type == jbvBool;
}

static void
check_attributes(JsonbContainer *type, const char *of, NullableDatum attributes)
{
	JsonbContainer *declared = json_as_object(json_given(type, "attributes"));
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue value;
	char *key = NULL;

	if (attributes.isnull)
		return;
	iterator = JsonbIteratorInit(&DatumGetJsonbP(attributes.value)->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		char *kind;

		CHECK_FOR_INTERRUPTS();
		if (token == WJB_KEY)
			key = json_as_text(&value);
		if (token != WJB_VALUE)
			continue;
		kind = declared ? json_as_text(json_given(declared, key)) : NULL;
		if (kind == NULL)
			error_bad_input("attributes", "\"%s\" is no attribute of \"%s\" in the ontology.", key,
							of);
		if (!is_of_kind(&value, kind))
			error_bad_input("attributes", "\"%s\" of \"%s\" is %s in the ontology.", key, of, kind);
	}
}

void
ontology_check_entity(const Ontology *ontology, NullableDatum label, NullableDatum attributes)
{
	JsonbContainer *type;

	if (ontology == NULL || !ontology->strict || label.isnull)
		return;
	type = type_of(ontology->entities, label);
	if (type == NULL)
		error_bad_input("label", "\"%s\" is no type of entities in the ontology, which is strict.",
						text_or_null(label));
	check_attributes(type, text_or_null(label), attributes);
}

static void
check_end(JsonbContainer *type, const char *list, const FactEnd *end, NullableDatum name)
{
	JsonbContainer *labels = json_as_array(json_given(type, list));
	char *label = text_or_null(end->label);

	if (labels && !(label && list_has(labels, label)))
		error_bad_input(end->what,
						"\"%s\" leads from and to other types than \"%s\" in the ontology.",
						text_or_null(name), label ? label : "");
}

void
ontology_check_fact(const Ontology *ontology, NullableDatum name, const FactEnd *source,
					const FactEnd *target, NullableDatum attributes)
{
	JsonbContainer *type;

	if (ontology == NULL || !ontology->strict)
		return;
	type = type_of(ontology->facts, name);
	if (type == NULL)
		error_bad_input("name", "\"%s\" is no type of facts in the ontology, which is strict.",
						text_or_null(name));
	check_end(type, "sources", source, name);
	check_end(type, "targets", target, name);
	check_attributes(type, text_or_null(name), attributes);
}

bool
ontology_has_many(const Ontology *ontology, NullableDatum name)
{
	JsonbContainer *type = ontology ? type_of(ontology->facts, name) : NULL;
	JsonbValue *many = type ? json_given(type, "many") : NULL;

	return many && many->type == jbvBool && many->val.boolean;
}

/* Writing */

/* A key of a type and what may stand there. */
typedef enum Form
{
	FORM_TEXT,
	FORM_BOOL,
	FORM_LABELS,
	FORM_ATTRIBUTES,
	FORM_TYPES_OF_ENTITIES,
	FORM_TYPES_OF_FACTS
} Form;

typedef struct Member
{
	const char *key;
	Form form;
} Member;

static void guard_members(JsonbContainer *object, const char *what, const Member *members);

static void
guard_labels(JsonbContainer *list, const char *what)
{
	JsonbIterator *iterator = JsonbIteratorInit(list);
	JsonbIteratorToken token;
	JsonbValue value;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
		if (token == WJB_ELEM && value.type != jbvString)
			error_bad_input("ontology", "%s is no list of labels.", what);
}

/* Attributes, or types: so many at most, each with a name that a label or a relation may have. */
static void
guard_each(JsonbContainer *object, const char *what, const Member *members)
{
	static const char *const kinds[] = {"text", "number", "boolean", "any", NULL};
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue value;
	char *key = NULL;

	if (JsonContainerSize(object) > TYPES_MAX)
		error_bad_input("ontology", "%s has %d members, and %d are allowed.", what,
						JsonContainerSize(object), TYPES_MAX);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		char *path;

		CHECK_FOR_INTERRUPTS();
		if (token == WJB_KEY)
			key = json_as_text(&value);
		if (token == WJB_KEY && (key[0] == '\0' || strlen(key) > ID_MAX_BYTES))
			error_bad_input("ontology", "A name in %s is empty, or over %d bytes.", what,
							ID_MAX_BYTES);
		if (token != WJB_VALUE)
			continue;
		path = psprintf("%s.%s", what, key);
		if (members && !json_as_object(&value))
			error_bad_input("ontology", "%s is no object.", path);
		if (members)
			guard_members(json_as_object(&value), path, members);
		else if (!text_is_one_of(json_as_text(&value) ? json_as_text(&value) : "", kinds))
			error_bad_input("ontology", "%s is none of: text, number, boolean, any.", path);
	}
}

static void
guard_member(JsonbValue *value, const char *path, Form form)
{
	static const Member entity[] = {
		{"description", FORM_TEXT}, {"attributes", FORM_ATTRIBUTES}, {NULL}};
	static const Member fact[] = {{"description", FORM_TEXT}, {"attributes", FORM_ATTRIBUTES},
								  {"sources", FORM_LABELS},   {"targets", FORM_LABELS},
								  {"many", FORM_BOOL},        {NULL}};
	JsonbContainer *object = json_as_object(value);
	JsonbContainer *array = json_as_array(value);

	if (form == FORM_TEXT     ? value->type != jbvString
		: form == FORM_BOOL   ? value->type != jbvBool
		: form == FORM_LABELS ? array == NULL
							  : object == NULL)
		error_bad_input("ontology", "%s is of another kind.", path);
	if (form == FORM_LABELS)
		guard_labels(array, path);
	else if (form == FORM_ATTRIBUTES)
		guard_each(object, path, NULL);
	else if (form == FORM_TYPES_OF_ENTITIES)
		guard_each(object, path, entity);
	else if (form == FORM_TYPES_OF_FACTS)
		guard_each(object, path, fact);
}

static void
guard_members(JsonbContainer *object, const char *what, const Member *members)
{
	const char *keys[8];
	int count = 0;

	for (; members[count].key; count++)
		keys[count] = members[count].key;
	keys[count] = NULL;
	guard_keys("ontology", object, what, keys);
	for (int i = 0; i < count; i++)
	{
		JsonbValue *value = json_given(object, keys[i]);

		if (value)
			guard_member(value, psprintf("%s.%s", what, keys[i]), members[i].form);
	}
}

enum
{
	SET_ONTOLOGY,
	SET_USER_ID
};

/* A session narrowed to a user would only be told of row security. */
static void
require_wide(void)
{
	if (!query_narrowed_to().isnull)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("ontology may not be changed"),
				 errdetail("This session is narrowed to user_id \"%s\".",
						   text_or_null(query_narrowed_to())),
				 errhint("Use a session that is not narrowed by threadmem.user_id."),
				 err_generic_string(PG_DIAG_SCHEMA_NAME, "threadmem"),
				 err_generic_string(PG_DIAG_COLUMN_NAME, "user_id")));
}

static NullableDatum
key_of(NullableDatum user_id)
{
	return user_id.isnull ? ARG_TEXT("") : user_id;
}

Datum
threadmem_memory_set_ontology(PG_FUNCTION_ARGS)
{
	static const Member root[] = {{"strict", FORM_BOOL},
								  {"entities", FORM_TYPES_OF_ENTITIES},
								  {"facts", FORM_TYPES_OF_FACTS},
								  {NULL}};
	NullableDatum user_id = fcinfo->args[SET_USER_ID];
	NullableDatum row[] = {key_of(user_id), fcinfo->args[SET_ONTOLOGY]};
	Call call;

	query_begin(&call, fcinfo);
	guard_members(&DatumGetJsonbP(row[1].value)->root, "ontology", root);
	require_wide();
	user_require(&call, user_id);
	return query_scalar(&call, &ontology_set, row);
}

Datum
threadmem_memory_get_ontology(PG_FUNCTION_ARGS)
{
	NullableDatum user_id = fcinfo->args[0];
	NullableDatum key = key_of(user_id);
	Call call;

	query_begin(&call, fcinfo);
	if (!user_id.isnull)
		user_require_known(&call, user_id);
	return query_scalar(&call, &ontology_get, &key);
}

Datum
threadmem_memory_delete_ontology(PG_FUNCTION_ARGS)
{
	NullableDatum key = key_of(fcinfo->args[0]);
	Call call;
	bool was_there;

	query_begin(&call, fcinfo);
	require_wide();
	was_there = query_exec(&call, &ontology_delete, &key) > 0;
	return query_return(&call, ARG(BoolGetDatum(was_there)), true, sizeof(bool));
}
