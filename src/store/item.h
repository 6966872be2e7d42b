/*
 * store/item.h: what the files of this room share: names, and single items.
 */
#ifndef STORE_ITEM_H
#define STORE_ITEM_H

#include "store/store.h"

#define PATH_MAX_BYTES 1000
#define KEY_MAX_BYTES 1000

/* Of a row whose time is not over. */
#define STORE_LIVE "(s.expires_at <= clock_timestamp()) IS NOT TRUE"

/*
 * The path of a namespace, a text; null for one without labels, or an SQL null. argument is what
 * errors name. 22023 for labels that no item can have.
 */
extern NullableDatum path_of(const char *argument, NullableDatum labels);
/* The same, and 22023 for none. */
extern NullableDatum path_of_item(const char *argument, NullableDatum labels);
/*
 * The paths that begin with one are from that one on, without it from path_below(), and before
 * path_end().
 */
extern NullableDatum path_below(NullableDatum path);
extern NullableDatum path_end(NullableDatum path);
/* The labels of a path, or of a text[], of char *. 22023. */
extern List *path_labels(const char *path);
extern List *labels_of(const char *argument, NullableDatum labels);
/* The first so many labels of a path, all where it has no more; palloc'd. */
extern char *path_first(const char *path, int64 labels);
/* A path as people read it, palloc'd. */
extern char *path_shown(NullableDatum path);

/* A search goes on without an item that no function has written so. */
extern void warn_damaged(const char *column);

/* 22023 unless it has 1 to 1,000 bytes. */
extern void guard_key(const char *argument, NullableDatum key);

/* What is stored; path and key are good. */
typedef struct StorePut
{
	NullableDatum path;
	NullableDatum key;
	NullableDatum user_id; /* whose it is */
	NullableDatum value;
	NullableDatum search;
	NullableDatum embeddings;
	NullableDatum ttl;
} StorePut;

/*
 * Fills in what follows from namespace, key and value; indexed is a text[] of paths, null for all.
 * 22023, 54000; 42501 where the session is narrowed to somebody else.
 */
extern void store_draft(StorePut *put, NullableDatum labels, NullableDatum indexed);
/* Stores it; the row is the last statement's. Its person is locked. */
extern void store_write(Call *call, const StorePut *put);
/* Whether there was one that had not expired. */
extern bool store_remove(Call *call, NullableDatum path, NullableDatum key);
/* Renews those that have a time to live; two text[] of the same length. How many. */
extern int64 store_renew(Call *call, NullableDatum paths, NullableDatum keys);
/* An item as jsonb, null for none. */
extern NullableDatum store_read(Call *call, NullableDatum path, NullableDatum key);

/* The lexemes of the parts of a value that paths lead to, a tsvector (store/words.c). */
extern Datum store_words(Jsonb *value, NullableDatum indexed);
/* What a person asks, as a tsquery for any of its words; null for one without words. */
extern NullableDatum store_question(NullableDatum words);

/* 22023 for what is no filter (store/filter.c). */
extern void guard_filter(NullableDatum filter);

/* What a search is asked for; a null is none (store/search.c). */
typedef struct StoreSearch
{
	NullableDatum prefix; /* text[] */
	NullableDatum filter;
	NullableDatum query;
	NullableDatum embedding;
	int64 max_rows;
	int64 skip;
	NullableDatum after_position;
} StoreSearch;

/* Adds the statement of a page to a text: the columns of the view threadmem.listed_store_item. */
extern void store_search_add(Call *call, Built *built, const StoreSearch *search);

/* What a list of namespaces is asked for (store/namespaces.c). */
typedef struct NamespaceSearch
{
	List *prefixes; /* of List of char *; all hold */
	List *suffixes;
	int64 max_depth; /* 0: all */
	int64 max_rows;
	int64 skip;
	NullableDatum after_position;
} NamespaceSearch;

/* The page, of char * paths; whether more follow. */
extern List *store_namespaces(Call *call, const NamespaceSearch *search, bool *has_more);

#endif
