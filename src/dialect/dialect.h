/*
 * dialect/dialect.h: one message in the form of another system (docs/contracts.md#roles).
 *
 * A body that came in a dialect's own form is given as it came, with what may have changed since
 * (metadata, ids) from the columns, and with the fields that the system's API adds to what it
 * takes.  Any other body is translated.  No statements here: see format/format.c.
 * Messages of a state are always LangChain's, as LangGraph has them (dialect/langchain.c).
 */
#ifndef DIALECT_H
#define DIALECT_H

#include "json_patch/json_patch.h"
#include "shape/shape.h"
#include "threadmem/threadmem.h"

/* In the order of the names in format/format.c, behind langgraph. */
typedef enum DialectId
{
	DIALECT_LANGCHAIN,
	DIALECT_ENTITIES,
	DIALECT_ZEP,
	DIALECT_BACKBOARD,
	DIALECT_OPENAI,
	DIALECT_COUNT
} DialectId;

/* What a body looks like; only a key that no other system writes makes it one's own. */
typedef enum BodyForm
{
	FORM_PLAIN, /* role and content: everybody's and nobody's own, OpenAI's chat form as well */
	FORM_LANGCHAIN,
	FORM_NESTED, /* LangChain's with the fields in "data" or "kwargs" */
	FORM_ENTITIES,
	FORM_ZEP,
	FORM_BACKBOARD,
	FORM_OPENAI, /* thread.message */
	FORM_EXPORT, /* nobody's API */
	FORM_ITEM    /* an item of OpenAI's conversations, told by its type */
} BodyForm;

/* A row of messages.  Strings are NULL where the column is. */
typedef struct DialectMessage
{
	char *thread_id;
	char *message_id;
	char *role; /* canonical */
	char *origin_role;
	char *name;
	char *sender_id;
	char *assistant_id;
	char *run_id;
	char *tool_call_id;
	char *status;
	Jsonb *metadata;
	Jsonb *body;
	TimestampTz event_at;
	BodyForm form;          /* of the body, by dialect_read_form */
	JsonbContainer *fields; /* of the body */
} DialectMessage;

/* Sets form and fields from the body. */
extern void dialect_read_form(DialectMessage *message);

/* Writes the message as one object, into an array or as the root. */
extern void dialect_put_message(JsonBuilder *out, DialectId dialect, const DialectMessage *message);

/*
 * The value of a channel, messages alone or in a list, as LangGraph's server sends it (for nothing
 * but to be written). messages: of a channel of messages, where those in other systems' forms are
 * LangChain's; elsewhere only what is in one of LangChain's forms is a message.
 */
extern JsonNode dialect_value_on_wire(const JsonNode *node, bool messages);
/* The same value of a channel of messages as LangChain's loader takes it. */
extern JsonNode dialect_value_constructed(const JsonNode *node);
/*
 * A value with the messages that stand in it at any depth in the loader's form as on the wire, and
 * without what JavaScript has as undefined; one that is nothing else is null.
 */
extern JsonNode dialect_plain(const JsonNode *node);
/* The same, with fields_of for the messages; NULL: they stay as they are. */
extern JsonNode dialect_defined(const JsonNode *node,
								JsonItems *(*fields_of)(JsonbContainer *message));
extern bool dialect_is_undefined(const JsonNode *node);

/* Content as parts: OpenAI's have text as {"value", "annotations"}, all others as a string. */
extern void dialect_put_openai_content(JsonBuilder *out, const DialectMessage *message);
extern void dialect_put_langchain_content(JsonBuilder *out, const DialectMessage *message);
/* Content as a string, for systems that have nothing else. */
extern void dialect_put_words(JsonBuilder *out, const DialectMessage *message);

/* Tool calls, from whichever form has them; OpenAI's key only when there are any. */
extern void dialect_put_openai_calls(JsonBuilder *out, const DialectMessage *message);
/* Whether they stand elsewhere than LangChain has them: in additional_kwargs, or in another form.
 */
extern bool dialect_has_foreign_calls(JsonbContainer *fields);
extern void dialect_put_langchain_calls(JsonBuilder *out, const DialectMessage *message);

/* A NULL string is null, and so is a time that is not finite; given: then the key is left out. */
extern void dialect_put_text(JsonBuilder *out, const char *key, const char *value);
extern void dialect_put_given_text(JsonBuilder *out, const char *key, const char *value);
extern void dialect_put_epoch(JsonBuilder *out, const char *key, TimestampTz time);
extern void dialect_put_iso(JsonBuilder *out, const char *key, TimestampTz time);

#endif
