# Random work on a few threads through both doors and on their messages, as lines of SQL that do it in threadmem
# and write down what DoorTruth says it has to come to.
package DoorSteps;

use strict;
use warnings;
use ChainRandom;
use DoorCompare;
use DoorTruth;

my $THREADS = 3;
my @NODES = ('a', 'b', 'c', '__start__');
my @TOPICS = ('"rome"', '"oslo"', 'null', '1.10', '{"a": [1, 2]}', '[]');
my @CHOICES = (
	update => 12, updates => 5, branch => 9, sibling => 3, forward => 3, end => 2, input => 4, fold => 7, put => 18,
	put_branch => 4, put_late => 3, add => 16, retry => 2, edit => 14, delete => 5, erase => 4, interrupt => 3, result => 7, refuse => 4,
	copy => 2, prune => 3);

sub new
{
	my ($class, $seed) = @_;
	return bless { random => ChainRandom->new($seed), threads => [], born => 0, words => 0, step => 0, lines => [] }, $class;
}

sub sql_text
{
	my ($text) = @_;
	return 'NULL' unless defined $text;
	$text =~ s/'/''/g;
	return "'$text'";
}

sub sql_list { return join ', ', map { sql_text($_) } @_ }

sub line { my ($self, $line) = @_; push @{ $self->{lines} }, $line; return }

sub take_lines { my ($self) = @_; my @lines = splice @{ $self->{lines} }; return @lines }

# A statement of the thread's history, with a word on it for people.
sub does
{
	my ($self, $thread, $note, $sql) = @_;
	push @{ $thread->{log} }, "step $self->{step}: $note";
	push @{ $thread->{script} }, "-- step $self->{step}: $note", $sql;
	if ($self->{random}->percent(2)) # what was rolled back leaves nothing behind
	{
		$self->line($_) for 'BEGIN;', $sql, 'ROLLBACK;';
	}
	return $self->line($sql);
}

# -- one step

sub step
{
	my ($self) = @_;
	my $random = $self->{random};
	$self->{step}++;
	$self->line("\\echo step $self->{step}");
	$self->line('SET threadmem.snapshot_ratio = ' . $random->pick(0, 0.25, 1, 1, 3) . ';') if $random->percent(2);
	$self->new_thread while @{ $self->{threads} } < $THREADS;
	my @threads = @{ $self->{threads} };
	my $thread = $random->percent(40) ? $threads[0] : $random->pick(@threads);
	return $self->retire($thread) if --$thread->{lives} < 0;
	my $do = $self->can('do_' . $random->weighted(@CHOICES));
	return $self->$do($thread, $thread->{truth});
}

sub new_thread
{
	my ($self) = @_;
	my $number = ++$self->{born};
	my $thread = {
		truth => DoorTruth->new("t$number"), lives => $self->{random}->between(30, 250), log => [], ids => 0,
		script => [ $self->graph ] };
	push @{ $self->{threads} }, $thread;
	$self->line($self->graph) if $number == 1;
	return $self->does($thread, 'create', "SELECT threadmem.thread_create('t$number', graph_id => 'graph');");
}

sub graph { return "SELECT threadmem.graph_define('graph', '$DoorCompare::GRAPH');" }

sub retire
{
	my ($self, $thread) = @_;
	my $name = sql_text($thread->{truth}{id});
	@{ $self->{threads} } = grep { $_ != $thread } @{ $self->{threads} };
	return $self->line("SELECT threadmem.thread_delete($name); SELECT forget_thread($name);");
}

# -- what was expected

# Writes down what a checkpoint has to be.
sub expect_points
{
	my ($self, $thread, @points) = @_;
	my $truth = $thread->{truth};
	for my $point (grep { $_ } @points)
	{
		my @list = @{ $point->{list} };
		my $raw = $truth->values_json($point->{values}, $point->{objects} ? \&DoorTruth::object : \&DoorTruth::body, @list);
		my $values = $truth->values_json($truth->values_by_id($point), \&DoorTruth::wire, @list);
		$self->line('SELECT expect_point(' . sql_list($truth->{id}, @$point{ 'name', 'parent', 'step', 'source' },
			next_text($point->{next}), $values, $raw) . ');');
	}
	return;
}

# As an array in SQL's form; the rules do not say what is to run after a client's step.
sub next_text
{
	my ($nodes) = @_;
	return 'any' unless $nodes;
	my @next = sort @$nodes;
	return @next ? '{' . join(',', @next) . '}' : undef;
}

