/*
 * threadmem_id.c: generated ids.
 *
 * A uuid is of version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, then random bits, so that
 * new rows land at the right end of their index.  PostgreSQL makes them itself only from 18 on.  A
 * prefixed id is the noun and 22 base62 characters, 131 random bits.
 */
#include "threadmem.h"

#include "datatype/timestamp.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#define BASE62_LENGTH 22
#define MSECS_1970_TO_2000 INT64CONST(946684800000)

static void
random_bytes(void *buf, size_t length)
{
	if (!pg_strong_random(buf, length))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
}

static Datum
generate_uuid(void)
{
	int64 msecs = GetCurrentTimestamp() / 1000 + MSECS_1970_TO_2000;
	uint8 bytes[16];
	char hex[37];
	char *out = hex;

	random_bytes(bytes + 6, 10);
	for (int i = 0; i < 6; i++)
		bytes[i] = (uint8)(msecs >> (40 - 8 * i));
	bytes[6] = (bytes[6] & 0x0f) | 0x70;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		out += sprintf(out, "%02x", bytes[i]);
	}
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
