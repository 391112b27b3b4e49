import Center
import DataProtocol
import Logging
import Synchronization
import XMLRPC
import XMLRPCTransport

/// What a running center knows, with its clock and its connections to workers.
final class CenterState: Sendable {
    let peers: PeerClients
    /// What workers and clients show each other; nil where everybody is let in.
    let token: String?
    private let table = Mutex(CenterTable())
    private let start = ContinuousClock.now
    private let logger: Logger
    private let silenceMax: Duration

    init(_ access: DataAccess, silenceMax: Duration, threads: TransportThreads, logger: Logger) {
        peers = PeerClients(access, threads: threads)
        token = access.token
        self.silenceMax = silenceMax
        self.logger = logger
    }

    var now: CenterTime { CenterTime(start.duration(to: .now)) }

    func read<Result>(_ body: (CenterTable) throws -> Result) rethrows -> Result {
        try table.withLock { try body($0) }
    }

    func change<Result>(_ body: (inout CenterTable) throws -> Result) rethrows -> Result {
        try table.withLock { try body(&$0) }
    }

    /// Forgets workers that have fallen silent.
    func tick() {
        let gone = change { $0.expire(at: now, silenceMax: silenceMax) }
        for (address, lost) in gone { logger.warning("worker \(address) is silent and forgotten\(Self.told(lost))") }
    }

    private static func told(_ lost: [ObjectKey]) -> String {
        lost.isEmpty ? "" : "; \(lost.count) keys that nobody else holds are lost"
    }

    func register(_ profile: CenterProfile, _ objects: [(key: ObjectKey, byteCount: Int64)]) throws {
        let lost = try change { table in
            let lost = try table.register(profile, at: now)
            try table.add(objects, at: profile.address)
            return lost.filter { table.holders(of: $0).isEmpty }
        }
        logger.notice(
            "worker \(profile.address) has registered, with \(profile.coreCount) cores\(Self.told(lost))")
    }

    func unregister(_ address: String) {
        guard read({ $0.workers[address] }) != nil else { return }
        let lost = change { $0.unregister(address) }
        logger.notice("worker \(address) has left\(Self.told(lost))")
    }

    // MARK: Moving

    /// Has objects copied, all at once, and tells who could not.
    func carryOut(_ transfers: [Transfer]) async throws {
        let orders = Dictionary(grouping: transfers, by: \.destination)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (destination, transfers) in orders {
                group.addTask { [peers] in
                    let items = transfers.map { (key: $0.key, value: XMLRPCValue.array([.string($0.source)])) }
                    _ = try await peers.call(destination, "fetch_data", [KeyedValues.encode(items)])
                }
            }
            try await group.waitForAll()
        }
    }

    func drop(_ keys: [ObjectKey], at address: String) async throws {
        _ = try await peers.call(
            address, "delete_data", [.array(keys.map(\.wireValue)), .boolean(true)])
    }
}
