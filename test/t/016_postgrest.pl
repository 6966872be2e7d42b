# Promise: docs/postgrest.md does what it says. Its statements are run as they stand there; then requests come as PostgREST
# sends them, on one connection: a transaction each, with the role and the claims of its token, and the function before it.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION threadmem');
my @recipes = slurp_file('docs/postgrest.md') =~ /^```sql\n(.*?)^```$/msg;
is(scalar @recipes, 2, 'the page has two recipes');
$node->safe_psql('postgres', $_) for @recipes;
$node->safe_psql('postgres', qq{
	SET threadmem.tenant = '$_'; SELECT threadmem.user_create('ann'), threadmem.user_create('bob')}) for qw(a b);

sub request
{
	my ($role, $claims, $call) = @_;
	return qq{BEGIN;
		SELECT set_config('search_path', '"threadmem"', true), set_config('role', '$role', true), set_config('request.jwt.claims', '$claims', true);
		SELECT 'before: ' || (api.pre_request() IS NOT NULL)::text;
		SELECT 'answer: ' || coalesce(string_agg(r::text, ' '), 'none') FROM ($call) AS r;
		COMMIT;};
}

# What a connection answers to requests, one after the other; an error ends one of them only.
sub answers
{
	my ($status, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\n" . join("\n", @_),
		extra_params => [ '-U', 'authenticator' ], on_error_stop => 0);
	my @errors = $err =~ /ERROR:  (.*)$/mg;
	return join('; ', ($out =~ /^answer: (.*)$/mg), @errors);
}
my $create = q{SELECT thread_id, user_id FROM threadmem.thread_create('%s')};
my $list = q{SELECT thread_id FROM threadmem.thread_list(sort_order => 'asc')};
sub token { return sprintf '{"role": "web_user", "tenant": "%s", "sub": "%s"}', @_ }

is(answers(
		request('web_user', token('a', 'ann'), sprintf $create, 'of ann'),
		request('web_user', token('a', 'bob'), sprintf $create, 'of bob'),
		request('web_user', token('b', 'ann'), sprintf $create, 'of ann'),
		request('web_user', token('a', 'ann'), $list),
		request('web_user', token('b', 'ann'), $list),
		request('web_user', token('b', 'bob'), $list)),
	'("of ann",ann); ("of bob",bob); ("of ann",ann); ("of ann"); ("of ann"); none',
	'each request works as the user of its token, in the tenant of its token');
is($node->safe_psql('postgres', q{SELECT string_agg(concat_ws(' ', tenant_id, thread_id), ', ' ORDER BY tenant_id, thread_id) FROM threadmem_data.threads}),
	'a of ann, a of bob, b of ann', '... and nowhere else');
is(answers(
		request('web_user', token('a', 'bob'), $list),
		"BEGIN; SET LOCAL ROLE web_user; SELECT 'answer: ' || count(*) FROM threadmem.thread_list(); ROLLBACK;"),
	'("of bob"); 42501', 'nothing is left of the request before: without the function there is no tenant');
is(answers(map { request('web_user', $_, $list) } '', '{}', '{"tenant": "a"}', '{"sub": "ann"}', '{"tenant": "", "sub": "ann"}'),
	join('; ', ('42501', '25P02') x 5), 'a token without tenant or user is refused');
like(answers(request('web_anon', token('a', 'ann'), $list)), qr/^42501/, 'so is who may call nothing');

# The second recipe: the binding beats what the token claims.
is(answers(
		request('tenant_a', token('b', 'ann'), $list),
		request('web_user', token('b', 'ann'), $list),
		"BEGIN; SET LOCAL ROLE tenant_a; SET LOCAL threadmem.tenant = 'b'; SELECT 'answer: ' || threadmem.current_tenant(); COMMIT;"),
	'("of ann"); ("of ann"); a', 'a role that is bound stays in its tenant');
is(answers(request('tenant_a', token('b', 'bob'), $list)), '("of bob")', '... with the user of its token');

$node->stop;
done_testing();
