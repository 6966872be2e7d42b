# What can be called: every function and aggregate of the extension, its arguments, and the SQLSTATEs that its comment
# promises. All of it is read from the catalog, so that a function that is new or changed is called as well.
package Catalog;

use strict;
use warnings;

# Any function may give these, and its comment need not say so: documents nested deeper than the server's stack allows.
our %EVERYWHERE = map { $_ => 1 } qw(54001);

my $QUERY = q{
SELECT p.proname, p.prokind, p.provolatile, array_to_string(p.proargtypes::oid[]::regtype[], ','),
       array_to_string(coalesce(p.proargnames[1:p.pronargs], array_fill(''::text, ARRAY[p.pronargs::int])), ','),
       p.pronargs - p.pronargdefaults, has_function_privilege('app', p.oid, 'execute'),
       obj_description(p.oid, 'pg_proc'),
       (SELECT max(c.conrelid::regclass::text) FROM pg_constraint c
         WHERE c.contype = 'c' AND pg_get_constraintdef(c.oid) ~ ('threadmem\\.' || p.proname || '\\(')
           AND p.proargnames <@ ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.conrelid))
  FROM pg_proc p
 WHERE p.pronamespace = 'threadmem'::regnamespace AND NOT 'internal'::regtype = ANY (p.proargtypes::oid[]) AND p.proname <> 'position_of'
 ORDER BY p.oid::regprocedure::text COLLATE "C"};

# functions(session): a list of { name, kind, volatile, args => [ { name, type, required } ], plain (a role of an
# application calls it), codes => [...], table (whose constraint it is; its arguments are columns then) }.
sub functions
{
	my ($session) = @_;
	my $answer = $session->query($QUERY);
	die "$answer->{message}\n" unless $answer->{code} eq 'ok';
	my @functions;
	for my $row (@{ $answer->{rows} })
	{
		my ($name, $kind, $volatile, $types, $names, $required, $plain, $comment, $table) = @$row;
		my @types = split /,/, $types;
		my @names = split /,/, $names, -1;
		my @args = map { { name => $names[$_] // '', type => $types[$_], required => $_ < $required } } 0 .. $#types;
		push @functions,
			{
			name => $name, kind => $kind, volatile => $volatile, plain => $plain eq 't' && !$table, args => \@args, table => $table, codes => [ codes($comment // '') ]
			};
	}
	return @functions;
}

# tables(session): the tables by their names, wherever they lie.
sub tables
{
	my ($session) = @_;
	my $answer = $session->query(q{SELECT relname, oid::regclass FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text ~ '^threadmem'});
	return map { @$_ } @{ $answer->{rows} };
}

# A line each: "Errors:", then "  P0002: no such thread", until "Answers: ..." or the end.
sub codes
{
	my ($comment) = @_;
	my ($errors) = $comment =~ /^Errors:(.*?)(?:^Answers:|\z)/ms or return ();
	my %codes = map { $_ => 1 } $errors =~ /^  ([0-9A-Z]{5}): /mg;
	return sort keys %codes;
}

1;
