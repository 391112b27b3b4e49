"""An echo server with xmlrpc.server, one thread per connection and keep-alive. Prints its port."""
import socketserver
import xmlrpc.server


class Handler(xmlrpc.server.SimpleXMLRPCRequestHandler):
    # The class's own default closes every connection after one call, and delays answers by Nagle's algorithm.
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True


class Server(socketserver.ThreadingMixIn, xmlrpc.server.SimpleXMLRPCServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(("127.0.0.1", 0), requestHandler=Handler, logRequests=False, allow_none=True)
server.register_function(lambda value: value, "echo")
print(server.server_address[1], flush=True)
server.serve_forever()
