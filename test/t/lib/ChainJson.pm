# Random JSON and random edits of it. Values are never decoded: a scalar is its JSON text, so that a
# number keeps every digit it was written with; a container is [ kind, parts, its text once known ]
# with kind "a" and values, or kind "o" and keys (JSON text) and values by turns. Nothing is changed
# in place: an edit shares what it leaves alone.
package ChainJson;

use strict;
use warnings;

sub new
{
	my ($class, $random) = @_;
	return bless { random => $random }, $class;
}

sub array { my (@values) = @_; return [ 'a', \@values ] }

# Keys and values by turns; keys are plain strings here.
sub object
{
	my (@pairs) = @_;
	return [ 'o', [ map { $_ % 2 ? $pairs[$_] : quote($pairs[$_]) } 0 .. $#pairs ] ];
}

sub text
{
	my ($value) = @_;
	return $value unless ref $value;
	my ($kind, $parts) = @$value;
	return $value->[2] //= $kind eq 'a'
		? '[' . join(',', map { text($_) } @$parts) . ']'
		: '{' . join(',', map { $parts->[ 2 * $_ ] . ':' . text($parts->[ 2 * $_ + 1 ]) } 0 .. @$parts / 2 - 1) . '}';
}

my %ESCAPE = ('"' => '\\"', '\\' => '\\\\', "\n" => '\\n', "\t" => '\\t');

# Strings are bytes in UTF-8 throughout.
sub quote
{
	my ($string) = @_;
	$string =~ s/(["\\\n\t])/$ESCAPE{$1}/g;
	$string =~ s/([\x00-\x1f])/sprintf '\\u%04x', ord $1/ge;
	return qq{"$string"};
}

# What json, jsonb, pointers and escapes get wrong. No key here equals another one in another spelling.
my @KEYS = (
	'', '/', '~', '~1', '~0', '~01', 'a/b', 'm~n', ' ', '"', '\\', "'", '-', '0', '01', '-1', 'id', 'key', 'value', 'values',
	'versions', 'seen', 'refs', 'rest', 'lc', 'role', 'type', 'content', 'messages', 'channel_values', '$ref', '%', '#',
	'{}', '[0]', "\n", "\x01", "\xc3\xa9", "e\xcc\x81", "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x98\x80", 'long ' . 'k' x 195,
	'a', 'b', 'c', 'd', 'e');

my @SCALARS = (
	'null', 'true', 'false', '0', '-0', '-0.0', '0.0', '0.00', '1', '-1', '1.1', '1.10', '1.100', '11e-1', '1e5', '1E+5',
	'100000', '1e-7', '1.50e2', '123e40', '9007199254740993', '18446744073709551616', '-9223372036854775809', '5e-324',
	'1.8e308', '1234567890123456789012345678901234567890', '-1234567890123456789012345678901234567891',
	'0.1234567890123456789012345678901234567890', '""', '" "', '"a"', '"1"', '"1.10"', '"null"', '"~1"', '"\u00e9"',
	"\"\xc3\xa9\"", "\"e\xcc\x81\"", '"\ud83d\ude00"', '"\\\\u0000"', '"\/"', '"\b\f\n\r\t"', '"\u0001"', '"__absent__"');

# Neighbours that a sloppy comparison takes for equal.
my %TWIN = (
	'1.1' => '1.10', '1.10' => '1.100', '1.100' => '1.1', '11e-1' => '1.10', '0' => '-0', '-0' => '0.0', '0.0' => '0.00',
	'0.00' => '0', '1e5' => '100000.0', '100000' => '1e5', '1' => '1.0', '1.0' => '"1"', '"1"' => '1', 'true' => '"true"',
	'false' => '0', 'null' => '"null"', '"null"' => 'null', '""' => 'null', "\"\xc3\xa9\"" => "\"e\xcc\x81\"",
	'9007199254740993' => '9007199254740992',
	'1234567890123456789012345678901234567890' => '1234567890123456789012345678901234567890.0');

my @WORDS = split / /, 'the quick agent reads a file then asks Ann whether tea or coffee suits her budget of 1.10 euros and waits';

sub key { my ($self) = @_; return $self->{random}->pick(@KEYS) }

sub words
{
	my ($self, $count) = @_;
	return join ' ', map { $self->{random}->pick(@WORDS) } 1 .. $count;
}

sub scalar_value
{
	my ($self) = @_;
	my $random = $self->{random};
	my $kind = $random->weighted(listed => 60, integer => 15, words => 20, long => 1, digits => 4);
	return $random->pick(@SCALARS) if $kind eq 'listed';
	return $random->between(-100, 100) if $kind eq 'integer';
	return quote($self->words($random->between(1, 12))) if $kind eq 'words';
	return quote($self->words(200)) if $kind eq 'long';
	return join '', $random->between(1, 9), map { $random->below(10) } 1 .. 39;
}

# A value of at most some levels.
sub value
{
	my ($self, $levels) = @_;
	my $random = $self->{random};
	my $huge = $levels > 3 ? 1 : 0;
	my $kind = $random->weighted(scalar => 50, array => 18, object => 26, deep => 1, long => 2, empty => 3, huge => $huge);
	return $self->scalar_value if $levels <= 0 || $kind eq 'scalar';
	return $self->deep(60) if $kind eq 'deep';
	return array(map { $random->percent(90) ? $_ : $self->scalar_value } 1 .. $random->between(50, 300))
		if $kind eq 'long';
	return $random->pick(array(), object()) if $kind eq 'empty';
	return $random->pick(array(1 .. 3000), quote(join ' ', map { $random->next } 1 .. 4000)) if $kind eq 'huge';
	return array(map { $self->value($levels - 1) } 1 .. $random->between(1, 6)) if $kind eq 'array';
	return object(map { ($self->key, $self->value($levels - 1)) } 1 .. $random->between(1, 5)); # a key may come twice
}

sub deep
{
	my ($self, $levels) = @_;
	my $value = $self->scalar_value;
	for my $level (1 .. $levels)
	{
		$value = $self->{random}->percent(50) ? array($self->scalar_value, $value) : object($self->key, $value, 'b', $level);
	}
	return $value;
}

# One change somewhere in the value; now and then the result has the same bytes.
sub edit
{
	my ($self, $value) = @_;
	return $self->edit_below($value, $self->{random}->percent(25) ? 100 : 60);
}

# With chance $deeper (percent) the change is made in a part of the value.
sub edit_below
{
	my ($self, $value, $deeper) = @_;
	my $random = $self->{random};
	return $self->edit_scalar($value) unless ref $value;
	my ($kind, $parts) = @$value;
	if (@$parts && $random->percent($deeper))
	{
		my $at = $kind eq 'a' ? $random->below(scalar @$parts) : 1 + 2 * $random->below(@$parts / 2);
		my @copy = @$parts;
		$copy[$at] = $self->edit_below($copy[$at], $deeper);
		return [ $kind, \@copy ];
	}
	return $self->value(2) if $random->percent(10);
	return $kind eq 'a' ? array($self->edit_list(sub { $self->value(1) }, @$parts)) : $self->edit_object(@$parts);
}

sub edit_scalar
{
	my ($self, $text) = @_;
	return $TWIN{$text} if exists $TWIN{$text} && $self->{random}->percent(60);
	return $self->value(2);
}

# Any list: $new makes an element.
sub edit_list
{
	my ($self, $new, @list) = @_;
	my $random = $self->{random};
	return ($new->()) unless @list;
	my $at = $random->below(scalar @list);
	my $other = $random->below(scalar @list);
	my $what = $random->weighted(
		append => 25, insert => 20, remove => 20, replace => 12, swap => 6, reverse => 2, rotate => 3, double => 5, head => 3,
		tail => 3, clear => 1);
	if ($what eq 'append') { push @list, $new->() }
	elsif ($what eq 'insert') { splice @list, $at, 0, map { $new->() } 1 .. $random->between(1, 2) }
	elsif ($what eq 'remove') { splice @list, $at, $random->between(1, 2) }
	elsif ($what eq 'replace') { $list[$at] = $new->() }
	elsif ($what eq 'swap') { @list[ $at, $other ] = @list[ $other, $at ] }
	elsif ($what eq 'reverse') { @list = reverse @list }
	elsif ($what eq 'rotate') { push @list, splice @list, 0, $at }
	elsif ($what eq 'double') { splice @list, $other, 0, $list[$at] }
	elsif ($what eq 'head') { splice @list, 0, $at }
	elsif ($what eq 'tail') { splice @list, $at }
	else { @list = () }
	return @list;
}

sub edit_object
{
	my ($self, @parts) = @_;
	my $random = $self->{random};
	my $at = @parts ? 2 * $random->below(@parts / 2) : 0;
	my $what = @parts ? $random->weighted(add => 50, remove => 35, rename => 10, clear => 5) : 'add';
	if ($what eq 'add') { splice @parts, $at, 0, quote($self->key), $self->value(2) }
	elsif ($what eq 'remove') { splice @parts, $at, 2 }
	elsif ($what eq 'rename') { $parts[$at] = quote($self->key) }
	else { @parts = () }
	return [ 'o', \@parts ];
}

1;
