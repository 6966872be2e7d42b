/*
 * threadmem_id.c: generated ids.
 *
 * A uuid is of version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, then random bits, so that
 * new rows land at the right end of their index.  PostgreSQL makes them itself only from 18 on.  A
 * prefixed id is the noun and 22 base62 characters, 131 random bits. Checkpoints and tasks have the
 * uuids of LangGraph, of versions 6 and 5.
 */
#include "threadmem.h"

#include "common/cryptohash.h"
#include "common/sha1.h"
#include "datatype/timestamp.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#define BASE62_LENGTH 22
#define MSECS_1970_TO_2000 INT64CONST(946684800000)
#define TICKS_1582_TO_1970 UINT64CONST(122192928000000000) /* of 100 ns */

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

Datum
id_generate(const char *prefix)
{
	return setting_id_format == ID_UUID ? generate_uuid() : generate_prefixed(prefix);
}

/* False when the text is no uuid in its usual form. */
static bool
read_uuid(const char *spelled, uint8 *bytes)
{
	char hex[33];
	int digits = 0;

	for (; *spelled; spelled++)
	{
		if (*spelled == '-' && (digits == 8 || digits == 12 || digits == 16 || digits == 20))
			continue;
		if (digits == 32 || !isxdigit((unsigned char)*spelled))
			return false;
		hex[digits++] = *spelled;
	}
	hex[digits] = '\0';
	if (digits != 32)
		return false;
	for (int i = 0; i < 16; i++)
	{
		unsigned int byte;

		sscanf(hex + 2 * i, "%2x", &byte);
		bytes[i] = (uint8)byte;
	}
	return true;
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

/* Where no uuid sorts above the newest id, it becomes the beginning of all that follow. */
char *
checkpoint_id_generate(const char *newest, int64 step)
{
	uint64 ticks = (GetCurrentTimestamp() + MSECS_1970_TO_2000 * 1000) * 10 + TICKS_1582_TO_1970;
	uint64 last;
	char *id = uuid6_text(ticks, step);
	const char *dot;

	if (!newest || strcmp(id, newest) > 0)
		return id;
	if (uuid6_ticks(newest, &last))
		return uuid6_text(last + 1, step);
	dot = strrchr(newest, '.');
	if (dot && uuid6_ticks(dot + 1, &last))
		return psprintf("%.*s.%s", (int)(dot - newest), newest,
						uuid6_text(Max(ticks, last + 1), step));
	return psprintf("%s.%s", newest, id);
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
