# Random states of an agent and random changes of them, as writers give them to a saver: a document with the
# values of its channels, their versions, and what is said to be new.
package ChainState;

use strict;
use warnings;
use ChainJson;

our @CHANNELS = (
	'a', 'b', 'c', 'count', '', '/', '~', '~1', 'a/b', 'm~n', '"', "'", '-', '0', '__start__', 'branch:to:x', 'values',
	'versions', 'seen', 'refs', 'rest', 'channel_values', "\xc3\xa9", "\xf0\x9f\x98\x80", 'c' x 200);
my @REST = (
	'v', 'ts', 'updated_channels', 'pending_sends', '', 'values', 'versions', 'seen', 'refs', 'rest', 'a/b', '~',
	'messages');

sub new
{
	my ($class, $random, $json) = @_;
	return bless { random => $random, json => $json }, $class;
}

# How the states of a thread are. Wild ones change much. Steady ones begin with much and change little, so
# that their chains grow long.
sub habits
{
	my ($self) = @_;
	my $random = $self->{random};
	return (
		steady => $random->percent(50),
		versions => $random->pick('integer', 'integer', 'string', 'float'),
		talks => $random->percent(75),
		graph => $random->percent(30),
		delta => $random->weighted(none => 60, other => 25, messages => 15));
}

# Channels of messages; the graph of a thread may declare another one.
sub lists { my ($thread) = @_; return $thread->{graph} ? ('messages', 'a/b') : 'messages' }

# Delta channels: their values stand in the state now and then, else only their writes are stored.
sub deltas
{
	my ($thread) = @_;
	return $thread->{delta} eq 'messages' ? ('messages', 'd~/') : $thread->{delta} eq 'other' ? 'd~/' : ();
}

# versions, new, given, rest and level of a put that changes the state of $base (undefined: of none).
sub changed
{
	my ($self, $thread, $ns, $base) = @_;
	my $random = $self->{random};
	my $level = $base ? $base->{level} + 1 : 1;
	my $state = { versions => {}, values => {}, changed => {}, level => $level };
	if ($base)
	{
		$state->{$_} = { %{ $base->{$_} } } for 'versions', 'values';
	}
	for my $channel ($thread->{talks} ? lists($thread) : ())
	{
		$self->change_messages($thread, $ns, $channel, $state) if $random->percent($base ? 60 : 85);
	}
	$self->change_deltas($thread, $state) if $base && $random->percent(70);
	$self->change_channel($thread, $state) for 1 .. $self->changes($thread, $base);
	return (versions => $state->{versions}, level => $level, rest => $self->rest($thread, $base), $self->given($state));
}

sub changes
{
	my ($self, $thread, $base) = @_;
	my $random = $self->{random};
	return $random->weighted(0 => 15, 1 => 45, 2 => 25, 3 => 15) unless $thread->{steady};
	return $base ? $random->weighted(0 => 35, 1 => 55, 2 => 10) : 10;
}

# Integers meet across branches, as LangGraph's do; the other forms do not.
sub version
{
	my ($self, $thread, $level) = @_;
	my $random = $self->{random};
	my $form = $random->percent(95) ? $thread->{versions} : $random->pick('integer', 'string', 'float');
	return $level if $form eq 'integer';
	return "$level." . $random->pick('5', '25') if $form eq 'float';
	return sprintf '"%032d.%09d"', $level, $random->below(1000000000);
}

# Gives a channel a new version with a value, or with none.
sub set
{
	my ($self, $thread, $state, $channel, @value) = @_;
	$state->{versions}{$channel} = $state->{changed}{$channel} = $self->version($thread, $state->{level});
	delete $state->{values}{$channel};
	$state->{values}{$channel} = $value[0] if @value;
	return;
}

