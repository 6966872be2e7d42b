# What one thread has to hold, by the rules of the contract and nothing of threadmem's own making: every
# checkpoint whole, one hash for each namespace. A checkpoint is never changed in place.
package ChainTruth;

use strict;
use warnings;
use ChainJson;

sub new
{
	my ($class, $thread_id) = @_;
	return bless { thread_id => $thread_id, checkpoints => {}, writes => {} }, $class;
}

# Ids of a namespace, the latest first: by bytes, and all strings here are bytes.
sub ids { my ($self, $ns) = @_; return reverse sort keys %{ $self->{checkpoints}{$ns} || {} } }

sub has { my ($self, $ns) = @_; return keys %{ $self->{checkpoints}{$ns} || {} } ? 1 : 0 }

sub namespaces { my ($self) = @_; return sort keys %{ $self->{checkpoints} } }

sub checkpoint
{
	my ($self, $ns, $id) = @_;
	return defined $id && $self->{checkpoints}{$ns} ? $self->{checkpoints}{$ns}{$id} : undef;
}

sub all
{
	my ($self) = @_;
	return map { my $ns = $_; map { $self->checkpoint($ns, $_) } $self->ids($ns) } $self->namespaces;
}

sub count { my ($self) = @_; return scalar(my @all = $self->all) }

# -- values by version

sub has_version
{
	my ($checkpoint, $channel, $version) = @_;
	return ($checkpoint->{versions}{$channel} // '') eq $version;
}

# A value is a list of one, or of none for a channel that is absent.
sub value_of
{
	my ($checkpoint, $channel) = @_;
	return exists $checkpoint->{values}{$channel} ? ($checkpoint->{values}{$channel}) : ();
}

# The values a version of a channel has in the namespace, by their text: more than one where branches met in
# a number.
sub held
{
	my ($self, $ns, $channel, $version) = @_;
	my @holders = grep { has_version($_, $channel, $version) } values %{ $self->{checkpoints}{$ns} || {} };
	return map { my @value = value_of($_, $channel); (join('', map { ChainJson::text($_) } @value) => \@value) } @holders;
}

# A checkpoint that is put again keeps its parent.
sub parent_of
{
	my ($self, $put) = @_;
	my $old = $self->checkpoint($put->{ns}, $put->{id});
	return $self->checkpoint($put->{ns}, $old ? $old->{parent} : $put->{parent});
}

# The value of a channel that is not said to be new: the parent's if the version is the same there; else what
# the version stands for in the namespace, where the writer's word counts if it gives one.
sub inherited
{
	my ($self, $put, $parent, $channel) = @_;
	my $version = $put->{versions}{$channel};
	return value_of($parent, $channel) if $parent && has_version($parent, $channel, $version);
	my %held = $self->held($put->{ns}, $channel, $version);
	return () unless %held;
	return ($put->{given}{$channel}) if exists $put->{given}{$channel};
	die "the value of channel $channel is not certain" if keys %held > 1;
	return map { @$_ } values %held;
}

# Whether it depends on the order of checkpoints which value a put would get: a test must not say.
sub uncertain
{
	my ($self, $put, $channel) = @_;
	my $parent = $self->parent_of($put);
	my $version = $put->{versions}{$channel};
	return 0 if $parent && has_version($parent, $channel, $version);
	my %held = $self->held($put->{ns}, $channel, $version);
	return keys %held > 1;
}

# put(ns, id, parent, versions, new (undefined: all), given, rest, metadata, run_id, delta): the checkpoint as
# it has to be read from now on.
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
		parent => $old ? $old->{parent} : $put{parent}, values => \%values,
		map { ($_ => $put{$_}) } 'ns', 'id', 'versions', 'rest', 'metadata', 'run_id', 'delta' };
}

# The checkpoint as text, with these values.
sub document
{
	my ($checkpoint, $values) = @_;
	my $by_channel = sub { my ($hash) = @_; return ChainJson::object(map { ($_, $hash->{$_}) } sort keys %$hash) };
	return ChainJson::text(ChainJson::object(
		id => ChainJson::quote($checkpoint->{id}), @{ $checkpoint->{rest} },
		channel_versions => $by_channel->($checkpoint->{versions}), channel_values => $by_channel->($values)));
}

