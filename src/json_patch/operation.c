/*
 * json_patch/operation.c: reads the operations of a JSON Patch (RFC 6902 sections 3 and 4) with
 * their JSON Pointers (RFC 6901), and words what is wrong.
 */
#include "json_patch/operation.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#define POINTER_SHOWN 200 /* bytes of a pointer in an error */
#define HINT_DOCUMENT \
	"The document is not the one that the patch was made for; " \
	"json_patch_test() tells beforehand."

PG_FUNCTION_INFO_V1(threadmem_json_patch_check);

static const char *const operation_names[] = {"add", "remove", "replace", "move", "copy", "test"};

/* The detail follows "Operation 3 (add) at "/a": ". */
static const struct
{
	const char *detail;
	const char *hint;
} faults[] = {
	[FAULT_NO_PATCH] = {"A patch is an array of operations.",
						"An example: [{\"op\": \"add\", \"path\": \"/a\", \"value\": 1}]"},
	[FAULT_NO_OBJECT] = {"an operation must be a JSON object.",
						 "An example: {\"op\": \"add\", \"path\": \"/a\", \"value\": 1}"},
	[FAULT_OP] = {"\"op\" must be add, remove, replace, move, copy or test.", NULL},
	[FAULT_NO_PATH] = {"\"path\" must be a string.", "\"\" is the whole document."},
	[FAULT_NO_FROM] = {"\"from\" must be a string.", "A move or copy takes the value there."},
	[FAULT_NO_VALUE] = {"it has no \"value\".", "The JSON null is a value too."},
	[FAULT_POINTER] = {"a pointer must be empty or begin with \"/\".",
					   "\"\" is the whole document, \"/a/0\" the first element of its member a."},
	[FAULT_ESCAPE] = {"\"~\" must be followed by 0 or 1.", "Write ~0 for ~ and ~1 for /."},
	[FAULT_NO_MEMBER] = {"there is no such member.", HINT_DOCUMENT},
	[FAULT_NO_ELEMENT] = {"there is no such element.", HINT_DOCUMENT},
	[FAULT_NO_PARENT] = {"what should hold it does not exist.", HINT_DOCUMENT},
	[FAULT_SCALAR_PARENT] = {"what should hold it is neither an object nor an array.",
							 HINT_DOCUMENT},
	[FAULT_INDEX] = {"an array's index has digits only, without leading zeros.",
					 "\"-\" is the place after the last element, and only for new ones."},
	[FAULT_BEYOND_END] = {"the index is beyond the end of the array.", HINT_DOCUMENT},
	[FAULT_ROOT] = {"the whole document cannot be removed.", "Replace it with null."},
	[FAULT_OWN_CHILD] = {"a value cannot be moved into itself.", "Copy it."},
	[FAULT_DIFFERS] = {"the value is another.", HINT_DOCUMENT},
};

static bool
member(JsonbContainer *object, const char *key, JsonNode *node)
{
	JsonbValue value;

	if (!getKeyJsonValueFromContainer(object, key, strlen(key), &value))
		return false;
	*node = node_of_value(&value);
	return true;
}

static Slice
text_member(JsonbContainer *object, const char *key)
{
	JsonNode node;

	if (!member(object, key, &node) || node.kind != NODE_STRING)
		return (Slice){NULL, 0};
	return (Slice){node.data, node.length};
}

static OperationKind
kind_of(Slice name)
{
	for (int i = 0; name.bytes && i < lengthof(operation_names); i++)
		if (slice_equal(name, (Slice){operation_names[i], strlen(operation_names[i])}))
			return i;
	return OPERATION_UNKNOWN;
}

static Fault
pointer_fault(Slice pointer)
{
	if (pointer.length > 0 && pointer.bytes[0] != '/')
		return FAULT_POINTER;
	for (int i = 0; i < pointer.length; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (pointer.bytes[i] == '~' && (i + 1 == pointer.length || (pointer.bytes[i + 1] != '0' &&
																	pointer.bytes[i + 1] != '1')))
			return FAULT_ESCAPE;
	}
	return FAULT_NONE;
}

/* Members that the operation does not need are ignored (RFC 6902 section 4). */
static Fault
operation_fault(PatchOperation *operation, bool has_value)
{
	Fault fault;

	if (operation->kind == OPERATION_UNKNOWN)
		return FAULT_OP;
	if (operation->path.bytes == NULL)
		return FAULT_NO_PATH;
	if ((fault = pointer_fault(operation->path)) != FAULT_NONE)
		return fault;
	if (operation->kind == OPERATION_MOVE || operation->kind == OPERATION_COPY)
	{
		fault = operation->from.bytes ? pointer_fault(operation->from) : FAULT_NO_FROM;
		operation->in_from = fault == FAULT_POINTER || fault == FAULT_ESCAPE;
		return fault;
	}
	return has_value || operation->kind == OPERATION_REMOVE ? FAULT_NONE : FAULT_NO_VALUE;
}