sub change_messages
{
	my ($self, $thread, $ns, $channel, $state) = @_;
	return $self->set($thread, $state, $channel) if $self->{random}->percent(2);
	my $value = $state->{values}{$channel} // $thread->{messages}->list(12);
	my $before = $thread->{list_before}{"$ns $channel"};
	my $next = $thread->{messages}->next_value($value, $before, $thread->{steady});
	return $self->set($thread, $state, $channel, $next);
}

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
	my $what = @there && $state->{level} > 1
		? $random->weighted(
			edit => 50, add => @there < 8 ? 20 : 5, remove => @there < 4 ? 2 : 6, null => 5, absent => 6, touch => 4, list => 3)
		: 'add';
	my $channel = $random->pick($what eq 'add' ? @CHANNELS : @there);
	my @old = exists $state->{values}{$channel} ? ($state->{values}{$channel}) : ();
	if ($what eq 'remove')
	{
		delete $state->{$_}{$channel} for 'versions', 'values', 'changed';
		return;
	}
	my $levels = $state->{level} > 1 && $thread->{steady} ? 1 : 4;
	my @new = $what eq 'absent' ? () : $what eq 'touch' ? @old : $what eq 'null' ? 'null'
		: $what eq 'list' ? $thread->{messages}->list(4) : $what eq 'edit' && @old ? $self->{json}->edit($old[0])
		: $self->{json}->value($levels);
	return $self->set($thread, $state, $channel, @new);
}

# How a writer says it: all values, or those of the channels that changed, or more or less than that.
sub given
{
	my ($self, $state) = @_;
	my $random = $self->{random};
	my ($values, $changed) = @$state{ 'values', 'changed' };
	my $how = $random->weighted(all => 25, changed => 43, full => 15, junk => 10, forgotten => 5, strange => 2);
	if ($how eq 'all')
	{
		my @stray = $random->percent(20) ? (stray => $self->{json}->value(1)) : (); # without a version: absent
		return (new => undef, given => { @stray, %$values });
	}
	return (new => $changed, given => $values) if $how eq 'full';
	my %given = map { ($_ => $values->{$_}) } grep { exists $values->{$_} } sort keys %$changed;
	if ($how eq 'junk') # of channels that did not change
	{
		$given{$_} = $self->{json}->value(2) for grep { !exists $changed->{$_} } sort keys %{ $state->{versions} };
	}
	return (new => { map { ($_ => $changed->{$_}) } $random->some(50, sort keys %$changed) }, given => \%given)
		if $how eq 'forgotten';
	return (new => { stray => 7, %$changed }, given => { stray => '"x"', %given }) if $how eq 'strange'; # of no channel
	return (new => $changed, given => \%given);
}

# The rest of the document, id and channels apart: keys and values by turns.
sub rest
{
	my ($self, $thread, $base) = @_;
	my $random = $self->{random};
	my %rest = $base ? @{ $base->{rest} } : (v => '4', ts => '"2025-01-01T00:00:00.000Z"');
	my $seen = $rest{versions_seen} // ChainJson::object(__input__ => ChainJson::object());
	$seen = $self->{json}->edit($seen) if $random->percent($thread->{steady} ? 10 : 50);
	$seen = ChainJson::object(agent => ChainJson::object(messages => 1)) unless ref $seen && $seen->[0] eq 'o';
	$rest{versions_seen} = $seen;
	if ($random->percent($thread->{steady} ? 3 : 15))
	{
		my $key = $random->pick(@REST);
		if ($random->percent(30)) { delete $rest{$key} }
		else { $rest{$key} = $self->{json}->value(2) }
	}
	return [ map { ($_, $rest{$_}) } sort keys %rest ];
}

# metadata of a put, with what the rules need of it: run_id, and the delta channels it counts. All three are always
# named: do_same lays them over the request it repeats, and what is left out would stay that request's.
sub metadata
{
	my ($self, $thread) = @_;
	my $random = $self->{random};
	return (metadata => undef, run_id => undef, delta => []) if $random->percent(4);
	my $run_id = $random->percent(60) ? 'run-' . $random->between(1, 6) : undef;
	my @run = defined $run_id ? (run_id => qq{"$run_id"})
		: $random->percent(3) ? (run_id => $random->pick('1', 'null', '""', '"' . 'r' x 300 . '"')) : ();
	my @delta = $random->some(90, deltas($thread));
	my %counters = map { ($_ => ChainJson::array(1, 2)) } @delta;
	my @counters = @delta ? (counters_since_delta_snapshot => ChainJson::object(map { ($_, $counters{$_}) } @delta)) : ();
	my @more = $random->percent(20) ? ($self->{json}->key, $self->{json}->value(2)) : ();
	my $metadata = ChainJson::object(
		source => $random->pick('"input"', '"loop"', '"update"', '"fork"'), step => $random->between(-1, 50),
		parents => ChainJson::object(), @run, @counters, @more);
	return (metadata => $metadata, run_id => $run_id, delta => \@delta);
}

1;
