-- Groups: who belongs to one, and whose memory is mixed into whose.
\set SHOW_CONTEXT never
\pset null (null)
SET TIME ZONE 'UTC';
SET threadmem.tenant = 'group test';
SELECT count(threadmem.user_create(u)) FROM unnest('{ann,ben,zoe}'::text[]) u;
SELECT count(threadmem.user_create(g, 'group')) FROM unnest('{club,team,empty}'::text[]) g;
SELECT assistant_id FROM threadmem.assistant_create('guide');

-- In, and in again; who, and where.
SELECT group_id, user_id, assistant_id FROM threadmem.group_add_member('club', 'ann');
SELECT group_id, user_id, assistant_id, joined_at = (SELECT joined_at FROM threadmem.memberships) AS as_before FROM threadmem.group_add_member('club', 'ann');
SELECT group_id, user_id, assistant_id FROM threadmem.group_add_member('club', assistant_id => 'guide');
SELECT count(threadmem.group_add_member('club', 'ben')), count(threadmem.group_add_member('team', 'ann'));
SELECT group_id, user_id, assistant_id, has_more FROM threadmem.group_members('club');
SELECT m.user_id, m.has_more FROM threadmem.group_members('club', 1) f, threadmem.group_members('club', 1, f.position) m;
SELECT count(*) FROM threadmem.group_members('empty');
SELECT group_id, user_id, has_more FROM threadmem.user_groups('ann');
SELECT g.group_id FROM threadmem.user_groups('ann', max_rows => 1) f, threadmem.user_groups('ann', after_position => f.position) g;
SELECT group_id, assistant_id FROM threadmem.user_groups(assistant_id => 'guide');
SELECT group_id, user_id, assistant_id FROM threadmem.memberships ORDER BY group_id, user_id;

-- What is refused.
SELECT threadmem.group_add_member('nowhere', 'ann');
SELECT threadmem.group_add_member('ben', 'ann');
SELECT threadmem.group_add_member('club', 'nobody');
SELECT threadmem.group_add_member('club', 'team');
SELECT threadmem.group_add_member('club', assistant_id => 'nobody');
SELECT threadmem.group_add_member('club');
SELECT threadmem.group_add_member('club', 'ann', 'guide');
SELECT threadmem.group_remove_member('team', 'ben');
SELECT threadmem.group_remove_member('nowhere', 'ben');
SELECT threadmem.group_members('nowhere');
SELECT threadmem.user_groups('nobody');
SELECT threadmem.user_groups(assistant_id => 'nobody');
SELECT threadmem.user_groups();
SELECT g.* FROM threadmem.group_members('club', 1) f, threadmem.user_groups('ann', after_position => f.position) g;
BEGIN;
SELECT count(threadmem.user_create('g' || i, 'group')), count(threadmem.group_add_member('g' || i, 'zoe')) FROM generate_series(1, 100) i;
SELECT threadmem.group_add_member('club', 'zoe');
ROLLBACK;

