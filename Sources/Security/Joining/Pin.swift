import Crypto

/// Tells one public key from every other: the first 160 bits of the SHA-256 of its SubjectPublicKeyInfo (RFC 5280,
/// section 4.1). Whoever knows it needs no authority, no host name and no clock to know whom it is talking to.
package struct Pin: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 20

    package let bytes: [UInt8]

    /// - Parameter publicKey: A SubjectPublicKeyInfo in DER.
    package init(publicKey: some Sequence<UInt8>) {
        bytes = Array(SHA256.hash(data: Array(publicKey)).prefix(Self.byteCount))
    }

    /// nil for another number of bytes than ``byteCount``.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Reads what ``description`` writes, in upper or lower case.
    package init?(_ text: some StringProtocol) {
        guard let bytes = Base32.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    /// 32 letters and digits.
    package var description: String { Base32.encode(bytes) }

    /// Enough of it for people to compare.
    package var abbreviation: String { description.prefix(8) + "…" }
}
