/*
 * dialect/message.c: one message in each dialect.
 *
 * Every writer gives the fields of its system's API from the columns; over them come the fields of
 * a body that is in that system's form already (of two equal keys the later one stays), and last
 * the metadata, which may have changed since.
 */
#include "dialect/dialect.h"

/* How a dialect spells the roles that it does not spell as we do; the list ends with {NULL}. */
typedef struct RoleName
{
	const char *role;
	const char *spelling;
} RoleName;

typedef void (*Writer)(JsonBuilder *out, const DialectMessage *message, const char *role);

typedef struct Dialect
{
	BodyForm own;
	BodyForm verbatim; /* also its own, and too different to gain fields; FORM_PLAIN is none */
	const char *id_key;
	const char *metadata_key;
	bool metadata_always; /* or only when there is any */
	const char *columns;  /* keys that a column outweighs */
	const char *origins;  /* spellings of a writer that it knows */
	const RoleName *roles;
	Writer write;
} Dialect;

static const char *const langchain_types[] = {"human",   "ai",   "system", "tool", "function",
											  "generic", "chat", "remove", "user", "assistant"};

/* "AIMessageChunk" is a type, too. */
static bool
is_langchain_type(const char *type)
{
	for (int i = 0; i < lengthof(langchain_types); i++)
	{
		size_t length = strlen(langchain_types[i]);

		if (pg_strncasecmp(type, langchain_types[i], length) == 0 &&
			(type[length] == '\0' || strncmp(type + length, "Message", 7) == 0))
			return true;
	}
	return false;
}

static BodyForm
form_by_keys(JsonbContainer *body)
{
	char *object = json_as_text(json_given(body, "object"));

	if (json_given(body, "uuid") || json_given(body, "role_type"))
		return FORM_ZEP;
	if (json_given(body, "message_id") || json_field(body, "metadata_"))
		return FORM_BACKBOARD;
	if (object && strcmp(object, "thread.message") == 0)
		return FORM_OPENAI;
	if ((object && strcmp(object, "message") == 0) || json_given(body, "sender_id") ||
		json_field(body, "meta_data"))
		return FORM_ENTITIES;
	return FORM_PLAIN;
}

void
dialect_read_form(DialectMessage *message)
{
	JsonbContainer *body = &message->body->root;
	const char *within;
	char *type;

	message->fields = shape_fields(body, &within);
	type = json_as_text(json_given(body, "type"));
	if (within && strcmp(within, "content") != 0)
		message->form = FORM_NESTED;
	else if (shape_is_exported(body))
		message->form = FORM_EXPORT;
	else if (type)
		message->form = is_langchain_type(type) ? FORM_LANGCHAIN : FORM_ITEM;
	else
		message->form = form_by_keys(body);
	/* The name in an item is the called function's. */
	if (message->form == FORM_ITEM)
		message->name = NULL;
}

/* Whether a word is in a list of words divided by spaces. */
static bool
has_word(const char *list, const char *word, size_t length)
{
	while (*list)
	{
		size_t next = strcspn(list, " ");

		if (next == length && memcmp(list, word, length) == 0)
			return true;
		list += next + strspn(list + next, " ");
	}
	return false;
}

static const char *
role_in(const Dialect *dialect, const DialectMessage *message)
{
	const char *origin = message->origin_role;

	if (origin && has_word(dialect->origins, origin, strlen(origin)))
		return origin;
	for (const RoleName *name = dialect->roles; name->role; name++)
		if (strcmp(name->role, message->role) == 0)
			return name->spelling;
	return message->role;
}

/* A list that the body has, else an empty one. */
static void
put_list(JsonBuilder *out, const char *key, const DialectMessage *message)
{
	JsonbValue *list = json_given(message->fields, key);

	if (json_as_array(list))
		json_put(out, key, list);
	else
		json_put_empty(out, key, true);
}

static void
put_incomplete_details(JsonBuilder *out, const DialectMessage *message)
{
	JsonbValue *details = json_given(message->fields, "incomplete_details");

	if (details)
		json_put(out, "incomplete_details", details);
	else
		json_put_null(out, "incomplete_details");
}

/* LangChain's models know a developer by this, and keep what they have no field for here, too. */
static void
put_additional_kwargs(JsonBuilder *out, const DialectMessage *message)
{
	static const char *const kept[] = {"attachments", "function_call", "refusal"};

	json_put_key(out, "additional_kwargs");
	json_push(out, WJB_BEGIN_OBJECT, NULL);
	if (strcmp(message->role, "developer") == 0)
		json_put_text(out, "__openai_role__", "developer");
	for (int i = 0; i < lengthof(kept); i++)
	{
		JsonbValue *value = json_given(message->fields, kept[i]);
		JsonbContainer *list = json_as_array(value);

		if (value && !(list && JsonContainerSize(list) == 0))
			json_put(out, kept[i], value);
	}
	json_push(out, WJB_END_OBJECT, NULL);
}

