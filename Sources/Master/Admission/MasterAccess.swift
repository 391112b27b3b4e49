import Access
import Glibc
import LocalMachine
import Model
import Synchronization
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

/// Who is let in by a running master, and what for. What it decides is in its file before anybody is answered, so that a
/// master that goes on decides the same.
final class MasterAccess: Sendable {
    private let state: Mutex<State>
    private let writing = Mutex(())
    private let clock: MasterClock

    private struct State {
        var book: AccessBook
        /// nil until the port is known.
        var path: String?
        var invitation: Invitation?
        /// What workers of jobs have bought with the secrets of launched workers that are at work.
        var launched: [Int: [WorkerID]] = [:]
    }

    /// Where workers' join line is left, and what is in it beside the secret.
    struct Invitation {
        let path: String
        let trust: JoinLine.Trust
        let master: HostPort
    }

    private static let fileByteCountMax = 16 << 20

    /// - Parameters:
    ///   - token: Of whoever started the master: it may do everything.
    ///   - path: What an earlier master at this address has left; nil where there was none.
    init(instance: String, token: String, earlier path: String?) throws(LocalStateError) {
        var book = AccessBook(instance: instance, sessionKey: .random())
        if let path, let bytes = try PrivateFile.read(path, byteCountMax: Self.fileByteCountMax) {
            guard let earlier = AccessBook(text: String(decoding: bytes, as: UTF8.self)) else {
                throw .malformed(path: path)
            }
            book = earlier.instance == instance ? earlier : earlier.renewed(instance: instance, sessionKey: .random())
        }
        book.setOwner(token)
        state = Mutex(State(book: book, path: nil))
        clock = MasterClock(seconds: Self.time, at: .now)
    }

    /// Keeps the book there from now on.
    func keep(at path: String, _ invitation: Invitation?) throws(LocalStateError) {
        try change { state in
            state.path = path
            state.invitation = invitation
        }
    }

    /// - Parameter keepsSecrets: Whether the next master at this address lets the same people in.
    func end(keepsSecrets: Bool) {
        state.withLock { state in
            if let invitation = state.invitation { unlink(invitation.path) }
            guard let path = state.path, !keepsSecrets || !Role.allCases.contains(where: { state.book.has($0) }) else {
                return
            }
            unlink(path)
        }
    }

    // MARK: Deciding

    /// - Parameter knows: Whether a worker is one of the job's: the token of one that has left opens nothing, as nobody could
    ///   take it away any more.
    func authorizer(knows: @escaping @Sendable (WorkerID) -> Bool) -> Authorizer {
        Authorizer(
            permits: { role, needed in
                guard Self.permitsPath(role, needed) else { return false }
                return Grant(role)?.worker.map(knows) ?? true
            }, strangersRole: Self.dismissedRole
        ) { header in
            guard header != nil else { return .asked }
            guard let credential = Credential(authorization: header) else { return .asked }
            do throws(GrantRefusal) {
                return .allowed(role: try self.grant(for: credential.secret).text)
            } catch .dismissed {
                // It is to hear of it, and to be told from one whose secret is wrong.
                return .allowed(role: Self.dismissedRole)
            } catch {
                return .refused(reason: "\(error)")
            }
        }
    }

    private func grant(for secret: [UInt8]) throws(GrantRefusal) -> Grant {
        let book = state.withLock { $0.book }
        return try book.grant(for: secret, at: Self.time)
    }

    /// No ``Grant``, and so nothing is open to it.
    static let dismissedRole = "dismissed"

    @Sendable
    static func permits(_ role: String, _ needed: String) -> Bool {
        guard let grant = Grant(role), let needed = Role(rawValue: needed) else { return false }
        return grant.role.allows(needed)
    }

    /// Data is for those who have joined: a secret that many have speaks for nobody.
    @Sendable
    static func permitsPath(_ role: String, _ needed: String) -> Bool {
        guard permits(role, needed), let grant = Grant(role) else { return false }
        return needed != Role.worker.rawValue || grant.worker != nil || grant.role == .admin
    }

    /// For every method that names a role; those that name none are for all who are let in.
    @Sendable
    static func gate(_ method: Method, _ caller: Caller) -> XMLRPCFault? {
        if caller.role == dismissedRole { return CallFault.dismissed }
        if method.role.isEmpty || permits(caller.role, method.role) { return nil }
        return XMLRPCFault(
            code: FaultCode.forbidden,
            message: "\(method.name) needs the role \(method.role), which these credentials don't have")
    }

    // MARK: Giving

