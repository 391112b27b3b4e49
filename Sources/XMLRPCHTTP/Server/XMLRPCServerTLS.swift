import XMLRPCTransport

/// What a server needs to speak TLS: a certificate and its private key.
///
/// ```swift
/// let tls = try XMLRPCServerTLS(certificateFile: "server.pem", keyFile: "server.key")
/// let server = XMLRPCServer(host: "0.0.0.0", port: 8443, methods: methods, tls: tls)
/// ```
///
/// The version is 1.3, unless 1.2 is asked for. A handshake has five seconds, and at most 1,024 are under way at a time.
public struct XMLRPCServerTLS: Sendable {
    let transport: ServerTLS

    /// Reads the files; they are not looked at again.
    ///
    /// - Parameters:
    ///   - certificateFile: PEM, the server's own first and then what leads to an authority.
    ///   - keyFile: PEM or DER, without a password.
    ///   - clientAuthoritiesFile: PEM. Where it is given, clients must show a certificate that one of these vouches for.
    ///   - allowsVersion12: For clients that know nothing newer than TLS 1.2.
    public init(
        certificateFile: String, keyFile: String, clientAuthoritiesFile: String? = nil, allowsVersion12: Bool = false
    ) throws(XMLRPCTLSError) {
        do throws(TLSSetupError) {
            let identity = try TLSIdentity(certificateFile: certificateFile, keyFile: keyFile)
            let authorities = try clientAuthoritiesFile.map { path throws(TLSSetupError) in try PEM.file(path) }
            transport = try ServerTLS(
                identity: identity, clientAuthorities: authorities, allowsVersion12: allowsVersion12)
        } catch {
            throw XMLRPCTLSError(error)
        }
    }

    /// The same from memory.
    public init(
        certificates: [UInt8], key: [UInt8], clientAuthorities: [UInt8]? = nil, allowsVersion12: Bool = false
    ) throws(XMLRPCTLSError) {
        do throws(TLSSetupError) {
            transport = try ServerTLS(
                identity: TLSIdentity(certificates: certificates, key: key), clientAuthorities: clientAuthorities,
                allowsVersion12: allowsVersion12)
        } catch {
            throw XMLRPCTLSError(error)
        }
    }

    /// What clients may know the server's key by, whatever certificate it has: 160 bits of the SHA-256 of its
    /// SubjectPublicKeyInfo, in 32 characters of base32. See ``XMLRPCClientTLS/Trust/keys(_:)``.
    public var keyPin: String { transport.pin.description }
}

/// Why a certificate, a key or a list of authorities can't be used.
public struct XMLRPCTLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and what to do, in a sentence for people.
    public let description: String

    init(_ error: TLSSetupError) {
        description = error.description
    }

    init(description: String) {
        self.description = description
    }
}
