import DataProtocol
package import Functions
package import Identities
package import Joining
import LocalMachine
package import Logging
import Objects
import XMLRPC
package import XMLRPCTransport

/// How a data worker runs.
package struct DataWorkerConfiguration: Sendable {
    package var host: String
    /// 0 lets the system choose.
    package var port: Int
    /// Where others find it: not where it listens when that is every address.
    package var reachedAs: String
    package var access: DataAccess
    /// What it shows to others; nil: plain HTTP.
    package var identity: ServerIdentity?
    /// nil for a worker by itself.
    package var center: MasterEntry?
    package var environment: [String: String]
    package var name: String
    /// Computations at once, 1 or more.
    package var coreCount: Int
    package var memoryByteCountMax: Int
    /// Where it makes a folder for what goes to the disk and for uploaded files.
    package var scratchParent: String

    /// - Parameter reachedAs: nil: where it listens.
    package init(
        host: String, port: Int, access: DataAccess, center: MasterEntry?, name: String, coreCount: Int,
        memoryByteCountMax: Int, scratchParent: String, reachedAs: String? = nil, identity: ServerIdentity? = nil,
        environment: [String: String] = [:]
    ) {
        self.host = host
        self.port = port
        self.access = access
        self.center = center
        self.name = name
        self.coreCount = coreCount
        self.memoryByteCountMax = memoryByteCountMax
        self.scratchParent = scratchParent
        self.reachedAs = reachedAs ?? host
        self.identity = identity
        self.environment = environment
    }
}