-- Memories: of ann, of the club (a thread of its own in which ann said something, and what was added), of the team.
SELECT count(threadmem.memory_add_data('ann', 'The piano of Ann is black', event_at => '2026-01-01Z', episode_id => 'a'));
SELECT count(threadmem.memory_add_data('ann', 'note ' || i || ' about the garden', event_at => '2026-01-01Z')) FROM generate_series(1, 200) i;
SELECT count(threadmem.memory_add_data('club', 'The piano of the club is out of tune', event_at => '2026-01-02Z', episode_id => 'c'));
SELECT count(threadmem.memory_add_data('team', 'The team rents a piano', event_at => '2026-01-03Z', episode_id => 't'));
SELECT count(threadmem.memory_add_data('zoe', 'Zoe has no piano', event_at => '2026-01-04Z', episode_id => 'z'));
SELECT count(threadmem.thread_create('meeting', 'club', participant_ids => '{ann}', messages => '[
  {"role": "user", "content": "I shall tune the piano on Friday.", "sender_id": "ann", "id": "1", "created_at": "2026-01-05T10:00:00Z"},
  {"role": "user", "content": "Ben plays the piano better.", "sender_id": "ben", "id": "2", "created_at": "2026-01-05T10:01:00Z"}]'));
SELECT user_id, content FROM threadmem.memory_search('ann', 'piano') ORDER BY event_at;
SELECT user_id, content FROM threadmem.memory_search('ann', 'piano', include_groups => true) ORDER BY event_at;
SELECT user_id, content FROM threadmem.memory_search(user_ids => '{club,ann}', query => 'piano') ORDER BY event_at;
SELECT user_id, content FROM threadmem.memory_search(user_ids => '{zoe,zoe}', query => 'piano');
SELECT user_id, content FROM threadmem.memory_search(user_ids => '{ann,zoe}', query => 'piano', include_groups => true, max_rows => 3, as_of => '2026-01-04Z') ORDER BY event_at DESC;
-- A word that one line has weighs as much in a small memory as in a large one; without words the newest come first.
SELECT user_id, round(score::numeric, 1) > 0 AS found, rank() OVER (ORDER BY score DESC) < 4 AS near FROM threadmem.memory_search(user_ids => '{ann,team}', query => 'who has a piano?') ORDER BY 1;
SELECT user_id, content, score FROM threadmem.memory_search(user_ids => '{ann,team,zoe}', max_rows => 3);
SELECT threadmem.memory_search('ann', 'piano', user_ids => '{ben}');
SELECT threadmem.memory_search(query => 'piano');
SELECT threadmem.memory_search(user_ids => '{ann,nobody}', query => 'piano');
SELECT threadmem.memory_search(user_ids => array_fill('ann'::text, '{101}'), query => 'piano');

-- The block of a thread of ann has what her groups know; of zoe's with the guide what the guide's groups know; else hers alone.
SELECT count(threadmem.thread_create(u || ' asks' || coalesce(a, ''), u, a, messages => '[{"role": "user", "content": "Who has a piano?", "created_at": "2026-01-06T10:00:00Z"}]')) FROM (VALUES ('ann', NULL), ('zoe', NULL), ('zoe', 'guide')) v (u, a);
SELECT threadmem.thread_context('ann asks');
SELECT threadmem.thread_context('zoe asks');
SELECT threadmem.thread_context('zoe asksguide');

-- A narrowed session reads what its groups remember and writes nothing of it; of a group's threads it sees its own part.
SELECT count(threadmem.memory_add_fact('club', 'OWNS', 'The club owns a piano', 'piano', fact_id => 'f')), count(threadmem.memory_block_set('rule', 'No food at the piano.', 'club'));
SET threadmem.user_id = 'ben';
SELECT user_id, kind FROM threadmem.user_list() ORDER BY 1;
SELECT group_id, user_id, assistant_id FROM threadmem.group_members('club');
SELECT group_id FROM threadmem.user_groups('ben');
SELECT user_id, content FROM threadmem.memory_search('ben', 'piano', include_groups => true) ORDER BY event_at;
SELECT fact FROM threadmem.memory_facts('club');
SELECT source, target FROM threadmem.facts;
SELECT value FROM threadmem.memory_block_list('club');
SELECT threadmem.memory_search('team', 'piano');
SELECT threadmem.memory_add_data('club', 'x');
SELECT threadmem.memory_add_fact('club', 'OWNS', 'x', 'piano');
SELECT threadmem.memory_update_fact('club', 'f', fact => 'x');
SELECT threadmem.memory_delete_fact('club', 'f');
SELECT threadmem.memory_delete_episode('club', 'c');
SELECT threadmem.memory_block_set('rule', 'x', 'club');
SELECT threadmem.memory_block_delete('rule', 'club');
SELECT threadmem.user_update('club', summary => 'x');
SELECT threadmem.memory_forget('club');
SELECT threadmem.group_add_member('team', 'ben');
SELECT threadmem.group_remove_member('club', 'ben');
-- Nor of what is said in the threads of it where she takes part.
SET threadmem.user_id = 'ann';
SELECT threadmem.memory_set_embedding('club', '{1,2}', 'meeting', (SELECT message_id FROM threadmem.message_list('meeting') LIMIT 1));
SET threadmem.user_id = 'zoe';
SELECT user_id FROM threadmem.user_list() ORDER BY 1;
SELECT user_id, content FROM threadmem.memory_search('zoe', 'piano', include_groups => true);
SELECT content FROM threadmem.memory_search('club', 'piano');
RESET threadmem.user_id;
SELECT fact FROM threadmem.memory_facts('club');
SELECT count(*) FROM threadmem.memory_episodes('club');

-- Out: nothing of the group is found any more; what was said stays the group's.
SELECT threadmem.group_remove_member('club', 'ann'), threadmem.group_remove_member('club', assistant_id => 'guide');
SELECT user_id, content FROM threadmem.memory_search('ann', 'piano', include_groups => true) ORDER BY event_at;
SELECT content FROM threadmem.memory_search('club', 'piano friday');
SET threadmem.user_id = 'zoe';
SELECT user_id FROM threadmem.user_list();
RESET threadmem.user_id;

-- Exported, counted, verified, deleted with the group, the user, the assistant.
SELECT count(threadmem.group_add_member('team', assistant_id => 'guide'));
SELECT e ->> 'group_id' AS of_group, e ->> 'kind' AS kind, e ->> 'member_id' AS member FROM unnest('{ann,team}'::text[]) u, threadmem.user_export(u) e WHERE e ->> 'object' = 'membership' ORDER BY u, 2;
SELECT rows FROM threadmem.threadmem_stats() WHERE kind = 'memberships';
BEGIN;
UPDATE threadmem_data.group_members SET member_id = 'gone' WHERE tenant_id = 'group test' AND group_id = 'team';
UPDATE threadmem_data.group_members SET group_id = 'ann' WHERE tenant_id = 'group test' AND group_id = 'club';
SELECT problem FROM threadmem.threadmem_verify();
ROLLBACK;
SELECT problem FROM threadmem.threadmem_verify();
SELECT count(*) > 0 AS deleted FROM threadmem.assistant_delete('guide');
SELECT group_id, user_id, assistant_id FROM threadmem.memberships ORDER BY group_id;
SELECT count(*) > 0 AS deleted FROM threadmem.user_delete('ann');
SELECT count(*) > 0 AS deleted FROM threadmem.user_delete('club');
SELECT count(*) FROM threadmem.memberships;
SELECT count(threadmem.group_add_member('team', 'zoe'));
SELECT kind, deleted FROM threadmem.tenant_delete('group test') WHERE kind = 'memberships';
