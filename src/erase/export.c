/*
 * erase/export.c: all that is stored of a user, or of a whole tenant, to take away.
 *
 * One statement a kind, all of one snapshot; $2 is the user, null for a tenant, and the statements
 * are planned for which of both it is. An entry that jsonb could not hold does not end the export:
 * in its place stand its keys and what reads it in parts.
 */
#include "checkpoint/checkpoint.h"
#include "memory/memory.h"
#include "message/message.h"
#include "run/run.h"
#include "store/store.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(threadmem_user_export);
PG_FUNCTION_INFO_V1(threadmem_tenant_export);

#define BYTES(document) "coalesce(threadmem.json_bytes(" document "), 0)"

/* The bytes are those of the documents in it; 255 MB leave room for the rest. */
#define ENTRIES(kind, bytes, whole, keys, how, from) \
	"SELECT CASE WHEN " bytes " <= 267386880 THEN (" whole ") || '{\"object\": \"" kind "\"}'" \
	" ELSE jsonb_build_object(" keys ", 'object', 'left_out', 'kind', '" kind "', 'read', '" how \
	"') END FROM " from

#define OF_USER(condition) " AND ($2 IS NULL OR " condition ")"

/* Rows of the threads that the user owns. */
#define OF_OWNED(table, alias) \
	"threadmem_data." table " " alias \
	" JOIN threadmem_data.threads t USING (tenant_id, thread_id)" \
	" WHERE " alias ".tenant_id = $1" OF_USER("t.user_id = $2")

/* Of the user, and of the threads that it owns. */
#define OF_BLOCKS \
	" WHERE b.tenant_id = $1" OF_USER( \
		"b.user_id = $2 OR EXISTS (SELECT 1 FROM threadmem_data.threads t WHERE t.tenant_id = $1" \
		" AND t.thread_id = b.thread_id AND t.user_id = $2)")

#define RUN_DOCUMENTS \
	BYTES("r.input") \
	" + " BYTES("r.kwargs") " + " BYTES("r.metadata") " + " BYTES("r.config") " + " BYTES( \
		"r.required_action") " + " BYTES("r.result") " + " BYTES("r.error") " + " BYTES("r.usage")
#define STEP_DOCUMENTS \
	BYTES("s.details") " + " BYTES("s.metadata") " + " BYTES("s.error") " + " BYTES("s.usage")
#define CHECKPOINT_DOCUMENTS \
	"CASE WHEN 'checkpoint' = ANY (g.left_out) THEN 268435456 ELSE 0 END + " BYTES( \
		"g.checkpoint") " + " BYTES("g.metadata")

