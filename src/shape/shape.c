/*
 * shape/shape.c: what a message says about itself, whichever system wrote it.
 *
 * The forms differ in three things only: where the fields lie (in the body, in its "data" or in its
 * "kwargs"), what they are called, and how the role is spelled.  So there is one reader with lists
 * of names, not one for each system.
 */
#include "shape/part.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "json_patch/json_patch.h"
#include "reducer/reducer.h"
#include "threadmem/threadmem.h"

/* A message being read. */
typedef struct ShapeReader
{
	const char *argument;   /* named in errors */
	JsonbContainer *body;   /* NULL in the constructor form, whose keys are the class's, not ours */
	JsonbContainer *fields; /* where the fields lie */
	const char *class_name; /* of the constructor form, else NULL */
	bool bare;              /* its type says all, content is not needed */
	bool exported;          /* in a form of an export */
	const char *time_key;
	bool soft; /* what is no message is noted as bad, not raised */
	bool bad;
} ShapeReader;

/* This is no message.  A soft reader goes on without the part that is wrong. */
#define refuse(message, ...) \
	do \
	{ \
		if ((message)->soft) \
			(message)->bad = true; \
		else \
			error_bad_input((message)->argument, __VA_ARGS__); \
	} while (0)

/* The names of a message's own id; the first that is given counts. */
static const char *const id_keys[] = {"id", "uuid", "message_id", NULL};

/*
 * AI SDK messages may carry a "data" of their own, so LangChain's is known by what stands beside
 * it: nothing but the type. Gemini's candidates, and events of its agents, have the message as
 * their content.
 */
JsonbContainer *
shape_fields(JsonbContainer *body, const char **within)
{
	JsonbContainer *kwargs = constructor_kwargs(body);
	JsonbContainer *data = json_as_object(json_field(body, "data"));

	JsonbContainer *content = json_as_object(json_field(body, "content"));

	*within = NULL;
	if (kwargs)
	{
		*within = "kwargs";
		return kwargs;
	}
	if (content && json_as_array(json_given(content, "parts")) && !json_given(body, "role") &&
		!json_given(content, "content_type"))
	{
		*within = "content";
		return content;
	}
	if (data && json_given(body, "type") && !json_given(body, "role") &&
		!json_given(body, "role_type") && !json_field(body, "content") &&
		!json_field(body, "parts"))
	{
		*within = "data";
		return data;
	}
	return body;
}

static void
shape_reader_open(ShapeReader *message, JsonbContainer *body)
{
	const char *within;

	if (!JsonContainerIsObject(body))
		refuse(message, "A message must be a JSON object.");
	message->body = body;
	message->fields = shape_fields(body, &within);
	if (within && strcmp(within, "kwargs") == 0)
	{
		message->body = NULL;
		message->class_name = constructor_class(body);
	}
}

static JsonbValue *
given(const ShapeReader *message, const char *key)
{
	JsonbValue *value = json_given(message->fields, key);

	return value || message->body == message->fields ? value : json_given(message->body, key);
}

/* Empty strings are what systems write for "none". */
static char *
given_text(ShapeReader *message, const char *key)
{
	JsonbValue *value = given(message, key);
	char *string = json_as_text(value);

	if (value && !string)
		refuse(message, "\"%s\" must be a string, and is of type %s.", key, JsonbTypeName(value));
	return string && *string ? string : NULL;
}

/* The first of the keys that is given; the list ends with NULL. */
static char *
first_text(ShapeReader *message, const char *const *keys)
{
	char *string = NULL;

	for (; *keys && !string; keys++)
		string = given_text(message, *keys);
	return string;
}

/* As first_text, checked as an id, which errors call name. */
static char *
given_id(ShapeReader *message, const char *name, const char *const *keys)
{
	char *id = first_text(message, keys);

	if (id && !message->soft)
		guard_id(name, id, strlen(id));
	else if (id && !id_is_good(id, strlen(id)))
		message->bad = true;
	return id;
}

