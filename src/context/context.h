/*
 * context/context.h: which messages go before a model (message_context()).
 *
 * context/window.c chooses and touches no table; context/source.c reads the messages from the log
 * or the state; context/count.c counts their tokens; context/context.c reads the arguments and
 * answers. No room after this one needs it.
 *
 *  window  what is chosen: as much as the limits of tokens and messages let in
 *  unit    what is chosen or left out as a whole: a message, or calls of tools and their answers
 *  head    here the beginning of the thread, as in head_messages and "head_tail", which are SQL's
 *          words; tail is its end, where the newest messages are
 *  aside   an answer that has been read, while its call has not: reading goes from the newest back
 *  misfit  the unit that the limits kept out next
 */
#ifndef CONTEXT_H
#define CONTEXT_H

#include "state/state.h"

/* A message as the choice sees it. A window may have all of a long thread, so it is small. */
typedef struct WindowItem
{
	int64 place; /* in the thread's order, each its own */
	int64 rev;
	const char *role;
	const MessageTools *tools; /* of calls but ids and names */
	const char *run_id;        /* one pointer for one run; NULL for none */
	int64 tokens;              /* -1 until counted */
	HeapTuple row;             /* as it was read; NULL: let go, and to be read again */
	Jsonb *body;               /* NULL: not kept; see context/source.c */
} WindowItem;

typedef struct MissingAnswer
{
	WindowItem *caller;
	MessageCall *call;
} MissingAnswer;

/* What stays or goes together: one message, or calls and all their answers. */
typedef struct WindowUnit
{
	List *items;       /* of WindowItem; NIL for the first one alone */
	WindowItem *first; /* with which it begins */
	List *missing;     /* of MissingAnswer */
	int64 tokens;      /* both with the answers that are missing */
	int64 messages;
	bool is_unfinished; /* thoughts that nothing of the same answer follows */
} WindowUnit;

typedef enum WindowStrategy
{
	WINDOW_LAST,
	WINDOW_MIDDLE,
	WINDOW_HEAD_TAIL
} WindowStrategy;

/* Tokens and messages are what the conversation may take; PG_INT64_MAX is no limit. */
typedef struct WindowRules
{
	WindowStrategy strategy;
	int64 tokens;
	int64 messages;
	int64 head_messages;
	const char *start_on; /* canonical role, NULL for any */
	bool close;           /* a call without an answer gets one, instead of being left out */
	int64 answer_tokens;  /* what that answer counts */
} WindowRules;

/* Where the messages come from; what they give lives as long as the call. */
typedef struct WindowSource
{
	/* The newest message not read yet, NULL (again and again) when there is none. */
	WindowItem *(*older)(struct WindowSource *source);
	/* Adds some more of the oldest messages, in order; false when the list has them all. */
	bool (*more_of_head)(struct WindowSource *source, List **items);
	int64 (*count)(struct WindowSource *source, WindowItem *item);
} WindowSource;

typedef struct Window
{
	List *units; /* of WindowUnit, in no order */
	int64 tokens;
	int64 messages;
	WindowUnit *misfit;     /* what the limits kept out next; NULL when there was nothing more */
	bool misfit_is_of_head; /* of the head_messages, which are promised */
	int trimmed;            /* units that start_on took */
} Window;

/* The items of a unit, a list of the caller's own. */
extern List *unit_items(const WindowUnit *unit);

/* Fills window; reads from the source as far as it has to. */
extern void window_choose(WindowSource *source, const WindowRules *rules, Window *window);

/* Counts tokens by threadmem.token_counter, or without it by characters and their scripts. */
typedef struct TokenCounter
{
	const char *name; /* NULL: by characters */
	FmgrInfo function;
} TokenCounter;

/* 22023 when the setting names no such function, 42501 when it may not be called. */
extern void counter_open(TokenCounter *counter);
/* 22023 when the function gives what is no count. */
extern int64 counter_count(TokenCounter *counter, text *prompt);

/* The columns of an item's row, as source_column() knows them. */
typedef enum ItemColumn
{
	ITEM_PLACE = 1,
	ITEM_REV,
	ITEM_MESSAGE_ID,
	ITEM_SEQ,
	ITEM_ROLE,
	ITEM_NAME,
	ITEM_TOOL_CALL_ID,
	ITEM_BODY,
	ITEM_ID_FROM,
	ITEM_RUN_ID
} ItemColumn;

/* A body that is being looked at, with all its calls say. */
typedef struct OpenBody
{
	const WindowItem *item; /* NULL for none */
	Jsonb *body;
	MessageTools tools;
	MemoryContext memory; /* of both */
} OpenBody;

/* Rows of a statement that become items one after the other. */
typedef struct ItemPage
{
	SPITupleTable *table;
	WindowItem *items;
	int rows;
	int read;
	bool backwards;
	int64 begin; /* of a list: the place of the first one that was asked for */
} ItemPage;

/* A thread's messages as the state has them, or the log where no state has any. */
typedef struct ThreadSource
{
	WindowSource window; /* first: it is what window_choose() knows */
	Call *call;
	NullableDatum thread_id;
	bool keep_system; /* system messages are read apart, and by nothing else */
	TokenCounter counter;
	bool from_state;
	HeldList held;     /* of the state */
	int64 total;       /* messages there are, whatever they are */
	TupleDesc columns; /* of the items' rows */
	Names *roles;      /* that were met */
	Names *runs;
	Size kept;        /* bytes of rows and bodies that are kept */
	OpenBody open[2]; /* two in turn: what comes next is read before one is counted */
	int turn;
	ItemPage page;        /* older ones */
	int page_rows;        /* how many to read next */
	NullableDatum before; /* go on before this place */
	NullableDatum after;  /* the head goes on after this one */
	int head_rows;
} ThreadSource;

/* P0002 when there is no such thread. */
extern void source_open(ThreadSource *source, Call *call, NullableDatum thread_id,
						bool keep_system);
/* All system messages (of WindowItem), with their tokens and in no order. */
extern List *source_system(ThreadSource *source);
/* Reads the rows of items again that were let go. */
extern void source_reread(ThreadSource *source, WindowItem **items, int count);
/* A column of an item whose row is there, and its body. */
extern NullableDatum source_column(const ThreadSource *source, WindowItem *item, ItemColumn column);
extern Jsonb *source_body(const ThreadSource *source, WindowItem *item);
/* Lets an item go for good. */
extern void source_free(ThreadSource *source, WindowItem *item);
/* An empty memory for one item after another, once all are counted. */
extern MemoryContext source_memory(ThreadSource *source);

#endif