JsonItems *
operations_of(Jsonb *patch)
{
	if (!JB_ROOT_IS_ARRAY(patch) || JB_ROOT_IS_SCALAR(patch))
		return NULL;
	return items_read(&patch->root);
}

Fault
operation_read(const JsonItems *operations, int index, PatchOperation *operation)
{
	const JsonNode *node = &items_at(operations, index)->value;
	JsonbContainer *object = node_container(node);
	bool has_value;

	memset(operation, 0, sizeof(*operation));
	operation->number = index + 1;
	if (!node_is_object(node))
		return FAULT_NO_OBJECT;
	operation->name = text_member(object, "op");
	operation->kind = kind_of(operation->name);
	operation->path = text_member(object, "path");
	if (operation->kind == OPERATION_MOVE || operation->kind == OPERATION_COPY)
		operation->from = text_member(object, "from");
	has_value = member(object, "value", &operation->value);
	return operation_fault(operation, has_value);
}

/* RFC 6901 section 4: ~1 first, so that ~01 becomes ~1. One pass does the same. */
static Slice
unescape(const char *bytes, int length)
{
	char *token = palloc(length);
	int used = 0;

	for (int i = 0; i < length; i++)
	{
		CHECK_FOR_INTERRUPTS();
		token[used++] = bytes[i] != '~' ? bytes[i] : bytes[++i] == '1' ? '/' : '~';
	}
	return (Slice){token, used};
}

Slice
pointer_next(Slice *rest)
{
	const char *start = rest->bytes + 1;
	const char *end = rest->bytes + rest->length;
	const char *slash = memchr(start, '/', end - start);
	int length = (slash ? slash : end) - start;

	rest->bytes = start + length;
	rest->length = end - rest->bytes;
	if (memchr(start, '~', length))
		return unescape(start, length);
	return (Slice){start, length};
}

Fault
pointer_index(Slice token, int *index)
{
	int64 number = 0;

	if (token.length == 0 || (token.length > 1 && token.bytes[0] == '0'))
		return FAULT_INDEX;
	for (int i = 0; i < token.length; i++)
	{
		if (token.bytes[i] < '0' || token.bytes[i] > '9')
			return FAULT_INDEX;
		number = Min(number * 10 + (token.bytes[i] - '0'), PG_INT32_MAX);
	}
	*index = number;
	return FAULT_NONE;
}

static void
append_clipped(StringInfo out, Slice slice)
{
	int shown = pg_mbcliplen(slice.bytes, slice.length, POINTER_SHOWN);

	appendBinaryStringInfo(out, slice.bytes, shown);
	if (shown < slice.length)
		appendStringInfoString(out, "...");
}

/* 'Operation 3 (add) at "/a": ', as far as it is known. */
static char *
describe(const PatchOperation *operation)
{
	Slice pointer = operation->in_from ? operation->from : operation->path;
	StringInfoData out;

	initStringInfo(&out);
	if (operation->number == 0)
		return out.data;
	appendStringInfo(&out, "Operation %d", operation->number);
	if (operation->name.bytes)
	{
		appendStringInfoString(&out, " (");
		append_clipped(&out, operation->name);
		appendStringInfoChar(&out, ')');
	}
	if (pointer.bytes)
	{
		appendStringInfoString(&out, operation->in_from ? " from \"" : " at \"");
		append_clipped(&out, pointer);
		appendStringInfoChar(&out, '"');
	}
	appendStringInfoString(&out, ": ");
	return out.data;
}

void
fault_raise(Fault fault, const PatchOperation *operation)
{
	char *where = describe(operation);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg(fault < FAULT_NO_MEMBER ? "invalid JSON Patch" : "patch cannot be applied"),
			 errdetail("%s%s", where, faults[fault].detail),
			 faults[fault].hint ? errhint("%s", faults[fault].hint) : 0));
}

/* The domain's check: true, or an error that says what is wrong. */
void
patch_check(Jsonb *patch)
{
	JsonItems *operations = operations_of(patch);
	PatchOperation operation = {0};

	if (operations == NULL)
		fault_raise(FAULT_NO_PATCH, &operation);
	for (int i = 0; i < operations->count; i++)
	{
		Fault fault = operation_read(operations, i, &operation);

		CHECK_FOR_INTERRUPTS();
		if (fault != FAULT_NONE)
			fault_raise(fault, &operation);
	}
}

Datum
threadmem_json_patch_check(PG_FUNCTION_ARGS)
{
	patch_check(PG_GETARG_JSONB_P(0));
	PG_RETURN_BOOL(true);
}
