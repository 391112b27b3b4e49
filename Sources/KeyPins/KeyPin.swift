import Crypto

/// What a public key is known by: the first 160 bits of the SHA-256 of its DER SubjectPublicKeyInfo. Whoever knows it needs
/// no authority, no host name and no clock to know whom it is talking to.
///
/// It stays the same when a certificate is renewed for the same key. Written in base32: 32 characters.
package struct KeyPin: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 20

    package let bytes: [UInt8]

    /// - Parameter publicKey: A DER SubjectPublicKeyInfo (RFC 5280, section 4.1).
    package init(publicKey: [UInt8]) {
        bytes = Array(SHA256.hash(data: publicKey).prefix(Self.byteCount))
    }

    /// nil unless there are `byteCount` bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// nil for anything but 32 characters of base32, in either case.
    package init?(_ text: some StringProtocol) {
        guard let bytes = Base32.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    package var description: String { Base32.encode(bytes) }
}
