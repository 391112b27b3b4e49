import KeyPins
import XMLRPCTransport

/// Whom a client trusts where its URL begins with `https`, and what it shows of itself.
///
/// ```swift
/// var configuration = XMLRPCClientConfiguration()
/// configuration.tls = try XMLRPCClientTLS(trust: .authorities(file: "server.pem"))
/// let client = try XMLRPCClient("https://robot.example:8443/RPC2", configuration: configuration)
/// ```
public struct XMLRPCClientTLS: Sendable {
    public enum Trust: Hashable, Sendable {
        /// The authorities that the system trusts.
        case system
        /// Those in a PEM file, or the server's own certificate in it.
        case authorities(file: String)
        /// The server's key is one of these, each written as `XMLRPCServerTLS.keyPin` is. Nothing else is looked at:
        /// neither names nor dates nor authorities.
        case keys(Set<String>)
    }

    let transport: ClientTLS

    /// Reads the files; they are not looked at again.
    ///
    /// - Parameters:
    ///   - serverName: The DNS name that the server's certificate must have; nil: the URL's host. Keys have no use for it.
    ///   - certificateFile: PEM, shown to servers that ask for a certificate; with `keyFile` or not at all.
    ///   - allowsVersion12: For servers that know nothing newer than TLS 1.2.
    public init(
        trust: Trust = .system, serverName: String? = nil, certificateFile: String? = nil, keyFile: String? = nil,
        allowsVersion12: Bool = false
    ) throws(XMLRPCTLSError) {
        guard (certificateFile == nil) == (keyFile == nil) else {
            throw XMLRPCTLSError(description: "a client that shows a certificate needs its key as well")
        }
        let transportTrust = try Self.trust(trust)
        do throws(TLSSetupError) {
            var identity: TLSIdentity?
            if let certificateFile, let keyFile {
                identity = try TLSIdentity(certificateFile: certificateFile, keyFile: keyFile)
            }
            transport = try ClientTLS(
                trust: transportTrust, serverName: serverName, identity: identity, allowsVersion12: allowsVersion12)
        } catch {
            throw XMLRPCTLSError(error)
        }
    }

    private static func trust(_ trust: Trust) throws(XMLRPCTLSError) -> ClientTLS.Trust {
        switch trust {
        case .system:
            return .systemAuthorities
        case .authorities(let path):
            do throws(TLSSetupError) {
                return .authorities(try PEM.file(path))
            } catch {
                throw XMLRPCTLSError(error)
            }
        case .keys(let texts):
            let pins = texts.compactMap { KeyPin($0) }
            guard !pins.isEmpty, pins.count == texts.count else {
                throw XMLRPCTLSError(
                    description: "a key is given as 32 characters of base32, and there is one at least")
            }
            return .pins(Set(pins))
        }
    }
}
