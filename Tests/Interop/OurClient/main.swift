// This project's client against any server:
//     interop-client PORT [CERTIFICATE TOKEN]
// over TLS with a server that has this certificate, and as the user mr with this token as the password. It prints FEATURE, ok or FAILED, and the reason, between tabs.
import Glibc
import XMLRPC
import XMLRPCTransport

let arguments = CommandLine.arguments
guard [2, 4].contains(arguments.count), let port = Int(arguments[1]) else {
    print("usage: interop-client PORT [CERTIFICATE TOKEN]")
    exit(64)
}
var (tls, authorization) = (ClientTLS?.none, String?.none)
if arguments.count == 4 {
    tls = try ClientTLS(trust: .authorities(try PEM.file(arguments[2])))
    var credentials: [UInt8] = []
    Base64.append(Array("mr:\(arguments[3])".utf8), to: &credentials)
    authorization = "Basic \(String(decoding: credentials, as: UTF8.self))"
}
let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
let client = HTTPClient(host: "127.0.0.1", port: port, authorization: authorization, threads: threads, tls: tls)
for feature in Feature.all {
    print(await feature.tried(on: client))
    // What has been said stays said, even if the server never answers what comes next.
    fflush(nil)
}
await client.close()
try await threads.shutdown()
