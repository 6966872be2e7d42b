# Random work on the checkpoints of a few threads, as lines of SQL that do it in threadmem and write down in
# the table truth what it has to come to.
package ChainSteps;

use strict;
use warnings;
use ChainJson;
use ChainMessages;
use ChainRandom;
use ChainState;
use ChainTruth;

my $THREADS = 4;
my @NAMESPACES = ('', '', '', 'sub:1', 'sub:1|x:2');
my @TASKS = ('task-1', 'task-2', '00000000-0000-0000-0000-000000000000', "t'\"~/\xc3\xa9", 't' x 200);
my %PATH = ('task-1' => '~__pregel_pull, b', 'task-2' => '~__pregel_pull, a', $TASKS[3] => "~\xc3\xa9");
my @SPECIAL = ('__error__', '__scheduled__', '__interrupt__', '__resume__');

my @WILD = (
	child => 40, branch => 10, lower => 5, sibling => 3, fork => 4, revert => 3, again => 5, same => 3, dangling => 3,
	wanted => 4, root => 2, writes => 14, person => 4, prune => 2, copy => 1, runs => 2, delete => 2, malformed => 1);
my @STEADY = (
	child => 80, branch => 1, sibling => 1, fork => 1, again => 1, same => 1, wanted => 1, writes => 14, person => 1,
	copy => 1);

sub new
{
	my ($class, $seed) = @_;
	my $random = ChainRandom->new($seed);
	my $json = ChainJson->new($random);
	my $state = ChainState->new($random, $json);
	return bless {
		random => $random, json => $json, state => $state, threads => [], born => 0, born_ids => 0, step => 0, ratio => 1,
		lines => [] }, $class;
}

sub sql_text
{
	my ($text) = @_;
	return 'NULL' unless defined $text;
	$text =~ s/'/''/g;
	return "'$text'";
}

# Arguments or values as SQL.
sub sql_list { return join ', ', map { sql_text($_) } @_ }

sub sql_array { return 'ARRAY[' . sql_list(@_) . ']' }

sub expect { my ($call, $result) = @_; return "SELECT expect($call, " . sql_text($result) . ');' }

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

# -- one step

# Does one step; the lines it added are in take_lines.
sub step
{
	my ($self) = @_;
	my $random = $self->{random};
	$self->{step}++;
	$self->line("\\echo step $self->{step}");
	$self->new_ratio if $random->percent(2);
	$self->new_graph if $random->percent(1) || $self->{step} == 1;
	my $thread = $self->thread_for_step;
	return $self->in_deleted($thread) if $thread->{deleted};
	my $ns = $random->pick(@NAMESPACES);
	my $do = $self->can('do_' . $self->choice($thread, $ns));
	return $self->$do($thread, $ns);
}

sub choice
{
	my ($self, $thread, $ns) = @_;
	my $random = $self->{random};
	my $what = $random->weighted($thread->{steady} ? @STEADY : @WILD);
	return 'delete' if --$thread->{lives} < 0;
	$what = 'prune' if $thread->{truth}->count > 150 && $random->percent(10);
	$what = 'child' if $what eq 'copy' && @{ $self->{threads} } > $THREADS + 2;
	return $what if $thread->{truth}->has($ns);
	return $what =~ /^(?:child|branch|lower|sibling|fork|revert|again|same)$/ ? 'root' : $what;
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
	$self->{graph} = qq[SELECT threadmem.graph_define('graph', '{"channels": {"a/b": {"reducer": "$reducer"}}}');];
	push @{ $_->{script} }, $self->{graph} for @{ $self->{threads} };
	return $self->line($self->{graph});
}

# -- threads

sub new_thread
{
	my ($self) = @_;
	my $random = $self->{random};
	my $number = ++$self->{born};
	my $name = $random->pick("t$number", $number, "thread-$number", "it's \"$number\" \xe2\x82\xac", 'x' x 240 . $number);
	my $thread = {
		truth => ChainTruth->new($name), messages => ChainMessages->new($random, $self->{json}), $self->{state}->habits,
		ids => $random->pick('time', 'time', 'number', 'odd', 'long'), clock => 1000, lives => $random->between(60, 700),
		wanted => [], list_before => {}, log => [], script => [ $self->ratio, $self->{graph} ] };
	push @{ $self->{threads} }, $thread;
	return $thread;
}

