# What the Perl clients share: how a check is reported, and how values are compared.
package Checks;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(check expect shape);

binmode STDOUT, ':utf8';

# Prints FEATURE, ok | n/a | FAILED, and the reason, between tabs. A reason that the check returns is a limit.
sub check {
    my ($feature, $body) = @_;
    my $reason = eval { $body->() };
    if ($@) { (my $text = substr "$@", 0, 200) =~ s/\s+/ /g; print "$feature\tFAILED\t$text\n"; }
    else    { print "$feature\t", ($reason ? "n/a\t$reason" : "ok\t"), "\n"; }
    return;
}

sub expect {
    my ($got, $want) = @_;
    die "'" . substr($got // 'nothing', 0, 60) . "' where '" . substr($want, 0, 60) . "' was expected\n"
        unless defined $got && $got eq $want;
    return;
}

# A value as text.
sub shape {
    my ($value) = @_;
    return 'nil' if !defined $value;
    return '[' . join(',', map { shape($_) } @$value) . ']' if ref $value eq 'ARRAY';
    return '{' . join(',', map { "$_:" . shape($value->{$_}) } sort keys %$value) . '}' if ref $value eq 'HASH';
    return "$value";
}

1;
