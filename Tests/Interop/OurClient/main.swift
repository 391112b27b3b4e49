// This project's client against any server:
//     interop-client PORT
// prints FEATURE, ok or FAILED, and the reason, between tabs.
import Glibc
import XMLRPCTransport

guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
    print("usage: interop-client PORT")
    exit(64)
}
let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
let client = HTTPClient(host: "127.0.0.1", port: port, threads: threads)
for feature in Feature.all {
    print(await feature.tried(on: client))
    // What has been said stays said, even if the server never answers what comes next.
    fflush(nil)
}
await client.close()
try await threads.shutdown()
