# Promise: what is erased is nowhere. A word stands in everything that an application can say of a user; when the user is
# deleted no row of any table has it, and behind VACUUM FULL, REINDEX and CHECKPOINT no file of the database.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $MARK = 'zqxmarkerxqz';

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'autovacuum = off');
$node->start;

sub sql { return $node->safe_psql('postgres', $_[0]) }

# DOC is a document with the word as key and as value. Ids are the application's, and are no place for what somebody said.
my $fill = q{
	SET threadmem.tenant = 'a';
	SET threadmem.store_user_element = 2;
	SELECT threadmem.user_create('kept', first_name => 'Ann'), threadmem.thread_create('theirs', 'kept'), threadmem.thread_add_participant('theirs', 'kept');
	SELECT threadmem.user_create('gone', email => 'MARK@example.com', first_name => 'MARK', last_name => 'MARK', metadata => DOC);
	SELECT threadmem.user_update('gone', summary => 'MARK');
	SELECT threadmem.thread_create('t', 'gone', title => 'MARK', metadata => DOC, config => DOC, tool_resources => DOC), threadmem.thread_create('old', 'gone', title => 'MARK');
	SELECT count(*) FROM unnest('{t,old}'::text[]) t, threadmem.message_add_batch(t, (SELECT jsonb_agg(jsonb_build_object('id', 'm' || n, 'role', 'user', 'name', 'MARK', 'content', 'MARK ' || n, 'metadata', DOC)) FROM generate_series(1, 200) n));
	-- Long and without a pattern: out of line.
	SELECT threadmem.message_add('t', 'user', 'MARK ' || string_agg(md5(n::text), ' ')) FROM generate_series(1, 300) n;
	SELECT threadmem.message_update('t', 'm1', 'MARK, corrected'), threadmem.message_delete('t', 'm2');
	SELECT threadmem.message_start('t', message_id => 's'), threadmem.message_append('t', 's', 1, 'MARK');
	SELECT threadmem.message_add('theirs', 'user', 'MARK said elsewhere', sender_id => 'gone', message_id => 'said');
	SELECT threadmem.thread_update_state('t', jsonb_build_object('topic', 'MARK ' || n), metadata => DOC) FROM generate_series(1, 3) n;
	SELECT threadmem.checkpoint_put_writes('t', c.checkpoint ->> 'checkpoint_id', 'task', '[["MARK", "MARK"]]', 'MARK') FROM threadmem.thread_state('t') c;
	SELECT threadmem.run_create('t', run_id => 'r', input => DOC, kwargs => DOC, metadata => DOC, config => DOC), threadmem.run_start('t', 'r', 'MARK');
	SELECT threadmem.run_step_add('t', 'r', name => 'MARK', details => DOC, metadata => DOC, error => DOC, usage => DOC), threadmem.run_fail('t', 'r', DOC, DOC, 'MARK');
	SELECT threadmem.run_create('t', run_id => 'done'), threadmem.run_start('t', 'done'), threadmem.run_complete('t', 'done', result => DOC);
	SELECT threadmem.run_create('t', run_id => 'asks'), threadmem.run_start('t', 'asks'), threadmem.run_require_action('t', 'asks', '[{"id": "call", "name": "MARK", "args": {}}]');
	SELECT threadmem.memory_add_data('gone', 'MARK', metadata => DOC, source_description => 'MARK', episode_id => 'e'), threadmem.memory_update_episode('gone', 'e', 'MARK, corrected');
	SELECT threadmem.memory_add_data('gone', DOC::text, 'json');
	SELECT threadmem.memory_add_entity('gone', 'MARK friend', 'MARK', 'MARK', DOC, DOC, entity_id => 'friend'), threadmem.memory_update_entity('gone', 'friend', summary => 'MARK, corrected');
	SELECT threadmem.memory_add_fact('gone', 'MARK', 'MARK lives in ' || n, 'MARK ' || n, attributes => DOC, metadata => DOC, valid_at => '2020-01-01Z'::timestamptz + n * interval '1 day', thread_id => 't', message_id => 'm' || 2 + n, extractor => 'MARK') FROM generate_series(1, 100) n;
	SELECT threadmem.memory_set_ontology('{"entities": {"MARK": {"description": "MARK"}}}', 'gone');
	SELECT threadmem.memory_block_set('MARK', v, 'gone', description => 'MARK') FROM unnest('{MARK,"MARK, corrected"}'::text[]) v;
	SELECT threadmem.memory_block_set('MARK', v, thread_id => 't', description => 'MARK') FROM unnest('{MARK,"MARK, corrected"}'::text[]) v;
	SELECT threadmem.memory_fail(c.user_id, c.job_id, 'MARK', 'MARK is no JSON', false) FROM threadmem.memory_claim('MARK') c WHERE c.user_id = 'gone';
	SELECT threadmem.store_put(ARRAY['memories', 'gone'], 'k' || n, DOC) FROM generate_series(1, 3) n;
	SELECT threadmem.thread_delete('old');
};
$fill =~ s/DOC/'{"MARK": "MARK 1"}'::jsonb/g;
$fill =~ s/MARK/$MARK/g;
sql('CREATE EXTENSION threadmem CASCADE');
sql($fill);
sql('VACUUM ANALYZE');

