import KeyPins

/// A secret that people carry to other machines, and what it is worth.
package struct JoinSecret: Hashable, Sendable {
    /// 160 bits.
    package static let byteCount = 20

    package let role: Role
    /// In base 32, as it is sent.
    package let text: String
    /// In seconds since 1970; from then on it is worth nothing. nil: for ever.
    package var endsAt: Int64?

    /// - Parameter bytes: ``byteCount`` random ones.
    package init(role: Role, bytes: [UInt8], endsAt: Int64? = nil) {
        precondition(bytes.count == Self.byteCount, "a secret has \(Self.byteCount) bytes")
        self.role = role
        text = Base32.encode(bytes)
        self.endsAt = endsAt
    }

    /// From the system's randomness.
    package static func random(role: Role, endsAt: Int64? = nil) -> JoinSecret {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return JoinSecret(role: role, bytes: bytes, endsAt: endsAt)
    }
}
