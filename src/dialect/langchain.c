/*
 * dialect/langchain.c: messages of a state as LangChain has them: on the wire, and for its loader.
 *
 * A state refers to bodies in whatever form their writers have; LangGraph gives its own classes. On
 * the wire these are {"type", "content", ...}, in a checkpoint {"lc": 1, "type": "constructor",
 * "id", "kwargs"}. What LangChain's constructors do to what they are given is done here: calls of
 * tools are lifted out of where the model's API has them, and fields that they always have are
 * there. JavaScript writes a field that is undefined as {"lc": 2, "type": "undefined"}; for whoever
 * is not JavaScript it is not there.
 */
#include "dialect/dialect.h"

#include "miscadmin.h"

#include "reducer/reducer.h"

static const struct
{
	const char *type;
	const char *class_name;
} classes[] = {{"human", "HumanMessage"},       {"ai", "AIMessage"},
			   {"system", "SystemMessage"},     {"tool", "ToolMessage"},
			   {"remove", "RemoveMessage"},     {"generic", "ChatMessage"},
			   {"function", "FunctionMessage"}, {"chat", "ChatMessage"}};

static bool
is_text(const JsonNode *node, const char *string)
{
	return node && node->kind == NODE_STRING && node->length == strlen(string) &&
		   memcmp(node->data, string, node->length) == 0;
}

static bool
has_key(const JsonItem *item, const char *key)
{
	return item->key_length == strlen(key) && memcmp(item->key, key, item->key_length) == 0;
}

static void
put(JsonItems *object, const char *key, JsonNode value)
{
	items_put(object, key, (int)strlen(key), value);
}

static void
put_missing(JsonItems *object, const char *key, JsonNode value)
{
	if (!items_get(object, key, (int)strlen(key)))
		put(object, key, value);
}

/* Whether calls stand elsewhere than LangChain has them: in additional_kwargs, or in another form.
 */
static void
lift_calls(JsonItems *message, JsonbContainer *fields)
{
	DialectMessage calls = {.fields = fields};
	JsonBuilder out = {0};
	JsonItems *lifted;

	if (!dialect_has_foreign_calls(fields))
		return;
	json_push(&out, WJB_BEGIN_OBJECT, NULL);
	dialect_put_langchain_calls(&out, &calls);
	json_push(&out, WJB_END_OBJECT, NULL);
	lifted = items_read(&json_built(&out)->root);
	for (int i = 0; i < lifted->count; i++)
		items_put(message, items_at(lifted, i)->key, items_at(lifted, i)->key_length,
				  items_at(lifted, i)->value);
}

/* LangChain's word for the type of a message, in its other spellings, too; NULL for none. */
static const char *
langchain_type(const char *word)
{
	size_t length = strlen(word);

	for (int i = 0; i < lengthof(classes); i++)
		if (strcmp(word, classes[i].type) == 0)
			return classes[i].type;
	if (pg_strcasecmp(word, "user") == 0)
		return "human";
	if (pg_strcasecmp(word, "assistant") == 0)
		return "ai";
	for (int i = 0; i < lengthof(classes); i++)
	{
		size_t own = strlen(classes[i].type);

		if (pg_strncasecmp(word, classes[i].type, own) == 0 &&
			(length == own || strcmp(word + own, "Message") == 0 ||
			 strcmp(word + own, "MessageChunk") == 0))
			return classes[i].type;
	}
	return NULL;
}

static const uint32 empty_object = JB_FOBJECT;
static const uint32 empty_array = JB_FARRAY;

#define EMPTY(container) \
	{ \
		NODE_BINARY, sizeof(uint32), &(container) \
	}
#define MEMBER(key, ...) \
	{ \
		key, sizeof(key) - 1, __VA_ARGS__ \
	}

