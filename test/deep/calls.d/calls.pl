# Calls every function of the catalog at random; test/deep/calls says what for. calls.pl CALLS SEED

use strict;
use warnings;
use FindBin;
use Time::HiRes qw(time);
use lib $FindBin::RealBin, "$FindBin::RealBin/../../t/lib";
use Catalog;
use ChainRandom;
use Directed;
use Values;
use Wire;
use World;

my ($length, $seed) = @ARGV;
my $EPOCH = 1500; # calls until the threads are made anew
my $ENOUGH = 50;  # calls of each function that succeed
# What there is at least to go over, so that a catalog that is read wrongly is not a test of nothing.
my %LEAST = (functions => 145, checks => 5, tables => 17);

my $random = ChainRandom->new($seed);
my %SETTINGS = (statement_timeout => '5s', lock_timeout => '3s', jit => 'off');
my %SESSIONS = (
	owner => [ 'postgres', {} ],
	app => [ 'app', {} ],
	narrowed => [ 'app', { 'threadmem.user_id' => 'u1' } ],
	chief => [ 'chief', {} ],
	small => [ 'postgres', { 'threadmem.max_body' => '1kB' } ],
	checker => [ 'postgres', { statement_timeout => '120s' } ],
);
my %sessions;
sub session { my ($name) = @_; return $sessions{$name} //= Wire->new($SESSIONS{$name}[0], { %SETTINGS, %{ $SESSIONS{$name}[1] } }) }

# Never committed: they would take away what all other calls need, or what the sessions may do. What takes away a thread or
# a part of it is committed now and then.
my $UNDONE = qr/^(tenant_bind|grant_access|revoke_access|install_|user_delete|user_merge|tenant_|assistant_delete|graph_d|context_template_delete|memory_delete_episode)/;
my $TAKES = qr/delete|prune|erase|remove|purge|expire|forget/;

my (%tally, %failures, @lasting);

sub failed
{
	my ($what, $sql) = @_;
	my $kind = $what =~ /^(\w+: \w+, which)/ ? $1 : $what =~ s/"[^"]*"|\d+/#/gr;
	$failures{$kind} //= { what => $what, sql => $sql, count => 0, order => scalar keys %failures };
	$failures{$kind}{count}++;
	return;
}