/// Serves data to whoever asks, computes on it, and tells a center what it has.
package final class DataWorkerService: Sendable {
    package let port: Int
    /// `HOST:PORT`.
    package let address: String
    package let folder: String
    private let configuration: DataWorkerConfiguration
    private let state: DataWorkerState
    private let server: HTTPServer
    private let scratch: ScratchFolder
    /// Each with what its center had against it, if that is why.
    private let ends: AsyncStream<CenterRefusal?>
    private let end: AsyncStream<CenterRefusal?>.Continuation

    private static let retryPause: Duration = .seconds(1)
    private static let sweepAge: Duration = .seconds(3_600)
    private let instance = MasterRecord.randomHex()

    package static func start(
        _ configuration: DataWorkerConfiguration, registry: FunctionRegistry = FunctionRegistry(),
        threads: TransportThreads, logger: Logger
    ) async throws -> DataWorkerService {
        // Whoever was killed can't tidy up any more.
        ScratchFolder.sweep(under: configuration.scratchParent, olderThan: sweepAge)
        let scratch = try ScratchFolder.make(under: configuration.scratchParent)
        do {
            return try await start(
                configuration, registry, in: scratch, threads: threads, logger: logger)
        } catch {
            scratch.remove()
            throw error
        }
    }

    private static func start(
        _ configuration: DataWorkerConfiguration, _ registry: FunctionRegistry, in scratch: ScratchFolder,
        threads: TransportThreads, logger: Logger
    ) async throws -> DataWorkerService {
        let (objects, files) = ("\(scratch.path)/objects", "\(scratch.path)/functions")
        for folder in [objects, files] { try OwnFolder.make(folder) }
        let link = configuration.center.map { CenterLink(entry: $0, environment: configuration.environment) }
        let state = DataWorkerState(
            store: try ObjectStore(
                folder: objects, limits: ObjectLimits(memoryByteCountMax: configuration.memoryByteCountMax)),
            library: FunctionLibrary(folder: files, registry: registry),
            peers: PeerClients(configuration.access, center: link, threads: threads), center: link?.address,
            computers: TransportThreads(eventLoopCount: 1, blockingThreadCount: configuration.coreCount),
            logger: logger)
        let (ends, end) = AsyncStream<CenterRefusal?>.makeStream()
        let identity: @Sendable () -> XMLRPCValue = { Self.identity(of: state, configuration, scratch) }
        let calls = DataWorkerCalls(state: state, identity: identity, terminate: { end.yield(nil) })
        var place = HTTPServerConfiguration(host: configuration.host, port: configuration.port)
        place.tls = configuration.identity?.tls
        place.servesPages = false
        place.answersToNames = configuration.access.token != nil || !Loopback.contains(configuration.host)
        let server = try await HTTPServer.start(
            place, methods: MethodTable(calls.methods), routes: ObjectRoutes(state: state, identity: identity).routes,
            authorizer: configuration.access.authorizer, threads: threads, logger: logger)
        state.address = HostPort(host: configuration.reachedAs, port: server.port).description
        return DataWorkerService(
            configuration: configuration, state: state, server: server, scratch: scratch, ends: ends, end: end)
    }

    private init(
        configuration: DataWorkerConfiguration, state: DataWorkerState, server: HTTPServer, scratch: ScratchFolder,
        ends: AsyncStream<CenterRefusal?>, end: AsyncStream<CenterRefusal?>.Continuation
    ) {
        self.configuration = configuration
        self.state = state
        self.server = server
        self.scratch = scratch
        self.ends = ends
        self.end = end
        port = server.port
        address = state.address
        folder = scratch.path
        state.registration.withLock { $0 = { [weak self] in _ = try await self?.register() } }
    }

    private static func identity(
        of state: DataWorkerState, _ configuration: DataWorkerConfiguration, _ scratch: ScratchFolder
    ) -> XMLRPCValue {
        let statistics = state.store.statistics
        var members: [String: XMLRPCValue] = [
            "type": "Worker", "address": .string(state.address), "name": .string(configuration.name),
            "ncores": .int(Int32(clamping: configuration.coreCount)),
            "active": .int(Int32(clamping: state.activeCount.load(ordering: .relaxed))),
            "local_dir": .string(scratch.path), "services": .structure(services(of: state, configuration)),
            "stored": .int(Int32(clamping: statistics.count)),
            "memory_used": .double(Double(statistics.memoryByteCount)),
            "spilled": .double(Double(statistics.spilledByteCount)),
            "memory_limit": .double(Double(statistics.memoryByteCountMax)),
        ]
        if let center = state.center { members["center"] = .string(center) }
        return .structure(members)
    }

    private static func services(
        of state: DataWorkerState, _ configuration: DataWorkerConfiguration
    ) -> [String: XMLRPCValue] {
        guard let place = HostPort(state.address, defaultHost: "") else { return [:] }
        return [configuration.identity == nil ? "http" : "https": .int(Int32(clamping: place.port))]
    }

    // MARK: With a center

    /// Registers, says that it lives, and returns when it is told to end.
    ///
    /// - Parameter onRegistered: Told of the first registration.
    /// - Throws: That the center does not let it in, which was so from the beginning.
    package func run(onRegistered: @escaping @Sendable () -> Void = {}) async throws(CenterRefusal) {
        let keeping = configuration.center.map { entry in Task { await keepRegistered(at: entry, onRegistered) } }
        var refusal: CenterRefusal?
        for await reason in ends {
            refusal = reason
            break
        }
        keeping?.cancel()
        state.isEnding.store(true, ordering: .relaxed)
        state.assigned.cancelAll()
        if let center = state.center, refusal == nil {
            // A center that hears nothing forgets it by itself.
            _ = try? await state.peers.call(center, "unregister", [.string(address)], within: .seconds(2))
        }
        await server.shutdown(grace: .seconds(1))
        await state.peers.close()
        // Its threads end with the process.
        try? await state.computers.shutdown()
        scratch.remove()
        if let refusal { throw refusal }
    }

    package func stop() { end.yield(nil) }

    private func keepRegistered(at entry: MasterEntry, _ onRegistered: @Sendable () -> Void) async {
        var isNews = true
        var lastTrouble = ""
        while !Task.isCancelled {
            do {
                let pause = try await register()
                if isNews { onRegistered() }
                if !lastTrouble.isEmpty { state.logger.notice("registered with the center again") }
                (isNews, lastTrouble) = (false, "")
                while try await isKnown() { try await Task.sleep(for: pause) }
                state.logger.notice("the center has forgotten this worker; registering again")
            } catch is CancellationError {
                return
            } catch {
                let trouble = CenterTrouble(error: error, entry: entry)
                if isNews, trouble.isFinal {
                    end.yield(CenterRefusal(description: trouble.text))
                    return
                }
                if trouble.text != lastTrouble {
                    state.logger.warning("not registered with the center: \(trouble.text); trying again")
                }
                lastTrouble = trouble.text
                // Cut short only when it is to end.
                try? await Task.sleep(for: Self.retryPause)
            }
        }
    }

    private func register() async throws -> Duration {
        guard let center = state.center else { throw CancellationError() }
        let first = state.store.keys(after: nil, limit: ObjectStore.keyPageMax)
        var members: [String: XMLRPCValue] = [
            "address": .string(address), "host": .string(HostIdentity.current), "name": .string(configuration.name),
            "ncores": .int(Int32(clamping: configuration.coreCount)),
            "services": .structure(Self.services(of: state, configuration)),
            "memory_limit": .double(Double(configuration.memoryByteCountMax)),
            "keys": .array(first.compactMap(state.announcement)), "instance": .string(instance),
        ]
        if let identity = configuration.identity { members["certificate"] = .string(identity.certificate) }
        // Before the registration: others may come as soon as that is known.
        if let token = try await state.peers.call(center, PeerKeyCalls.secret, [])["secret"]?.asString,
            Self.isToken(token),
            configuration.access.learn(token)
        {
            state.peers.closeWorkers()
        }
        let answer = try await state.peers.call(center, "register", [.structure(members)])
        try drop(answer["refused"])
        // The rest in pages: there may be more than one call can carry.
        var last = first.last
        while let after = last, case let page = state.store.keys(after: after, limit: ObjectStore.keyPageMax),
            !page.isEmpty
        {
            members["keys"] = .array(page.compactMap(state.announcement))
            try drop(try await state.peers.call(center, "register", [.structure(members)])["refused"])
            last = page.last
        }
        return .seconds(answer["heartbeat_seconds"]?.asDouble ?? CenterService.heartbeat / .seconds(1))
    }

    /// What was deleted or made anew while this worker was away.
    private func drop(_ refused: XMLRPCValue?) throws {
        guard let refused, case let keys = try KeyedValues.keys(refused), !keys.isEmpty else { return }
        state.store.delete(keys)
        state.logger.notice("the center no longer knows \(keys.count) keys as they are here; they are deleted")
    }

    /// Whether it is fit for a header.
    private static func isToken(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private func isKnown() async throws -> Bool {
        guard let center = state.center else { throw CancellationError() }
        return try await state.peers.call(center, "heartbeat", [.string(address)]) == .boolean(true)
    }
}
