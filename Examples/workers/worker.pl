#!/usr/bin/perl
# A worker of swift-mapreduce with Perl's core modules. None of them speaks TLS, so curl does, and openssl reads the master's key.
# docs/worker-protocol.md explains each step.
#
#     perl worker.pl LINE         a join line as mr-master prints it; - reads it from standard input, where nobody sees it
#     perl worker.pl HOST:PORT    a master of yours on this machine
#
# It counts words by itself (--app wordcount) and runs the programs of streaming jobs, one task at a time, in memory.
use v5.20;
use warnings;
use Digest::SHA 'sha256';
use File::Temp 'tempdir';
use IO::Select;
use MIME::Base64;
use Sys::Hostname;

my $patience = 900;    # seconds for which a master that does not answer is waited for
my $dir = tempdir();
my ($main, $child) = ($$, 0);
END { if ($$ == $main) { unlink glob "$dir/*"; rmdir $dir } }
my ($url, $record, $secret) = enter($ARGV[0] // quit(1, 'give a join line, - or HOST:PORT'));
my $token;
serve() while 1;

sub quit {
    my ($code, $text) = @_;
    kill KILL => -$child if $child;    # with all that it has started
    warn "worker.pl: $text\n" if $text;
    exit $code;
}

# Where the master is; for one of this machine the file that is gone when it has ended; and what to show it.
sub enter {
    my $place = $_[0] eq '-' ? <STDIN> : $_[0];
    if (my ($pin, $secret, $address) = $place =~ /^mr1\.(\w+)\.(\w+)@([\w.:\[\]-]+)\s*$/) {
        my $key = '';
        my $ask = "openssl s_client -connect '$address' < /dev/null 2> /dev/null | openssl x509 -noout -pubkey 2> /dev/null";
        sleep 1 until $key = `$ask`;
        my ($der) = map { decode_base64($_) } $key =~ /-----\n(.*?)-----/s;
        quit(1, "$address is not the master that made this join line: its key is another")
            if base32(substr(sha256($der), 0, 20)) ne $pin;
        put_file('key', $key);
        return ("https://$address", undef, $secret);
    }
    my $state = $ENV{MR_STATE_DIR} // ($ENV{XDG_STATE_HOME} // "$ENV{HOME}/.local/state") . '/swift-mapreduce';
    my $record = "$state/" . $place =~ s/:/-/r;
    my ($secret) = get_file($record) =~ /^token (\S+)/m;
    return ("http://$place", $record, $secret);
}

sub base32 { join '', map { ('A' .. 'Z', 2 .. 7)[oct "0b$_"] } unpack('B*', $_[0]) =~ /.{5}/g }
sub get_file { open my $file, '<:raw', $_[0] or die "$_[0]: $!\n"; local $/; readline($file) // '' }

sub put_file {
    my ($name, $text) = @_;
    open my $file, '>:raw', "$dir/$name" or die "$dir/$name: $!\n";
    print $file $text;
    close $file or die "$dir/$name: $!\n";
    return "$dir/$name";
}

# One request: status and body; status 0 where there is no answer. No authority vouches for the master (-k), but it must have that
# key. Files take what is secret, because arguments are in lists of processes.
sub request {
    my ($method, $path, $body) = @_;
    my @options = ('-X', $method, '-H', '@' . put_file("header.$$", $token ? "Authorization: Bearer $token" : ''));
    push @options, '-H', 'Content-Type: text/xml', '--data-binary', '@' . put_file("body.$$", $body) if defined $body;
    push @options, '--pinnedpubkey', "$dir/key" if $url =~ /^https/;
    open my $curl, '-|:raw', 'curl', '-sk', '--max-time', 60, '-w', '\n%{http_code}', @options, "$url$path"
        or die "curl: $!\n";
    my $answer = do { local $/; readline $curl } // '';
    return close $curl && $answer =~ s/\n(\d+)\z// ? ($1, $answer) : (0, "no answer from $url");
}

# One bulky request. The status of a refusal says what becomes of the attempt.
sub data {
    my ($status, $answer) = request(@_);
    return $answer if $status >= 200 && $status < 300;
    my $outcome = {0 => 'handed_back', 409 => 'handed_back', 422 => 'refused'}->{$status} // 'failed';
    die {outcome => $outcome, reason => "$_[0] $_[1]: $status $answer"};
}

# A value in XML-RPC: short whole numbers are ints, those with a point doubles, everything else is text.
sub xml {
    my ($value) = @_;
    my $inner
        = ref $value eq 'HASH' ? '<struct>' . join('', map { "<member><name>$_</name>" . xml($value->{$_}) . '</member>' } keys %$value) . '</struct>'
        : ref $value ? '<array><data>' . join('', map { xml($_) } @$value) . '</data></array>'
        : $value =~ /^\d{1,9}$/ ? "<int>$value</int>"
        : $value =~ /^\d+\.\d+$/ ? "<double>$value</double>"
        : '<string>' . $value =~ s/[^\n -~]/ /gr =~ s/&/&amp;/gr =~ s/</&lt;/gr =~ s/>/&gt;/gr . '</string>';
    return "<value>$inner</value>";
}

# Takes a value's tags and texts from the beginning of a list, in which <value> itself has been passed.
sub value {
    my ($rest) = @_;
    my $type = shift @$rest;
    if ($type eq '<struct>' || $type eq '<array>') {
        my (%members, @items);
        while ((my $tag = shift @$rest) ne '</value>') {
            if ($tag eq '<name>') { my ($name) = splice @$rest, 0, 3; $members{$name} = value($rest) }
            elsif ($tag eq '<value>') { push @items, value($rest) }
        }
        return $type eq '<struct>' ? \%members : \@items;
    }
    my $text = $rest->[0] =~ /^</ ? '' : shift @$rest;
    splice @$rest, 0, 2;
    return $type eq '<base64>' ? decode_base64($text) : $text =~ s/&lt;/</gr =~ s/&gt;/>/gr =~ s/&amp;/&/gr;
}

# One call, the same again and again until there is an answer; undef: the master does not know us.
sub call {
    my ($method, @parameters) = @_;
    my $document = "<?xml version=\"1.0\"?><methodCall><methodName>$method</methodName><params>"
        . join('', map { '<param>' . xml($_) . '</param>' } @parameters) . '</params></methodCall>';
    my $deadline = time + $patience;
    while (1) {
        my ($status, $answer) = request('POST', '/RPC2', $document);
        if ($status == 200) {
            my @tokens = $answer =~ /<[^>]+>|[^<]+/g;
            shift @tokens while $tokens[0] ne '<value>';
            shift @tokens;
            my $value = value(\@tokens);
            return $value if $answer !~ /<fault>/;
            return if $value->{faultCode} == 100;
            quit(1, $value->{faultString});
        }
        return if $status == 401;
        quit(0) if $record && !-e $record;    # it has ended, and the job with it
        quit(1, "$status $answer") if time > $deadline;
        sleep 1;
    }
}

# Words are what stands between ASCII white space.
sub count_words { my %count; $count{$1}++ while $_[0] =~ /([^\t-\r ]+)/g; join '', map { "$_\t$count{$_}\n" } keys %count }

# The pairs are sorted: the counts of one word, each from another map task, follow each other.
sub add_counts {
    my ($last, $sum, @lines) = ('', 0);
    for (split /\n/, $_[0]) {
        my ($word, $count) = split /\t/;
        if ($word ne $last) { push @lines, "$last\t$sum\n" if $sum; ($last, $sum) = ($word, 0) }
        $sum += $count;
    }
    return join '', @lines, $sum ? "$last\t$sum\n" : ();
}

sub run_program {
    my ($command, $folder, $input) = @_;
    my ($in, $out, $errors) = (put_file("input.$$", $input), "$dir/output.$$", "$dir/errors.$$");
    system 'sh', '-c', 'cd "$2" 2> /dev/null; exec sh -c "$1" < "$3" > "$4" 2> "$5"', 'sh', $command, $folder, $in, $out, $errors;
    return get_file($out) if $? == 0;
    die 'the program ended with ' . ($? & 127 ? 'signal ' . ($? & 127) : $? >> 8) . ': ' . substr(get_file($errors), -2000);
}

sub work {
    my ($job, $maps, $input) = @_;
    my $options = $job->{options};
    if ($job->{application} eq 'streaming') {
        my $command = $options->{$maps ? 'mapper' : 'reducer'} // return $input;
        return run_program($command, $options->{folder} // '', $input);
    }
    die {outcome => 'refused', reason => 'worker.pl knows no options of wordcount'} if %$options;
    return $maps ? count_words($input) : add_counts($input);
}

# One try at one task, in a process group of its own, so that it can be stopped with all that it has started. Its report comes
# through the pipe.
sub start {
    my ($assignment, $jobs) = @_;
    my $name = $assignment->{attempt};
    my ($job) = grep { $name =~ /^$_->{job}-/ } @$jobs;
    $child = open my $pipe, '-|' // die "fork: $!\n";
    return $pipe if $child;
    setpgrp;
    my $maps = exists $assignment->{input};    # a job without a reduce step maps in its reduce tasks
    my $report = {outcome => 'succeeded'};
    eval {
        my $output = work($job, $maps, data('GET', ($maps ? '/records/' : '/pairs/') . $name));
        data('PUT', ($name =~ /-map-/ ? '/pairs/' : '/output/') . $name, $output);
        1;
    } or $report = ref $@ ? $@ : {outcome => 'failed', reason => "worker.pl: $@"};
    print join "\n", $report->{outcome}, $report->{reason} // '';
    exit 0;
}

# From one registration to the next: comes back when the master does not know this worker any more.
sub serve {
    $token = $secret;
    my $joined = call('worker.register',
        {version => 7, name => 'perl-' . hostname() . "-$$", slots => 1, applications => ['wordcount', 'streaming']})
        // quit(1, 'the master refuses the secret');
    my %me = map { $_ => $joined->{$_} } 'worker', 'instance';
    $token = $joined->{token};    # for this worker alone
    $SIG{INT} = $SIG{TERM} = sub { call('worker.leave', @me{'worker', 'instance'}); quit(130) };
    my ($name, $pipe, $sequence) = ('', undef, 0);
    while (1) {
        my (@reports, @running);
        if ($name && IO::Select->new($pipe)->can_read($joined->{heartbeat_seconds})) {
            my ($outcome, $reason) = split /\n/, do { local $/; readline($pipe) // '' }, 2;
            close $pipe;
            @reports = {attempt => $name, outcome => $outcome // 'failed', reason => $reason // 'stopped'};
        } elsif ($name) { @running = ($name) }
        my $answer = call('worker.poll', {
            %me, sequence => ++$sequence, reports => \@reports, running => \@running, capacity => 1 - @running,
            wait_seconds => $name ? '0.0' : $joined->{heartbeat_seconds}});
        kill KILL => -$child if $child && (!$answer || grep { $_ eq $name } @{$answer->{cancelled}});
        return unless $answer;
        quit(0, $answer->{stop}) if exists $answer->{stop};
        if (@reports) { unlink glob "$dir/*.$child"; ($name, $child) = ('', 0) }
        for my $assignment (@{$answer->{assignments}}) {
            $name = $assignment->{attempt};
            $pipe = start($assignment, $answer->{jobs});
        }
    }
}
