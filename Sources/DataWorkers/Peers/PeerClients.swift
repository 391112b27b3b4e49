import Center
import LocalMachine
import Synchronization
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

/// Connections to others by their addresses, opened when they are needed. Nothing is sent to anybody but to who has the key
/// that the center knows for that address.
final class PeerClients: Sendable {
    private let clients: Mutex<[String: HTTPClient]> = Mutex([:])
    private let access: DataAccess
    /// nil at the center itself.
    private let center: CenterLink?
    private let keys = PeerKeys()
    let threads: TransportThreads

    /// Others are closed, and opened again when they are asked for.
    private static let countMax = 1_024
    static let callMax: Duration = .seconds(60)

    init(_ access: DataAccess, center: CenterLink? = nil, threads: TransportThreads) {
        self.access = access
        self.center = center
        self.threads = threads
    }

    func call(
        _ address: String, _ method: String, _ parameters: [XMLRPCValue], within limit: Duration = callMax
    ) async throws -> XMLRPCValue {
        try await withClient(of: address) { try await $0.call(method, parameters, timeout: limit) }
    }

    /// Runs `body` again with another client where the worker there has another key than before, of which the first one has
    /// sent it nothing.
    func withClient<Result>(
        of address: String, _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        let client = try await client(for: address)
        do {
            return try await body(client)
        } catch let error as TransportError where error.isOfOtherKey {
            drop(client, of: address)
            guard address != center?.address else { throw error }
            if center != nil { keys.forget(address) }
            return try await body(self.client(for: address))
        } catch let error as TransportError where error.isOfCredentials && address == center?.address {
            drop(client, of: address)
            throw error
        }
    }

    func client(for address: String) async throws -> HTTPClient {
        if let client = clients.withLock({ $0[address] }) { return client }
        return keep(try await makeClient(for: address), for: address)
    }

    /// Of two that were made at the same time one is kept.
    private func keep(_ client: HTTPClient, for address: String) -> HTTPClient {
        let (kept, dropped) = clients.withLock { clients -> (HTTPClient, [HTTPClient]) in
            if let other = clients[address] { return (other, [client]) }
            var dropped: [HTTPClient] = []
            if clients.count >= Self.countMax {
                dropped = Array(clients.values)
                clients = [:]
            }
            clients[address] = client
            return (client, dropped)
        }
        for client in dropped { client.closeSoon() }
        return kept
    }

    private func drop(_ client: HTTPClient, of address: String) {
        clients.withLock { clients in
            if clients[address] === client { clients[address] = nil }
        }
        client.closeSoon()
    }

    private func makeClient(for address: String) async throws -> HTTPClient {
        if let center, address == center.address { return try center.client(threads: threads) }
        guard let place = HostPort(address, defaultHost: ""), !place.host.isEmpty, place.port > 0 else {
            throw DataFault.invalid("'\(DisplayName.of(Array(address.utf8)))' is no HOST:PORT")
        }
        guard let authorization = access.authorization else {
            return HTTPClient(host: place.host, port: place.port, threads: threads)
        }
        switch try await standing(of: place.description) {
        case .key(let key):
            return HTTPClient(
                host: place.host, port: place.port, authorization: authorization, threads: threads,
                tls: try ClientTLS(trust: .pins([key.pin])))
        case .plain:
            guard Loopback.contains(place.host) else { throw Self.keyless(address) }
            var configuration = HTTPClientConfiguration()
            configuration.distrust = { host in
                LoopbackPeer.isOwn(host: host ?? "", port: place.port) ? nil : "another user's program listens there"
            }
            return HTTPClient(
                host: place.host, port: place.port, authorization: authorization, threads: threads,
                configuration: configuration)
        }
    }

    static func keyless(_ address: String) -> XMLRPCFault {
        DataFault.refused(
            "the worker at \(address) shows no certificate: whoever is on the way would read the secret; it is to listen with TLS, as mr-worker --center does"
        )
    }

    /// What a worker is known by: one call to the center for each that is not known yet.
    private func standing(of address: String) async throws -> PeerKeys.Standing {
        if let known = keys[address] { return known }
        guard let center else { throw CenterError.unknownWorker(address: address) }
        let answer = try await call(center.address, PeerKeyCalls.certificates, [.array([.string(address)])])
        guard let certificate = answer[address]?.asString else {
            throw DataFault.refused("the center at \(center.address) answers nothing about the worker at \(address)")
        }
        let standing = try Self.standing(certificate)
        _ = keys.note(address, standing)
        return standing
    }

    private static func standing(_ certificate: String) throws -> PeerKeys.Standing {
        certificate.isEmpty ? .plain : .key(try PeerKey(certificate: certificate))
    }

    func close() async {
        let all = clients.withLock { clients in
            defer { clients = [:] }
            return Array(clients.values)
        }
        for client in all { await client.close() }
    }

    /// Those to workers are made again when they are needed, with the secret that is shown now.
    func closeWorkers() {
        let closed = clients.withLock { clients in
            let workers = clients.filter { $0.key != center?.address }
            clients = clients.filter { $0.key == center?.address }
            return Array(workers.values)
        }
        for client in closed { client.closeSoon() }
    }

    // MARK: At the center

    /// What workers show each other; nil where everybody is let in.
    var token: String? { access.token }

    /// Remembers the certificate that a worker tells when it registers.
    ///
    /// - Parameter fields: `certificate` is in PEM; "" or nothing for plain HTTP.
    /// - Throws: A fault where nobody could show that worker the secret.
    func note(_ fields: Fields, at address: String) throws {
        let certificate =
            fields.has("certificate")
            ? try fields.string("certificate", byteCountMax: PeerKey.certificateByteCountMax) : ""
        let standing: PeerKeys.Standing
        do { standing = try Self.standing(certificate) } catch { throw DataFault.invalid("register: \(error)") }
        if standing == .plain, access.token != nil, let place = HostPort(address, defaultHost: ""),
            !Loopback.contains(place.host)
        {
            throw Self.keyless(address)
        }
        guard keys.note(address, standing) else { return }
        if let client = clients.withLock({ $0.removeValue(forKey: address) }) { client.closeSoon() }
    }

    /// In PEM; "" for a worker that speaks plain HTTP.
    ///
    /// - Throws: That nobody is registered there.
    func certificate(of address: String) throws -> String {
        switch keys[address] {
        case .key(let key): key.certificate
        case .plain: ""
        case nil: throw CenterError.unknownWorker(address: address)
        }
    }
}

extension TransportError {
    /// Whether another program than expected is there. It has been sent nothing that it could have done.
    fileprivate var isOfOtherKey: Bool {
        switch self {
        case .wrongKey, .speaksTLS, .speaksPlainHTTP: true
        default: false
        }
    }

    /// Whether what was shown is no good, or was not shown at all for want of trust.
    fileprivate var isOfCredentials: Bool {
        switch self {
        case .unauthorized, .distrusted: true
        default: false
        }
    }
}
