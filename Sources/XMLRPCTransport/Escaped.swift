/// Text from the other side, made fit for a log line or an error.
enum Escaped {
    static let lengthMax = 200

    /// Printable ASCII stays; everything else, and the backslash, becomes \xNN; cut at `lengthMax` bytes.
    static func text(_ text: String) -> String { self.bytes(text.utf8) }

    static func bytes(_ bytes: some Collection<UInt8>) -> String {
        var result = ""
        for byte in bytes.prefix(lengthMax) {
            if byte >= 0x20, byte < 0x7f, byte != UInt8(ascii: "\\") {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return bytes.count > lengthMax ? result + "..." : result
    }
}
