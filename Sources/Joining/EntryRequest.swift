import Access
import LocalMachine
import XMLRPCTransport

/// What a command line says of how to get in, as it was typed.
package struct EntryRequest: Sendable {
    /// `--master`; nil when it was not typed.
    package var master: String?
    /// `--join`: a line, or `-`.
    package var join: String?
    package var plainHTTP = false
    /// `--tls-ca`: a file.
    package var authorities: String?
    /// `--tls-cert` and `--tls-key`: files.
    package var certificate: String?
    package var key: String?

    package static let masterDefault = "127.0.0.1:8000"

    package init(
        master: String?, join: String?, plainHTTP: Bool, authorities: String?, certificate: String?, key: String?
    ) {
        self.master = master
        self.join = join
        self.plainHTTP = plainHTTP
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }

    /// What comes first counts: `--join`, `--master`, the file that `MR_JOIN_FILE` names, the usual address.
    ///
    /// - Parameter readLine: Takes one line from standard input.
    /// - Throws: ``EntryError``, for people.
    package func entry(environment: [String: String], readLine: () -> String?) throws -> MasterEntry {
        let identity = try identity()
        guard let text = try joinText(environment: environment, readLine: readLine) else {
            return try entry(at: master ?? Self.masterDefault, identity: identity, environment)
        }
        if plainHTTP { throw EntryError.plainJoin }
        if join != nil, master != nil { throw EntryError.twoMasters }
        let line = try JoinLine(text)
        return .joinLine(line, try tls(of: line, identity: identity))
    }

    /// What its user should know, though it works.
    package func warning(environment: [String: String]) -> String? {
        guard join == nil, master == nil, let path = environment["MR_JOIN_FILE"], PrivateFile.isOpenToOthers(path)
        else {
            return nil
        }
        return
            "other users of this machine may read '\(path)', which $MR_JOIN_FILE names, and join with it; chmod 600 '\(path)' ends that"
    }

    private func joinText(environment: [String: String], readLine: () -> String?) throws -> String? {
        if join == "-" {
            guard let line = readLine() else { throw JoinLineError.empty }
            return line
        }
        if let join { return join }
        guard master == nil, let path = environment["MR_JOIN_FILE"], !path.isEmpty else { return nil }
        return String(decoding: try PEM.file(path), as: UTF8.self)
    }

    private func identity() throws -> TLSIdentity? {
        switch (certificate, key) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return try TLSIdentity(certificateFile: certificate, keyFile: key)
        case (nil, _), (_, nil): throw EntryError.halfIdentity
        }
    }

    private func tls(of line: JoinLine, identity: TLSIdentity?) throws -> ClientTLS {
        switch line.trust {
        case .pin(let pin):
            if authorities != nil { throw EntryError.pinAndAuthority }
            return try ClientTLS(trust: .pins([pin]), identity: identity)
        case .authority:
            guard let authorities else { return try ClientTLS(trust: .systemAuthorities, identity: identity) }
            return try ClientTLS(trust: .authorities(PEM.file(authorities)), identity: identity)
        }
    }

    private func entry(
        at text: String, identity: TLSIdentity?, _ environment: [String: String]
    ) throws -> MasterEntry {
        guard let address = HostPort(text, defaultHost: "127.0.0.1"), address.port > 0 else {
            throw EntryError.noAddress(text)
        }
        if authorities != nil { throw EntryError.authorityWithoutJoin }
        if plainHTTP { return .open(address) }
        let entry = MasterEntry.record(address, identity: identity)
        // A name of this machine is none of its addresses, but a master that listens at it has left word.
        guard try OwnAddresses.contains(address.host) || entry.record(environment: environment) != nil else {
            throw EntryError.elsewhere(text)
        }
        return entry
    }
}

/// Why there is no way in, by the command line alone.
package enum EntryError: Error, Hashable, CustomStringConvertible {
    case noAddress(String)
    case elsewhere(String)
    case twoMasters
    case plainJoin
    case pinAndAuthority
    case authorityWithoutJoin
    case halfIdentity

    package var description: String {
        switch self {
        case .noAddress(let text): "--master '\(text)' is not HOST:PORT; write it like 127.0.0.1:8000"
        case .elsewhere(let text):
            "--master '\(text)' is on another machine: give --join the line that mr-master prints when it starts, and that "
                + "`mr-ctl token` prints there (--plain-http is for masters without TLS and token)"
        case .twoMasters: "--join names a master too; leave --master out"
        case .plainJoin: "a join line is for TLS, and --plain-http is for masters without; leave one of them out"
        case .pinAndAuthority:
            "--tls-ca is for join lines with 'ca' in place of a pin; this one has a pin, which decides"
        case .authorityWithoutJoin: "--tls-ca goes with --join"
        case .halfIdentity: "--tls-cert and --tls-key go together"
        }
    }
}
