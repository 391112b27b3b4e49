# Perl's RPC::XML against a server: prints FEATURE, ok | n/a | FAILED, and the reason, between tabs.
use strict;
use warnings;
use utf8;
use FindBin;
use lib $FindBin::Bin;
use Checks;
use RPC::XML;
use RPC::XML::Client;

$RPC::XML::ENCODING = 'utf-8';
$RPC::XML::ALLOW_NIL = 1;
my $client = RPC::XML::Client->new($ARGV[0]);
$client->useragent->ssl_opts(SSL_ca_file => $ARGV[1]) if $ARGV[1];

sub request {
    my $answer = $client->send_request(@_);
    die "no answer: $answer\n" unless ref $answer;
    return $answer;
}

sub value {
    my $answer = request(@_);
    die 'fault ' . $answer->string . "\n" if $answer->is_fault;
    return $answer->value;
}

sub same {
    for my $value (@_) {
        my $answer = request('test.echo', $value);
        die 'fault ' . $answer->string . "\n" if $answer->is_fault;
        expect(ref $answer, ref $value);
        expect(shape($answer->value), shape($value->value));
    }
    return;
}

sub is_fault_of {
    my ($answer, $code, $text) = @_;
    die "no fault came\n" unless $answer->is_fault;
    expect($answer->code, $code);
    expect($answer->string, $text) if defined $text;
}

my $int = sub { RPC::XML::int->new(@_) };
my $string = sub { RPC::XML::string->new(@_) };
my %stooges = (moe => $int->(1), larry => $int->(2), curly => $int->(3));

check('validator1', sub {
    expect(value('validator1.arrayOfStructsTest',
        RPC::XML::array->new(map { RPC::XML::struct->new(%stooges, curly => $int->($_)) } 3, -4, 5)), 4);
    my $counts = value('validator1.countTheEntities', $string->(q{<<>&&&''"}));
    expect(shape($counts),
        '{ctAmpersands:3,ctApostrophes:2,ctLeftAngleBrackets:2,ctQuotes:1,ctRightAngleBrackets:1}');
    expect(value('validator1.easyStructTest', RPC::XML::struct->new(%stooges)), 6);
    expect(shape(value('validator1.echoStructTest', RPC::XML::struct->new(a => { b => [ 1, 'x' ] }))), '{a:{b:[1,x]}}');
    my $types = value('validator1.manyTypesTest', $int->(7), RPC::XML::boolean->new(1), $string->('text'),
        RPC::XML::double->new(2.5), RPC::XML::datetime_iso8601->new('20261121T14:08:55'), RPC::XML::base64->new('xyz'));
    expect(shape($types), '[7,1,text,2.5,20261121T14:08:55,xyz]');
    expect(value('validator1.moderateSizeArrayCheck',
        RPC::XML::array->new(map { $string->("item $_") } 0 .. 149)), 'item 0item 149');
    my $year = RPC::XML::struct->new('04' => RPC::XML::struct->new('01' => RPC::XML::struct->new(%stooges)));
    expect(value('validator1.nestedStructTest', RPC::XML::struct->new('2000' => $year)), 6);
    expect(shape(value('validator1.simpleStructReturnTest', $int->(3))), '{times10:30,times100:300,times1000:3000}');
    return;
});
check('int', sub { same(map { $int->($_) } 0, 1, -1, 2147483647, -2147483648) });
check('boolean', sub { same(map { RPC::XML::boolean->new($_) } 1, 0) });
check('double', sub { same(map { RPC::XML::double->new($_) } 0.5, -2.25, 0.1, -1234567.875) });
check('string', sub { same(map { $string->($_) } 'plain', '  spaces  ', q{<&>"'}, ']]>', '&amp;', "tab\tand\nline") });
check('unicode', sub { same(map { $string->($_) } 'grün', '日本語', "e\x{301}") });
check('emoji', sub { same($string->("\x{1F600}")) });
check('CR', sub { same($string->("a\rb\r\nc")) });
check('empty', sub { same($string->(''), RPC::XML::array->new(), RPC::XML::struct->new()) });
check('base64', sub { same(RPC::XML::base64->new(join '', map { chr } 0 .. 255)) });
check('dateTime', sub { same(RPC::XML::datetime_iso8601->new('20261121T14:08:55')) });
check('nested', sub { same(RPC::XML::struct->new(a => [ 1, [ 2, { b => 'c' } ], {} ], d => { e => { f => ['x'] } })) });
check('big', sub { same($string->('x' x 1_000_000), RPC::XML::array->new(0 .. 9_999)) });
check('nil', sub { same(RPC::XML::nil->new) });
check('i8', sub { same(map { RPC::XML::i8->new($_) } 2147483648, '-9223372036854775808', '9223372036854775807') });
check('fault', sub {
    is_fault_of(request('test.fail', $int->(42), $string->('what went <wrong>')), 42, 'what went <wrong>');
    is_fault_of(request('test.missing'), -32601);
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
