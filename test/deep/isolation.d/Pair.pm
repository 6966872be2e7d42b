# Two sessions of one role, one with each database. What they are told must be the same, whatever that is, and b's
# secrets in none of it.
package Pair;

use strict;
use warnings;
use feature 'state';
use Neighbour;
use Wire;

# A secret as it is, as a plan prints its bytes, and in hexadecimal.
my $LEAK = qr/$Neighbour::SECRET|122 121 120 (?:97|111) |7a7978(?:61|6f)/;

# How often the databases were made anew from those that were loaded.
our $copies = 0;

sub copy
{
	my $session = Wire->new('postgres', {}, 'postgres');
	for my $sql (map { ("DROP DATABASE IF EXISTS isolation_$_ WITH (FORCE)", "CREATE DATABASE isolation_$_ TEMPLATE loaded_$_") } 1, 2)
	{
		my $answer = $session->query($sql, 60);
		die "$sql: $answer->{message}\n" unless $answer->{code} eq 'ok';
	}
	$copies++;
	return;
}

sub new
{
	my ($class, $user, $settings) = @_;
	my $self = bless { user => $user, settings => $settings }, $class;
	$self->connect;
	return $self;
}

sub connect
{
	my ($self) = @_;
	$self->{sessions} = [ map { Wire->new($self->{user}, $self->{settings}, "isolation_$_") } 1, 2 ];
	return;
}

# As ask; but what differs is asked once more in new databases. What rolled back statements leave behind goes at different
# times in the two, and changes how many pages there are to be read.
sub ask_surely
{
	my ($self, @sql) = @_;
	my @results = $self->ask(@sql);
	return @results unless grep { $_->{differs} } @results;
	copy();
	$self->connect;
	return $self->ask(@sql);
}

# ask(sql, ...): for each { code, length, differs, leaks }. differs names the first line that is not the same in both, leaks
# one with a secret. One database after the other, with nothing left open: what can be cleaned up in the one depends on the
# transactions that run in the other. What was counted is passed on at the end, and counting starts anew.
sub ask
{
	my ($self, @sql) = @_;
	my @texts = map { answers($_, @sql, 'ROLLBACK', 'SELECT pg_stat_force_next_flush()', 'BEGIN') } @{ $self->{sessions} };
	return map { judge($texts[0][$_], $texts[1][$_]) } 0 .. $#sql;
}

# A session looks its binding up again after a second. So that this falls on the same statements in both, a role is changed
# now and then, with which it does so at once.
sub answers
{
	my ($session, @sql) = @_;
	state $changer = Wire->new('postgres', {}, 'postgres');
	my @texts;
	for my $at (0 .. $#sql)
	{
		$changer->query('ALTER ROLE bare CONNECTION LIMIT -1') if $at % 20 == 0;
		push @texts, text($session->query($sql[$at], 120));
	}
	return \@texts;
}

sub judge
{
	my (@texts) = @_;
	my %result = (code => $texts[0] =~ /^(\w+)/, length => length $texts[0]);
	die "the server went away: $texts[0]\n$texts[1]\n" if grep { /^(gone|hang)/ } @texts;
	$result{differs} = difference(map { masked($_) } @texts) if $texts[0] ne $texts[1];
	for my $text (@texts) { $result{leaks} //= $1 if $text =~ /^(.*$LEAK.*)$/m }
	return \%result;
}

sub text
{
	my ($answer) = @_;
	return join "\n", "$answer->{code} $answer->{message}", @{ $answer->{told} }, map { join "\t", map { $_ // '\N' } @$_ } @{ $answer->{rows} };
}

# Times, ids and channels that were made just now, the database, and whether a page was in memory already.
sub masked
{
	my ($text) = @_;
	$text =~ s/\bisolation_[12]\b/DATABASE/g;
	$text =~ s/\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d(?::?\d\d)?|Z)?/TIME/g;
	$text =~ s/\b1[6-9]\d{8}(?:\.\d+)?\b/TIME/g;
	$text =~ s/\b(?!1ef00000|00000000)[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/ID/g;
	$text =~ s/\b(user|system|elapsed): \d+\.\d+ s/$1: TIME/g;
	$text =~ s/\bthreadmem_[0-9a-f]{32}\b/CHANNEL/g;
	$text =~ s/\b(shared|local|temp)((?: (?:hit|read|dirtied|written)=\d+)+)/"$1 " . pages($2)/ge;
	return $text;
}

sub pages
{
	my ($counts) = @_;
	my $pages = 0;
	$pages += $1 while $counts =~ / (?:hit|read)=(\d+)/g;
	return $pages;
}

sub difference
{
	my ($one, $other) = @_;
	return if $one eq $other;
	my @one = split /\n/, $one;
	my @other = split /\n/, $other;
	for my $at (0 .. ($#one > $#other ? $#one : $#other))
	{
		my ($left, $right) = map { $_ // '(nothing)' } $one[$at], $other[$at];
		next if $left eq $right;
		my $same = 0;
		$same++ while substr($left, 0, $same + 1) eq substr($right, 0, $same + 1);
		my $from = $same > 60 ? $same - 60 : 0;
		return substr($left, $from, 160) . '   <>   ' . substr $right, $from, 160;
	}
	return 'lines';
}

1;
