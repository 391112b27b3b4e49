import Certificates
import Glibc
import Logging
import XMLRPC
import XMLRPCTransport

// Echo calls over loopback, a server and clients in this process, each with event loops of its own.
//   rpc-bench [CALLS [CLIENTS [ROUNDS]]] [--quiet]      default 20000 calls in all, 1 client
//   rpc-bench files [BYTES [ROUNDS]] [--quiet]          default 256 MiB, 5 rounds
// prints calls per second, and the processor time of both sides per call, or the speed of a file. With ROUNDS, plain HTTP and
// TLS take turns, as often, and the last line is medians of what TLS costs: many short rounds even out what else runs here.

func argument(_ position: Int, _ standard: Int) -> Int {
    CommandLine.arguments.count > position ? Int(CommandLine.arguments[position]) ?? standard : standard
}

let isQuiet = CommandLine.arguments.last == "--quiet"

/// What one round came to.
func tell(_ line: String) {
    if !isQuiet { print(line) }
}

func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

let isOfFiles = CommandLine.arguments.dropFirst().first == "files"
let clientCount = isOfFiles ? 1 : max(1, argument(2, 1))
let callsPerClient = isOfFiles ? 0 : max(1, argument(1, 20_000) / clientCount)
let serverThreads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
let clientThreads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
let echo = Method(name: "echo", signatures: [[.string, .string]], help: "Answers its parameter.", role: "") {
    parameters, _, reply in reply(.success(parameters[0]))
}

/// A file without a name, in memory, of zeros.
func makeFile(byteCount: Int) -> CInt {
    var template = Array("/dev/shm/rpc-bench-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    let isMade = descriptor >= 0 && unlink(template) == 0 && ftruncate(descriptor, byteCount) == 0
    precondition(isMade, "no file can be made in /dev/shm")
    return descriptor
}

let fileByteCount = isOfFiles ? argument(2, 256 << 20) : 256 << 20
let (source, destination) = (makeFile(byteCount: fileByteCount), makeFile(byteCount: fileByteCount))
let fileRoute = Route.get("/file") { _ in
    .file(FileAnswer(descriptor: dup(source), offset: 0, byteCount: Int64(fileByteCount)))
}

/// A server and a client of it.
struct Pair {
    let name: String
    let server: HTTPServer
    let client: HTTPClient

    init(_ name: String, tls: ServerTLS?) async throws {
        self.name = name
        var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
        configuration.tls = tls
        server = try await HTTPServer.start(
            configuration, methods: MethodTable([echo]), routes: [fileRoute], threads: serverThreads,
            logger: Logger(label: "rpc-bench"))
        var clientConfiguration = HTTPClientConfiguration()
        clientConfiguration.idleConnectionsMax = clientCount
        client = HTTPClient(
            host: "127.0.0.1", port: server.port, threads: clientThreads, configuration: clientConfiguration,
            tls: try tls.map { try ClientTLS(trust: .pins([$0.pin])) })
        // Opens the connections.
        try await run(100)
    }

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

    /// Calls per second, and microseconds of processor time for each.
    func measure() async throws -> (rate: Double, processor: Double) {
        let begin = (ContinuousClock.now, processorTime())
        try await run(callsPerClient)
        let wall = (ContinuousClock.now - begin.0) / .seconds(1)
        let processor = (processorTime() - begin.1) / .microseconds(1)
        let count = Double(callsPerClient * clientCount)
        tell(
            "\(name): \(Int(count)) calls, \(clientCount) at a time: \(Int(count / wall)) per second, \(Int(processor / count)) us CPU each"
        )
        return (count / wall, processor / count)
    }

    /// Megabytes per second, and seconds of processor time.
    func measureFile() async throws -> (rate: Double, processor: Double) {
        let begin = (ContinuousClock.now, processorTime())
        _ = try await client.get("/file", into: destination, at: 0, timeout: .seconds(60))
        let rate = Double(fileByteCount) / ((ContinuousClock.now - begin.0) / .microseconds(1))
        let processor = (processorTime() - begin.1) / .seconds(1)
        tell("\(name): a file with \(Int(rate)) MB/s, \(Int(processor * 1_000)) ms CPU")
        return (rate, processor)
    }

    func end() async {
        await client.close()
        await server.shutdown(grace: .zero)
    }
}

func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }

let plain = try await Pair("plain", tls: nil)
let rounds = isOfFiles ? argument(3, 5) : argument(3, 0)
if rounds == 0 {
    _ = try await plain.measure()
} else {
    let certificate = try SelfSigned(
        key: CertificateKey(), commonName: "rpc-bench", names: ["127.0.0.1"], validFrom: 0, validUntil: 4_000_000_000)
    let encrypted = try await Pair("TLS", tls: ServerTLS(identity: certificate.identity()))
    var ratios: [(rate: Double, processor: Double)] = []
    for round in 0..<rounds {
        // Which one comes first takes turns too.
        let order = round.isMultiple(of: 2) ? [plain, encrypted] : [encrypted, plain]
        var (rates, processor) = ([String: Double](), [String: Double]())
        for pair in order {
            (rates[pair.name], processor[pair.name]) = try await isOfFiles ? pair.measureFile() : pair.measure()
        }
        ratios.append(
            (
                rates["TLS", default: 0] / rates["plain", default: 1],
                processor["TLS", default: 0] / processor["plain", default: 1]
            ))
    }
    func percent(_ numbers: [Double]) -> String { "\((median(numbers) * 1_000).rounded() / 10)%" }
    let what = isOfFiles ? "speed with the file" : "calls per second"
    print(
        "TLS: \(percent(ratios.map(\.rate))) of the \(what), \(percent(ratios.map(\.processor))) of the CPU; medians of \(rounds) rounds"
    )
    await encrypted.end()
}
await plain.end()
try await clientThreads.shutdown()
try await serverThreads.shutdown()
