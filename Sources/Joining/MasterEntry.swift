package import Access
import KeyPins
package import LocalMachine
package import XMLRPCTransport

/// How a program gets in at a master.
package enum MasterEntry: Sendable {
    /// By what a master of the same user has left in the state folder of this machine; it may come later.
    case record(HostPort, identity: TLSIdentity? = nil)
    /// By a line that somebody has carried here.
    case joinLine(JoinLine, ClientTLS)
    /// By nothing: its user has said in so many words that everybody may read along.
    case open(HostPort)

    package var address: HostPort {
        switch self {
        case .record(let address, _), .open(let address): address
        case .joinLine(let line, _): line.master
        }
    }

    /// Looks anew each time: a master may have come after the program.
    package func door(environment: [String: String]) throws -> MasterDoor {
        switch self {
        case .open(let address): return MasterDoor(address: address)
        case .joinLine(let line, let tls):
            return MasterDoor(address: line.master, secret: line.secret, tls: tls)
        case .record(let address, let identity):
            // Whoever listens there without it may be anybody, and a worker does what its master says.
            guard let record = try record(environment: environment) else { throw NoMasterYet(address: address) }
            var tls: ClientTLS?
            if let text = record.pin {
                guard let pin = KeyPin(text) else { throw LocalStateError.malformed(path: "of \(address)") }
                tls = try ClientTLS(trust: .pins([pin]), identity: identity)
            }
            return MasterDoor(
                address: address, secret: record.token, tls: tls,
                outward: record.address, mustBeOwn: tls == nil)
        }
    }

    /// What the master has left; nil where it has left nothing, or its program is on another machine.
    package func record(environment: [String: String]) throws(LocalStateError) -> MasterRecord? {
        guard case .record(let address, _) = self else { return nil }
        return try MasterRecord.read(
            in: StateDirectory.ofUser(environment: environment), host: address.host, port: address.port)
    }

    /// Whether the record of a master that has ended is seen to be gone.
    package var seesRecord: Bool {
        if case .record = self { true } else { false }
    }
}

/// Where a master is, and what it takes to be let in.
package struct MasterDoor: Sendable {
    package let address: HostPort
    /// What is shown as Bearer token; nil where there is nothing to show.
    package let secret: String?
    /// nil: plain HTTP.
    package let tls: ClientTLS?
    /// Where machines other than the master's own reach it, if that is known to be another address.
    package let outward: HostPort?
    /// The master is a program of this user's on this machine, and nothing else tells who listens there.
    let mustBeOwn: Bool

    init(
        address: HostPort, secret: String? = nil, tls: ClientTLS? = nil, outward: HostPort? = nil,
        mustBeOwn: Bool = false
    ) {
        self.address = address
        self.secret = secret
        self.tls = tls
        self.outward = outward
        self.mustBeOwn = mustBeOwn
    }

    /// Where others reach this program, as seen from the master. Looks names up, and so may take seconds.
    package var ownHost: String {
        let master = outward ?? address
        if Loopback.contains(master.host) { return Self.loopback }
        let local = OwnAddresses.local(toward: master.host, port: master.port) ?? Self.loopback
        // The master is on this machine, by a name that is looked up to a loopback address here.
        return Loopback.contains(local) ? OwnAddresses.outward ?? local : local
    }

    private static let loopback = "127.0.0.1"

    package func client(threads: TransportThreads) -> HTTPClient {
        var configuration = HTTPClientConfiguration()
        if mustBeOwn { configuration.distrust = Self.distrust(port: address.port) }
        return HTTPClient(
            host: address.host, port: address.port, authorization: secret.map { "Bearer \($0)" }, threads: threads,
            configuration: configuration, tls: tls)
    }

    /// For clients of a program of this user's on this machine, by plain HTTP: another user's may listen where it was.
    package static func distrust(port: Int) -> @Sendable (_ address: String?) -> String? {
        {
            LoopbackPeer.isOwn(host: $0 ?? "", port: port)
                ? nil : "another user's program listens there, and the master is gone"
        }
    }
}

/// No master of this user has left word for an address.
package struct NoMasterYet: Error, Hashable, CustomStringConvertible {
    package let address: HostPort

    package var description: String {
        "no master of this user has left word that it listens on \(address); start one there, "
            + "with the same $MR_STATE_DIR, $XDG_STATE_HOME and $HOME"
    }
}