# Columns, statistics of the planner too, with a row that has the word.
sub columns
{
	return split /\n/, sql(sql(qq{
		SELECT string_agg(format('SELECT %L AS place FROM %s t WHERE %I::text ~* %L HAVING count(*) > 0', c.relname || '.' || a.attname, c.oid::regclass, a.attname, '$MARK'), ' UNION ALL ') || ' ORDER BY place'
		  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		 WHERE c.relkind = 'r' AND (c.relnamespace = 'threadmem_data'::regnamespace OR c.relname = 'pg_statistic')}));
}

# Tables, indexes and what lies out of line, whose files have the word; a file that is nobody's by its name.
sub files
{
	my $base = $node->data_dir . '/base/' . sql(q{SELECT oid FROM pg_database WHERE datname = 'postgres'});
	my %of = map { split /\|/ } split /\n/, sql(q{CHECKPOINT; SELECT pg_relation_filenode(c.oid), coalesce(t.relname || ' out of line', c.relname) FROM pg_class c LEFT JOIN pg_class t ON t.reltoastrelid = c.oid
		WHERE pg_relation_filenode(c.oid) IS NOT NULL});
	my %found;

	for my $path (glob "$base/*")
	{
		my ($name) = $path =~ m{([^/]+)$};
		my ($number) = $name =~ /^(\d+)/;

		$found{ defined $number && $of{$number} || $name } = 1 if slurp_file($path) =~ /$MARK/i;
	}
	return sort keys %found;
}

# Every column that can hold words of a user has the word; the others hold ids and words of ours, or what is the tenant's.
my %no_words = map { $_ => 1 } qw(assistants.config assistants.description assistants.instructions assistants.metadata assistants.model assistants.name assistants.tool_resources assistants.tools
	context_templates.template graphs.definition notify_channels.channel episode_revisions.body message_chunks.half
	runs.incomplete_reason runs.awaits store_items.path store_items.key users.time_zone);
my @can = grep { !$no_words{$_} } split /\n/, sql(q{
	SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
	 WHERE c.relkind = 'r' AND c.relnamespace = 'threadmem_data'::regnamespace AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype, 'tsvector'::regtype, 'bytea'::regtype)
	   AND a.attname !~ '(^|_)(id|ids|ns|hash|status|state|role|kind|type|source|strategy|from|of)$' ORDER BY 1});
is_deeply([ columns() ], \@can, 'before the erasure the word is in every column that can hold words');
is_deeply([ files() ], [ sort 'messages out of line', qw(checkpoint_writes checkpoints entities entities_name entity_revisions episode_revisions episodes fact_revisions facts facts_source memory_block_revisions memory_block_revisions_pkey
	memory_blocks memory_blocks_pkey memory_jobs message_chunks messages messages_search ontologies run_steps runs store_items store_items_search thread_values threads threads_search users) ], 'and in the files of tables and of the indexes that hold words');

sql(q{SET threadmem.tenant = 'a'; SELECT threadmem.user_delete('gone')});
is_deeply([ columns() ], [], 'after it, it is in no column');
isnt(scalar(files()), 0, 'rows that are dead are in the files still');
$node->safe_psql('postgres', $_) for 'VACUUM FULL', 'REINDEX DATABASE postgres', 'CHECKPOINT';
is_deeply([ files() ], [], 'and behind VACUUM FULL, REINDEX and CHECKPOINT in no file');
is(sql(q{SET threadmem.tenant = 'a'; SELECT string_agg(user_id, ' ') FROM threadmem.users}), 'kept', 'the other user is there');

done_testing();
