# Promise: what README.md, the recipes and the pages for those who come from elsewhere show in SQL runs as it stands, as an
# application's role, and prints what is shown; and their tables name no function and no argument that is not there. The
# programs in Node.js and Python are run by test/drivers (docs_js, docs_py).

use strict;
use warnings;
use FindBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/../..";

sub text
{
	my ($page) = @_;
	local $/;
	open my $file, '<', "$top/$page" or die "$page: $!";
	return <$file>;
}

sub pages { return map { s{^\Q$top\E/}{}r } map { glob "$top/$_" } @_ }

# The blocks of a page, each with its language and its line.
sub blocks
{
	my ($text) = @_;
	my @blocks;
	while ($text =~ /^```(\w*)\n(.*?)^```$/msg)
	{
		push @blocks, { language => $1, code => $2, line => 1 + (substr($text, 0, $-[0]) =~ tr/\n//) };
	}
	return @blocks;
}

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('template1', q{CREATE EXTENSION threadmem; CREATE ROLE app LOGIN; SELECT threadmem.grant_access('app')});

# A page has a database of its own, and a block a session: nobody reads a page in one go.
my ($run, @shown) = (0, pages('README.md', 'docs/recipes.md', 'docs/coming-from/*.md'));
for my $page (@shown)
{
	my $database = $page =~ s/\W/_/gr;
	my @blocks = blocks(text($page));
	$node->safe_psql('postgres', qq{CREATE DATABASE "$database" OWNER app});
	for my $i (grep { $blocks[$_]{language} eq 'sql' } 0 .. $#blocks)
	{
		my $after = $blocks[ $i + 1 ];
		my $expected = $after && $after->{language} eq 'text' ? $after->{code} : undef;
		my $output = '';
		local $ENV{PGCLIENTENCODING} = 'UTF8';
		IPC::Run::run(
			[ 'psql', '-X', '-q', '-P', 'footer=off', '-v', 'ON_ERROR_STOP=' . (defined $expected ? 0 : 1),
				'-h', $node->host, '-p', $node->port, '-U', 'app', '-d', $database ],
			'<', \$blocks[$i]{code}, '>&', \$output);
		my $status = $?;
		$output =~ s/[ \t]+$//mg;
		$output =~ s/\n+\z/\n/;
		if (defined $expected) { is($output, $expected, "$page:$blocks[$i]{line} prints what is shown") }
		else { is($status, 0, "$page:$blocks[$i]{line} runs") or diag($output) }
		$run++;
	}
}
cmp_ok($run, '>=', 10, 'blocks were found');

# What the right column of a table calls: names with arguments, and names alone that begin like ours.
my %known = map { my ($name, @arguments) = split /\|/; $name => { map { $_ => 1 } @arguments } }
	split /\n/, $node->safe_psql('template1', <<'SQL');
SELECT p.proname || '|' || string_agg(array_to_string(p.proargnames, '|'), '|') FROM pg_proc p
 WHERE p.pronamespace = 'threadmem'::regnamespace AND p.proargnames IS NOT NULL GROUP BY p.proname
 UNION ALL SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'threadmem'::regnamespace AND p.proargnames IS NULL
 UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'threadmem'::regnamespace
SQL
my ($named, @wrong) = (0);
for my $page (@shown)
{
	for my $row (grep { /^\|/ } split /\n/, text($page))
	{
		my @cells = split /(?<!\\)\|/, $row;
		for my $code (join(' ', @cells[ 2 .. $#cells ]) =~ /`([^`]*)`/g)
		{
			my $calls = $code =~ s/'[^']*'//gr; # what is quoted is data
			while ($calls =~ /\b([a-z]+(?:_[a-z]+)+)\b(?!\s*=>)(?:\(([^()]*))?/g)
			{
				my ($name, $arguments) = ($1, $2 // '');
				next unless $name =~ /^(?:user|assistant|graph|thread|message|run|checkpoint|memory|session|context|store|tenant)_/
					|| $code =~ /^\Q$name\E\(/;
				next if $name =~ /_id$/;
				$named++;
				push @wrong, "$page: $name" unless $known{$name};
				for my $argument ($arguments =~ /(\w+)\s*=>/g)
				{
					push @wrong, "$page: $name($argument)" unless $known{$name}{$argument};
				}
			}
		}
	}
}
is(join("\n", @wrong), '', 'what tables name is there');
cmp_ok($named, '>=', 150, 'names were found');

$node->stop;
done_testing();
