/// Which bytes of an object an upload brings: `Content-Range: bytes FIRST-LAST/LENGTH` (RFC 9110, section 14.4), or all of them.
struct UploadRange: Hashable, Sendable {
    let range: Range<Int>
    /// Of the whole object.
    let byteCount: Int

    /// - Parameters:
    ///   - header: nil: the upload brings all of the object.
    ///   - uploadByteCount: Its Content-Length.
    /// - Returns: nil for a header that is anything else, or about another number of bytes.
    init?(_ header: String?, uploadByteCount: Int64) {
        guard let uploadByteCount = Int(exactly: uploadByteCount) else { return nil }
        guard let header else {
            range = 0..<uploadByteCount
            byteCount = uploadByteCount
            return
        }
        let unit = "bytes "
        guard header.hasPrefix(unit) else { return nil }
        let halves = header.dropFirst(unit.count).split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let byteCount = Self.number(halves[1]) else { return nil }
        let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last,
            last < byteCount, last - first + 1 == uploadByteCount
        else { return nil }
        range = first..<last + 1
        self.byteCount = byteCount
    }

    static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
            number < Int.max
        else { return nil }
        return number
    }
}
