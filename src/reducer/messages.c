/*
 * reducer/messages.c: the reducer add_messages.
 *
 * The update's messages are taken one by one, each known by its id.  An id the list has is
 * replaced where it stands, a new one is appended, and a removal marks its id; the marked ones are
 * left out at the end.  So a message that is removed and given again in one update keeps its place.
 * With several updates the list is not written between them: a mark says which update removed the
 * message, and to the next one it is not there, though its place in the list is still taken.
 *
 * What the update says in short (a string, a pair, a role instead of a type) is spelled out as
 * LangChain's {"type", "content", "id"}; an object with a type of LangChain's, or in the form of a
 * constructor, stays as it is but for an id that it lacks.  Objects of the channel's value stay so
 * too, whatever their form: a thread may hold messages of other systems.
 */
#include "reducer/reducer.h"

#include "miscadmin.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "json_patch/json_patch.h"
#include "threadmem/threadmem.h"

#define REMOVE_ALL "__remove_all__"

typedef struct AddedMessage
{
	JsonbValue body;
	ReducerKey id;
	bool removes;
	ReducerEntry *entry; /* of its id, once it is in the list */
} AddedMessage;

typedef struct AddedMessages
{
	const char *argument; /* for errors */
	AddedMessage *list;
	int count;
	int room;
} AddedMessages;

/* An object without one of its keys (NULL: with all of them) and with another one set. */
static JsonbValue
object_with(JsonbContainer *object, const char *without, const char *key, JsonbValue *set)
{
	JsonBuilder builder = {0};
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue value;

	json_push(&builder, WJB_BEGIN_OBJECT, NULL);
	(void)JsonbIteratorNext(&it, &value, false);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_END_OBJECT)
	{
		if (token == WJB_KEY && without && value.val.string.len == strlen(without) &&
			memcmp(value.val.string.val, without, value.val.string.len) == 0)
			(void)JsonbIteratorNext(&it, &value, true);
		else
			json_push(&builder, token, &value);
	}
	/* Of two equal keys the later one stays. */
	json_put(&builder, key, set);
	json_push(&builder, WJB_END_OBJECT, NULL);
	return json_built_value(&builder);
}

JsonbContainer *
constructor_kwargs(JsonbContainer *body)
{
	JsonbContainer *kwargs = json_as_object(json_field(body, "kwargs"));

	return kwargs && json_as_array(json_field(body, "id")) ? kwargs : NULL;
}

char *
constructor_class(JsonbContainer *body)
{
	JsonbContainer *path = json_as_array(json_field(body, "id"));
	uint32 length = path && constructor_kwargs(body) ? JsonContainerSize(path) : 0;

	return length > 0 ? json_as_text(getIthJsonbValueFromContainer(path, length - 1)) : NULL;
}

/* The pieces of a message that is being streamed have a class of their own, in Python a type. */
static bool
is_class(const char *name)
{
	return text_ends_with(name, "Message") || text_ends_with(name, "MessageChunk");
}

/* LangChain's type for a role or a type as LangChain reads them, NULL for any other word. */
static const char *
type_of(const char *word)
{
	static const struct
	{
		const char *word;
		const char *type;
	} types[] = {{"human", "human"},  {"user", "human"},        {"ai", "ai"},
				 {"assistant", "ai"}, {"system", "system"},     {"developer", "system"},
				 {"tool", "tool"},    {"function", "function"}, {"remove", "remove"}};

	for (int i = 0; i < lengthof(types); i++)
		if (strcmp(types[i].word, word) == 0)
			return types[i].type;
	return NULL;
}

/* A type that messages have on the wire, as opposed to one that only input may have. */
static bool
is_wire_type(const char *word)
{
	const char *type = type_of(word);

	if (strcmp(word, "chat") == 0 || strcmp(word, "generic") == 0)
		return true;
	return type ? strcmp(type, word) == 0 : text_ends_with(word, "MessageChunk");
}

