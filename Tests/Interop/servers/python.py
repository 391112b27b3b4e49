"""Python's xmlrpc.server with the methods that the client is tried on; over TLS when it is given CERTIFICATE KEY PASSWORD. Prints its port."""
import base64
import ssl
import sys
import xmlrpc.server

# A certificate, its key, and the password of the user mr; or nothing of that.
encryption = sys.argv[1:]


class Handler(xmlrpc.server.SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        if encryption:
            credentials = base64.b64encode(f"mr:{encryption[2]}".encode()).decode()
            if self.headers.get("Authorization") != f"Basic {credentials}":
                self.close_connection = True
                return self.send_error(401)
        super().do_POST()


def fail(code, text):
    raise xmlrpc.server.Fault(code, text)


def count_entities(text):
    names = {"ctLeftAngleBrackets": "<", "ctRightAngleBrackets": ">", "ctAmpersands": "&", "ctApostrophes": "'",
             "ctQuotes": '"'}
    return {name: text.count(character) for name, character in names.items()}


def stooges(value):
    return value["moe"] + value["larry"] + value["curly"]


server = xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", 0), requestHandler=Handler, logRequests=False, allow_none=True)
if encryption:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*encryption[:2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.register_introspection_functions()
server.register_multicall_functions()
for name, function in {
    "test.echo": lambda value: value,
    "test.fail": fail,
    "validator1.arrayOfStructsTest": lambda rows: sum(row["curly"] for row in rows),
    "validator1.countTheEntities": count_entities,
    "validator1.easyStructTest": stooges,
    "validator1.echoStructTest": lambda value: value,
    "validator1.manyTypesTest": lambda *values: list(values),
    "validator1.moderateSizeArrayCheck": lambda items: items[0] + items[-1],
    "validator1.nestedStructTest": lambda years: stooges(years["2000"]["04"]["01"]),
    "validator1.simpleStructReturnTest": lambda n: {"times10": n * 10, "times100": n * 100, "times1000": n * 1000},
}.items():
    server.register_function(function, name)
print(server.server_address[1], flush=True)
server.serve_forever()