# Few threads, so that each has a history; the first has most of it.
sub thread_for_step
{
	my ($self) = @_;
	while (@{ $self->{threads} } < $THREADS)
	{
		my $thread = $self->new_thread;
		my $name = sql_text($thread->{truth}{thread_id});
		$self->does($thread, 'create', "SELECT threadmem.thread_create($name, graph_id => 'graph');") if $thread->{graph};
	}
	my @threads = @{ $self->{threads} };
	return $self->{random}->percent(40) ? $threads[0] : $self->{random}->pick(@threads);
}

# A checkpoint id the thread has not had; $below: one that sorts below the latest, if ids go by time.
sub new_id
{
	my ($self, $thread, $below) = @_;
	my $random = $self->{random};
	$thread->{clock} += $random->between(1, 9);
	my $time = sprintf '%09d', $below ? $random->between(1, $thread->{clock}) : $thread->{clock};
	$time .= '.' . ++$self->{born_ids} if $below;
	my $form = $random->percent(97) ? $thread->{ids} : $random->pick('time', 'number', 'odd', 'long');
	return $form eq 'time' ? "1ef4f797-8335-6428-8001-$time" : $form eq 'number' ? $time
		: $form eq 'odd' ? "\xc3\xa9'\"~/ $time" : 'z' x 100 . $time;
}

# -- puts

