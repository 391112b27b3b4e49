# Ruby's xmlrpc against a server: prints FEATURE, ok | n/a | FAILED, and the reason, between tabs.
require 'xmlrpc/client'

$client = XMLRPC::Client.new2(ARGV[0])
$client.http.ca_file = ARGV[1] if ARGV[1]

def check(feature)
  reason = yield
  puts [feature, reason.is_a?(String) ? 'n/a' : 'ok', reason.is_a?(String) ? reason : ''].join("\t")
rescue Exception => error
  puts [feature, 'FAILED', "#{error.class}: #{error.message}"[0, 200].gsub(/\s+/, ' ')].join("\t")
end

def expect(got, want)
  raise "#{got.inspect[0, 60]} where #{want.inspect[0, 60]} was expected" unless got == want && got.class == want.class
end

def same(*values)
  values.each { |value| expect($client.call('test.echo', value), value) }
  nil
end

check('validator1') do
  stooges = { 'moe' => 1, 'larry' => 2, 'curly' => 3 }
  call = ->(name, *parameters) { $client.call("validator1.#{name}", *parameters) }
  expect(call['arrayOfStructsTest', [3, -4, 5].map { |curly| stooges.merge('curly' => curly) }], 4)
  expect(call['countTheEntities', %q{<<>&&&''"}],
         'ctLeftAngleBrackets' => 2, 'ctRightAngleBrackets' => 1, 'ctAmpersands' => 3, 'ctApostrophes' => 2,
         'ctQuotes' => 1)
  expect(call['easyStructTest', stooges], 6)
  expect(call['echoStructTest', { 'a' => { 'b' => [1, '2'] } }], 'a' => { 'b' => [1, '2'] })
  date = XMLRPC::DateTime.new(2026, 11, 21, 14, 8, 55)
  expect(call['manyTypesTest', 7, true, 'text', 2.5, date, XMLRPC::Base64.new('xyz')],
         [7, true, 'text', 2.5, date, 'xyz'])
  expect(call['moderateSizeArrayCheck', (0...150).map { |number| "item #{number}" }], 'item 0item 149')
  expect(call['nestedStructTest', { '2000' => { '04' => { '01' => stooges } } }], 6)
  expect(call['simpleStructReturnTest', 3], 'times10' => 30, 'times100' => 300, 'times1000' => 3000)
  nil
end
check('int') { same(0, 1, -1, 2**31 - 1, -2**31) }
check('boolean') { same(true, false) }
check('double') { same(0.5, -2.25, 1e-7, 1e15, 0.1, -1234567.875) }
check('string') { same('plain', '  spaces  ', %q{<&>"'}, ']]>', '&amp;', "tab\tand\nline") }
check('unicode') { same('grün', '日本語', "e\u0301") }
check('emoji') { same('😀') }
check('CR') do
  answer = $client.call('test.echo', "a\rb\r\nc")
  expect(answer, "a\nb\nc")
  'sends CR unescaped, which XML reads as LF'
end
check('empty') { same('', [], {}) }
check('base64') do
  bytes = (0..255).to_a.pack('C*')
  expect($client.call('test.echo', XMLRPC::Base64.new(bytes)).b, bytes)
  nil
end
check('dateTime') { same(XMLRPC::DateTime.new(2026, 11, 21, 14, 8, 55)) }
check('nested') { same({ 'a' => [1, [2, { 'b' => 'c' }], {}], 'd' => { 'e' => { 'f' => [true, 'x'] } } }) }
check('big') { same('x' * 1_000_000, (0...10_000).to_a) }
check('nil') do
  $client.call('test.echo', nil)
  nil
rescue RuntimeError => error
  raise unless error.message =~ /NilClass/
  'sends nil only when the whole process is configured so'
end
check('i8') do
  same(2**31)
rescue RuntimeError => error
  raise unless error.message =~ /too big/
  'refuses to send more than 32 bits'
end
check('fault') do
  [[42, 'what went <wrong>', 'test.fail', 42, 'what went <wrong>'], [-32_601, nil, 'test.missing']].each do |want, text, *call|
    ok, fault = $client.call2(*call)
    raise 'no fault came' if ok
    expect(fault.faultCode, want)
    expect(fault.faultString, text) if text
  end
  nil
end
check('introspection') do
  raise 'no test.echo' unless $client.call('system.listMethods').include?('test.echo')
  $client.call('system.methodHelp', 'test.echo')
  expect($client.call('system.methodSignature', 'validator1.easyStructTest'), [%w[int struct]])
  nil
end
check('multicall') do
  ok, results = $client.multicall2(['test.echo', 1], ['test.fail', 42, 'inside'], ['test.echo', 'last'])
  raise 'a fault came' unless ok
  expect([results[0], results[1].faultCode, results[2]], [1, 42, 'last'])
  nil
end
