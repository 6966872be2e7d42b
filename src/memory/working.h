/*
 * memory/working.h: blocks of working memory (docs/concepts.md#working-memory).
 */
#ifndef MEMORY_WORKING_H
#define MEMORY_WORKING_H

#include "memory/memory.h"

/* Those of a user and of a thread as the model gets them, NULL for none; either may be null. */
extern char *working_lines(Call *call, NullableDatum user_id, NullableDatum thread_id);

/*
 * Those of a user that were last changed since a time and before another, with all they ever said,
 * and what others said that was written then; nulls: all.
 */
extern void working_forget(Call *call, NullableDatum user_id, NullableDatum since,
						   NullableDatum before);

#endif
