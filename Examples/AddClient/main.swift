import XMLRPCHTTP

let client = try XMLRPCClient(CommandLine.arguments[1])  // http://127.0.0.1:43210/RPC2
let sum: Int = try await client.call("sample.add", 2, 3)
print(sum)
