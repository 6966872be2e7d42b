/*
 * query/position.c: the order of a list, and a place in it as text.
 *
 * A position goes on where its row stood, whether or not the row is still there: it has the values
 * that the list is sorted by and the key that breaks ties, to the bit.  Written in base64 for URLs
 * (RFC 4648 section 5, not padded) are
 *
 *     4 bytes   CRC-32C of the list's name, of a zero byte and of all that follows
 *     each of the order's columns in turn, by its letter:
 *     t         text: 2 bytes with its length, then its bytes
 *     z, l      timestamptz in microseconds, int8: 8 bytes
 *     i, f      int4, float4: 4 bytes
 *
 * with the most significant byte first.  The name says which list it is, of what (a thread, a
 * user), by what it is sorted and which way; so the checksum refuses what is no position, what was
 * cut off, and the position of another list.  It is no secret and no seal: who makes one up comes
 * to a place in his own list.  No text in an order is longer than an id, a namespace or SORT_TEXT
 * characters, hence POSITION_MAX.
 */
#include "query/query.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "port/pg_crc32c.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(threadmem_position_of);

#define POSITION_MAX 4096
#define CRC_BYTES 4

/* The types that lists are sorted by. */
static char
letter_of(Oid type)
{
	switch (type)
	{
	case TEXTOID:
		return 't';
	case TIMESTAMPTZOID:
		return 'z';
	case INT8OID:
		return 'l';
	case INT4OID:
		return 'i';
	case FLOAT4OID:
		return 'f';
	}
	error_bad_input("place", "No list is sorted by %s.", format_type_be(type));
}

static uint32
checksum(const char *list, int length, const char *bytes, int count)
{
	pg_crc32c crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, list, length);
	COMP_CRC32C(crc, "", 1);
	COMP_CRC32C(crc, bytes, count);
	FIN_CRC32C(crc);
	return crc;
}

static int
bytes_of(char letter, Datum value)
{
	Size length;

	if (letter != 't')
		return letter == 'i' || letter == 'f' ? 4 : 8;
	length = VARSIZE_ANY_EXHDR(DatumGetPointer(value));
	if (length > PG_UINT16_MAX)
		error_bad_input("place", "A text in it has at most %d bytes.", PG_UINT16_MAX);
	return 2 + (int)length;
}

static char *
put_number(char *at, uint64 number, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (char)(number >> 8 * (bytes - 1 - i));
	return at + bytes;
}

static char *
put_value(char *at, char letter, Datum value)
{
	int bytes = bytes_of(letter, value);
	float4 real = letter == 'f' ? DatumGetFloat4(value) : 0;
	uint32 bits;

	switch (letter)
	{
	case 't':
		at = put_number(at, bytes - 2, 2);
		memcpy(at, VARDATA_ANY(DatumGetPointer(value)), bytes - 2);
		return at + bytes - 2;
	case 'f':
		memcpy(&bits, &real, sizeof(bits));
		return put_number(at, bits, 4);
	case 'i':
		return put_number(at, (uint32)DatumGetInt32(value), 4);
	default:
		return put_number(at, DatumGetInt64(value), 8);
	}
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static text *
encode(const char *bytes, int count)
{
	const unsigned char *in = (const unsigned char *)bytes;
	int length = count / 3 * 4 + (count % 3 ? count % 3 + 1 : 0);
	text *out = palloc(VARHDRSZ + length);
	char *at = VARDATA(out);

	SET_VARSIZE(out, VARHDRSZ + length);
	for (int i = 0; i < count; i += 3)
	{
		uint32 three =
			in[i] << 16 | (i + 1 < count ? in[i + 1] : 0) << 8 | (i + 2 < count ? in[i + 2] : 0);

		for (int k = 0; k < 4 && k <= count - i; k++)
			*at++ = digits[three >> (18 - 6 * k) & 63];
	}
	return out;
}

/* Only what encode() gives: no other digits, none too many, no bits left over. */
static bool
decode(text *position, StringInfo bytes)
{
	int length = VARSIZE_ANY_EXHDR(position);
	uint32 bits = 0;
	int left = 0; /* bits not yet taken */

	if (length > POSITION_MAX)
		return false;
	initStringInfo(bytes);
	for (int i = 0; i < length; i++)
	{
		const char *digit = memchr(digits, VARDATA_ANY(position)[i], sizeof(digits) - 1);

		if (!digit)
			return false;
		bits = bits << 6 | (uint32)(digit - digits);
		left += 6;
		if (left >= 8)
		{
			left -= 8;
			appendStringInfoChar(bytes, (char)(bits >> left));
			bits &= (1 << left) - 1;
		}
	}
	return left < 6 && bits == 0 && bytes->len >= CRC_BYTES;
}

static text *
position_of(text *list, const char *types, const NullableDatum *values)
{
	Datum plain[ORDER_COLUMNS];
	char room[512];
	int count = CRC_BYTES;
	char *bytes = room;
	char *at;

	for (int i = 0; types[i]; i++)
	{
		plain[i] = values[i].value;
		if (types[i] == 't')
			plain[i] = PointerGetDatum(DatumGetTextPP(plain[i]));
		count += bytes_of(types[i], plain[i]);
	}
	if (count > sizeof(room))
		bytes = palloc(count);
	at = bytes + CRC_BYTES;
	for (int i = 0; types[i]; i++)
		at = put_value(at, types[i], plain[i]);
	put_number(
		bytes,
		checksum(VARDATA_ANY(list), VARSIZE_ANY_EXHDR(list), bytes + CRC_BYTES, count - CRC_BYTES),
		CRC_BYTES);
	return encode(bytes, count);
}

/* The letters of the arguments, found out once for all rows of a statement. */
static const char *
types_of(FunctionCallInfo fcinfo)
{
	char *types = fcinfo->flinfo->fn_extra;

	if (types)
		return types;
	if (PG_NARGS() - 1 > ORDER_COLUMNS)
		error_bad_input("place", "No list is sorted by %d columns.", PG_NARGS() - 1);
	types = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, ORDER_COLUMNS + 1);
	for (int i = 1; i < PG_NARGS(); i++)
		types[i - 1] = letter_of(get_fn_expr_argtype(fcinfo->flinfo, i));
	fcinfo->flinfo->fn_extra = types;
	return types;
}

