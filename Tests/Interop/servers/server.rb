# Ruby's xmlrpc on WEBrick with the methods that the client is tried on; over TLS when it is given
# CERTIFICATE KEY PASSWORD. Prints its port.
require 'xmlrpc/server'
require 'webrick'
require 'webrick/https'

STOOGES = ->(value) { value['moe'] + value['larry'] + value['curly'] }

# A certificate, its key, and the password of the user mr; or nothing of that.
certificate, key, password = ARGV

class Servlet < XMLRPC::WEBrickServlet
  attr_writer :password

  def service(request, response)
    WEBrick::HTTPAuth.basic_auth(request, response, 'interop') { |user, given| [user, given] == ['mr', @password] } if @password
    super
  end
end

servlet = Servlet.new
servlet.password = password
servlet.add_introspection
servlet.add_multicall
servlet.add_handler('test.echo') { |value| value }
servlet.add_handler('test.fail') { |code, text| raise XMLRPC::FaultException.new(code, text) }
servlet.add_handler('validator1.arrayOfStructsTest') { |rows| rows.sum { |row| row['curly'] } }
servlet.add_handler('validator1.countTheEntities') do |text|
  { 'ctLeftAngleBrackets' => '<', 'ctRightAngleBrackets' => '>', 'ctAmpersands' => '&', 'ctApostrophes' => "'",
    'ctQuotes' => '"' }.transform_values { |character| text.count(character) }
end
servlet.add_handler('validator1.easyStructTest') { |value| STOOGES[value] }
servlet.add_handler('validator1.echoStructTest') { |value| value }
# What came as base64 has become a string: it is named again.
servlet.add_handler('validator1.manyTypesTest') do |*values|
  values[0...-1] + [XMLRPC::Base64.new(values.last)]
end
servlet.add_handler('validator1.moderateSizeArrayCheck') { |items| items.first + items.last }
servlet.add_handler('validator1.nestedStructTest') { |years| STOOGES[years['2000']['04']['01']] }
servlet.add_handler('validator1.simpleStructReturnTest') do |number|
  { 'times10' => number * 10, 'times100' => number * 100, 'times1000' => number * 1000 }
end

quiet = WEBrick::Log.new(File::NULL)
encryption = certificate ? { SSLEnable: true, SSLCertificate: OpenSSL::X509::Certificate.new(File.read(certificate)),
                             SSLPrivateKey: OpenSSL::PKey.read(File.read(key)) } : {}
server = WEBrick::HTTPServer.new(BindAddress: '127.0.0.1', Port: 0, Logger: quiet, AccessLog: [], **encryption)
server.mount('/RPC2', servlet)
puts server.listeners.first.addr[1]
$stdout.flush
server.start
