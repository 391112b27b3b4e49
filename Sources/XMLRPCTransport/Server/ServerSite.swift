import Logging
import NIOCore
import NIOExtras
import Synchronization
import XMLRPC

/// What all connections of one server share.
final class ServerSite: Sendable {
    let configuration: HTTPServerConfiguration
    let judge: RequestJudge
    let methods: MethodTable
    let threads: TransportThreads
    let logger: Logger
    let strangerLog: StrangerLog
    let onAbandoned: @Sendable (UInt64) -> Void
    let observer: (any CallObserver)?
    let date = HTTPDate()
    let decoders: DecoderStock
    let documentBudget: ByteBudget
    let answerBudget: ByteBudget
    /// nil without TLS.
    let handshakePlaces: HandshakePlaces?
    private let quiescing: Mutex<ServerQuiescingHelper?>
    private let doors: Mutex<Doors>
    private let wrongCredentials: Mutex<WrongCredentials>
    private let isStopped = Atomic(false)
    private let hardStop = Mutex<NIODeadline?>(nil)

    init(
        configuration: HTTPServerConfiguration, methods: MethodTable, routes: [Route], authorizer: Authorizer?,
        threads: TransportThreads, descriptorLimit: Int, logger: Logger,
        onAbandoned: @escaping @Sendable (UInt64) -> Void, observer: (any CallObserver)?
    ) {
        self.configuration = configuration
        self.methods = methods
        let connections = ConnectionCounts.Limits(
            configuration: configuration, descriptorLimit: descriptorLimit, asksForCredentials: authorizer != nil)
        doors = Mutex(Doors(counts: ConnectionCounts(limits: connections)))
        wrongCredentials = Mutex(
            WrongCredentials(limits: WrongCredentials.Limits(configuration: configuration)))
        quiescing = Mutex(ServerQuiescingHelper(group: threads.group))
        self.threads = threads
        self.logger = logger
        strangerLog = StrangerLog(logger: logger, threads: threads)
        self.onAbandoned = onAbandoned
        self.observer = observer
        let limits = DecodingLimits(
            depthMax: configuration.depthMax, valueCountMax: configuration.valueCountMax,
            byteCountMax: configuration.bodyByteCountMax)
        decoders = DecoderStock(limits: limits)
        handshakePlaces = configuration.tls.map { _ in
            // Below what connections may be in all: else it would never show that they are scarce.
            HandshakePlaces(countMax: min(configuration.handshakesMax, max(2, connections.unauthenticatedMax / 2)))
        }
        documentBudget = ByteBudget(byteCountMax: configuration.documentsByteCountMax)
        answerBudget = ByteBudget(byteCountMax: configuration.answersByteCountMax)
        judge = RequestJudge(configuration: configuration, routes: RouteTable(routes), authorizer: authorizer)
    }

    func serverChannelHandler(for channel: any Channel) -> (any ChannelHandler)? {
        quiescing.withLock { $0?.makeServerChannelHandler(channel: channel) }
    }

    /// For whoever stops the server, once: the helper must be gone before its event loops are.
    func takeQuiescingHelper() -> ServerQuiescingHelper? {
        quiescing.withLock { helper in
            defer { helper = nil }
            return helper
        }
    }

    /// When connections that still work are cut; nil while the server runs.
    var stopsAt: NIODeadline? {
        get { hardStop.withLock { $0 } }
        set { hardStop.withLock { $0 = newValue } }
    }

    /// Every connection has ended, and no other will come.
    var hasStopped: Bool { isStopped.load(ordering: .acquiring) }

    func noteStopped() { isStopped.store(true, ordering: .releasing) }

    private struct Doors {
        var counts: ConnectionCounts
        var newcomers = Newcomers()
    }

    /// Whether there is room for one more connection; unless it is turned away, `connectionEnded` gives its place back.
    ///
    /// - Returns: With what it is known as until it shows valid credentials; nil where it needs none.
    func admitConnection(
        _ channel: any Channel, from address: PeerAddress?
    ) -> (admission: ConnectionCounts.Admission, newcomer: Newcomers.Number?) {
        let now = NIODeadline.now()
        let latest = now - TimeAmount(configuration.unauthenticatedStayMin)
        let (admission, newcomer, oldest) = doors.withLock { doors in
            let oldest = doors.counts.isFullOfStrangers(for: address) ? doors.newcomers.takeOldest(since: latest) : nil
            let admission = doors.counts.admit(from: address, givesUpOldest: oldest != nil)
            guard case .admitted(.unauthenticated) = admission else {
                return (admission, Newcomers.Number?.none, oldest)
            }
            return (admission, doors.newcomers.add(channel, now: now), oldest)
        }
        if let oldest {
            strangerLog.write(
                .placeGivenAway,
                ["remote": "\(PeerAddress.text(oldest.remoteAddress))", "reason": "it had shown no valid credentials"])
            oldest.close(promise: nil)
        }
        return (admission, newcomer)
    }

    func connectionAuthenticated(_ newcomer: Newcomers.Number?) {
        doors.withLock { doors in
            doors.counts.becomeAuthenticated()
            if let newcomer { doors.newcomers.remove(newcomer) }
        }
    }

    /// - Returns: Whether the new role may have one more connection.
    func connectionChangesRole(from old: String?, to new: String) -> Bool {
        doors.withLock { $0.counts.changeRole(from: old, to: new) }
    }

    func connectionUnauthenticated() { doors.withLock { $0.counts.becomeUnauthenticated() } }

    /// When the answer is delayed, `wrongCredentialsDelayEnded` gives its place back.
    func noteWrongCredentials(from address: PeerAddress?, now: NIODeadline) -> WrongCredentials.Answer {
        wrongCredentials.withLock { $0.note(from: address, now: now) }
    }

    func wrongCredentialsDelayEnded(of address: PeerAddress?) {
        wrongCredentials.withLock { $0.delayEnded(of: address) }
    }

    var delayedAnswerCount: Int { wrongCredentials.withLock { $0.delayedCount } }

    func connectionEnded(
        _ standing: ConnectionCounts.Standing, from address: PeerAddress?, newcomer: Newcomers.Number?, role: String?
    ) {
        doors.withLock { doors in
            doors.counts.giveBack(role)
            doors.counts.end(standing, from: address)
            if let newcomer { doors.newcomers.remove(newcomer) }
        }
    }

    func nextCallerID() -> UInt64 {
        ServerSite.callerIDs.add(1, ordering: .relaxed).newValue
    }

    /// One count for all servers of the process, because caller ids are unique in the process.
    private static let callerIDs = Atomic<UInt64>(0)
}