static char *
given_id_of(ShapeReader *message, const char *name)
{
	const char *const keys[] = {name, NULL};

	return given_id(message, name, keys);
}

/* A soft reader takes any: it only wants to know whether it is a message. */
static char *
given_call_id(ShapeReader *message, const char *key)
{
	char *id = given_text(message, key);

	if (id && !message->soft)
		guard_call_id("tool_call_id", id, (int)strlen(id));
	return id;
}

/* False where it is not in that form. */
static bool
read_role_of_kind(ShapeReader *message, MessageShape *shape)
{
	char *kind = json_as_text(given(message, "kind"));
	JsonbContainer *parts = json_as_array(given(message, "parts"));

	if (!kind || !parts || given(message, "type"))
		return false;
	if (strcmp(kind, "request") == 0)
		shape->role = role_of_request(parts);
	else if (strcmp(kind, "response") == 0)
		shape->role = "assistant";
	return shape->role != NULL;
}

/* The role of a message that has no key for it: from its type, else its class. */
static bool
read_role_of_type(ShapeReader *message, MessageShape *shape)
{
	char *type = json_as_text(given(message, "type"));
	const char *source = type ? type : message->class_name;
	char *spelling = source ? role_of_class(source) : NULL;

	shape->role = type ? role_of_item(type) : NULL;
	message->bare = shape->role != NULL;
	if (!shape->role && spelling)
		shape->role = shape_find_role(spelling, &shape->origin_role);
	return shape->role != NULL;
}

/* What the export calls otherwise; names and ids that are none of ours are left in the body. */
static bool
read_exported(ShapeReader *message, MessageShape *shape)
{
	ExportedMessage exported;

	if (message->fields != message->body || !export_read(message->body, &exported))
		return false;
	shape->role = shape_find_role(exported.role, &shape->origin_role);
	shape->exported = message->exported = shape->role != NULL;
	message->time_key = exported.time_key;
	if (!shape->name && exported.name && id_is_good(exported.name, (int)strlen(exported.name)))
		shape->name = exported.name;
	if (exported.sender_id && id_is_good(exported.sender_id, (int)strlen(exported.sender_id)))
		shape->sender_id = exported.sender_id;
	return message->exported;
}

/* LangChain's ChatMessage has any word for a role. */
static bool
is_of_chat(const ShapeReader *message)
{
	char *type = json_as_text(given(message, "type"));
	char *word = message->class_name ? role_of_class(message->class_name) : type;

	return word && strcmp(word, "chat") == 0;
}

/* Zep's older form has the kind of speaker in role_type, and the speaker's name in role. */
static void
read_role(ShapeReader *message, MessageShape *shape)
{
	char *role_type = given_text(message, "role_type");
	char *role = given_text(message, "role");
	char *spelling = role_type ? role_type : role;

	shape->name = given_id_of(message, "name");
	if (role_type && !shape->name)
		shape->name = given_id(message, "name", (const char *const[]){"role", NULL});
	if (spelling)
		shape->role = shape_find_role(spelling, &shape->origin_role);
	else if (!read_role_of_kind(message, shape) && !read_role_of_type(message, shape) &&
			 !read_exported(message, shape))
	{
		(void)given_text(message, "type");
		message->bare = true;
		refuse(message, "It has no role.");
	}
	if (spelling && !shape->role && is_of_chat(message))
	{
		shape->role = "other";
		shape->origin_role = "chat";
	}
	if (spelling && !shape->role)
		refuse(message, SHAPE_NOT_A_ROLE, spelling);
	if (shape->origin_role && pg_strcasecmp(shape->origin_role, "remove") == 0)
		message->bare = true;
}

