import CZLib

/// The packed bodies that cases name: `{echo gzip}`, `{cut echo gzip}`, `{length echo gzip}` and so on.
enum PackedBodies {
    /// A text of the case file with what it names in escapes, or as a number.
    static func expanded(_ text: String) -> String {
        var result = text
        for (name, bytes) in bodies {
            guard result.contains(name) else { continue }
            result = result.replacing("{\(name)}", with: escaped(bytes))
                .replacing("{length \(name)}", with: "\(bytes.count)")
                .replacing("{length \(name)+x}", with: "\(bytes.count + 1)")
                .replacing("{length \(name)+empty gzip}", with: "\(bytes.count + gzip([]).count)")
                .replacing("{cut \(name)}", with: escaped(bytes.dropLast(4)))
                .replacing("{length cut \(name)}", with: "\(bytes.count - 4)")
                .replacing("{damaged \(name)}", with: escaped(damaged(bytes)))
                .replacing("{rest \(name)}", with: escaped(bytes.dropFirst()))
                .replacing("{rest-hex \(name)}", with: String(bytes.count - 1, radix: 16))
        }
        return result
    }

    private static let bodies: [(name: String, bytes: [UInt8])] = {
        let echo = Array(Requests.echo.utf8)
        return [
            ("echo gzip", gzip(echo)), ("echo zlib", zlib(echo)), ("echo deflate", deflated(echo)),
            ("empty gzip", gzip([])), ("bomb gzip", gzip([UInt8](repeating: 0x20, count: 1_000_000))),
        ]
    }()

    private static func escaped(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// In the checksum of gzip.
    private static func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var damaged = bytes
        damaged[damaged.count - 5] ^= 1
        return damaged
    }

    /// RFC 1950.
    static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        var byteCount = compressBound(UInt(bytes.count))
        var packed = [UInt8](repeating: 0, count: Int(byteCount))
        let status = compress2(&packed, &byteCount, bytes, UInt(bytes.count), 9)
        precondition(status == Z_OK, "there is memory to pack a few bytes")
        return Array(packed.prefix(Int(byteCount)))
    }

    /// RFC 1951: the same without its header and checksum.
    private static func deflated(_ bytes: [UInt8]) -> [UInt8] { Array(zlib(bytes).dropFirst(2).dropLast(4)) }

    /// RFC 1952, with the smallest header there is.
    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        let checksum = UInt32(truncatingIfNeeded: crc32(0, bytes, UInt32(bytes.count)))
        let trailer = [checksum, UInt32(bytes.count)].flatMap { number in
            (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) }
        }
        return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + deflated(bytes) + trailer
    }
}
