/// Why a certificate can't be made as it was asked for.
package enum CertificateError: Error, Hashable, Sendable, CustomStringConvertible {
    case notP256
    /// Neither an IP address nor a DNS name.
    case badName(String)
    case badValidity(reason: String)

    package var description: String {
        switch self {
        case .notP256:
            "the private key can't be read, or is not on the curve P-256; make one with openssl ecparam -name prime256v1 -genkey -noout"
        case .badName(let name):
            "\(name.debugDescription.prefix(200)) is neither an IP address nor a DNS name, and can't be in a certificate"
        case .badValidity(let reason):
            "the certificate's dates are wrong: \(reason)"
        }
    }
}
