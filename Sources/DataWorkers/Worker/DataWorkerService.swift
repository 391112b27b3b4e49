import DataProtocol
package import Functions
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
    package var access: DataAccess
    /// `HOST:PORT`; nil for a worker by itself.
    package var center: String?
    package var name: String
    /// Computations at once, 1 or more.
    package var coreCount: Int
    package var memoryByteCountMax: Int
    /// Where it makes a folder for what goes to the disk and for uploaded files.
    package var scratchParent: String

    package init(
        host: String, port: Int, access: DataAccess, center: String?, name: String, coreCount: Int,
        memoryByteCountMax: Int, scratchParent: String
    ) {
        self.host = host
        self.port = port
        self.access = access
        self.center = center
        self.name = name
        self.coreCount = coreCount
        self.memoryByteCountMax = memoryByteCountMax
        self.scratchParent = scratchParent
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
    private let ends: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    private static let retryPause: Duration = .seconds(1)

    package static func start(
        _ configuration: DataWorkerConfiguration, registry: FunctionRegistry = FunctionRegistry(),
        threads: TransportThreads, logger: Logger
    ) async throws -> DataWorkerService {
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
        let state = DataWorkerState(
            store: try ObjectStore(
                folder: objects, limits: ObjectLimits(memoryByteCountMax: configuration.memoryByteCountMax)),
            library: FunctionLibrary(folder: files, registry: registry),
            peers: PeerClients(configuration.access, threads: threads), center: configuration.center,
            computers: TransportThreads(eventLoopCount: 1, blockingThreadCount: configuration.coreCount),
            logger: logger)
        let (ends, end) = AsyncStream<Void>.makeStream()
        let identity: @Sendable () -> XMLRPCValue = { Self.identity(of: state, configuration, scratch) }
        let calls = DataWorkerCalls(state: state, identity: identity, terminate: { end.yield() })
        var place = HTTPServerConfiguration(host: configuration.host, port: configuration.port)
        place.servesPages = false
        place.answersToNames = configuration.access.token != nil || !Loopback.contains(configuration.host)
        let server = try await HTTPServer.start(
            place, methods: MethodTable(calls.methods), routes: ObjectRoutes(state: state, identity: identity).routes,
            authorizer: configuration.access.authorizer, threads: threads, logger: logger)
        state.address = HostPort(host: reachedAs(configuration), port: server.port).description
        return DataWorkerService(
            configuration: configuration, state: state, server: server, scratch: scratch, ends: ends, end: end)
    }

    private init(
        configuration: DataWorkerConfiguration, state: DataWorkerState, server: HTTPServer, scratch: ScratchFolder,
        ends: AsyncStream<Void>, end: AsyncStream<Void>.Continuation
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

    /// Where others find it: not where it listens when that is every address.
    private static func reachedAs(_ configuration: DataWorkerConfiguration) -> String {
        guard OwnAddresses.wildcards.contains(configuration.host) else { return configuration.host }
        guard let center = configuration.center.flatMap({ HostPort($0, defaultHost: "") }),
            !Loopback.contains(center.host)
        else { return "127.0.0.1" }
        return OwnAddresses.local(toward: center.host, port: center.port) ?? "127.0.0.1"
    }

    private static func identity(
        of state: DataWorkerState, _ configuration: DataWorkerConfiguration, _ scratch: ScratchFolder
    ) -> XMLRPCValue {
        let statistics = state.store.statistics
        var members: [String: XMLRPCValue] = [
            "type": "Worker", "address": .string(state.address), "name": .string(configuration.name),
            "ncores": .int(Int32(clamping: configuration.coreCount)),
            "active": .int(Int32(clamping: state.activeCount.load(ordering: .relaxed))),
            "local_dir": .string(scratch.path), "services": .structure(services(of: state)),
            "stored": .int(Int32(clamping: statistics.count)),
            "memory_used": .double(Double(statistics.memoryByteCount)),
            "spilled": .double(Double(statistics.spilledByteCount)),
            "memory_limit": .double(Double(statistics.memoryByteCountMax)),
        ]
        if let center = state.center { members["center"] = .string(center) }
        return .structure(members)
    }

    private static func services(of state: DataWorkerState) -> [String: XMLRPCValue] {
        guard let place = HostPort(state.address, defaultHost: "") else { return [:] }
        return ["http": .int(Int32(clamping: place.port))]
    }

    // MARK: With a center

    /// Registers, says that it lives, and returns when it is told to end.
    ///
    /// - Parameter onRegistered: Told of the first registration.
    package func run(onRegistered: @escaping @Sendable () -> Void = {}) async {
        let keeping = Task { [self] in
            var isNews = true
            while !Task.isCancelled {
                do {
                    let pause = try await register()
                    if isNews { onRegistered() }
                    isNews = false
                    while try await isKnown() { try await Task.sleep(for: pause) }
                    state.logger.notice("the center has forgotten this worker; registering again")
                } catch is CancellationError {
                    return
                } catch {
                    state.logger.warning("no answer from the center at \(state.center ?? ""): \(error)")
                    // Cut short only when it is to end.
                    try? await Task.sleep(for: Self.retryPause)
                }
            }
        }
        if configuration.center == nil { keeping.cancel() }
        for await _ in ends { break }
        keeping.cancel()
        state.isEnding.store(true, ordering: .relaxed)
        state.assigned.cancelAll()
        if let center = configuration.center {
            // A center that hears nothing forgets it by itself.
            _ = try? await state.peers.call(center, "unregister", [.string(address)], within: .seconds(2))
        }
        await server.shutdown(grace: .seconds(1))
        await state.peers.close()
        // Its threads end with the process.
        try? await state.computers.shutdown()
        scratch.remove()
    }

    package func stop() { end.yield() }

    private func register() async throws -> Duration {
        guard let center = configuration.center else { throw CancellationError() }
        var keys: [XMLRPCValue] = []
        var last: ObjectKey?
        while case let page = state.store.keys(after: last, limit: ObjectStore.keyPageMax), !page.isEmpty {
            for key in page {
                guard let info = state.store.info(of: key) else { continue }
                keys.append(.array([key.wireValue, .double(Double(info.byteCount))]))
            }
            last = page.last
        }
        let answer = try await state.peers.call(
            center, "register",
            [
                .structure([
                    "address": .string(address), "host": .string(HostIdentity.current),
                    "name": .string(configuration.name), "ncores": .int(Int32(clamping: configuration.coreCount)),
                    "services": .structure(Self.services(of: state)),
                    "memory_limit": .double(Double(configuration.memoryByteCountMax)), "keys": .array(keys),
                ])
            ])
        return .seconds(answer["heartbeat_seconds"]?.asDouble ?? CenterService.heartbeat / .seconds(1))
    }

    private func isKnown() async throws -> Bool {
        guard let center = configuration.center else { throw CancellationError() }
        return try await state.peers.call(center, "heartbeat", [.string(address)]) == .boolean(true)
    }
}
