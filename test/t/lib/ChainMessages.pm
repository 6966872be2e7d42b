# Random lists of messages in the forms their writers have, and edits of such lists. A message's
# value carries in its fourth place what it was made of, so that it can be said again otherwise.
package ChainMessages;

use strict;
use warnings;
use ChainJson;

my %CLASS = (human => 'HumanMessage', ai => 'AIMessage', system => 'SystemMessage', tool => 'ToolMessage');
my %ROLE = (human => 'user', ai => 'assistant', system => 'system', tool => 'tool');

# Ids come from a small pool, so that branches and lists meet in them.
sub new
{
	my ($class, $random, $json) = @_;
	my $self = bless { random => $random, json => $json, said => [], count => 0 }, $class;
	$self->{odd_ids} = [ map { ChainJson::quote($_) } '', '0', '~1', 'a/b', "it's", "\xf0\x9f\x98\x80", 'i' x 255, 'i' x 300 ];
	return $self;
}

sub id
{
	my ($self) = @_;
	my $random = $self->{random};
	return $random->pick(@{ $self->{odd_ids} }) if $random->percent(4);
	return '"m' . $random->below(1 + $self->{count}) . '"' if $random->percent(10);
	return '"m' . ++$self->{count} . '"';
}

# form is the writer's, kind who speaks; id (JSON text) may be undefined.
sub say
{
	my ($self, %what) = @_;
	my @id = defined $what{id} ? (id => $what{id}) : ();
	my @extra = @{ $what{extra} };
	my $value;
	if ($what{form} eq 'constructor')
	{
		my @path = ('langchain_core', 'messages', $CLASS{ $what{kind} });
		$value = ChainJson::object(lc => 1, type => '"constructor"', id => ChainJson::array(map { ChainJson::quote($_) } @path),
			kwargs => ChainJson::object(content => $what{content}, @id, @extra));
	}
	elsif ($what{form} eq 'typed') { $value = ChainJson::object(type => qq{"$what{kind}"}, content => $what{content}, @id, @extra) }
	elsif ($what{form} eq 'data') { $value = ChainJson::object(type => qq{"$what{kind}"}, data => ChainJson::object(content => $what{content}, @id, @extra)) }
	else { $value = ChainJson::object(@id, role => qq{"$ROLE{ $what{kind} }"}, content => $what{content}, @extra) }
	$value->[3] = \%what;
	push @{ $self->{said} }, $value;
	shift @{ $self->{said} } if @{ $self->{said} } > 80;
	return $value;
}

sub content
{
	my ($self) = @_;
	my $random = $self->{random};
	my $kind = $random->weighted(words => 70, parts => 12, empty => 4, null => 4, long => 2, scalar => 3);
	return ChainJson::quote($self->{json}->words($random->between(2, 30))) if $kind eq 'words';
	return ChainJson::array(map { ChainJson::object(type => '"text"', text => ChainJson::quote($self->{json}->words(5))) } 1 .. $random->between(1, 3))
		if $kind eq 'parts';
	return ChainJson::quote($self->{json}->words(400)) if $kind eq 'long';
	return $kind eq 'empty' ? '""' : $kind eq 'null' ? 'null' : $self->{json}->scalar_value;
}

sub extra
{
	my ($self) = @_;
	my $random = $self->{random};
	return [] if $random->percent(60);
	return [ name => '"Ann"', $random->percent(50) ? (example => 'false') : () ] if $random->percent(40);
	return [ additional_kwargs => ChainJson::object(cost => $random->pick('1.1', '1.10'), $self->{json}->key, $self->{json}->value(2)), response_metadata => ChainJson::object() ];
}

sub message
{
	my ($self) = @_;
	my $random = $self->{random};
	return $random->pick(@{ $self->{said} }) if @{ $self->{said} } && $random->percent(12);
	my $id = $self->id;
	$id = undef if $random->percent(8);
	$id = $self->{json}->scalar_value if $random->percent(1); # a number perhaps
	return $self->say(
		form => $random->weighted(constructor => 30, typed => 30, openai => 30, data => 5),
		kind => $random->weighted(human => 45, ai => 45, system => 5, tool => 5),
		id => $id, content => $self->content, extra => $self->extra);
}

# The same message with something else in it, or with the same words in another form.
sub revised
{
	my ($self, $message) = @_;
	my $random = $self->{random};
	my $made = ref $message ? $message->[3] : undef;
	return $self->message unless $made;
	my $what = $random->weighted(content => 60, extra => 15, form => 8, kind => 4, id => 3, no_id => 3, earlier => 12);
	return $self->say(%$made, content => $self->content) if $what eq 'content';
	return $self->say(%$made, content => ref $made->{content} ? $made->{content} : $self->{json}->edit_scalar($made->{content}), extra => $self->extra) if $what eq 'extra';
	return $self->say(%$made, form => $random->pick('constructor', 'typed', 'openai', 'data')) if $what eq 'form';
	return $self->say(%$made, kind => $random->pick('human', 'ai')) if $what eq 'kind';
	return $self->say(%$made, id => $self->id) if $what eq 'id';
	return $self->say(%$made, id => undef) if $what eq 'no_id';
	my @earlier = grep { defined $_->[3]{id} && defined $made->{id} && $_->[3]{id} eq $made->{id} } @{ $self->{said} };
	return @earlier ? $random->pick(@earlier) : $self->message;
}

# What is no message at all.
sub stranger { my ($self) = @_; return $self->{random}->pick('1', '"hi"', 'null', 'true', ChainJson::object(), ChainJson::object(foo => 1), ChainJson::array(), ChainJson::array('"user"', '"hi"'), ChainJson::object(role => 1, content => '"x"'), ChainJson::object(type => '"nobody"')) }

sub list { my ($self, $most) = @_; return ChainJson::array(map { $self->message } 1 .. $self->{random}->between(0, $most)) }

# The next value of the channel; $before is the list that stood there when it was last a list. A steady one is
# seldom anything else.
sub next_value
{
	my ($self, $value, $before, $steady) = @_;
	my $random = $self->{random};
	if (!ref $value || $value->[0] ne 'a')
	{
		return $random->percent(60) ? $before // $self->list(4) : $random->percent(50) ? $self->list(6) : $self->{json}->value(2);
	}
	my @list = @{ $value->[1] };
	my $what = $steady ? $random->weighted(append => 80, revise => 12, edit => 6, other => 1, stranger => 1)
		: $random->weighted(append => 50, revise => 15, edit => 20, empty => 2, other => 4, stranger => 4, expel => 4, fresh => 2);
	return ChainJson::array() if $what eq 'empty';
	return $random->pick('null', '"text"', '5', ChainJson::object(), ChainJson::object(messages => $value), $self->{json}->value(2)) if $what eq 'other';
	return $self->list(8) if $what eq 'fresh';
	if ($what eq 'append' || !@list) { push @list, map { $self->message } 1 .. $random->between(1, 2) }
	elsif ($what eq 'revise') { my $at = $random->below(scalar @list); $list[$at] = $self->revised($list[$at]) }
	elsif ($what eq 'stranger') { splice @list, $random->below(@list + 1), 0, $self->stranger }
	elsif ($what eq 'expel') { @list = grep { ref $_ && $_->[3] } @list }
	else { @list = $self->{json}->edit_list(sub { $self->message }, @list) }
	return ChainJson::array(@list);
}

1;