static Stmt erase_kinds[] = {
	{ENTRIES("user", BYTES("u.metadata"), "to_jsonb(ROW(" USER_COLUMNS ")::threadmem.users)",
			 "'user_id', u.user_id", "user_get()",
			 "threadmem_data.users u WHERE u.tenant_id = $1" OF_USER(
				 "u.user_id = $2") " ORDER BY u.user_id"),
	 "t", .custom = true},
	{"SELECT to_jsonb(m) - 'tenant_id' || '{\"object\": \"membership\"}'"
	 " FROM threadmem_data.group_members m WHERE m.tenant_id = $1" OF_USER(
		 "m.kind = 'user' AND m.member_id = $2 OR m.group_id = $2") " ORDER BY m.group_id, m.kind, m.member_id",
	 "t", .custom = true},
	{ENTRIES("thread", BYTES("t.metadata") " + " BYTES("t.config") " + " BYTES("t.tool_resources"),
			 "to_jsonb(ROW(" THREAD_COLUMNS ")::threadmem.threads)", "'thread_id', t.thread_id",
			 "thread_get()",
			 "threadmem_data.threads t WHERE t.tenant_id = $1" OF_USER(
				 "t.user_id = $2") " ORDER BY t.thread_id"),
	 "t", .custom = true},
	{ENTRIES(
		 "message", BYTES("m.body") " + " BYTES("m.metadata"),
		 "to_jsonb(ROW(" MESSAGE_COLUMNS_WITH("NULL",
											  "NULL") ")::threadmem.messages) - 'content' - 'text'",
		 "'thread_id', m.thread_id, 'message_id', m.message_id, 'rev', m.rev",
		 "message_get(), message_revisions()",
		 "threadmem_data.messages m WHERE m.tenant_id = $1" OF_USER(
			 "m.user_id = $2 OR m.sender_id = $2") " AND m.body IS NOT NULL ORDER BY m.thread_id, m.rev"),
	 "t", .custom = true},
	{"SELECT to_jsonb(o) || '{\"object\": \"participant\"}' FROM (SELECT p.thread_id, p.kind,"
	 " p.participant_id, p.role, p.joined_at FROM threadmem_data.thread_participants p"
	 " WHERE p.tenant_id = $1" OF_USER(
		 "p.kind = 'user' AND p.participant_id = $2") " ORDER BY p.thread_id, p.kind, p.participant_id) o",
	 "t", .custom = true},
	{"SELECT jsonb_build_object('object', 'chunk', 'thread_id', c.thread_id,"
	 " 'message_id', c.message_id, 'chunk_no', c.chunk_no, 'delta', c.delta)"
	 " || CASE WHEN c.half IS NULL THEN '{}' ELSE jsonb_build_object('half', c.half) END"
	 " FROM " OF_OWNED("message_chunks", "c") " ORDER BY c.thread_id, c.message_id, c.chunk_no",
	 "t", .custom = true},
	{ENTRIES(
		 "episode", BYTES("e.body") " + " BYTES("e.metadata") " + octet_length(e.content)",
		 "to_jsonb(e) - '{tenant_id,search,embedding,extract_at}'::text[]",
		 "'user_id', e.user_id, 'episode_id', e.episode_id", "memory_episodes()",
		 "threadmem_data.episodes e WHERE e.tenant_id = $1" OF_USER(
			 "e.user_id = $2 OR e.sender_id = $2") " ORDER BY e.user_id, e.event_at, e.episode_id"),
	 "t", .custom = true},
	{ENTRIES("episode_revision",
			 BYTES("e.body") " + " BYTES("e.metadata") " + octet_length(e.content)",
			 "to_jsonb(e) - 'tenant_id'",
			 "'user_id', e.user_id, 'episode_id', e.episode_id, 'rev', e.rev",
			 "memory_episode_history()",
			 "threadmem_data.episode_revisions e WHERE e.tenant_id = $1" OF_USER(
				 "e.user_id = $2") " ORDER BY e.user_id, e.episode_id, e.rev"),
	 "t", .custom = true},
	{ENTRIES("entity", BYTES("e.attributes") " + " BYTES("e.metadata"),
			 "to_jsonb(e) - '{tenant_id,search}'::text[]",
			 "'user_id', e.user_id, 'entity_id', e.entity_id", "memory_get_entity()",
			 "threadmem_data.entities e WHERE e.tenant_id = $1" OF_USER(
				 "e.user_id = $2") " ORDER BY e.user_id, e.entity_id"),
	 "t", .custom = true},
	{ENTRIES("fact", BYTES("f.attributes") " + " BYTES("f.metadata"),
			 "to_jsonb(f) - '{tenant_id,search}'::text[]",
			 "'user_id', f.user_id, 'fact_id', f.fact_id", "memory_get_fact()",
			 "threadmem_data.facts f WHERE f.tenant_id = $1" OF_USER(
				 "f.user_id = $2") " ORDER BY f.user_id, f.fact_id"),
	 "t", .custom = true},
	{ENTRIES("entity_revision", BYTES("e.attributes") " + " BYTES("e.metadata"),
			 "to_jsonb(e) - '{tenant_id,search}'::text[]",
			 "'user_id', e.user_id, 'entity_id', e.entity_id, 'rev', e.rev",
			 "memory_entity_history()",
			 "threadmem_data.entity_revisions e WHERE e.tenant_id = $1" OF_USER(
				 "e.user_id = $2") " ORDER BY e.user_id, e.entity_id, e.rev"),
	 "t", .custom = true},
	{ENTRIES("fact_revision", BYTES("f.attributes") " + " BYTES("f.metadata"),
			 "to_jsonb(f) - '{tenant_id,search}'::text[]",
			 "'user_id', f.user_id, 'fact_id', f.fact_id, 'rev', f.rev", "memory_fact_history()",
			 "threadmem_data.fact_revisions f WHERE f.tenant_id = $1" OF_USER(
				 "f.user_id = $2") " ORDER BY f.user_id, f.fact_id, f.rev"),
	 "t", .custom = true},
	{"SELECT to_jsonb(s) - '{tenant_id,search}'::text[] || '{\"object\": \"entity_episode\"}'"
	 " FROM threadmem_data.entity_episodes s WHERE s.tenant_id = $1" OF_USER(
		 "s.user_id = $2") " ORDER BY s.user_id, s.entity_id, s.thread_id, s.message_id, s.episode_id",
	 "t", .custom = true},
	{"SELECT to_jsonb(s) - '{tenant_id,search}'::text[] || '{\"object\": \"fact_episode\"}'"
	 " FROM threadmem_data.fact_episodes s WHERE s.tenant_id = $1" OF_USER(
		 "s.user_id = $2") " ORDER BY s.user_id, s.fact_id, s.thread_id, s.message_id, s.episode_id",
	 "t", .custom = true},
	{ENTRIES("ontology", BYTES("o.ontology"), "to_jsonb(o) - '{tenant_id,search}'::text[]",
			 "'user_id', o.user_id", "memory_get_ontology()",
			 "threadmem_data.ontologies o WHERE o.tenant_id = $1" OF_USER(
				 "o.user_id = $2") " ORDER BY o.user_id"),
	 "t", .custom = true},
	{"SELECT to_jsonb(j) - 'tenant_id' || '{\"object\": \"memory_job\"}'"
	 " FROM threadmem_data.memory_jobs j WHERE j.tenant_id = $1" OF_USER(
		 "j.user_id = $2") " ORDER BY j.user_id, j.claimed_at, j.job_id",
	 "t", .custom = true},
	{"SELECT to_jsonb(b) - 'tenant_id' || '{\"object\": \"memory_block\"}' FROM "
	 "threadmem_data.memory_blocks b" OF_BLOCKS " ORDER BY b.user_id, b.thread_id, b.label",
	 "t", .custom = true},
	{"SELECT to_jsonb(b) - 'tenant_id' || '{\"object\": \"memory_block_revision\"}' FROM "
	 "threadmem_data.memory_block_revisions b" OF_BLOCKS
	 " ORDER BY b.user_id, b.thread_id, b.label, b.version",
	 "t", .custom = true},
	{ENTRIES("store_item", BYTES("s.value"),
			 "to_jsonb(ROW(" STORE_COLUMNS ")::threadmem.store_items)",
			 "'namespace', " STORE_NAMESPACE ", 'key', s.key", "store_get()",
			 "threadmem_data.store_items s WHERE s.tenant_id = $1" OF_USER(
				 "s.user_id = $2") " ORDER BY s.path, s.key"),
	 "t", .custom = true},
	{ENTRIES("checkpoint", CHECKPOINT_DOCUMENTS,
			 "SELECT to_jsonb(o) FROM (SELECT g.thread_id, g.checkpoint_ns, g.checkpoint_id,"
			 " g.parent_checkpoint_id, g.checkpoint, g.metadata, g.created_at) o",
			 "'thread_id', g.thread_id, 'checkpoint_ns', g.checkpoint_ns,"
			 " 'checkpoint_id', g.checkpoint_id",
			 "thread_state() with fields values.<channel>, message_list() for messages",
			 "(SELECT DISTINCT c.thread_id, c.checkpoint_ns FROM " OF_OWNED(
				 "checkpoints",
				 "c") ") AS n,"
					  " threadmem.checkpoint_list(n.thread_id, n.checkpoint_ns, max_rows => 1) g"
					  " ORDER BY n.thread_id, n.checkpoint_ns"),
	 "t", .custom = true},
	{ENTRIES("write", BYTES("w.value"), "to_jsonb(w) - 'tenant_id'",
			 "'thread_id', w.thread_id, 'checkpoint_ns', w.checkpoint_ns,"
			 " 'checkpoint_id', w.checkpoint_id, 'task_id', w.task_id, 'idx', w.idx",
			 "checkpoint_get()",
			 OF_OWNED("checkpoint_writes", "w") " ORDER BY w.thread_id, w.checkpoint_ns,"
												" w.checkpoint_id, w.task_path, w.task_id, w.idx"),
	 "t", .custom = true},
	{ENTRIES("run", RUN_DOCUMENTS, "to_jsonb(ROW(" RUN_COLUMNS ")::threadmem.runs)",
			 "'thread_id', r.thread_id, 'run_id', r.run_id", "run_get()",
			 OF_OWNED("runs", "r") " ORDER BY r.thread_id, r.seq"),
	 "t", .custom = true},
	{ENTRIES("run_step", STEP_DOCUMENTS, "to_jsonb(ROW(" RUN_STEP_COLUMNS ")::threadmem.steps)",
			 "'thread_id', s.thread_id, 'run_id', s.run_id, 'step_no', s.step_no", "run_steps()",
			 OF_OWNED("run_steps", "s") " ORDER BY s.thread_id, s.run_id, s.step_no"),
	 "t", .custom = true},
};

