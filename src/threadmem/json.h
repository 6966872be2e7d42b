/*
 * threadmem/json.h: reading native jsonb, so that numbers keep every digit.
 *
 * Readers take NULL for "not there" and pass it on, so that look-ups can be nested.  Values point
 * into the document they come from.  No name here may be one of jansson's (json_string, json_copy):
 * the linker would bind document/document.c to it.
 */
#ifndef THREADMEM_JSON_H
#define THREADMEM_JSON_H

#include "threadmem/threadmem.h"

/* The value of a key; NULL when there is none or the container is no object. */
extern JsonbValue *json_field(JsonbContainer *object, const char *key);

/* As json_field, and NULL for the JSON null as well. */
extern JsonbValue *json_given(JsonbContainer *object, const char *key);

/* The container of an object or an array, NULL for any other value. */
extern JsonbContainer *json_as_object(const JsonbValue *value);
extern JsonbContainer *json_as_array(const JsonbValue *value);

/* A copy of a string as a C string, palloc'd; NULL for any other value. */
extern char *json_as_text(const JsonbValue *value);

/*
 * The whole number that a value is; false for any other value, and beyond int64. Never raises: what
 * is stored may be anything.
 */
extern bool json_int64(const JsonbValue *value, int64 *number);
extern bool numeric_int64(Numeric value, int64 *number);

/* A value as a document of its own, palloc'd. */
extern Jsonb *json_own(JsonbValue *value);

#endif