static const char *
guard_word(const AddedMessages *messages, const char *word)
{
	const char *type = type_of(word);

	if (type == NULL)
		error_bad_input(messages->argument,
						"Element %d: \"%s\" is no role of a message: human or user, ai or "
						"assistant, system or developer, tool, function, remove.",
						messages->count + 1, word);
	return type;
}

/* The body of a message that is given by its role; LangChain keeps the developer's in this way. */
static JsonbValue
spelled_out(const AddedMessages *messages, JsonbContainer *body, const char *word)
{
	JsonbValue type = json_text_value(guard_word(messages, word));
	JsonbValue message = object_with(body, "role", "type", &type);
	JsonbContainer *additional = json_as_object(json_field(body, "additional_kwargs"));
	JsonbValue role = json_text_value("developer");

	if (strcmp(word, "developer") != 0)
		return message;
	additional = additional ? additional : &json_empty_object()->root;
	role = object_with(additional, NULL, "__openai_role__", &role);
	return object_with(message.val.binary.data, NULL, "additional_kwargs", &role);
}

/* A body of the update in LangChain's form. */
static JsonbValue
coerced(const AddedMessages *messages, JsonbValue *given)
{
	JsonbContainer *body = given->val.binary.data;
	char *type = json_as_text(json_field(body, "type"));
	char *role = json_as_text(json_field(body, "role"));
	char *name = constructor_class(body);
	JsonbValue message = *given;

	if (name && is_class(name))
		return message;
	if (name)
		error_bad_input(messages->argument, "Element %d: \"%s\" is no class of messages.",
						messages->count + 1, name);
	if (!type && !role)
		error_bad_input(messages->argument, "Element %d is no message: it has no type or role.",
						messages->count + 1);
	if (!type || !is_wire_type(type))
		message = spelled_out(messages, body, role ? role : type);
	type = json_as_text(json_field(message.val.binary.data, "type"));
	if (strcmp(type, "tool") == 0 && !json_given(body, "tool_call_id"))
		error_bad_input(messages->argument,
						"Element %d: a message of a tool needs its \"tool_call_id\".",
						messages->count + 1);
	return message;
}

static JsonbValue
plain_message(const char *type_word, JsonbValue *content)
{
	JsonBuilder builder = {0};

	json_push(&builder, WJB_BEGIN_OBJECT, NULL);
	json_put_text(&builder, "type", type_word);
	json_put(&builder, "content", content);
	json_push(&builder, WJB_END_OBJECT, NULL);
	return json_built_value(&builder);
}

/* [role, content], which is how JSON has Python's tuple. */
static JsonbValue
pair_message(const AddedMessages *messages, JsonbContainer *pair)
{
	JsonbValue *first =
		JsonContainerSize(pair) == 2 ? getIthJsonbValueFromContainer(pair, 0) : NULL;
	char *role = json_as_text(first);
	JsonbValue *content = role ? getIthJsonbValueFromContainer(pair, 1) : NULL;

	if (!content || (content->type != jbvString && !json_as_array(content)))
		error_bad_input(messages->argument,
						"Element %d is an array, but not [role, content] with the content a "
						"string or an array.",
						messages->count + 1);
	guard_word(messages, role);
	return plain_message(role, content);
}

static JsonbValue
body_of(const AddedMessages *messages, JsonbValue *element, bool from_update)
{
	JsonbValue body;

	if (element->type == jbvString)
		body = plain_message("human", element);
	else if (json_as_array(element))
		body = pair_message(messages, json_as_array(element));
	else if (!json_as_object(element))
		error_bad_input(messages->argument, "Element %d is no message, but of type %s.",
						messages->count + 1, JsonbTypeName(element));
	else if (!from_update)
		return *element;
	else
		body = *element;
	return coerced(messages, &body);
}

static bool
is_removal(JsonbContainer *body)
{
	char *word = constructor_class(body);

	if (word)
		return strcmp(word, "RemoveMessage") == 0;
	word = json_as_text(json_field(body, "type"));
	return word && strcmp(word, "remove") == 0;
}

