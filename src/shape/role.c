/*
 * shape/role.c: roles, and what has the place of a role in forms that have no key for it.
 */
#include "shape/part.h"

#include "miscadmin.h"

#include "json_patch/json_patch.h"
#include "reducer/reducer.h"
#include "threadmem/threadmem.h"

static const struct
{
	const char *spelling;
	const char *role;
} roles[] = {
	{"user", "user"},      {"human", "user"},          {"assistant", "assistant"},
	{"ai", "assistant"},   {"system", "system"},       {"developer", "developer"},
	{"tool", "tool"},      {"function", "function"},   {"platform", "platform"},
	{"norole", "other"},   {"generic", "other"},       {"unknown", "other"},
	{"critic", "other"},   {"discriminator", "other"}, {"remove", "other"},
	{"approval", "other"}, {"summary", "other"},       {"other", "other"},
	{"chat", "other"},     {"model", "assistant"},     {"chatbot", "assistant"},
	{"activity", "other"}, {"reasoning", "assistant"}, {"data", "other"},
};

const char *
shape_find_role(const char *spelling, char **origin)
{
	for (int i = 0; i < lengthof(roles); i++)
	{
		if (pg_strcasecmp(roles[i].spelling, spelling) != 0)
			continue;
		*origin = strcmp(roles[i].role, spelling) == 0 ? NULL : pstrdup(spelling);
		return roles[i].role;
	}
	return NULL;
}

const char *
shape_role(const char *argument, const char *spelling, char **origin)
{
	const char *role = shape_find_role(spelling, origin);

	if (role == NULL)
		error_bad_input(argument, SHAPE_NOT_A_ROLE, spelling);
	return role;
}

static bool
strip(char *name, const char *suffix)
{
	if (!text_ends_with(name, suffix))
		return false;
	name[strlen(name) - strlen(suffix)] = '\0';
	return true;
}

/* LangChain's class names are its roles: HumanMessage and HumanMessageChunk are "human". */
char *
role_of_class(const char *name)
{
	char *word = pstrdup(name);

	strip(word, "Chunk");
	if (!strip(word, "Message"))
		return pstrdup(name);
	for (char *c = word; *c; c++)
		*c = pg_ascii_tolower((unsigned char)*c);
	return word;
}

char *
shape_constructor_type(JsonbContainer *body)
{
	const char *name = json_field(body, "lc") ? constructor_class(body) : NULL;
	char *type = name ? role_of_class(name) : NULL;
	char *origin;

	return type && shape_find_role(type, &origin) ? type : NULL;
}

/* OpenAI's items other than messages: calls come from the model, their outputs from a tool. */
const char *
role_of_item(const char *type)
{
	static const char *const of_model[] = {
		"reasoning",  "mcp_list_tools",     "mcp_approval_request",
		"compaction", "compaction_summary", NULL};

	if (text_ends_with(type, "_call_output") || text_ends_with(type, "_call_result") ||
		strcmp(type, "tool_search_output") == 0 || strcmp(type, "mcp_approval_response") == 0)
		return "tool";
	return text_ends_with(type, "_call") || text_is_one_of(type, of_model) ? "assistant" : NULL;
}

/* Pydantic AI's requests hold what a system, a person and tools say; the first kind that is none of
 * the others decides. */
const char *
role_of_request(JsonbContainer *parts)
{
	bool is_system = parts && JsonContainerSize(parts) > 0;
	bool is_tool = is_system;

	for (uint32 i = 0; parts && i < JsonContainerSize(parts); i++)
	{
		JsonbContainer *object = json_as_object(getIthJsonbValueFromContainer(parts, i));
		Part part = {0};

		if (object)
			part_read(object, &part);
		is_tool &= part.kind == PART_ANSWER;
		is_system &= part.type && strcmp(part.type, "system-prompt") == 0;
	}
	return is_tool ? "tool" : is_system ? "system" : "user";
}

static bool
says_reasoning(JsonbContainer *fields, const char *key)
{
	char *word = part_text(fields, key);

	return word && strcmp(word, "reasoning") == 0;
}

/* An item of OpenAI's, or a message of AG-UI's. */
bool
shape_is_thought(JsonbContainer *fields)
{
	return says_reasoning(fields, "type") || says_reasoning(fields, "role");
}
