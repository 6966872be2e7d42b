# What the calls meet: threads in every state a thread can be in, with their users, assistants, graphs and templates, and
# which ids are in them. The threads are made anew from time to time, since what is called uses them up.
package World;

use strict;
use warnings;

# Made once. Whose threads they are: u1's, but for the scenes "foreign" (u2's, u1 takes part) and "nobodys".
our @GROUND = (
	"user_create('u1', first_name => 'Ada', email => 'ada\@example.org', time_zone => 'Europe/Paris')",
	"user_create('u2', first_name => 'Bob')", "user_create('group1', kind => 'group')",
	"user_update('u2', summary => repeat('Bob gardens. ', 8))",
	q(graph_define('g1', '{"channels": {"messages": {"reducer": "add_messages"}, "x": {"reducer": "add"}, "list": {"reducer": "append"},
		"set": {"reducer": "union"}, "map": {"reducer": "merge"}, "last": {"reducer": "last_value", "default": 1}},
		"nodes": ["n1", "n2"], "edges": [["__start__", "n1"], ["n1", "n2"], ["n2", "__end__"]]}')),
	"graph_define('g2')", "graph_define('g3')",
	"assistant_create('a1', graph_id => 'g1', name => 'One')", "assistant_create('a2', name => 'Two')",
	q(context_template_create('ct1', 'About %{user_summary} in %{episodes limit=3}')),
	q(context_template_create('ct2', 'Facts: %{edges limit=3} %{entities types=[A]}')),
	q(memory_add_data('u1', 'Ada has a garden in Lyon', episode_id => 'ep1')),
	q(memory_add_data('u1', '{"city": "Lyon", "n": 1.10}', 'json', episode_id => 'ep2')),
	q(memory_add_data('group1', 'Ada (user): hello world', 'message', episode_id => 'ep1')),
	"memory_add_entity('u1', 'Lyon', 'City', 'On two rivers', entity_id => 'lyon')", "memory_add_entity('u1', 'Bob', entity_id => 'bob')",
	q(memory_add_fact('u1', 'LIVES_IN', 'Ada lives in Lyon', target_id => 'lyon', valid_at => '2020-01-01', fact_id => 'f1', episode_id => 'ep1', attributes => '{"x": 1}')),
	"memory_add_fact('u1', 'KNOWS', 'Bob knows Lyon', target_id => 'lyon', source_id => 'bob', fact_id => 'f2')",
	q(memory_set_ontology('{"entities": {"City": {}}, "facts": {"LIVES_IN": {}}}')),
	q(store_put('{users,u1}', 'k1', '{"x": 1, "text": "hello garden", "list": ["a"], "a": {"b": [1]}}', embeddings => '{1,2,3}')), q(store_put('{notes}', 'k2', '{"x": 2}', 60)),
);

my @LOG = (
	q(message_add('%T', 'user', 'hello world, where was the garden', message_id => 'm1', sender_id => 'u1')),
	q(message_add('%T', 'user', 'before the edit', message_id => 'm2', metadata => '{"x": 1}')),
	q(message_update('%T', 'm2', 'after the edit')),
	q(message_add('%T', body => '{"id": "m3", "role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}, {"id": "call_2", "type": "function", "function": {"name": "f", "arguments": "no"}}]}')),
	q(message_add('%T', 'tool', 'rain', message_id => 'm4', tool_call_id => 'call_1')),
	q(message_add('%T', 'user', 'to be deleted', message_id => 'm5')), q(message_delete('%T', 'm5')),
	q(message_add('%T', 'user', 'to be erased', message_id => 'm6')), q(message_erase('%T', 'm6')),
	q(message_start('%T', message_id => 'm7')), q(message_append('%T', 'm7', 1, 'a piece')), q(message_append('%T', 'm7', 2, ', another')),
	q(message_start('%T', message_id => 'm8')), q(message_fail('%T', 'm8', 'broken')),
	q(message_start('%T', message_id => 'm9')), q(message_append('%T', 'm9', 1, 'whole')), q(message_complete('%T', 'm9')),
	q(message_add('%T', 'system', 'You are kind.', message_id => 'm10')),
);
my @STATE = (
	q(thread_update_state('%T', '{"messages": [{"type": "human", "content": "hi", "id": "s1"}], "x": 1, "list": [1], "set": ["a"], "map": {"k": 1}}', '__start__')),
	q(thread_update_state('%T', '{"messages": [{"type": "ai", "content": "yes", "id": "s2"}], "x": 2, "map": {"l": 2}}', 'n1')),
);
my @RUN = (q(run_create('%T', 'a1', '{"x": 1}', run_id => 'r1')), q(run_start('%T', 'r1', 'w1', '1 hour')));

# The saver door: a chain with a branch, a subgraph and writes. Ids are a uuid6's, sorted as they are counted.
sub put
{
	my ($number, $parent, $values, $versions, @more) = @_;
	my $id = sub { sprintf "1ef00000-0000-6000-8000-%012d", $_[0] };
	return sprintf q(checkpoint_put('%%T', '{"v": 4, "ts": "2024-01-01", "id": "%s", "channel_values": %s, "channel_versions": %s, "versions_seen": {"n1": {"messages": 1}}}', '{"source": "loop", "step": %d, "run_id": "r%d"}'%s%s)),
		$id->($number), $values, $versions, $number, $number, $parent ? ", parent_checkpoint_id => '" . $id->($parent) . "'" : '', join '', map { ", $_" } @more;
}

