# What one thread has to be, from the rules alone: its log, its checkpoints, and what of the log is pending. A
# message has wordings, numbered from 0 in the order in which they came; everything else names a wording by
# "id number". Checkpoints have names of the test's own, since their ids are made by the extension.
package DoorTruth;

use strict;
use warnings;

our %EDGES = ('__start__' => ['a'], a => [], b => ['a'], c => ['b'], __input__ => ['__start__']);
our %DEFAULTS = (count => 0, log => [], marks => [], lang => '"en"');

sub new
{
	my ($class, $id) = @_;
	return bless { id => $id, messages => {}, seqs => 0, points => {}, born => 0, head => undef, order => [] }, $class;
}

# -- messages

# What a body looks like to its writer.
sub body
{
	my ($id, $wording) = @_;
	my ($form, $kind, $text) = @$wording{ 'form', 'kind', 'text' };
	my %role = (human => 'user', ai => 'assistant');
	return qq({"id": "$id", "role": "$role{$kind}", "content": "$text"}) if $form eq 'role';
	return qq({"id": "$id", "type": "$kind", "content": "$text"}) if $form eq 'bare';
	return wire($id, $wording) if $form eq 'typed';
	my %class = (human => 'HumanMessage', ai => 'AIMessage');
	return qq({"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "$class{$kind}"],)
		. qq( "kwargs": {"id": "$id", "content": "$text", "additional_kwargs": {}, "response_metadata": {}}});
}

# What it looks like in a state: LangChain's messages, complete, whoever wrote them.
sub wire
{
	my ($id, $wording) = @_;
	my ($form, $kind, $text) = @$wording{ 'form', 'kind', 'text' };
	my $more = $kind eq 'ai' ? ', "tool_calls": [], "invalid_tool_calls": []' : '';
	return qq({"type": "$kind", "id": "$id", "content": "$text", "additional_kwargs": {}, "response_metadata": {}$more});
}

# What LangChain's loader takes.
sub object
{
	my ($id, $wording) = @_;
	my %class = (human => 'HumanMessage', ai => 'AIMessage');
	return body($id, $wording) if $wording->{form} eq 'lc';
	my $kwargs = wire($id, $wording);
	$kwargs =~ s/"type": "[a-z]+", //;
	return qq({"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "$class{$wording->{kind}}"], "kwargs": $kwargs});
}

sub message { my ($self, $id) = @_; return $self->{messages}{$id} }

sub split_name { my ($name) = @_; return $name =~ /^(\S+) (\d+)$/ }

sub wording
{
	my ($self, $name) = @_;
	my ($id, $number) = split_name($name);
	return ($id, $self->{messages}{$id}{wordings}[$number]);
}

sub in_order { my ($self) = @_; return sort { $a->{seq} <=> $b->{seq} } values %{ $self->{messages} } }

sub erased_ids { my ($self) = @_; return map { $_->{id} } grep { $_->{ended} eq 'erased' } $self->in_order }

# Messages that the log shows.
sub visible { my ($self) = @_; return grep { defined $_->{live} && !$_->{ended} } $self->in_order }

# The name of these words of a message; words it has had before are the same wording.
sub say
{
	my ($self, $id, $wording) = @_;
	my $message = $self->{messages}{$id} //= { id => $id, wordings => [], live => undef, ended => "" };
	$message->{seq} = ++$self->{seqs} unless grep { $_ } @{ $message->{wordings} };
	return "$id 0" if $message->{ended} eq 'erased';
	my $body = body($id, $wording);
	for my $number (grep { $message->{wordings}[$_] } 0 .. $#{ $message->{wordings} })
	{
		return "$id $number" if body($id, $message->{wordings}[$number]) eq $body;
	}
	push @{ $message->{wordings} }, $wording;
	return "$id $#{ $message->{wordings} }";
}

# What persons do.

sub add
{
	my ($self, $id, $wording) = @_;
	return if $self->{messages}{$id}; # a retry, or a message that was erased
	$self->say($id, $wording);
	$self->{messages}{$id}{live} = 0;
	return;
}

sub edit
{
	my ($self, $id, $text) = @_;
	my $message = $self->{messages}{$id};
	push @{ $message->{wordings} }, { %{ $message->{wordings}[ $message->{live} ] }, text => $text };
	$message->{live} = $message->{edited} = $#{ $message->{wordings} };
	return;
}

sub delete_message { my ($self, $id) = @_; $self->{messages}{$id}{ended} = 'deleted'; return }

sub erase
{
	my ($self, $id) = @_;
	$self->{messages}{$id}{ended} = 'erased';
	return grep { grep { (split_name($_))[0] eq $id } @{ $_->{list} } } $self->points;
}

# -- checkpoints

sub points { my ($self) = @_; return map { $self->{points}{$_} } @{ $self->{order} } }

sub point { my ($self, $name) = @_; return defined $name ? $self->{points}{$name} : undef }

sub head { my ($self) = @_; return $self->point($self->{head}) }

sub next_name { my ($self) = @_; return 'c' . ++$self->{born} }

# A list without what was erased.
sub shown { my ($self, @list) = @_; return grep { $self->{messages}{ (split_name($_))[0] }{ended} ne 'erased' } @list }

sub ids { my @list = @_; return map { (split_name($_))[0] } @list }

# Whether a checkpoint or one of its ancestors has had any wording of a message.
sub has_seen
{
	my ($point, $message) = @_;
	return scalar grep { $point->{seen}{"$message->{id} $_"} } 0 .. $#{ $message->{wordings} };
}

# The list of the head with what it has not seen: changed words in place, deleted messages gone, new ones
# behind by seq.
sub pending
{
	my ($self) = @_;
	my $head = $self->head || { list => [], seen => {} };
	my @list;
	for my $name ($self->shown(@{ $head->{list} }))
	{
		my ($id, $number) = split_name($name);
		my $message = $self->{messages}{$id};
		next if $message->{ended};
		my $live = $message->{live};
		push @list, defined $live && !$head->{seen}{"$id $live"} && $live > $number ? "$id $live" : $name;
	}
	return (@list, map { "$_->{id} $_->{live}" } grep { !has_seen($head, $_) } $self->visible);
}

# Whether the saver door gives a list that the thread door makes of a checkpoint's as objects. It does not where
# that list is a client's own, of messages that are none.
sub makes_objects
{
	my ($self, $base) = @_;
	return 1 if !$base || $base->{objects};
	my ($first) = $self->shown(@{ $base->{list} });
	return !$first || ($self->wording($first))[1]{form} eq 'lc';
}

# A new checkpoint (name, parent, list, values, step, source, next, what it has seen beside its list). It is the
# head, unless its writer gave it an id below the head's (late); then it changes no message.
sub add_point
{
	my ($self, %point) = @_;
	my $parent = $self->point($point{parent});
	my $old = $self->head;
	$point{has_messages} ||= $parent && $parent->{has_messages} || @{ $point{list} } > 0;
	$point{objects} //= $parent && $parent->{objects};
	my %seen = (($parent ? %{ $parent->{seen} } : ()), map { ($_ => 1) } @{ $point{list} }, @{ $point{saw} || [] });
	my $new = $self->{points}{ $point{name} } = { %point, seen => \%seen, writes => 0, results => {} };
	push @{ $self->{order} }, $point{name};
	my %number = map { split_name($_) } @{ $new->{list} }, @{ $point{saw} || [] };
	$self->{messages}{$_}{edited} = -1 for grep { $number{$_} == ($self->{messages}{$_}{edited} // -1) } keys %number;
	return $new if $point{late};
	$self->{head} = $point{name};
	my $switches = $old && $old->{name} ne ($point{parent} // '');
	$self->move($old ? $old->{seen} : {}, $new, $parent ? $parent->{list} : [], $switches);
	return $new;
}

# The log follows the head. Concerned are messages of which one branch has seen words that the other has not,
# those listed anew, and where the head comes from another branch, those listed in words that are not live. Live
# are the words the new head lists, else the latest it has seen, else none. What a person wrote since stays, if the
# new head has the message at all.
sub move
{
	my ($self, $before, $new, $parent_list, $switches) = @_;
	my %number = map { split_name($_) } @{ $new->{list} };
	my %known = map { ($_ => 1) } @$parent_list;
	my %listed_anew = map { ($_ => 1) } ids(grep { !$known{$_} } @{ $new->{list} });
	for my $message (grep { !$_->{ended} } $self->in_order)
	{
		my $id = $message->{id};
		my @numbers = grep { $message->{wordings}[$_] } 0 .. $#{ $message->{wordings} };
		my ($was, $is) = map { my $seen = $_; +{ map { ($_ => 1) } grep { $seen->{"$id $_"} } @numbers } } $before, $new->{seen};
		my $other = $switches && defined $number{$id} && $number{$id} != ($message->{live} // -1);
		next unless $listed_anew{$id} || $other || grep { !$was->{$_} != !$is->{$_} } @numbers;
		my $chosen = $number{$id} // (sort { $b <=> $a } keys %$is)[0];
		my $live = $message->{live};
		next if defined $chosen && defined $live && $live > $chosen && !$was->{$live} && !$is->{$live};
		my $edited = $message->{edited} // -1;
		$chosen = $edited if defined $chosen && $edited > $chosen && $message->{wordings}[$edited];
		$message->{live} = $chosen;
	}
	return;
}

# What the log has and the head has not seen, as a checkpoint; undefined when there is nothing, or tasks of the
# head have written.
sub fold
{
	my ($self) = @_;
	my $head = $self->head;
	return undef if $head && $head->{writes};
	my @pending = $self->pending;
	return undef if "@pending" eq join ' ', $head ? $self->shown(@{ $head->{list} }) : ();
	return $self->add_point(
		name => $self->next_name, parent => $self->{head}, list => \@pending, values => $head ? $head->{values} : {},
		step => $head ? $head->{step} + 1 : 0, source => 'update', next => $head ? $head->{next} : [], has_messages => 1,
		objects => $self->makes_objects($head));
}

# Before the state goes on elsewhere: what the log has beyond the head, as the end of the branch that is left.
# Tasks that have written do not hinder it.
sub leave
{
	my ($self) = @_;
	my $head = $self->head;
	my @beyond = grep { !$head->{seen}{$_} } map { "$_->{id} $_->{live}" } $self->visible;
	return undef unless @beyond;
	my @list = $self->pending;
	my $is_new = "@list" ne join ' ', $self->shown(@{ $head->{list} });
	return $self->add_point(
		(map { ($_ => $head->{$_}) } 'values', 'next'), name => $self->next_name, parent => $self->{head}, list => \@list,
		saw => \@beyond, step => $head->{step} + 1, source => 'update', $is_new ? (objects => $self->makes_objects($head)) : ());
}

# -- updates

# What an element of an update does to a list: [id, wording], or [id] which removes it.
sub add_message
{
	my ($self, $list, $id, $wording) = @_;
	$wording = { %$wording, form => 'bare' } if $wording && $wording->{form} eq 'role'; # user becomes human
	if ($id eq '__remove_all__') { @$list = (); return }
	my ($at) = grep { (split_name($list->[$_]))[0] eq $id } 0 .. $#$list;
	if (!$wording) { splice @$list, $at, 1 }
	elsif (defined $at) { $list->[$at] = $self->say($id, $wording) }
	else { push @$list, $self->say($id, $wording) }
	return;
}

# What an update says before it removes all, it does not say.
sub from_last_marker
{
	my (@elements) = @_;
	my ($last) = reverse grep { $elements[$_][0] eq '__remove_all__' } 0 .. $#elements;
	return @elements[ $last // 0 .. $#elements ];
}

# Values after the updates of one superstep, in their order.
sub reduce
{
	my ($self, $values, @updates) = @_;
	my %values = (%DEFAULTS, %$values);
	for my $update (@updates)
	{
		$values{count} += $update->{count} if exists $update->{count};
		$values{$_} = $update->{$_} for grep { exists $update->{$_} } 'topic', 'lang';
		$values{log} = [ @{ $values{log} }, @{ $update->{log} } ] if $update->{log};
		for my $mark (@{ $update->{marks} || [] })
		{
			$values{marks} = [ @{ $values{marks} }, $mark ] unless grep { $_ eq $mark } @{ $values{marks} };
		}
	}
	return \%values;
}

# What tasks of a checkpoint have written, as updates: first what belongs to no task, then by the names of nodes.
sub results { my ($point) = @_; return map { $point->{results}{$_} } sort keys %{ $point->{results} } }

# Values of a state by id: what belongs to no task counts.
sub values_by_id
{
	my ($self, $point) = @_;
	return $self->reduce($point->{values}, $point->{results}{''} // ());
}

# Nodes that are to run and have not written; undefined where the rules do not say it.
sub to_run
{
	my ($point) = @_;
	return $point->{next} && [ sort grep { !$point->{results}{$_} } @{ $point->{next} } ];
}

# One superstep on a checkpoint (undefined: the head, after a fold): the new checkpoint, and that of the fold, or of
# the branch that is left.
sub update
{
	my ($self, %what) = @_;
	my $fold = defined $what{at} ? $self->leave : $self->fold;
	my $base = defined $what{at} ? $self->point($what{at}) : $self->head;
	my @list = $base ? $self->shown(@{ $base->{list} }) : ();
	$self->add_message(\@list, @$_) for map { from_last_marker(@{ $_->{messages} || [] }) } @{ $what{updates} };
	my $says = grep { $_->{messages} } @{ $what{updates} };
	my $source = $what{source} // 'update';
	my %next = map { ($_ => 1) } map { @{ $EDGES{ $_->{as_node} } } } grep { $_->{as_node} } @{ $what{updates} };
	my $next = $what{next} || [ keys %next ];
	if ($base && ($what{forward} || $source eq 'input')) # neither is a step of a node: what was to run still is
	{
		$next = $base->{next} && [ keys %{ { %next, map { ($_ => 1) } @{ $base->{next} } } } ];
	}
	my $new = $self->add_point(
		name => $self->next_name, parent => $base && $base->{name}, list => \@list,
		values => $self->reduce($base ? $base->{values} : {}, $base ? results($base) : (), @{ $what{updates} }),
		step => $base ? $base->{step} + 1 : $source eq 'input' ? -1 : 0, source => $source, next => $next,
		has_messages => $says, objects => $says ? $self->makes_objects($base) : $base && $base->{objects});
	return ($new, $fold);
}

# Beside a checkpoint, with its values.
sub sibling
{
	my ($self, $at) = @_;
	my $fold = defined $at ? $self->leave : $self->fold;
	my $base = defined $at ? $self->point($at) : $self->head;
	my $new = $self->add_point(
		(map { ($_ => $base->{$_}) } 'parent', 'values', 'next', 'has_messages', 'objects'), list => [ $self->shown(@{ $base->{list} }) ],
		name => $self->next_name, step => $base->{step} + 1, source => 'fork');
	return ($new, $fold);
}

# -- the whole

# All but the head goes, with words that nothing needs: neither live nor in the head's list, nor what the head
# has seen of a message that was changed since.
sub prune
{
	my ($self) = @_;
	my $head = $self->head || return ();
	my @gone = grep { $_ ne $self->{head} } @{ $self->{order} };
	$self->{order} = [ $self->{head} ];
	$self->{points} = { $self->{head} => $head };
	my %held = map { ($_ => 1) } @{ $head->{list} };
	for my $message (grep { !$_->{ended} } $self->in_order)
	{
		for my $number (0 .. $#{ $message->{wordings} })
		{
			my $live = $message->{live};
			next if $held{"$message->{id} $number"} || defined $live && $live == $number;
			next if defined $live && $head->{seen}{"$message->{id} $number"} && !$head->{seen}{"$message->{id} $live"};
			$message->{wordings}[$number] = undef;
		}
	}
	return @gone;
}

sub copy_of_point { my ($point) = @_; return { %$point, results => { %{ $point->{results} } } } }

sub copy
{
	my ($self, $id) = @_;
	my $copy = ref($self)->new($id);
	$copy->{$_} = $self->{$_} for 'seqs', 'born', 'head';
	$copy->{order} = [ @{ $self->{order} } ];
	$copy->{points} = { map { ($_ => copy_of_point($self->{points}{$_})) } @{ $self->{order} } };
	$copy->{messages}{ $_->{id} } = { %$_, wordings => [ @{ $_->{wordings} } ] } for values %{ $self->{messages} };
	return $copy;
}

# -- as JSON

sub json
{
	my ($value) = @_;
	return ref $value ? '[' . join(', ', map { json($_) } @$value) . ']' : $value;
}

sub messages_json
{
	my ($self, $form, @list) = @_;
	return '[' . join(', ', map { $form->($self->wording($_)) } $self->shown(@list)) . ']';
}

# Values with a list of messages in this form.
sub values_json
{
	my ($self, $values, $form, @list) = @_;
	my %all = (%DEFAULTS, %$values);
	return '{' . join(', ', (map { qq("$_": ) . json($all{$_}) } sort keys %all),
		'"messages": ' . $self->messages_json($form, @list)) . '}';
}

# Messages as they are listed: [id, body].
sub list_json
{
	my ($self, @list) = @_;
	return '[' . join(', ', map { my ($id, $wording) = $self->wording($_); qq(["$id", ) . body($id, $wording) . ']' } @list) . ']';
}

# The log with deleted and erased messages: [id, state, body].
sub ended_json
{
	my ($self) = @_;
	my @listed;
	for my $message (grep { $_->{ended} || defined $_->{live} } $self->in_order)
	{
		my ($id, $ended) = @$message{ 'id', 'ended' };
		my $body = $ended eq 'erased' ? 'null' : body($id, $message->{wordings}[ $message->{live} ]);
		push @listed, qq(["$id", ") . ($ended || 'live') . qq(", $body]);
	}
	return '[' . join(', ', @listed) . ']';
}

# The latest values, with what tasks have written and what is pending.
sub latest_json
{
	my ($self) = @_;
	my @list = $self->pending;
	my $head = $self->head;
	return $self->values_json($self->reduce($head->{values}, results($head)), \&wire, @list) if $head;
	return @list ? '{"messages": ' . $self->messages_json(\&wire, @list) . '}' : '{}';
}

1;