/* An id is stored with the message, or the next one to read it would make up another. */
static JsonbValue
give_id(AddedMessage *message, JsonbContainer *kwargs)
{
	JsonbValue id = json_text_value(TextDatumGetCString(id_generate("message")));
	JsonbValue fields;

	if (kwargs)
	{
		fields = object_with(kwargs, NULL, "id", &id);
		message->body = object_with(message->body.val.binary.data, NULL, "kwargs", &fields);
	}
	else
		message->body = object_with(message->body.val.binary.data, NULL, "id", &id);
	return id;
}

/* Takes the id from a body, or gives it one; an empty string is what systems write for none. */
static void
read_id(const AddedMessages *messages, AddedMessage *message)
{
	JsonbContainer *body = message->body.val.binary.data;
	JsonbContainer *kwargs = constructor_kwargs(body);
	JsonbValue *id = json_given(kwargs ? kwargs : body, "id");
	JsonbValue made;

	if (id && id->type != jbvString)
		error_bad_input(messages->argument,
						"Element %d: \"id\" must be a string, and is of type %s.",
						messages->count + 1, JsonbTypeName(id));
	if (id == NULL || id->val.string.len == 0)
	{
		if (message->removes)
			error_bad_input(messages->argument,
							"Element %d removes a message without naming its \"id\".",
							messages->count + 1);
		made = give_id(message, kwargs);
		id = &made;
	}
	message->id = reducer_key(id);
}

