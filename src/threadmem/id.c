/*
 * threadmem/id.c: generated ids.
 *
 * A uuid is of version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, then random bits, so that
 * new rows land at the right end of their index.  PostgreSQL makes them itself only from 18 on.  A
 * prefixed id is the noun and 22 base62 characters, 131 random bits. Checkpoints and tasks have the
 * uuids of LangGraph, of versions 6 and 5.
 */
#include "threadmem/threadmem.h"

#include "common/cryptohash.h"
#include "common/sha1.h"
#include "datatype/timestamp.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#define BASE62_LENGTH 22
#define MSECS_1970_TO_2000 INT64CONST(946684800000)
#define TICKS_1582_TO_1970 UINT64CONST(122192928000000000) /* of 100 ns */
#define TICKS_MAX ((UINT64CONST(1) << 60) - 1)
#define PREFIX_MAX (ID_MAX_BYTES - 37) /* leaves room for a dot and a uuid */

static void
random_bytes(void *buf, size_t length)
{
	if (!pg_strong_random(buf, length))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
}

static void
write_uuid(const uint8 *bytes, char *out)
{
	for (int i = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		out += sprintf(out, "%02x", bytes[i]);
	}
}

static Datum
generate_uuid(void)
{
	int64 msecs = GetCurrentTimestamp() / 1000 + MSECS_1970_TO_2000;
	uint8 bytes[16];
	char hex[37];

	random_bytes(bytes + 6, 10);
	for (int i = 0; i < 6; i++)
		bytes[i] = (uint8)(msecs >> (40 - 8 * i));
	bytes[6] = (bytes[6] & 0x0f) | 0x70;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	write_uuid(bytes, hex);
	return CStringGetTextDatum(hex);
}

static Datum
generate_prefixed(const char *prefix)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	char id[64];
	char *out = id + snprintf(id, 32, "%s_", prefix);
	char *end = out + BASE62_LENGTH;

	while (out < end)
	{
		uint8 byte;

		random_bytes(&byte, 1);
		if (byte < 248) /* 4 * 62: a larger one would favour the first digits */
			*out++ = digits[byte % 62];
	}
	*out = '\0';
	return CStringGetTextDatum(id);
}