static void
write_langchain(JsonBuilder *out, const DialectMessage *message, const char *role)
{
	const char *origin = message->origin_role;

	json_put_text(out, "type", role);
	json_put_text(out, "id", message->message_id);
	dialect_put_langchain_content(out, message);
	put_additional_kwargs(out, message);
	json_put_empty(out, "response_metadata", false);
	dialect_put_given_text(out, "name", message->name);
	if (strcmp(role, "generic") == 0 || strcmp(role, "chat") == 0)
		json_put_text(out, "role", origin ? origin : message->role);
	if (strcmp(role, "ai") == 0)
		dialect_put_langchain_calls(out, message);
	if (strcmp(role, "tool") == 0) /* LangChain refuses a tool message without the key */
		json_put_text(out, "tool_call_id", message->tool_call_id ? message->tool_call_id : "");
}

/* A message that came whole has no status and no completed_at in that system. */
static void
write_entities(JsonBuilder *out, const DialectMessage *message, const char *role)
{
	bool completed = strcmp(message->status, "completed") == 0;

	json_put_text(out, "id", message->message_id);
	json_put_text(out, "object", "message");
	json_put_text(out, "thread_id", message->thread_id);
	json_put_text(out, "role", role);
	dialect_put_words(out, message);
	dialect_put_text(out, "sender_id", message->sender_id);
	dialect_put_text(out, "assistant_id", message->assistant_id);
	dialect_put_text(out, "run_id", message->run_id);
	dialect_put_epoch(out, "created_at", message->event_at);
	put_list(out, "attachments", message);
	dialect_put_text(out, "status", completed ? NULL : message->status);
	json_put_null(out, "completed_at");
	json_put_null(out, "incomplete_at");
	put_incomplete_details(out, message);
	dialect_put_openai_calls(out, message);
	dialect_put_given_text(out, "tool_call_id", message->tool_call_id);
}

/* In Zep's older form role is the speaker's name, and there is no other name. */
static void
write_zep(JsonBuilder *out, const DialectMessage *message, const char *role)
{
	json_put_text(out, "uuid", message->message_id);
	json_put_text(out, "role", role);
	dialect_put_words(out, message);
	dialect_put_iso(out, "created_at", message->event_at);
	if (message->form != FORM_ZEP || !json_given(message->fields, "role_type"))
		dialect_put_given_text(out, "name", message->name);
}

static void
write_backboard(JsonBuilder *out, const DialectMessage *message, const char *role)
{
	const char *status = message->status;

	json_put_text(out, "message_id", message->message_id);
	json_put_text(out, "role", role);
	dialect_put_words(out, message);
	json_put_text(out, "status",
				  strcmp(status, "in_progress") == 0  ? "IN_PROGRESS"
				  : strcmp(status, "incomplete") == 0 ? "CANCELLED"
				  : strcmp(status, "failed") == 0     ? "FAILED"
													  : "COMPLETED");
	put_list(out, "attachments", message);
	dialect_put_iso(out, "created_at", message->event_at);
	dialect_put_openai_calls(out, message);
	dialect_put_given_text(out, "tool_call_id", message->tool_call_id);
}

/* The Assistants API has no tool calls in messages; they are added as its chat form has them. */
static void
write_openai(JsonBuilder *out, const DialectMessage *message, const char *role)
{
	bool failed = strcmp(message->status, "failed") == 0;

	json_put_text(out, "id", message->message_id);
	json_put_text(out, "object", "thread.message");
	json_put_text(out, "thread_id", message->thread_id);
	json_put_text(out, "role", role);
	dialect_put_openai_content(out, message);
	dialect_put_text(out, "assistant_id", message->assistant_id);
	dialect_put_text(out, "run_id", message->run_id);
	dialect_put_epoch(out, "created_at", message->event_at);
	put_list(out, "attachments", message);
	json_put_text(out, "status", failed ? "incomplete" : message->status);
	json_put_null(out, "completed_at");
	json_put_null(out, "incomplete_at");
	put_incomplete_details(out, message);
	dialect_put_given_text(out, "name", message->name);
	dialect_put_openai_calls(out, message);
	dialect_put_given_text(out, "tool_call_id", message->tool_call_id);
}

static const RoleName langchain_roles[] = {{"user", "human"},       {"assistant", "ai"},
										   {"developer", "system"}, {"platform", "generic"},
										   {"other", "generic"},    {NULL}};
static const RoleName entities_roles[] = {
	{"developer", "system"}, {"function", "tool"}, {"other", "platform"}, {NULL}};
static const RoleName zep_roles[] = {
	{"developer", "system"}, {"platform", "norole"}, {"other", "norole"}, {NULL}};
static const RoleName backboard_roles[] = {{"developer", "system"},
										   {"function", "tool"},
										   {"platform", "system"},
										   {"other", "system"},
										   {NULL}};
