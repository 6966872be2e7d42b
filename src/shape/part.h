/*
 * shape/part.h: what one part of a content is, whichever system wrote it.
 *
 * Here alone stands how each provider and framework names a call of a tool, its answer, a thought
 * and a file.  How they go together before a model is in context/window.c.
 */
#ifndef SHAPE_PART_H
#define SHAPE_PART_H

#include "shape/shape.h"

typedef enum PartKind
{
	PART_WORDS, /* and whatever else is none of these */
	PART_THOUGHT,
	PART_MEDIA,
	PART_CALL,
	PART_SCREEN, /* the AI SDK's for the screen: a call with its outcome */
	PART_ANSWER,
	PART_STEP /* for the screen: a mark between steps, data of the application */
} PartKind;

/* Strings and values are NULL where the part does not say. */
typedef struct Part
{
	PartKind kind;
	CallForm form; /* of calls */
	char *id;      /* of a call, or of the one that is answered */
	char *name;
	char *type;
	JsonbValue *input;
	JsonbContainer
		*inner; /* where its fields lie: Bedrock and Gemini have an object for each kind */
} Part;

/* What an export says of a message (shape/export.c); strings are NULL where it does not say. */
typedef struct ExportedMessage
{
	const char *role; /* a spelling of one */
	char *name;
	char *sender_id;
	const char *time_key;
} ExportedMessage;

/* False where it is in no form of an export. */
extern bool export_read(JsonbContainer *body, ExportedMessage *exported);
/* The time as a number where it is one in text, for which it takes the room of another value. */
extern JsonbValue *export_time(JsonbValue *time, JsonbValue *number);
/* What a content of a kind has in it; any other is given as it is. */
extern JsonbValue *export_content(JsonbValue *content);
/* The text of a message that has no content, as exports and Cohere's history have it. */
extern JsonbValue *export_text(JsonbContainer *fields);

/* The role that a class of LangChain's says, an item of OpenAI's, a request of Pydantic AI's. */
extern char *role_of_class(const char *name);
extern const char *role_of_item(const char *type);
extern const char *role_of_request(JsonbContainer *parts);

extern void part_read(JsonbContainer *object, Part *part);
extern PartKind part_kind(JsonbContainer *object);

/* The value as a model reads it: without files, signatures and other encoded data. */
extern char *part_json(JsonbValue *value);

/* A string that is given and not empty; the first of two keys that are given. */
extern char *part_text(JsonbContainer *object, const char *key);
extern JsonbValue *part_given(JsonbContainer *object, const char *a, const char *b);

#endif
