import Certificates
import Glibc
import Logging
import XMLRPC
import XMLRPCTransport

/// A server with one event loop, as each of its peers has one core.
enum EchoServer {
    /// - Parameter isEncrypted: It speaks TLS, with a certificate made for the purpose.
    static func run(isEncrypted: Bool) async throws {
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        let echo = Method(name: "echo", signatures: [], help: "Answers its parameter.", role: "") {
            parameters, _, reply in reply(.success(parameters[0]))
        }
        var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
        if isEncrypted {
            let certificate = try SelfSigned(
                key: CertificateKey(), commonName: "xmlrpc-bench", names: ["127.0.0.1"], validFrom: 0,
                validUntil: 4_000_000_000)
            configuration.tls = try ServerTLS(identity: certificate.identity())
        }
        let server = try await HTTPServer.start(
            configuration, methods: MethodTable([echo]), threads: threads, logger: Logger(label: "xmlrpc-bench"))
        print(server.port)
        fflush(nil)
        try await threads.runBlocking { while readLine() != nil {} }
        await server.shutdown(grace: .zero)
        try await threads.shutdown()
    }
}
