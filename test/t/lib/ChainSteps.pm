# Random work on the checkpoints of a few threads, as lines of SQL that do it in threadmem and write down in
# the table truth what it has to come to.
package ChainSteps;

use strict;
use warnings;
use ChainJson;
use ChainMessages;
use ChainRandom;
use ChainTruth;

my @NAMESPACES = ('', '', '', 'sub:1', 'sub:1|x:2');
my $THREADS = 4;

my @CHANNELS = ('a', 'b', 'c', 'count', '', '/', '~', '~1', 'a/b', 'm~n', '"', "'", '-', '0', '__start__', 'branch:to:x', 'values', 'versions', 'seen',
	'refs', 'rest', 'channel_values', "\xc3\xa9", "\xf0\x9f\x98\x80", 'c' x 200);
my @REST = ('v', 'ts', 'updated_channels', 'pending_sends', '', 'values', 'versions', 'seen', 'refs', 'rest', 'a/b', '~', 'messages');
my @TASKS = ('task-1', 'task-2', '00000000-0000-0000-0000-000000000000', "t'\"~/\xc3\xa9", 't' x 200);
my %PATH = ('task-1' => '~__pregel_pull, b', 'task-2' => '~__pregel_pull, a', "t'\"~/\xc3\xa9" => "~\xc3\xa9");
my @SPECIAL = ('__error__', '__scheduled__', '__interrupt__', '__resume__');

sub new
{
	my ($class, $seed) = @_;
	my $random = ChainRandom->new($seed);
	return bless { random => $random, json => ChainJson->new($random), threads => [], born => 0, born_ids => 0, step => 0, ratio => 1, lines => [] }, $class;
}

sub sql_text
{
	my ($text) = @_;
	return 'NULL' unless defined $text;
	$text =~ s/'/''/g;
	return "'$text'";
}

# -- threads