/* An approval answers the request for it; a local shell's output has its call's id as its own. */
char *
shape_answered_id(JsonbContainer *fields)
{
	static const char *const keys[] = {"tool_call_id", "call_id", "toolCallId", "callId",
									   "approval_request_id"};
	JsonbContainer *kwargs = json_as_object(json_given(fields, "additional_kwargs"));
	char *id = NULL;
	char *type;

	for (int i = 0; i < lengthof(keys) && !id; i++)
		id = part_text(fields, keys[i]);
	if (!id && kwargs)
		id = part_text(kwargs, "tool_call_id");
	type = id ? NULL : part_text(fields, "type");
	return type && strcmp(type, "local_shell_call_output") == 0 ? part_text(fields, "id") : id;
}

static void
read_ids(ShapeReader *message, MessageShape *shape)
{
	static const char *const answered[] = {"call_id", "toolCallId", "callId",
										   "approval_request_id"};
	bool is_tool = shape->role && strcmp(shape->role, "tool") == 0;

	shape->message_id = given_id(message, "message_id", id_keys);
	if (!shape->sender_id)
		shape->sender_id = given_id_of(message, "sender_id");
	shape->assistant_id = given_id_of(message, "assistant_id");
	shape->run_id = given_id_of(message, "run_id");
	shape->tool_call_id = given_call_id(message, "tool_call_id");
	/* An item of a call has its own number in call_id; only an output answers it. */
	for (int i = 0; i < lengthof(answered) && !shape->tool_call_id && is_tool; i++)
		shape->tool_call_id = given_call_id(message, answered[i]);
	if (is_tool && !shape->tool_call_id)
		shape->tool_call_id = shape_answered_id(message->fields);
}

/* Systems have many words for "done" (completed, success, finished) and tools for "error". */
static void
read_status(const ShapeReader *message, MessageShape *shape)
{
	static const struct
	{
		const char *spelling;
		const char *status;
	} unfinished[] = {{"in_progress", "in_progress"},
					  {"incomplete", "incomplete"},
					  {"failed", "failed"},
					  {"cancelled", "incomplete"},
					  {"canceled", "incomplete"}};
	char *given_status = json_as_text(given(message, "status"));

	shape->status = "completed";
	for (int i = 0; given_status && i < lengthof(unfinished); i++)
		if (pg_strcasecmp(unfinished[i].spelling, given_status) == 0)
			shape->status = unfinished[i].status;
	/* nobody goes on with what was exported */
	if (message->exported && strcmp(shape->status, "in_progress") == 0)
		shape->status = "incomplete";
}

static void
read_metadata(ShapeReader *message, MessageShape *shape)
{
	static const char *const names[] = {"metadata", "meta_data", "metadata_"};

	for (int i = 0; i < lengthof(names); i++)
	{
		JsonbValue *value = given(message, names[i]);

		if (value == NULL)
			continue;
		if (json_as_object(value))
			shape->metadata = json_own(value);
		else
			refuse(message, "\"%s\" must be a JSON object.", names[i]);
		return;
	}
	shape->metadata = json_empty_object();
}

static void
take_time(MessageShape *shape, const char *key, JsonbValue *time)
{
	if (time && !shape->has_event_at)
		shape->has_event_at = shape_time(key, time, &shape->event_at) == NULL;
}

/*
 * Of what no contract names, what is no time is the application's own. Messages of the AI SDK have
 * it in their metadata, requests of Pydantic AI in their parts.
 */
static void
read_other_time(ShapeReader *message, MessageShape *shape)
{
	static const char *const keys[] = {"createdAt", "timestamp"};
	JsonbContainer *parts = json_as_array(given(message, "parts"));

	for (int i = 0; i < lengthof(keys) && !shape->has_event_at; i++)
		take_time(shape, keys[i], given(message, keys[i]));
	if (json_as_object(given(message, "metadata")))
		take_time(shape, "createdAt", json_given(&shape->metadata->root, "createdAt"));
	for (uint32 i = 0; parts && i < JsonContainerSize(parts) && !shape->has_event_at; i++)
	{
		JsonbContainer *part = json_as_object(getIthJsonbValueFromContainer(parts, i));

		CHECK_FOR_INTERRUPTS();
		if (part && json_given(part, "part_kind"))
			take_time(shape, "timestamp", json_given(part, "timestamp"));
	}
}

