<?php
// PHP's xmlrpc extension against a server: prints FEATURE, ok | n/a | FAILED, and the reason, between tabs.
// The extension writes and reads documents; HTTP is PHP's own.

// Without a name for the text's encoding, the extension takes and gives Latin-1.
const OPTIONS = ['encoding' => 'utf-8', 'escaping' => ['markup']];

function answer(string $method, ...$parameters)
{
    global $argv;
    $context = stream_context_create(['http' => [
        'method' => 'POST', 'header' => "Content-Type: text/xml; charset=utf-8",
        'content' => xmlrpc_encode_request($method, $parameters, OPTIONS), 'protocol_version' => 1.1],
        'ssl' => isset($argv[2]) ? ['cafile' => $argv[2]] : []]);
    $document = file_get_contents($argv[1], false, $context);
    if ($document === false) throw new Exception('no answer');
    return xmlrpc_decode($document, 'utf-8');
}

function check(string $feature, callable $body): void
{
    try {
        $reason = $body();
        echo implode("\t", [$feature, $reason ? 'n/a' : 'ok', $reason ?? '']), "\n";
    } catch (Throwable $error) {
        echo implode("\t", [$feature, 'FAILED', preg_replace('/\s+/', ' ', substr($error->getMessage(), 0, 200))]), "\n";
    }
}

function expect($got, $want): void
{
    // Members have no order; objects are the extension's own types.
    if (is_object($got) || (is_array($got) && is_array($want)) ? $got == $want : $got === $want) return;
    throw new Exception(substr(var_export($got, true), 0, 60) . ' where '
        . substr(var_export($want, true), 0, 60) . ' was expected');
}

function same(...$values): void
{
    foreach ($values as $value) expect(answer('test.echo', $value), $value);
}

function typed(string $type, string $text): object
{
    $value = $text;
    xmlrpc_set_type($value, $type);
    return $value;
}

const STOOGES = ['moe' => 1, 'larry' => 2, 'curly' => 3];

check('validator1', function () {
    $rows = array_map(fn($curly) => ['curly' => $curly] + STOOGES, [3, -4, 5]);
    expect(answer('validator1.arrayOfStructsTest', $rows), 4);
    expect(answer('validator1.countTheEntities', '<<>&&&\'\'"'), ['ctLeftAngleBrackets' => 2,
        'ctRightAngleBrackets' => 1, 'ctAmpersands' => 3, 'ctApostrophes' => 2, 'ctQuotes' => 1]);
    expect(answer('validator1.easyStructTest', STOOGES), 6);
    expect(answer('validator1.echoStructTest', ['a' => ['b' => [1, '2']]]), ['a' => ['b' => [1, '2']]]);
    $types = answer('validator1.manyTypesTest', 7, true, 'text', 2.5, typed('datetime', '20261121T14:08:55'),
        typed('base64', 'xyz'));
    expect([$types[0], $types[1], $types[2], $types[3], $types[4]->scalar, $types[5]->scalar],
        [7, true, 'text', 2.5, '20261121T14:08:55', 'xyz']);
    expect(answer('validator1.moderateSizeArrayCheck', array_map(fn($n) => "item $n", range(0, 149))), 'item 0item 149');
    // PHP turns the key "2000" into a number; a second one keeps the array a struct.
    expect(answer('validator1.nestedStructTest', ['2000' => ['04' => ['01' => STOOGES]], 'x' => 1]), 6);
    expect(answer('validator1.simpleStructReturnTest', 3), ['times10' => 30, 'times100' => 300, 'times1000' => 3000]);
});
check('int', fn() => same(0, 1, -1, 2147483647, -2147483648));
check('boolean', fn() => same(true, false));
check('double', fn() => same(0.5, -2.25, 0.1, -1234567.875));
check('string', fn() => same('plain', '  spaces  ', '<&>"\'', ']]>', '&amp;', "tab\tand\nline"));
check('unicode', fn() => same('grün', '日本語', "e\u{301}"));
check('emoji', fn() => same('😀'));
check('CR', function () {
    expect(answer('test.echo', "a\rb\r\nc"), "a\nb\nc");
    return 'sends CR unescaped, which XML reads as LF';
});
check('empty', function () {
    same('', []);
    return 'has one empty array for array and struct';
});
check('base64', fn() => expect(answer('test.echo', typed('base64', implode(array_map('chr', range(0, 255)))))->scalar,
    implode(array_map('chr', range(0, 255)))));
check('dateTime', fn() => expect(answer('test.echo', typed('datetime', '20261121T14:08:55'))->scalar,
    '20261121T14:08:55'));
check('nested', fn() => same(['a' => [1, [2, ['b' => 'c']]], 'd' => ['e' => ['f' => [true, 'x']]]]));
check('big', fn() => same(str_repeat('x', 1000000), range(0, 9999)));
check('nil', fn() => 'sends null as an empty string');
check('i8', fn() => 'cuts integers to 32 bits');
check('fault', function () {
    expect(answer('test.fail', 42, 'what went <wrong>'), ['faultCode' => 42, 'faultString' => 'what went <wrong>']);
    expect(answer('test.missing')['faultCode'], -32601);
});
check('introspection', function () {
    expect(in_array('test.echo', answer('system.listMethods')), true);
    answer('system.methodHelp', 'test.echo');
    expect(answer('system.methodSignature', 'validator1.easyStructTest'), [['int', 'struct']]);
});
check('multicall', function () {
    $results = answer('system.multicall', [['methodName' => 'test.echo', 'params' => [1]],
        ['methodName' => 'test.fail', 'params' => [42, 'inside']],
        ['methodName' => 'test.echo', 'params' => ['last']]]);
    expect($results, [[1], ['faultCode' => 42, 'faultString' => 'inside'], ['last']]);
});
