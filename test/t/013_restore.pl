# Promise: every way to dump and restore brings every row of every table, in whatever order the tables are filled, also
# where their data does not fit one batch of a parallel restore. The ways that bring none are known.
#
# THREADMEM_MESSAGES is how many there are; test/deep/restore takes a database that is large.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);
use Everything;

my $messages = $ENV{THREADMEM_MESSAGES} // 3000;
my $parallel = $messages > 50_000 ? 3 : 1; # tries: what goes wrong there is a matter of time

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
my $dir = PostgreSQL::Test::Utils::tempdir;
my $begun = time;
$node->safe_psql('postgres', 'CREATE DATABASE origin');
Everything::fill($node, 'origin', $messages);

my @tables = Everything::tables($node, 'origin');
is(scalar @tables, $Everything::TABLES, 'as many tables as there are to lose');
my $hashes = Everything::hashes($node, 'origin');
unlike($hashes, qr/ 0 /, 'each has rows');
cmp_ok($node->safe_psql('origin', 'SELECT count(*) FROM threadmem_data.messages'), '>=', $messages, 'there are as many messages as asked for');
is(Everything::findings($node, 'origin'), '', 'what is dumped is whole');
my $answers = Everything::answers($node, 'origin');
unlike((split /\n--\n/, $answers)[$_], qr/ERROR|^$/, 'a role gets answers') for 0, 1, 2, 4;
note(sprintf "%.0f s to fill\n%s\n%s", time - $begun, $hashes, $answers);

my $of = sub { return ('-d', $node->connstr($_[0])) };

# The database of a way, made by what comes before the dump.
my $made = 0;
sub database
{
	my ($before) = @_;
	my $name = 'd' . ++$made;
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, $before) if $before;
	return $name;
}

sub same
{
	my ($database, $way) = @_;
	is(Everything::hashes($node, $database), $hashes, "$way: every row of every table");
	$node->safe_psql($database, 'ANALYZE'); # as the documentation of pg_restore has it
	is(Everything::findings($node, $database), '', "$way: verify finds nothing");
	$node->safe_psql('postgres', "DROP DATABASE $database");
	return;
}

sub dump_as
{
	my ($file, @options) = @_;
	my ($out, $err) = run_command([ 'pg_dump', '-f', "$dir/$file", @options, $of->('origin') ]);
	is($err, '', "pg_dump @options");
	return;
}

sub restored
{
	my ($way, $before, @command) = @_;
	my $database = database($before);
	my $from = time;
	$node->command_ok([ @command, $of->($database) ], $way);
	note(sprintf '%s: %.1f s', $way, time - $from);
	if ($way =~ /role/)
	{
		is(Everything::answers($node, $database), $answers, "$way: roles get what they got");
	}
	same($database, $way);
	return;
}

my $installed = 'CREATE EXTENSION threadmem';
my @psql = ('psql', '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-f');

dump_as('plain');
restored('plain, roles as before', '', @psql, "$dir/plain");
dump_as('custom', '-Fc');
restored('custom, roles as before', '', 'pg_restore', '-e', "$dir/custom");
dump_as('dir', '-Fd', '-j2');
restored("directory by four, roles as before, try $_", '', 'pg_restore', '-e', '-j4', "$dir/dir") for 1 .. $parallel;

# Of the extension alone.
dump_as('alone', '-Fc', '-e', 'threadmem');
restored('--extension', '', 'pg_restore', '-e', "$dir/alone");

# Rows alone, where the extension is.
dump_as('data', '--data-only');
restored('data only, plain', $installed, @psql, "$dir/data");
restored('data only, by four', $installed, 'pg_restore', '-e', '--data-only', '-j4', "$dir/dir");
dump_as('tables', '-Fc', '-t', 'threadmem_data.*');
restored('tables by name', $installed, 'pg_restore', '-e', '--data-only', "$dir/tables");

# Again into the same database: what was there goes first.
{
	my $database = database("$installed; SELECT threadmem.thread_create('in the way')");
	$node->command_ok([ 'pg_restore', '-e', '--clean', '--if-exists', $of->($database), "$dir/custom" ], 'pg_restore --clean');
	same($database, 'over another');
}

# An archive does not say in which order an extension's tables are filled: the reverse, and children first.
my ($list) = run_command([ 'pg_restore', '-l', "$dir/custom" ]);
my @list = split /\n/, $list;
my @data = grep { /TABLE DATA/ } @list;
is(scalar @data, $Everything::TABLES, 'the archive has the data of every table');
my @parents = grep { / (threads|users|assistants|graphs) / } @data;
my @children = grep { !/ (threads|users|assistants|graphs) / } @data;
my %order = (reversed => [ reverse @data ], 'children first' => [ @children, @parents ]);
for my $way (sort keys %order)
{
	append_to_file("$dir/$way", join "\n", (grep { !/TABLE DATA/ } @list), @{ $order{$way} }, '');
	restored($way, '', 'pg_restore', '-e', '-L', "$dir/$way", "$dir/custom");
}

# A whole cluster, roles too: pg_dumpall, into one that has none of them.
{
	$node->safe_psql('postgres', 'GRANT threadmem_runner TO backend');
	$node->command_ok([ 'pg_dumpall', '-f', "$dir/all" ], 'pg_dumpall');
	my $other = PostgreSQL::Test::Cluster->new('other');
	$other->init;
	$other->start;
	my (undef, $complaints) = run_command([ 'psql', '-X', '-q', '-o', '/dev/null', '-f', "$dir/all", '-d', $other->connstr('postgres') ]);
	my $superuser = $other->safe_psql('postgres', 'SELECT current_user');
	is(join("\n", grep { /ERROR|FATAL/ && !/role "\Q$superuser\E" already exists/ } split /\n/, $complaints), '', 'its restore complains of nothing but its superuser');
	like($complaints, qr/WARNING:  role "threadmem_runner" has members: backend/, 'a member of the role is named, and no failure');
	is(Everything::hashes($other, 'origin'), $hashes, 'the whole cluster: every row of every table');
	is(Everything::findings($other, 'origin'), '', 'the whole cluster: verify finds nothing');
	is($other->safe_psql('origin', 'SELECT problem FROM threadmem.threadmem_verify() WHERE thread_id IS NULL'),
		'role "backend" is a member of "threadmem_runner": it can read the rows of every tenant', '... but the member');
	is(Everything::answers($other, 'origin'), $answers, 'the whole cluster: roles get what they got');
	$other->stop;
}

# What brings none, and no error either: docs/operations.md#backup-and-restore says so.
for my $nothing ([ '-n', 'threadmem_data' ], [ '-n', 'threadmem*' ], ['--schema-only'])
{
	my ($text, $err) = run_command([ 'pg_dump', @$nothing, $of->('origin') ]);
	is($err, '', "pg_dump @$nothing has no complaint");
	unlike($text, qr/^(COPY|INSERT)/m, '... and no row');
}

$node->stop;
done_testing();