static void
read_time(ShapeReader *message, MessageShape *shape)
{
	const char *key = message->exported ? message->time_key : "created_at";
	JsonbValue *time = given(message, key);
	JsonbValue number;
	char *wrong;

	if (time == NULL && !message->exported)
		time = given(message, key = "event_at");
	if (time == NULL)
	{
		read_other_time(message, shape);
		return;
	}
	if (message->exported)
		time = export_time(time, &number);
	wrong = shape_time(key, time, &shape->event_at);
	shape->has_event_at = wrong == NULL;
	if (wrong)
		refuse(message, "%s", wrong);
}

static void
guard_content(ShapeReader *message, const MessageShape *shape)
{
	static const char *const instead[] = {
		"parts",     "tool_calls",  "function_call",  "output",  "arguments", "additional_kwargs",
		"reasoning", "attachments", "toolCalls",      "refusal", "audio",     "reasoning_content",
		"thinking",  "blocks",      "toolInvocations"};
	JsonbValue *content = json_field(message->fields, "content");
	/* AG-UI's, for the screen alone */
	bool is_activity = shape->origin_role && pg_strcasecmp(shape->origin_role, "activity") == 0;

	if (content)
	{
		if (content->type != jbvString && content->type != jbvNull && !json_as_array(content) &&
			!(is_activity && json_as_object(content)) && !shape_is_part(content) &&
			export_content(content) == content && !(message->exported && json_as_object(content)))
			refuse(message, "\"content\" must be a string, an array or null, and is of type %s.",
				   JsonbTypeName(content));
		return;
	}
	for (int i = 0; i < lengthof(instead); i++)
		if (given(message, instead[i]))
			return;
	if (export_text(message->fields))
		return;
	if (!message->bare)
		refuse(message, "It has no content.");
}

static void
read_message(ShapeReader *message, Jsonb *body, MessageShape *shape)
{
	memset(shape, 0, sizeof(*shape));
	shape_reader_open(message, &body->root);
	read_role(message, shape);
	guard_content(message, shape);
	read_ids(message, shape);
	read_status(message, shape);
	read_metadata(message, shape);
	read_time(message, shape);
}

void
shape_read(const char *argument, Jsonb *body, MessageShape *shape)
{
	ShapeReader message = {.argument = argument};

	read_message(&message, body, shape);
}

bool
shape_read_softly(Jsonb *body, MessageShape *shape)
{
	ShapeReader message = {.soft = true};

	read_message(&message, body, shape);
	return !message.bad;
}

char *
shape_message_id(JsonbContainer *body)
{
	ShapeReader message = {.soft = true};

	shape_reader_open(&message, body);
	return first_text(&message, id_keys);
}

bool
shape_is_exported(JsonbContainer *body)
{
	ExportedMessage exported;
	char *origin;

	return JsonContainerIsObject(body) && !json_given(body, "role") &&
		   !json_given(body, "role_type") && export_read(body, &exported) &&
		   shape_find_role(exported.role, &origin);
}

static bool
text_is(const JsonbValue *value, const char *string)
{
	return value->val.string.len == strlen(string) &&
		   memcmp(value->val.string.val, string, value->val.string.len) == 0;
}

/* Copies an object with a key set in it, or in the object under the key within. */
static void
push_with(JsonBuilder *builder, JsonbContainer *object, const char *within, const char *key,
		  JsonbValue *set)
{
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue value;

	json_push(builder, WJB_BEGIN_OBJECT, NULL);
	(void)JsonbIteratorNext(&it, &value, false);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_END_OBJECT)
	{
		bool inside = within && token == WJB_KEY && text_is(&value, within);

		json_push(builder, token, &value);
		if (inside)
		{
			(void)JsonbIteratorNext(&it, &value, true);
			push_with(builder, value.val.binary.data, NULL, key, set);
		}
	}
	/* Of two equal keys the later one stays, so the old value gives way. */
	if (within == NULL)
		json_put(builder, key, set);
	json_push(builder, WJB_END_OBJECT, NULL);
}

