/*
 * memory/memory.h: what is remembered of a user (docs/concepts.md#user-memory).
 *
 * Nothing is copied to be remembered: every live message of a user's thread is memory from its
 * commit on, unless who stored it said that its role is not (in_memory), and so is what the user
 * said in threads of others (in_sender_memory). The table episodes has the rest: data that was
 * added, and the messages of threads that were deleted.
 *
 * Each of the two is forgotten by itself: who owns a thread has all that was said there, who takes
 * part what it said itself, and neither takes it from the other.
 *
 *  episode  one thing that is remembered: such a message, or a row of episodes
 *  query    what is looked for, in lines: the last messages of a thread, or one text
 *  line     something said: a message of a query, an episode where it is ranked (RankLine), or as
 *           the model gets it (memory/line.c)
 *  term     a word of the query with its other forms, or what is of a kind that a word names
 *  rank     how well a line answers a query (memory/rank.c); it touches no table
 *  reading  the rows that one search looks at (memory/read.h)
 *  block    the text that thread_context() puts before a model (memory/block.c)
 */
#ifndef MEMORY_H
#define MEMORY_H

#include "group/group.h"
#include "message/message.h"

/* What is asked of memory. */
typedef struct MemoryQuery
{
	NullableDatum user_id;
	List *lines;             /* of char *, the newest last */
	NullableDatum as_of;     /* timestamptz: nothing said later; null: all */
	NullableDatum filters;   /* jsonb, as memory_search() takes it; null: none */
	NullableDatum thread_id; /* the thread that asks, null: none */
	NullableDatum embedding; /* real[], what is looked for beside the words; null: none */
	int64 from_seq;    /* its messages from here on are the query itself and no answers; 0: none */
	int64 asked;       /* so many */
	bool among_others; /* scores are compared with those of other memories */
	int max_rows;
	int max_characters; /* one with a longer text takes its place but is not given; 0: any */
} MemoryQuery;

/* An episode that was found: a live message, or what memory keeps beside messages. */
typedef struct Episode
{
	char *owner_id;     /* whose memory it was found in */
	const char *source; /* message; of a row of episodes text, json, message, deleted_thread */
	char *episode_id;   /* of a row of episodes, NULL for a message */
	char *thread_id;    /* NULL for added data */
	char *message_id;   /* NULL for added data */
	int64 seq;          /* in its thread, 0 for added data */
	char *role;
	char *sender_id;      /* the speaker; NULL where nobody said */
	char *name;           /* its name: the message's, else the user's, else sender_id; or NULL */
	char *content;        /* its text */
	TimestampTz event_at; /* the caller's time, else the server's */
	TimestampTz created_at;
	Jsonb *metadata;
	double score;
} Episode;

/* The columns of the view threadmem.episodes, from table or view alias e. */
#define EPISODE_COLUMNS \
	"e.user_id, e.episode_id, e.source, e.thread_id, e.message_id, e.seq, e.role, e.name," \
	" e.sender_id, e.event_at, e.created_at, e.source_description, e.metadata, e.content, e.embedding"

/* Live messages m of threads of the user $2, and those that it sent elsewhere; each by its index.
 */
#define OF_OWNER "m.tenant_id = $1 AND m.user_id = $2 AND m.state = 'live'"
#define OF_SENDER \
	"m.tenant_id = $1 AND m.sender_id = $2 AND " SENT_TO_OTHERS("m.") " AND m.state = 'live'"

/* Such of them, aliased m, as rows of the view threadmem.episodes. */
#define MESSAGES_AS_EPISODES(user_id, which) \
	"SELECT " user_id \
	" AS user_id, NULL::text AS episode_id, 'message'::text AS source, m.thread_id," \
	" m.message_id, m.seq, m.role, m.name, m.sender_id, m.event_at, m.created_at," \
	" NULL::text AS source_description, m.metadata, threadmem.message_text(m.body) AS content," \
	" m.embedding FROM threadmem_data.messages m WHERE " which \
	" AND threadmem.message_text(m.body) IS NOT NULL"

/*
 * What answers a query: by its words, by its embedding or by both; the newest episodes when it has
 * neither. Of Episode, best first, as all that follow; reads only.
 */
extern List *memory_find(Call *call, const MemoryQuery *query);

/*
 * The same in several memories (owners: of Datum, text), the first of them first: what is in two is
 * of the first, and owner_id is set (memory/owners.c).
 */
extern List *memory_find_in(Call *call, const MemoryQuery *query, List *owners);

/*
 * The last messages of a thread (threadmem.memory_query_messages) as the lines of a query, and
 * from_seq. P0002 when there is no such thread.
 */
extern void memory_thread_query(Call *call, NullableDatum thread_id, MemoryQuery *query);

/*
 * Before a thread goes: what is remembered of it becomes episodes, of its owner and of who else
 * said something; how many messages. The caller holds the lock.
 */
extern int64 memory_keep_thread(Call *call, NullableDatum thread_id, const ThreadRow *thread);

/* What anybody's memory kept of a thread that its owner had under this id before; how many
 * episodes. */
extern int64 memory_forget_thread(Call *call, NullableDatum thread_id, const ThreadRow *thread);

/* What memory kept of an erased message of a thread under this id. */
extern void memory_forget_messages(Call *call, NullableDatum thread_id, NullableDatum message_ids);

/*
 * All that is kept of a user, its working memory too, and what it said in threads of others that
 * are gone; how many.
 */
extern int64 memory_forget_user(Call *call, NullableDatum user_id);

/* What thread_context() is asked for; a null is the default. */
typedef struct BlockRequest
{
	NullableDatum thread_id;
	NullableDatum max_characters;
	NullableDatum template; /* the id of a stored one, or one itself */
	NullableDatum as_of;
	NullableDatum embedding; /* of the thread's last messages */
} BlockRequest;

/* The block (memory/block.c). */
extern char *block_write(Call *call, const BlockRequest *request);

#endif
