import Glibc
import NIOSSL

/// What BoringSSL says of a handshake or connection that failed, in its own words.
struct TLSFailure: Hashable, Sendable {
    /// A name such as CERTIFICATE_VERIFY_FAILED, or what there is instead.
    let name: String
    let isEndOfInput: Bool
    /// The certificate has been found good, but is for other names.
    let isOtherName: Bool

    init(_ error: any Error) {
        let stack = TLSFailure.stack(of: error)
        isEndOfInput =
            stack.contains(.eofDuringHandshake) || stack.contains(.eofDuringAdditionalCertficiateChainValidation)
        isOtherName = (error as? NIOSSLExtraError).map { $0 == .failedToValidateHostname } ?? false
        name = stack.first.map { TLSFailure.name(of: $0) } ?? Escaped.text("\(error)")
    }

    private static func stack(of error: any Error) -> NIOBoringSSLErrorStack {
        switch error {
        case NIOSSLError.handshakeFailed(let error), NIOSSLError.shutdownFailed(let error): stack(of: error)
        case BoringSSLError.sslError(let stack), BoringSSLError.unknownError(let stack): stack
        default: []
        }
    }

    /// "... error:1000007d:SSL routines:OPENSSL_internal:NAME at FILE:LINE" is all that there is to be had.
    private static func name(of error: BoringSSLInternalError) -> String {
        let text = error.description
        guard let begin = text.firstRange(of: "OPENSSL_internal:")?.upperBound else { return Escaped.text(text) }
        return String(text[begin...].prefix { $0 != " " })
    }

    var isUntrustedCertificate: Bool { name == "CERTIFICATE_VERIFY_FAILED" || isOtherName }

    /// The other side does not accept this side's certificate, or misses one.
    var isRefusalOfCertificate: Bool {
        name == "TLSV1_ALERT_CERTIFICATE_REQUIRED" || TLSFailure.refusals.contains(name)
    }

    private static let refusals: Set<String> = [
        "TLSV1_ALERT_UNKNOWN_CA", "SSLV3_ALERT_BAD_CERTIFICATE", "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_REVOKED", "SSLV3_ALERT_CERTIFICATE_EXPIRED", "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "TLSV1_ALERT_DECRYPT_ERROR", "TLSV1_ALERT_ACCESS_DENIED",
    ]

    /// What is wrong between the two sides, beside an untrusted certificate.
    ///
    /// - Parameter other: How the other side is called.
    func reason(other: String) -> String {
        switch name {
        case "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_SHARED_CIPHER",
            "SSLV3_ALERT_HANDSHAKE_FAILURE":
            "\(other) does not speak a version of TLS that is spoken here (1.3, and 1.2 only where it is allowed)"
        case "PEER_DID_NOT_RETURN_A_CERTIFICATE":
            "\(other) showed no certificate, and must"
        case "TLSV1_ALERT_CERTIFICATE_REQUIRED":
            "\(other) asks for a certificate of this side"
        case "BAD_PACKET_LENGTH":
            // OpenSSL's clients say in the open that they refuse a certificate, where TLS 1.3 expects it encrypted.
            "\(other) broke off, most likely because it does not accept the certificate of this side (\(name))"
        case let name where TLSFailure.refusals.contains(name):
            "\(other) does not accept the certificate of this side (\(name))"
        default:
            isEndOfInput ? "\(other) went away in the middle of the handshake" : "\(other) and TLS don't fit (\(name))"
        }
    }
}

/// Why authorities did not vouch for a certificate: BoringSSL knows, but tells only that they did not.
enum CertificateDoubt {
    /// - Parameters:
    ///   - certificate: The one that was shown; nil when it is not known.
    ///   - now: Seconds since 1970.
    static func reason(_ certificate: NIOSSLCertificate?, now: Int) -> String {
        guard let certificate else { return "no trusted authority vouches for it" }
        let (begin, end) = (Int(certificate.notValidBefore), Int(certificate.notValidAfter))
        if now > end { return "it expired on \(date(end)); check this machine's clock, or renew it" }
        if now < begin { return "it is not valid before \(date(begin)); check this machine's clock" }
        return "no trusted authority vouches for it"
    }

    /// In UTC.
    private static func date(_ seconds: Int) -> String {
        var (time, parts) = (time_t(seconds), tm())
        guard gmtime_r(&time, &parts) != nil else { return "a day that has no date" }
        let numbers = [Int(parts.tm_year) + 1_900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
        return numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: "-")
    }
}
