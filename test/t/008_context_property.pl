# Promise: whatever was said, a context is within its limits, keeps the system messages, has no call without its
# answer and no answer without its call, and holds all that the definition says, against a truth found the slow way.
#
# THREADMEM_SEED repeats a run, THREADMEM_STEPS is the number of threads.

use strict;
use warnings;
use FindBin;
use IPC::Run;
use JSON::PP;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use ChainRandom;
use ContextTruth;

my $seed = $ENV{THREADMEM_SEED} // (time ^ $$ << 8) & 0x7fffffff;
my $threads = $ENV{THREADMEM_STEPS} // 120;
my $windows = 12; # asked of each thread
my $random = ChainRandom->new($seed);
my $json = JSON::PP->new->canonical;
note("seed $seed, $threads threads");

sub words { return 'x' x $random->between(0, 12) }
sub count { return length join "\n", grep { $_ ne '' } @_ }

# One message as the truth sees it, with a body in one of the forms.
sub message
{
	my ($id, $role, %more) = @_;
	my $text = words();
	my $message = { id => $id, role => $role, answers => [], calls => [], %more, tokens => count($text, map { ('f', '{}') } @{ $more{calls} // [] }) };
	my $form = $random->below(3);
	my %body = (id => $id, content => $text);
	if ($more{reasoning})
	{
		%body = (id => $id, type => 'reasoning', summary => []);
		$message->{tokens} = length qq({"id": "$id", "type": "reasoning", "summary": []});
	}
	elsif ($more{item} && $role eq 'assistant')
	{
		%body = (id => $id, type => 'function_call', call_id => $more{calls}[0], name => 'f', arguments => '{}');
		$message->{tokens} = 4;
	}
	elsif ($more{item})
	{
		%body = (id => $id, type => 'function_call_output', call_id => $more{answers}[0], output => $text);
	}
	elsif ($more{parts})
	{
		%body = (id => $id, role => 'user', content => [ map { { type => 'tool_result', tool_use_id => $_, content => '' } } @{ $more{answers} } ]);
		push @{ $body{content} }, { type => 'text', text => $text };
		$message->{tokens} = length $text;
	}
	elsif ($role eq 'assistant' && @{ $message->{calls} })
	{
		my @calls = @{ $message->{calls} };
		$body{role} = 'assistant' if $form != 1;
		$body{type} = 'ai' if $form == 1;
		$body{tool_calls} = [ map { { id => $_, type => 'function', function => { name => 'f', arguments => '{}' } } } @calls ] if $form == 0;
		$body{tool_calls} = [ map { { id => $_, name => 'f', args => {} } } @calls ] if $form == 1;
		$body{content} = [ { type => 'text', text => $text }, map { { type => 'tool_use', id => $_, name => 'f', input => {} } } @calls ] if $form == 2;
	}
	else
	{
		$body{role} = $role eq 'other' ? 'generic' : $role;
		$body{tool_call_id} = $more{answers}[0] if @{ $more{answers} // [] };
	}
	$message->{body} = \%body;
	return $message;
}

my $number = 0;
sub next_id { return 'm' . ++$number }

# Some calls, as one message or as items, and answers: now, late, twice, none, without an id, in one message or to nobody.
sub calls
{
	my ($late) = @_;
	my @ids = map { $random->below(3) ? 'c' . ++$number : 'r' . $random->below(3) } 1 .. $random->between(1, 3);
	my %seen;
	@ids = grep { !$seen{$_}++ } @ids;
	my $item = !$random->below(4);
	my @said;
	if ($item)
	{
		push @said, message(next_id(), 'assistant', reasoning => 1) if $random->below(2);
		push @said, map { message(next_id(), 'assistant', item => 1, calls => [$_]) } @ids;
	}
	else
	{
		push @said, message(next_id(), 'assistant', calls => [@ids]);
	}
	my @given = $random->below(6) ? @ids : grep { $random->below(2) } @ids;
	@given = reverse @given if $random->below(2);
	if (!$item && @given && !$random->below(4))
	{
		push @given, 'c0' unless $random->below(8);
		push @said, message(next_id(), 'user', parts => 1, is_answer => 1, answers => [@given]);
		return @said;
	}
	for my $id (@given)
	{
		my $answer = message(next_id(), 'tool', is_answer => 1, item => $item, answers => $item || $random->below(8) ? [$id] : []);
		if ($random->below(8)) { push @said, $answer }
		else { push @$late, $answer }
		push @said, message(next_id(), 'tool', is_answer => 1, answers => [$id]) unless $random->below(15);
	}
	return @said;
}

sub conversation
{
	my @late;
	my @said = map { message(next_id(), $random->below(2) ? 'system' : 'developer') } 1 .. $random->below(3);
	my $turns = $random->below(10) ? $random->between(1, 12) : $random->between(60, 120);
	for (1 .. $turns)
	{
		my $what = $random->below(20);
		push @said, message(next_id(), 'user') if $random->below(8);
		push @said, calls(\@late) for 1 .. $random->below(3);
		# no answer so late that the beginning of a thread is not read that far
		push @said, shift @late while @late > 4 || (@late && $random->below(2));
		push @said, message(next_id(), 'assistant') if $random->below(4);
		push @said, message(next_id(), 'system') if $what == 0;
		push @said, message(next_id(), 'other') if $what == 1;
		push @said, message(next_id(), 'tool', is_answer => 1, answers => [ 'c' . ($number - $random->below(60)) ]) if $what == 2;
		push @said, message(next_id(), 'tool', is_answer => 1) if $what == 3;
	}
	return @said;
}

sub literal { my ($text) = @_; $text =~ s/'/''/g; return "'$text'" }
sub document { return literal($json->encode([ map { $_->{body} } @_ ])) . '::jsonb' }

# The thread as statements, and what is in its window's reach: the log without what was deleted, or a state's list and
# what came after it.
sub thread
{
	my ($id) = @_;
	my @said = conversation();
	my @sql;
	if ($random->below(2))
	{
		push @sql, "SELECT threadmem.thread_create('$id', messages => " . document(@said) . ')';
		my @gone = grep { !$random->below(12) } @said;
		push @sql, map { "SELECT threadmem.message_delete('$id', '$_->{id}')" } @gone;
		my %gone = map { $_->{id} => 1 } @gone;
		return (\@sql, [ grep { !$gone{ $_->{id} } } @said ]);
	}
	my @rest = splice @said, $random->below(scalar @said) + 1;
	push @sql, "SELECT threadmem.checkpoint_put('$id', jsonb_build_object('id', 'c1', 'channel_values', jsonb_build_object('messages', " . document(@said)
		. "), 'channel_versions', '{\"messages\": 1}'::jsonb))";
	if ($random->below(2))
	{
		@said = splice @said, $random->below(scalar @said);
		push @said, shift @said if $random->below(2);
		push @sql, "SELECT threadmem.checkpoint_put('$id', jsonb_build_object('id', 'c2', 'channel_values', jsonb_build_object('messages', " . document(@said)
			. "), 'channel_versions', '{\"messages\": 2}'::jsonb), parent_checkpoint_id => 'c1')";
	}
	push @sql, "SELECT threadmem.message_add_batch('$id', " . document(@rest) . ')' if @rest;
	return (\@sql, [ @said, @rest ]);
}

sub rule
{
	my ($messages) = @_;
	my %rule = (strategy => (qw(last last middle head_tail))[ $random->below(4) ], keep_system => $random->below(4) ? 1 : 0,
		close => $random->below(3) ? 0 : 1, head_messages => $random->below(6));
	my $all = 1;
	$all += $_->{tokens} for @$messages;
	$rule{max_tokens} = $random->between(1, $all) if $random->below(4);
	$rule{max_messages} = $random->between(1, @$messages + 2) if $random->below(3) == 0;
	$rule{start_on} = (qw(user assistant tool))[ $random->below(3) ] unless $random->below(3);
	return %rule;
}

sub arguments
{
	my (%rule) = @_;
	my @given = ("strategy => '$rule{strategy}'", 'keep_system => ' . ($rule{keep_system} ? 'true' : 'false'),
		"head_messages => $rule{head_messages}", 'dangling => ' . ($rule{close} ? "'close'" : "'drop'"));
	push @given, map { "$_ => $rule{$_}" } grep { defined $rule{$_} } qw(max_tokens max_messages);
	push @given, "start_on => '$rule{start_on}'" if $rule{start_on};
	return join ', ', @given;
}

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION threadmem;
	CREATE FUNCTION try(arguments text, OUT rows text) LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE 'SELECT string_agg(coalesce(message_id, ''+'' || tool_call_id) || '':'' || tokens, '' '') || CASE WHEN min(used_messages) = count(*) AND max(used_tokens) = sum(tokens) THEN '''' ELSE '' wrong sums'' END FROM threadmem.message_context(' || arguments || ')' INTO rows;
	EXCEPTION WHEN SQLSTATE '54000' THEN
		rows := 'error';
	END $$});

my ($compared, $errors, $empty, @cases, @script) = (0, 0, 0);
push @script, q{SET threadmem.token_counter = 'pg_catalog.length'; SET client_min_messages = error;};
for my $n (1 .. $threads)
{
	my ($sql, $messages) = thread("t$n");
	push @script, map { "$_ \\g /dev/null" } @$sql;
	for (1 .. $windows)
	{
		my %rule = rule($messages);
		push @cases, [ $messages, \%rule, "'t$n', " . arguments(%rule) ];
		push @script, 'SELECT try(' . literal($cases[-1][2]) . ');';
	}
}
my $file = PostgreSQL::Test::Utils::tempdir . '/context.sql';
append_to_file($file, join "\n", @script, '');
my ($out, $err);
IPC::Run::run([ 'psql', '-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-f', $file ], '>', \$out, '2>', \$err);
is($err, '', 'the script runs');
my @got = split /\n/, $out, -1;
for my $case (@cases)
{
	my ($messages, $rule, $call) = @$case;
	my $got = shift @got;
	my $expected = ContextTruth::window($messages, %$rule);
	my @broken = defined $got && $got ne 'error' ? ContextTruth::broken_promises($messages, $got, %$rule) : ();
	$compared++;
	$errors++ if $expected eq 'error';
	$empty++ if $expected eq '';
	next if defined $got && $got eq $expected && !@broken;
	fail("message_context($call)");
	diag("seed $seed\nexpected $expected\ngot      ", $got // '(nothing)', "\nbroken: @broken\n",
		join "\n", map { $json->encode({ %$_, body => undef }) } @$messages > 60 ? () : @$messages);
	last;
}
is($compared, $threads * $windows, "$compared windows are as defined, $errors of them refused, $empty empty");
cmp_ok($errors + $empty, '<', $compared / 2, 'most of them had something in them');

$node->stop;
done_testing();
