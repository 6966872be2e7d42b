# Promise: whatever is said, answered, reworded, deleted, folded, run, branched at a checkpoint and rewound, in whichever order,
# log, window and state show the branch that a simple model has, and so do the alternatives in the place of any message.
#
# The model is a list of messages, and what it was at every checkpoint. THREADMEM_SEED chooses another run, THREADMEM_STEPS is
# its length. The first one has an edit on a line that a rewind began behind an earlier edit.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{THREADMEM_SEED} // 1801627522;
my $length = $ENV{THREADMEM_STEPS} // 300;
srand($seed);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;
$node->safe_psql('postgres', "CREATE EXTENSION threadmem CASCADE;" . do { local $/; <DATA> });
note("seed $seed, $length steps");

my ($thread, $word, $leaves) = (0, 0);    # whether a call goes on elsewhere
my (@path, %at, @ids, @ends, %deleted, %born, %met);    # the log; what it was at each checkpoint; these in order, and those below which is none

sub pick { return $_[ rand @_ ] }
sub said { return grep { !$deleted{ $_->{id} } } @_ }
sub shown { return join ' ', map { "$_->{id}=$_->{words}" } grep { !$_->{failed} } @_ }
sub has { my ($id, @list) = @_; return grep { $_->{id} eq $id } @list }
sub copied { return [ map { {%$_} } @_ ] }
# An answer that failed is in no state: a checkpoint knows of it where its branch was left or rewound.
sub stored { return copied(grep { !$_->{failed} || $_->{kept} } @_) }
sub kept { $_->{kept} = 1 for @_; return copied(@_) }
sub new_message { my ($id) = @_; $born{$id} = ++$word; return { id => $id, words => $id, @_ > 1 ? (failed => 1) : () } }
sub before { my ($id) = @_; my @list; for (@path) { last if $_->{id} eq $id; push @list, $_ } return @list }

# The newest list with a message, null where it is on the present one.
sub newest_with
{
	my ($id) = @_;
	return (grep { has($id, said(@{ $at{$_} })) } reverse @ids)[0];
}

sub begin
{
	$thread++;
	(@path, @ids, @ends, %at, %deleted, %born) = ();
	return "SELECT count(*) FROM thread_create('t$thread')";
}

# One call, and the lists at the checkpoints that it makes beside the end of a branch that it leaves, which may or may not be one.
sub step
{
	my $live = pick(map { $_->{id} } grep { !$_->{failed} } @path);
	my $any = pick(map { $_->{id} } @path);
	my $off = pick(grep { !$deleted{$_} && !has($_, @path) && newest_with($_) } sort keys %born);
	my $point = pick(@ids);
	my $new = 'm' . ($word + 1);
	my $t = "'t$thread'";
	my $message = qq({"messages": {"role": "assistant", "id": "$new", "content": "$new"}});
	my @choices = ('add', 'add', 'answer', 'fold', 'fail', 'run', 'empty');
	push @choices, 'update', 'delete' if $live;
	push @choices, ('rewind', 'edit') x 2 if $any;
	push @choices, ('back') x 3, 'edit off', 'before off' if $off;
	push @choices, 'branch', 'branch empty' if $point;
	my $what = pick(@choices);
	my @made;

	$met{$what}++;
	$leaves = $what =~ /branch|rewind|edit|back|off/;
	if ($what eq 'add')
	{
		push @path, new_message($new);
		return ("SELECT count(*) FROM message_add($t, 'user', '$new', message_id => '$new')");
	}
	elsif ($what eq 'fail')
	{
		# Left open or not, it has no part in a state; where its branch is left it is ended.
		push @path, new_message($new, 1);
		return ("SELECT count(*) FROM message_start($t, message_id => '$new')" . (rand() < 0.5 ? "; SELECT count(*) FROM message_fail($t, '$new')" : ''));
	}
	elsif ($what eq 'update')
	{
		$_->{words} = 'w' . ++$word for has($live, @path);
		return ("SELECT count(*) FROM message_update($t, '$live', 'w$word')");
	}
	elsif ($what eq 'delete')
	{
		$deleted{$live} = 1;
		@path = said(@path);
		return ("SELECT count(*) FROM message_delete($t, '$live')");
	}
	elsif ($what eq 'fold') { return ("SELECT count(*) FROM thread_fold($t)") }
	elsif ($what eq 'empty') { return ("SELECT count(*) FROM thread_update_state($t)", stored(@path)) }
	elsif ($what eq 'answer')
	{
		push @path, new_message($new);
		return ("SELECT count(*) FROM thread_update_state($t, '$message', as_node => 'x')", stored(@path));
	}
	elsif ($what eq 'run')
	{
		push @path, new_message($new);
		return ("SELECT count(*) FROM run_create($t, run_id => '$new'); SELECT count(*) FROM run_start($t, '$new');"
			  . "SELECT count(*) FROM thread_update_state($t, '$message', as_node => 'x', run_id => '$new'); SELECT count(*) FROM run_complete($t, '$new')",
			stored(@path));
	}
	elsif ($what =~ /^branch/)
	{
		@path = said(@{ copied(@{ $at{$point} }) });
		push @path, new_message($new) if $what eq 'branch';
		my $input = $what eq 'branch' ? "'$message', as_node => 'x'," : '';
		return ("SELECT count(*) FROM thread_update_state($t, $input checkpoint_id => '$point')", stored(@path));
	}
	my $id = $what =~ /off|back/ ? $off : $any;
	if ($what =~ /off|back/)
	{
		@path = said(@{ copied(@{ $at{ newest_with($off) } }) });
		push @made, stored(@path);
	}
	if ($what ne 'back')
	{
		@path = before($id);
		push @made, kept(@path);
	}
	push @path, new_message($new) if $what =~ /edit/;
	my $more = $what =~ /edit/ ? ", '$new', new_message_id => '$new'" : $what eq 'before off' ? ', before_message => true' : '';
	return ("SELECT count(*) FROM thread_rewind($t, '$id'$more)", @made);
}

