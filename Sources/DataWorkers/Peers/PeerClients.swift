import LocalMachine
import Synchronization
import XMLRPC
import XMLRPCTransport

/// Connections to others by their addresses, opened when they are needed.
final class PeerClients: Sendable {
    private let clients: Mutex<[String: HTTPClient]> = Mutex([:])
    private let access: DataAccess
    private let threads: TransportThreads

    /// Others are closed, and opened again when they are asked for.
    private static let countMax = 1_024
    static let callMax: Duration = .seconds(60)

    init(_ access: DataAccess, threads: TransportThreads) {
        self.access = access
        self.threads = threads
    }

    func client(for address: String) throws(XMLRPCFault) -> HTTPClient {
        guard let place = HostPort(address, defaultHost: ""), !place.host.isEmpty else {
            throw DataFault.invalid("'\(DisplayName.of(Array(address.utf8)))' is no HOST:PORT")
        }
        let (client, dropped) = clients.withLock { clients -> (HTTPClient, [HTTPClient]) in
            if let client = clients[address] { return (client, []) }
            var dropped: [HTTPClient] = []
            if clients.count >= Self.countMax {
                dropped = Array(clients.values)
                clients = [:]
            }
            let client = HTTPClient(
                host: place.host, port: place.port, authorization: access.authorization, threads: threads)
            clients[address] = client
            return (client, dropped)
        }
        for client in dropped { client.closeSoon() }
        return client
    }

    func call(
        _ address: String, _ method: String, _ parameters: [XMLRPCValue], within limit: Duration = callMax
    ) async throws -> XMLRPCValue {
        try await client(for: address).call(method, parameters, timeout: limit)
    }

    func close() async {
        let all = clients.withLock { clients in
            defer { clients = [:] }
            return Array(clients.values)
        }
        for client in all { await client.close() }
    }
}
