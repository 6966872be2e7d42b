/*
 * json_patch/operation.h: the operations of a JSON Patch, and what can be wrong with them.
 *
 * What goes wrong is a Fault until somebody raises it, so that json_patch_test() can answer false.
 */
#ifndef JSON_PATCH_OPERATION_H
#define JSON_PATCH_OPERATION_H

#include "json_patch/tree.h"

typedef enum OperationKind
{
	OPERATION_ADD,
	OPERATION_REMOVE,
	OPERATION_REPLACE,
	OPERATION_MOVE,
	OPERATION_COPY,
	OPERATION_TEST,
	OPERATION_UNKNOWN
} OperationKind;

typedef enum Fault
{
	FAULT_NONE,
	/* The patch is none. */
	FAULT_NO_PATCH,
	FAULT_NO_OBJECT,
	FAULT_OP,
	FAULT_NO_PATH,
	FAULT_NO_FROM,
	FAULT_NO_VALUE,
	FAULT_POINTER,
	FAULT_ESCAPE,
	/* The document is not one it can be applied to. */
	FAULT_NO_MEMBER,
	FAULT_NO_ELEMENT,
	FAULT_NO_PARENT,
	FAULT_SCALAR_PARENT,
	FAULT_INDEX,
	FAULT_BEYOND_END,
	FAULT_ROOT,
	FAULT_OWN_CHILD,
	FAULT_DIFFERS
} Fault;

/* A name, pointer or token, within the patch where possible. */
typedef struct Slice
{
	const char *bytes; /* NULL when the operation has none */
	int length;
} Slice;

typedef struct PatchOperation
{
	int number; /* the first is 1 */
	OperationKind kind;
	Slice name;
	Slice path;
	Slice from;
	bool in_from; /* what is wrong concerns from, not path */
	JsonNode value;
} PatchOperation;

/* The operations of a patch, for operation_read(); NULL when it is no array. */
extern JsonItems *operations_of(Jsonb *patch);
/* 22023 for what is none, before anything of it is done. */
extern void patch_check(Jsonb *patch);
extern Fault operation_read(const JsonItems *operations, int index, PatchOperation *operation);

/* Takes the next token, unescaped, from a valid pointer that is not at its end. */
extern Slice pointer_next(Slice *rest);

/* RFC 6901 section 4: digits without leading zeros. */
extern Fault pointer_index(Slice token, int *index);

static inline bool
slice_equal(Slice a, Slice b)
{
	return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

/* Raises 22023. */
pg_noreturn extern void fault_raise(Fault fault, const PatchOperation *operation);

#endif