# What stands in the place of a message on any branch, in the order in which it was said.
sub siblings
{
	my ($id) = @_;
	my @lists = (\@path, map { [ said(@{ $at{$_} }) ] } @ends);
	my @own = has($id, @path) ? @path : said(@{ $at{ newest_with($id) } });
	my ($previous, %found) = ('');

	for (@own) { last if $_->{id} eq $id; $previous = $_->{id} }
	for my $list (@lists)
	{
		my @rest = ({ id => '' }, @$list);
		shift @rest while @rest && $rest[0]{id} ne $previous;
		# the present one comes first
		$found{ $rest[1]{id} } //= $list == \@path ? "[$rest[1]{id}]" : $rest[1]{id} if @rest > 1;
	}
	return join ' ', map { $found{$_} } sort { $born{$a} <=> $born{$b} } keys %found;
}

my ($wrong, $before, @script);
for my $i (1 .. $length)
{
	my ($sql, @made) = $i == 1 || rand() < 0.02 ? begin() : step();
	@script = () if $sql =~ /thread_create/;
	push @script, $sql;
	my $asked = pick(grep { !$deleted{$_} && (has($_, @path) || newest_with($_)) } sort keys %born);
	my $answer = $node->safe_psql('postgres', "SET threadmem.tenant = 'model'; SET search_path = threadmem, public; $sql;"
		  . "SELECT 'ids ' || coalesce(ids, '') FROM shown('t$thread'); SELECT 'is ' || shown FROM shown('t$thread');"
		  . "SELECT 'ends ' || coalesce(ends, '') FROM shown('t$thread');"
		  . "SELECT 'siblings ' || coalesce(string_agg(CASE WHEN is_current THEN '[' || message_id || ']' ELSE message_id END, ' ' ORDER BY place), '')"
		  . " FROM siblings('t$thread', " . ($asked ? "'$asked'" : 'NULL') . ")"
		  . ($i % 10 ? '' : "; SELECT 'problem ' || problem FROM threadmem_verify('t$thread')"));
	my %got = map { /^(ids|is|ends|siblings|problem) ?(.*)/ ? ($1 => $2) : () } split /\n/, $answer;
	my @new = grep { !$at{$_} } split / /, $got{ids};
	# One more than the call makes itself is the end of what was there before it, or folds that.
	my $left = @new - @made;
	my $note = "step $i, $sql";

	$wrong = "$note: made " . @new . ' checkpoints' if $left < 0 || $left > 1;
	last if $wrong;
	unshift @made, $leaves ? kept(@$before) : stored(@$before) if $left;
	@at{@new} = @made;
	push @ids, @new;
	@ends = grep { $_ ne ($ids[-1] // '') } split / /, $got{ends};
	my $log = join ' ', map { "$_->{id}" } @path;
	my $shown = shown(@path);
	$wrong = "$note: $got{is}, not log ($log) window ($shown) state ($shown)" if $got{is} ne "log ($log) window ($shown) state ($shown)";
	$wrong = "$note: siblings of $asked $got{siblings}, not " . siblings($asked) if !$wrong && $asked && $got{siblings} ne siblings($asked);
	$wrong = "$note: $got{problem}" if !$wrong && $got{problem};
	last if $wrong;
	$before = copied(@path);
}
is($wrong, undef, "seed $seed: every answer is the model's") or diag(join ";\n", @script);
# A run in which something never happened shows nothing.
is(scalar(keys %met), 15, 'all of it happened') or diag(join ' ', sort keys %met);
$node->stop;
done_testing();

__DATA__
CREATE FUNCTION shown(t text, OUT ids text, OUT ends text, OUT shown text) LANGUAGE sql AS $$
	SELECT (SELECT string_agg(c.checkpoint_id, ' ' ORDER BY c.checkpoint_id COLLATE "C") FROM threadmem_data.checkpoints c WHERE c.tenant_id = 'model' AND c.thread_id = t),
		(SELECT string_agg(c.checkpoint_id, ' ') FROM threadmem_data.checkpoints c WHERE c.tenant_id = 'model' AND c.thread_id = t
			AND NOT EXISTS (SELECT FROM threadmem_data.checkpoints k WHERE k.tenant_id = 'model' AND k.thread_id = t AND k.parent_checkpoint_id = c.checkpoint_id)),
		format('log (%s) window (%s) state (%s)',
			(SELECT string_agg(message_id, ' ' ORDER BY seq) FROM threadmem.message_list(t, max_rows => 1000)),
			(SELECT string_agg(message_id || '=' || content, ' ') FROM threadmem.message_context(t, 1000000)),
			(SELECT string_agg(message_id || '=' || text, ' ') FROM threadmem.message_list(t, max_rows => 1000, view => 'state'))) $$;
CREATE FUNCTION siblings(t text, id text) RETURNS TABLE (message_id text, is_current boolean, place bigint) LANGUAGE plpgsql AS $$
BEGIN
	IF id IS NOT NULL THEN
		RETURN QUERY SELECT s.message_id, s.is_current, row_number() OVER () FROM threadmem.message_siblings(t, id) s;
	END IF;
END $$;