our %SCENES = (
	plain => { make => \@LOG },
	empty => { make => [] },
	foreign => { owner => "'u2'", make => [ q(thread_add_participant('%T', 'u1')), q(thread_add_participant('%T', 'a1', 'assistant')), @LOG[ 0, 1, 4 ] ] },
	nobodys => { owner => 'NULL', make => [ @LOG[ 0, 1, 9, 10 ] ] },
	door => { make => [ @STATE, @LOG[ 0, 9, 10 ] ] },
	chain => { make => [
		put(1, 0, '{"messages": [{"role": "user", "content": "hi", "id": "m1"}], "x": 1, "delta": [1]}', '{"messages": 1, "x": 1, "delta": 1}'),
		put(2, 1, '{"messages": [{"role": "user", "content": "hi", "id": "m1"}, {"role": "assistant", "content": "yo"}], "x": [1, {"a": null}]}', '{"messages": 2, "x": 2}'),
		put(3, 2, '{"messages": [], "x": 1.10}', '{"messages": 3, "x": 3}'),
		put(4, 2, '{"messages": [{"role": "user", "content": "hi", "id": "m1"}], "x": "other"}', '{"messages": 4, "x": 4, "delta": 1}'),
		put(5, 0, '{"y": 1}', '{"y": 1}', q(checkpoint_ns => 'sub:1')),
		q(checkpoint_put_writes('%T', '1ef00000-0000-6000-8000-000000000004', 'task1', '[["x", 5], ["messages", [{"role": "user", "content": "w", "id": "w1"}]], ["__interrupt__", [{"value": "sure?"}]]]')),
		q(checkpoint_put_writes('%T', '1ef00000-0000-6000-8000-000000000002', 'task2', '[["delta", 2]]')) ] },
	queued => { make => [ $LOG[0], $RUN[0], q(run_create('%T', 'a2', run_id => 'r2')) ] },
	working => { make => [ @LOG[ 0, 9, 10 ], @STATE, @RUN, q(run_step_add('%T', 'r1', status => 'in_progress', name => 'f')), q(run_step_add('%T', 'r1', 'node')), q(run_create('%T', 'a2', run_id => 'r2')) ] },
	action => { make => [ @RUN, $LOG[3] =~ s/\)$/, run_id => 'r1')/r, q(run_require_action('%T', 'r1', '[{"id": "call_1"}, {"id": "call_2"}]')) ] },
	half => { make => [ @RUN, q(run_require_action('%T', 'r1', '[{"id": "call_1"}, {"id": "call_2"}]')), q(run_submit_tool_outputs('%T', 'r1', '[{"tool_call_id": "call_1", "output": "x"}]')) ] },
	cancelling => { make => [ @RUN, q(run_cancel('%T', 'r1')) ] },
	over => { make => [ @RUN, q(run_complete('%T', 'r1')), map { s/r1/r2/gr } @RUN ], then => [ q(run_fail('%T', 'r2', '{"code": 1}')) ] },
	pinned => { more => ', assistant_pinned => true', make => [ $LOG[0] ] },
	gone => { make => [ put(1, 0, '{"x": 1}', '{"x": 1}'), $LOG[0], q(thread_delete('%T')) ] },
	expiring => { more => q(, ttl => '{"ttl": 1, "strategy": "keep_latest"}'), make => [ @LOG[ 0, 1 ] ] },
);

sub new
{
	my ($class, $session) = @_;
	my $self = bless { session => $session, epoch => 0, threads => {} }, $class;
	$self->make($_) for @GROUND;
	return $self;
}

sub make
{
	my ($self, $call) = @_;
	my $answer = $self->{session}->query("SELECT * FROM threadmem.$call");
	die "the scene cannot be set: threadmem.$call: $answer->{code} $answer->{message} $answer->{detail}\n"
		unless $answer->{code} eq 'ok';
	return;
}

# New threads of every kind; those of the epoch before stay in use, older ones go.
sub next_epoch
{
	my ($self) = @_;
	$self->make("thread_list(max_rows => 1000, after_id => NULL) t, threadmem.thread_delete(t.thread_id, false) WHERE t.thread_id !~ '^e$self->{epoch}-'");
	$self->{epoch}++;
	for my $kind (sort keys %SCENES)
	{
		my $scene = $SCENES{$kind};
		my $thread = "e$self->{epoch}-$kind";
		my $owner = $scene->{owner} // "'u1'";
		$self->make("thread_create('$thread', $owner, 'a1', graph_id => 'g1'" . ($scene->{more} // '') . ')');
		$self->make(s/%T/$thread/gr) for @{ $scene->{make} }, @{ $scene->{then} // [] };
		my $answer = $self->{session}->query("SELECT checkpoint_id FROM threadmem.checkpoint_list('$thread') ORDER BY checkpoint_id");
		$self->{checkpoints}{$thread} = [ map { $_->[0] } @{ $answer->{rows} } ];
	}
	return;
}

# A thread of a kind, of this epoch or the one before.
sub thread
{
	my ($self, $random, $kind) = @_;
	my $epoch = $self->{epoch} > 1 && $random->percent(20) ? $self->{epoch} - 1 : $self->{epoch};
	return "e$epoch-$kind";
}

sub kinds { return sort keys %SCENES }

# A checkpoint of a thread, of any where it has none.
sub checkpoint
{
	my ($self, $random, $thread) = @_;
	my @ids = @{ $self->{checkpoints}{$thread} // [] };
	return $random->pick(@ids ? @ids : map { sprintf '1ef00000-0000-6000-8000-%012d', $_ } 1 .. 9);
}

1;