sub new_thread
{
	my ($self, $of_copy) = @_;
	my $random = $self->{random};
	my $number = ++$self->{born};
	my $name = $random->pick("t$number", "$number", "thread-$number", "it's \"$number\" \xe2\x82\xac", ('x' x 240) . $number);
	my $thread = {
		truth => ChainTruth->new($name), messages => ChainMessages->new($random, $self->{json}), clock => 1000, wanted => [], list_before => {},
		ids => $random->pick('time', 'time', 'number', 'odd', 'long'), versions => $random->pick('integer', 'integer', 'string', 'float'),
		temper => $random->pick('wild', 'steady'),
		delta => $random->weighted(none => 60, other => 25, messages => 15), graph => $random->percent(30), talks => $random->percent(75), lives => $random->between(60, 700), log => [], script => [ $self->ratio, $self->{graph} // () ] };
	push @{ $self->{threads} }, $thread;
	$self->does($thread, 'with a graph', 'SELECT threadmem.thread_create(' . sql_text($name) . ", graph_id => 'graph');") if $thread->{graph} && !$of_copy;
	return $thread;
}

sub thread_for_step
{
	my ($self) = @_;
	$self->new_thread while @{ $self->{threads} } < $THREADS;
	my @threads = @{ $self->{threads} };
	return $self->{random}->percent(40) ? $threads[0] : $self->{random}->pick(@threads);
}

# A checkpoint id the thread has not had; $below: one that sorts below the latest, if ids go by time.
sub new_id
{
	my ($self, $thread, $below) = @_;
	my $random = $self->{random};
	my $time = $below ? $random->between(1, $thread->{clock}) . '.' . ++$self->{born_ids} : $thread->{clock} += $random->between(1, 9);
	$time = sprintf '%09d%s', split /(?=\.)/, $time . ($below ? '' : '.');
	$time =~ s/\.$//;
	my $form = $random->percent(97) ? $thread->{ids} : $random->pick('time', 'number', 'odd', 'long');
	return $form eq 'time' ? "1ef4f797-8335-6428-8001-$time" : $form eq 'number' ? $time
		: $form eq 'odd' ? "\xc3\xa9'\"~/ $time" : ('z' x 100) . $time;
}

# -- one step

my %WEIGHTS = (
	wild => [ child => 40, branch => 10, lower => 5, sibling => 3, fork => 4, revert => 3, again => 5, same => 3, dangling => 3, wanted => 4, root => 2,
		person => 4, writes => 14, prune => 2, copy => 1, runs => 2, delete => 1, malformed => 1 ],
	steady => [ child => 80, branch => 1, sibling => 1, fork => 1, again => 1, same => 1, wanted => 1, person => 1, writes => 14, copy => 1 ]); # long chains

# Does one step; the lines it added are in take_lines.
sub step
{
	my ($self) = @_;
	$self->{step}++;
	$self->line("\\echo step $self->{step}");
	$self->new_ratio if $self->{random}->percent(2);
	$self->new_graph if $self->{random}->percent(1) || $self->{step} == 1;
	my $thread = $self->thread_for_step;
	return $self->in_deleted($thread) if $thread->{deleted};
	my $ns = $self->{random}->pick(@NAMESPACES);
	my $what = $self->{random}->weighted(@{ $WEIGHTS{ $thread->{temper} } });
	$what = 'prune' if $thread->{truth}->count > 150 && $self->{random}->percent(10);
	$what = 'child' if $what eq 'copy' && @{ $self->{threads} } > $THREADS + 2;
	$what = 'delete' if --$thread->{lives} < 0;
	$what = 'root' if !$thread->{truth}->has($ns) && $what =~ /^(?:child|branch|lower|sibling|fork|revert|again|same)$/;
	my $do = $self->can("do_$what");
	return $self->$do($thread, $ns);
}

# When states are stored whole has no bearing on what is read. Every session has to be told.
sub ratio { my ($self) = @_; return "SET threadmem.snapshot_ratio = $self->{ratio};" }

sub new_ratio
{
	my ($self) = @_;
	$self->{ratio} = $self->{random}->pick(0, 0.25, 1, 1, 1, 3, 8);
	push @{ $_->{script} }, $self->ratio for @{ $self->{threads} };
	return $self->line($self->ratio);
}

# Whether a channel is one of messages has no bearing on what is read either.
sub new_graph
{
	my ($self) = @_;
	my $reducer = $self->{random}->pick('add_messages', 'add_messages', 'last_value');
	my $sql = qq[SELECT threadmem.graph_define('graph', '{"channels": {"a/b": {"reducer": "$reducer"}}}');];
	push @{ $_->{script} }, $sql for @{ $self->{threads} };
	$self->{graph} = $sql;
	return $self->line($sql);
}

sub line { my ($self, $line) = @_; push @{ $self->{lines} }, $line; return }

sub take_lines { my ($self) = @_; my @lines = splice @{ $self->{lines} }; return @lines }

# A statement of the thread's history, with a word on it for people.
sub does
{
	my ($self, $thread, $note, $sql) = @_;
	push @{ $thread->{log} }, "step $self->{step}: $note";
	push @{ $thread->{script} }, $sql;
	if ($self->{random}->percent(2)) # what was rolled back leaves nothing behind, in the session neither
	{
		$self->line($_) for 'BEGIN;', $sql, 'ROLLBACK;';
	}
	return $self->line($sql);
}

sub expect { my ($call, $result) = @_; return "SELECT expect($call, " . sql_text($result) . ');' }

# -- puts

# Stores a checkpoint; %put as ChainTruth::put takes it.
sub put
{
	my ($self, $thread, $note, %put) = @_;
	my $truth = $thread->{truth};
	$self->make_certain($truth, \%put);
	my $made = $truth->put(%put);
	$made->{request} = \%put;
	$made->{level} = $put{level};
	my $given = ChainTruth::document($made, $put{given});
	my $new = $put{new} && ChainJson::text(ChainJson::object(map { ($_, $put{new}{$_}) } sort keys %{ $put{new} }));
	my ($name, $ns, $id) = map { sql_text($_) } $truth->{thread_id}, $put{ns}, $put{id};
	my $metadata = defined $put{metadata} ? ChainJson::text($put{metadata}) : undef;
	my @arguments = ($name, sql_text($given));
	push @arguments, 'metadata => ' . sql_text($metadata) if defined $metadata;
	push @arguments, 'new_versions => ' . sql_text($new) if defined $new;
	push @arguments, 'parent_checkpoint_id => ' . sql_text($put{parent}) if defined $put{parent};
	push @arguments, "checkpoint_ns => $ns" if $put{ns} ne '' || $self->{random}->percent(20);
	my $call = 'threadmem.checkpoint_put(' . join(', ', @arguments) . ')';
	$self->does($thread, "$note $put{ns}/$put{id} parent " . ($put{parent} // '-'), "SELECT expect($call, ($name, $ns, $id)::text);");
	$self->line("SELECT remember($name, $ns, $id, " . sql_text($made->{parent}) . ', ' . sql_text(ChainTruth::document($made, $made->{values})) . ', '
		. sql_text($metadata // '{}') . ', ' . sql_text($truth->pending($put{ns}, $put{id})) . ');');
	@{ $thread->{wanted} } = grep { $_->[0] ne $put{ns} || $_->[1] ne $put{id} } @{ $thread->{wanted} };
	for my $channel (lists($thread))
	{
		my $list = $made->{values}{$channel};
		$thread->{list_before}{"$put{ns} $channel"} = $list if ref $list && $list->[0] eq 'a';
	}
	return $made;
}

# Gives a value where it would depend on the order of checkpoints which one is meant.
sub make_certain
{
	my ($self, $truth, $put) = @_;
	return unless $put->{new};
	my @uncertain = grep { !exists $put->{new}{$_} && !exists $put->{given}{$_} && $truth->uncertain($put, $_) } sort keys %{ $put->{versions} };
	$put->{given} = { %{ $put->{given} }, map { ($_ => $self->{json}->value(1)) } @uncertain } if @uncertain;
	return;
}

# Puts a changed state of $base (a checkpoint or undefined) under an id.
sub put_changed
{
	my ($self, $thread, $note, $ns, $id, $parent, $base) = @_;
	return $self->put($thread, $note, ns => $ns, id => $id, parent => $parent, $self->changed($thread, $ns, $base), $self->metadata($thread));
}

# Any checkpoint of the namespace, a late one rather than an early one.
sub any
{
	my ($self, $thread, $ns) = @_;
	my @ids = $thread->{truth}->ids($ns);
	@ids = splice @ids, 0, 8 if $self->{random}->percent(50);
	return $thread->{truth}->checkpoint($ns, $self->{random}->pick(@ids));
}

sub latest { my ($thread, $ns) = @_; my ($id) = $thread->{truth}->ids($ns); return $thread->{truth}->checkpoint($ns, $id) }

sub do_child
{
	my ($self, $thread, $ns) = @_;
	my $base = latest($thread, $ns);
	return $self->put_changed($thread, 'child', $ns, $self->new_id($thread), $base->{id}, $base);
}

sub do_branch
{
	my ($self, $thread, $ns) = @_;
	my $base = $self->any($thread, $ns);
	return $self->put_changed($thread, 'branch', $ns, $self->new_id($thread), $base->{id}, $base);
}

sub do_lower
{
	my ($self, $thread, $ns) = @_;
	my $base = $self->any($thread, $ns);
	return $self->put_changed($thread, 'lower', $ns, $self->new_id($thread, 1), $base->{id}, $base);
}

# What another task made of the same parent, often by changing the same channels to the same versions.
sub do_sibling
{
	my ($self, $thread, $ns) = @_;
	my $beside = $self->any($thread, $ns);
	my $base = $thread->{truth}->checkpoint($ns, $beside->{parent});
	return $self->put_changed($thread, 'sibling', $ns, $self->new_id($thread), $beside->{parent}, $base);
}

# As LangGraph's __copy__: beside the source, with its versions, and nothing said to be new.
sub do_fork
{
	my ($self, $thread, $ns) = @_;
	my $source = $self->any($thread, $ns);
	return $self->put($thread, "fork of $source->{id}", ns => $ns, id => $self->new_id($thread), parent => $source->{parent}, versions => $source->{versions},
		new => {}, given => $source->{values}, rest => $source->{rest}, level => $source->{level}, $self->metadata($thread));
}

# Some channels go back to a version that another checkpoint stored.
sub do_revert
{
	my ($self, $thread, $ns) = @_;
	my ($base, $other) = ($self->any($thread, $ns), $self->any($thread, $ns));
	my %versions = %{ $base->{versions} };
	$versions{$_} = $other->{versions}{$_} for $self->{random}->some(60, sort keys %{ $other->{versions} });
	return $self->put($thread, "revert to $other->{id}", ns => $ns, id => $self->new_id($thread), parent => $base->{id}, versions => \%versions, new => {},
		given => {}, rest => $base->{rest}, level => $base->{level} + 1, $self->metadata($thread));
}

# The same id with another state; the parent it is given now does not count.
sub do_again
{
	my ($self, $thread, $ns) = @_;
	my $old = $self->any($thread, $ns);
	my $other = $self->any($thread, $ns);
	my $base = $self->{random}->percent(70) ? $old : $other;
	my $parent = $self->{random}->pick($old->{parent}, $old->{parent}, $other->{id}, undef);
	return $self->put_changed($thread, 'again', $ns, $old->{id}, $parent, $base);
}

sub do_same
{
	my ($self, $thread, $ns) = @_;
	return $self->put($thread, 'same', %{ $self->any($thread, $ns)->{request} });
}

# The parent comes later, perhaps.
sub do_dangling
{
	my ($self, $thread, $ns) = @_;
	my $parent = $self->new_id($thread);
	push @{ $thread->{wanted} }, [ $ns, $parent ];
	return $self->put_changed($thread, 'dangling', $ns, $self->new_id($thread), $parent, latest($thread, $ns));
}

# A checkpoint whose children or writes are there already.
sub do_wanted
{
	my ($self, $thread, $ns) = @_;
	return $self->do_root($thread, $ns) unless @{ $thread->{wanted} };
	my ($wanted_ns, $id) = @{ $self->{random}->pick(@{ $thread->{wanted} }) };
	my $base = latest($thread, $wanted_ns);
	return $self->put_changed($thread, 'wanted', $wanted_ns, $id, $base && $base->{id}, $base);
}

sub do_root
{
	my ($self, $thread, $ns) = @_;
	return $self->put_changed($thread, 'root', $ns, $self->new_id($thread), undef, undef);
}

# -- states

# versions, new, given, rest and level of a put that changes the state of $base.
sub changed
{
	my ($self, $thread, $ns, $base) = @_;
	my $random = $self->{random};
	my $level = $base ? $base->{level} + 1 : 1;
	my $state = { versions => { $base ? %{ $base->{versions} } : () }, values => { $base ? %{ $base->{values} } : () }, changed => {}, level => $level };
	for my $channel ($thread->{talks} ? lists($thread) : ())
	{
		$self->change_messages($thread, $ns, $channel, $state) if $random->percent($base ? 60 : 85);
	}
	$self->change_deltas($thread, $state) if $base && $random->percent(70);
	$self->change_channel($thread, $state) for 1 .. $self->changes($thread, $base);
	return (versions => $state->{versions}, $self->given($state), rest => $self->rest($base, $thread->{temper} eq 'steady'), level => $level);
}

# How many channels change: a steady thread begins with much and changes little, so that its chains grow long.
sub changes
{
	my ($self, $thread, $base) = @_;
	return $self->{random}->weighted(0 => 15, 1 => 45, 2 => 25, 3 => 15) if $thread->{temper} eq 'wild';
	return $base ? $self->{random}->weighted(0 => 35, 1 => 55, 2 => 10) : 10;
}

# Integers meet across branches, as LangGraph's do; the other forms do not.
sub version
{
	my ($self, $thread, $level) = @_;
	my $form = $self->{random}->percent(95) ? $thread->{versions} : $self->{random}->pick('integer', 'string', 'float');
	return $form eq 'integer' ? $level : $form eq 'float' ? "$level." . $self->{random}->pick('5', '25')
		: sprintf '"%032d.%09d"', $level, $self->{random}->below(1000000000);
}

sub set
{
	my ($self, $thread, $state, $channel, @value) = @_;
	$state->{versions}{$channel} = $state->{changed}{$channel} = $self->version($thread, $state->{level});
	delete $state->{values}{$channel};
	$state->{values}{$channel} = $value[0] if @value;
	return;
}

# Channels of messages; the graph of a thread may declare another one.
sub lists { my ($thread) = @_; return $thread->{graph} ? ('messages', 'a/b') : 'messages' }

sub change_messages
{
	my ($self, $thread, $ns, $channel, $state) = @_;
	return $self->set($thread, $state, $channel) if $self->{random}->percent(2);
	my $value = $state->{values}{$channel} // $thread->{messages}->list(12);
	return $self->set($thread, $state, $channel, $thread->{messages}->next_value($value, $thread->{list_before}{"$ns $channel"}, $thread->{temper} eq 'steady'));
}

# Delta channels of a thread: their values stand in the state now and then, else only their writes are stored.
sub deltas { my ($thread) = @_; return $thread->{delta} eq 'messages' ? ('messages', 'd~/') : $thread->{delta} eq 'other' ? ('d~/') : () }

sub change_deltas
{
	my ($self, $thread, $state) = @_;
	for my $channel (deltas($thread))
	{
		$self->set($thread, $state, $channel, $self->{random}->percent(12) ? $thread->{messages}->list(3) : ());
	}
	return;
}

sub change_channel
{
	my ($self, $thread, $state) = @_;
	my $random = $self->{random};
	my @there = grep { $_ ne 'messages' } sort keys %{ $state->{versions} };
	my $what = @there && $state->{level} > 1 ? $random->weighted(edit => 50, add => @there < 8 ? 20 : 5, remove => @there < 4 ? 2 : 6, null => 5, absent => 6, touch => 4, list => 3) : 'add';
	my $channel = $random->pick($what eq 'add' ? @CHANNELS : @there);
	my $levels = $state->{level} > 1 && $thread->{temper} eq 'steady' ? 1 : 4;
	my @old = exists $state->{values}{$channel} ? ($state->{values}{$channel}) : ();
	if ($what eq 'remove') { delete $state->{$_}{$channel} for 'versions', 'values', 'changed' }
	elsif ($what eq 'absent') { $self->set($thread, $state, $channel) }
	elsif ($what eq 'touch') { $self->set($thread, $state, $channel, @old) }
	elsif ($what eq 'null') { $self->set($thread, $state, $channel, 'null') }
	elsif ($what eq 'list') { $self->set($thread, $state, $channel, $thread->{messages}->list(4)) }
	else { $self->set($thread, $state, $channel, @old && $what eq 'edit' ? $self->{json}->edit($old[0]) : $self->{json}->value($levels)) }
	return;
}

# How a writer says it: all values, or those of the channels that changed, and more than was asked for.
sub given
{
	my ($self, $state) = @_;
	my $random = $self->{random};
	my ($values, $changed) = @$state{ 'values', 'changed' };
	my $how = $random->weighted(all => 25, changed => 45, full => 15, junk => 10, forgotten => 5);
	if ($how eq 'all')
	{
		my @stray = $random->percent(20) ? (stray => $self->{json}->value(1)) : (); # without a version: absent
		return (new => undef, given => { @stray, %$values });
	}
	my %given = map { ($_ => $values->{$_}) } grep { exists $values->{$_} } sort keys %$changed;
	return (new => $changed, given => \%given) if $how eq 'changed' && $random->percent(95);
	return (new => { stray => 7, %$changed }, given => { stray => '"x"', %given }) if $how eq 'changed'; # of no channel
	return (new => $changed, given => $values) if $how eq 'full';
	return (new => $changed, given => { %given, map { ($_ => $self->{json}->value(2)) } grep { !exists $changed->{$_} } sort keys %{ $state->{versions} } }) if $how eq 'junk';
	return (new => { map { ($_ => $changed->{$_}) } $random->some(50, sort keys %$changed) }, given => \%given);
}

# The rest of the document, id and channels apart.
sub rest
{
	my ($self, $base, $steady) = @_;
	my $random = $self->{random};
	my %rest = $base ? @{ $base->{rest} } : (v => '4', ts => '"2025-01-01T00:00:00.000Z"', versions_seen => ChainJson::object(__input__ => ChainJson::object()));
	$rest{versions_seen} = $self->{json}->edit($rest{versions_seen}) if $random->percent($steady ? 10 : 50) && ref $rest{versions_seen};
	$rest{versions_seen} = ChainJson::object(agent => ChainJson::object(messages => $random->below(9))) unless ref $rest{versions_seen} && $rest{versions_seen}[0] eq 'o';
	if ($random->percent($steady ? 3 : 15))
	{
		my $key = $random->pick(@REST);
		if ($random->percent(30)) { delete $rest{$key} }
		else { $rest{$key} = $self->{json}->value(2) }
	}
	return [ map { ($_, $rest{$_}) } sort keys %rest ];
}

sub metadata
{
	my ($self, $thread) = @_;
	my $random = $self->{random};
	return (metadata => undef, delta => []) if $random->percent(4);
	my @run = $random->percent(60) ? (run_id => '"run-' . $random->between(1, 6) . '"') : $random->percent(3) ? (run_id => $random->pick('1', 'null', '""', '"' . 'r' x 300 . '"')) : ();
	my @delta = $random->some(90, deltas($thread));
	my @counters = @delta ? (counters_since_delta_snapshot => ChainJson::object(map { ($_, ChainJson::array(1, 2)) } @delta)) : ();
	my @more = $random->percent(20) ? ($self->{json}->key, $self->{json}->value(2)) : ();
	my $run_id = @run && $run[1] =~ /^"(run-\d+)"$/ ? $1 : undef;
	@more = () if @more && $more[0] eq 'run_id';
	return (run_id => $run_id, delta => \@delta, metadata => ChainJson::object(source => $random->pick('"input"', '"loop"', '"update"', '"fork"'),
			step => $random->between(-1, 50), parents => ChainJson::object(), @run, @counters, @more));
}

# -- writes

sub do_writes
{
	my ($self, $thread, $ns) = @_;
	my $random = $self->{random};
	my $id = $thread->{truth}->has($ns) && $random->percent(85) ? $self->any($thread, $ns)->{id} : $self->unborn($thread, $ns);
	my $task = $random->pick(@TASKS);
	my $special = $random->percent(35);
	my @writes = map { [ $special || $random->percent(10) ? $random->pick(@SPECIAL) : $random->pick('messages', @CHANNELS, map { ($_) x 20 } deltas($thread)), $self->{json}->value(2) ] } 1 .. $random->between(1, 4);
	my $path = $PATH{$task} // '';
	my $count = $thread->{truth}->put_writes(ns => $ns, id => $id, task => $task, path => $path, writes => \@writes);
	my $batch = ChainJson::text(ChainJson::array(map { ChainJson::array(ChainJson::quote($_->[0]), $_->[1]) } @writes));
	my $call = 'threadmem.checkpoint_put_writes(' . join(', ', map { sql_text($_) } $thread->{truth}{thread_id}, $id, $task, $batch, $path, $ns) . ')';
	$self->does($thread, "writes of $task for $ns/$id", expect($call, $count));
	return $self->line('UPDATE truth SET pending = ' . sql_text($thread->{truth}->pending($ns, $id)) . '::jsonb::text WHERE (thread_id, ns, id) = ('
		. join(', ', map { sql_text($_) } $thread->{truth}{thread_id}, $ns, $id) . ');');
}

# An id that will be put later, perhaps.
sub unborn
{
	my ($self, $thread, $ns) = @_;
	my @wanted = grep { $_->[0] eq $ns } @{ $thread->{wanted} };
	return $self->{random}->pick(@wanted)->[1] if @wanted;
	my $id = $self->new_id($thread);
	push @{ $thread->{wanted} }, [ $ns, $id ];
	return $id;
}

# What delta channels have to consist of: a few samples, which change nothing.
sub histories
{
	my ($self, $checks) = @_;
	for my $thread (@{ $self->{threads} })
	{
		my $truth = $thread->{truth};
		my @deltas = deltas($thread) or next;
		for my $checkpoint (map { my $ns = $_; map { $truth->checkpoint($ns, $_) } $checks->some(5, $truth->ids($ns)) } $truth->namespaces)
		{
			next unless $truth->has_end($checkpoint);
			my @channels = (@deltas, $checks->pick(@CHANNELS));
			my ($name, $ns, $id) = map { sql_text($_) } $truth->{thread_id}, $checkpoint->{ns}, $checkpoint->{id};
			my $call = "threadmem.checkpoint_delta_history($name, ARRAY[" . join(', ', map { sql_text($_) } @channels) . "], $ns, $id)::text";
			$self->line("SELECT expect($call, " . sql_text($truth->history($checkpoint, @channels)) . '::jsonb::text);');
		}
	}
	return;
}

# -- going away

sub forget
{
	my ($self, $thread, @keys) = @_;
	return unless @keys;
	$thread->{truth}->remove(@keys);
	my $name = sql_text($thread->{truth}{thread_id});
	return $self->line('SELECT forget(' . join(', ', "ARRAY[$name]", map { my $part = $_; 'ARRAY[' . join(', ', map { sql_text($_->[$part]) } @keys) . ']' } 0, 1) . ');');
}

sub do_prune
{
	my ($self, $thread, $ns) = @_;
	my $keep = $self->{random}->between(1, 3);
	my @gone = $thread->{truth}->pruned($keep);
	my $names = 'ARRAY[' . sql_text($thread->{truth}{thread_id}) . ($self->{random}->percent(20) ? ", 'no such thread'" : '') . ']';
	$self->does($thread, "prune to $keep", expect("threadmem.checkpoint_prune($names, keep => $keep)", scalar @gone));
	return $self->forget($thread, @gone);
}

sub do_runs
{
	my ($self, $thread, $ns) = @_;
	my @runs = map { 'run-' . $self->{random}->between(1, 7) } 1 .. $self->{random}->between(1, 2);
	my $array = 'ARRAY[' . join(', ', map { sql_text($_) } @runs) . ']';
	my @threads = $self->{random}->percent(15) ? @{ $self->{threads} } : ($thread);
	my @gone = map { [ $_->{truth}->of_runs(map { ($_ => 1) } @runs) ] } @threads;
	my $count = 0;
	$count += @$_ for @gone;
	my $where = @threads > 1 ? '' : ', ' . sql_text($thread->{truth}{thread_id});
	my $sql = expect("threadmem.checkpoint_delete_for_runs($array$where)", $count);
	$self->does($thread, "delete runs @runs" . ($where ? '' : ' everywhere'), $sql);
	for my $at (0 .. $#threads)
	{
		push @{ $threads[$at]{script} }, $sql if $threads[$at] != $thread;
		$self->forget($threads[$at], @{ $gone[$at] });
	}
	return;
}

sub do_delete
{
	my ($self, $thread, $ns) = @_;
	my $truth = $thread->{truth};
	return $self->do_root($thread, $ns) unless $truth->count;
	my $name = sql_text($truth->{thread_id});
	my @keys = map { my $of = $_; map { [ $of, $_ ] } $truth->ids($of) } $truth->namespaces;
	my $how = $self->{random}->weighted(checkpoints => 60, prune => 20, thread => 20);
	my $sql = $how eq 'checkpoints' ? expect("threadmem.checkpoint_delete_thread($name)", scalar @keys)
		: $how eq 'prune' ? expect("threadmem.checkpoint_prune(ARRAY[$name], 'delete')", scalar @keys) : "SELECT threadmem.thread_delete($name);";
	$self->does($thread, "delete ($how)", $sql);
	$self->forget($thread, @keys);
	$truth->{writes} = {};
	$thread->{wanted} = [];
	$thread->{deleted} = 1;
	return;
}

# Late writers are refused until a checkpoint without parent begins again, or nobody comes any more.
sub in_deleted
{
	my ($self, $thread) = @_;
	my $random = $self->{random};
	my $name = sql_text($thread->{truth}{thread_id});
	my $what = $random->weighted(late_put => 25, late_writes => 25, again => 25, retire => 25);
	if ($what eq 'retire')
	{
		@{ $self->{threads} } = grep { $_ != $thread } @{ $self->{threads} };
		return $self->line("INSERT INTO retired VALUES ($name);");
	}
	if ($what eq 'again')
	{
		$thread->{deleted} = 0;
		$thread->{lives} = $random->between(20, 300);
		return $self->do_root($thread, $random->pick(@NAMESPACES));
	}
	my $call = $what eq 'late_put' ? qq{threadmem.checkpoint_put($name, '{"id": "x", "channel_values": {}, "channel_versions": {}}', parent_checkpoint_id => 'y')}
		: qq{threadmem.checkpoint_put_writes($name, 'x', 'task', '[["a", 1]]')};
	return $self->does($thread, $what, 'SELECT refused(' . sql_text("SELECT $call") . ", 'P0002');");
}

sub do_copy
{
	my ($self, $thread, $ns) = @_;
	my $copy = $self->new_thread(1);
	my $name = $copy->{truth}{thread_id};
	%$copy = (%$thread, truth => $thread->{truth}->copy($name), wanted => [ @{ $thread->{wanted} } ], list_before => { %{ $thread->{list_before} } },
		log => [ @{ $thread->{log} } ], script => [ @{ $thread->{script} } ], lives => $self->{random}->between(20, 200));
	my @names = map { sql_text($_) } $thread->{truth}{thread_id}, $name;
	$self->does($copy, "copy of $thread->{truth}{thread_id}", expect("threadmem.checkpoint_copy_thread($names[0], $names[1])", $copy->{truth}->count));
	push @{ $thread->{script} }, $copy->{script}[-1];
	$self->line("INSERT INTO touched SELECT $names[1] FROM touched WHERE thread_id = $names[0];");
	return $self->line("INSERT INTO truth SELECT $names[1], ns, id, parent, state, metadata, pending FROM truth WHERE thread_id = $names[0];");
}

# -- the log

# What people do to messages meanwhile changes no state that is stored. Much of it is refused, as it may be.
sub do_person
{
	my ($self, $thread, $ns) = @_;
	my $random = $self->{random};
	my $name = sql_text($thread->{truth}{thread_id});
	my $message = $thread->{messages}->message;
	my $id = ref $message && defined $message->[3]{id} && $message->[3]{id} =~ /^"([\w\/~]+)"$/ ? $1 : 'm1';
	my $what = $random->weighted(add => 40, update => 30, delete => 15, start => 10, append => 5);
	my $call = "message_$what($name, " . ($what eq 'add' ? 'body => ' . sql_text(ChainJson::text($message))
		: $what eq 'update' ? "'$id', body => " . sql_text(ChainJson::text($thread->{messages}->revised($message)))
		: $what eq 'delete' ? "'$id'" : $what eq 'start' ? "message_id => '$id'" : "'$id', 1, 'so far'") . ')';
	$self->does($thread, "message $what", 'SELECT attempt(' . sql_text("SELECT threadmem.$call") . ');');
	return $self->line("INSERT INTO touched VALUES ($name);");
}

# -- what is refused

sub do_malformed
{
	my ($self, $thread, $ns) = @_;
	my $random = $self->{random};
	my $document = $random->pick('[]', '{}', '1', 'null', '{"id": 1}', '{"id": ""}', '{"id": "x", "channel_versions": []}', '{"id": "x", "channel_values": 5, "channel_versions": {}}');
	my @arguments = map { sql_text($_) } $thread->{truth}{thread_id}, $document;
	my $call = 'threadmem.checkpoint_put(' . join(', ', @arguments) . ')';
	return $self->does($thread, 'malformed', 'SELECT refused(' . sql_text("SELECT $call") . ", '22023');");
}

1;
