package import KeyPins
import NIOCore
import NIOSSL

/// How a server speaks TLS: 1.3, and 1.2 only where it is asked for; HTTP/1.1 by ALPN.
///
/// To make one reads certificates, and is work for a thread that may block.
package struct ServerTLS: Sendable {
    let context: NIOSSLContext
    /// Of the key that clients see.
    package let pin: KeyPin

    /// - Parameters:
    ///   - clientAuthorities: PEM. Where it is given, every client must show a certificate that one of them vouches for.
    ///   - allowsVersion12: For clients that know nothing newer.
    package init(
        identity: TLSIdentity, clientAuthorities: [UInt8]? = nil, allowsVersion12: Bool = false
    ) throws(TLSSetupError) {
        var configuration = identity.configuration
        configuration.minimumTLSVersion = allowsVersion12 ? .tlsv12 : .tlsv13
        configuration.applicationProtocols = [TLSProtocols.http]
        // Whoever has the last answer needs no other goodbye than this side's.
        configuration.shutdownTimeout = .zero
        if let clientAuthorities {
            let authorities = try PEM.certificates(
                clientAuthorities, none: .noAuthority, unreadable: .unreadableAuthority)
            configuration.trustRoots = .certificates(authorities)
            configuration.certificateVerification = .noHostnameVerification
            configuration.sendCANameList = true
        }
        context = try ServerTLS.context(configuration)
        pin = identity.pin
    }

    static func context(_ configuration: TLSConfiguration) throws(TLSSetupError) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch NIOSSLError.failedToLoadPrivateKey {
            throw .keyOfAnotherCertificate
        } catch NIOSSLError.failedToLoadCertificate {
            throw .unreadableCertificate
        } catch {
            throw .refused(reason: TLSFailure(error).name)
        }
    }
}

enum TLSProtocols {
    /// RFC 7301, section 6.
    static let http = "http/1.1"
}
