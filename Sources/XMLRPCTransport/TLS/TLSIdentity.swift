package import KeyPins
import NIOSSL

/// What one side of a TLS connection shows of itself: a certificate, with those that vouch for it, and its private key.
package struct TLSIdentity: Sendable {
    let certificates: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey
    /// Of the certificate's public key.
    package let pin: KeyPin

    /// - Parameters:
    ///   - certificates: PEM, the own one first and then what leads to an authority; or one in DER.
    ///   - key: PEM or DER, without a password.
    package init(certificates: [UInt8], key: [UInt8]) throws(TLSSetupError) {
        self.certificates = try PEM.certificates(
            certificates, none: .noCertificate, unreadable: .unreadableCertificate)
        self.key = try PEM.key(key)
        guard let leaf = self.certificates.first else { throw .noCertificate }
        // Only a context finds out whether the two belong together, and the key is of a kind that can be used.
        _ = try ServerTLS.context(
            .makeServerConfiguration(
                certificateChain: self.certificates.map { .certificate($0) }, privateKey: .privateKey(self.key)))
        guard let pin = KeyPin(of: leaf) else { throw .unreadableCertificate }
        self.pin = pin
        try Self.checkKind(of: leaf)
    }

    /// Of some keys the other side would say no more than that it has no algorithm for them.
    private static func checkKind(of certificate: NIOSSLCertificate) throws(TLSSetupError) {
        // Why it can't be written is of no use to anybody.
        guard let publicKey = try? certificate.extractPublicKey().toSPKIBytes() else { throw .unreadableCertificate }
        // The algorithm's identifier is at the beginning: id-Ed25519 (RFC 8410), secp521r1 (RFC 5480).
        let begin = Array(publicKey.prefix(32))
        for (name, identifier) in [
            ("Ed25519", [0x06, 0x03, 0x2B, 0x65, 0x70]), ("P-521", [0x2B, 0x81, 0x04, 0x00, 0x23]),
        ]
            as [(String, [UInt8])] where begin.firstRange(of: identifier) != nil
        {
            throw .unsupportedKey(kind: name)
        }
    }

    package init(certificateFile: String, keyFile: String) throws(TLSSetupError) {
        try self.init(certificates: PEM.file(certificateFile), key: PEM.file(keyFile))
    }

    var configuration: TLSConfiguration {
        .makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
    }
}

extension KeyPin {
    /// - Precondition: The certificate has been taken for TLS, by a context or in a handshake: NIOSSL traps for keys of an
    ///   unknown kind.
    /// - Returns: nil where the key has no SubjectPublicKeyInfo that can be written.
    init?(of certificate: NIOSSLCertificate) {
        // Why it can't be written is of no use to anybody.
        guard let publicKey = try? certificate.extractPublicKey().toSPKIBytes() else { return nil }
        self.init(publicKey: publicKey)
    }

    /// Of the first certificate in PEM, or the one in DER.
    package init(certificate: [UInt8]) throws(TLSSetupError) {
        let certificates = try PEM.certificates(certificate, none: .noCertificate, unreadable: .unreadableCertificate)
        guard let leaf = certificates.first else { throw .noCertificate }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates([])
        configuration.certificateChain = [.certificate(leaf)]
        _ = try ServerTLS.context(configuration)
        guard let pin = KeyPin(of: leaf) else { throw .unreadableCertificate }
        self = pin
    }
}
