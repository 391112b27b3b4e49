import Crypto

/// What a public key is known by: the first 160 bits of the SHA-256 of its DER SubjectPublicKeyInfo.
///
/// It stays the same when a certificate is renewed for the same key. Written in base32 (RFC 4648, upper case, no padding):
/// 32 characters.
package struct KeyPin: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 20
    package static let characterCount = 32

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
        guard text.utf8.count == Self.characterCount else { return nil }
        var bytes: [UInt8] = []
        var (bits, bitCount) = (0, 0)
        for character in text.utf8 {
            guard let value = Self.value(of: character) else { return nil }
            bits = (bits << 5 | value) & 0xFFFF
            bitCount += 5
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
        }
        self.bytes = bytes
    }

    package var description: String {
        var text = ""
        var (bits, bitCount) = (0, 0)
        for byte in bytes {
            bits = (bits << 8 | Int(byte)) & 0xFFFF
            bitCount += 8
            while bitCount >= 5 {
                bitCount -= 5
                text.unicodeScalars.append(Unicode.Scalar(Self.alphabet[bits >> bitCount & 31]))
            }
        }
        return text
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    private static func value(of character: UInt8) -> Int? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(character - UInt8(ascii: "a"))
        case UInt8(ascii: "2")...UInt8(ascii: "7"): Int(character - UInt8(ascii: "2")) + 26
        default: nil
        }
    }
}
