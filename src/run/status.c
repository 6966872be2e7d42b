/*
 * run/status.c: what a run may be, and what it may become.
 */
#include "run/run.h"

#define TO(status) (1 << RUN_##status)

static const char *const names[] = {"queued",      "in_progress", "requires_action", "cancelling",
									"interrupted", "completed",   "incomplete",      "failed",
									"cancelled",   "expired"};

static const int transitions[RUN_STATUSES] = {
	[RUN_QUEUED] = TO(IN_PROGRESS) | TO(CANCELLED) | TO(EXPIRED) | TO(FAILED),
	[RUN_IN_PROGRESS] = TO(REQUIRES_ACTION) | TO(INTERRUPTED) | TO(COMPLETED) | TO(INCOMPLETE) |
						TO(FAILED) | TO(EXPIRED) | TO(CANCELLING),
	[RUN_REQUIRES_ACTION] =
		TO(QUEUED) | TO(IN_PROGRESS) | TO(CANCELLING) | TO(CANCELLED) | TO(EXPIRED),
	[RUN_CANCELLING] = TO(CANCELLED) | TO(COMPLETED) | TO(FAILED) | TO(EXPIRED),
};

const char *
run_status_name(RunStatus status)
{
	return names[status];
}

bool
run_is_over(RunStatus status)
{
	return transitions[status] == 0;
}

RunStatus
run_status_of(const char *name)
{
	for (int i = 0; i < RUN_STATUSES; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	error_damaged("status", "is no status of a run");
}

static const char *
way_on(RunStatus status)
{
	if (run_is_over(status))
		return "A run that is over stays so; create another one.";
	switch (status)
	{
	case RUN_QUEUED:
		return "Start it first: run_start(), or run_claim().";
	case RUN_REQUIRES_ACTION:
		return "It waits for tools: run_submit_tool_outputs(), or run_start() to go on without.";
	case RUN_CANCELLING:
		return "Its end was asked for: run_cancel(confirm => true).";
	default:
		return "Read the run again.";
	}
}

bool
run_may_become(const Run *run, RunStatus status)
{
	const char *from = names[run->status];
	const char *to = names[status];

	if (run->status == status)
		return false;
	if (transitions[run->status] & (1 << status))
		return true;
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("run is %s and cannot become %s", from, to),
					errdetail("run_id is \"%s\".", text_or_null(run->run_id)),
					errhint("%s", way_on(run->status))));
}