    func session(of worker: WorkerID) -> SessionMessage {
        let key = state.withLock { $0.book.sessionKey }
        return SessionMessage(
            token: key.token(of: worker), ticketKey: key.ticketKeyBytes(of: worker),
            clockSeconds: clock.seconds(at: .now))
    }

    /// What a worker shows to the holder of map outputs.
    func ticket(for reduce: AttemptID, of fetcher: WorkerID, at holder: WorkerID) -> String {
        let key = state.withLock { $0.book.sessionKey }
        guard let ticketKey = TicketKey(bytes: key.ticketKeyBytes(of: holder)) else { return "" }
        let end = clock.seconds(at: .now) + Ticket.lifetimeSeconds
        return Ticket(reduce: reduce, fetcher: fetcher, endsAt: end).text(key: ticketKey)
    }

    /// Whether the secret of a role was given an end.
    func hasEnd(_ role: Role) -> Bool { state.withLock { $0.book.end(of: role) } != nil }

    /// When the secret of a role has ended, in seconds since 1970; nil while it is good, and where there is none.
    func end(of role: Role) -> Int64? {
        let (now, book) = (Self.time, state.withLock { $0.book })
        return book.secret(of: role, at: now) == nil ? book.end(of: role) : nil
    }

    /// The secret of a role; one that has ended is followed by a new one.
    ///
    /// - Parameters:
    ///   - lifetime: From now on, in seconds; nil: as long as it had, and for ever if it is new.
    ///   - rotates: The one that there is is good for nothing more, and another takes its place.
    func secret(
        of role: Role, lifetime: Int64? = nil, rotates: Bool = false
    ) throws(LocalStateError) -> JoinSecret {
        let now = Self.time
        var given = JoinSecret.random(role: role)
        try change { state in
            if !rotates, let known = state.book.secret(of: role, at: now) { given = known }
            if let lifetime { given.endsAt = now + lifetime }
            state.book.replace(with: given, at: now)
        }
        return given
    }

    /// A secret for a launched worker, for as long as it is at work; it is kept nowhere but in memory.
    func admit(launched number: Int) -> JoinSecret {
        let secret = JoinSecret.random(role: .worker)
        state.withLock { state in
            state.book.admit(launched: number, secret: secret)
            state.launched[number] = []
        }
        return secret
    }

    /// Remembers what worker has joined with the secret of a launched one.
    ///
    /// - Parameter known: The workers of the master: what others have bought has ended.
    /// - Returns: Whether that one is still at work.
    func note(_ worker: WorkerID, launched number: Int, known: () -> Set<WorkerID>) -> Bool {
        if state.withLock({ $0.launched[number]?.count ?? 0 }) >= Self.launchedSessionsMax {
            let known = known()
            state.withLock { state in state.launched[number]?.removeAll { !known.contains($0) } }
        }
        return state.withLock { state in
            state.launched[number]?.append(worker)
            return state.launched[number] != nil
        }
    }

    /// Of one launched worker, before those are forgotten that have ended.
    private static let launchedSessionsMax = 1_000

    /// - Returns: Workers that have joined with its secret; some may have left.
    func forget(launched number: Int) -> [WorkerID] {
        state.withLock { state in
            state.book.forget(launched: number)
            return state.launched.removeValue(forKey: number) ?? []
        }
    }

    func dismiss(_ workers: [WorkerID]) throws(LocalStateError) {
        try change { state in
            for worker in workers { state.book.dismiss(worker, at: Self.time) }
        }
    }

    func hasDismissed(_ worker: WorkerID) -> Bool { state.withLock { $0.book.dismissed[worker] != nil } }

    /// It holds at once, and then is stored: what could not be stored holds until this master ends.
    ///
    /// - Throws: That it could not be stored.
    private func change(_ body: (inout State) -> Void) throws(LocalStateError) {
        // One after the other, and nobody who is to be let in waits for the disk.
        try writing.withLock { (_) throws(LocalStateError) in
            let new = state.withLock { state in
                body(&state)
                return state
            }
            if let path = new.path { try PrivateFile.write(path, Array(new.book.text.utf8)) }
            if let invitation = new.invitation { try Self.write(invitation, new.book) }
        }
    }

    private static func write(_ invitation: Invitation, _ book: AccessBook) throws(LocalStateError) {
        guard let secret = book.secret(of: .worker, at: time) else { return }
        let line = JoinLine(trust: invitation.trust, secret: secret, master: invitation.master)
        try PrivateFile.write(invitation.path, Array((line.text + "\n").utf8))
    }

    /// Seconds since 1970.
    private static var time: Int64 { Int64(Glibc.time(nil)) }
}
