# Something in every table, for three tenants, and what of it is compared where it arrives: a hash of each table's rows,
# what threadmem_verify finds, what a bound role gets.

package Everything;

use strict;
use warnings;

our $TABLES = 31;
our @TENANTS = ('a', 'b', '');

# The roles are the cluster's; each is bound to the tenant of its name.
our $ROLES = 'CREATE ROLE app_a LOGIN; CREATE ROLE app_b LOGIN; CREATE ROLE backend LOGIN;';

my $access = q{
	SELECT threadmem.grant_access('app_a', 'write'), threadmem.grant_access('app_b', 'read', joins => true), threadmem.grant_access('backend', 'admin');
	SELECT threadmem.tenant_bind('app_a', 'a'), threadmem.tenant_bind('app_b', 'b'), threadmem.tenant_bind('backend', any_tenant => true);
};

# Words that do not compress: each child table outweighs the threads, for a parallel restore begins with the heaviest.
my $pad = q{(SELECT string_agg(md5(i || ' ' || n), '') FROM generate_series(1, 40) n)};

# $1 tenant, $2 threads of 100 messages. What runs and is streamed stays so.
my $rows = qq{
	SET threadmem.tenant = '%1\$s';
	SELECT threadmem.user_create('u' || i, email => i || '\@example.com', metadata => '{"price": 1.10}') FROM generate_series(1, 20) i;
	SELECT threadmem.user_update('u1', summary => 'what is known in "%1\$s"');
	SELECT threadmem.context_template_create('block', '%%{user_summary}'), threadmem.notify_channel();
	SELECT threadmem.graph_define('g', '{"channels": {"messages": {"reducer": "add_messages"}, "log": {"reducer": "append"}, "count": {}, "topic": {}}, "nodes": ["n"]}');
	SELECT threadmem.assistant_create('asst', graph_id => 'g', name => 'Ann');
	SELECT threadmem.thread_create('t' || i, user_id => 'u' || 1 + i %% 20, assistant_id => 'asst', graph_id => 'g', metadata => jsonb_build_object('tenant', '%1\$s', 'n', i),
		messages => (SELECT jsonb_agg(jsonb_build_object('role', CASE n %% 2 WHEN 0 THEN 'assistant' ELSE 'user' END, 'id', 'm' || n,
			'content', 'words of "%1\$s" ' || i * n)) FROM generate_series(1, 100) n)) FROM generate_series(1, %2\$s) i;
	SELECT threadmem.thread_update_state('t' || i, jsonb_build_object('count', n, 'topic', 't' || i %% 7, 'log', jsonb_build_array(n))) FROM generate_series(1, %2\$s) i, generate_series(1, 5) n;
	SELECT threadmem.checkpoint_put_writes('t' || i, c.checkpoint ->> 'checkpoint_id', 'task', jsonb_build_array(jsonb_build_array('note', $pad)))
		FROM generate_series(1, %2\$s) i, threadmem.thread_state('t' || i) c;
	SELECT threadmem.message_update('t' || i, 'm1', 'corrected words'), threadmem.message_delete('t' || i, 'm2'), threadmem.message_erase('t' || i, 'm3') FROM generate_series(1, %2\$s) i;
	SELECT threadmem.run_create('t' || i, run_id => 'r', input => to_jsonb($pad)) FROM generate_series(1, %2\$s) i;
	SELECT threadmem.run_start('t' || i, 'r', lease => '1 day') FROM generate_series(1, %2\$s) i;
	SELECT threadmem.run_step_add('t' || i, 'r', 'node', details => jsonb_build_object('d', $pad)) FROM generate_series(1, %2\$s) i;
	SELECT threadmem.message_start('t' || i, message_id => 's') FROM generate_series(1, %2\$s) i;
	SELECT threadmem.message_append('t' || i, 's', 1, $pad) FROM generate_series(1, %2\$s) i;
	SELECT threadmem.thread_add_participant('t' || i, 'u' || 1 + (i + 1) %% 20) FROM generate_series(1, %2\$s) i;
	SELECT threadmem.memory_add_data('u' || 1 + i %% 20, 'likes number ' || i || $pad, episode_id => 'e' || i) FROM generate_series(1, %2\$s) i;
	SELECT threadmem.memory_claim('w', 5);
	SELECT threadmem.memory_set_ontology('{"facts": {"LIKES": {"many": true}}}'), threadmem.memory_set_ontology('{"strict": false}', 'u2');
	SELECT threadmem.memory_add_fact('u' || 1 + i %% 20, 'LIKES', 'likes number ' || i, 'number ' || i || ' of "%1\$s"', valid_at => '2020-01-01', attributes => jsonb_build_object('price', 1.10, 'pad', $pad),
		episode_id => 'e' || i, extractor => 'rules', confidence => 0.1) FROM generate_series(1, %2\$s) i;
	SELECT threadmem.memory_add_fact('u2', 'LIVES_IN', 'lives in ' || city, city, valid_at => since, thread_id => 't1', message_id => 'm4', fact_id => city) FROM (VALUES ('Berlin', '2020-01-01'::timestamptz), ('Paris', '2022-01-01')) v (city, since);
	SELECT threadmem.memory_add_entity('u2', 'Ann', 'Person', entity_id => 'ann'), threadmem.memory_update_entity('u2', 'ann', summary => 'a friend in "%1\$s"');
	SELECT threadmem.store_put(ARRAY['memories', 'u' || 1 + i %% 20], 'k' || i, jsonb_build_object('n', i, 'pad', $pad), 1000) FROM generate_series(1, %2\$s) i;
	SELECT threadmem.memory_update_episode('u2', 'e1', 'likes another number');
	SELECT threadmem.user_create('team', 'group'), threadmem.group_add_member('team', 'u1'), threadmem.group_add_member('team', assistant_id => 'asst');
	SELECT threadmem.memory_block_set('human', w, 'u1'), threadmem.memory_block_set('task', w, thread_id => 't1') FROM unnest('{tea,"green tea"}'::text[]) w;
	SELECT threadmem.memory_set_embedding('u2', '{0.1,1.10,-3e-8}', 't1', 'm4');
	SELECT threadmem.thread_create('redone'), threadmem.run_create('redone'), threadmem.run_create('redone', strategy => 'rollback');
	SELECT threadmem.thread_create('gone'), threadmem.message_add('gone', 'user', 'forgotten');
	SELECT threadmem.thread_delete('gone');
};

