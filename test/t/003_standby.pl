# Promise: every reading function works on a hot standby, for a bound tenant role too, and gives what
# the primary gives; every writing one fails there with 25006. The functions are those of the catalog.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->start;
$primary->safe_psql('postgres', q{
	CREATE EXTENSION threadmem;
	CREATE ROLE app LOGIN;
	SELECT threadmem.grant_access('app', 'admin');
	SELECT threadmem.tenant_bind('app', 'a');
	SET threadmem.tenant = 'a';
	SELECT threadmem.user_create('u', email => 'u@example.com');
	SELECT threadmem.graph_define('g', '{"channels": {"messages": {"reducer": "add_messages"}}}');
	SELECT threadmem.graph_define('unused', '{"channels": {}}');
	SELECT threadmem.context_template_create('block', '%{user_summary} %{episodes}');
	SELECT threadmem.user_update('u', summary => 'one who says hello');
	SELECT threadmem.assistant_create('asst', graph_id => 'g', name => 'Ann');
	SELECT threadmem.thread_create('t', user_id => 'u', assistant_id => 'asst', metadata => '{"k": 1}');
	SELECT threadmem.message_add('t', 'user', 'hello world', message_id => 'm');
	SELECT threadmem.message_add('t', 'assistant', 'hello to you');
	SELECT threadmem.checkpoint_put('t', '{"id": "c1", "channel_values": {"k": 1, "messages": [{"id": "m", "role": "user", "content": "hello world"}]}, "channel_versions": {"k": 1, "messages": 1}}', '{"run_id": "r"}');
	SELECT threadmem.checkpoint_put_writes('t', 'c1', 'task', '[["k", 2]]');
	SELECT threadmem.checkpoint_put('t', '{"id": "c2", "channel_values": {"k": 2}, "channel_versions": {"k": 2, "messages": 1}}', '{}', '{"k": 2}', 'c1');
	SELECT threadmem.message_start('t', message_id => 's');
	SELECT threadmem.message_append('t', 's', 1, 'a');
	SELECT threadmem.run_create('t', run_id => 'r');
	SELECT threadmem.run_step_add('t', 'r');
	SELECT threadmem.thread_create('short'), threadmem.run_create('short', run_id => 'r');
	SELECT threadmem.run_start('short', lease => '100 ms');
	SELECT threadmem.memory_add_data('u', 'hello again', episode_id => 'e');
	SELECT threadmem.memory_claim('w');
	SELECT threadmem.memory_add_fact('u', 'LIKES', 'likes tea', 'tea', episode_id => 'e', fact_id => 'f'), threadmem.memory_add_entity('u', 'cup', entity_id => 'cup');
	UPDATE threadmem_data.memory_jobs SET job_id = 'j';
	SELECT threadmem.user_create('team', kind => 'group'), threadmem.group_add_member('team', 'u'), threadmem.memory_block_set('persona', 'Short.', 'u');
	SELECT threadmem.user_create('waits'), threadmem.memory_add_data('waits', 'for a worker');
	SELECT threadmem.store_put('{n}', 'k', '{"x": "hello"}', 60, embeddings => '{1,0}'), threadmem.store_put('{n,below}', 'k', '{}');
	SET threadmem.tenant = 'other'; -- where expiry has something to do
	SELECT threadmem.thread_create('over');
	UPDATE threadmem_data.threads SET expires_at = now(), ttl_strategy = 'delete' WHERE thread_id = 'over';
});
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
$primary->safe_psql('postgres', q{SET threadmem.tenant = 'a'; SELECT threadmem.message_add('t', 'user', 'the last word')});
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

