/*
 * query/probe.c: what a search may tell by failing.
 *
 * The operators of a search go down into the question as far as a row makes them, and fail with
 * 54001 when the stack ends there.  A caller who leaves them little stack would learn from the
 * error that a row has what he asks for, one that he may not see included: our operators are asked
 * before the policies.  So the whole of what a question can ever take is tried before a row is
 * looked at, and the error says nothing.
 */
#include "query/plan.h"

#include "miscadmin.h"

#define PROBE_BASE (256 * 1024) /* what the executor takes above an operator */
#define PROBE_FRAME 512         /* at least what an operator takes a level */

/* Not in line, and written to, so that the frame is there while its end is judged. */
static pg_noinline void
probe(int64 bytes)
{
	volatile char frame[PROBE_FRAME * 8];

	frame[0] = (char)bytes;
	check_stack_depth();
	if (bytes > (int64)sizeof(frame))
		probe(bytes - (int64)sizeof(frame));
	frame[sizeof(frame) - 1] = frame[0]; /* after the call: it is not the last one */
}

/* Operands stand behind their operator, so from the end each level is known when it is needed. */
void
query_probe_words(TSQuery words)
{
	QueryItem *items = GETQUERY(words);
	int *depth = palloc(sizeof(int) * (words->size + 1));

	for (int i = words->size - 1; i >= 0; i--)
	{
		depth[i] = 1;
		if (items[i].type != QI_OPR)
			continue;
		depth[i] += depth[i + 1];
		if (items[i].qoperator.oper != OP_NOT)
			depth[i] = Max(depth[i], 1 + depth[i + items[i].qoperator.left]);
	}
	probe(PROBE_BASE + (words->size > 0 ? depth[0] : 0) * (int64)PROBE_FRAME);
	pfree(depth);
}
