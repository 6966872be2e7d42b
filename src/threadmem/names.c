/*
 * threadmem/names.c: a hash table of strings, with open addressing.
 */
#include "threadmem/names.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/memutils.h"

#define SLOTS 16 /* of a new table; a power of two */

struct Names
{
	MemoryContext memory;
	NameEntry **slots;
	uint32 mask;
	uint32 count;
};

static void
make_slots(Names *names, uint32 size)
{
	names->mask = size - 1;
	names->slots = MemoryContextAllocExtended(names->memory, sizeof(NameEntry *) * size,
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

Names *
names_new(void)
{
	Names *names = palloc(sizeof(Names));

	names->memory = CurrentMemoryContext;
	names->count = 0;
	make_slots(names, SLOTS);
	return names;
}

/* Where the string is, or where it belongs. */
static NameEntry **
slot_of(const Names *names, const char *bytes, int length, uint32 hash)
{
	uint32 at = hash & names->mask;
	const NameEntry *name;

	while ((name = names->slots[at]) != NULL &&
		   (name->hash != hash || name->length != length ||
			(length > 0 && memcmp(name->bytes, bytes, length) != 0)))
		at = (at + 1) & names->mask;
	return &names->slots[at];
}

static uint32
hash_of(const char *bytes, int length)
{
	return hash_bytes((const unsigned char *)bytes, length);
}

static void
grow(Names *names)
{
	NameEntry **old = names->slots;
	uint32 size = names->mask + 1;

	make_slots(names, 2 * size);
	for (uint32 i = 0; i < size; i++)
		if (old[i])
			*slot_of(names, old[i]->bytes, old[i]->length, old[i]->hash) = old[i];
	pfree(old);
}

NameEntry *
names_add(Names *names, const char *bytes, int length)
{
	uint32 hash = hash_of(bytes, length);
	NameEntry **slot = slot_of(names, bytes, length, hash);

	CHECK_FOR_INTERRUPTS();
	if (*slot)
		return *slot;
	if (names->count >= names->mask / 2)
	{
		grow(names);
		slot = slot_of(names, bytes, length, hash);
	}
	names->count++;
	*slot = MemoryContextAlloc(names->memory, sizeof(NameEntry));
	**slot = (NameEntry){.bytes = bytes, .length = length, .hash = hash};
	return *slot;
}

NameEntry *
names_find(const Names *names, const char *bytes, int length)
{
	return *slot_of(names, bytes, length, hash_of(bytes, length));
}

NameEntry *
names_find_text(const Names *names, NullableDatum value)
{
	text *bytes = value.isnull ? NULL : DatumGetTextPP(value.value);

	return bytes ? names_find(names, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)) : NULL;
}

bool
names_take(Names *names, const char *string)
{
	uint32 before = names->count;

	(void)names_add(names, string, (int)strlen(string));
	return names->count > before;
}

bool
names_has(const Names *names, const char *string)
{
	return names_find(names, string, (int)strlen(string)) != NULL;
}

Names *
names_of_list(NullableDatum list)
{
	Names *names = names_new();
	Datum *elements;
	bool *nulls;
	int count = 0;

	if (!list.isnull)
		deconstruct_array(DatumGetArrayTypeP(list.value), TEXTOID, -1, false, TYPALIGN_INT,
						  &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		text *element = nulls[i] ? NULL : DatumGetTextPP(elements[i]);

		if (element)
			(void)names_add(names, VARDATA_ANY(element), VARSIZE_ANY_EXHDR(element));
	}
	return names;
}
