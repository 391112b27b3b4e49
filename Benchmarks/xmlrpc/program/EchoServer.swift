import Glibc
import Logging
import XMLRPC
import XMLRPCTransport

/// A server with one event loop, as each of its peers has one core.
enum EchoServer {
    static func run() async throws {
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        let echo = Method(name: "echo", signatures: [], help: "Answers its parameter.", role: "") {
            parameters, _, reply in reply(.success(parameters[0]))
        }
        let server = try await HTTPServer.start(
            HTTPServerConfiguration(host: "127.0.0.1", port: 0), methods: MethodTable([echo]), threads: threads,
            logger: Logger(label: "xmlrpc-bench"))
        print(server.port)
        fflush(nil)
        try await threads.runBlocking { while readLine() != nil {} }
        await server.shutdown(grace: .zero)
        try await threads.shutdown()
    }
}
