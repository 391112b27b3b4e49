import CDataPath

/// How input becomes records. What an application asks for can be overruled with `--input-format`.
public enum RecordFormat: Hashable, Sendable {
    /// A record is a line without its LF; a CR stays. A last line without LF is a record too.
    case lines
    /// A record is a whole file, which is then read by one task and held in memory.
    case wholeFile
    /// A record ends with NUL, which is no part of it; the last one may lack it.
    case nulTerminated
    /// Each record has so many bytes, 1 or more; a file of which some are left over is refused.
    case fixedLength(byteCount: Int)
    /// A record is a record of RFC 4180 as it stands, without the CR LF or LF that ends it: line ends within quotes belong to
    /// it. Quotes stay.
    case csv
}

extension RecordFormat {
    /// The byte that ends each record, whatever stands before it.
    package var terminator: UInt8? {
        switch self {
        case .lines: UInt8(ascii: "\n")
        case .nulTerminated: 0
        case .wholeFile, .fixedLength, .csv: nil
        }
    }

    /// How many records end in bytes that begin with a record, a last one without its end not counted.
    package func endCount(in bytes: Bytes) -> Int {
        guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
        switch self {
        case .lines: return mr_newline_count(start, bytes.count)
        case .nulTerminated: return mr_byte_count(start, 0, bytes.count)
        case .fixedLength(let byteCount): return bytes.count / byteCount
        case .wholeFile: return 0
        case .csv:
            var (quoted, count) = (CInt(0), 0)
            _ = mr_last_quoted_end(start, bytes.count, &quoted, &count)
            return count
        }
    }
}

extension RecordBlock {
    /// Calls `body` for each record's bytes in order, in a format in which no byte by itself ends records.
    func forEachUnterminatedRange(_ body: (Bytes) throws -> Void) rethrows {
        switch format {
        case .lines, .nulTerminated: preconditionFailure("\(format) has a terminator")
        case .wholeFile: try body(bytes)
        case .fixedLength(let byteCount):
            for offset in stride(from: 0, to: bytes.count, by: byteCount) {
                try body(Bytes(rebasing: bytes[offset..<min(offset + byteCount, bytes.count)]))
            }
        case .csv: if let start = bytes.baseAddress { try forEachQuotedRange(from: start, body) }
        }
    }

    private func forEachQuotedRange(from start: UnsafeRawPointer, _ body: (Bytes) throws -> Void) rethrows {
        let text = start.assumingMemoryBound(to: UInt8.self)
        var offset = 0
        while offset < bytes.count {
            var quoted = CInt(0)
            let next = mr_first_quoted_end(text + offset, bytes.count - offset, &quoted)
            var count = next == 0 ? bytes.count - offset : next - 1
            if next > 1, text[offset + count - 1] == UInt8(ascii: "\r") { count -= 1 }
            try body(Bytes(start: start + offset, count: count))
            offset = next == 0 ? bytes.count : offset + next
        }
    }
}