# What threads have to be now.
sub present
{
	my ($self) = @_;
	for my $truth (map { $_->{truth} } @{ $self->{threads} })
	{
		my $next = $truth->head ? next_text(DoorTruth::to_run($truth->head)) : undef;
		my $state = '{"next": ' . (defined $next ? qq("$next") : 'null') . ', "values": ' . $truth->latest_json . '}';
		my @live = map { "$_->{id} $_->{live}" } $truth->visible;
		my @arguments = ($truth->{id}, $state, $truth->list_json(@live), $truth->ended_json, $truth->list_json($truth->pending));
		$self->line('INSERT INTO present VALUES (' . sql_list(@arguments) . ') ON CONFLICT (thread) DO UPDATE SET '
			. join(', ', map { "$_ = excluded.$_" } qw(state log log_with_ended view)) . ';');
	}
	return;
}

# A call of the thread door that makes a checkpoint, perhaps after one with a fold.
sub door
{
	my ($self, $thread, $note, $arguments, $new, $fold) = @_;
	my $id = sql_text($thread->{truth}{id});
	my @names = ($new->{name}, $fold && $fold->{name});
	$self->does($thread, "$note: $new->{name}" . ($fold ? " after fold $fold->{name}" : '')
			. ' parent ' . ($new->{parent} // '-'),
		"SELECT came($id, " . sql_list(@names) . ", k.checkpoint_id) FROM threadmem.thread_update_state($id, $arguments) k;");
	return $self->expect_points($thread, $fold, $new);
}

# -- updates

sub words { my ($self) = @_; return 'words-' . ++$self->{words} . '-' . 'x' x $self->{random}->pick(1, 9, 60) . '.' }

sub wording
{
	my ($self, @forms) = @_;
	return { form => $self->{random}->pick(@forms), kind => $self->{random}->pick('human', 'ai'), text => $self->words };
}

sub new_id { my ($thread) = @_; return 'm' . ++$thread->{ids} }

# Elements for the channel of messages, [id, wording] or [id] to remove it. $list is what they meet.
sub elements
{
	my ($self, $thread, $list) = @_;
	my $random = $self->{random};
	my $truth = $thread->{truth};
	my @there = grep { !$truth->message($_)->{ended} } DoorTruth::ids($truth->shown(@$list));
	my @elements;
	for (1 .. $random->between(1, 3))
	{
		my $what = @there ? $random->weighted(new => 60, other => 15, earlier => 6, same => 3, remove => 14, all => 1) : 'new';
		my $id = $what eq 'new' ? new_id($thread) : $random->pick(@there);
		@there = grep { $_ ne $id } @there;
		my @old = $what eq 'new' ? () : grep { $_ } @{ $truth->message($id)->{wordings} };
		push @elements, $what eq 'remove' ? [$id] : $what eq 'all' ? ['__remove_all__']
			: $what eq 'earlier' || $what eq 'same' ? [ $id, $random->pick(@old) ]
			: [ $id, $self->wording('typed', 'bare', 'lc', 'role') ];
		@there = () if $what eq 'all';
	}
	return \@elements;
}

# An update of a node, [JSON, what DoorTruth takes]; $taken: whether last values are given already.
sub one_update
{
	my ($self, $thread, $list, $taken) = @_;
	my $random = $self->{random};
	my %update;
	$update{messages} = $self->elements($thread, $list) if $random->percent(70);
	$update{count} = $random->between(-3, 9) if $random->percent(30);
	$update{ $random->pick('topic', 'lang') } = $random->pick(@TOPICS) if $random->percent(20) && !$$taken++;
	$update{log} = [ map { '"' . $self->words . '"' } 1 .. $random->between(0, 2) ] if $random->percent(20);
	$update{marks} = [ map { $random->between(1, 20) } 1 .. $random->between(1, 3) ] if $random->percent(15);
	my @parts = map { qq("$_": ) . DoorTruth::json($update{$_}) } grep { exists $update{$_} } qw(count topic lang log marks);
	push @parts, '"messages": [' . join(', ', map { element_json(@$_) } @{ $update{messages} }) . ']' if $update{messages};
	push @parts, '"unknown": 1' if $random->percent(5);
	return ('{' . join(', ', @parts) . '}', \%update);
}

sub element_json
{
	my ($id, $wording) = @_;
	return $wording ? DoorTruth::body($id, $wording) : qq({"type": "remove", "id": "$id"});
}

# The list that an update meets: of the checkpoint, or of the head after the fold.
sub list_for
{
	my ($truth, $at) = @_;
	return $truth->point($at)->{list} if defined $at;
	return $truth->head ? $truth->head->{list} : [] if $truth->head && $truth->head->{writes};
	return [ $truth->pending ];
}

sub update_at
{
	my ($self, $thread, $note, $at) = @_;
	my $truth = $thread->{truth};
	my $random = $self->{random};
	my ($json, $update) = $self->one_update($thread, list_for($truth, $at), \my $taken);
	$update->{as_node} = $random->pick(@NODES);
	my $next = $random->percent(20) ? [ $random->some(50, 'a', 'b', 'c') ] : undef;
	my $arguments = sql_list($json, $update->{as_node});
	$arguments .= ", next => '{" . join(',', @$next) . "}'" if $next;
	$arguments .= ', checkpoint_id => ' . id_of($truth, $at) if defined $at;
	return $self->door($thread, $note, $arguments, $truth->update(updates => [$update], at => $at, next => $next));
}

sub id_of { my ($truth, $name) = @_; return 'id_of(' . sql_list($truth->{id}, $name) . ')' }

sub do_update { my ($self, $thread, $truth) = @_; return $self->update_at($thread, 'update') }

sub do_branch
{
	my ($self, $thread, $truth) = @_;
	return $self->do_update($thread, $truth) if !$truth->head || has_results($truth);
	my $at = $self->any_point($truth);
	return $self->update_at($thread, "update at $at", $at);
}

# Any checkpoint, a late one rather than an early one. What tasks have written is asked of the latest only.
sub any_point
{
	my ($self, $truth) = @_;
	my @names = grep { !%{ $truth->point($_)->{results} } } @{ $truth->{order} };
	return $truth->{head} unless @names;
	@names = splice @names, -6 if @names > 6 && $self->{random}->percent(60);
	return $self->{random}->pick(@names);
}

sub do_updates
{
	my ($self, $thread, $truth) = @_;
	my (@updates, @json, $taken);
	my $list = list_for($truth);
	my (%spoken_of, %removed);
	for my $node ($self->{random}->some(60, 'c', 'a', 'b'))
	{
		my ($json, $update) = $self->one_update($thread, $list, \$taken);
		my @elements = @{ $update->{messages} || [] };
		next if grep { $_->[0] eq '__remove_all__' || $removed{ $_->[0] } || !$_->[1] && $spoken_of{ $_->[0] } } @elements;
		$spoken_of{ $_->[0] } = 1 for @elements;
		$removed{ $_->[0] } = 1 for grep { !$_->[1] } @elements;
		$update->{as_node} = $node;
		push @updates, $update;
		push @json, qq({"values": $json, "as_node": "$node"});
	}
	return $self->do_update($thread, $truth) unless @updates;
	my $arguments = 'updates => ' . sql_text('[' . join(', ', @json) . ']');
	return $self->door($thread, 'updates', $arguments, $truth->update(updates => \@updates));
}

sub do_sibling
{
	my ($self, $thread, $truth) = @_;
	return $self->do_update($thread, $truth) if !$truth->head || has_results($truth);
	my $at = $self->{random}->percent(60) ? $self->any_point($truth) : undef;
	my $arguments = "NULL, '__copy__'" . (defined $at ? ', checkpoint_id => ' . id_of($truth, $at) : '');
	return $self->door($thread, 'copy of ' . ($at // 'the latest'), $arguments, $truth->sibling($at));
}

sub has_results { my ($truth) = @_; return $truth->head && %{ $truth->head->{results} } }

sub do_forward
{
	my ($self, $thread, $truth) = @_;
	return $self->do_update($thread, $truth) if has_results($truth);
	return $self->door($thread, 'forward', 'NULL', $truth->update(updates => [ {} ], forward => 1));
}

sub do_end
{
	my ($self, $thread, $truth) = @_;
	return $self->door($thread, 'end', "NULL, '__end__'", $truth->update(updates => [ {} ], next => []));
}

# A message as it is, to be stored in other places than the log and the states.
sub quoted
{
	my ($self, $thread) = @_;
	my @live = $thread->{truth}->visible;
	return undef unless @live && $self->{random}->percent(60);
	my $message = $self->{random}->pick(@live);
	$thread->{quoted}{ $message->{id} } = 1;
	return DoorTruth::body($message->{id}, $message->{wordings}[ $message->{live} ]);
}

sub do_input
{
	my ($self, $thread, $truth) = @_;
	return $self->do_update($thread, $truth) if has_results($truth);
	my @update = (updates => [ { as_node => '__input__' } ], source => 'input');
	my $quoted = $self->quoted($thread);
	my $input = sql_text('{"count": 7' . ($quoted ? qq(, "messages": [$quoted]) : '') . '}');
	return $self->door($thread, 'input', "$input, '__input__'", $truth->update(@update));
}

sub do_fold
{
	my ($self, $thread, $truth) = @_;
	my $fold = $truth->fold;
	my $name = sql_text($truth->{id});
	$self->does($thread, 'fold: ' . ($fold ? "$fold->{name} parent " . ($fold->{parent} // '-') : 'nothing'),
		"SELECT folded($name, " . sql_text($fold && $fold->{name}) . ", threadmem.thread_fold($name));");
	return $self->expect_points($thread, $fold);
}

# -- the saver door

# The list as a client has it after a step: what it knew, changed.
sub client_list
{
	my ($self, $thread, @list) = @_;
	my $random = $self->{random};
	my $truth = $thread->{truth};
	my @new = map { [ $truth->wording($_) ] } $truth->shown(@list);
	for (1 .. $random->below(3))
	{
		my $what = @new ? $random->weighted(append => 60, other => 12, earlier => 6, remove => 8, insert => 5, swap => 5) : 'append';
		my ($at, $to) = @new ? map { $random->below(scalar @new) } 1, 2 : (0, 0);
		my $message = @new ? $truth->message($new[$at][0]) : undef;
		my $fresh = $what eq 'append' || $what eq 'insert' ? [ new_id($thread), $self->wording('typed', 'bare', 'lc', 'role') ] : undef;
		if ($what eq 'append') { push @new, $fresh }
		elsif ($what eq 'insert') { splice @new, $at, 0, $fresh }
		elsif ($what eq 'remove') { splice @new, $at, 1 }
		elsif ($what eq 'swap') { @new[ $at, $to ] = @new[ $to, $at ] }
		elsif (!$message || $message->{ended}) { next } # what was deleted gets no new words
		elsif ($what eq 'other') { $new[$at] = [ $message->{id}, $self->wording('typed', 'bare', 'lc', 'role') ] }
		else { $new[$at] = [ $message->{id}, $random->pick(grep { $_ } @{ $message->{wordings} }) ] }
	}
	return @new;
}

# A step of a graph that runs in the client, on a checkpoint (or on none). It may give the saver an erased
# message that it still had.
sub put_on
{
	my ($self, $thread, $note, $base, $late) = @_;
	my $random = $self->{random};
	my $truth = $thread->{truth};
	my @list = $self->client_list($thread, $base ? @{ $base->{list} } : ());
	my @said = map { DoorTruth::body(@$_) } @list;
	push @said, DoorTruth::body($_, $self->wording('typed')) for $random->some(5, $truth->erased_ids);
	my %values = (%DoorTruth::DEFAULTS, $base ? %{ $base->{values} } : ());
	my %changed = (messages => 1);
	if ($random->percent(30)) { $values{count} += 3; $changed{count} = 1 }
	if ($random->percent(20)) { $values{topic} = $random->pick(@TOPICS); $changed{topic} = 1 }
	%changed = map { ($_ => 1) } 'messages', keys %values unless $base;
	my @given = grep { $random->percent(30) || $changed{$_} } sort keys %values;
	my $given = '{' . join(', ', (map { qq("$_": ) . DoorTruth::json($values{$_}) } @given),
		'"messages": [' . join(', ', @said) . ']') . '}';
	my $new = $truth->add_point(
		name => $truth->next_name, parent => $base && $base->{name}, list => [ map { $truth->say(@$_) } @list ],
		values => \%values, step => $base ? $base->{step} + 1 : 0, source => 'loop', next => undef, late => $late,
		has_messages => 1, objects => 0);
	my $changed = '[' . join(', ', map { qq("$_") } sort keys %changed) . ']';
	my $odd = !$late && $random->percent(2); # an id above every UUID; from then on all ids of the thread begin with it
	$thread->{odd} ||= $odd;
	$self->does($thread, "$note: $new->{name} parent " . ($base ? $base->{name} : '-'), 'SELECT client_put('
		. sql_list($truth->{id}, @$new{ 'name', 'parent', 'step' }, $changed, $given, $late ? 'late' : $odd ? 'odd' : 'put') . ');');
	return $self->expect_points($thread, $new);
}

sub do_put { my ($self, $thread, $truth) = @_; return $self->put_on($thread, 'put', $truth->head) }

sub do_put_branch
{
	my ($self, $thread, $truth) = @_;
	return $self->put_on($thread, 'put', undef) unless $truth->head;
	return $self->put_on($thread, 'put on a branch', $truth->point($self->any_point($truth)));
}

# Below the latest checkpoint.
sub do_put_late
{
	my ($self, $thread, $truth) = @_;
	return $self->do_put($thread, $truth) unless $truth->head;
	return $self->put_on($thread, 'late put', $truth->point($self->any_point($truth)), 1);
}

# A task that waits for an answer: nothing is folded on top of it.
sub do_interrupt
{
	my ($self, $thread, $truth) = @_;
	return $self->do_put($thread, $truth) unless $truth->head;
	my $name = $self->{random}->percent(70) ? $truth->{head} : $self->any_point($truth);
	$truth->point($name)->{writes} = 1;
	my $value = $self->quoted($thread) // '"sure?"';
	my $batch = sql_text(qq([["__interrupt__", [{"value": $value, "id": "i"}]]]));
	return $self->does($thread, "interrupt at $name",
		'SELECT threadmem.checkpoint_put_writes(' . sql_text($truth->{id}) . ', ' . id_of($truth, $name) . ", 'task', $batch);");
}

# A task of the latest checkpoint is done, or something is written that belongs to no task.
sub do_result
{
	my ($self, $thread, $truth) = @_;
	my $head = $truth->head;
	my @nodes = $head ? grep { $_ ne '__start__' } @{ DoorTruth::to_run($head) || [] } : ();
	return $self->do_update($thread, $truth) if !@nodes || $thread->{odd}; # tasks have ids where checkpoints have UUIDs
	my $node = $self->{random}->percent(80) || $head->{results}{''} ? $self->{random}->pick(@nodes) : '';
	my %wrote = (count => $self->{random}->between(1, 9), log => [ '"' . $self->words . '"' ]);
	$head->{results}{$node} = \%wrote;
	$head->{writes} = 1;
	my $batch = '[["count", ' . $wrote{count} . '], ["log", ' . DoorTruth::json($wrote{log}) . ']]';
	my ($id, $name) = map { sql_text($_) } $truth->{id}, $head->{name};
	my $task = $node eq '' ? "'00000000-0000-0000-0000-000000000000'" : "task_of($id, $name, '$node')";
	my $path = $node eq '' ? "''" : "'~__pregel_pull, $node'";
	$self->does($thread, "result of \"$node\" at $head->{name}", 'SELECT threadmem.checkpoint_put_writes('
		. "$id, id_of($id, $name), $task, '$batch', $path);");
	return $self->expect_points($thread, $head);
}

# -- messages

sub call_message
{
	my ($self, $thread, $what, $id, @arguments) = @_;
	my $name = sql_text($thread->{truth}{id});
	return $self->does($thread, "message $what $id", "SELECT threadmem.message_$what(" . join(', ', $name, @arguments) . ');');
}

sub do_add
{
	my ($self, $thread, $truth) = @_;
	my ($id, $wording) = (new_id($thread), $self->wording('role', 'role', 'typed', 'bare', 'lc'));
	$truth->add($id, $wording);
	return $self->call_message($thread, 'add', $id, add_arguments($id, $wording));
}

sub add_arguments
{
	my ($id, $wording) = @_;
	return 'body => ' . sql_text(DoorTruth::body($id, $wording)) if $wording->{form} ne 'role';
	return (sql_list($wording->{kind} eq 'human' ? 'user' : 'assistant', $wording->{text}), 'message_id => ' . sql_text($id));
}

# The same words under the same id again; or anything under the id of an erased message.
sub do_retry
{
	my ($self, $thread, $truth) = @_;
	my @once = map { [ $_->{id}, $_->{wordings}[0] ] } grep { @{ $_->{wordings} } == 1 } $truth->visible;
	my @erased = map { [ $_, $self->wording('typed') ] } $truth->erased_ids;
	return $self->do_add($thread, $truth) unless @once || @erased;
	my $again = $self->{random}->pick(@once, @erased);
	return $self->call_message($thread, 'add', "again $again->[0]", add_arguments(@$again));
}

sub do_edit
{
	my ($self, $thread, $truth) = @_;
	my @ids = map { $_->{id} } $truth->visible;
	return $self->do_add($thread, $truth) unless @ids;
	my ($id, $text) = ($self->{random}->pick(@ids), $self->words);
	$truth->edit($id, $text);
	return $self->call_message($thread, 'update', $id, sql_list($id, $text));
}

sub do_delete
{
	my ($self, $thread, $truth) = @_;
	my @ids = map { $_->{id} } $truth->visible;
	return $self->do_add($thread, $truth) unless @ids;
	my $id = $self->{random}->pick(@ids);
	$truth->delete_message($id);
	return $self->call_message($thread, 'delete', $id, sql_text($id));
}

# Of the live, the deleted, and those that only another branch has.
sub do_erase
{
	my ($self, $thread, $truth) = @_;
	my @messages = grep { grep { $_ } @{ $_->{wordings} } } $truth->in_order;
	return $self->do_add($thread, $truth) unless @messages;
	my @quoted = grep { $thread->{quoted}{ $_->{id} } } @messages;
	my $message = $self->{random}->pick(@quoted && $self->{random}->percent(70) ? @quoted : @messages);
	my @points = $truth->erase($message->{id});
	$self->call_message($thread, 'erase', $message->{id}, sql_text($message->{id}));
	$self->line('INSERT INTO erased VALUES (' . sql_list($truth->{id}, $_->{text}) . ');')
		for grep { $_ } @{ $message->{wordings} };
	return $self->expect_points($thread, @points);
}

# -- what is refused changes nothing

sub do_refuse
{
	my ($self, $thread, $truth) = @_;
	my $random = $self->{random};
	my $name = sql_text($truth->{id});
	my @away = map { sql_text($_->{id}) } grep { $_->{ended} || !defined $_->{live} } $truth->in_order;
	my $away = @away ? $random->pick(@away) : "'nobody'";
	my $unknown = '{"messages": [{"type": "human", "id": "never", "content": "x"}, {"type": "remove", "id": "nobody"}]}';
	my $twice = '[{"values": {"topic": 1}, "as_node": "a"}, {"values": {"topic": 2}, "as_node": "b"}]';
	my @calls = (
		[ "thread_update_state($name, '$unknown', 'a')", '22023' ],
		[ "thread_update_state($name, '{\"count\": 1}', 'nobody')", '22023' ],
		[ "thread_update_state($name, '{\"count\": 1}', 'a', checkpoint_id => 'nobody')", 'P0002' ],
		[ "thread_update_state($name, updates => '$twice')", '22023' ],
		[ "message_update($name, $away, 'other words')", 'P0002' ],
		[ "message_delete($name, $away)", 'P0002' ]);
	my ($call, $state) = @{ $random->pick(@calls) };
	return $self->does($thread, "refused: $call", 'SELECT refused(' . sql_list("SELECT threadmem.$call", $state) . ');');
}

# -- threads

sub do_copy
{
	my ($self, $thread, $truth) = @_;
	return $self->do_update($thread, $truth) if @{ $self->{threads} } > $THREADS;
	my $name = 't' . ++$self->{born};
	my $copy = {
		%$thread, truth => $truth->copy($name), lives => $self->{random}->between(20, 200),
		quoted => { %{ $thread->{quoted} || {} } },
		log => [ @{ $thread->{log} } ], script => [ @{ $thread->{script} } ] };
	push @{ $self->{threads} }, $copy;
	my $names = sql_list($truth->{id}, $name);
	$self->does($copy, "copy of $truth->{id} is $name", "SELECT threadmem.thread_copy($names); SELECT copied($names);");
	return;
}

sub do_prune
{
	my ($self, $thread, $truth) = @_;
	$self->do_edit($thread, $truth) if $self->{random}->percent(50); # the words before it are needed still
	my $name = sql_text($truth->{id});
	my @gone = map { sql_text($_) } $truth->prune;
	$self->does($thread, 'prune', "SELECT threadmem.thread_prune(ARRAY[$name], 'keep_latest');");
	return $self->line("SELECT forget($name, ARRAY[" . join(', ', @gone) . ']::text[]);');
}

1;
