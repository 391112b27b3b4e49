import Crypto
package import KeyPins
import XMLRPCTransport

/// A private key on the curve P-256, for TLS.
package struct CertificateKey: Sendable {
    let key: P256.Signing.PrivateKey

    /// A new one, from the system's randomness.
    package init() {
        key = P256.Signing.PrivateKey()
    }

    /// What `pem` wrote, or openssl: PKCS #8 or SEC 1.
    ///
    /// - Throws: `TLSSetupError` for what is no key; a key of another kind is `CertificateError.notP256`.
    package init(pem: String) throws {
        do {
            key = try P256.Signing.PrivateKey(pemRepresentation: pem)
        } catch {
            if pem.contains("ENCRYPTED") { throw TLSSetupError.keyNeedsPassword }
            guard pem.contains("PRIVATE KEY-----") else { throw TLSSetupError.noKey }
            throw CertificateError.notP256
        }
    }

    /// PKCS #8. Whoever writes it somewhere sees to it that nobody else can read it.
    package var pem: String { key.pemRepresentation + "\n" }

    /// PKCS #8.
    package var der: [UInt8] { Array(key.derRepresentation) }

    /// What certificates of this key are known by, whenever they are made.
    package var pin: KeyPin { KeyPin(publicKey: Array(key.publicKey.derRepresentation)) }
}
