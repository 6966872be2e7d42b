/*
 * memory/line.h: how what was found is shown to a model.
 */
#ifndef MEMORY_LINE_H
#define MEMORY_LINE_H

#include "memory/graph.h"

#include "pgtime.h"

/* "  - Name (role): text (2024-06-01 13:11:12)", NULL for an episode without text. */
extern char *line_of_episode(const Episode *episode, pg_tz *zone);

/* "  - text (Date range: 2024-06-01 13:11:12 - present)", and its attributes below. */
extern char *line_of_fact(const NullableDatum *fact, bool attributes, pg_tz *zone);

/* "  - Name: Lyon", and below it label, attributes and summary, what there is of them. */
extern char *line_of_entity(const NullableDatum *entity, bool attributes);

/* "  - label (description): text", NULL for a block without one. */
extern char *line_of_block(const char *label, const char *description, const char *value);

/* A text of many lines, made harmless; NULL when there is nothing in it but white space. */
extern char *line_of_prose(const char *prose);

/* Characters of a text without white space around it: its line has no fewer. */
extern int line_characters(const char *said);

#endif