static const RoleName openai_roles[] = {{"platform", "unknown"}, {"other", "unknown"}, {NULL}};

static const Dialect dialects[DIALECT_COUNT] = {
	[DIALECT_LANGCHAIN] = {FORM_LANGCHAIN, FORM_NESTED, "id", "metadata", false, "",
						   "generic chat remove", langchain_roles, write_langchain},
	[DIALECT_ENTITIES] = {FORM_ENTITIES, FORM_PLAIN, "id", "meta_data", true,
						  "thread_id assistant_id run_id sender_id", "", entities_roles,
						  write_entities},
	[DIALECT_ZEP] = {FORM_ZEP, FORM_PLAIN, "uuid", "metadata", false, "", "", zep_roles, write_zep},
	[DIALECT_BACKBOARD] = {FORM_BACKBOARD, FORM_PLAIN, "message_id", "metadata_", true, "", "",
						   backboard_roles, write_backboard},
	[DIALECT_OPENAI] = {FORM_OPENAI, FORM_ITEM, "id", "metadata", true,
						"thread_id assistant_id run_id", "unknown critic discriminator",
						openai_roles, write_openai},
};

/* Whether a column knows better than the body: a copied thread, a run named beside the body. */
static bool
is_outweighed(const Dialect *dialect, const DialectMessage *message, const JsonbValue *key)
{
	const struct
	{
		const char *key;
		const char *column;
	} columns[] = {{"thread_id", message->thread_id},
				   {"assistant_id", message->assistant_id},
				   {"run_id", message->run_id},
				   {"sender_id", message->sender_id}};

	if (!has_word(dialect->columns, key->val.string.val, key->val.string.len))
		return false;
	for (int i = 0; i < lengthof(columns); i++)
		if (has_word(columns[i].key, key->val.string.val, key->val.string.len))
			return columns[i].column != NULL;
	return false;
}

/* message_add gives every body an "id", also where the dialect calls it otherwise. */
static bool
is_our_id(const Dialect *dialect, const DialectMessage *message, const JsonbValue *key)
{
	return has_word("id", key->val.string.val, key->val.string.len) &&
		   strcmp(dialect->id_key, "id") != 0 && !json_given(message->fields, dialect->id_key);
}

static void
put_body(JsonBuilder *out, const Dialect *dialect, const DialectMessage *message, Jsonb *body)
{
	JsonbIterator *it = JsonbIteratorInit(&body->root);
	JsonbIteratorToken token;
	JsonbValue value;
	bool skip = false;

	(void)JsonbIteratorNext(&it, &value, false);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_END_OBJECT)
	{
		if (token == WJB_KEY)
			skip = is_outweighed(dialect, message, &value) || is_our_id(dialect, message, &value);
		if (!skip)
			json_push(out, token, &value);
	}
}

/* A null in the body stays null as long as there is no metadata. */
static bool
says_metadata(const Dialect *dialect, const DialectMessage *message, bool own, bool verbatim)
{
	JsonbValue *given = own ? json_field(message->fields, dialect->metadata_key) : NULL;

	if (JB_ROOT_COUNT(message->metadata) > 0)
		return true;
	if (given)
		return given->type != jbvNull;
	return dialect->metadata_always && !verbatim;
}

static Jsonb *
without_undefined(Jsonb *body)
{
	JsonNode root = node_of_root(&body->root);
	JsonNode defined = dialect_defined(&root, NULL);

	return defined.kind == NODE_BINARY ? body : node_write(&defined);
}

void
dialect_put_message(JsonBuilder *out, DialectId id, const DialectMessage *message)
{
	const Dialect *dialect = &dialects[id];
	bool verbatim = message->form == dialect->verbatim && message->form != FORM_PLAIN;
	bool own = verbatim || message->form == dialect->own;
	bool metadata = says_metadata(dialect, message, own, verbatim);
	Jsonb *body = message->body;
	JsonbValue value;

	JsonbToJsonbValue(message->metadata, &value);
	if (metadata && message->form == FORM_NESTED && own)
	{
		body = shape_with(body, dialect->metadata_key, &value);
		metadata = false;
	}
	if (own && id == DIALECT_LANGCHAIN)
		body = without_undefined(body);
	json_push(out, WJB_BEGIN_OBJECT, NULL);
	if (!verbatim)
		dialect->write(out, message, role_in(dialect, message));
	if (own)
		put_body(out, dialect, message, body);
	if (own && !verbatim && id == DIALECT_LANGCHAIN && strcmp(message->role, "assistant") == 0 &&
		dialect_has_foreign_calls(message->fields))
		dialect_put_langchain_calls(out, message);
	if (metadata)
		json_put(out, dialect->metadata_key, &value);
	json_push(out, WJB_END_OBJECT, NULL);
}
