# Perl's XMLRPC::Transport::HTTP with the methods that the client is tried on. Prints its port.
use strict;
use warnings;
use XMLRPC::Transport::HTTP;

$| = 1;

package test;
sub echo { return $_[1] }
sub fail { die SOAP::Fault->faultcode($_[1])->faultstring($_[2]) }

package validator1;
use List::Util 'sum';
sub stooges { return $_[0]{moe} + $_[0]{larry} + $_[0]{curly} }
sub arrayOfStructsTest { return sum map { $_->{curly} } @{ $_[1] } }
sub countTheEntities {
    my ($class, $text) = @_;
    my %names = (ctLeftAngleBrackets => '<', ctRightAngleBrackets => '>', ctAmpersands => '&', ctApostrophes => q{'},
        ctQuotes => q{"});
    return { map { my $count = () = $text =~ /\Q$names{$_}/g; ($_ => $count) } keys %names };
}
sub easyStructTest { return stooges($_[1]) }
sub echoStructTest { return $_[1] }
# Values arrive without their types, and are given them again.
sub manyTypesTest {
    my ($class, @values) = @_;
    my @types = qw(int boolean string double dateTime base64);
    return [ map { SOAP::Data->type($types[$_] => $values[$_]) } 0 .. $#types ];
}
sub moderateSizeArrayCheck { return SOAP::Data->type(string => $_[1][0] . $_[1][-1]) }
sub nestedStructTest { return stooges($_[1]{2000}{'04'}{'01'}) }
sub simpleStructReturnTest {
    my $number = $_[1];
    return { times10 => $number * 10, times100 => $number * 100, times1000 => $number * 1000 };
}

package main;
my $daemon = XMLRPC::Transport::HTTP::Daemon->new(LocalAddr => '127.0.0.1', LocalPort => 0)->dispatch_to('test', 'validator1');
$daemon->url =~ /:(\d+)/ or die 'no port';
print "$1\n";
$daemon->handle;
