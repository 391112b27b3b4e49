/// What a `Range` header selects from an entity (RFC 9110, section 14).
enum ByteRange: Hashable, Sendable {
    /// No range, or one that may be ignored: another unit, several ranges, nonsense.
    case whole
    case part(Range<Int64>)
    /// Nothing of the range exists: 416.
    case unsatisfiable

    init(header: String?, byteCount: Int64) {
        guard let header, let (first, last) = ByteRange.parse(header) else {
            self = .whole
            return
        }
        switch (first, last) {
        case (let first?, let last?):
            if last < first {
                self = .whole
            } else if first >= byteCount {
                self = .unsatisfiable
            } else {
                self = .part(first..<min(last, byteCount - 1) + 1)
            }
        case (let first?, nil):
            self = first < byteCount ? .part(first..<byteCount) : .unsatisfiable
        case (nil, let suffix?):
            self = suffix > 0 && byteCount > 0 ? .part(max(0, byteCount - suffix)..<byteCount) : .unsatisfiable
        case (nil, nil):
            self = .whole
        }
    }

    private static func parse(_ header: String) -> (first: Int64?, last: Int64?)? {
        let unit = "bytes="
        guard header.prefix(unit.count).lowercased() == unit else { return nil }
        let ends = header.dropFirst(unit.count).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        guard let first = number(ends[0]), let last = number(ends[1]) else { return nil }
        return (first, last)
    }

    /// `.some(nil)` for nothing, nil for what isn't a number.
    private static func number(_ text: Substring) -> Int64?? {
        if text.isEmpty { return .some(nil) }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int64(text).map { .some($0) } ?? .some(Int64.max - 1)
    }
}