/* What LangChain's constructors add to the fields that they are given of a type. */
static void
complete(JsonItems *message, const char *type)
{
	static const JsonItem of_all[] = {MEMBER("additional_kwargs", EMPTY(empty_object)),
									  MEMBER("response_metadata", EMPTY(empty_object))};
	static const JsonItem of_model[] = {MEMBER("tool_calls", EMPTY(empty_array)),
										MEMBER("additional_kwargs", EMPTY(empty_object)),
										MEMBER("response_metadata", EMPTY(empty_object)),
										MEMBER("invalid_tool_calls", EMPTY(empty_array))};

	if (strcmp(type, "ai") == 0)
		items_put_missing(message, of_model, lengthof(of_model));
	else if (strcmp(type, "remove") != 0)
		items_put_missing(message, of_all, lengthof(of_all));
}

/* A message in one of LangChain's own forms; NULL for anything else. */
static JsonItems *
own_fields(JsonbContainer *body)
{
	const char *within;
	JsonbContainer *fields = shape_fields(body, &within);
	char *word =
		within && strcmp(within, "kwargs") == 0 ? NULL : json_as_text(json_field(body, "type"));
	const char *type = word ? langchain_type(word) : NULL;
	char *of_class = word ? NULL : shape_constructor_type(body);
	JsonItems *message;

	if (of_class)
		type = langchain_type(of_class);
	if (!type && of_class)
		type = of_class;
	if (!type || (!within && !json_field(body, "content") && strcmp(type, "remove") != 0))
		return NULL;
	message = items_read(fields);
	put(message, "type", node_of_text(type));
	if (strcmp(type, "ai") == 0)
		lift_calls(message, fields);
	complete(message, type);
	return message;
}

JsonNode
dialect_plain(const JsonNode *node)
{
	return dialect_defined(node, own_fields);
}

/*
 * What nearly every message of the log is: a role and words. The same as translated() makes of it,
 * in a fifth of the time; NULL for anything else.
 */
static JsonItems *
spoken(JsonbContainer *body)
{
	static const char *const names[][2] = {
		{"user", "human"}, {"assistant", "ai"}, {"system", "system"}};
	static const char *const keys[] = {"id", "role", "content"}; /* in jsonb's order */
	JsonItems *message;

	if (JsonContainerSize(body) != lengthof(keys))
		return NULL;
	message = items_read(body);
	for (int i = 0; i < lengthof(keys); i++)
		if (!has_key(items_at(message, i), keys[i]) ||
			items_at(message, i)->value.kind != NODE_STRING)
			return NULL;
	if (items_at(message, 0)->value.length == 0)
		return NULL;
	for (int i = 0; i < lengthof(names); i++)
		if (is_text(&items_at(message, 1)->value, names[i][0]))
		{
			items_at(message, 1)->key = "type"; /* as long as role */
			items_at(message, 1)->value = node_of_text(names[i][1]);
			complete(message, names[i][1]);
			return message;
		}
	return NULL;
}

/* A message in another system's form. */
static JsonItems *
translated(const JsonNode *node)
{
	Jsonb *body = node_write(node);
	DialectMessage message = {.body = body};
	JsonBuilder out = {0};
	MessageShape shape;
	JsonItems *fields;

	if (!shape_read_softly(body, &shape))
		return NULL;
	message.message_id = shape.message_id ? shape.message_id : "";
	message.role = unconstify(char *, shape.role);
	message.origin_role = shape.origin_role;
	message.name = shape.name;
	message.tool_call_id = shape.tool_call_id;
	message.status = unconstify(char *, shape.status);
	message.metadata = shape.metadata;
	dialect_read_form(&message);
	dialect_put_message(&out, DIALECT_LANGCHAIN, &message);
	fields = items_read(&json_built(&out)->root);
	if (!shape.message_id)
	{
		int index;

		if (items_find(fields, "id", 2, &index))
			items_remove(fields, index);
	}
	return fields;
}

static JsonNode
null_as_words(JsonItems *fields)
{
	JsonNode *content = items_get(fields, "content", 7);

	if (content && content->kind == NODE_NULL)
		*content = node_of_text("");
	return node_of_items(NODE_OBJECT, fields);
}

