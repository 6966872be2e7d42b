# What a's roles are told, compared; test/deep/isolation says what for. Three steps, each with databases of its own:
#   isolation.pl a FILE     in PGDATABASE: tenant a's rows; the calls that are worth to be compared go into FILE
#   isolation.pl b          in PGDATABASE: tenant b's rows
#   isolation.pl compare FILE [FUNCTION...]     isolation_1 and isolation_2
#   isolation.pl control FILE differs|leaks FUNCTION...     the same, and has to find that

use strict;
use warnings;
use FindBin;
use Storable qw(retrieve store);
use Time::HiRes qw(sleep time);
use lib $FindBin::RealBin, "$FindBin::RealBin/../calls.d", "$FindBin::RealBin/../../t/lib";
use Neighbour;
use Pair;
use Tried;
use Wire;
use World;

my %QUIET = (statement_timeout => '60s', jit => 'off', 'threadmem.tenant' => 'b'); # which is not theirs to set
my @ROLES = (
	{ name => 'read', user => 'reader' },
	{ name => 'read, no sequential scan', user => 'reader', settings => { enable_seqscan => 'off' }, reads => 1 },
	{ name => 'read, no index', user => 'reader', settings => { enable_indexscan => 'off', enable_bitmapscan => 'off' }, reads => 1 },
	{ name => 'write', user => 'app' },
	{ name => 'admin', user => 'chief' },
	{ name => 'member of a group', user => 'member' },
	{ name => 'narrowed', user => 'app', settings => { 'threadmem.user_id' => 'u1' } },
	{ name => "narrowed to b's user", user => 'app', settings => { 'threadmem.user_id' => 'bu1' }, reads => 1 },
	{ name => "a definer's caller", user => 'client', asks => 1 },
	{ name => 'joins', user => 'joiner' },
);
my $IN_TRANSACTION = q{SELECT relname, pg_stat_get_xact_numscans(oid), pg_stat_get_xact_tuples_returned(oid), pg_stat_get_xact_tuples_fetched(oid), pg_stat_get_xact_tuples_inserted(oid),
	pg_stat_get_xact_tuples_updated(oid), pg_stat_get_xact_tuples_deleted(oid), pg_stat_get_xact_blocks_fetched(oid) FROM pg_class WHERE relnamespace = 'threadmem_data'::regnamespace AND relname <> 'tenant_roles' ORDER BY 1;
	SELECT proname, pg_stat_get_xact_function_calls(oid) FROM pg_proc WHERE pronamespace = 'threadmem'::regnamespace AND pg_stat_get_xact_function_calls(oid) > 0 ORDER BY oid};
my @SINCE_START = ( # but for tenant_roles, which is looked at by the clock
	q{SELECT relname, seq_scan, seq_tup_read, idx_scan, idx_tup_fetch, n_tup_ins, n_tup_upd, n_tup_del, n_live_tup, n_dead_tup FROM pg_stat_all_tables WHERE schemaname = 'threadmem_data' AND relname <> 'tenant_roles' ORDER BY 1},
	q{SELECT indexrelname, idx_scan, idx_tup_read, idx_tup_fetch FROM pg_stat_all_indexes WHERE schemaname = 'threadmem_data' ORDER BY 1},
	q{SELECT relname, heap_blks_read + heap_blks_hit, idx_blks_read + idx_blks_hit, toast_blks_read + toast_blks_hit FROM pg_statio_all_tables WHERE schemaname = 'threadmem_data' AND relname <> 'tenant_roles' ORDER BY 1},
	q{SELECT funcname, calls FROM pg_stat_user_functions ORDER BY 1},
	q{SELECT relname, relpages, reltuples, relallvisible, pg_relation_size(oid), pg_total_relation_size(oid) FROM pg_class WHERE relnamespace = 'threadmem_data'::regnamespace ORDER BY 1},
);

my (%tally, %found, %roles);

