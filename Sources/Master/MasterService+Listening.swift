package import Access
import LocalMachine
import Model
import Logging
import Shell
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

// Where a master listens, and what it leaves for those who look for it.

extension MasterService {
    /// A master that goes on keeps its name and token, so that its workers do not notice.
    static func record(
        _ configuration: MasterConfiguration, _ directory: StateDirectory, goingOnWith earlier: EarlierJob?
    ) -> MasterRecord {
        let new = MasterRecord.random(withToken: configuration.requiresToken, processID: HostIdentity.processID)
        guard let header = earlier?.header else { return new }
        // Without its record it gets a new token, and workers join again.
        let old = try? MasterRecord.read(in: directory, host: configuration.host, port: header.port)
        let token = old?.instance == header.instance && old?.token != nil ? old?.token : new.token
        return MasterRecord(
            instance: header.instance, token: configuration.requiresToken ? token : nil,
            processID: HostIdentity.processID)
    }

    /// - Returns: nil where everybody is let in.
    static func access(
        _ configuration: MasterConfiguration, _ directory: StateDirectory, _ record: MasterRecord,
        goingOnWith earlier: EarlierJob?
    ) throws(LocalStateError) -> MasterAccess? {
        guard let token = record.token else { return nil }
        let port = ports(configuration, earlier)[0]
        return try MasterAccess(
            instance: record.instance, token: token,
            earlier: port > 0 ? directory.accessPath(host: configuration.host, port: port) : nil)
    }

    /// Where to listen, best first: workers look for a master that goes on where it was.
    static func ports(_ configuration: MasterConfiguration, _ earlier: EarlierJob?) -> [Int] {
        guard configuration.port == 0, let port = earlier?.header.port else { return [configuration.port] }
        return [port, 0]
    }

    static func serve(
        _ methods: MethodTable, at ports: [Int], shell: CoordinatorShell, context: MasterContext,
        logs: AttemptLogs, desk: LaunchDesk?, configuration: MasterConfiguration, threads: TransportThreads,
        logger: Logger
    ) async throws -> HTTPServer {
        let routes =
            DataRoutes(context: context, shell: shell).routes
            + LogRoutes(shell: shell, logs: logs).routes
        for (position, port) in ports.enumerated() {
            do {
                var server = HTTPServerConfiguration(host: configuration.host, port: port)
                server.tls = configuration.identity?.tls
                server.servesPages = false
                server.unlimitedRole = Role.admin.rawValue
                server.answersToNames = context.access != nil || !Loopback.contains(configuration.host)
                return try await HTTPServer.start(
                    server, methods: methods, routes: routes,
                    authorizer: context.access?.authorizer { worker in shell.read { $0.knows(worker) } },
                    threads: threads, logger: logger,
                    onAbandoned: {
                        desk?.abandon($0)
                        shell.submit(.requestAbandoned(RequestID(number: $0)))
                    })
            } catch {
                guard position < ports.count - 1 else { throw error }
            }
        }
        preconditionFailure("a master listens at one port at least")
    }

    /// Where others reach it.
    static func address(_ configuration: MasterConfiguration, port: Int) -> HostPort {
        let everywhere = OwnAddresses.wildcards.contains(configuration.host)
        let host = configuration.advertised ?? (everywhere ? OwnAddresses.outward : nil) ?? configuration.host
        return HostPort(host: host, port: port)
    }

    /// Launches from now on, where it may.
    func openDesk() {
        guard let desk, let master = HostPort(localAddress, defaultHost: "") else { return }
        let identity = configuration.identity
        var joinLine: (@Sendable (JoinSecret) -> String)?
        if let identity {
            joinLine = { JoinLine(trust: .pin(identity.pin), secret: $0, master: master).text }
        }
        desk.open(
            LaunchDesk.MasterPlace(
                url: "\(identity == nil ? "http" : "https")://\(master)/RPC2", host: master.host, port: port,
                certificate: identity?.certificate, joinLine: joinLine))
    }

    /// Begins to let people in, by what an earlier master at this address has told them, and leaves word for workers.
    func admit() throws(LocalStateError) {
        try stateDirectory.create()
        guard let access = context.access else { return }
        var invitation: MasterAccess.Invitation?
        if let identity = configuration.identity {
            invitation = MasterAccess.Invitation(
                path: joinPath, trust: .pin(identity.pin), master: Self.address(configuration, port: port))
        }
        try access.keep(at: stateDirectory.accessPath(host: host, port: port), invitation)
        if configuration.identity != nil {
            // Whoever has a line with an end is not given a longer one by the next start.
            let rotates = configuration.tokenLifetime != nil && access.hasEnd(.worker)
            _ = try access.secret(of: .worker, lifetime: configuration.tokenLifetime, rotates: rotates)
        }
    }

    /// `HOST:PORT` at which others reach this master.
    package var address: String { context.address }
    package var encrypts: Bool { configuration.identity != nil }
    /// The file with the join line.
    package var joinPath: String { stateDirectory.joinPath(host: host, port: port) }

    /// For people: when the join line is good for nothing more; nil for never.
    package var joiningEnds: String? {
        get throws { try context.access?.secret(of: .worker).endsAt.map(GrantRefusal.text) }
    }

    /// What a worker on another machine is to be told; nil where none can come.
    package func joinLine() throws -> JoinLine? {
        guard let identity = configuration.identity, let access = context.access else { return nil }
        return JoinLine(
            trust: .pin(identity.pin), secret: try access.secret(of: .worker),
            master: Self.address(configuration, port: port))
    }
}
