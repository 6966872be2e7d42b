/*
 * shape/shape.h: reads one message in any system's form.
 *
 * The forms are told apart by their keys (docs/contracts.md#forms-of-a-message):
 *
 *   plain, OpenAI, Backboard, AI SDK: {"role", "content" or "parts", "id" or "message_id"}
 *
 *   Zep: {"role", "name", "content", "uuid"}, and the older {"role": name, "role_type": role}
 *
 *   Entities: {"id", "role", "content", "sender_id", "meta_data", "created_at": epoch seconds}
 *
 *   LangChain: {"type": "human", "content", "id"}, {"type", "data": {...}}, and
 *   {"lc": 1, "type": "constructor", "id": [..., "HumanMessage"], "kwargs": {...}}
 *
 *   OpenAI items: {"type": "message", "function_call" or "function_call_output"}, and those that
 * its Agents SDK for JavaScript keeps: {"type": "function_call_result", "callId"}
 *
 *   Gemini: {"role": "user" or "model", "parts"}, also as the "content" of a candidate or an event;
 *   of its Interactions API with blocks in "content"
 *
 *   Pydantic AI: {"kind": "request" or "response", "parts"}
 *
 *   AG-UI: {"id", "role", "content", "toolCalls" or "toolCallId"}
 *
 *   LlamaIndex: {"role", "blocks", "additional_kwargs"}
 *
 *   exports: ChatGPT's {"author": {"role"}, "content": {"content_type", "parts"}}, Claude's
 *   {"uuid", "sender", "text", "content"}, rows of Slack and Discord, ShareGPT's {"from", "value"}
 *
 * Nothing is rewritten: the body is stored as it came.  Its words are what a person reads of it;
 * the content is what its writer calls so, a text or a list of parts.  No tables here; all that is
 * given is palloc'd.  Errors: 22023 for what is no message.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include "threadmem/threadmem.h"

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

/* How many bytes of a message's text the search vector covers; a tsvector holds 1 MB at most. */
#define SEARCH_PREFIX_BYTES 100000

/* Strings are palloc'd and NULL where the message does not say. */
typedef struct MessageShape
{
	char *message_id;
	const char *role;  /* canonical: user assistant system developer tool function platform other */
	char *origin_role; /* the writer's spelling, when it is not the canonical one's own */
	char *name;
	char *sender_id;
	char *assistant_id;
	char *run_id;
	char *tool_call_id;
	const char *status; /* completed, in_progress, incomplete or failed */
	Jsonb *metadata;    /* an object, {} when there is none */
	bool exported;      /* its form is that of an export */
	bool has_event_at;
	TimestampTz event_at; /* the writer's time, from ISO 8601 text or an epoch number */
} MessageShape;

/* Fills the shape from a message; argument is named in errors ("messages", "body"). 22023. */
extern void shape_read(const char *argument, Jsonb *body, MessageShape *shape);

/* As shape_read, but false for what is no message, and no error. */
extern bool shape_read_softly(Jsonb *body, MessageShape *shape);

/*
 * Only the message's id, without reading the rest: the "id" string of the body or of its "kwargs"
 * or "data", else "uuid", "message_id" (the same that shape_read would give); NULL when there is
 * none.
 */
extern char *shape_message_id(JsonbContainer *body);

/*
 * The canonical role of a spelling in any case, 22023 for none; *origin is the spelling where it is
 * to be kept, else NULL.
 */
extern const char *shape_role(const char *argument, const char *spelling, char **origin);
/* As shape_role, but NULL for what is no role. */
extern const char *shape_find_role(const char *spelling, char **origin);
#define SHAPE_NOT_A_ROLE \
	"\"%s\" is not a role: use user, assistant, system, developer, tool, function, platform or " \
	"other, or a system's own word for one of them, as human."

/* Whether a message is in the form of an export, which no API has. */
extern bool shape_is_exported(JsonbContainer *body);

/* The LangChain type ("human", "ai") of a message in constructor form; NULL for any other value. */
extern char *shape_constructor_type(JsonbContainer *body);

