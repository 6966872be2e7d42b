# Random numbers that are the same for the same seed on any Perl: xorshift with 32 bits.
package ChainRandom;

use strict;
use warnings;

my $MASK = 0xffffffff;

sub new
{
	my ($class, $seed) = @_;
	my $self = bless { state => ($seed ^ 0x9e3779b9) & $MASK || 1 }, $class;
	$self->next for 1 .. 20; # seeds that lie side by side part
	return $self;
}

sub next
{
	my ($self) = @_;
	my $state = $self->{state};
	$state ^= ($state << 13) & $MASK;
	$state ^= $state >> 17;
	$state ^= ($state << 5) & $MASK;
	return $self->{state} = $state;
}

# 0 .. $count - 1
sub below { my ($self, $count) = @_; return ($self->next >> 3) % $count }

sub between { my ($self, $low, $high) = @_; return $low + $self->below($high - $low + 1) }

sub percent { my ($self, $percent) = @_; return $self->below(100) < $percent }

sub pick { my $self = shift; return $_[ $self->below(scalar @_) ] }

# weighted(name => weight, ...): a name; the order of the arguments counts.
sub weighted
{
	my ($self, @choices) = @_;
	my $total = 0;
	$total += $choices[ 2 * $_ + 1 ] for 0 .. @choices / 2 - 1;
	my $at = $self->below($total);
	while (1)
	{
		my ($name, $weight) = splice @choices, 0, 2;
		return $name if $at < $weight;
		$at -= $weight;
	}
}

# A random part of a list, in its order.
sub some { my ($self, $percent, @list) = @_; return grep { $self->percent($percent) } @list }

1;
