/*
 * shape/answer.c: an answer to a call of a tool, in the form of the message that has the call.
 */
#include "shape/shape.h"

#include "json_patch/json_patch.h"
#include "threadmem/threadmem.h"

/* A message of one part, which the writer puts between. */
static void
begin_part(JsonBuilder *out, const char *key)
{
	json_put_key(out, key);
	json_push(out, WJB_BEGIN_ARRAY, NULL);
	json_push(out, WJB_BEGIN_OBJECT, NULL);
}

static void
end_part(JsonBuilder *out)
{
	json_push(out, WJB_END_OBJECT, NULL);
	json_push(out, WJB_END_ARRAY, NULL);
}

static void
put_object(JsonBuilder *out, const char *key)
{
	json_put_key(out, key);
	json_push(out, WJB_BEGIN_OBJECT, NULL);
}

static void
put_anthropic(JsonBuilder *out, const MessageCall *call, const char *content)
{
	json_put_text(out, "role", "user");
	begin_part(out, "content");
	json_put_text(out, "type", "tool_result");
	json_put_text(out, "tool_use_id", call->id);
	json_put_text(out, "content", content);
	json_put_bool(out, "is_error", true);
	end_part(out);
}

static void
put_bedrock(JsonBuilder *out, const MessageCall *call, const char *content)
{
	json_put_text(out, "role", "user");
	begin_part(out, "content");
	put_object(out, "toolResult");
	json_put_text(out, "toolUseId", call->id);
	begin_part(out, "content");
	json_put_text(out, "text", content);
	end_part(out);
	json_put_text(out, "status", "error");
	json_push(out, WJB_END_OBJECT, NULL);
	end_part(out);
}

static void
put_gemini(JsonBuilder *out, const MessageCall *call, const char *content)
{
	json_put_text(out, "role", "user");
	begin_part(out, "parts");
	put_object(out, "functionResponse");
	if (!shape_is_place(call->id))
		json_put_text(out, "id", call->id);
	json_put_text(out, "name", call->name ? call->name : "");
	put_object(out, "response");
	json_put_text(out, "error", content);
	json_push(out, WJB_END_OBJECT, NULL);
	json_push(out, WJB_END_OBJECT, NULL);
	end_part(out);
}

static void
put_interaction(JsonBuilder *out, const MessageCall *call, const char *content)
{
	json_put_text(out, "role", "user");
	begin_part(out, "content");
	json_put_text(out, "type", "function_result");
	json_put_text(out, "call_id", call->id);
	json_put_text(out, "name", call->name ? call->name : "");
	json_put_text(out, "result", content);
	json_put_bool(out, "is_error", true);
	end_part(out);
}

static void
put_pydantic(JsonBuilder *out, const MessageCall *call, const char *content)
{
	json_put_text(out, "kind", "request");
	begin_part(out, "parts");
	json_put_text(out, "part_kind", "tool-return");
	json_put_text(out, "tool_name", call->name ? call->name : "");
	json_put_text(out, "tool_call_id", call->id);
	json_put_text(out, "content", content);
	end_part(out);
}

static void
put_ai_sdk(JsonBuilder *out, const MessageCall *call, const char *content)
{
	json_put_text(out, "role", "tool");
	begin_part(out, "content");
	json_put_text(out, "type", "tool-result");
	json_put_text(out, "toolCallId", call->id);
	json_put_text(out, "toolName", call->name ? call->name : "");
	put_object(out, "output");
	json_put_text(out, "type", "error-text");
	json_put_text(out, "value", content);
	json_push(out, WJB_END_OBJECT, NULL);
	end_part(out);
}

/* One that found nothing. */
static void
put_tool_search(JsonBuilder *out, const MessageCall *call)
{
	json_put_text(out, "type", "tool_search_output");
	json_put_text(out, "call_id", call->id);
	json_put_text(out, "execution", "client");
	json_put_text(out, "status", "incomplete");
	json_put_key(out, "tools");
	json_push(out, WJB_BEGIN_ARRAY, NULL);
	json_push(out, WJB_END_ARRAY, NULL);
}