sub fill
{
	my ($node, $database, $messages) = @_;
	my $threads = int($messages / 300);
	$node->safe_psql('postgres', $ROLES);
	$node->safe_psql($database, 'CREATE EXTENSION threadmem;' . $access);
	$node->safe_psql($database, sprintf($rows, $_, $threads)) for @TENANTS;
	return;
}

sub tables
{
	my ($node, $database) = @_;
	return split /\n/, $node->safe_psql($database, q{SELECT oid::regclass FROM pg_class
		WHERE relnamespace = 'threadmem_data'::regnamespace AND relkind IN ('r', 'p') ORDER BY oid::regclass::text});
}

# By table its rows' number and hash, whatever their order.
sub hashes
{
	my ($node, $database) = @_;
	my $sql = join ' UNION ALL ', map { "SELECT '$_ ' || count(*) || ' ' || coalesce(sum(hashtextextended(x::text, 0)), 0) FROM $_ x" }
		tables($node, $database);
	return $node->safe_psql($database, "$sql ORDER BY 1");
}

sub findings
{
	my ($node, $database) = @_;
	return join "\n", grep { length } map { $node->safe_psql($database, "SET threadmem.tenant = '$_'; SELECT * FROM threadmem.threadmem_verify() WHERE thread_id IS NOT NULL") } @TENANTS;
}

# What roles get through calls: reads of each kind, and for the one that may write the next message too.
sub answers
{
	my ($node, $database) = @_;
	my $ask = q{SELECT threadmem.current_tenant(), metadata -> 'tenant', status FROM threadmem.thread_get('t1');
		SELECT count(*), min(seq), max(seq) FROM threadmem.message_last('t1', 100);
		SELECT count(*) FROM threadmem.message_search('words', max_rows => 10);
		SELECT s.values -> 'count', jsonb_array_length(s.values -> 'messages') FROM threadmem.thread_state('t1') s;
		SELECT key FROM threadmem.store_search('{memories}', '{"n": {"$lte": 3}}') ORDER BY key;
		SELECT source FROM threadmem.memory_search('u2', 'number 1', max_rows => 1);
		SELECT fact, source, target, valid_at, invalid_at, expired_at IS NULL FROM threadmem.memory_facts('u2', name => 'LIVES_IN', include_expired => true, sort_by => 'valid_at');
		SELECT kind, name, content FROM threadmem.memory_search('u2', 'Where does he live, and who is Ann?', 'auto', max_rows => 20) WHERE kind <> 'episode' ORDER BY 1, 2, 3;
		SELECT status FROM threadmem.run_get('t1', 'r');};
	return join "\n--\n", map { ask($node, $database, @$_) } [ 'app_a', "SET threadmem.tenant = 'b'; $ask" ], [ 'app_b', $ask ],
		[ 'backend', "SET threadmem.tenant = 'b'; SELECT threadmem.current_tenant(), threadmem.thread_count()" ],
		[ 'app_b', q{SELECT threadmem.message_add('t1', 'user', 'x')} ],
		[ 'app_a', q{BEGIN; SELECT seq, rev FROM threadmem.message_add('t1', 'user', 'next');
			SELECT threadmem.message_append('t1', 's', 2, 'end'); SELECT seq FROM threadmem.message_complete('t1', 's');
			SELECT status FROM threadmem.run_complete('t1', 'r'); ROLLBACK} ];
}

sub ask
{
	my ($node, $database, $role, $sql) = @_;
	my ($status, $out, $err) = $node->psql($database, $sql, extra_params => [ '-U', $role ]);
	return $status == 0 ? $out : ($err =~ /(ERROR: .*)/)[0];
}

1;
