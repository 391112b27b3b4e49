import Glibc

/// The key in a line that a job with `--output-format json` wrote:
///
///     {"key": "a\tb", "value": 1}
///     {"key": "\u{FFFD}", "key_base64": "/w==", "value": 1}
struct JSONLineKey: ~Copyable {
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
    private var count = 0

    private static let start = Array(#"{"key": ""#.utf8)
    private static let packedStart = Array(#"", "key_base64": ""#.utf8)

    deinit { memory.deallocate() }

    /// Of the line that was read last.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    /// - Returns: Whether the line has one.
    mutating func read(from line: UnsafeRawBufferPointer) -> Bool {
        if line.count > memory.count {
            memory.deallocate()
            memory = .allocate(byteCount: 2 * line.count, alignment: 1)
        }
        count = 0
        guard line.starts(with: Self.start) else { return false }
        var offset = Self.start.count
        while offset < line.count, line[offset] != UInt8(ascii: "\"") {
            guard line[offset] == UInt8(ascii: "\\") else {
                add(line[offset])
                offset += 1
                continue
            }
            guard let escape = Self.escape(line, at: offset) else { return false }
            add(escape.byte)
            offset += escape.byteCount
        }
        guard offset < line.count else { return false }
        let rest = UnsafeRawBufferPointer(rebasing: line[offset...])
        guard rest.starts(with: Self.packedStart) else { return true }
        return readPacked(from: UnsafeRawBufferPointer(rebasing: rest[Self.packedStart.count...]))
    }

    private mutating func add(_ byte: UInt8) {
        memory[count] = byte
        count += 1
    }

    /// Only the escapes that are written.
    private static func escape(
        _ line: UnsafeRawBufferPointer, at offset: Int
    ) -> (byte: UInt8, byteCount: Int)? {
        guard offset + 1 < line.count else { return nil }
        switch line[offset + 1] {
        case UInt8(ascii: "n"): return (10, 2)
        case UInt8(ascii: "r"): return (13, 2)
        case UInt8(ascii: "t"): return (9, 2)
        case UInt8(ascii: "b"): return (8, 2)
        case UInt8(ascii: "f"): return (12, 2)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return (line[offset + 1], 2)
        case UInt8(ascii: "u"):
            guard offset + 6 <= line.count else { return nil }
            let digits = String(decoding: line[(offset + 4)..<(offset + 6)], as: UTF8.self)
            return UInt8(digits, radix: 16).map { ($0, 6) }
        default: return nil
        }
    }

    private mutating func readPacked(from text: UnsafeRawBufferPointer) -> Bool {
        count = 0
        var (bits, bitCount) = (UInt32(0), 0)
        for byte in text {
            if byte == UInt8(ascii: "\"") { return true }
            if byte == UInt8(ascii: "=") { continue }
            guard let digit = Self.digit(byte) else { return false }
            bits = bits << 6 | UInt32(digit)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                add(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        return false
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