/* Where the fields lie: in the body, or in its "data" or "kwargs", which *within then names. */
extern JsonbContainer *shape_fields(JsonbContainer *body, const char **within);

/*
 * A time: ISO 8601 text (UTC unless it says otherwise) or epoch seconds, or milliseconds where they
 * can be no seconds. NULL, or for what is no time a sentence on what is wrong with it, which names
 * the key.
 */
extern char *shape_time(const char *key, JsonbValue *value, TimestampTz *time);

/* The body with "id" added, for a body that has none. */
extern Jsonb *shape_with_id(Jsonb *body, const char *message_id);

/* The body without the id that shape_with_id() or the reducer add_messages put into it. */
extern Jsonb *shape_without_id(Jsonb *body);

/* The body with a field set where its form keeps the fields. */
extern Jsonb *shape_with(Jsonb *body, const char *key, JsonbValue *value);

/* The body with its content replaced by a text, at the place where its form has it. */
extern Jsonb *shape_with_content(Jsonb *body, const char *content);
/* The same for an array of parts; who keeps a copy as text beside it (AI SDK) gives the body. */
extern Jsonb *shape_with_parts(Jsonb *body, JsonbValue *parts);

/* The words a person reads, at most limit bytes, cut between characters; NULL for none. */
extern text *shape_text(Jsonb *body, int limit);

/* Those that its speaker said, be it a user or an assistant: without what tools or a prompt say. */
extern text *shape_said(Jsonb *body, int limit);

/* As shape_text, for the search vector: without words too long to be indexed; never NULL. */
extern text *shape_search_text(Jsonb *body);
/* The same for a text that is no message's. */
extern text *shape_search_words(const char *bytes, int length);
/* Makes a space of what the parser would take for markup that goes on too long. */
extern void shape_blank_markup(char *at, const char *end);

/*
 * Scripts without spaces (shape/script.c): their runs in a text. In a database that is not UTF8
 * there are none.
 */
/* Whether a run begins (or goes on) here. */
extern bool script_begins(const char *at);
/* The first character of a run, the end where there is none; and the end of the run there. */
extern const char *script_find(const char *at, const char *end);
extern const char *script_end(const char *at, const char *end);
/* The next character of a run, NULL at its end; goes on to the one after it. */
extern const char *script_letter(const char **at, const char *end, int *length);
/* The bytes of the character that a lexeme of a run begins with, 0 for any other lexeme. */
extern int script_first(const char *lexeme, int length);
/* Whether a lexeme is nothing but one character of a run. */
extern bool script_is_letter(const char *lexeme, int length);
/* Whether a character of a run is mostly a word, as Han are, and not a letter or a syllable. */
extern bool script_is_word(const char *letter);
/* Whether there are words, and not punctuation alone, in what stands between runs. */
extern bool script_has_words(const char *at, const char *end);
/* The text with one form for characters that have several, and a space where a sentence ends. */
extern text *script_fold(const char *bytes, int length);
/*
 * The same with what ends a sentence, and of each byte the place in what is given of the character
 * that it comes from; of the end, that end.
 */
extern char *script_fold_placed(const char *bytes, int length, int **places);
/* Makes what ends a sentence spaces, as many as it has bytes. */
extern void script_blank_stops(char *at, const char *end);
/* About how many tokens a model takes for a text. */
extern int64 script_tokens(const char *bytes, int length);

/* What the writer calls content (a string, parts or null), NULL when the body has none. */
extern JsonbValue *shape_content_value(JsonbContainer *body);

/* Whether a content is a single part in the place of a list, as mem0 takes it. */
extern bool shape_is_part(const JsonbValue *content);

/* Whether there are words in a value: a text, a part of a content or a list of parts. */
extern bool shape_has_words(JsonbValue *value);

