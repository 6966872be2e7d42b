# What one thread has to hold, by the rules of the contract and nothing of threadmem's own making:
# every checkpoint whole, one hash for each namespace.
package ChainTruth;

use strict;
use warnings;
use ChainJson;

sub new
{
	my ($class, $thread_id) = @_;
	return bless { thread_id => $thread_id, checkpoints => {}, writes => {}, born => 0 }, $class;
}

# Ids of a namespace, the latest first: by bytes, and all strings here are bytes.
sub ids { my ($self, $ns) = @_; return reverse sort keys %{ $self->{checkpoints}{$ns} || {} } }

sub has { my ($self, $ns) = @_; return scalar %{ $self->{checkpoints}{$ns} || {} } }

sub namespaces { my ($self) = @_; return grep { %{ $self->{checkpoints}{$_} } } sort keys %{ $self->{checkpoints} } }

sub checkpoint
{
	my ($self, $ns, $id) = @_;
	return defined $id && $self->{checkpoints}{$ns} ? $self->{checkpoints}{$ns}{$id} : undef;
}

sub count
{
	my ($self) = @_;
	my $count = 0;
	$count += keys %$_ for values %{ $self->{checkpoints} };
	return $count;
}

# The values a version of a channel has in the namespace, by their text: more than one where branches met in a
# number. A value is a list of one, or of none for a channel that is absent.
sub held
{
	my ($self, $ns, $channel, $version) = @_;
	my %held;
	for my $checkpoint (values %{ $self->{checkpoints}{$ns} || {} })
	{
		next unless ($checkpoint->{versions}{$channel} // '') eq $version;
		my @value = exists $checkpoint->{values}{$channel} ? ($checkpoint->{values}{$channel}) : ();
		$held{ @value ? ChainJson::text($value[0]) : '' } = \@value;
	}
	return \%held;
}

# The value of a channel that is not said to be new, a list as above: the parent's if the version is the same there;
# else what the version stands for in the namespace, where the writer's word counts if it gives one.
sub inherited
{
	my ($self, $put, $parent, $channel) = @_;
	my $version = $put->{versions}{$channel};
	return exists $parent->{values}{$channel} ? ($parent->{values}{$channel}) : () if $parent && ($parent->{versions}{$channel} // '') eq $version;
	my $held = $self->held($put->{ns}, $channel, $version);
	return () unless %$held;
	return ($put->{given}{$channel}) if exists $put->{given}{$channel};
	my ($text, @others) = sort keys %$held;
	die "the value of channel $channel is not certain" if @others;
	return @{ $held->{$text} };
}

# The parent whose state counts. One that came, or came again, after its child is left out: then the namespace has
# to know the value.
sub parent_of
{
	my ($self, $put) = @_;
	my $old = $self->checkpoint($put->{ns}, $put->{id});
	my $parent = $self->checkpoint($put->{ns}, $old ? $old->{parent} : $put->{parent});
	return $parent && $old && ($old->{parent_born} // 0) != $parent->{born} ? undef : $parent;
}

# Whether it depends on the order of checkpoints which value a put would get: a test must not say.
sub uncertain
{
	my ($self, $put, $channel) = @_;
	my $parent = $self->parent_of($put);
	return 0 if $parent && ($parent->{versions}{$channel} // '') eq $put->{versions}{$channel};
	return keys %{ $self->held($put->{ns}, $channel, $put->{versions}{$channel}) } > 1;
}

# put(ns, id, parent, versions, new (undefined: all), given, rest, metadata): the checkpoint as it has to
# be read from now on. An id that is there keeps its parent.
sub put
{
	my ($self, %put) = @_;
	my $old = $self->checkpoint($put{ns}, $put{id});
	my $parent = $self->parent_of(\%put);
	my %values;
	for my $channel (sort keys %{ $put{versions} })
	{
		my $is_new = !$put{new} || exists $put{new}{$channel};
		my @value = !$is_new ? $self->inherited(\%put, $parent, $channel)
			: exists $put{given}{$channel} ? ($put{given}{$channel}) : ();
		$values{$channel} = $value[0] if @value;
	}
	return $self->{checkpoints}{ $put{ns} }{ $put{id} } = {
		ns => $put{ns}, id => $put{id}, parent => $old ? $old->{parent} : $put{parent},
		born => $old ? $old->{born} : ++$self->{born}, parent_born => $old ? $old->{parent_born} : $parent && $parent->{born}, versions => $put{versions}, values => \%values,
		rest => $put{rest}, metadata => $put{metadata}, run_id => $put{run_id}, delta => $put{delta} };
}

# The checkpoint as text, with these values.
sub document
{
	my ($checkpoint, $values) = @_;
	my $by_channel = sub { my ($hash) = @_; return ChainJson::object(map { ($_, $hash->{$_}) } sort keys %$hash) };
	return ChainJson::text(ChainJson::object(id => ChainJson::quote($checkpoint->{id}), @{ $checkpoint->{rest} },
		channel_versions => $by_channel->($checkpoint->{versions}), channel_values => $by_channel->($values)));
}

my %SPECIAL = (__error__ => -1, __scheduled__ => -2, __interrupt__ => -3, __resume__ => -4);

# Returns how many writes were stored or replaced.
sub put_writes
{
	my ($self, %put) = @_;
	my $task = $self->{writes}{ $put{ns} }{ $put{id} }{ $put{task} } //= {};
	my $replaces = !grep { !exists $SPECIAL{ $_->[0] } } @{ $put{writes} };
	my ($stored, $at) = (0, 0);
	for my $write (@{ $put{writes} })
	{
		my $idx = $SPECIAL{ $write->[0] } // $at;
		$at++;
		next if exists $task->{$idx} && !$replaces;
		$task->{$idx} = { path => $put{path}, channel => $write->[0], value => $write->[1] };
		$stored++;
	}
	return $stored;
}

# Writes of a checkpoint in the order in which they apply: [task, idx, path, channel, value].
sub writes
{
	my ($self, $ns, $id) = @_;
	my $tasks = $self->{writes}{$ns}{$id} || {};
	my @writes;
	for my $task (keys %$tasks)
	{
		push @writes, map { [ $task, $_, @{ $tasks->{$task}{$_} }{ 'path', 'channel', 'value' } ] } keys %{ $tasks->{$task} };
	}
	return sort { $a->[2] cmp $b->[2] || $a->[0] cmp $b->[0] || $a->[1] <=> $b->[1] } @writes;
}

sub pending
{
	my ($self, $ns, $id) = @_;
	return ChainJson::text(ChainJson::array(map { ChainJson::array(ChainJson::quote($_->[0]), ChainJson::quote($_->[3]), $_->[4]) } $self->writes($ns, $id)));
}

# Takes checkpoints with their writes away: [namespace, id] each.
sub remove
{
	my ($self, @keys) = @_;
	delete $self->{$_->[2]}{ $_->[0] }{ $_->[1] } for map { ([ @$_, 'checkpoints' ], [ @$_, 'writes' ]) } @keys;
	return;
}

# The ancestors of a checkpoint, its parent first. They may form a circle; the walk ends there.
sub ancestors
{
	my ($self, $checkpoint) = @_;
	my (@ancestors, %seen);
	while ($checkpoint = $self->checkpoint($checkpoint->{ns}, $checkpoint->{parent}))
	{
		return @ancestors if $seen{ $checkpoint->{id} }++;
		push @ancestors, $checkpoint;
	}
	return @ancestors;
}

# Whether a walk up from the checkpoint ends of itself.
sub has_end
{
	my ($self, $checkpoint) = @_;
	my @ancestors = ($checkpoint, $self->ancestors($checkpoint));
	return !$self->checkpoint($checkpoint->{ns}, $ancestors[-1]{parent});
}

# The ancestors whose writes the delta channels of a checkpoint consist of, back to the values they add to.
sub needed
{
	my ($self, $checkpoint) = @_;
	my %open = map { ($_ => 1) } grep { !exists $checkpoint->{values}{$_} } @{ $checkpoint->{delta} };
	my @needed;
	for my $ancestor ($self->ancestors($checkpoint))
	{
		last unless %open;
		push @needed, $ancestor;
		delete $open{$_} for keys %{ $ancestor->{values} };
	}
	return @needed;
}

# Which are removed, [namespace, id] each, of all that $goes is true of: not what the others need.
sub removed
{
	my ($self, $goes) = @_;
	my @all = map { my $of = $self->{checkpoints}{$_}; map { $of->{$_} } reverse sort keys %$of } $self->namespaces;
	my %stays = map { ("$_" => 1) } map { ($_, $self->needed($_)) } grep { !$goes->($_) } @all;
	return map { [ $_->{ns}, $_->{id} ] } grep { !$stays{"$_"} } @all;
}

# What is removed when the newest $keep of every namespace stay.
sub pruned
{
	my ($self, $keep) = @_;
	my %newest = map { ("$_" => 1) } map { my $ns = $_; map { $self->checkpoint($ns, $_) } grep { defined } ($self->ids($ns))[ 0 .. $keep - 1 ] } $self->namespaces;
	return $self->removed(sub { !$newest{"$_[0]"} });
}

# What is removed with these runs.
sub of_runs
{
	my ($self, %runs) = @_;
	return $self->removed(sub { defined $_[0]{run_id} && $runs{ $_[0]{run_id} } });
}

# What delta_history has to say of some channels of a checkpoint.
sub history
{
	my ($self, $checkpoint, @channels) = @_;
	my (%writes, %seed);
	for my $ancestor ($self->ancestors($checkpoint))
	{
		my @open = grep { !exists $seed{$_} } @channels;
		my @all = $self->writes($ancestor->{ns}, $ancestor->{id});
		for my $channel (@open)
		{
			unshift @{ $writes{$channel} }, map { ChainJson::array(ChainJson::quote($_->[0]), ChainJson::quote($_->[3]), $_->[4]) } grep { $_->[3] eq $channel } @all;
			$seed{$channel} = $ancestor->{values}{$channel} if exists $ancestor->{values}{$channel};
		}
	}
	return ChainJson::text(ChainJson::object(map {
		($_ => ChainJson::object(writes => ChainJson::array(@{ $writes{$_} || [] }), exists $seed{$_} ? (seed => $seed{$_}) : ())) } @channels));
}

# Checkpoints are never changed in place, so the copy shares them.
sub copy
{
	my ($self, $thread_id) = @_;
	my $copy = ref($self)->new($thread_id);
	$copy->{born} = $self->{born};
	$copy->{checkpoints}{$_} = { %{ $self->{checkpoints}{$_} } } for keys %{ $self->{checkpoints} };
	for my $ns (keys %{ $self->{writes} })
	{
		for my $id (keys %{ $self->{writes}{$ns} })
		{
			my $tasks = $self->{writes}{$ns}{$id};
			$copy->{writes}{$ns}{$id} = { map { ($_ => { %{ $tasks->{$_} } }) } keys %$tasks };
		}
	}
	return $copy;
}

1;
