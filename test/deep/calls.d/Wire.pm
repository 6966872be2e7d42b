# A session with the private server, in the protocol itself: no driver and no process in between, so that a call costs
# the client a tenth of a millisecond. Simple queries only; the server trusts the socket.
package Wire;

use strict;
use warnings;
use IO::Select;
use IO::Socket::UNIX;
use Time::HiRes qw(time sleep);

# new(user, { setting => value }, database): waits for a server that comes up again after a crash; dies when none comes.
sub new
{
	my ($class, $user, $settings, $database) = @_;
	my $self = bless { user => $user, settings => $settings, database => $database // $ENV{PGDATABASE}, buffer => '' }, $class;
	for (1 .. 600)
	{
		return $self if $self->connect;
		sleep 0.1;
	}
	die "the server does not answer\n";
}

sub connect
{
	my ($self) = @_;
	$self->{socket} = IO::Socket::UNIX->new(Peer => "$ENV{PGHOST}/.s.PGSQL.$ENV{PGPORT}") or return 0;
	$self->{buffer} = '';
	my %settings = (client_min_messages => 'error', %{ $self->{settings} });
	my $options = join ' ', map { "-c $_=" . $settings{$_} =~ s/([\\ ])/\\$1/gr } sort keys %settings;
	my $startup = pack 'N', 196608;
	$startup .= "$_\0" for 'user', $self->{user}, 'database', $self->{database}, 'options', $options, '';
	syswrite $self->{socket}, pack('N', 4 + length $startup) . $startup;
	return $self->answer(30)->{code} eq 'ok';
}

# query(sql, seconds): { code, message, detail, rows, told }. code is "ok", an SQLSTATE, "hang" when no answer came in time,
# or "gone" when the server closed the connection; after these two the session is of no use. told has all else that the
# server said, in its order: notices, the error with its hint and context, tags, rows copied.
sub query
{
	my ($self, $sql, $seconds) = @_;
	return $self->send($sql) ? $self->answer($seconds // 30) : { code => 'gone', message => '', rows => [], told => [] };
}

sub send
{
	my ($self, $sql) = @_;
	local $SIG{PIPE} = 'IGNORE';
	my $message = pack('a N', 'Q', 5 + length $sql) . "$sql\0";
	my $at = 0;
	while ($at < length $message)
	{
		my $sent = syswrite $self->{socket}, $message, length($message) - $at, $at;
		return 0 unless $sent;
		$at += $sent;
	}
	return 1;
}

# One message of the server: its type and its body, or nothing.
sub receive
{
	my ($self, $until) = @_;
	while (1)
	{
		if (length $self->{buffer} >= 5)
		{
			my ($type, $length) = unpack 'a N', $self->{buffer};
			return ($type, substr substr($self->{buffer}, 0, 1 + $length, ''), 5) if length $self->{buffer} > $length;
		}
		my $left = $until - time;
		return ('hang', '') if $left <= 0 || !IO::Select->new($self->{socket})->can_read($left);
		return ('gone', '') unless sysread $self->{socket}, $self->{buffer}, 262144, length $self->{buffer};
	}
}

# Seconds of the processor that the session's backend has used.
sub processor
{
	my ($self) = @_;
	open my $file, '<', "/proc/$self->{pid}/stat" or return 0;
	my @fields = split / /, <$file> =~ s/.*\) //r; # the name may have blanks
	return ($fields[11] + $fields[12]) / 100;
}

sub answer
{
	my ($self, $seconds) = @_;
	my %answer = (code => 'ok', message => '', detail => '', rows => [], told => []);
	my $until = time + $seconds;
	while (1)
	{
		my ($type, $body) = $self->receive($until);
		if ($type eq 'Z') { return \%answer }
		elsif ($type eq 'K') { $self->{pid} = unpack 'N', $body }
		elsif ($type eq 'D') { push @{ $answer{rows} }, columns($body) }
		elsif ($type eq 'E' || $type eq 'N')
		{
			my %field = map { substr($_, 0, 1) => substr $_, 1 } grep { length } split /\0/, $body;
			@answer{qw(code message detail)} = ($field{C}, $field{M}, $field{D} // '') if $type eq 'E' && $answer{code} eq 'ok';
			push @{ $answer{told} }, join ' | ', map { defined $field{$_} ? "$_ $field{$_}" : () } qw(V C M D H P W n t c);
		}
		elsif ($type eq 'C' || $type eq 'd') { push @{ $answer{told} }, $body }
		elsif ($type eq 'hang' || $type eq 'gone')
		{
			# The reason of the end, such as an administrator's, may have been told.
			$answer{message} = "$answer{code} $answer{message}" if $answer{code} ne 'ok';
			$answer{code} = $type;
			return \%answer;
		}
	}
}

sub columns
{
	my ($body) = @_;
	my ($count, @values) = unpack 'n', $body;
	my $at = 2;
	for (1 .. $count)
	{
		my $length = unpack 'N', substr $body, $at, 4;
		$at += 4;
		if ($length == 0xffffffff) { push @values, undef; next }
		push @values, substr $body, $at, $length;
		$at += $length;
	}
	return \@values;
}

1;