# What to give for a required argument: by function and name, by name, by type.
my %given = (
	'user_create.user_id' => q{'new'},
	'thread_create.thread_id' => q{'new'},
	'message_append.message_id' => q{'s'},
	'message_append.chunk_no' => '2',
	'message_append_json.message_id' => q{'s'},
	'message_append_json.chunk_no' => '2',
	piece => q{'"x"'},
	'message_complete.message_id' => q{'s'},
	'message_fail.message_id' => q{'s'},
	'message_search.query' => q{'hello'},
	'memory_add_data.data' => q{'new'},
	episode_id => q{'e'},
	'memory_add_fact.target' => q{'tea'},
	'memory_set_ontology.ontology' => q{'{}'},
	fact_id => q{'f'},
	entity_id => q{'cup'},
	group_id => q{'team'},
	label => q{'persona'},
	'memory_block_set.value' => q{'Longer.'},
	worker => q{'w'},
	job_id => q{'j'},
	'memory_complete.document' => q{'{}'},
	'graph_delete.graph_id' => q{'unused'},
	'help.function_name' => q{'help'},
	'tenants_prune_threads.untouched_since' => 'now()',
	'json_accept.document' => q{'{}'},
	'message_add.role' => q{'user'},
	'message_add.content' => q{'new'},
	'tenant_bind.tenant_id' => q{'a'},
	'tenant_export.tenant_id' => q{'a'},
	'tenant_delete.tenant_id' => q{'a'},
	'thread_add_participant.participant_id' => q{'u'},
	'thread_remove_participant.participant_id' => q{'u'},
	namespace => q{'{n}'},
	key => q{'k'},
	value => q{'{"x": "new"}'},
	operations => q{'[{"op": "put", "namespace": ["n"], "key": "k", "value": {}}]'},
	'store_similarity.embeddings' => q{'{1,0}'},
	'store_similarity.vector' => q{'{0,1}'},
	user_id => q{'u'},
	thread_id => q{'t'},
	session_id => q{'t'},
	message_id => q{'m'},
	assistant_id => q{'asst'},
	graph_id => q{'g'},
	template_id => q{'block'},
	role_name => q{'app'},
	run_id => q{'r'},
	tool_calls => q{'[{"id": "c"}]'},
	outputs => q{'[{"tool_call_id": "c", "output": "x"}]'},
	new_thread_id => q{'copy'},
	messages => q{'[{"role": "user", "content": "new"}]'},
	definition => q{'{"channels": {"messages": {"reducer": "add_messages"}}}'},
	dialect => q{'langgraph'},
	channel => q{'ch'},
	patch => q{'[]'},
	reducer => q{'append'},
	checkpoint_id => q{'c2'},
	from_id => q{'c1'},
	to_id => q{'c2'},
	task_id => q{'task'},
	checkpoint => q{'{"id": "c3", "channel_values": {"k": 3}, "channel_versions": {"k": 3}}'},
	writes => q{'[["k", 3]]'},
	channels => q{'{k,messages}'},
	run_ids => q{'{r}'},
	thread_ids => q{'{t}'},
	ttl => q{'{"minutes": 5}'},
	role => q{'user'},
	text => q{'x'},
	jsonb => q{'{"role": "user", "content": "x"}'},
	bigint => '1',
	integer => '1',
	'text[]' => q{'{x}'},
	boolean => 'true',
);
# Given though it has a default, since the call does nothing without it.
my %extra = (
	message_add => [ 'role', 'content' ],
	message_update => ['content'],
	tenant_bind => ['tenant_id'],
	memory_set_embedding => ['episode_id'],
	memory_add_fact => ['target'],
	memory_block_set => [ 'user_id', 'value' ],
	(map { $_ => ['user_id'] } qw(group_add_member group_remove_member user_groups memory_search
			memory_block_get memory_block_list memory_block_history memory_block_delete)),
	memory_sources => ['fact_id'],
	channel_reduce => ['update'],
	thread_fork => ['checkpoint_id'],
);
$given{'channel_reduce.update'} = q{'[1]'};
# Volatile for the ids that they make up; they touch no table.
my %writes_nothing = map { $_ => 1 } qw(channel_reduce channel_superstep);
$given{'message_update.content'} = q{'new'};

# Neither operators nor their support functions, nor what indexes and constraints ask; functions only, each with a call that fits it.
my @functions = split /\n/, $primary->safe_psql('postgres', q{
	SELECT p.proname, p.provolatile,
	       coalesce((SELECT string_agg(p.proargnames[i] || ':' || format_type(p.proargtypes[i - 1], NULL), ',' ORDER BY i)
	                 FROM generate_series(1, p.pronargs - p.pronargdefaults) i), '')
	FROM pg_proc p
	WHERE p.pronamespace = 'threadmem'::regnamespace AND p.prokind = 'f' AND p.prosqlbody IS NULL -- the same for ids of type uuid
	  AND (p.pronargs = 0 OR p.proargnames IS NOT NULL) AND p.proname !~ '^(check|install)_|^tenant_(keys|query)$'
	  AND 'internal'::regtype <> ALL (p.proargtypes::oid[]) AND p.proname <> 'position_of' -- parts of aggregates and lists
	ORDER BY p.proname, p.oid});

