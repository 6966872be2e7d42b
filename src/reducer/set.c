/*
 * reducer/set.c: sets of JSON values, told apart by their bytes.
 *
 * jsonb is canonical and its encoding does not depend on where a value stands in a document, so
 * equal bytes are the same value down to the scale of its numbers.
 */
#include "reducer/reducer.h"

#include "common/hashfn.h"

static uint32
hash_key(const void *key, Size keysize)
{
	const ReducerKey *k = key;

	return hash_bytes((const unsigned char *)k->bytes, k->length);
}

static int
compare_keys(const void *left, const void *right, Size keysize)
{
	const ReducerKey *l = left;
	const ReducerKey *r = right;

	return l->kind != r->kind || l->length != r->length || memcmp(l->bytes, r->bytes, l->length);
}

HTAB *
reducer_set(int size)
{
	HASHCTL control = {0};

	control.keysize = sizeof(ReducerKey);
	control.entrysize = sizeof(ReducerEntry);
	control.hash = hash_key;
	control.match = compare_keys;
	control.hcxt = CurrentMemoryContext;
	return hash_create("reducer set", Max(size, 16), &control,
					   HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

ReducerKey
reducer_key(const JsonbValue *value)
{
	switch (value->type)
	{
	case jbvString:
		return (ReducerKey){value->type, value->val.string.len, value->val.string.val};
	case jbvNumeric:
		return (ReducerKey){value->type, VARSIZE_ANY(value->val.numeric),
							(const char *)value->val.numeric};
	case jbvBinary:
		return (ReducerKey){value->type, value->val.binary.len,
							(const char *)value->val.binary.data};
	case jbvBool:
		return (ReducerKey){value->type, 1, value->val.boolean ? "t" : "f"};
	default:
		return (ReducerKey){value->type, 0, ""};
	}
}

ReducerEntry *
reducer_entry(HTAB *set, const ReducerKey *key, bool *found)
{
	ReducerEntry *entry = hash_search(set, key, HASH_ENTER, found);

	if (!*found)
	{
		entry->position = entry->first = 0;
		entry->removed = 0;
	}
	return entry;
}
