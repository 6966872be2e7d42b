/*
 * threadmem/names.h: strings that are looked up by their bytes.
 *
 * Lists of ids come from users, and a message may have as many as fit into it: to search one list
 * for each element of another takes minutes where a table takes milliseconds.
 */
#ifndef THREADMEM_NAMES_H
#define THREADMEM_NAMES_H

#include "threadmem/threadmem.h"

typedef struct Names Names;

/* A string of the table; its bytes stay the caller's, who may keep something with it. */
typedef struct NameEntry
{
	const char *bytes;
	int length;
	uint32 hash;
	void *value; /* NULL when it is new */
} NameEntry;

/* It lives and grows in the memory context that is current now. */
extern Names *names_new(void);
/* The string's entry, made when it is not there. */
extern NameEntry *names_add(Names *names, const char *bytes, int length);
/* NULL when it is not there. */
extern NameEntry *names_find(const Names *names, const char *bytes, int length);
/* The same of a text; null is not there. */
extern NameEntry *names_find_text(const Names *names, NullableDatum value);

/* The same for C strings.  names_take() adds one: whether it was not there yet. */
extern bool names_take(Names *names, const char *string);
extern bool names_has(const Names *names, const char *string);

/* The elements of a text[], but nulls; none for an SQL null. */
extern Names *names_of_list(NullableDatum list);

#endif