# -- writes

my %SPECIAL = (__error__ => -1, __scheduled__ => -2, __interrupt__ => -3, __resume__ => -4);

# put_writes(ns, id, task, path, writes): how many were stored or replaced.
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
		my $of = $tasks->{$task};
		push @writes, map { [ $task, $_, @{ $of->{$_} }{ 'path', 'channel', 'value' } ] } keys %$of;
	}
	return sort { $a->[2] cmp $b->[2] || $a->[0] cmp $b->[0] || $a->[1] <=> $b->[1] } @writes;
}

# [[task, channel, value]]
sub listed
{
	return ChainJson::array(map { ChainJson::array(ChainJson::quote($_->[0]), ChainJson::quote($_->[3]), $_->[4]) } @_);
}

sub pending { my ($self, $ns, $id) = @_; return ChainJson::text(listed($self->writes($ns, $id))) }

# -- ancestors

# The ancestors of a checkpoint, its parent first. They may form a circle; the walk ends there.
sub ancestors
{
	my ($self, $checkpoint) = @_;
	my (@ancestors, %seen);
	while ($checkpoint = $self->checkpoint($checkpoint->{ns}, $checkpoint->{parent}))
	{
		last if $seen{ $checkpoint->{id} }++;
		push @ancestors, $checkpoint;
	}
	return @ancestors;
}

# Whether the walk ends of itself.
sub has_end
{
	my ($self, $checkpoint) = @_;
	my @line = ($checkpoint, $self->ancestors($checkpoint));
	return !$self->checkpoint($checkpoint->{ns}, $line[-1]{parent});
}

# What delta_history has to say of some channels of a checkpoint.
sub history
{
	my ($self, $checkpoint, @channels) = @_;
	my (%writes, %seed);
	for my $ancestor ($self->ancestors($checkpoint))
	{
		my @all = $self->writes(@$ancestor{ 'ns', 'id' });
		for my $channel (grep { !exists $seed{$_} } @channels)
		{
			unshift @{ $writes{$channel} }, grep { $_->[3] eq $channel } @all;
			$seed{$channel} = $ancestor->{values}{$channel} if exists $ancestor->{values}{$channel};
		}
	}
	my $of = sub {
		my ($channel) = @_;
		my @seed = exists $seed{$channel} ? (seed => $seed{$channel}) : ();
		return ChainJson::object(writes => listed(@{ $writes{$channel} || [] }), @seed);
	};
	return ChainJson::text(ChainJson::object(map { ($_ => $of->($_)) } @channels));
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

# -- going away

# Which are removed, [namespace, id] each, of all that $goes is true of: not what the others need.
sub removed
{
	my ($self, $goes) = @_;
	my @all = $self->all;
	my %stays = map { ("$_" => 1) } map { ($_, $self->needed($_)) } grep { !$goes->($_) } @all;
	return map { [ @$_{ 'ns', 'id' } ] } grep { !$stays{"$_"} } @all;
}

# What is removed when the newest $keep of every namespace stay.
sub pruned
{
	my ($self, $keep) = @_;
	my %newest;
	for my $ns ($self->namespaces)
	{
		my @ids = $self->ids($ns);
		$newest{ $self->checkpoint($ns, $_) } = 1 for splice @ids, 0, $keep;
	}
	return $self->removed(sub { !$newest{"$_[0]"} });
}

# What is removed with these runs.
sub of_runs
{
	my ($self, @runs) = @_;
	my %runs = map { ($_ => 1) } @runs;
	return $self->removed(sub { defined $_[0]{run_id} && $runs{ $_[0]{run_id} } });
}

# Takes checkpoints with their writes away: [namespace, id] each.
sub remove
{
	my ($self, @keys) = @_;
	for my $key (@keys)
	{
		delete $self->{$_}{ $key->[0] }{ $key->[1] } for 'checkpoints', 'writes';
	}
	return;
}

sub copy
{
	my ($self, $thread_id) = @_;
	my $copy = ref($self)->new($thread_id);
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
