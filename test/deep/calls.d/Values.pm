# Arguments, made from their names and types: such as a client would give, and such as only an enemy would.
package Values;

use strict;
use warnings;

sub new
{
	my ($class, $random, $world) = @_;
	return bless { random => $random, world => $world, fresh => 0 }, $class;
}

sub quote
{
	my ($text) = @_;
	return "'" . ($text =~ s/'/''/gr) . "'" unless $text =~ /\\/;
	return "E'" . ($text =~ s/\\/\\\\/gr =~ s/'/''/gr) . "'";
}

# JSON of a Perl value; a scalar is JSON already.
sub json
{
	my ($value) = @_;
	return $value unless ref $value;
	return '[' . join(', ', map { json($_) } @$value) . ']' if ref $value eq 'ARRAY';
	return '{' . join(', ', map { "\"$_\": " . json($value->{$_}) } sort keys %$value) . '}';
}

sub string { my ($text) = @_; $text =~ s/(["\\])/\\$1/g; $text =~ s/([\x00-\x1f])/sprintf '\\u%04x', ord $1/ge; return "\"$text\"" }

#
# What a client gives. By function.argument, else by argument: a list of texts to choose from, or a sub.
#

my @ROLES = qw(user assistant system tool human ai developer function);
my %TEXT = (
	role => \@ROLES, 'thread_add_participant.role' => [qw(member owner guest)], ignore_roles => \@ROLES, start_on => [qw(user human assistant)],
	content => [ 'hello world', '', "two\nlines", 'x' x 300, 'x' x 2000 ], data => [ 'Ada likes the sea', '{"a": [1, "b"]}', 'Bob: hi', 'x' x 300, 'x' x 2000 ],
	delta => [ ', another', 'x', '', 'x' x 2000 ], piece => [ '", another"', '"\ud83d"', '"\ude00"', '""', '1' ], query => [ 'where is the garden', '"a b" or -c', '', 'hello', 'w' x 300 ], search => [ 'a', 'Ada', '' ],
	document => [ '{"facts": []}', '{"facts": [{"name": "HAS", "target": "x", "fact": "y"}]}', '{"a": 1}', '[1.10]', '"x"', 'no json', '{"a": "\u0000"}', '["\ud800"]', '["\uD83D\uDE00"]' ],
	name => [ 'Ada', 'f', 'One' ], key => [qw(k1 k2 k3)], title => ['A title'], description => ['What it is'], instructions => ['Be kind.'], model => ['m-1'],
	email => ['ada@example.org'], first_name => ['Ada'], last_name => ['L'], time_zone => [qw(UTC Europe/Paris)], summary => [ 'A summary', 's' x 400 ],
	worker => [qw(w1 w2)], incomplete_reason => [qw(max_completion_tokens)], reason => ['broken'], source_description => ['mail'],
	kind => [qw(user group)], 'thread_add_participant.kind' => [qw(user assistant)], 'thread_remove_participant.kind' => [qw(user assistant)],
	if_exists => [qw(raise do_nothing)], if_not_exists => [qw(reject create)], sort_order => [qw(asc desc)], sort_by => [qw(created_at updated_at thread_id)],
	strategy => [qw(enqueue reject interrupt rollback delete keep_latest last middle head_tail)], 'run_create.strategy' => [qw(enqueue reject interrupt rollback)],
	'thread_prune.strategy' => [qw(delete keep_latest)], 'checkpoint_prune.strategy' => [qw(delete keep_latest)], 'thread_set_ttl.strategy' => [qw(delete keep_latest)],
	'message_context.strategy' => [qw(last middle head_tail)], dangling => [qw(drop close)], view => [qw(log state)], mode => [qw(basic summary)],
	scope => [qw(episodes auto edges nodes)], reranker => [qw(rrf mmr node_distance episode_mentions)], contradicts => [qw(relation source none)],
	source => [ 'Ada', 'Lyon' ], target => [ 'Lyon', 'a garden', 'Bob' ], label => [qw(City Person)], source_label => [qw(Person)], target_label => [qw(City Thing)], fact => [ 'Ada lives in Lyon', 'Ada likes Bob' ],
	'memory_add_fact.name' => [qw(LIVES_IN LIKES)], 'memory_update_fact.name' => [qw(LIKES)], 'memory_facts.name' => [qw(LIVES_IN LIKES)], extractor => [qw(rules)], 'memory_add_entity.if_exists' => [qw(raise do_nothing update)],
	'memory_facts.sort_by' => [qw(created_at valid_at fact_id)], 'memory_entities.sort_by' => [qw(created_at name entity_id)], dialect => [qw(langgraph langchain entities zep backboard openai anthropic)],
	level => [qw(read write admin)], role_name => [qw(app bare)], 'run_list.status' => [qw(queued in_progress completed)], 'run_step_add.status' => [qw(in_progress completed failed)],
	status => [qw(idle busy interrupted error)], 'run_step_add.type' => [qw(message_creation tool_calls node)], type => [qw(text json message)],
	reducer => [qw(last_value add_messages append add merge union)], channel => [qw(messages x)], as_node => [qw(n1 n2 __input__ __start__ __end__ __copy__)],
	checkpoint_ns => [ '', '', '', 'sub:1' ], after_ns => [ '', 'sub:1' ], task_path => [ '', 'a/b' ], template => [ 'For %{user_summary}', '%{episodes limit=2}', 'ct1', '%{thread_summaries}' ],
	'thread_context.template' => [qw(ct1 ct2)], held => [ '', '1.1.1.c1' ], expected_content => [ 'hello world, where was the garden', 'x' ], tenant_id => [ 'other', '' ],
);
my %ID = (
	user_id => [qw(u1 u1 u1 u2 group1)], participant_id => [qw(u1 u2 a1)], sender_id => [qw(u1 u2 somebody)], assistant_id => [qw(a1 a2)], graph_id => [qw(g1 g2)],
	'graph_delete.graph_id' => [qw(g3 g1)], template_id => [qw(ct1 ct2)], episode_id => [qw(ep1 ep2)], task_id => [qw(task1 task2 00000000-0000-0000-0000-000000000000)], run_id => [qw(r1 r1 r2)],
	fact_id => [qw(f1 f1 f2)], entity_id => [qw(u1 lyon bob)], source_id => [qw(u1 bob)], target_id => [qw(lyon bob)], center_entity_id => [qw(u1 lyon)],
	job_id => [qw(j1 j2)], message_id => [qw(m1 m2 m3 m4 m5 m6 m7 m8 m9 m10 s1 s2)], tool_call_id => [qw(call_1 call_2)],
);
my %ARRAY = (
	channels => [qw(messages x delta)], next => [qw(n1 n2)], remove_keys => [qw(x k thread_id)], namespace => [qw(users u1 notes)], namespace_prefix => [qw(users u1)], prefix => [qw(users *)], suffix => [qw(u1 notes *)], indexed => [ '$', 'x', 'a.b[0]', 'list[*]' ], participant_ids => [qw(u1 u2)], run_ids => [qw(r1 r2 r3)],
	origin_ids => [qw(lyon u1)], entity_ids => [qw(u1 lyon)], contradicted_ids => [qw(f1)],
	clear => [qw(name)], 'memory_update_fact.clear' => [qw(valid_at invalid_at expired_at)], 'memory_update_entity.clear' => [qw(label summary)], 'user_update.clear' => [qw(email first_name summary)], 'thread_update.clear' => [qw(title user_id assistant_id graph_id ttl)],
	'session_update.clear' => [qw(title user_id assistant_id graph_id ttl)], fields => [ 'values', 'values.x', 'metadata', 'next', 'tasks', 'created_at' ],
	'thread_search.fields' => [qw(thread_id status metadata values interrupts title)], ignore_roles => \@ROLES,
);
# Where a call mostly has to go to do anything.
my @PLACES = (
	[ qr/submit_tool_outputs/ => [qw(action half)] ], [ qr/^run_(step_add|interrupt|require_action|heartbeat)/ => [qw(working)] ], [ qr/^run_(heartbeat|complete|fail|interrupt|require_action|step)/ => [qw(working working cancelling over)] ],
	[ qr/^run_start/ => [qw(queued working action)] ], [ qr/^run_(cancel|expire)/ => [qw(working queued action cancelling)] ],
	[ qr/^message_append/ => [qw(plain)] ], [ qr/^message_(complete|fail)/ => [qw(plain plain plain door)] ], [ qr/^message_(update|delete|erase|get|revisions)/ => [qw(plain working door)] ], [ qr/fork/ => [qw(door door working)] ], [ qr/rewind|siblings/ => [qw(plain door)] ],
	[ qr/participant/ => [qw(foreign)] ], [ qr/^checkpoint_put|diff|copy/ => [qw(chain chain door)] ], [ qr/context|memory_get|prune|^checkpoint_delete/ => [qw(plain door foreign chain)] ],
);
my %MESSAGES = (
	qr/^message_(append|complete|fail)/ => [qw(m7 m7 m7 m7 m7 m7 m7 m7 m8 m9)], qr/^message_(update|delete|erase)|embedding/ => [qw(m1 m2 m3 m4 m7)], qr/fork/ => ['m1'], qr/rewind|siblings/ => [qw(m1 m2 m3)],
);
# Optional arguments that make sense together only; most calls of such a function have one of these sets.
my %SHAPES = (
	message_add => [ [qw(role content)], [qw(role content sender_id message_id event_at metadata)], [qw(body)], [qw(body message_id)], [qw(role content tool_calls)] ],
	message_update => [ [qw(content)], [qw(body)], [qw(metadata remove_keys)], [qw(content expected_rev)] ], memory_set_embedding => [ [qw(embedding thread_id message_id)], [qw(embedding episode_id)], [qw(thread_id message_id expected_content)] ],
	thread_rewind => [ [], [qw(content)], [qw(content new_message_id)], [qw(before_message)], [qw(parts)] ],
	thread_fork => [ [qw(checkpoint_id)], [qw(message_id)], [qw(message_id new_thread_id)] ], thread_copy => [ [qw(checkpoint_id)], [qw(new_thread_id)], [qw(history)] ], thread_update_state => [ [qw(input as_node)], [qw(updates)], [qw(input run_id as_node)], [qw(input as_node checkpoint_id)] ],
	run_create => [ [], [qw(assistant_id)], [qw(assistant_id strategy)], [qw(assistant_id run_id messages)] ], run_start => [ [qw(run_id)], [qw(worker)] ], message_context => [ [qw(max_tokens)], [qw(max_messages strategy)], [qw(max_tokens strategy dangling)] ],
	run_step_add => [ [qw(name)], [qw(type status name)], [qw(step_no status)] ], message_complete => [ [], [qw(metadata)], [qw(body)] ], memory_add_data => [ [], [qw(type)], [qw(event_at episode_id)] ], message_start => [ [], [qw(message_id)] ],
	store_put => [ [], [qw(ttl_minutes)], [qw(indexed)], [qw(embeddings)] ], store_search => [ [], [qw(namespace_prefix filter)], [qw(query)], [qw(embedding)], [qw(namespace_prefix query embedding max_rows)] ],
	message_list => [ [qw(max_rows sort_order)], [qw(after_seq)], [qw(role)], [qw(view max_rows)] ], run_list => [ [qw(status)], [qw(max_rows sort_order)] ], thread_update => [ [qw(title metadata)], [qw(clear)], [qw(user_id)], [qw(assistant_id)], [qw(ttl)] ],
	message_format => [ [], [qw(max_rows sort_order)] ], thread_set_metadata => [ [] ], threadmem_verify => [ [qw(thread_id)] ], thread_list => [ [], [qw(user_id sort_by)] ], run_heartbeat => [ [], [qw(worker)] ], run_complete => [ [], [qw(worker usage)], [qw(incomplete_reason)] ], run_fail => [ [], [qw(error)] ],
);

# The optional arguments of a call, if they are to be a set of these.
sub shape
{
	my ($self, $function) = @_;
	my $shapes = $SHAPES{ $function->{name} =~ s/^session_/thread_/r =~ s/^thread_messages/message_list/r };
	return $shapes && $self->{random}->percent(70) ? ('', @{ $self->{random}->pick(@$shapes) }) : ();
}

# What makes an id of its own kind; new_thread_id is one everywhere.
my $MAKES = qr/_create$|^message_(add|start)$/;

sub fresh { my ($self) = @_; return 'new' . ++$self->{fresh} }

# The thread that a call is about: where its ids then come from.
sub place
{
	my ($self, $function) = @_;
	my ($random, $world) = @$self{qw(random world)};
	my ($found) = grep { $function->{name} =~ $_->[0] } @PLACES;
	return $world->thread($random, $random->pick($found && $random->percent(85) ? @{ $found->[1] } : $world->kinds));
}

sub good_text
{
	my ($self, $function, $name, $place) = @_;
	my ($random, $world) = @$self{qw(random world)};
	my $call = $function->{name};
	my $own = $name =~ /^new_(thread|message)_id$/ || $call =~ $MAKES && $call =~ ($name =~ s/_id$//r) || $call =~ /^(?:session_create|memory_add_session)$/ && $name eq 'session_id' || $call =~ /add_data/ && $name eq 'episode_id';
	return $self->fresh if $name =~ /_id$/ && $own && $random->percent(75);
	return $place if $name =~ /^(thread_id|session_id|new_thread_id|after_thread_id)$/;
	return $world->checkpoint($random, $place) if $name =~ /checkpoint_id$/ || $name =~ /^(from|to)_id$/;
	return $random->pick(@{ $TEXT{"$call.$name"} // $TEXT{$name} }) if $TEXT{$name};
	if ($name eq 'message_id')
	{
		for my $pattern (sort keys %MESSAGES) { return $random->pick(@{ $MESSAGES{$pattern} }) if $call =~ $pattern && $random->percent(85) }
	}
	return $random->pick(@{ $ID{"$call.$name"} // $ID{$name} }) if $ID{$name};
	return $random->pick(qw(m1 m4 r1 u1 a1 g1 ct1), $place, $world->checkpoint($random, $place)) if $name =~ /^(after|before)_id$/;
	return $random->pick('a text', 'x');
}

sub message
{
	my ($self) = @_;
	my $random = $self->{random};
	my %message = (role => string($random->pick(@ROLES)), content => $random->pick('"hello world"', '""', '[{"type": "text", "text": "hi"}]', 'null', string('x' x 2000)));
	$message{id} = string($random->percent(50) ? $self->fresh : $random->pick(@{ $ID{message_id} })) if $random->percent(80);
	$message{type} = delete $message{role} && string($random->pick(qw(human ai system tool remove))) if $random->percent(30);
	$message{tool_calls} = [ map { { id => string("call_$_"), type => '"function"', function => { name => '"f"', arguments => '"{}"' } } } 1 .. $random->below(4) ] if $random->percent(20);
	$message{tool_call_id} = string('call_' . $random->between(1, 3)) if $random->percent(15);
	$message{metadata} = { x => 1 } if $random->percent(15);
	$message{created_at} = $random->pick('"2024-01-01T00:00:00Z"', 1700000000) if $random->percent(10);
	return \%message;
}

sub messages { my ($self) = @_; return [ map { $self->message } 1 .. $self->{random}->below(5) ] }

sub checkpoint
{
	my ($self, $place) = @_;
	my $random = $self->{random};
	my $id = $random->percent(60) ? sprintf('1ef00000-0000-6000-8000-%012d', $random->between(1, 999)) : $random->pick($self->{world}->checkpoint($random, $place), $self->fresh);
	my %values = (messages => $self->messages, x => $random->pick(1, '1.10', '"a"', '[1, 2]', '{"k": null}', string('v' x 500)));
	my %versions = map { $_ => $random->below(9) } qw(messages x);
	if ($random->percent(20)) { $values{__pregel_tasks} = [ { node => '"n1"', arg => 1 } ]; $versions{__pregel_tasks} = 1 }
	if ($random->percent(20)) { $values{'branch:to:n1'} = 'null'; $versions{'branch:to:n1'} = $random->below(5) }
	delete $values{ $random->pick(sort keys %values) } if $random->percent(20);
	return { v => $random->pick(1, 3, 4), id => string($id), ts => '"2024-01-01T00:00:00Z"', channel_values => \%values, channel_versions => \%versions, versions_seen => { n1 => { messages => 1 } } };
}

sub update { my ($self) = @_; my $random = $self->{random}; return $random->pick({ messages => $self->messages }, { x => 1 }, { x => 2, list => [1], map => { k => 'null' } }, { set => [ 1, '"a"' ] }, 'null', { x => { __overwrite__ => 5 } }) }

sub operation
{
	my ($self) = @_;
	my $random = $self->{random};
	my %item = (namespace => [ map { string($_) } $random->pick([qw(users u1)], ['notes'])->@* ], key => string($random->pick(qw(k1 k2 k3))));
	return $random->pick({ op => '"get"', %item, refresh_ttl => 'true' }, { op => '"put"', %item, value => { x => 1, text => '"hello world"' }, ttl => $random->pick('0.5', 'null'), embeddings => [ [ 1, 0, 0 ], [ '0.5', 1, 0 ] ] },
		{ op => '"delete"', %item }, { op => '"touch"', %item }, { op => '"search"', namespace_prefix => ['"users"'], query => '"hello"', limit => 5, filter => { x => { '$gte' => 1 } } },
		{ op => '"list_namespaces"', match_conditions => [ { match_type => '"suffix"', path => ['"u1"'] } ], max_depth => 2 });
}

sub patch
{
	my ($self) = @_;
	my $random = $self->{random};
	return [ map { { op => string($random->pick(qw(add add replace remove test copy move))), path => string($random->pick('', '/a', '/b', '/a/0', '/a/-', '/c/d')), from => string($random->pick('/a', '/b')), value => $random->pick(1, '[]', '{"c": 1}', '"x"', 'null') } } 1 .. $random->below(4) ];
}

my %JSON = (
	body => sub { $_[0]->message }, messages => sub { $_[0]->messages }, checkpoint => sub { $_[0]->checkpoint($_[1]) }, input => sub { $_[0]->update },
	updates => sub { [ map { { values => $_[0]->update, as_node => string($_[0]{random}->pick(qw(n1 n2))) } } 1 .. $_[0]{random}->between(1, 2) ] },
	supersteps => sub { [ { updates => [ { values => $_[0]->update, as_node => string($_[0]{random}->pick(qw(__input__ n1))) } ] } ] },
	definition => sub { { channels => { x => { reducer => string($_[0]{random}->pick(qw(add append merge union last_value))) } }, nodes => [ '"n1"', '"n2"' ], edges => [ [ '"__start__"', '"n1"' ], [ '"n1"', '"n2"' ] ] } },
	writes => sub { [ map { [ string($_[0]{random}->pick(qw(messages x __interrupt__ __error__ __resume__))), $_[0]{random}->pick(1, [ $_[0]->message ]) ] } 1 .. $_[0]{random}->below(4) ] },
	lists => sub { { messages => $_[0]{random}->pick('[]', '[[1, 1]]', '[1]', [ '[1, 2]', $_[0]->message ], [ $_[0]->message ]) } },
	new_versions => sub { { messages => $_[0]{random}->below(9), x => $_[0]{random}->below(9) } }, ttl => sub { { ttl => $_[0]{random}->between(1, 90), strategy => '"delete"' } },
	tool_calls => sub { [ map { { id => string("call_$_"), type => '"function"', function => { name => '"f"', arguments => '"{}"' } } } 1 .. $_[0]{random}->between(1, 2) ] },
	outputs => sub { [ map { { tool_call_id => string("call_$_"), output => $_[0]{random}->pick('"x"', '"other"') } } 1 .. $_[0]{random}->between(1, 2) ] },
	tools => sub { [ { type => '"function"' } ] }, attachments => sub { [ { file_id => '"f1"' } ] }, filters => sub { $_[0]{random}->pick({ thread_ids => [ string($_[1]) ] }, { roles => ['"user"'] }, { since => '"2024-01-01"' }, {}) },
	values_match => sub { $_[0]{random}->pick({ x => 1 }, {}, { x => 3 }, { map => { k => 1 } }) }, paths => sub { $_[0]{random}->pick({ last => '"values.messages[-1].content"' }, { a => '"values.x"', b => '"metadata.x"' }) },
	filter => sub { $_[0]{random}->pick({ x => 1 }, {}, { x => { '$gte' => 1, '$lt' => 3 } }, { map => { k => 1 } }, { y => { '$ne' => 'null' } }) },
	operations => sub { [ map { $_[0]->operation } 1 .. $_[0]{random}->between(0, 4) ] },
	patch => sub { $_[0]->patch }, updates_of_channel => sub { [1] }, doc => sub { '{"a": [1], "b": {"c": 1.10}, "c": {}}' }, old => sub { '{"a": [1, 2, 3], "b": 1.1}' }, new => sub { $_[0]{random}->pick('{"a": [1, 3], "b": 1.10}', '[]') },
	base => sub { '{"a": [1], "b": {"c": 1.10}, "c": {}}' }, current => sub { $_[0]{random}->pick(1, '[]', '{"a": 1}', '"x"') }, update => sub { $_[0]{random}->pick(1, '[1]', '{"b": 2}', $_[0]->message) },
	'channel_superstep.updates' => sub { $_[0]{random}->pick('[1]', '[[1]]', '[{"b": 2}]', [ $_[0]->message ]) },
);

sub good
{
	my ($self, $function, $arg, $place) = @_;
	my $random = $self->{random};
	my ($name, $type) = @$arg{qw(name type)};
	return $name if $function->{table};
	return quote($self->good_text($function, $name, $place)) if $type eq 'text';
	return $random->pick('true', 'false') if $type eq 'boolean';
	if ($type eq 'jsonb' || $type eq 'threadmem.json_patch')
	{
		my $make = $JSON{"$function->{name}.$name"} // $JSON{$name} // ($type eq 'jsonb' ? sub { $random->pick({ x => 1 }, {}, { plan => '"gold"', k => 'null' }) } : $JSON{patch});
		return quote(json($make->($self, $place))) . "::$type";
	}
	if ($type =~ /^(integer|bigint|smallint)$/)
	{
		return $random->pick(3, 3, 3, 3, 3, 3, 1, 2) . "::$type" if $name eq 'chunk_no';
		return $random->pick(1, 2, 3, 5, 20, 100, 1000) . "::$type" if $name =~ /max|page|minutes|keep|messages/;
		return $random->pick(1, 2, 3, 0) . "::$type";
	}
	if ($type eq 'text[]')
	{
		my $choice = $ARRAY{"$function->{name}.$name"} // $ARRAY{$name} // ($name =~ /thread/ ? [ $place, $self->{world}->thread($random, 'door'), 'nowhere' ] : [qw(a b)]);
		return 'ARRAY[' . join(', ', map { quote($_) } $random->pick(@$choice), $random->some(30, @$choice)) . ']::text[]';
	}
	return quote($random->pick('2024-01-01', '2030-01-01', '2025-06-30 12:00+02')) . '::timestamptz' if $type eq 'timestamp with time zone';
	return quote($random->pick('1 minute', '1 hour', '2 days')) . '::interval' if $type eq 'interval';
	return $random->pick("'{1,2,3}'", "'{0.5,0,0}'", "'{-1,1,1e-3}'") . "::$type" if $type =~ /^(real|double precision)\[\]$/;
	return $random->pick("'0190e4a2-0000-7000-8000-000000000001'", 'gen_random_uuid()') . '::uuid' if $type eq 'uuid';
	return "to_tsvector('english', 'hello world')" if $type eq 'tsvector';
	return "'hello'::tsquery" if $type eq 'tsquery';
	return $self->hostile($arg);
}

#
# What only an enemy gives: the edges of every type, and the wrong kind of everything.
#

my @TEXTS = (
	'', ' ', 'a', "\x01", "\x7f", "a\nb", 'x' x 255, 'x' x 256, 'y' x 5000, "\xc3\xa9" x 130, "\xf0\x9f\x98\x80", "e\xcc\x81", '%s%n%d', '\\u0000', 'NULL', '{}', '[]', '"', "'", '\\', '-1', '0', '1e400', 'NaN',
	'infinity', 'a/b~0~1', '/', '~', '-', '2024-13-45', 'now', '1 day', '%{episodes limit=5}', '%{', '%}', '%{user_summary', '%{edges limit=99999999999}', '<script', '</x>', "\xe2\x80\xae", 'pg_catalog.english', 'postgres', '__remove_all__',
	'$1', '(|)', ':*', '!!', 'w ' x 400, "\xef\xbf\xbf", 'asc; drop', '__start__', '__end__', 'null');
my @SCALARS = (
	qw(null true false 0 -1 1.10 1e5 -0.0 2147483647 2147483648 9223372036854775807 9223372036854775808 -9223372036854775808 1e30 1e300 1e-300), '1' . '0' x 1000, '"' . 'x' x 256 . '"', '""', '"\u0001"', "\"\xf0\x9f\x98\x80\"", '"infinity"', '"__remove_all__"', '[]', '{}');
my @KEYS = (
	'', qw(id role content type data kwargs lc tool_calls function name arguments text parts output metadata created_at channel_values channel_versions versions_seen messages v ts op path value from ttl strategy values refs seen rest versions
	__overwrite__ status tool_call_id x as_node updates next channels nodes edges reducer default thread_ids roles since until limit input step source run_id parents additional_kwargs __pregel_tasks __interrupt__ n1 branch:to:n1));

sub hostile_json
{
	my ($self, $depth) = @_;
	my $random = $self->{random};
	my $kind = $random->below($depth > 3 ? 4 : $depth ? 10 : 12);
	return $random->pick(@SCALARS) if $kind < 3;
	return string($random->pick(@TEXTS)) if $kind == 3;
	return '[' . join(',', map { $self->hostile_json($depth + 1) } 1 .. $random->below(5)) . ']' if $kind < 6;
	return '{' . join(',', map { string($random->pick(@KEYS)) . ':' . $self->hostile_json($depth + 1) } 1 .. $random->below(6)) . '}' if $kind < 10;
	my $deep = $random->pick(50, 500, 3000, 5000);
	return $kind == 10 ? '[' x $deep . ']' x $deep : '{"a":' x $deep . '1' . '}' x $deep;
}

# JSON that is nearly right: one value somewhere in it is replaced.
sub spoiled
{
	my ($self, $value) = @_;
	my $random = $self->{random};
	return $random->percent(50) ? $self->hostile_json(2) : $random->pick(@SCALARS) if !ref $value || $random->percent(15);
	if (ref $value eq 'ARRAY')
	{
		return [ @$value, $random->pick(@SCALARS) ] unless @$value && $random->percent(90);
		my @copy = @$value;
		my $at = $random->below(scalar @copy);
		$copy[$at] = $self->spoiled($copy[$at]);
		return \@copy;
	}
	my %copy = %$value;
	my @keys = sort keys %copy;
	my $key = @keys && $random->percent(90) ? $random->pick(@keys) : $random->pick(grep { !/["\\]/ } @KEYS);
	if (exists $copy{$key} && $random->percent(20)) { delete $copy{$key} }
	else { $copy{$key} = $self->spoiled($copy{$key} // 'null') }
	return \%copy;
}

my %HOSTILE = (
	boolean => [qw(true false)], 'timestamp with time zone' => [ 'infinity', '-infinity', '294276-12-31', '4713-01-01 BC', '1970-01-01', '9999-12-31 23:59:59.999999+00' ],
	interval => [ '0', '-1 day', '178000000 years', '-178000000 years', '1 microsecond', '10 years', '10 years 1 second', '1000000 hours' ],
	'text[]' => [ '{}', '{a,b,a}', '{NULL}', '{a,NULL}', '{{a},{b}}', '[5:6]={a,b}', '{""}', '{' . join(',', ('x') x 2000) . '}', '{' . 'y' x 300 . '}', "{\x01}", '{values.messages,values.}', '{__start__,__end__}' ],
	'real[]' => [ '{}', '{NaN}', '{1e38,1e38}', '{0,0}', '{{1,2}}', '{1,NULL}', '{Infinity}', '[3:4]={1,2}', '{' . join(',', (0.5) x 16000) . '}', '{' . join(',', (0.5) x 16001) . '}', '{1e-45}' ],
	'double precision[]' => [ '{}', '{NaN}', '{1e38,1e38}', '{0,0}', '{{1,2}}', '{1,NULL}', '{-Infinity}', '{1e300}', '{1e-300}', '[3:4]={1,2}', '{' . join(',', (0.5) x 16000) . '}', '{' . join(',', (0.5) x 16001) . '}' ],
	uuid => ['00000000-0000-0000-0000-000000000000'],
	tsvector => [ '', 'a:1A', 'x' x 2000 ], tsquery => [ '', '!a', 'a & (b | !c) <-> d' ],
	bytea => [ '\x', '\x00', '\x' . 'ab' x 32 ], int8multirange => [ '{}', '{(,)}', '{[9223372036854775806,)}', '{(,5),[7,9)}' ], 'double precision' => [qw(NaN 0 -1 1e308 infinity)], real => [qw(NaN 0 1e38)],
	integer => [qw(0 -1 1 2147483647 -2147483648 1000 1001 65536)], smallint => [qw(0 -1 32767 -32768)],
	bigint => [qw(0 -1 1 2147483648 9223372036854775807 -9223372036854775808 1001)],
);

sub hostile
{
	my ($self, $arg, $function, $place) = @_;
	my $random = $self->{random};
	my $type = $arg->{type};
	return "NULL::$type" if $random->percent(8);
	return quote($random->pick(@TEXTS)) if $type eq 'text';
	return quote($random->pick(@{ $HOSTILE{$type} })) . "::$type" if $HOSTILE{$type};
	return 'ARRAY[' . join(', ', map { quote($self->hostile_json(1)) . '::jsonb' } 1 .. $random->below(3)) . ']::jsonb[]' if $type eq 'jsonb[]';
	return "NULL::$type" unless $type eq 'jsonb' || $type eq 'threadmem.json_patch';
	my $make = $function && ($JSON{"$function->{name}.$arg->{name}"} // $JSON{ $arg->{name} });
	my $value = $make && $random->percent(60) ? json($self->spoiled($make->($self, $place))) : $self->hostile_json(0);
	return quote($value) . "::$type";
}

#
# Whole calls.
#

sub text_of
{
	my ($self, $function, @args) = @_;
	my $random = $self->{random};
	my @named;
	for my $at (0 .. $#args)
	{
		my $name = $function->{args}[$at]{name};
		push @named, $name ne '' && $function->{kind} ne 'a' && !$function->{table} ? "$name => $args[$at]" : $args[$at] if defined $args[$at];
	}
	my $call = "threadmem.$function->{name}(" . join(', ', @named) . ')';
	return "SELECT $call FROM (SELECT * FROM $function->{table} LIMIT 3 OFFSET " . $random->below(20) . ") t" if $function->{table};
	return $function->{kind} eq 'a' ? "SELECT $call FROM generate_series(1, 3)" : "SELECT * FROM $call" . ($random->percent(5) ? ' LIMIT 1' : '');
}

# Arguments: most calls are right but for one or two of them, some are right, some are all wrong. Or all are right.
sub call
{
	my ($self, $function, $right) = @_;
	my $random = $self->{random};
	my @args = @{ $function->{args} };
	my $place = $self->place($function);
	my $all = !$right && $random->percent(8);
	my $wrong = $right || $random->percent(45) ? 0 : $random->between(1, 2);
	my %wrong = map { $random->below(@args || 1) => 1 } 1 .. $wrong;
	my $optional = $random->pick(0, 15, 15, 40, 90);
	my %given = map { $_ => 1 } $self->shape($function);
	my @texts;
	for my $at (0 .. $#args)
	{
		if ($all || $wrong{$at}) { push @texts, $self->hostile($args[$at], $function, $place) }
		elsif ($args[$at]{required} || (%given ? $given{ $args[$at]{name} } : $random->percent($optional))) { push @texts, $self->good($function, $args[$at], $place) }
		else { push @texts, undef }
	}
	return $self->text_of($function, @texts);
}

1;