/* Whether an object in any channel is told by its type to be a message. */
static bool
is_typed(JsonbContainer *object)
{
	static const char *const types[] = {"human", "ai", "system", "tool", NULL};
	char *type = json_as_text(json_field(object, "type"));

	return type && json_field(object, "content") && text_is_one_of(type, types);
}

static JsonNode
typed_on_wire(const JsonNode *node)
{
	JsonNode loaded = dialect_plain(node);

	if (loaded.kind == NODE_OBJECT && !shape_constructor_type(node_container(node)))
		loaded = node_of_root(&node_write(&loaded)->root);
	if (loaded.kind != NODE_BINARY || !node_is_object(&loaded) ||
		!is_typed(node_container(&loaded)))
		return loaded;
	return node_of_items(NODE_OBJECT, own_fields(node_container(&loaded)));
}

static JsonNode
on_wire(const JsonNode *node)
{
	bool is_body = node->kind == NODE_BINARY && node_is_object(node);
	JsonItems *fields = is_body ? spoken(node_container(node)) : NULL;
	JsonNode loaded;

	if (fields)
		return node_of_items(NODE_OBJECT, fields);
	loaded = dialect_plain(node);
	if (!is_body)
		return loaded;
	if (loaded.kind == NODE_OBJECT && shape_constructor_type(node_container(node)))
		return null_as_words(node_items(&loaded));
	if (loaded.kind == NODE_OBJECT)
		loaded = node_of_root(&node_write(&loaded)->root);
	fields = own_fields(node_container(&loaded));
	if (!fields)
		fields = translated(&loaded);
	return fields ? null_as_words(fields) : loaded;
}

/* Python writes other paths, which JavaScript's loader does not know. */
static bool
is_loadable(JsonbContainer *body)
{
	JsonbContainer *path = json_as_array(json_field(body, "id"));
	char *package = path && shape_constructor_type(body)
						? json_as_text(getIthJsonbValueFromContainer(path, 0))
						: NULL;

	return package && strcmp(package, "langchain_core") == 0;
}

static JsonNode
constructed(const JsonNode *node)
{
	static const char *const path[] = {"langchain_core", "messages"};
	JsonNode wire;
	JsonItems *id = items_new(3);
	JsonItems *message = items_new(4);
	JsonItems *fields;
	const char *class_name = NULL;
	int index;

	if (!node_is_object(node) || node->kind != NODE_BINARY || is_loadable(node_container(node)))
		return *node;
	wire = on_wire(node);
	if (wire.kind != NODE_OBJECT || !items_find(node_items(&wire), "type", 4, &index))
		return *node;
	fields = node_items(&wire);
	for (int i = 0; i < lengthof(classes); i++)
		if (is_text(&items_at(fields, index)->value, classes[i].type))
			class_name = classes[i].class_name;
	if (!class_name)
		return *node;
	items_remove(fields, index);
	put_missing(fields, "content", node_of_text(""));
	for (int i = 0; i < lengthof(path); i++)
		items_append(id, NULL, node_of_text(path[i]));
	items_append(id, NULL, node_of_text(class_name));
	put(message, "lc", node_of_int64(1));
	put(message, "id", node_of_items(NODE_ARRAY, id));
	put(message, "type", node_of_text("constructor"));
	put(message, "kwargs", node_of_items(NODE_OBJECT, fields));
	return node_of_items(NODE_OBJECT, message);
}

/* A long list would be opened message by message and take several times its bytes: so each is made
 * when it is written. */
static JsonNode
each(const JsonNode *node, JsonNode (*make)(const JsonNode *))
{
	JsonItems *elements;

	if (!node_is_array(node))
		return make(node);
	elements = node->kind == NODE_ARRAY ? node_items(node) : items_read(node_container(node));
	return node_of_made(elements, make);
}

JsonNode
dialect_value_on_wire(const JsonNode *node, bool messages)
{
	return each(node, messages ? on_wire : typed_on_wire);
}

JsonNode
dialect_value_constructed(const JsonNode *node)
{
	return each(node, constructed);
}
