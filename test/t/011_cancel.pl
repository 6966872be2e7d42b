# Promise: whatever a call has to do, it ends within a tenth of a second of processor time when it is cancelled or its
# time is over, at whichever moment that is.
#
# THREADMEM_SCALE multiplies the sizes (1), THREADMEM_MOMENTS is how often each call is cancelled (4); THREADMEM_INPUT
# names the only input.

use strict;
use warnings;
use FindBin;
use IPC::Run;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);
use CancelInputs;

my $scale = $ENV{THREADMEM_SCALE} // 1;
my $moments = $ENV{THREADMEM_MOMENTS} // 4;
my $only = $ENV{THREADMEM_INPUT};
my $tick = 1 / (`getconf CLK_TCK` || 100);
# Times are given in ticks, one for each of user and system time.
my $limit = (0.1 + 2 * $tick) * ($ENV{THREADMEM_SLOWER} // 1); # under a sanitizer, with assertions
my $long_enough = 5 * $tick;

plan skip_all => 'no /proc' unless -r '/proc/self/stat';

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nautovacuum = off\nmax_wal_size = 4GB\nthreadmem.max_body = 255MB"); # inputs may be large
$node->start;

# A session that is told one thing at a time.
package Session
{
	sub new
	{
		my ($class) = @_;
		my $self = bless { in => '', out => '', err => '' }, $class;
		$self->{run} = IPC::Run::start([ 'psql', '-X', '-A', '-t', '-q', '-d', $node->connstr('postgres') ],
			'<', \$self->{in}, '>', \$self->{out}, '2>', \$self->{err});
		$self->{pid} = $self->ask('SELECT pg_backend_pid()');
		return $self;
	}

	sub tell { my ($self, $sql) = @_; $self->{out} = $self->{err} = ''; $self->{in} .= "$sql;\n\\echo done\n"; $self->{run}->pump_nb; return }
	sub answered { my ($self) = @_; $self->{run}->pump_nb; return $self->{out} =~ /^done$/m }

	sub ask
	{
		my ($self, $sql) = @_;
		$self->tell($sql);
		$self->{run}->pump until $self->answered;
		my ($answer) = $self->{out} =~ /\A(.*?)\n?^done$/ms;
		return $answer;
	}

	# Seconds of processor time.
	sub used
	{
		my ($self) = @_;
		open my $file, '<', "/proc/$self->{pid}/stat" or die $!;
		my @fields = split ' ', <$file> =~ s/.*\)//r;
		return ($fields[11] + $fields[12]) * $tick;
	}
}

package main;

my $session = Session->new;
my ($cancelled, $missed, $longest) = (0, 0, 0);

sub run_whole
{
	my ($call) = @_;
	my $before = $session->used;
	$session->ask('BEGIN');
	$session->ask($call);
	my $used = $session->used - $before;
	my $error = $session->{err};
	$session->ask('ROLLBACK');
	return ($used, $error);
}

# Cancels the call when it has used so much; how much it used from then on, nothing when it was over before.
sub cancel_at
{
	my ($call, $moment) = @_;
	my $before = $session->used;
	my ($signalled, $rest);
	$session->ask('BEGIN');
	$session->tell($call);
	until ($session->answered)
	{
		usleep(1000);
		next if defined $signalled || $session->used - $before < $moment;
		$signalled = $session->used;
		kill 'INT', $session->{pid}; # as pg_cancel_backend() does, without its own time
	}
	$rest = $session->used - $signalled if defined $signalled && $session->{err} =~ /canceling statement/;
	my $error = $session->{err} =~ /canceling statement/ ? '' : $session->{err};
	$session->ask('ROLLBACK');
	return ($rest, $error);
}

sub try_input
{
	my ($name, $size, $call, @needs) = @_;
	my $n = int($size * $scale);
	for ($call, @needs) { s/\$N\b/$n/g; s/\$X/$name/g }
	$node->safe_psql('postgres', join(";\n", @needs)) if @needs;
	my ($whole, $failed) = run_whole($call);
	is($failed, '', "$name($n) does what is asked of it");
	my @late;
	for my $i (1 .. $moments)
	{
		last if $whole < $long_enough;
		my ($rest, $error) = cancel_at($call, $whole * ($i - 0.5) / $moments);
		push @late, $error if $error;
		defined $rest ? $cancelled++ : $missed++;
		$longest = $rest if ($rest // 0) > $longest;
		push @late, sprintf('%.2f s after a cancel at %.2f of %.2f s', $rest, $whole * ($i - 0.5) / $moments, $whole) if ($rest // 0) > $limit;
	}
	is(join('; ', @late), '', sprintf('%s of %.2f s ends when it is cancelled', $name, $whole));
	return;
}

$session->ask(q{CREATE EXTENSION threadmem; SET client_min_messages = error; SET statement_timeout = '100s'});
for my $input (CancelInputs::inputs())
{
	try_input(@$input) if !$only || $input->[0] eq $only;
}

# A state of 2,000 tasks once took 43 seconds, and its time was over after one.
{
	my @needs = map { s/\$N\b/2000/gr =~ s/\$X/fan/gr } CancelInputs::fan();
	$node->safe_psql('postgres', join(";\n", @needs));
	for my $call ('thread_state', 'thread_history')
	{
		my $before = $session->used;
		$session->ask(q{SET statement_timeout = '200ms'});
		$session->ask("SELECT count(*) FROM generate_series(1, 100) AS i, LATERAL threadmem.$call(CASE WHEN i > 0 THEN 'fan' END) AS s");
		my $used = $session->used - $before;
		like($session->{err}, qr/statement timeout/, "$call of 2,000 tasks a hundred times takes longer than that");
		cmp_ok($used, '<=', 0.2 + $limit, '... and ends when its time is over');
	}
	$session->ask('RESET statement_timeout');
}

note(sprintf('%d cancelled, %d were over before, the longest took %.2f s', $cancelled, $missed, $longest));
cmp_ok($cancelled, '>', 4 * $missed, 'nearly all were cancelled while they ran');

done_testing();
