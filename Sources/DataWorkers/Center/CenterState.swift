import Center
package import Coordinator
import DataProtocol
import Functions
import Glibc
package import LocalMachine
package import Logging
import Model
package import Shell
import Synchronization
import XMLRPC
package import XMLRPCTransport

/// What a running center has beside its coordinator: connections to workers, who waits for what, and uploaded files.
package final class CenterState: Sendable {
    let peers: PeerClients
    let watchers = CenterWatchers()
    private let outbox: CenterOutbox
    private let files: Mutex<[String: [UInt8]]> = Mutex([:])
    private let shellBehind: Mutex<CoordinatorShell?> = Mutex(nil)
    private let requestNewest = Atomic<UInt64>(0)
    private let folder: String?
    private let logger: Logger

    static let fileCountMax = 1_000
    /// Of all uploaded files.
    static let fileByteCountMax = 256 << 20
    private static let probeMax: Duration = .seconds(2)

    /// - Parameter folder: Where files are kept for the next start; nil: nowhere.
    package init(
        _ access: DataAccess, folder: String? = nil, threads: TransportThreads, logger: Logger
    ) throws(LocalStateError) {
        self.folder = folder
        peers = PeerClients(access, threads: threads)
        outbox = CenterOutbox(peers)
        self.logger = logger
        try readFiles()
    }

    /// Before anybody is answered: effects and calls go to each other.
    package func attach(_ shell: CoordinatorShell) { shellBehind.withLock { $0 = shell } }

    /// Calls that still wait for something ask the shell until the process ends.
    package func close() async { await peers.close() }

    // MARK: The coordinator

    var shell: CoordinatorShell {
        guard let shell = shellBehind.withLock({ $0 }) else { preconditionFailure("a center without its shell") }
        return shell
    }

    func read<Result: Sendable>(_ body: (CenterTable) throws -> Result) rethrows -> Result {
        try shell.read { try body($0.center) }
    }

    func submit(_ event: ComputationEvent) {
        // One that is closing has nobody who would act on it.
        shellBehind.withLock { $0 }?.submit(.computation(event))
    }

    /// Submits what `event` makes of a request's number, and waits for the answer.
    func ask(_ event: (RequestID) -> ComputationEvent) async throws -> ComputationReply {
        // Beyond all that callers of a server are numbered by.
        let id = RequestID(number: (1 << 63) | requestNewest.add(1, ordering: .relaxed).newValue)
        let event = event(id)
        let shell = shell
        let reply = await withCheckedContinuation { continuation in
            shell.submit(.computation(event), request: id) { continuation.resume(returning: $0) }
        }
        guard case .computation(let answer) = reply else {
            throw DataFault.refused("the center answered something else")
        }
        if case .refused(let reason) = answer { throw DataFault.refused(reason) }
        return answer
    }

    /// What a worker tells of itself. One that is not known is to register first.
    func tell(
        of address: String, _ event: (RequestID) -> ComputationEvent
    ) async throws -> ComputationReply {
        let reply = try await ask(event)
        guard reply != .unknownWorker else { throw DataFault.unknownWorker(address) }
        return reply
    }

    // MARK: Effects

    package func carryOut(_ effect: ComputationEffect) {
        switch effect {
        case .run(let attempts, let address): put(attempts.map { .run($0) }, for: address)
        case .cancel(let keys, let address): put(keys.map { .cancel($0) }, for: address)
        case .drop(let keys, let address): put(keys.map { .drop($0) }, for: address)
        case .discard(let key, let number, let address): put([.discard(key, number: number)], for: address)
        case .probe(let keys, let address): Task { await probe(keys, at: address) }
        case .changed(let keys): watchers.tell(of: keys)
        }
    }

    private func put(_ items: [CenterOutbox.Item], for address: String) {
        outbox.put(items, for: address) { [weak self] reason in
            self?.submit(.workerLost(address: address, reason: reason))
        }
    }

    package func tell(_ notice: ComputationNotice) {
        if notice.isTrouble { logger.warning("\(notice)") } else { logger.notice("\(notice)") }
    }

    /// Finds out whether a worker lives and has these.
    ///
    /// - Returns: Whether it has all of them.
    @discardableResult
    func probe(_ keys: [ObjectKey], at address: String) async -> Bool {
        var gone: [ObjectKey] = []
        if keys.isEmpty {
            do { _ = try await peers.call(address, "ping", [], within: Self.probeMax) } catch {
                submit(.workerLost(address: address, reason: "it can't be reached: \(error)"))
                return false
            }
        }
        for key in keys {
            do {
                _ = try await peers.call(address, "describe", [.array([key.wireValue])], within: Self.probeMax)
            } catch is XMLRPCFault {
                gone.append(key)
            } catch {
                submit(.workerLost(address: address, reason: "it can't be reached: \(error)"))
                return false
            }
        }
        if !gone.isEmpty { submit(.objectsRemoved(gone, address: address, request: RequestID(number: .max))) }
        return gone.isEmpty
    }

    // MARK: Files

    /// Keeps a file for workers that come later.
    func keep(_ name: String, _ bytes: [UInt8]) throws {
        try files.withLock { files in
            let others = files.filter { $0.key != name }
            guard others.count < Self.fileCountMax else {
                throw DataFault.refused("\(others.count) files are kept here, and \(Self.fileCountMax) are the most")
            }
            let byteCount = others.values.reduce(bytes.count) { $0 + $1.count }
            guard byteCount <= Self.fileByteCountMax else {
                throw DataFault.refused(
                    "uploaded files would take \(byteCount) bytes, and \(Self.fileByteCountMax) are the most")
            }
            if let folder { try PrivateFile.write("\(folder)/\(name)", bytes) }
            files[name] = bytes
        }
    }

    /// What an earlier center at this place was given.
    private func readFiles() throws(LocalStateError) {
        guard let folder, let stream = opendir(folder) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard FunctionName.isPossible(name),
                let bytes = try PrivateFile.read("\(folder)/\(name)", byteCountMax: Self.fileByteCountMax)
            else { continue }
            files.withLock { $0[name] = bytes }
        }
    }

    /// Before anything is handed out to it, a worker is given the files.
    func welcome(_ address: String) {
        outbox.empty(address)
        let files = files.withLock { $0.sorted { $0.key < $1.key } }
        put(files.map { .file(name: $0.key, bytes: $0.value) }, for: address)
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
