/*
 * admin/verify_facts.c: whether facts and entities have what they need: each other, the user, and
 * what they come from; and jobs of extraction the user.
 */
#include "admin/verify.h"

#define FINDING(noun, id, problem, table) \
	"SELECT NULL, format('" noun " \"%s\" of user \"%s\" " problem "', " id \
	", f.user_id), $1 FROM threadmem_data." table " f WHERE f.tenant_id = $1 AND "
#define IN_ORDER(id) " GROUP BY f.user_id, " id " ORDER BY f.user_id, " id

#define NO_ROW(table, condition) \
	"NOT EXISTS (SELECT 1 FROM threadmem_data." table " o WHERE o.tenant_id = $1" \
	" AND o.user_id = f.user_id AND " condition ")"
#define NO_ENTITY(id) id " <> f.user_id AND " NO_ROW("entities", "o.entity_id = " id)

/* An episode is a message that is not deleted, or a row of episodes. */
#define NO_EPISODE \
	"(f.episode_id <> '' OR NOT EXISTS (SELECT 1 FROM threadmem_data.messages m" \
	" WHERE m.tenant_id = $1 AND m.thread_id = f.thread_id AND m.message_id = f.message_id" \
	" AND m.state NOT IN ('deleted', 'erased')))" \
	" AND (f.episode_id = '' OR " NO_ROW("episodes", "o.episode_id = f.episode_id") ")"

/* clang-format off */
static Stmt verify_fact_findings[] = {
	{FINDING("fact", "f.fact_id", "leads from an entity that is not there", "facts")
		 NO_ENTITY("f.source_id") IN_ORDER("f.fact_id"),
	 ""},
	{FINDING("fact", "f.fact_id", "leads to an entity that is not there", "facts")
		 NO_ENTITY("f.target_id") IN_ORDER("f.fact_id"),
	 ""},
	{FINDING("fact", "f.fact_id", "is neither stated nor said by anything", "facts")
		 "NOT f.stated AND " NO_ROW("fact_episodes", "o.fact_id = f.fact_id")
			 IN_ORDER("f.fact_id"),
	 ""},
	{FINDING("fact", "f.fact_id", "comes from an episode that is not there", "fact_episodes")
		 NO_EPISODE IN_ORDER("f.fact_id"),
	 ""},
	{FINDING("fact", "f.fact_id", "has sources and is not there", "fact_episodes")
		 NO_ROW("facts", "o.fact_id = f.fact_id") IN_ORDER("f.fact_id"),
	 ""},
	{FINDING("fact", "f.fact_id", "has revisions and is not there", "fact_revisions")
		 NO_ROW("facts", "o.fact_id = f.fact_id") IN_ORDER("f.fact_id"),
	 ""},
	{FINDING("entity", "f.entity_id", "is without the user", "entities")
		 NO_ROW("users", "true") IN_ORDER("f.entity_id"),
	 ""},
	{FINDING("entity", "f.entity_id", "comes from an episode that is not there", "entity_episodes")
		 NO_EPISODE IN_ORDER("f.entity_id"),
	 ""},
	{FINDING("entity", "f.entity_id", "has sources and is not there", "entity_episodes")
		 NO_ROW("entities", "o.entity_id = f.entity_id") " AND f.entity_id <> f.user_id" IN_ORDER("f.entity_id"),
	 ""},
	{FINDING("entity", "f.entity_id", "has revisions and is not there", "entity_revisions")
		 NO_ROW("entities", "o.entity_id = f.entity_id") IN_ORDER("f.entity_id"),
	 ""},
	{FINDING("job", "f.job_id", "is without the user", "memory_jobs")
		 NO_ROW("users", "true") IN_ORDER("f.job_id"),
	 ""},
};
/* clang-format on */

void
verify_facts(Call *call)
{
	for (int i = 0; i < lengthof(verify_fact_findings); i++)
		query_add_to_set(call, &verify_fact_findings[i], NULL);
}
