import Certificates
import DataService
import Glibc
import Joining
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

    private static let loopback = "127.0.0.1"

    /// Where others reach this worker, as seen from a master. Looks names up, and so may take seconds.
    static func host(for door: MasterDoor) -> String {
        let master = door.outward ?? door.address
        if Loopback.contains(master.host) { return loopback }
        let local = OwnAddresses.local(toward: master.host, port: master.port) ?? loopback
        // The master is on this machine, by a name that is looked up to a loopback address here.
        return Loopback.contains(local) ? OwnAddresses.outward ?? local : local
    }

    static func start(
        host: String, encrypts: Bool, scratch: ScratchFolder, threads: TransportThreads, logger: Logger
    ) async throws -> DataPort {
        var configuration = HTTPServerConfiguration(host: host, port: 0)
        // Only workers come here, and by its address.
        configuration.servesPages = false
        configuration.answersToNames = false
        if encrypts { configuration.tls = try throwAwayIdentity(host: host) }
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

    /// A key that nobody else ever sees, and that ends with this process. Its pin travels through the master.
    private static func throwAwayIdentity(host: String) throws -> ServerTLS {
        let now = Int64(time(nil))
        // Nobody looks at its dates.
        let certificate = try SelfSigned(
            key: CertificateKey(), commonName: "mr-worker", names: [host], validFrom: now - 86_400,
            validUntil: now + 366 * 86_400)
        return try ServerTLS(identity: certificate.identity())
    }
}