sub call_of
{
	my ($name, $required) = @_;
	my @arguments = map { [ split /:/ ] } split /,/, $required;
	push @arguments, map { [ $_, '' ] } @{ $extra{$name} // [] };
	return "SELECT * FROM threadmem.$name(" . join(', ', map {
		my ($argument, $type) = @$_;
		my $value = $given{"$name.$argument"} // $given{$argument} // $given{$type} // 'NULL';
		"$argument => $value" } @arguments) . ')';
}

my ($readers, $writers) = (0, 0);
for my $function (@functions)
{
	my ($name, $volatility, $required) = split /\|/, $function;
	my $call = call_of($name, $required // '');
	for my $role ('', 'app')
	{
		my @as = (extra_params => $role ? [ '-U', $role ] : []);
		my $sql = "\\set VERBOSITY sqlstate\nSET threadmem.tenant = 'a'; $call";
		my ($status, $out, $err) = $standby->psql('postgres', $sql, @as);
		if ($volatility eq 'v' && !$writes_nothing{$name})
		{
			# Bindings are for superusers, whoever may call the function.
			my $expected = $role && $name =~ /^tenant_bind$|^tenants_/ ? qr/42501/ : qr/25006/;
			like($err, $expected, "writes, as '$role': $call");
			$writers++;
		}
		else
		{
			# A role that is bound learns of no other tenant.
			my $expected = $role && $name =~ /^tenant_list$|^tenants_/ ? 'psql:<stdin>:2: ERROR:  42501' : '';
			is($err, $expected, "reads, as '$role': $call");
			is($out, ($primary->psql('postgres', $sql, @as))[1], '... what the primary gives');
			$readers++;
		}
	}
}
cmp_ok($readers, '>', 20, 'there were reading functions');
cmp_ok($writers, '>', 20, 'there were writing functions');

my ($status, $out, $err) = $standby->psql('postgres',
	q{SET threadmem.tenant = 'b'; SELECT content FROM threadmem.message_last('t', 1)}, extra_params => [ '-U', 'app' ]);
is($out, '"the last word"', 'a bound role reads its own tenant, up to date');
is($standby->safe_psql('postgres', q{SET threadmem.tenant = 'a'; SELECT checkpoint_id, checkpoint #> '{channel_values,k}', checkpoint #> '{channel_values,messages,0,id}' FROM threadmem.checkpoint_list('t')}),
	qq{c2|2|"m"\nc1|1|"m"}, 'checkpoints are read on the standby');
is($standby->safe_psql('postgres', q{SET threadmem.tenant = 'a'; SELECT threadmem.checkpoint_delta_history('t', '{k}')}),
	'{"k": {"seed": 1, "writes": [["task", "k", 2]]}}', 'so is what delta channels need');
$standby->psql('postgres', q{SELECT content FROM threadmem.message_last('t', 1)}, stderr => \$err);
like($err, qr/not found/, 'the default tenant has no such thread');

# A worker's death is judged by who reads: nobody can write it down here.
sleep 1;
is($standby->safe_psql('postgres', q{SET threadmem.tenant = 'a'; SELECT t.status, r.status FROM threadmem.thread_get('short') t, threadmem.run_get('short', 'r') r}),
	'error|expired', 'a lease that ended is judged on the standby');

# A promoted standby goes on without a gap.
$standby->promote;
is($standby->safe_psql('postgres', q{SET threadmem.tenant = 'a'; SELECT seq FROM threadmem.message_add('t', 'user', 'new primary')}),
	'5', 'seq goes on after promotion');
is($standby->safe_psql('postgres', q{SET threadmem.tenant = 'a'; SELECT threadmem.message_append('t', 's', 2, 'b')}),
	'2', 'so does a stream');

$standby->stop;
$primary->stop('immediate');
done_testing();