# Asks both for all of these, { form, sql, shown }; what differs, or leaks, is kept once for a subject and form.
sub ask
{
	my ($pair, $role, $subject, @asked) = @_;
	my $way = $asked[0]{form} eq 'statistics' ? 'ask' : 'ask_surely'; # a second time there would be nothing counted
	my @results = $pair->$way(map { $_->{sql} } @asked);
	my $count = $roles{ $role->{name} } //= { calls => 0, ok => 0, bytes => 0, functions => 0, views => 0 };
	for my $at (0 .. $#asked)
	{
		my ($asked, $result) = ($asked[$at], $results[$at]);
		$count->{calls}++;
		$count->{bytes} += $result->{length};
		$count->{ok}++ if $result->{code} eq 'ok';
		# a null needs no function that is STRICT: nobody is asked for a right to it
		my $of_null = $result->{code} eq 'ok' && $asked->{sql} =~ /NULL::/;
		$tally{$subject}{ $of_null ? 'ok of null' : $result->{code} }++ if $asked->{form} eq 'call';
		for my $kind (grep { $result->{$_} } qw(differs leaks))
		{
			my $finding = $found{"$kind: $subject, $asked->{form}"} //= { count => 0, order => scalar keys %found, role => $role->{name}, sql => $asked->{shown} // $asked->{sql}, line => $result->{$kind} };
			$finding->{count}++;
		}
	}
	return;
}

sub forms
{
	my ($role, $entry) = @_;
	my (%kind, @asked);
	for my $call (@{ $entry->{calls} })
	{
		my $sql = $role->{asks} ? "SELECT * FROM app.ask(\$asked\$$call->{sql}\$asked\$)" : $call->{sql};
		push @asked, { form => 'call', sql => "ROLLBACK; BEGIN; SAVEPOINT s; $sql" }, { form => 'pg_stat_xact', sql => "ROLLBACK TO s; $IN_TRANSACTION", shown => $sql };
		push @asked, { form => 'EXPLAIN', sql => "ROLLBACK; BEGIN; $Tried::EXPLAIN $sql" } unless $sql =~ /\.(grant|revoke)_access\(/; # reads catalogs that all databases share
		push @asked, { form => 'plan', sql => "ROLLBACK; BEGIN; EXPLAIN (VERBOSE) $sql" } if $entry->{view};
		push @asked, { form => 'cursor', sql => "ROLLBACK; BEGIN; DECLARE c SCROLL CURSOR FOR $sql; FETCH 1 c; MOVE ABSOLUTE 3 c; FETCH BACKWARD 2 c; FETCH ALL c" } unless $entry->{writes};
		next if $call->{whose} ne 'search' && $kind{ $call->{whose} }++ || $call->{whose} eq 'hostile';
		push @asked, { form => 'debug_print_plan', sql => "ROLLBACK; DISCARD PLANS; BEGIN; SET LOCAL debug_print_plan = on; SET LOCAL trace_sort = on; SET LOCAL client_min_messages = log; $sql" };
	}
	push @asked, map { { form => 'statement', sql => "ROLLBACK; BEGIN; $_" } } @{ $entry->{plain} };
	return @asked;
}

# Counters of a session are there for all when it has ended.
sub since_start
{
	my ($role) = @_;
	my $watch = Pair->new('reader', {});
	for my $session (@{ $watch->{sessions} })
	{
		1 while sleep(0.02) && $session->query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")->{rows}[0][0] > 0;
	}
	ask($watch, $role, 'what is counted since the start', map { { form => 'statistics', sql => $_ } } @SINCE_START);
	return;
}

sub compare
{
	my ($calls, @only) = @_;
	for my $role (@ROLES)
	{
		Pair::copy();
		my $pair = Pair->new($role->{user}, { %QUIET, %{ $role->{settings} // {} } });
		for my $subject (sort keys %$calls)
		{
			my $entry = $calls->{$subject};
			next if @only && !grep { $_ eq $subject } @only;
			next if $role->{reads} && $entry->{writes};
			ask($pair, $role, $subject, forms($role, $entry));
			$roles{ $role->{name} }{ $entry->{view} ? 'views' : 'functions' }++ if $subject ne 'searches';
		}
		ask($pair, $role, 'what else is tried', map { { form => 'statement', sql => "ROLLBACK; BEGIN; $_" } } @Tried::ELSE) unless @only;
		undef $pair;
		since_start($role);
	}
	return;
}

# Functions that none of a's roles was ever given an answer by, but for those that none may call.
sub unanswered
{
	my ($functions) = @_;
	my $session = Wire->new('postgres', {}, 'isolation_1');
	my @users = map { "'$_->{user}'" } @ROLES;
	my $mine = "('keeper', " . join(', ', @users) . ')';
	my %closed = map { $_->[0] => 1 } @{ $session->query(qq{SELECT proname FROM pg_proc WHERE pronamespace = 'threadmem'::regnamespace
		AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname IN $mine AND has_function_privilege(oid, pg_proc.oid, 'execute'))})->{rows} };
	$closed{$_} = 1 for qw(tenant_bind tenant_list); # for roles that are bound to no tenant, as what tenants_... do
	my @gaps = map { "$_ is not called" } grep { !$functions->{$_} } map { $_->[0] } @{ $session->query(
		"SELECT proname FROM pg_proc WHERE pronamespace = 'threadmem'::regnamespace AND proname <> 'position_of' AND NOT 'internal'::regtype = ANY (proargtypes::oid[])")->{rows} };
	for my $name (sort keys %$functions)
	{
		my %codes = %{ $tally{$name} // {} };
		push @gaps, "$name never gave an answer: @{[ %codes ]}" if !$codes{ok} && !$codes{'ok of null'} && !$closed{$name};
		push @gaps, "$name is nobody's and gave @{[ %codes ]}" if $closed{$name} && grep { !/^(42501|22023|ok of null)$/ } keys %codes;
	}
	return (\%closed, @gaps);
}

sub report
{
	for my $role (@ROLES)
	{
		my $count = $roles{ $role->{name} };
		printf "%-28s %3d functions, %2d views, %5d statements, %4d of them without an error, %5.1f MB\n", $role->{name}, @$count{qw(functions views calls ok)}, $count->{bytes} / 1e6;
	}
	for my $kind (sort { $found{$a}{order} <=> $found{$b}{order} } keys %found)
	{
		my $finding = $found{$kind};
		print "\nnot ok $kind; $finding->{count} times, first as \"$finding->{role}\"\n  ", substr($finding->{sql}, 0, 1500), "\n  $finding->{line}\n";
	}
	return;
}

my ($step, @rest) = @ARGV;
my $start = time;
if ($step eq 'a')
{
	my $session = Wire->new('postgres', { 'threadmem.tenant' => 'a' });
	my $world = World->new($session);
	$world->next_epoch;
	Neighbour::many($session, 'a', sub { sprintf 'word%03d', $_[0] });
	store({ functions => Tried::functions($session, $world, 1), views => Tried::views($session), searches => Tried::searches() }, $rest[0]);
	Neighbour::crowd($session, 'a', 'crowded', 'nobody'); # last: what is tried out above goes over all rows
}
elsif ($step eq 'b')
{
	my $session = Wire->new('postgres', { 'threadmem.tenant' => 'b' });
	my $world = World->new(Neighbour->new($session));
	$world->next_epoch;
	$world->{session} = $session;
	$world->make($_) for @Neighbour::MORE;
	Neighbour::many($session, 'b', \&Neighbour::both);
	Neighbour::crowd($session, 'b', Neighbour::both(0), Neighbour::probe(777));
	my @wordless = Neighbour::wordless($session);
	die "no words in @wordless\n" if @wordless;
}
elsif ($step eq 'control')
{
	my ($file, $kind, @subjects) = @rest;
	my $calls = retrieve($file);
	compare({ map { %$_ } values %$calls }, @subjects);
	my $count = 0;
	$count += $found{$_}{count} for grep { /^$kind/ } keys %found;
	print "control, @subjects: $count $kind\n";
	exit($count ? 0 : 1);
}
elsif ($step eq 'compare')
{
	my ($file, @only) = @rest;
	my $calls = retrieve($file);
	compare({ map { %$_ } values %$calls }, @only);
	report();
	my ($closed, @gaps) = @only ? {} : unanswered($calls->{functions});
	print "not ok $_\n" for @gaps;
	printf "%d functions, %d of them for none of these roles, and %d views in %d s, %d pairs of databases: %d kinds of difference or leak, %d gaps\n", scalar keys %{ $calls->{functions} }, scalar keys %$closed,
		scalar keys %{ $calls->{views} }, time - $start, $Pair::copies, scalar keys %found, scalar @gaps;
	exit(%found || @gaps ? 1 : 0);
}
