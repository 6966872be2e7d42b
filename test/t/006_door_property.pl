# Promise: whatever is done through the thread door, through the saver door and to messages, and in whichever
# order, every state of a thread, its log and what is pending are those that the rules give: thousands of
# random operations against a truth kept outside.
#
# THREADMEM_SEED repeats a run, THREADMEM_STEPS is its length, THREADMEM_EVERY the steps from one
# comparison of everything to the next, the first after THREADMEM_FROM.

use strict;
use warnings;
use FindBin;
use IPC::Run;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ChainCompare;
use DoorCompare;
use DoorSteps;

my $seed = $ENV{THREADMEM_SEED} // (time ^ $$ << 8) & 0x7fffffff;
my $length = $ENV{THREADMEM_STEPS} // 500;
my $every = $ENV{THREADMEM_EVERY} // 100;
my $from = $ENV{THREADMEM_FROM} // $every;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off'); # compiling a comparison takes longer than the comparison
$node->start;
my $dir = PostgreSQL::Test::Utils::tempdir;
my $database = 'origin';
my $steps = DoorSteps->new($seed);
my @role = $seed % 2 ? ('-U', 'app') : (); # a tenant's policies change no result
my $compared = 0;

note("seed $seed, $length steps @role");
$node->safe_psql('postgres', 'CREATE DATABASE origin; CREATE DATABASE restored');
$node->safe_psql($database, "CREATE EXTENSION threadmem; $DoorCompare::SQL; $ChainCompare::ROLE");

# The place of the first difference, with what is around it.
sub first_difference
{
	my ($expected, $got) = @_;
	my $at = 0;
	$at++ while $at < length $expected && $at < length $got && substr($expected, $at, 1) eq substr($got, $at, 1);
	my $before = $at > 200 ? $at - 200 : 0;
	return "at byte $at\n  expected ..." . substr($expected, $before, 400) . "\n  got      ..." . substr($got, $before, 400);
}

# Everything needed to do it again, with a script of all that was done to the thread.
sub report_failure
{
	my ($problem, $step, $thread_id) = @_;
	my $before = $step > $every ? $step - $every : 1;
	diag("$problem\nseed $seed @role, by step $step, database $database; "
		. "again: THREADMEM_SEED=$seed THREADMEM_STEPS=$length THREADMEM_FROM=$before THREADMEM_EVERY=1");
	my ($thread) = grep { defined $thread_id && $_->{truth}{id} eq $thread_id } @{ $steps->{threads} };
	return unless $thread;
	my @log = grep { /^step (\d+)/ && $1 <= $step } @{ $thread->{log} };
	diag("last of ", scalar @log, " steps of thread $thread_id:\n  ", join "\n  ", @log > 30 ? @log[ -30 .. -1 ] : @log);
	my $file = "$PostgreSQL::Test::Utils::log_path/006_door_property.sql";
	append_to_file($file, join "\n", 'CREATE EXTENSION threadmem;', $DoorCompare::SQL, @{ $thread->{script} }, '');
	diag("all of them: $file");
	return;
}

# Whether it succeeds, its output and its errors.
sub run_sql
{
	my (@lines) = @_;
	my $file = "$dir/steps.sql";
	unlink $file;
	append_to_file($file, join "\n", @lines, '');
	my @psql = ('psql', '-X', '-A', '-t', '-q', '-F', "\x1f", '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database), @role);
	my ($out, $err);
	return (IPC::Run::run([ @psql, '-f', $file ], '>', \$out, '2>', \$err), $out, $err);
}

sub run_steps
{
	my ($count) = @_;
	$steps->step for 1 .. $count;
	$steps->present;
	my ($good, $out, $err) = run_sql($steps->take_lines);
	return 1 if $good;
	my ($step) = $out =~ /.*^step (\d+)/ms;
	my ($thread) = grep { grep { /^step $step:/ } @{ $_->{log} } } @{ $steps->{threads} };
	report_failure("step $step failed: $err", $step, $thread && $thread->{truth}{id});
	return 0;
}

sub compare
{
	my ($good, $out, $err) = run_sql('SELECT count(*) FROM point;', 'SELECT * FROM difference();');
	my ($count, $difference) = split /\n/, $out, 2;
	$compared += $count;
	return 1 if $good && $difference eq '';
	my ($how, $thread_id, $name, $expected, $got) = $good ? split /\x1f/, $difference, -1 : ();
	($thread_id) = $err =~ /thread_id is "(.*?)"/ unless $good;
	report_failure($good ? "$how of $thread_id $name differs " . first_difference($expected, $got) : "comparison failed: $err",
		$steps->{step}, $thread_id);
	return 0;
}

# The run goes on in what was restored.
sub move_house
{
	my $file = "$dir/dump.sql";
	my $old = $node->connstr($database);
	$database = 'restored';
	my @psql = ('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database));
	$node->command_ok([ 'pg_dump', '-f', $file, '-d', $old ], 'pg_dump');
	$node->command_ok([ @psql, '-f', $file ], 'restore');
	return compare();
}

my $good = 1;
while ($good && $steps->{step} < $length)
{
	my $next = $steps->{step} < $from ? $from : $steps->{step} + $every;
	$good = run_steps(($next < $length ? $next : $length) - $steps->{step}) && compare();
	$good &&= move_house() if $database eq 'origin' && $steps->{step} >= $length / 2;
}
ok($good, "seed $seed, $steps->{step} steps: every state and every log is what the rules say");
cmp_ok($compared, '>', $length / 4, "$compared checkpoints compared") if $good;

$node->stop;
done_testing();
