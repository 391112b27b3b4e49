package import KeyPins
package import LocalMachine

/// All that a worker on another machine needs: where the master is, how to know it, and what it lets in.
///
///     mr1.<pin>.<secret>@HOST:PORT      the master's own key, known by its pin
///     mr1.ca.<secret>@HOST:PORT         a certificate that an authority has signed
///
/// Its description leaves the secret out, so that it can be logged; ``text`` has it.
package struct JoinLine: Hashable, Sendable, CustomStringConvertible {
    package enum Trust: Hashable, Sendable {
        case pin(KeyPin)
        case authority
    }

    package let trust: Trust
    /// In base 32, as it is sent.
    package let secret: String
    package let master: HostPort

    private static let version = "mr1"
    private static let authority = "ca"

    package init(trust: Trust, secret: JoinSecret, master: HostPort) {
        self.trust = trust
        self.secret = secret.text
        self.master = master
    }

    /// - Parameter text: As the master printed it; white space around it is left out.
    package init(_ text: String) throws(JoinLineError) {
        let line = text.drop(while: \.isWhitespace)
        let trimmed = line.prefix { !$0.isWhitespace }
        guard line.dropFirst(trimmed.count).allSatisfy(\.isWhitespace) else { throw .severalWords }
        guard !trimmed.isEmpty else { throw .empty }
        guard let at = trimmed.lastIndex(of: "@") else { throw .noAddress }
        guard let master = HostPort(String(trimmed[trimmed.index(after: at)...]), defaultHost: ""),
            !master.host.isEmpty,
            master.port > 0
        else { throw .badAddress }
        let parts = trimmed[..<at].split(separator: ".", omittingEmptySubsequences: false)
        guard parts[0] == Self.version else {
            throw parts[0].hasPrefix("mr") && Int(parts[0].dropFirst(2)) != nil ? .otherVersion : .noJoinLine
        }
        guard parts.count == 3 else { throw .cut }
        if parts[1].lowercased() == Self.authority {
            trust = .authority
        } else {
            guard let pin = KeyPin(parts[1]) else { throw .badPin }
            trust = .pin(pin)
        }
        guard let secret = Base32.decode(parts[2]), secret.count == JoinSecret.byteCount else { throw .badSecret }
        self.secret = Base32.encode(secret)
        self.master = master
    }

    package var text: String { "\(beginning)\(secret)@\(master)" }

    package var description: String { "\(beginning)(secret)@\(master)" }

    private var beginning: String {
        switch trust {
        case .pin(let pin): "\(Self.version).\(pin)."
        case .authority: "\(Self.version).\(Self.authority)."
        }
    }
}

/// What is wrong with a join line, without any of it: it may hold a secret.
package enum JoinLineError: Error, Hashable, CustomStringConvertible {
    case empty, severalWords, noJoinLine, otherVersion, cut, badPin, badSecret, noAddress, badAddress

    package var description: String {
        "\(what); a join line looks like mr1.PIN.SECRET@HOST:PORT, and `mr-ctl token` on the master's machine prints it"
    }

    private var what: String {
        switch self {
        case .empty: "the join line is empty"
        case .severalWords: "the join line has white space in it"
        case .noJoinLine: "this is no join line"
        case .otherVersion: "this join line is from another version of mr-master"
        case .cut: "the join line lacks a part, or has one too many"
        case .badPin:
            "the pin in the join line is not 32 letters and digits (A to Z, 2 to 7): a part of it may be missing"
        case .badSecret:
            "the secret in the join line is not 32 letters and digits (A to Z, 2 to 7): a part of it may be missing"
        case .noAddress: "the join line has no @HOST:PORT at its end"
        case .badAddress: "what follows the @ of the join line is not HOST:PORT"
        }
    }
}
