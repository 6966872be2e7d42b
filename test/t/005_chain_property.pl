# Promise: every checkpoint is read as it was written, byte for byte, whatever happened to its parents, its
# children and its neighbours since: thousands of random operations against a truth kept outside.
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
use ChainRandom;
use ChainSteps;

my $seed = $ENV{THREADMEM_SEED} // (time ^ $$ << 8) & 0x7fffffff;
my $length = $ENV{THREADMEM_STEPS} // 2000;
my $every = $ENV{THREADMEM_EVERY} // 100;
my $from = $ENV{THREADMEM_FROM} // $every;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off'); # compiling a comparison takes longer than the comparison
$node->start;
my $dir = PostgreSQL::Test::Utils::tempdir;
my $database = 'origin';
my $steps = ChainSteps->new($seed);
my $checks = ChainRandom->new($seed + 1); # of its own: how often is compared does not change what is done
my @role = $seed % 2 ? ('-U', 'app') : (); # a tenant's policies change no result
my $compared = 0;

note("seed $seed, $length steps @role");
$node->safe_psql('postgres', 'CREATE DATABASE origin; CREATE DATABASE restored');
$node->safe_psql($database, "CREATE EXTENSION threadmem; $ChainCompare::SQL; $ChainCompare::ROLE");

# The place of the first difference, with what is around it.
sub first_difference
{
	my ($expected, $got) = @_;
	my $at = 0;
	$at++ while $at < length $expected && $at < length $got && substr($expected, $at, 1) eq substr($got, $at, 1);
	my $before = $at > 60 ? $at - 60 : 0;
	return "at byte $at\n  expected ..." . substr($expected, $before, 160) . "\n  got      ..." . substr($got, $before, 160);
}

# A script of all that was done to the thread, which ends with the checkpoint in question.
sub save_script
{
	my ($thread, $ns, $id) = @_;
	my $file = "$PostgreSQL::Test::Utils::log_path/005_chain_property.sql";
	my @get = defined $id
		? 'SELECT * FROM threadmem.checkpoint_get(' . ChainSteps::sql_list($thread->{truth}{thread_id}, $ns, $id) . ');' : ();
	append_to_file($file, join "\n", 'CREATE EXTENSION threadmem;', $ChainCompare::SQL, @{ $thread->{script} }, @get, '');
	return $file;
}

# Everything needed to do it again.
sub report_failure
{
	my ($problem, $step, $thread_id, $ns, $id) = @_;
	my $before = $step > $every ? $step - $every : 1;
	diag("$problem\nseed $seed @role, by step $step, database $database; "
		. "again: THREADMEM_SEED=$seed THREADMEM_STEPS=$length THREADMEM_FROM=$before THREADMEM_EVERY=1");
	my ($thread) = grep { defined $thread_id && $_->{truth}{thread_id} eq $thread_id } @{ $steps->{threads} };
	return unless $thread;
	my @log = grep { /^step (\d+)/ && $1 <= $step } @{ $thread->{log} };
	diag("last of ", scalar @log, " steps of thread \"$thread_id\":\n  ", join "\n  ", @log > 20 ? @log[ -20 .. -1 ] : @log);
	diag("steps with the id:\n  ", join "\n  ", grep { index($_, $id) >= 0 } @log) if defined $id;
	diag('all of them: ' . save_script($thread, $ns, $id));
	return;
}

# Nothing of the session, as the ratio of snapshots, outlives it.
sub run_steps
{
	my ($count) = @_;
	my $file = "$dir/steps.sql";
	my $ratio = $steps->ratio;
	$steps->step for 1 .. $count;
	$steps->histories($checks);
	unlink $file;
	append_to_file($file, join "\n", $ratio, $steps->take_lines, '');
	my @psql = ('psql', '-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database), @role);
	my ($out, $err);
	return 1 if IPC::Run::run([ @psql, '-f', $file ], '>', \$out, '2>', \$err);
	my ($step) = $out =~ /.*^step (\d+)/ms;
	my ($thread) = grep { grep { /^step $step:/ } @{ $_->{log} } } @{ $steps->{threads} };
	report_failure("step $step failed: $err", $step, $thread && $thread->{truth}{thread_id});
	return 0;
}

sub compare
{
	$compared += $node->safe_psql($database, 'SELECT count(*) FROM truth');
	my $arguments = join ', ', $checks->between(1, 7), $checks->between(5, 300), "'run-" . $checks->between(1, 6) . "'",
		$checks->below(150);
	my ($out, $err);
	my $status = $node->psql($database, "SELECT * FROM difference($arguments)",
		stdout => \$out, stderr => \$err, extra_params => [ '-F', "\x1f", @role ]);
	return 1 if $status == 0 && $out eq '';
	my ($how, $thread_id, $ns, $id, $field, $expected, $got) = $status == 0 ? split /\x1f/, $out, -1 : ();
	my $problem = $status == 0
		? "$how \"$thread_id\" \"$ns\" \"$id\": $ChainCompare::FIELDS[$field - 1] differs " . first_difference($expected, $got)
		: "comparison failed: $err";
	report_failure($problem, $steps->{step}, $thread_id, $ns, $id);
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
	$node->safe_psql($database, 'SELECT tidy()') if $good;
}
ok($good, "seed $seed, $steps->{step} steps: every checkpoint is as it was written");
cmp_ok($compared, '>', $length / 4, "$compared checkpoints compared") if $good;

$node->stop;
done_testing();