# Judges what a call gave. A function may give what its comment names and nothing else.
sub judge
{
	my ($function, $name, $answer, $sql) = @_;
	my $code = $answer->{code};
	my $cell = $tally{ $function->{name} };
	$cell->{calls}++;
	$cell->{codes}{$code}++;
	return if $code eq 'ok' || $Catalog::EVERYWHERE{$code} || grep { $_ eq $code } @{ $function->{codes} };
	failed("$function->{name}: " . ({ gone => 'the server went away', hang => 'no answer', 57014 => '5 seconds are over' }->{$code} // "$code, which its comment does not name")
			. ": $answer->{message} $answer->{detail} (session $name)", $sql);
	return;
}

# Runs SQL in a session and undoes it, or not; a session that is lost is opened again.
sub run
{
	my ($name, $sql, $lasts) = @_;
	my $session = session($name);
	my $before = $session->processor;
	my $answer = $session->query($lasts ? $sql : "BEGIN; $sql; ROLLBACK");
	if ($answer->{code} eq '57014' && $session->processor - $before < 4)
	{
		# The machine was busy with something else.
		$session->query('ROLLBACK; SET statement_timeout = 25000');
		$answer = $session->query($lasts ? $sql : "BEGIN; $sql; ROLLBACK");
		$session->query('ROLLBACK; RESET statement_timeout');
		return $answer;
	}
	if ($answer->{code} eq 'gone' || $answer->{code} eq 'hang') { %sessions = () }
	elsif ($answer->{code} ne 'ok' && !$lasts) { $session->query('ROLLBACK') }
	return $answer;
}

sub missing
{
	my ($function) = @_;
	my $codes = $tally{ $function->{name} }{codes};
	return (($codes->{ok} // 0) < $ENOUGH ? "ok" : (), grep { !$codes->{$_} } @{ $function->{codes} });
}

# Most calls go where something is missing still, unless it is not found.
sub next_function
{
	my ($functions) = @_;
	my @wanting = $random->percent(60) ? grep { $tally{ $_->{name} }{calls} < $length / 25 && missing($_) } @$functions : ();
	return $random->pick(@wanting ? @wanting : @$functions);
}

sub verify
{
	my ($until) = @_;
	my $answer = session('checker')->query('SELECT * FROM threadmem.threadmem_verify() f', 120);
	my @rows = @{ $answer->{rows} };
	failed("threadmem_verify after call $until: $answer->{code} $answer->{message}", 'SELECT * FROM threadmem.threadmem_verify()') if $answer->{code} ne 'ok';
	for my $row (@rows)
	{
		my $text = join ' | ', map { $_ // '' } @$row;
		my ($thread) = $text =~ /\b((?:e\d+-\w+|new\d+))\b/;
		failed("threadmem_verify: $text", join ";\n", grep { !defined $thread || /'\Q$thread\E'/ } @lasting);
	}
	@lasting = ();
	return;
}

sub directed
{
	my ($functions, $world) = @_;
	my %by_name = map { $_->{name} => $_ } @$functions;
	my %tables = Catalog::tables(session('checker'));
	for my $case (@Directed::CASES)
	{
		my ($name) = $case->{call} =~ /^(?:SELECT threadmem\.)?(\w+)\(/;
		my $function = $by_name{$name} or next; # one that is not called by hand any more
		my $sql = join '; ', map { /^(SELECT|SET|UPDATE|ALTER) / ? $_ : "SELECT * FROM threadmem.$_" } @{ $case->{before} }, $case->{call};
		$sql =~ s/%\{(\w+)\}/e$world->{epoch}-$1/g;
		$sql =~ s/%\[(\w+)\]/$tables{$1}/g;
		my $answer = run($case->{session}, $sql);
		judge($function, $case->{session}, $answer, $sql);
		failed("directed call of $name: $answer->{code} $answer->{message} instead of $case->{code}", $sql) if $answer->{code} ne $case->{code};
	}
	return;
}

# The functions, those of constraints among them, the tables, which all have rows: as many as there have to be.
sub covered
{
	my ($functions) = @_;
	my $checker = session('checker');
	my %tables = Catalog::tables($checker);
	my %checked = map { $_->{table} => 1 } grep { $_->{table} } @$functions;
	my %count = (functions => scalar @$functions, checks => scalar(grep { $_->{table} } @$functions), tables => scalar keys %tables);
	for my $table (sort values %tables)
	{
		failed("no row in $table", '') unless @{ $checker->query("SELECT FROM $table LIMIT 1")->{rows} };
	}
	for my $what (sort keys %LEAST) { failed("only $count{$what} $what", '') if $count{$what} < $LEAST{$what} }
	return sprintf '%d functions, %d of them checks of %d tables, calls on %d tables', @count{qw(functions checks)}, scalar keys %checked, $count{tables};
}

sub report
{
	my (@functions) = @_;
	my $empty = 0;
	printf "%-28s %7s %7s  %s\n", 'function', 'calls', 'ok', 'SQLSTATE and how often; - never, ! not in the comment';
	for my $function (@functions)
	{
		my ($calls, $codes) = @{ $tally{ $function->{name} } }{qw(calls codes)};
		my %promised = map { $_ => 1 } @{ $function->{codes} };
		my @cells = map { "$_ " . ($codes->{$_} // '-') } sort keys %promised;
		push @cells, map { "$_ $codes->{$_}" . ($Catalog::EVERYWHERE{$_} ? '' : '!') } grep { $_ ne 'ok' && !$promised{$_} } sort keys %$codes;
		my @missing = missing($function);
		$empty += @missing;
		printf "%-28s %7d %7d  %s%s\n", $function->{name}, $calls, $codes->{ok} // 0, join(', ', @cells), @missing ? "   MISSING @missing" : '';
	}
	return $empty;
}

my $start = time;
my @functions = Catalog::functions(session('checker'));
$tally{ $_->{name} } = { calls => 0, codes => {} } for @functions;
my $world = World->new(session('checker'));
my $covered;
my $values = Values->new($random, $world);

for my $number (1 .. $length)
{
	if ($number % $EPOCH == 1)
	{
		verify($number) if $number > 1;
		$world->{session} = session('checker');
		$world->next_epoch;
		directed(\@functions, $world) if $world->{epoch} % 20 == 1;
		$covered //= covered(\@functions);
	}
	my $function = next_function(\@functions);
	my $name = $function->{plain} ? $random->weighted(app => 60, owner => 15, narrowed => 12, small => 13) : $random->weighted(owner => 8, small => 2);
	my $sql = $values->call($function);
	my $lasts = $function->{volatile} ne 'v' || $function->{name} !~ $UNDONE && $random->percent($function->{name} =~ $TAKES ? 2 : 20);
	my $answer = run($name, $sql, $lasts);
	judge($function, $name, $answer, $sql);
	push @lasting, $sql if $lasts && $function->{volatile} eq 'v' && $answer->{code} eq 'ok';
}
verify($length);

my $empty = report(@functions);
for my $failure (sort { $a->{order} <=> $b->{order} } values %failures)
{
	my $sql = $failure->{sql};
	$sql = substr($sql, 0, 1500) . ' ... (' . length($sql) . ' bytes)' if length $sql > 1500;
	print "\nnot ok $failure->{what}\n  $failure->{count} times; first by: $sql\n";
}
my ($calls, $ok) = (0, 0);
for my $cell (values %tally) { $calls += $cell->{calls}; $ok += $cell->{codes}{ok} // 0 }
print "$covered\n";
printf "%d calls of %d functions in %d s, %d succeeded, %d cells empty, %d kinds of failure; seed %d\n", $calls, scalar @functions, time - $start, $ok, $empty, scalar keys %failures, $seed;
exit($empty || %failures ? 1 : 0);
