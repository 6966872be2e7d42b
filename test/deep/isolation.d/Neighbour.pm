# Tenant b, who lives next to a: the same world under other ids, and with words that nobody else has. A word of a's is two
# of b's: a probe, which a's roles may ask for, and a secret, which nobody ever asks for, so that it can come from b's
# rows alone. "quava017 zyxa017" of one database are "quavo017 zyxo017" in the other: as long, in the same order, and
# with digits, so that no stemmer takes anything off.
package Neighbour;

use strict;
use warnings;

our $SECRET = qr/zyx[ao][0-9]/;

my @WORDS = qw(hello world garden gardens before after edit rain deleted erased piece another whole broken sure Ada ada Bob Lyon You are
	be hi yes yo One Two likes sea gold Facts About);
my %number = map { $WORDS[$_] => $_ } 0 .. $#WORDS;
my $words = join '|', @WORDS;

sub probe { return sprintf 'quava%03d', $_[0] }
sub both { return sprintf 'quava%03d zyxa%03d', $_[0], $_[0] }

# theirs(sql, word): the same call with b's ids, and with b's words within what is quoted, as word(number) writes them.
sub theirs
{
	my ($sql, $word) = @_;
	$sql =~ s/\be([0-9]+)-(?=[a-z])/b$1-/g;
	$sql =~ s/(['"])((?:u|a|g|ct|ep|r|m|s|w|group|task|call_|file)[0-9]+)\1/$1b$2$1/g;
	$sql =~ s/tenant_id => 'a'/tenant_id => 'b'/g;
	$sql =~ s/1ef00000-0000-6000-8000-/1ef00000-0000-6000-8001-/g;
	return worded($sql, $word);
}

# worded(sql, word): only the words.
sub worded
{
	my ($sql, $word) = @_;
	return $sql =~ s/('(?:[^']|'')*')/in_words($1, $word)/ger;
}

sub in_words
{
	my ($quoted, $word) = @_;
	return $quoted =~ s/\b($words)\b(?=(@)?)/$2 ? probe($number{$1}) : $word->($number{$1})/ger;
}

# A session whose calls are b's: what World asks of it is made b's first.
sub new
{
	my ($class, $session) = @_;
	return bless { session => $session }, $class;
}

sub query
{
	my ($self, $sql) = @_;
	return $self->{session}->query(theirs($sql, \&both));
}

# What World leaves out: words in every column that holds any.
my $WORDS = both(900);
my $OBJECT = qq('{"k": "$WORDS"}');
my $STATE = qq("x1": "@{[ ($WORDS) x 30 ]}"); # long, so that the next checkpoint is stored as a change
my $CHECKPOINT = '1ef00000-0000-6000-8001-00000000090';
my $CALL = qq('[{"id": "bcall_9", "type": "function", "function": {"name": "f", "arguments": "$WORDS"}}]');
our @MORE = (
	"user_create('bu3', email => 'zyxa901\@quava901.org', first_name => 'quava901', last_name => 'zyxa901', metadata => $OBJECT)", "user_update('bu1', summary => '$WORDS')",
	qq(graph_define('bg9', '{"channels": {"zyxa902": {"default": "$WORDS"}}, "nodes": ["zyxa903"], "edges": [["__start__", "zyxa903"]]}')),
	"assistant_create('ba9', 'bg9', '$WORDS', '$WORDS', '$WORDS', '$WORDS', '[$OBJECT]', $OBJECT, config => $OBJECT, metadata => '{\"plan\": \"quava000\", \"zyxa904\": 1}')" =~ s/'\['(.*?)'\]'/'[$1]'/r,
	"context_template_create('bct9', '$WORDS %{user_summary}')",
	"thread_create('b9-full', 'bu1', 'ba9', title => '$WORDS', metadata => '{\"plan\": \"quava000\", \"zyxa905\": 1}', config => $OBJECT, tool_resources => $OBJECT)",
	"message_add('b9-full', 'user', '$WORDS quava000', message_id => 'bm1', name => 'zyxa906', sender_id => 'zyxa907', metadata => $OBJECT)",
	"message_start('b9-full', message_id => 'bm2')", "message_append('b9-full', 'bm2', 1, '$WORDS')",
	qq(checkpoint_put('b9-full', '{"v": 4, "ts": "2024-01-01", "id": "${CHECKPOINT}1", "channel_values": {$STATE}, "channel_versions": {"x1": 1}}', '{"source": "$WORDS"}')),
	qq(checkpoint_put('b9-full', '{"v": 4, "ts": "2024-01-02", "id": "${CHECKPOINT}2", "channel_values": {$STATE, "y": "zyxa908", "plan": "quava000"}, "channel_versions": {"x1": 1, "y": 1, "plan": 1}}', '{}', parent_checkpoint_id => '${CHECKPOINT}1')),
	qq(checkpoint_put_writes('b9-full', '${CHECKPOINT}2', 'btask9', '[["x1", "$WORDS"]]')),
	"run_create('b9-full', 'ba9', $OBJECT, run_id => 'br9', kwargs => $OBJECT, metadata => $OBJECT)", "run_start('b9-full', 'br9', 'zyxa909')",
	"run_step_add('b9-full', 'br9', name => '$WORDS', details => $OBJECT, metadata => $OBJECT, error => $OBJECT, usage => $OBJECT)",
	"run_fail('b9-full', 'br9', $OBJECT, $OBJECT)", "run_create('b9-full', 'ba9', run_id => 'br10')", "run_start('b9-full', 'br10')", "run_complete('b9-full', 'br10', usage => $OBJECT, result => $OBJECT)",
	"run_create('b9-full', 'ba9', run_id => 'br11')", "run_start('b9-full', 'br11')", "run_require_action('b9-full', 'br11', $CALL)",
	"memory_add_data('bu1', '$WORDS quava000', metadata => $OBJECT, source_description => '$WORDS', episode_id => 'bep9')", "memory_set_embedding('bu1', '{1,2,3}', episode_id => 'bep9')",
);

# Columns of words in which there are none: what is not there cannot be seen.
sub wordless
{
	my ($session) = @_;
	my $columns = $session->query(q{SELECT format('SELECT %L FROM %s HAVING coalesce(bool_or(%I::text ~ ''zyxa[0-9]''), false) IS FALSE', relname || '.' || attname, c.oid::regclass, attname)
		FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
		WHERE relkind = 'r' AND relnamespace = 'threadmem_data'::regnamespace AND relname NOT IN ('tenant_roles', 'notify_channels')
		AND (atttypid IN ('jsonb'::regtype, 'tsvector'::regtype, 'threadmem.json_patch'::regtype) OR atttypid = 'text'::regtype
			AND attname !~ '(_id|_ns|_path|role|kind|status|state|type|strategy|time_zone|channel|source|forked_from|_reason)$')})->{rows};
	return map { map { $_->[0] } @{ $session->query($_->[0])->{rows} } } @$columns;
}

# many(session, letter of the tenant, function of a number that gives its words): threads and messages enough for indexes.
sub many
{
	my ($session, $tenant, $words) = @_;
	for my $thread (1 .. 40)
	{
		my $messages = join ', ', map { sprintf '{"role": "user", "content": "%s shared", "id": "%s"}', $words->(($thread * 50 + $_) % 500), "many$thread-$_" } 1 .. 50;
		my $owner = $tenant eq 'a' ? 'u1' : 'bu1';
		for my $call ("thread_create('$tenant$thread-many', '$owner', metadata => '{\"plan\": \"" . $words->($thread) . "\", \"shared\": 1}')", "message_add_batch('$tenant$thread-many', '[$messages]')")
		{
			my $answer = $session->query("SELECT * FROM threadmem.$call");
			die "$call: $answer->{code} $answer->{message}\n" unless $answer->{code} eq 'ok';
		}
	}
	return;
}

# crowd(session, letter of the tenant, a word, an owner): so many rows that a posting list of an index is a tree of pages, and
# that an id is among the most common ones. Written as they are: they are too many to be made by calls.
sub crowd
{
	my ($session, $tenant, $word, $owner) = @_;
	for my $sql (
		qq{INSERT INTO threadmem_data.messages (tenant_id, thread_id, rev, seq, event_at, created_at, message_id, role, user_id, status, body_hash, body, search)
			SELECT '$tenant', '$tenant-crowd', i, i, '2024-01-01', '2024-01-01', 'm' || i, 'user', '$owner', 'completed', sha256('{}'), '{"content": "$word"}', to_tsvector('english', '$word shared')
			FROM generate_series(1, 24000) i},
		qq{INSERT INTO threadmem_data.threads (tenant_id, thread_id, user_id, assistant_id, created_at, updated_at, updated_hour, metadata)
			SELECT '$tenant', '$tenant-crowd' || i, '$owner', '$owner', '2024-01-01', '2024-01-01', '2024-01-01', '{"plan": "$word", "shared": 1}' FROM generate_series(1, 12000) i})
	{
		my $answer = $session->query($sql);
		die "$sql: $answer->{code} $answer->{message}\n" unless $answer->{code} eq 'ok';
	}
	return;
}

1;
