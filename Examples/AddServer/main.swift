import XMLRPC
import XMLRPCHTTP

let add = Method("sample.add", help: "Adds two integers.", parameters: "a", "b") { (a: Int, b: Int) in
    a + b
}
let server = XMLRPCServer(host: "127.0.0.1", port: 0, methods: [add])  // port 0: any that is free
async let running: Void = server.run()
print(try await server.address)  // http://127.0.0.1:43210/RPC2
try await running
