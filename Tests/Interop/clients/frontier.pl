# Perl's Frontier::Client against a server: prints FEATURE, ok | n/a | FAILED, and the reason, between tabs.
use strict;
use warnings;
use utf8;
use FindBin;
use lib $FindBin::Bin;
use Checks;
use Frontier::Client;

# It keeps its user agent to itself.
$ENV{PERL_LWP_SSL_CA_FILE} = $ARGV[1] if $ARGV[1];
my $client = Frontier::Client->new(url => $ARGV[0], encoding => 'utf-8');

# Text goes out as it stands in memory: it has to be bytes of UTF-8 already, and comes back as characters.
sub bytes { my ($text) = @_; utf8::encode($text); return $client->string($text) }

sub value { return plain($client->call(@_)) }

# Scalars other than int and string come back as objects.
sub plain {
    my ($value) = @_;
    return [ map { plain($_) } @$value ] if ref $value eq 'ARRAY';
    return { map { $_ => plain($value->{$_}) } keys %$value } if ref $value eq 'HASH';
    return ref $value ? $value->value : $value;
}

sub same { expect(shape(value('test.echo', $_)), shape(plain($_))) for @_; return }

my %stooges = (moe => 1, larry => 2, curly => 3);

check('validator1', sub {
    expect(value('validator1.arrayOfStructsTest', [ map { { %stooges, curly => $_ } } 3, -4, 5 ]), 4);
    my $counts = value('validator1.countTheEntities', $client->string(q{<<>&&&''"}));
    expect(shape($counts),
        '{ctAmpersands:3,ctApostrophes:2,ctLeftAngleBrackets:2,ctQuotes:1,ctRightAngleBrackets:1}');
    expect(value('validator1.easyStructTest', {%stooges}), 6);
    expect(shape(value('validator1.echoStructTest', { a => { b => [ 1, 'x' ] } })), '{a:{b:[1,x]}}');
    my $types = value('validator1.manyTypesTest', $client->int(7), $client->boolean(1), $client->string('text'),
        $client->double(2.5), $client->date_time('20261121T14:08:55'), $client->base64('eHl6'));
    $types->[5] =~ s/\s//g;
    expect(shape($types), '[7,1,text,2.5,20261121T14:08:55,eHl6]');
    expect(value('validator1.moderateSizeArrayCheck', [ map { "item $_" } 0 .. 149 ]), 'item 0item 149');
    expect(value('validator1.nestedStructTest', { 2000 => { '04' => { '01' => {%stooges} } } }), 6);
    expect(shape(value('validator1.simpleStructReturnTest', 3)), '{times10:30,times100:300,times1000:3000}');
    return;
});
check('int', sub { same(map { $client->int($_) } 0, 1, -1, 2147483647, -2147483648) });
check('boolean', sub { same(map { $client->boolean($_) } 1, 0) });
check('double', sub { same(map { $client->double($_) } 0.5, -2.25, 0.1, -1234567.875) });
check('string', sub { same(map { $client->string($_) } 'plain', '  spaces  ', q{<&>"'}, '&amp;', "tab\tand\nline") });
check('unicode', sub {
    expect(value('test.echo', bytes($_)), $_) for 'grün', '日本語', "e\x{301}";
    return;
});
check('emoji', sub { expect(value('test.echo', bytes("\x{1F600}")), "\x{1F600}"); return });
check('CR', sub {
    expect(value('test.echo', $client->string("a\rb\r\nc")), "a\nb\nc");
    return 'sends CR unescaped, which XML reads as LF';
});
check('empty', sub { same($client->string(''), [], {}) });
check('base64', sub { same($client->base64('AAECAwT/')) });
check('dateTime', sub { same($client->date_time('20261121T14:08:55')) });
check('nested', sub { same({ a => [ 1, [ 2, { b => 'c' } ], {} ], d => { e => { f => ['x'] } } }) });
check('big', sub { same($client->string('x' x 1_000_000), [ 0 .. 9_999 ]) });
check('nil', sub { 'has no nil' });
check('i8', sub { 'has no i8' });
check('fault', sub {
    for ([ 42, 'test.fail', $client->int(42), 'what went wrong' ], [ -32601, 'test.missing' ]) {
        my ($code, @call) = @$_;
        eval { $client->call(@call); 1 } and die "no fault came\n";
        die "an unexpected fault: $@" unless $@ =~ /\b\Q$code\E\b/ || $@ =~ /$code/;
    }
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
