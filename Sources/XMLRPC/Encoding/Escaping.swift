/// Appends text as XML character data.
///
/// A carriage return is written as a reference, since every parser turns a literal one into a line feed.
///
/// - Parameter text: Valid UTF-8.
/// - Returns: false if the text holds a character that an XML document can't; the output is then incomplete.
func appendEscaped(_ text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) -> Bool {
    var runStart = 0
    for (index, byte) in text.enumerated() where isSpecial(byte) {
        let replacement: StaticString
        switch byte {
        case UInt8(ascii: "&"): replacement = "&amp;"
        case UInt8(ascii: "<"): replacement = "&lt;"
        case UInt8(ascii: ">"): replacement = "&gt;"
        case UInt8(ascii: "\r"): replacement = "&#13;"
        case UInt8(ascii: "\n"), UInt8(ascii: "\t"): continue
        case 0xEF where !isNoncharacter(text[index...]): continue
        default: return false
        }
        output.append(contentsOf: UnsafeBufferPointer(rebasing: text[runStart..<index]))
        output.append(
            contentsOf: UnsafeBufferPointer(start: replacement.utf8Start, count: replacement.utf8CodeUnitCount))
        runStart = index + 1
    }
    output.append(contentsOf: UnsafeBufferPointer(rebasing: text[runStart...]))
    return true
}

/// Whether a byte needs a second look: a control character, markup, or the first byte of U+F000 to U+FFFF.
@inline(__always)
private func isSpecial(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "&") || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == 0xEF
}

/// Whether text begins with U+FFFE or U+FFFF, which XML forbids.
private func isNoncharacter(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    text.starts(with: [0xEF, 0xBF, 0xBE]) || text.starts(with: [0xEF, 0xBF, 0xBF])
}
