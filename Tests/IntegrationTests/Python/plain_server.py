"""A server with one method and no introspection. Prints its port."""
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer

seen = {}


class Handler(SimpleXMLRPCRequestHandler):
    rpc_paths = ("/", "/RPC2")

    def do_POST(self):
        seen["authorization"] = self.headers.get("Authorization", "")
        super().do_POST()

    def log_message(self, *arguments):
        pass


server = SimpleXMLRPCServer(("127.0.0.1", 0), Handler)
server.register_function(lambda: seen["authorization"], "authorization")
print(server.server_address[1], flush=True)
server.serve_forever()