/* What belongs to no user. */
static Stmt erase_kinds_of_tenant[] = {
	{ENTRIES("assistant",
			 BYTES("a.tools") " + " BYTES("a.tool_resources") " + " BYTES("a.config") " + " BYTES(
				 "a.metadata"),
			 "to_jsonb(a) - 'tenant_id'", "'assistant_id', a.assistant_id", "assistant_get()",
			 "threadmem_data.assistants a WHERE a.tenant_id = $1 ORDER BY a.assistant_id"),
	 ""},
	{ENTRIES("graph", BYTES("g.definition"), "to_jsonb(g) - 'tenant_id'", "'graph_id', g.graph_id",
			 "graph_get()", "threadmem_data.graphs g WHERE g.tenant_id = $1 ORDER BY g.graph_id"),
	 ""},
	{"SELECT to_jsonb(c) - 'tenant_id' || '{\"object\": \"context_template\"}'"
	 " FROM threadmem_data.context_templates c WHERE c.tenant_id = $1 ORDER BY c.template_id",
	 ""},
};

Datum
threadmem_user_export(PG_FUNCTION_ARGS)
{
	Call call;

	query_begin(&call, fcinfo);
	user_require_known(&call, fcinfo->args[0]);
	query_open_set(&call);
	for (int i = 0; i < lengthof(erase_kinds); i++)
		query_add_to_set(&call, &erase_kinds[i], fcinfo->args);
	return query_close_set(&call);
}

Datum
threadmem_tenant_export(PG_FUNCTION_ARGS)
{
	NullableDatum everybody = ARG_NULL;
	Call call;

	query_begin(&call, fcinfo);
	query_act_for(&call, fcinfo->args[0]);
	query_open_set(&call);
	for (int i = 0; i < lengthof(erase_kinds_of_tenant); i++)
		query_add_to_set(&call, &erase_kinds_of_tenant[i], NULL);
	for (int i = 0; i < lengthof(erase_kinds); i++)
		query_add_to_set(&call, &erase_kinds[i], &everybody);
	return query_close_set(&call);
}
