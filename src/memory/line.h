/*
 * memory/line.h: how an episode is shown to a model.
 */
#ifndef MEMORY_LINE_H
#define MEMORY_LINE_H

#include "memory/memory.h"

#include "pgtime.h"

/* "  - Name (role): text (2024-06-01 13:11:12)", NULL for an episode without text. */
extern char *line_of_episode(const Episode *episode, pg_tz *zone);

/* A text of many lines, made harmless; NULL when there is nothing in it but white space. */
extern char *line_of_prose(const char *prose);

/* Characters of a text without white space around it: its line has no fewer. */
extern int line_characters(const char *said);

#endif