static void
put_shell(JsonBuilder *out, const char *content)
{
	begin_part(out, "output");
	json_put_text(out, "stdout", "");
	json_put_text(out, "stderr", content);
	put_object(out, "outcome");
	json_put_text(out, "type", "timeout");
	json_push(out, WJB_END_OBJECT, NULL);
	end_part(out);
}

static void
put_item(JsonBuilder *out, const MessageCall *call, const char *content)
{
	const char *type = call->item ? call->item : "function_call";

	if (strcmp(type, "tool_search_call") == 0)
	{
		put_tool_search(out, call);
		return;
	}
	json_put_text(out, "type", psprintf("%s_output", type));
	json_put_text(out, strcmp(type, "local_shell_call") == 0 ? "id" : "call_id", call->id);
	if (strcmp(type, "apply_patch_call") == 0)
		json_put_text(out, "status", "failed");
	if (strcmp(type, "shell_call") == 0)
		put_shell(out, content);
	else
		json_put_text(out, "output", content);
}

static void
put_agents_js(JsonBuilder *out, const MessageCall *call, const char *content)
{
	json_put_text(out, "type", psprintf("%s_result", call->item));
	json_put_text(out, "callId", call->id);
	if (call->name)
		json_put_text(out, "name", call->name);
	json_put_text(out, "status", "incomplete");
	put_object(out, "output");
	json_put_text(out, "type", "text");
	json_put_text(out, "text", content);
	json_push(out, WJB_END_OBJECT, NULL);
}

static void
put_approval(JsonBuilder *out, const MessageCall *call, const char *content)
{
	json_put_text(out, "type", "mcp_approval_response");
	json_put_text(out, "approval_request_id", call->id);
	json_put_bool(out, "approve", false);
	json_put_text(out, "reason", content);
}

static void
put_ag_ui(JsonBuilder *out, const MessageCall *call, const char *content)
{
	json_put_text(out, "role", "tool");
	json_put_text(out, "toolCallId", call->id);
	json_put_text(out, "content", content);
}

static void
put_langchain(JsonBuilder *out, const MessageCall *call, const char *content)
{
	json_put_text(out, "type", "tool");
	json_put_text(out, "tool_call_id", call->id);
	if (call->name)
		json_put_text(out, "name", call->name);
	json_put_text(out, "status", "error");
	json_put_text(out, "content", content);
}

static void
put_openai(JsonBuilder *out, const MessageCall *call, const char *content)
{
	json_put_text(out, "role", "tool");
	json_put_text(out, "tool_call_id", call->id);
	json_put_text(out, "content", content);
}

/* A call without id is one of OpenAI's older ones, which a function answers by its name. */
static void
put_nameless(JsonBuilder *out, CallForm form, const MessageCall *call, const char *content)
{
	json_put_text(out, form == CALLS_LANGCHAIN ? "type" : "role", "function");
	if (call->name)
		json_put_text(out, "name", call->name);
	json_put_text(out, "content", content);
}

Jsonb *
shape_answer(CallForm form, const MessageCall *call, const char *content)
{
	static void (*const writers[])(JsonBuilder *, const MessageCall *, const char *) = {
		[CALLS_OPENAI] = put_openai,       [CALLS_LANGCHAIN] = put_langchain,
		[CALLS_ANTHROPIC] = put_anthropic, [CALLS_ITEM] = put_item,
		[CALLS_APPROVAL] = put_approval,   [CALLS_BEDROCK] = put_bedrock,
		[CALLS_GEMINI] = put_gemini,       [CALLS_PYDANTIC] = put_pydantic,
		[CALLS_AI_SDK] = put_ai_sdk,       [CALLS_AG_UI] = put_ag_ui,
		[CALLS_AGENTS_JS] = put_agents_js, [CALLS_INTERACTION] = put_interaction};
	JsonBuilder out = {0};

	json_push(&out, WJB_BEGIN_OBJECT, NULL);
	if (call->id)
		writers[form](&out, call, content);
	else
		put_nameless(&out, form, call, content);
	json_push(&out, WJB_END_OBJECT, NULL);
	return json_built(&out);
}
