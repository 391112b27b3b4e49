import Glibc
import Logging
import XMLRPC
import XMLRPCTransport

// Echo calls over loopback, a server and clients in this process, each with event loops of its own.
//   rpc-bench [CALLS [CLIENTS]]      default 20000 calls in all, 1 client
// prints calls per second, and the processor time of both sides per call.

func argument(_ position: Int, _ standard: Int) -> Int {
    CommandLine.arguments.count > position ? Int(CommandLine.arguments[position]) ?? standard : standard
}

func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

let clientCount = max(1, argument(2, 1))
let callsPerClient = max(1, argument(1, 20_000) / clientCount)
let serverThreads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
let clientThreads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
let echo = Method(name: "echo", signatures: [[.string, .string]], help: "Answers its parameter.", role: "") {
    parameters, _, reply in reply(.success(parameters[0]))
}
let server = try await HTTPServer.start(
    HTTPServerConfiguration(host: "127.0.0.1", port: 0), methods: MethodTable([echo]), threads: serverThreads,
    logger: Logger(label: "rpc-bench"))
let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: clientThreads)

func run(_ count: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<clientCount {
            group.addTask {
                for _ in 0..<count {
                    _ = try await client.call("echo", ["to be or not to be"], timeout: .seconds(10))
                }
            }
        }
        try await group.waitForAll()
    }
}

// Opens the connections.
try await run(100)
let begin = (ContinuousClock.now, processorTime())
try await run(callsPerClient)
let wall = (ContinuousClock.now - begin.0) / .seconds(1)
let processor = (processorTime() - begin.1) / .microseconds(1)
let count = Double(callsPerClient * clientCount)
print(
    "\(Int(count)) calls, \(clientCount) at a time: \(Int(count / wall)) per second, \(Int(processor / count)) us CPU each"
)
await client.close()
await server.shutdown(grace: .zero)
try await clientThreads.shutdown()
try await serverThreads.shutdown()
