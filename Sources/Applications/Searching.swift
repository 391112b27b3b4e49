import ApplicationAPI
import CDataPath

extension UnsafeRawBufferPointer {
    /// Where `needle` (one byte or more) first occurs at or after `offset`.
    func firstOffset(of needle: [UInt8], from offset: Int) -> Int? {
        guard let baseAddress, offset < count else { return nil }
        return mr_find_bytes(baseAddress + offset, count - offset, needle, needle.count).map { $0 - baseAddress }
    }

    /// Where the line begins that the byte at `offset` belongs to.
    func lineStart(before offset: Int) -> Int {
        guard let baseAddress else { return 0 }
        return mr_find_last_byte(baseAddress, CInt(UInt8(ascii: "\n")), offset).map { $0 - baseAddress + 1 } ?? 0
    }

    /// Where the LF is that ends the line that the byte at `offset` belongs to, or the end of all.
    func lineEnd(after offset: Int) -> Int {
        guard let baseAddress else { return 0 }
        let newline = memchr(baseAddress + offset, CInt(UInt8(ascii: "\n")), count - offset)
        return newline.map { UnsafeRawPointer($0) - baseAddress } ?? count
    }
}

extension ReduceOutput {
    /// Appends a file name so that it stays on one line and in one field: backslash, newline and tab are written as
    /// `\\`, `\n` and `\t`, and a comma as `\,` where names are separated by commas.
    func appendEscaped(_ name: Bytes, alsoComma: Bool = false) {
        name.forEachEscapedPart(alsoComma: alsoComma) { append($0) }
    }
}

extension UnsafeRawBufferPointer {
    /// The same for any other writer.
    func forEachEscapedPart(alsoComma: Bool, _ put: (Bytes) -> Void) {
        var plainStart = 0
        for (offset, byte) in enumerated() {
            let replacement: StaticString
            switch byte {
            case UInt8(ascii: "\\"): replacement = "\\\\"
            case UInt8(ascii: "\n"): replacement = "\\n"
            case UInt8(ascii: "\t"): replacement = "\\t"
            case UInt8(ascii: ",") where alsoComma: replacement = "\\,"
            default: continue
            }
            put(Bytes(rebasing: self[plainStart..<offset]))
            replacement.withUTF8Buffer { put(Bytes($0)) }
            plainStart = offset + 1
        }
        put(Bytes(rebasing: self[plainStart...]))
    }
}
