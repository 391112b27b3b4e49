import ApplicationAPI
import CDataPath

/// Follows the quotes of comma-separated values through a file, from where a record begins, and finds where records end.
struct QuoteScan {
    /// How far it has read, as an offset in the file.
    private(set) var offset: Int64
    private var quoted: CInt = 0
    /// How many records ended up to there.
    private(set) var endCount = 0

    /// - Parameter offset: Where a record begins.
    init(from offset: Int64) { self.offset = offset }

    /// Whether what follows ``offset`` is within quotes.
    var isInQuotes: Bool { quoted != 0 }

    /// Reads on up to `end`.
    /// - Returns: Where the last record ends that ends there; nil when none does.
    mutating func lastEnd(in window: Window, upTo end: Int64) -> Int64? {
        guard end > offset else { return nil }
        let from = offset
        offset = end
        let last = mr_last_quoted_end(window.address(of: from), Int(end - from), &quoted, &endCount)
        return last == 0 ? nil : from + Int64(last)
    }

    /// Reads on to the end of the record, or up to `end`.
    /// - Returns: Where the record ends; nil when it goes on.
    mutating func firstEnd(in window: Window, upTo end: Int64) -> Int64? {
        guard end > offset else { return nil }
        let from = offset
        let first = mr_first_quoted_end(window.address(of: from), Int(end - from), &quoted)
        offset = first == 0 ? end : from + Int64(first)
        if first > 0 { endCount += 1 }
        return first == 0 ? nil : offset
    }

    /// How many records end in these bytes.
    static func endCount(in bytes: Bytes, startsInQuotes: Bool) -> Int {
        var (quoted, count) = (CInt(startsInQuotes ? 1 : 0), 0)
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        _ = mr_last_quoted_end(start, bytes.count, &quoted, &count)
        return count
    }

    /// A part of the file in memory.
    struct Window {
        /// Of the byte at `offset`.
        let start: UnsafeRawPointer
        let offset: Int64

        fileprivate func address(of place: Int64) -> UnsafePointer<UInt8> {
            (start + Int(place - offset)).assumingMemoryBound(to: UInt8.self)
        }
    }
}