# Stores a checkpoint; %put is as ChainTruth::put takes it.
sub put
{
	my ($self, $thread, $note, %put) = @_;
	my $truth = $thread->{truth};
	$self->make_certain($truth, \%put);
	my $made = $truth->put(%put);
	@$made{ 'request', 'level' } = (\%put, $put{level});
	my @key = ($truth->{thread_id}, @put{ 'ns', 'id' });
	my $metadata = defined $put{metadata} ? ChainJson::text($put{metadata}) : undef;
	$self->does($thread, "$note $put{ns}/$put{id} parent " . ($put{parent} // '-'),
		'SELECT expect(' . $self->put_call($made, $metadata, \%put, \@key) . ', (' . sql_list(@key) . ')::text);');
	my $document = ChainTruth::document($made, $made->{values});
	my $pending = $truth->pending(@key[ 1, 2 ]);
	$self->line('SELECT remember(' . sql_list(@key, $made->{parent}, $document, $metadata // '{}', $pending) . ');');
	@{ $thread->{wanted} } = grep { $_->[0] ne $put{ns} || $_->[1] ne $put{id} } @{ $thread->{wanted} };
	$self->note_lists($thread, $made);
	return $made;
}

sub put_call
{
	my ($self, $made, $metadata, $put, $key) = @_;
	my $new = $put->{new} && ChainJson::text(ChainJson::object(map { ($_, $put->{new}{$_}) } sort keys %{ $put->{new} }));
	my @arguments = sql_list($key->[0], ChainTruth::document($made, $put->{given}));
	push @arguments, 'metadata => ' . sql_text($metadata) if defined $metadata;
	push @arguments, 'new_versions => ' . sql_text($new) if defined $new;
	push @arguments, 'parent_checkpoint_id => ' . sql_text($put->{parent}) if defined $put->{parent};
	push @arguments, 'checkpoint_ns => ' . sql_text($put->{ns}) if $put->{ns} ne '' || $self->{random}->percent(20);
	return 'threadmem.checkpoint_put(' . join(', ', @arguments) . ')';
}

# Gives a value where it would depend on the order of checkpoints which one is meant.
sub make_certain
{
	my ($self, $truth, $put) = @_;
	return unless $put->{new};
	my @uncertain = grep { !exists $put->{new}{$_} && !exists $put->{given}{$_} && $truth->uncertain($put, $_) }
		sort keys %{ $put->{versions} };
	$put->{given} = { %{ $put->{given} }, map { ($_ => $self->{json}->value(1)) } @uncertain };
	return;
}

sub note_lists
{
	my ($self, $thread, $made) = @_;
	for my $channel (ChainState::lists($thread))
	{
		my $list = $made->{values}{$channel};
		next unless ref $list && $list->[0] eq 'a';
		$thread->{list_before}{"$made->{ns} $channel"} = $list;
		$self->touch($thread, ChainMessages::ambiguous($list));
	}
	return;
}

# Messages (ids as JSON text) of which the log may show another wording than the latest state has.
sub touch
{
	my ($self, $thread, @ids) = @_;
	my $name = sql_text($thread->{truth}{thread_id});
	$self->line("INSERT INTO touched VALUES ($name, coalesce(" . sql_text($_) . "::jsonb #>> '{}', ''));") for @ids;
	return;
}

# Puts a changed state of $base (a checkpoint or undefined) under an id.
sub put_changed
{
	my ($self, $thread, $note, $ns, $id, $parent, $base) = @_;
	return $self->put($thread, $note, ns => $ns, id => $id, parent => $parent,
		$self->{state}->changed($thread, $ns, $base), $self->{state}->metadata($thread));
}

# Any checkpoint of the namespace, a late one rather than an early one.
sub any
{
	my ($self, $thread, $ns) = @_;
	my @ids = $thread->{truth}->ids($ns);
	@ids = splice @ids, 0, 8 if $self->{random}->percent(50);
	return $thread->{truth}->checkpoint($ns, $self->{random}->pick(@ids));
}

sub latest
{
	my ($thread, $ns) = @_;
	my ($id) = $thread->{truth}->ids($ns);
	return $thread->{truth}->checkpoint($ns, $id);
}

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
	my $parent = $self->any($thread, $ns)->{parent};
	my $base = $thread->{truth}->checkpoint($ns, $parent);
	return $self->put_changed($thread, 'sibling', $ns, $self->new_id($thread), $parent, $base);
}

# As LangGraph's __copy__: beside the source, with its versions, and nothing said to be new.
sub do_fork
{
	my ($self, $thread, $ns) = @_;
	my $source = $self->any($thread, $ns);
	return $self->put($thread, "fork of $source->{id}", ns => $ns, id => $self->new_id($thread), new => {},
		given => $source->{values}, (map { ($_ => $source->{$_}) } 'parent', 'versions', 'rest', 'level'),
		$self->{state}->metadata($thread));
}

# Some channels go back to a version that another checkpoint stored.
sub do_revert
{
	my ($self, $thread, $ns) = @_;
	my ($base, $other) = ($self->any($thread, $ns), $self->any($thread, $ns));
	my %versions = %{ $base->{versions} };
	$versions{$_} = $other->{versions}{$_} for $self->{random}->some(60, sort keys %{ $other->{versions} });
	return $self->put($thread, "revert to $other->{id}", ns => $ns, id => $self->new_id($thread), parent => $base->{id},
		versions => \%versions, new => {}, given => {}, rest => $base->{rest}, level => $base->{level} + 1,
		$self->{state}->metadata($thread));
}

# The same id with another state; the parent it is given now does not count.
sub do_again
{
	my ($self, $thread, $ns) = @_;
	my ($old, $other) = ($self->any($thread, $ns), $self->any($thread, $ns));
	my $base = $self->{random}->percent(70) ? $old : $other;
	my $parent = $self->{random}->pick($old->{parent}, $old->{parent}, $other->{id}, undef);
	return $self->put_changed($thread, 'again', $ns, $old->{id}, $parent, $base);
}

# A retry, or the same state with other metadata.
sub do_same
{
	my ($self, $thread, $ns) = @_;
	my @metadata = $self->{random}->percent(40) ? $self->{state}->metadata($thread) : ();
	return $self->put($thread, 'same', %{ $self->any($thread, $ns)->{request} }, @metadata);
}

# The parent comes later, perhaps; or it is the checkpoint itself.
sub do_dangling
{
	my ($self, $thread, $ns) = @_;
	my $parent = $self->new_id($thread);
	my $id = $self->{random}->percent(95) ? $self->new_id($thread) : $parent;
	push @{ $thread->{wanted} }, [ $ns, $parent ];
	return $self->put_changed($thread, 'dangling', $ns, $id, $parent, latest($thread, $ns));
}

# A checkpoint whose children or writes are there already, or were.
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

# -- writes

sub do_writes
{
	my ($self, $thread, $ns) = @_;
	my $random = $self->{random};
	my $truth = $thread->{truth};
	my $id = $truth->has($ns) && $random->percent(85) ? $self->any($thread, $ns)->{id} : $self->unborn($thread, $ns);
	my $task = $random->pick(@TASKS);
	my $path = $PATH{$task} // '';
	my @writes = $self->batch($thread);
	my $count = $truth->put_writes(ns => $ns, id => $id, task => $task, path => $path, writes => \@writes);
	my $batch = ChainJson::text(ChainJson::array(map { ChainJson::array(ChainJson::quote($_->[0]), $_->[1]) } @writes));
	my @arguments = ($truth->{thread_id}, $id, $task, $batch, $path, $ns);
	$self->does($thread, "writes of $task for $ns/$id",
		expect('threadmem.checkpoint_put_writes(' . sql_list(@arguments) . ')', $count));
	return $self->line('SELECT remember_writes(' . sql_list($truth->{thread_id}, $ns, $id, $truth->pending($ns, $id)) . ');');
}

# Channels and values of a task; some batches are of special channels only.
sub batch
{
	my ($self, $thread) = @_;
	my $random = $self->{random};
	my $special = $random->percent(35) ? 100 : 10;
	my @channels = ('messages', @ChainState::CHANNELS, (ChainState::deltas($thread)) x 20);
	return map { [ $random->pick($random->percent($special) ? @SPECIAL : @channels), $self->{json}->value(2) ] }
		1 .. $random->between(1, 4);
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
	for my $thread (grep { ChainState::deltas($_) } @{ $self->{threads} })
	{
		my $truth = $thread->{truth};
		for my $checkpoint (grep { $checks->percent(5) && $truth->has_end($_) } $truth->all)
		{
			my @channels = (ChainState::deltas($thread), $checks->pick(@ChainState::CHANNELS));
			my ($name, @key) = map { sql_text($_) } $truth->{thread_id}, @$checkpoint{ 'ns', 'id' };
			my $call = 'threadmem.checkpoint_delta_history(' . join(', ', $name, sql_array(@channels), @key) . ')';
			my $history = sql_text($truth->history($checkpoint, @channels));
			$self->line("SELECT expect($call, $history\::jsonb);");
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
	push @{ $thread->{wanted} }, $self->{random}->some(30, @keys); # some come back, without what they had
	my @arrays = map { my $part = $_; sql_array(map { $_->[$part] } @keys) } 0, 1;
	return $self->line('SELECT forget(' . join(', ', sql_text($thread->{truth}{thread_id}), @arrays) . ');');
}

sub do_prune
{
	my ($self, $thread, $ns) = @_;
	my $keep = $self->{random}->between(1, 6);
	my @gone = $thread->{truth}->pruned($keep);
	my $names = sql_array($thread->{truth}{thread_id}, $self->{random}->percent(20) ? 'no such thread' : ());
	$self->does($thread, "prune to $keep", expect("threadmem.checkpoint_prune($names, keep => $keep)", scalar @gone));
	return $self->forget($thread, @gone);
}

sub do_runs
{
	my ($self, $thread, $ns) = @_;
	my @runs = map { 'run-' . $self->{random}->between(1, 7) } 1 .. $self->{random}->between(1, 2);
	my @threads = $self->{random}->percent(15) ? @{ $self->{threads} } : ($thread);
	my @gone = map { [ $_->{truth}->of_runs(@runs) ] } @threads;
	my $count = 0;
	$count += @$_ for @gone;
	my $where = @threads > 1 ? '' : ', ' . sql_text($thread->{truth}{thread_id});
	my $sql = expect('threadmem.checkpoint_delete_for_runs(' . sql_array(@runs) . "$where)", $count);
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
	my @keys = map { [ @$_{ 'ns', 'id' } ] } $truth->all;
	my %sql = (
		checkpoints => expect("threadmem.checkpoint_delete_thread($name)", scalar @keys),
		prune => expect("threadmem.checkpoint_prune(ARRAY[$name], 'delete')", scalar @keys),
		thread => "SELECT threadmem.thread_delete($name);");
	my $how = $self->{random}->weighted(checkpoints => 60, prune => 20, thread => 20);
	$self->does($thread, "delete ($how)", $sql{$how});
	$self->forget($thread, @keys);
	$truth->{writes} = {};
	$thread->{deleted} = 1;
	return;
}

# Late writers are refused until a checkpoint without parent begins again, or nobody comes any more.
sub in_deleted
{
	my ($self, $thread) = @_;
	my $random = $self->{random};
	my $name = sql_text($thread->{truth}{thread_id});
	my $what = $random->weighted(put => 25, writes => 25, again => 25, retire => 25);
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
	my %call = (
		put => qq{checkpoint_put($name, '{"id": "x"}', parent_checkpoint_id => 'y')},
		writes => qq{checkpoint_put_writes($name, 'x', 'task', '[["a", 1]]')});
	return $self->refused($thread, "late $what", $call{$what}, 'P0002');
}

sub do_copy
{
	my ($self, $thread, $ns) = @_;
	my $copy = $self->new_thread;
	my $name = $copy->{truth}{thread_id};
	%$copy = (
		%$thread, truth => $thread->{truth}->copy($name), lives => $self->{random}->between(20, 200),
		list_before => { %{ $thread->{list_before} } }, map { ($_ => [ @{ $thread->{$_} } ]) } 'wanted', 'log', 'script');
	my $names = sql_list($thread->{truth}{thread_id}, $name);
	my $sql = expect("threadmem.checkpoint_copy_thread($names)", $copy->{truth}->count);
	$self->does($copy, "copy of $thread->{truth}{thread_id}", $sql);
	push @{ $thread->{script} }, $sql;
	return $self->line("SELECT remember_copy($names);");
}

# -- the log

# What people do to messages meanwhile changes no state that is stored. Much of it is refused, as it may be.
sub do_person
{
	my ($self, $thread, $ns) = @_;
	my $messages = $thread->{messages};
	my $message = $messages->message;
	my $json_id = ref $message ? $message->[3]{id} : undef;
	my $id = defined $json_id && $json_id =~ m{^"([\w/~]+)"$} ? $1 : 'm1';
	my %arguments = (
		add => 'body => ' . sql_text(ChainJson::text($message)),
		update => "'$id', body => " . sql_text(ChainJson::text($messages->revised($message))),
		delete => "'$id'", start => "message_id => '$id'", append => "'$id', 1, 'so far'");
	my $what = $self->{random}->weighted(add => 40, update => 30, delete => 15, start => 10, append => 5);
	my $name = sql_text($thread->{truth}{thread_id});
	my $sql = "SELECT threadmem.message_$what($name, $arguments{$what})";
	$self->does($thread, "message $what", 'SELECT attempt(' . sql_text($sql) . ');');
	return $self->touch($thread, qq{"$id"}, defined $json_id ? $json_id : ());
}

# -- what is refused

sub refused
{
	my ($self, $thread, $note, $call, $state) = @_;
	return $self->does($thread, $note, 'SELECT refused(' . sql_list("SELECT threadmem.$call", $state) . ');');
}

my @MALFORMED = (
	'[]', '{}', '1', 'null', '{"id": 1}', '{"id": ""}', '{"id": "x", "channel_versions": []}',
	'{"id": "x", "channel_values": 5}', '{"id": "x", "channel_versions": {"a": null}}');

sub do_malformed
{
	my ($self, $thread, $ns) = @_;
	my $arguments = sql_list($thread->{truth}{thread_id}, $self->{random}->pick(@MALFORMED));
	return $self->refused($thread, 'malformed', "checkpoint_put($arguments)", '22023');
}

1;
