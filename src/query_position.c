/*
 * query_position.c: the order of a list, and a place in it as text.
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
#include "query.h"

#include "common/base64.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "port/pg_crc32c.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(threadmem_position_of);

#define POSITION_MAX 4096
#define CRC_BYTES 4

static const struct
{
	char letter;
	Oid type;
	int bytes; /* 0: told by a length before them */
} letters[] = {{'t', TEXTOID, 0},
			   {'z', TIMESTAMPTZOID, 8},
			   {'l', INT8OID, 8},
			   {'i', INT4OID, 4},
			   {'f', FLOAT4OID, 4}};

static char
letter_of(Oid type)
{
	for (int i = 0; i < lengthof(letters); i++)
		if (letters[i].type == type)
			return letters[i].letter;
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

static void
put_value(StringInfo bytes, char letter, Datum value)
{
	switch (letter)
	{
	case 't':
	{
		text *string = DatumGetTextPP(value);

		if (VARSIZE_ANY_EXHDR(string) > PG_UINT16_MAX)
			error_bad_input("place", "A text in it has at most %d bytes.", PG_UINT16_MAX);
		pq_sendint16(bytes, VARSIZE_ANY_EXHDR(string));
		appendBinaryStringInfo(bytes, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
		break;
	}
	case 'i':
		pq_sendint32(bytes, DatumGetInt32(value));
		break;
	case 'f':
		pq_sendfloat4(bytes, DatumGetFloat4(value));
		break;
	default:
		pq_sendint64(bytes, DatumGetInt64(value));
	}
}

/* The 64 digits of the usual base64, two of them replaced, without the padding. */
static text *
encode(const StringInfo bytes)
{
	int room = pg_b64_enc_len(bytes->len) + 1;
	char *digits = palloc(room);
	int length = pg_b64_encode((const void *)bytes->data, bytes->len, digits, room);

	while (length > 0 && digits[length - 1] == '=')
		length--;
	for (int i = 0; i < length; i++)
		digits[i] = digits[i] == '+' ? '-' : digits[i] == '/' ? '_' : digits[i];
	return cstring_to_text_with_len(digits, length);
}

/* Only what encode() gives: digits that are none, or have bits too many, do not come back. */
static bool
decode(text *position, StringInfo bytes)
{
	int length = VARSIZE_ANY_EXHDR(position);
	char *digits = palloc(length + 4);
	int room = pg_b64_dec_len(length + 4);
	text *again;

	if (length > POSITION_MAX)
		return false;
	for (int i = 0; i < length; i++)
	{
		char digit = VARDATA_ANY(position)[i];

		digits[i] = digit == '-' ? '+' : digit == '_' ? '/' : digit;
	}
	for (int padded = length; padded % 4 != 0;)
		digits[padded++] = '=';
	initStringInfo(bytes);
	enlargeStringInfo(bytes, room);
	bytes->len = pg_b64_decode(digits, (length + 3) / 4 * 4, (void *)bytes->data, room);
	if (bytes->len < CRC_BYTES)
		return false;
	again = encode(bytes);
	return VARSIZE_ANY_EXHDR(again) == length &&
		   memcmp(VARDATA_ANY(again), VARDATA_ANY(position), length) == 0;
}

static text *
position_of(text *list, const char *types, const NullableDatum *values)
{
	StringInfoData bytes;
	uint32 crc;

	initStringInfo(&bytes);
	pq_sendint32(&bytes, 0);
	for (int i = 0; types[i]; i++)
		put_value(&bytes, types[i], values[i].value);
	crc = pg_hton32(checksum(VARDATA_ANY(list), VARSIZE_ANY_EXHDR(list), bytes.data + CRC_BYTES,
							 bytes.len - CRC_BYTES));
	memcpy(bytes.data, &crc, CRC_BYTES);
	return encode(&bytes);
}

/* position_of(list, VARIADIC "any"): of a row, as its list's statement calls it */
Datum
threadmem_position_of(PG_FUNCTION_ARGS)
{
	char types[ORDER_COLUMNS + 1] = "";

	if (PG_NARGS() - 1 > ORDER_COLUMNS)
		error_bad_input("place", "No list is sorted by %d columns.", PG_NARGS() - 1);
	for (int i = 1; i < PG_NARGS(); i++)
		types[i - 1] = letter_of(get_fn_expr_argtype(fcinfo->flinfo, i));
	PG_RETURN_TEXT_P(position_of(PG_GETARG_TEXT_PP(0), types, fcinfo->args + 1));
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
	int length = 0;

	for (int i = 0; i < lengthof(letters); i++)
		if (letters[i].letter == letter)
			length = letters[i].bytes;
	if (letter == 't')
	{
		if (bytes->len - bytes->cursor < 2)
			return false;
		length = pq_getmsgint(bytes, 2);
	}
	if (bytes->len - bytes->cursor < length)
		return false;
	if (letter == 't')
	{
		const char *string = pq_getmsgbytes(bytes, length);

		if (!pg_verify_mbstr(GetDatabaseEncoding(), string, length, true))
			return false;
		*value = ARG(PointerGetDatum(cstring_to_text_with_len(string, length)));
	}
	else if (letter == 'i')
		*value = ARG(Int32GetDatum((int32)pq_getmsgint(bytes, 4)));
	else if (letter == 'f')
		*value = ARG(Float4GetDatum(pq_getmsgfloat4(bytes)));
	else
		*value = ARG(Int64GetDatum(pq_getmsgint64(bytes)));
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
