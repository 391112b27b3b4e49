import DataService
import Identities
import LocalMachine
import Logging
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

/// Where a worker serves its map output: at the address from which it reaches the master, and by TLS where it speaks TLS
/// with the master.
struct DataPort {
    let server: HTTPServer
    let gate: TicketGate
    /// `HOST:PORT`.
    let address: String
    /// Of its key; empty without TLS.
    let pin: String
    private let host: String

    static func start(
        host: String, encrypts: Bool, scratch: ScratchFolder, threads: TransportThreads, logger: Logger
    ) async throws -> DataPort {
        var configuration = HTTPServerConfiguration(host: host, port: 0)
        // Only workers come here, and by its address.
        configuration.servesPages = false
        configuration.answersToNames = false
        if encrypts { configuration.tls = try ServerIdentity.throwAway(commonName: "mr-worker", names: [host]).tls }
        let gate = TicketGate()
        let server = try await HTTPServer.start(
            configuration, methods: MethodTable([]),
            routes: [IntermediateRoute.route(mayRead: TicketGate.mayRead) { "\(scratch.path)/\($0.name)" }],
            authorizer: gate.authorizer, threads: threads, logger: logger)
        return DataPort(
            server: server, gate: gate, address: HostPort(host: host, port: server.port).description,
            pin: configuration.tls?.pin.description ?? "", host: host)
    }

    /// Whether it would be the same if it were started again.
    func serves(host: String, encrypts: Bool) -> Bool { host == self.host && encrypts == !pin.isEmpty }
}