/* position_of(list, VARIADIC "any"): of a row, as its list's statement calls it */
Datum
threadmem_position_of(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(position_of(PG_GETARG_TEXT_PP(0), types_of(fcinfo), fcinfo->args + 1));
}

NullableDatum
order_position(const Order *order, const NullableDatum *values)
{
	return ARG(PointerGetDatum(position_of(cstring_to_text(order->list), order->types, values)));
}

/* The next value, of what is left from the cursor on; false when that is not one. */
static bool
take_value(StringInfo bytes, char letter, NullableDatum *value)
{
	int length = letter == 't' ? 2 : bytes_of(letter, (Datum)0);
	int left = bytes->len - bytes->cursor;
	const char *string;

	if (left < length)
		return false;
	if (letter == 'i')
		*value = ARG(Int32GetDatum((int32)pq_getmsgint(bytes, 4)));
	else if (letter == 'f')
		*value = ARG(Float4GetDatum(pq_getmsgfloat4(bytes)));
	else if (letter != 't')
		*value = ARG(Int64GetDatum(pq_getmsgint64(bytes)));
	else
	{
		length = pq_getmsgint(bytes, 2);
		if (left - 2 < length)
			return false;
		string = pq_getmsgbytes(bytes, length);
		if (!pg_verify_mbstr(GetDatabaseEncoding(), string, length, true))
			return false;
		*value = ARG(PointerGetDatum(cstring_to_text_with_len(string, length)));
	}
	return true;
}

static bool
take_values(const Order *order, Datum position, NullableDatum *values)
{
	StringInfoData bytes;
	int i = 0;

	if (!decode(DatumGetTextPP(position), &bytes))
		return false;
	if ((uint32)pq_getmsgint(&bytes, CRC_BYTES) != checksum(order->list, (int)strlen(order->list),
															bytes.data + CRC_BYTES,
															bytes.len - CRC_BYTES))
		return false;
	while (order->types[i] && take_value(&bytes, order->types[i], &values[i]))
		i++;
	return order->types[i] == '\0' && bytes.cursor == bytes.len;
}

void
order_read(const Order *order, const char *argument, NullableDatum position, NullableDatum *values)
{
	if (!take_values(order, position.value, values))
		error_bad_input(argument, "It is no position in this list, sorted this way.");
}

char *
order_column(const Order *order, Built *built, const char *columns)
{
	return psprintf("threadmem.position_of($%d, %s)", built_arg(built, 't', ARG_TEXT(order->list)),
					columns);
}

/* The columns from one to another, or the arguments from a number on in their place. */
static char *
columns_of(const Order *order, int from, int to, int argument)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = from; i < to; i++)
	{
		appendStringInfoString(&out, i > from ? ", " : "(");
		if (argument > 0)
			appendStringInfo(&out, "$%d", argument + i);
		else
			appendStringInfoString(&out, order->columns[i]);
	}
	appendStringInfoChar(&out, ')');
	return out.data;
}

/*
 * Rows are compared whole, for that an index can do; where some columns go one way and the rest the
 * other, those that lead bound the scan and the others decide among their equals.
 */
void
order_go_on(const Order *order, Built *built, const NullableDatum *values, bool before)
{
	int count = (int)strlen(order->types);
	int turn = order->turn > 0 ? order->turn : count;
	bool down = order->descending != before;
	int first = 0;

	for (int i = 0; i < count; i++)
	{
		int number = built_arg(built, order->types[i], values[i]);

		first = i == 0 ? number : first;
	}
	if (turn == count)
		appendStringInfo(&built->sql, " AND %s %c %s", columns_of(order, 0, count, 0),
						 down ? '<' : '>', columns_of(order, 0, count, first));
	else
		appendStringInfo(
			&built->sql, " AND %s %c= %s AND (%s %c %s OR %s %c %s)", columns_of(order, 0, turn, 0),
			down ? '<' : '>', columns_of(order, 0, turn, first), columns_of(order, 0, turn, 0),
			down ? '<' : '>', columns_of(order, 0, turn, first), columns_of(order, turn, count, 0),
			down ? '>' : '<', columns_of(order, turn, count, first));
}

void
order_add(const Order *order, Built *built)
{
	int count = (int)strlen(order->types);
	int turn = order->turn > 0 ? order->turn : count;

	for (int i = 0; i < count; i++)
		appendStringInfo(&built->sql, "%s%s%s", i == 0 ? " ORDER BY " : ", ", order->columns[i],
						 order->descending == (i < turn) ? " DESC" : "");
}

void
order_give_one(const char *argument, NullableDatum one, const char *other_argument,
			   NullableDatum other)
{
	if (!one.isnull && !other.isnull)
		error_bad_input(argument, "Give either %s or %s, not both.", argument, other_argument);
}
