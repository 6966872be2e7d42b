# What message_context() has to give, found from the definition and over the whole thread: which messages belong
# together, what fits, in which order. It shares nothing with the code it judges.
package ContextTruth;

use strict;
use warnings;
use List::Util qw(all any first max sum0);

our $ANSWER = length 'This call was not answered.';

# The units of a list of messages ({id, role, tokens, calls, answers, reasoning, item}), by their first message.
sub units
{
	my @list = @_;
	my (@unit_of, @units);
	for my $i (0 .. $#list)
	{
		my $message = $list[$i];
		next if $message->{is_answer};
		my $before = $i > 0 ? $list[ $i - 1 ] : {};
		my $joined = $message->{role} eq 'assistant' && ($before->{role} // '') eq 'assistant'
			&& ($before->{reasoning} || ($before->{item} && $message->{item}));
		push @units, { first => $i, callers => [], answers => [], loose => 0 } unless $joined;
		push @{ $units[-1]{callers} }, $i;
		$unit_of[$i] = $units[-1];
	}
	for my $i (grep { $list[$_]{is_answer} } 0 .. $#list)
	{
		my @ids = @{ $list[$i]{answers} };
		if (!@ids)
		{
			my $said = first { !$list[$_]{is_answer} } reverse 0 .. $i - 1;
			if (defined $said && $list[$said]{role} eq 'assistant')
			{
				push @{ $unit_of[$said]{answers} }, $i;
				$unit_of[$said]{loose}++;
			}
			else
			{
				push @units, { first => $i, callers => [$i], answers => [], loose => 0 };
			}
			next;
		}
		my @callers = map { my $id = $_; first { any { $_ eq $id } @{ $list[$_]{calls} // [] } } reverse 0 .. $i - 1 } @ids;
		next if any { !defined } @callers;
		my $unit = $unit_of[ $callers[0] ];
		push @{ $unit->{named} }, $i if all { $unit_of[$_] == $unit } @callers;
	}
	for my $unit (@units)
	{
		my $said = first { !$list[$_]{is_answer} } $unit->{callers}[-1] + 1 .. $#list;
		my (%answered, @missing);
		my $answer = sub {
			my ($i) = @_;
			my @ids = @{ $list[$i]{answers} };
			# the first answer to a call is the answer
			return if any { $answered{$_} } @ids;
			$answered{$_} = 1 for @ids;
			push @{ $unit->{answers} }, $i;
		};
		my @calls = map { my $i = $_; map { [ $i, $_ ] } @{ $list[$i]{calls} // [] } } @{ $unit->{callers} };
		my $loose = $unit->{loose};
		$answer->($_) for grep { $_ < ($said // 9e9) } @{ $unit->{named} // [] };
		$answered{ $_->[1] } || $loose-- <= 0 || ($answered{ $_->[1] } = 1) for @calls;
		$answer->($_) for grep { $_ > ($said // 9e9) } @{ $unit->{named} // [] };
		$answered{ $_->[1] }++ || push @missing, $_ for @calls;
		$unit->{missing} = \@missing;
		$unit->{tokens} = sum0(map { $list[$_]{tokens} } @{ $unit->{callers} }, @{ $unit->{answers} }) + $ANSWER * @{ $unit->{missing} };
		$unit->{messages} = @{ $unit->{callers} } + @{ $unit->{answers} } + @{ $unit->{missing} };
		$unit->{role} = $list[ $unit->{first} ]{role};
		# in the order in which it is said: calls, what closes them, answers
		$unit->{rows} = [
			(map { "$list[$_]{id}:$list[$_]{tokens}" } @{ $unit->{callers} }),
			(map { "+$_->[1]:$ANSWER" } @{ $unit->{missing} }),
			(map { "$list[$_]{id}:$list[$_]{tokens}" } sort { $a <=> $b } @{ $unit->{answers} })];
	}
	return sort { $a->{first} <=> $b->{first} } @units;
}

# The window: words "id:tokens" as the test asks for them, or "error".
sub window
{
	my ($messages, %rule) = @_;
	my @all = grep { $_->{role} ne 'other' } @$messages;
	my @system = $rule{keep_system} ? grep { $_->{role} =~ /^(system|developer)$/ } @all : ();
	my %is_system = map { $_->{id} => 1 } @system;
	my @list = grep { !$is_system{ $_->{id} } } @all;
	my $tokens = ($rule{max_tokens} // 9e9) - sum0(map { $_->{tokens} } @system);
	my $count = ($rule{max_messages} // 9e9) - @system;
	return 'error' if $tokens < 0 || $count < 0;
	# thoughts whose answer never came are of no use to a model
	my @units = grep { !$list[ $_->{callers}[-1] // $_->{first} ]{reasoning} && ($rule{close} || !@{ $_->{missing} }) } units(@list);
	my ($used, $rows, @head, @tail) = (0, 0);
	my $fits = sub { my ($unit, $t, $c) = @_; return $used + $unit->{tokens} <= $t && $rows + $unit->{messages} <= $c };
	my $take = sub { my ($unit) = @_; $used += $unit->{tokens}; $rows += $unit->{messages}; return $unit };
	my $from_end = sub {
		my ($t, $c, $limit) = @_;
		while (@units && $limit-- > 0)
		{
			return 1 unless $fits->($units[-1], $t, $c);
			unshift @tail, $take->(pop @units);
		}
		return 0;
	};
	my ($stuck, $broken) = (0, 0);
	if ($rule{strategy} eq 'last')
	{
		$stuck = $from_end->($tokens, $count, 9e9);
	}
	else
	{
		my $middle = $rule{strategy} eq 'middle';
		my ($half_t, $half_c) = (int($tokens / 2), int($count / 2));
		$stuck = $from_end->($tokens, $count, 1);
		if (@tail)
		{
			$stuck = $from_end->(defined $rule{max_tokens} ? $tokens - $half_t : $tokens, defined $rule{max_messages} ? $count - $half_c : $count, 9e9)
				if $middle;
			my @rest = @units;
			shift @rest while @rest && $rule{start_on} && $rest[0]{role} ne $rule{start_on};
			my ($head_t, $head_c) = (0, 0);
			while (my $unit = shift @rest)
			{
				last if $middle ? $head_t + $unit->{tokens} > $half_t || $head_c + $unit->{messages} > $half_c
					: $head_c + $unit->{messages} > $rule{head_messages};
				$broken = !$middle && !$fits->($unit, $tokens, $count);
				last unless $fits->($unit, $tokens, $count);
				push @head, $take->($unit);
				$head_t += $unit->{tokens};
				$head_c += $unit->{messages};
				@units = @rest;
			}
			$stuck = $from_end->($tokens, $count, 9e9);
		}
	}
	return 'error' if $broken;
	shift @tail while !@head && @tail && $rule{start_on} && $tail[0]{role} ne $rule{start_on};
	my @window = (@head, @tail);
	return 'error' if !@window && $stuck;
	my %place = map { $all[$_]{id} => $_ } 0 .. $#all;
	my @said = map { [ $place{ $list[ $_->{first} ]{id} }, @{ $_->{rows} } ] } @window;
	push @said, map { [ $place{ $_->{id} }, "$_->{id}:$_->{tokens}" ] } @system;
	return join ' ', map { @$_[ 1 .. $#$_ ] } sort { $a->[0] <=> $b->[0] } @said;
}

# What must hold of every window, whatever the choice: a reason for each promise that does not.
sub broken_promises
{
	my ($messages, $words, %rule) = @_;
	my %by_id = map { $_->{id} => $_ } @$messages;
	my (@broken, %open, $used);
	my @rows = map { [ /^(.*):(\d+)$/ ] } split / /, $words;
	$used += $_->[1] for @rows;
	push @broken, "$used tokens" if defined $rule{max_tokens} && ($used // 0) > $rule{max_tokens};
	push @broken, scalar @rows . ' messages' if defined $rule{max_messages} && @rows > $rule{max_messages};
	my %there = map { $_->[0] => 1 } @rows;
	push @broken, "without system message" if $rule{keep_system} && any { $_->{role} =~ /^(system|developer)$/ && !$there{ $_->{id} } } @$messages;
	my ($loose, $called) = (0, 0);
	for my $row (@rows)
	{
		my ($id) = @$row;
		my $message = $by_id{$id} // { role => 'tool', is_answer => 1, answers => [ substr $id, 1 ] };
		if ($message->{is_answer})
		{
			for my $answer (@{ $message->{answers} })
			{
				push @broken, "$id answers no open call before it" unless ($open{$answer} // 0) == 1;
				$open{$answer} = 2;
			}
			$loose++ unless @{ $message->{answers} };
			$called = 0;
			next;
		}
		my @unanswered = grep { $open{$_} == 1 } keys %open;
		# calls side by side are open together
		next if $message->{item} && $called && map { $open{$_} //= 1 } @{ $message->{calls} };
		push @broken, "@unanswered without an answer before $id" if @unanswered > $loose;
		($loose, $called) = (0, scalar @{ $message->{calls} // [] });
		%open = map { $_ => 1 } @{ $message->{calls} // [] };
	}
	my @unanswered = grep { $open{$_} == 1 } keys %open;
	push @broken, "@unanswered without an answer at the end" if @unanswered > $loose;
	return @broken;
}

1;