char *
random_hex(void)
{
	uint8 bytes[16];
	char *hex = palloc(33);

	random_bytes(bytes, sizeof(bytes));
	for (int i = 0; i < 16; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	return hex;
}

Datum
id_generate(const char *prefix)
{
	return setting_id_format == ID_UUID ? generate_uuid() : generate_prefixed(prefix);
}

/* False when the text is no uuid in its usual form. */
static bool
read_uuid(const char *spelled, uint8 *bytes)
{
	int digits = 0;

	for (; *spelled; spelled++)
	{
		unsigned char c = (unsigned char)*spelled;

		if (*spelled == '-' && (digits == 8 || digits == 12 || digits == 16 || digits == 20))
			continue;
		if (digits == 32 || !isxdigit(c))
			return false;
		bytes[digits / 2] =
			(uint8)(bytes[digits / 2] << 4 | (isdigit(c) ? c - '0' : tolower(c) - 'a' + 10));
		digits++;
	}
	return digits == 32;
}

/* RFC 9562 section 5.6: 100 ns since 1582, the greatest part first, so that text order is time's.
 */
static char *
uuid6_text(uint64 ticks, int64 step)
{
	uint8 bytes[16];
	char *spelled = palloc(37);
	uint16 group = 0x8000 | (uint16)(step & 0x3fff);

	random_bytes(bytes + 10, 6);
	for (int i = 0; i < 6; i++)
		bytes[i] = (uint8)(ticks >> (52 - 8 * i));
	bytes[6] = 0x60 | (uint8)((ticks >> 8) & 0x0f);
	bytes[7] = (uint8)ticks;
	bytes[8] = (uint8)(group >> 8);
	bytes[9] = (uint8)group;
	write_uuid(bytes, spelled);
	return spelled;
}

static bool
uuid6_ticks(const char *spelled, uint64 *ticks)
{
	uint8 bytes[16];

	if (!read_uuid(spelled, bytes) || bytes[6] >> 4 != 6)
		return false;
	*ticks = 0;
	for (int i = 0; i < 6; i++)
		*ticks = *ticks << 8 | bytes[i];
	*ticks = *ticks << 12 | (uint64)(bytes[6] & 0x0f) << 8 | bytes[7];
	return true;
}

/* The character after this one in the order of bytes, in its place; false when there is none. */
static bool
raise_character(unsigned char *at, int length)
{
	pg_wchar character;

	if (GetDatabaseEncoding() != PG_UTF8)
	{
		mbcharacter_incrementer increment = pg_database_encoding_character_incrementer();

		while (increment(at, length))
			if (id_is_good((char *)at, length))
				return true;
		return false;
	}
	character = utf8_to_unicode(at);
	if (character == 0x10ffff)
		return false;
	/* no control characters, no surrogates */
	character = character == '~' ? 0xa1 : character == 0xd7ff ? 0xe000 : character + 1;
	unicode_to_utf8(character, at);
	at[pg_utf_mblen(at)] = '\0';
	return true;
}

/*
 * The beginning of all ids that are to follow one that no uuid sorts above: the id itself where it
 * leaves room for a uuid, else the least text of that length above it. NULL when there is none.
 */
static char *
prefix_above(const char *newest)
{
	char *prefix = palloc0(PREFIX_MAX + MAX_MULTIBYTE_CHAR_LEN + 1);
	int length = (int)strlen(newest);
	int start;

	if (length > PREFIX_MAX)
		length = pg_mbcliplen(newest, length, PREFIX_MAX);
	memcpy(prefix, newest, length);
	if (!newest[length])
		return prefix;
	for (; length > 0; length = start)
	{
		start = pg_mbcliplen(prefix, length, length - 1);
		prefix[length] = '\0';
		if (raise_character((unsigned char *)prefix + start, length - start) &&
			strlen(prefix) <= PREFIX_MAX)
			return prefix;
	}
	return NULL;
}

bool
checkpoint_id_has_next(const char *id)
{
	return prefix_above(id) != NULL;
}

static bool
is_next(const char *id, const char *newest)
{
	return id && strlen(id) <= ID_MAX_BYTES && strcmp(id, newest) > 0;
}

/* A uuid with one tick more than one that begins at spelled, and after the text before it. */
static char *
count_on(const char *newest, const char *spelled, uint64 ticks, int64 step)
{
	uint64 last;

	if (!uuid6_ticks(spelled, &last) || last == TICKS_MAX)
		return NULL;
	return psprintf("%.*s%s", (int)(spelled - newest), newest,
					uuid6_text(Max(ticks, last + 1), step));
}

/*
 * The first of these that sorts above the newest: a uuid of now, one tick after the newest, the
 * same for the uuid at its end, and a uuid after all of it or of what can be above it. Ids of
 * others may look like uuids and be sorted in another way, so every one is compared.
 */
char *
checkpoint_id_generate(const char *newest, int64 step)
{
	uint64 ticks = (GetCurrentTimestamp() + MSECS_1970_TO_2000 * 1000) * 10 + TICKS_1582_TO_1970;
	char *id = uuid6_text(ticks, step);
	const char *dot = newest ? strrchr(newest, '.') : NULL;
	char *prefix;

	if (!newest || is_next(id, newest))
		return id;
	id = count_on(newest, newest, 0, step);
	if (!is_next(id, newest) && dot)
		id = count_on(newest, dot + 1, ticks, step);
	if (!is_next(id, newest) && (prefix = prefix_above(newest)) != NULL)
		id = psprintf("%s.%s", prefix, uuid6_text(ticks, step));
	if (!is_next(id, newest))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("no checkpoint id can follow"),
				 errdetail("checkpoint_id is \"%s\".", newest),
				 errhint("Copy the thread up to a checkpoint before it.")));
	return id;
}

char *
uuid_of_name(const char *name, const char *namespace)
{
	pg_cryptohash_ctx *context;
	uint8 bytes[16];
	uint8 digest[20];
	char *spelled;

	if (!read_uuid(namespace, bytes))
		return NULL;
	context = pg_cryptohash_create(PG_SHA1);
	if (pg_cryptohash_init(context) < 0 || pg_cryptohash_update(context, bytes, 16) < 0 ||
		pg_cryptohash_update(context, (const uint8 *)name, strlen(name)) < 0 ||
		pg_cryptohash_final(context, digest, sizeof(digest)) < 0)
		elog(ERROR, "could not compute SHA1: %s", pg_cryptohash_error(context));
	pg_cryptohash_free(context);
	digest[6] = (digest[6] & 0x0f) | 0x50;
	digest[8] = (digest[8] & 0x3f) | 0x80;
	spelled = palloc(37);
	write_uuid(digest, spelled);
	return spelled;
}
