# Random lists of messages in the forms their writers have, and edits of such lists. A message's
# value carries in its fourth place what it was made of, so that it can be said again otherwise.
package ChainMessages;

use strict;
use warnings;
use ChainJson;

my %CLASS = (human => 'HumanMessage', ai => 'AIMessage', system => 'SystemMessage', tool => 'ToolMessage');
my @FORMS = ('constructor', 'typed', 'openai', 'data');
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

# form is the writer's, kind who speaks; id and content are JSON text or values, id may be undefined.
sub say
{
	my ($self, %what) = @_;
	my $value = $what{form} eq 'constructor' ? constructor(%what) : $what{form} eq 'openai' ? openai(%what) : typed(%what);
	$value->[3] = \%what;
	push @{ $self->{said} }, $value;
	shift @{ $self->{said} } if @{ $self->{said} } > 80;
	return $value;
}

sub id_of { my (%what) = @_; return defined $what{id} ? (id => $what{id}) : () }

sub constructor
{
	my (%what) = @_;
	my @path = ('"langchain_core"', '"messages"', qq{"$CLASS{ $what{kind} }"});
	my $fields = ChainJson::object(content => $what{content}, id_of(%what), @{ $what{extra} });
	return ChainJson::object(lc => 1, type => '"constructor"', id => ChainJson::array(@path), kwargs => $fields);
}

sub typed
{
	my (%what) = @_;
	my @fields = (content => $what{content}, id_of(%what), @{ $what{extra} });
	return ChainJson::object(type => qq{"$what{kind}"}, $what{form} eq 'data' ? (data => ChainJson::object(@fields)) : @fields);
}

sub openai
{
	my (%what) = @_;
	return ChainJson::object(id_of(%what), role => qq{"$ROLE{ $what{kind} }"}, content => $what{content}, @{ $what{extra} });
}

sub content
{
	my ($self) = @_;
	my ($random, $json) = @$self{ 'random', 'json' };
	my $kind = $random->weighted(words => 70, parts => 12, empty => 4, null => 4, long => 2, scalar => 3);
	return ChainJson::quote($json->words($random->between(2, 30))) if $kind eq 'words';
	return ChainJson::quote($json->words(400)) if $kind eq 'long';
	return $json->scalar_value if $kind eq 'scalar';
	return $kind eq 'empty' ? '""' : 'null' if $kind ne 'parts';
	return ChainJson::array(
		map { ChainJson::object(type => '"text"', text => ChainJson::quote($json->words(5))) } 1 .. $random->between(1, 3));
}

sub extra
{
	my ($self) = @_;
	my $random = $self->{random};
	return [] if $random->percent(60);
	return [ name => '"Ann"', $random->percent(50) ? (example => 'false') : () ] if $random->percent(40);
	my @odd = ($self->{json}->key, $self->{json}->value(2));
	my $arguments = ChainJson::object(cost => $random->pick('1.1', '1.10'), @odd);
	return [ additional_kwargs => $arguments, response_metadata => ChainJson::object() ];
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
	return $self->said_before($made->{id}) if $what eq 'earlier';
	my %new = (
		content => $what eq 'content' ? $self->content : undef, extra => $what eq 'extra' ? $self->extra : undef,
		form => $random->pick(@FORMS), kind => $random->pick('human', 'ai'), id => $self->id);
	return $self->say(%$made, id => undef) if $what eq 'no_id';
	return $self->say(%$made, $what => $new{$what});
}

# Earlier words of a message with this id.
sub said_before
{
	my ($self, $id) = @_;
	my @earlier = grep { defined $id && defined $_->[3]{id} && $_->[3]{id} eq $id } @{ $self->{said} };
	return @earlier ? $self->{random}->pick(@earlier) : $self->message;
}

# What is no message at all.
sub stranger
{
	my ($self) = @_;
	return $self->{random}->pick(
		'1', '"hi"', 'null', 'true', ChainJson::object(), ChainJson::object(foo => 1), ChainJson::array(),
		ChainJson::array('"user"', '"hi"'), ChainJson::object(role => 1, content => '"x"'), ChainJson::object(type => '"nobody"'));
}

sub list
{
	my ($self, $most) = @_;
	return ChainJson::array(map { $self->message } 1 .. $self->{random}->between(0, $most));
}

# Ids that a list has with different words.
sub ambiguous
{
	my ($list) = @_;
	my (%text, %ambiguous);
	for my $message (grep { ref $_ && $_->[3] && defined $_->[3]{id} } @{ $list->[1] })
	{
		my $id = $message->[3]{id};
		my $text = ChainJson::text($message);
		$ambiguous{$id} = 1 if ($text{$id} //= $text) ne $text;
	}
	return sort keys %ambiguous;
}

# The next value of the channel; $before is the list that stood there when it was last a list. A steady one is
# seldom anything else.
sub next_value
{
	my ($self, $value, $before, $steady) = @_;
	my $random = $self->{random};
	return $self->next_list($value, $steady) if ref $value && $value->[0] eq 'a';
	return $before if $before && $random->percent(60);
	return $random->percent(70) ? $self->list(6) : $self->{json}->value(2);
}

sub next_list
{
	my ($self, $value, $steady) = @_;
	my $random = $self->{random};
	my @list = @{ $value->[1] };
	my $what = $steady ? $random->weighted(append => 80, revise => 12, edit => 6, other => 1, stranger => 1)
		: $random->weighted(append => 50, revise => 15, edit => 20, empty => 2, other => 4, stranger => 4, expel => 4, fresh => 2);
	return ChainJson::array() if $what eq 'empty';
	return $self->list(8) if $what eq 'fresh';
	return $random->pick('null', '"text"', '5', ChainJson::object(), ChainJson::object(messages => $value)) if $what eq 'other';
	if ($what eq 'append' || !@list) { push @list, map { $self->message } 1 .. $random->between(1, 2) }
	elsif ($what eq 'revise') { my $at = $random->below(scalar @list); $list[$at] = $self->revised($list[$at]) }
	elsif ($what eq 'stranger') { splice @list, $random->below(@list + 1), 0, $self->stranger }
	elsif ($what eq 'expel') { @list = grep { ref $_ && $_->[3] } @list }
	else { @list = $self->{json}->edit_list(sub { $self->message }, @list) }
	return ChainJson::array(@list);
}

1;
