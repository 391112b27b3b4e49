/// Why a certificate, a key or a list of authorities can't be used. Never says anything of a key's content.
package enum TLSSetupError: Error, Hashable, Sendable, CustomStringConvertible {
    case noCertificate
    case unreadableCertificate
    case noKey
    case keyNeedsPassword
    case unreadableKey
    case keyOfAnotherCertificate
    case unsupportedKey(kind: String)
    /// A list that has been given to trust in, and in which nothing is.
    case noAuthority
    case unreadableAuthority
    /// A file of one of these.
    case unreadableFile(path: String, reason: String)
    case refused(reason: String)

    package var description: String {
        switch self {
        case .noCertificate:
            "there is no certificate: a PEM file has a line -----BEGIN CERTIFICATE-----, the server's own certificate first"
        case .unreadableCertificate:
            "the certificate can't be read: it is neither X.509 in PEM nor in DER; look at it with openssl x509 -text -in FILE"
        case .noKey:
            "there is no private key: a PEM file has a line -----BEGIN PRIVATE KEY-----"
        case .keyNeedsPassword:
            "the private key is locked with a password; unlock a copy with openssl pkey -in FILE -out COPY"
        case .unreadableKey:
            "the private key can't be read: it is neither PEM nor DER; look at it with openssl pkey -text -noout -in FILE"
        case .keyOfAnotherCertificate:
            "the private key does not belong to the certificate; compare openssl x509 -pubkey -noout -in CERTIFICATE with openssl pkey -pubout -in KEY"
        case .unsupportedKey(let kind):
            "keys of the kind \(kind) are not supported; use one of P-256, P-384 or RSA"
        case .noAuthority:
            "there is no authority to trust in: a PEM file has a line -----BEGIN CERTIFICATE----- for each"
        case .unreadableAuthority:
            "the authorities can't be read: they are not X.509 certificates in PEM"
        case .unreadableFile(let path, let reason):
            "\(path) can't be read: \(reason)"
        case .refused(let reason):
            "TLS can't be set up: \(reason)"
        }
    }
}
