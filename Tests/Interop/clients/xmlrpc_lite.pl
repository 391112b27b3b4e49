# Perl's XMLRPC::Lite against a server: prints FEATURE, ok | n/a | FAILED, and the reason, between tabs.
use strict;
use warnings;
use utf8;
use FindBin;
use lib $FindBin::Bin;
use Checks;
use XMLRPC::Lite;

my $client = XMLRPC::Lite->proxy($ARGV[0]);
$client->transport->ssl_opts(SSL_ca_file => $ARGV[1]) if $ARGV[1];

sub typed { return SOAP::Data->type(@_) }

sub call {
    my $answer = $client->call(@_);
    die 'no answer: ' . $client->transport->status . "\n" unless ref $answer;
    return $answer;
}

sub value {
    my $answer = call(@_);
    die 'fault ' . $answer->faultstring . "\n" if $answer->fault;
    return $answer->result;
}

sub same {
    my ($type, @values) = @_;
    expect(shape(value('test.echo', typed($type => $_))), shape($_)) for @values;
    return;
}

my %stooges = (moe => 1, larry => 2, curly => 3);

check('validator1', sub {
    expect(value('validator1.arrayOfStructsTest', [ map { { %stooges, curly => $_ } } 3, -4, 5 ]), 4);
    my $counts = value('validator1.countTheEntities', typed(string => q{<<>&&&''"}));
    expect(shape($counts),
        '{ctAmpersands:3,ctApostrophes:2,ctLeftAngleBrackets:2,ctQuotes:1,ctRightAngleBrackets:1}');
    expect(value('validator1.easyStructTest', {%stooges}), 6);
    expect(shape(value('validator1.echoStructTest', { a => { b => [ 1, 'x' ] } })), '{a:{b:[1,x]}}');
    my $types = value('validator1.manyTypesTest', typed(int => 7), typed(boolean => 1), typed(string => 'text'),
        typed(double => 2.5), typed(dateTime => '20261121T14:08:55'), typed(base64 => 'xyz'));
    expect(shape($types), '[7,1,text,2.5,20261121T14:08:55,xyz]');
    expect(value('validator1.moderateSizeArrayCheck', [ map { "item $_" } 0 .. 149 ]), 'item 0item 149');
    expect(value('validator1.nestedStructTest', { 2000 => { '04' => { '01' => {%stooges} } } }), 6);
    expect(shape(value('validator1.simpleStructReturnTest', 3)), '{times10:30,times100:300,times1000:3000}');
    return;
});
check('int', sub { same(int => 0, 1, -1, 2147483647, -2147483648) });
check('boolean', sub { same(boolean => 1, 0) });
check('double', sub { same(double => 0.5, -2.25, 0.1, -1234567.875) });
check('string', sub { same(string => 'plain', '  spaces  ', q{<&>"'}, ']]>', '&amp;', "tab\tand\nline") });
check('unicode', sub { same(string => 'grün', '日本語', "e\x{301}") });
check('emoji', sub { same(string => "\x{1F600}") });
check('CR', sub { same(string => "a\rb\r\nc") });
check('empty', sub {
    same(string => '');
    expect(shape(value('test.echo', $_)), shape($_)) for [], {};
    return;
});
check('base64', sub { same(base64 => join '', map { chr } 0 .. 255) });
check('dateTime', sub { same(dateTime => '20261121T14:08:55') });
check('nested', sub {
    my $value = { a => [ 1, [ 2, { b => 'c' } ], {} ], d => { e => { f => ['x'] } } };
    expect(shape(value('test.echo', $value)), shape($value));
    return;
});
check('big', sub {
    same(string => 'x' x 1_000_000);
    expect(shape(value('test.echo', [ 0 .. 9_999 ])), shape([ 0 .. 9_999 ]));
    return;
});
check('nil', sub { 'has no nil' });
check('i8', sub { 'has no i8' });
check('fault', sub {
    my $fault = call('test.fail', typed(int => 42), 'what went <wrong>');
    expect($fault->faultcode, 42);
    expect($fault->faultstring, 'what went <wrong>');
    expect(call('test.missing')->faultcode, -32601);
    return;
});
check('introspection', sub {
    die "no test.echo\n" unless grep { $_ eq 'test.echo' } @{ value('system.listMethods') };
    value('system.methodHelp', 'test.echo');
    expect(shape(value('system.methodSignature', 'validator1.easyStructTest')), '[[int,struct]]');
    return;
});
check('multicall', sub {
    my $results = value('system.multicall', [
        { methodName => 'test.echo', params => [1] }, { methodName => 'test.fail', params => [ 42, 'inside' ] },
        { methodName => 'test.echo', params => ['last'] } ]);
    expect(shape($results), '[[1],{faultCode:42,faultString:inside},[last]]');
    return;
});