static AddedMessages
read_messages(const char *argument, Jsonb *document, bool from_update)
{
	AddedMessages messages = {.argument = argument};
	JsonbValue *elements;
	int count = reducer_elements(document, &elements);

	messages.room = Max(count, 1);
	messages.list =
		palloc_extended(sizeof(AddedMessage) * messages.room, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	while (messages.count < count)
	{
		AddedMessage *message = &messages.list[messages.count];

		CHECK_FOR_INTERRUPTS();
		message->body = body_of(&messages, &elements[messages.count], from_update);
		message->removes = from_update && is_removal(message->body.val.binary.data);
		read_id(&messages, message);
		messages.count++;
	}
	pfree(elements);
	return messages;
}

/* Where the messages after the last "remove all" begin, -1 when there is none. */
static int
after_remove_all(const AddedMessages *update)
{
	for (int i = update->count; i > 0; i--)
	{
		const AddedMessage *message = &update->list[i - 1];

		if (message->removes && message->id.length == strlen(REMOVE_ALL) &&
			memcmp(message->id.bytes, REMOVE_ALL, message->id.length) == 0)
			return i;
	}
	return -1;
}

static Jsonb *
list_of(const AddedMessages *merged)
{
	JsonBuilder builder = {0};

	json_push(&builder, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < merged->count; i++)
	{
		const ReducerEntry *entry = merged->list[i].entry;
		JsonbValue body = merged->list[i].body;

		CHECK_FOR_INTERRUPTS();
		if (entry->removed == 0 && i >= entry->first)
			json_push(&builder, WJB_ELEM, &body);
	}
	json_push(&builder, WJB_END_ARRAY, NULL);
	return json_built(&builder);
}

/* Whether an update finds an id in the list; what it removed itself still has its place. */
static bool
is_known(const ReducerEntry *entry, int update)
{
	return entry->removed == 0 || entry->removed == update;
}

static void
remove_message(const AddedMessage *removal, int update, HTAB *ids, bool softly)
{
	ReducerEntry *entry = hash_search(ids, &removal->id, HASH_FIND, NULL);

	if (softly && (entry == NULL || !is_known(entry, update)))
		return;
	if (entry == NULL || !is_known(entry, update))
		error_bad_input("update",
						"Attempting to delete a message with an ID that doesn't exist ('%.*s').",
						removal->id.length, removal->id.bytes);
	entry->removed = update;
}

/* Puts a message at the place of its id, or at the end; merged has room for it. */
static void
put_message(const AddedMessage *message, int update, HTAB *ids, AddedMessages *merged)
{
	bool found;
	ReducerEntry *entry = reducer_entry(ids, &message->id, &found);

	if (!found || !is_known(entry, update))
		entry->position = entry->first = merged->count++;
	entry->removed = 0;
	merged->list[entry->position] = *message;
	merged->list[entry->position].entry = entry;
}

/*
 * Of several messages with one id that the channel holds already, which an Overwrite may have left,
 * the last one is replaced and all are removed.
 */
static HTAB *
index_ids(AddedMessages *merged)
{
	HTAB *ids = reducer_set(merged->count);
	bool found;

	for (int i = 0; i < merged->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		merged->list[i].entry = reducer_entry(ids, &merged->list[i].id, &found);
		merged->list[i].entry->position = i;
	}
	return ids;
}

static void
make_room(AddedMessages *merged, int more)
{
	if (merged->count + more <= merged->room)
		return;
	merged->room = Max(2 * merged->room, merged->count + more);
	merged->list = repalloc_huge(merged->list, sizeof(AddedMessage) * merged->room);
}

/* What comes after "remove all" becomes the list as it stands. */
static void
begin_anew(AddedMessages *merged, const AddedMessages *update, int start, HTAB **ids)
{
	merged->count = 0;
	make_room(merged, update->count - start);
	merged->count = update->count - start;
	memcpy(merged->list, update->list + start, sizeof(AddedMessage) * merged->count);
	hash_destroy(*ids);
	*ids = index_ids(merged);
}

/* number: of the update, from 1; softly: removals of what is not there are nothing */
static void
merge_update(AddedMessages *merged, const AddedMessages *update, int number, HTAB **ids,
			 bool softly)
{
	int start = after_remove_all(update);

	if (start >= 0)
	{
		begin_anew(merged, update, start, ids);
		return;
	}
	make_room(merged, update->count);
	for (int i = 0; i < update->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (update->list[i].removes)
			remove_message(&update->list[i], number, *ids, softly);
		else
			put_message(&update->list[i], number, *ids, merged);
	}
}

static Jsonb *
reduce(Jsonb *current, Jsonb **updates, int count, bool softly)
{
	AddedMessages merged = read_messages("current", current, false);
	HTAB *ids = index_ids(&merged);
	Jsonb *result;

	for (int i = 0; i < count; i++)
	{
		AddedMessages update = read_messages("update", updates[i], true);

		merge_update(&merged, &update, i + 1, &ids, softly);
		pfree(update.list);
	}
	result = list_of(&merged);
	hash_destroy(ids);
	return result;
}

Jsonb *
reduce_messages(Jsonb *current, Jsonb **updates, int count)
{
	return reduce(current, updates, count, false);
}

Jsonb *
reduce_messages_softly(Jsonb *current, Jsonb **updates, int count)
{
	return reduce(current, updates, count, true);
}

bool
reducer_message_ids(Jsonb **updates, int count, NullableDatum *ids, bool *removes_all)
{
	ArrayBuildState *found = initArrayResult(TEXTOID, CurrentMemoryContext, false);

	*removes_all = false;
	for (int i = 0; i < count; i++)
	{
		AddedMessages update;

		if (overwrite_value(updates[i]))
			return false;
		update = read_messages("update", updates[i], true);
		*removes_all |= after_remove_all(&update) >= 0;
		for (int k = 0; k < update.count; k++)
		{
			const ReducerKey *id = &update.list[k].id;
			text *datum = cstring_to_text_with_len(id->bytes, id->length);

			found = accumArrayResult(found, PointerGetDatum(datum), false, TEXTOID,
									 CurrentMemoryContext);
		}
	}
	*ids = ARG(makeArrayResult(found, CurrentMemoryContext));
	return true;
}
