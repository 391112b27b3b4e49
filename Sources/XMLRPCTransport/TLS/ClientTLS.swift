package import KeyPins
import NIOCore
import NIOSSL

/// How a client speaks TLS: whom it trusts, and what it shows of itself.
///
/// To make one may read many certificates, and is work for a thread that may block; then it serves any number of
/// clients and connections.
package struct ClientTLS: Sendable {
    package enum Trust: Sendable {
        /// The server's key is one of these. Neither names nor dates nor authorities are looked at.
        case pins(Set<KeyPin>)
        /// Certificates in PEM that vouch for the server's, or are it.
        case authorities([UInt8])
        /// Those of the system.
        case systemAuthorities
    }

    let context: NIOSSLContext
    /// nil where authorities decide.
    let pins: Set<KeyPin>?
    let serverName: String?

    /// - Parameters:
    ///   - serverName: The DNS name that the server's certificate must have, where authorities decide; nil: the host that
    ///     is connected to, by name or address.
    ///   - identity: Shown to servers that ask for a certificate.
    ///   - allowsVersion12: For servers that know nothing newer.
    package init(
        trust: Trust, serverName: String? = nil, identity: TLSIdentity? = nil, allowsVersion12: Bool = false
    ) throws(TLSSetupError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = allowsVersion12 ? .tlsv12 : .tlsv13
        configuration.applicationProtocols = [TLSProtocols.http]
        configuration.shutdownTimeout = .zero
        if let identity {
            configuration.certificateChain = identity.certificates.map { .certificate($0) }
            configuration.privateKey = .privateKey(identity.key)
        }
        switch trust {
        case .pins(let pins):
            precondition(!pins.isEmpty, "a client trusts at least one key")
            self.pins = pins
            // The pins decide, and nothing else is read or asked.
            configuration.trustRoots = .certificates([])
            configuration.certificateVerification = .noHostnameVerification
        case .authorities(let bytes):
            pins = nil
            let authorities = try PEM.certificates(bytes, none: .noAuthority, unreadable: .unreadableAuthority)
            configuration.trustRoots = .certificates(authorities)
        case .systemAuthorities:
            pins = nil
        }
        self.serverName = serverName
        context = try ServerTLS.context(configuration)
    }

    /// The handler of one connection.
    func makeHandler(host: String, judge: PinJudge?) throws -> NIOSSLClientHandler {
        guard let judge else {
            return try NIOSSLClientHandler(context: context, serverHostname: name(forHost: host))
        }
        return try NIOSSLClientHandler(context: context, serverHostname: nil) { certificates, verdict in
            verdict.succeed(judge.accepts(certificates) ? .certificateVerified : .failed)
        }
    }

    /// The name to look for in the certificate; nil for a literal address, which is looked for instead.
    func name(forHost host: String) -> String? {
        let name = serverName ?? host
        // Only asked whether it is one.
        return (try? SocketAddress(ipAddress: name, port: 0)) == nil ? name : nil
    }
}

/// Compares one connection's server with the pins. Belongs to one event loop.
final class PinJudge {
    let pins: Set<KeyPin>
    /// The server's, when it was none of them.
    private(set) var refused: KeyPin?

    init(pins: Set<KeyPin>) {
        self.pins = pins
    }

    func accepts(_ certificates: [NIOSSLCertificate]) -> Bool {
        guard let leaf = certificates.first, let pin = KeyPin(of: leaf) else { return false }
        if pins.contains(pin) { return true }
        refused = pin
        return false
    }
}