Jsonb *
shape_with(Jsonb *body, const char *key, JsonbValue *set)
{
	JsonBuilder builder = {0};
	const char *within;

	shape_fields(&body->root, &within);
	push_with(&builder, &body->root, within, key, set);
	return json_built(&builder);
}

static Jsonb *
with_text(Jsonb *body, const char *key, const char *string)
{
	JsonbValue set = json_text_value(string);

	return shape_with(body, key, &set);
}

Jsonb *
shape_with_id(Jsonb *body, const char *message_id)
{
	return with_text(body, "id", message_id);
}

/* Copies an object without its id, and without that of the object under the key within. */
static void
push_without_id(JsonBuilder *builder, JsonbContainer *object, const char *within)
{
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue key;
	JsonbValue value;

	json_push(builder, WJB_BEGIN_OBJECT, NULL);
	(void)JsonbIteratorNext(&it, &key, false);
	while ((token = JsonbIteratorNext(&it, &key, true)) != WJB_END_OBJECT)
	{
		(void)JsonbIteratorNext(&it, &value, true);
		if (value.type == jbvString && text_is(&key, "id"))
			continue;
		json_push(builder, token, &key);
		if (within && json_as_object(&value) && text_is(&key, within))
			push_without_id(builder, value.val.binary.data, NULL);
		else
			json_push(builder, WJB_VALUE, &value);
	}
	json_push(builder, WJB_END_OBJECT, NULL);
}

/* The "id" of LangChain's constructor form is a path of names, and stays. */
Jsonb *
shape_without_id(Jsonb *body)
{
	JsonBuilder builder = {0};
	const char *within;

	shape_fields(&body->root, &within);
	push_without_id(&builder, &body->root, within);
	return json_built(&builder);
}

/* The only part of a message that has nothing but text. */
static JsonbValue
text_part(const char *type_key, const char *string)
{
	JsonBuilder builder = {0};

	json_push(&builder, WJB_BEGIN_ARRAY, NULL);
	json_push(&builder, WJB_BEGIN_OBJECT, NULL);
	json_put_text(&builder, type_key, "text");
	json_put_text(&builder, "text", string);
	json_push(&builder, WJB_END_OBJECT, NULL);
	json_push(&builder, WJB_END_ARRAY, NULL);
	return json_built_value(&builder);
}

/* Older AI SDK messages say everything twice, in content and in parts; both have to agree. */
Jsonb *
shape_with_content(Jsonb *body, const char *content)
{
	const char *within;
	JsonbContainer *fields = shape_fields(&body->root, &within);
	bool has_content = json_field(fields, "content") != NULL;
	JsonbValue parts;

	if (json_given(fields, "parts"))
	{
		parts = text_part("type", content);
		body = shape_with(body, "parts", &parts);
		return has_content ? with_text(body, "content", content) : body;
	}
	if (!has_content && json_as_array(json_given(fields, "blocks")) && !export_text(fields))
	{
		parts = text_part("block_type", content);
		return shape_with(body, "blocks", &parts);
	}
	if (!has_content && json_given(fields, "output"))
		return with_text(body, "output", content);
	return with_text(body, "content", content);
}

Jsonb *
shape_with_parts(Jsonb *body, JsonbValue *parts)
{
	const char *within;
	JsonbContainer *fields = shape_fields(&body->root, &within);

	return shape_with(body, json_given(fields, "parts") ? "parts" : "content", parts);
}

Datum
shape_hash(Jsonb *body)
{
	return DirectFunctionCall1(sha256_bytea, JsonbPGetDatum(body));
}
