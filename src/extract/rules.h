/*
 * extract/rules.h: English sentences, for what grammar alone can say.
 */
#ifndef EXTRACT_RULES_H
#define EXTRACT_RULES_H

#include "extract/extract.h"

/* A word of a text; "don't" is two of one place. */
typedef struct Word
{
	char *key;        /* in small letters */
	const char *from; /* as it was written */
	const char *to;
	char stop; /* what follows: . ? , or 0; anything that ends a sentence is a point */
	bool quoted;
} Word;

typedef struct Words
{
	Word *list;
	int count;
} Words;

extern Words words_of(const char *text);

/*
 * The time that words from one to another tell, as yesterday, last Friday, in June, two years ago,
 * seen from when it was said, in UTC; false for none.
 */
extern bool words_time(const Words *words, int from, int to, TimestampTz said, TimestampTz *time);

#endif
