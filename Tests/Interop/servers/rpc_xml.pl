# Perl's RPC::XML::Server with the methods that the client is tried on. Prints its port.
use strict;
use warnings;
use List::Util 'sum';
use RPC::XML;
use RPC::XML::Server;

$RPC::XML::ENCODING = 'utf-8';
$RPC::XML::ALLOW_NIL = 1;
$| = 1;
my $server = RPC::XML::Server->new(host => '127.0.0.1', port => 0);
die "$server\n" unless ref $server;
my $stooges = sub { $_[0]{moe} + $_[0]{larry} + $_[0]{curly} };
my %methods = (
    'test.fail' => [ 'struct int string', sub { RPC::XML::fault->new(@_[ 1, 2 ]) } ],
    'validator1.arrayOfStructsTest' => [ 'int array', sub { sum map { $_->{curly} } @{ $_[1] } } ],
    'validator1.countTheEntities' => [ 'struct string', sub {
        my ($server, $text) = @_;
        my %names = (ctLeftAngleBrackets => '<', ctRightAngleBrackets => '>', ctAmpersands => '&', ctApostrophes => q{'},
            ctQuotes => q{"});
        return { map { my $count = () = $text =~ /\Q$names{$_}/g; ($_ => $count) } keys %names };
    } ],
    'validator1.easyStructTest' => [ 'int struct', sub { $stooges->($_[1]) } ],
    'validator1.echoStructTest' => [ 'struct struct', sub { $_[1] } ],
    # Values arrive without their types, and are given them again.
    'validator1.manyTypesTest' => [ 'array int boolean string double dateTime.iso8601 base64', sub {
        my ($server, @values) = @_;
        return [ RPC::XML::int->new($values[0]), RPC::XML::boolean->new($values[1]), RPC::XML::string->new($values[2]),
            RPC::XML::double->new($values[3]), RPC::XML::datetime_iso8601->new($values[4]),
            RPC::XML::base64->new($values[5]) ];
    } ],
    'validator1.moderateSizeArrayCheck' => [ 'string array', sub { $_[1][0] . $_[1][-1] } ],
    'validator1.nestedStructTest' => [ 'int struct', sub { $stooges->($_[1]{2000}{'04'}{'01'}) } ],
    'validator1.simpleStructReturnTest' => [ 'struct int', sub {
        my $number = $_[1];
        return { times10 => $number * 10, times100 => $number * 100, times1000 => $number * 1000 };
    } ],
);
for my $name (sort keys %methods) {
    my ($signature, $code) = @{ $methods{$name} };
    my $result = $server->add_method({ name => $name, signature => [$signature], code => $code });
    die "$name: $result\n" unless ref $result;
}
my @types = qw(int boolean string double dateTime.iso8601 base64 array struct nil i8);
my $result = $server->add_method({ name => 'test.echo', signature => [ map { "$_ $_" } @types ], code => sub { $_[1] } });
die "$result\n" unless ref $result;
$server->add_default_methods;
print $server->port, "\n";
$server->server_loop;
