/*
 * shape/export.c: messages as chats and services export them.
 *
 * They were never meant for a model, so nothing in them is called a role: ChatGPT has an author
 * with one, Claude a sender that is one; of Slack and Discord what a bot said is the assistant's,
 * what the service itself noted (somebody joined) the platform's, and all else the user's, whoever
 * that was. ShareGPT's lists say from whom. Looked at only where nothing else tells a role.
 */
#include "shape/part.h"

#include <ctype.h>

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "threadmem/threadmem.h"

static bool
is_true(JsonbContainer *object, const char *key)
{
	JsonbValue *value = json_field(object, key);

	return value && value->type == jbvBool && value->val.boolean;
}

/* The first of the keys that has a text; the list ends with NULL. */
static char *
first_of(JsonbContainer *object, const char *const *keys)
{
	char *string = NULL;

	for (; object && *keys && !string; keys++)
		string = part_text(object, *keys);
	return string;
}

/* Kinds of messages that somebody said, by the names of exports and the numbers of the API. */
static bool
is_said_on_discord(JsonbContainer *body)
{
	static const char *const kinds[] = {"Default", "Reply", "ChatInputCommand", NULL};
	static const int numbers[] = {0, 19, 20, 23};
	JsonbValue *type = json_given(body, "type");
	char *kind = json_as_text(type);

	if (!type || kind)
		return !kind || text_is_one_of(kind, kinds);
	for (int i = 0; i < lengthof(numbers) && type->type == jbvNumeric; i++)
		if (DatumGetBool(
				DirectFunctionCall2(numeric_eq, NumericGetDatum(type->val.numeric),
									DirectFunctionCall1(int4_numeric, Int32GetDatum(numbers[i])))))
			return true;
	return false;
}

static bool
read_author(JsonbContainer *body, JsonbContainer *author, ExportedMessage *exported)
{
	static const char *const names[] = {"nickname", "global_name", "name", "username", NULL};
	char *role = part_text(author, "role");

	if (role)
		*exported = (ExportedMessage){
			.role = role, .name = part_text(author, "name"), .time_key = "create_time"};
	else if (part_text(author, "id"))
		*exported = (ExportedMessage){.role = !is_said_on_discord(body) ? "platform"
											  : is_true(author, "isBot") || is_true(author, "bot")
												  ? "assistant"
												  : "user",
									  .name = first_of(author, names),
									  .sender_id = part_text(author, "id"),
									  .time_key = "timestamp"};
	return exported->role != NULL;
}

static bool
read_slack(JsonbContainer *body, ExportedMessage *exported)
{
	static const char *const said[] = {"bot_message", "thread_broadcast", "me_message",
									   "file_share", NULL};
	static const char *const senders[] = {"user", "bot_id", NULL};
	static const char *const names[] = {"display_name", "real_name", "name", NULL};
	char *type = part_text(body, "type");
	char *subtype = part_text(body, "subtype");
	bool is_bot = part_text(body, "bot_id") != NULL;

	if (!type || strcmp(type, "message") != 0 || !part_text(body, "ts"))
		return false;
	*exported =
		(ExportedMessage){.role = subtype && !text_is_one_of(subtype, said) ? "platform"
								  : is_bot                                  ? "assistant"
																			: "user",
						  .name = first_of(json_as_object(json_given(body, "user_profile")), names),
						  .sender_id = first_of(body, senders),
						  .time_key = "ts"};
	if (!exported->name)
		exported->name = part_text(body, "username");
	return true;
}

bool
export_read(JsonbContainer *body, ExportedMessage *exported)
{
	JsonbContainer *author = json_as_object(json_given(body, "author"));
	char *sender = part_text(body, "sender");
	char *from = part_text(body, "from");

	*exported = (ExportedMessage){.time_key = "created_at"};
	if (author)
		return read_author(body, author, exported);
	if (sender)
		exported->role = sender;
	else if (from && part_text(body, "value"))
		exported->role = strcmp(from, "gpt") == 0 ? "assistant" : from;
	else
		return read_slack(body, exported);
	return true;
}

/* Slack's is a number of seconds, as text. */
JsonbValue *
export_time(JsonbValue *time, JsonbValue *number)
{
	char *string = json_as_text(time);

	if (!string || !isdigit((unsigned char)*string) || string[strspn(string, "0123456789.")] ||
		strlen(string) > 32 || strchr(string, '.') != strrchr(string, '.'))
		return time;
	number->type = jbvNumeric;
	number->val.numeric = DatumGetNumeric(DirectFunctionCall3(
		numeric_in, CStringGetDatum(string), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	return number;
}

/* ChatGPT's content is an object of a kind, with its parts, or one text. */
JsonbValue *
export_content(JsonbValue *content)
{
	static const char *const keys[] = {"parts", "text", "result"};
	JsonbContainer *object = json_as_object(content);

	if (!object || !part_text(object, "content_type"))
		return content;
	for (int i = 0; i < lengthof(keys); i++)
	{
		JsonbValue *value = json_given(object, keys[i]);

		if (value && (value->type == jbvString || json_as_array(value)))
			return value;
	}
	return content;
}

JsonbValue *
export_text(JsonbContainer *fields)
{
	static const char *const keys[] = {"text", "message", "value"};

	for (int i = 0; i < lengthof(keys); i++)
	{
		JsonbValue *value = json_given(fields, keys[i]);

		if (value && value->type == jbvString)
			return value;
	}
	return NULL;
}
