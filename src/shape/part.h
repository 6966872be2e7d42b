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

extern void part_read(JsonbContainer *object, Part *part);
extern PartKind part_kind(JsonbContainer *object);

/* The value as a model reads it: without files, signatures and other encoded data. */
extern char *part_json(JsonbValue *value);

/* A string that is given and not empty; the first of two keys that are given. */
extern char *part_text(JsonbContainer *object, const char *key);
extern JsonbValue *part_given(JsonbContainer *object, const char *a, const char *b);

#endif