/* In whose form a message has its calls of tools, for an answer in the same (shape/tools.c). */
typedef enum CallForm
{
	CALLS_OPENAI,      /* {"role": "tool", "tool_call_id"}; also where nothing else fits */
	CALLS_LANGCHAIN,   /* {"type": "tool", "tool_call_id"} */
	CALLS_ANTHROPIC,   /* a part tool_result in a message of the user */
	CALLS_ITEM,        /* {"type": "function_call_output", "call_id"} */
	CALLS_AGENTS_JS,   /* {"type": "function_call_result", "callId"} */
	CALLS_APPROVAL,    /* {"type": "mcp_approval_response", "approval_request_id"} */
	CALLS_BEDROCK,     /* a part toolResult in a message of the user */
	CALLS_GEMINI,      /* a part functionResponse in a message of the user */
	CALLS_INTERACTION, /* a part function_result in one */
	CALLS_PYDANTIC,    /* a part tool-return in a request */
	CALLS_AI_SDK,      /* a part tool-result in a message of the tool */
	CALLS_AG_UI        /* {"role": "tool", "toolCallId"} */
} CallForm;

/* A tool that an assistant called. Strings are NULL where the message does not say. */
typedef struct MessageCall
{
	char *id;
	char *name;
	char *item;      /* the type of an item of OpenAI's that is the call */
	char *arguments; /* text, or the text of the JSON */
	char *output;    /* JSON that came in the same message and is no words */
	bool answered;   /* in the same message */
} MessageCall;

typedef struct MessageTools
{
	List *calls; /* of MessageCall; only an assistant calls */
	CallForm form;
	List *answers;     /* the ids (char *) of the calls that it answers */
	bool is_answer;    /* it answers a call, even where it does not say which */
	bool is_reasoning; /* nothing but thoughts: it belongs to the message after it */
	bool is_item;      /* a call that is an item of its own */
	struct Names *ids; /* of the calls, while they are read */
} MessageTools;

/*
 * A call that has no id, and its answer, go by the call's name and its place among those of the
 * name: then the id is one that shape_place() made, and nobody else knows it.
 */
extern char *shape_place(const char *name, int number);
extern bool shape_is_place(const char *id);
extern const char *shape_place_name(const char *id);
/* Counts through the places of a name. */
extern int shape_next_place(struct Names *places, const char *name);

/* The id of the call that a message of a tool answers, NULL when it names none. */
extern char *shape_answered_id(JsonbContainer *fields);

/* The parts of a message; some of the AI SDK's have content as text as well. NULL for none. */
extern JsonbContainer *shape_parts(Jsonb *body);

/* Whether a message with these fields is nothing but a thought; what is thought beside a content.
 */
extern bool shape_is_thought(JsonbContainer *fields);
extern JsonbValue *shape_thought(JsonbContainer *fields);

/* The calls and answers in a message of any form; role is the canonical one. */
extern void shape_tools(const char *role, Jsonb *body, MessageTools *tools);

/*
 * All that a model reads of a message: its words, the calls of tools with their arguments, and what
 * has no words as its JSON, but not encoded media. Never NULL.
 */
extern text *shape_prompt(Jsonb *body, const MessageTools *tools);

/* An answer to a call that got none, in the form of the message that has the call. */
extern Jsonb *shape_answer(CallForm form, const MessageCall *call, const char *content);

/* Replaces what jsonb cannot hold in a JSON text where the setting says so; 22023 where not. */
extern void shape_mend(const char *argument, char *json);
/* A JSON text as jsonb, as json_accept() takes it; 22023, 22P02 for what is none. */
extern Datum shape_accept(Datum json);

/*
 * The text of a JSON string that continues one which ended with a high surrogate (four digits, or
 * NULL); half is that with which this one ends, which is not part of the text. What jsonb cannot
 * hold elsewhere in it goes by threadmem.bad_unicode.
 */
extern Datum shape_piece(const char *argument, const char *json, const char *before, char **half);
/* U+FFFD, which stands for what is no character. */
extern const char *shape_replacement(void);
/* The same of a text. */
extern Datum shape_after_half(const char *argument, Datum piece, const char *before);

/* sha256 of the stored bytes, a bytea: jsonb is canonical, and 1.10 is not 1.1. */
extern Datum shape_hash(Jsonb *body);

#endif
