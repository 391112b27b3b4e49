import NIOHTTP1

/// Finds out whether a server that was spoken to in plain HTTP wants TLS (RFC 2817, section 4.2).
enum AnswerUpgrade {
    static func asksForTLS(_ head: HTTPResponseHead) -> Bool {
        guard head.status == .badRequest || head.status == .upgradeRequired else { return false }
        return head.headers.first(name: "upgrade")?.hasPrefix("TLS/") ?? false
    }
}

/// Checks that an answer holds the bytes that were asked for.
enum AnswerRange {
    /// What is wrong, or nil. The parser sees to it that the body is as long as Content-Length says.
    static func problem(with head: HTTPResponseHead, expecting range: Range<Int64>?) -> String? {
        guard let range else {
            return head.status == .ok ? nil : "status \(head.status.code) where 200 was expected"
        }
        guard head.status == .partialContent else {
            return "status \(head.status.code) where 206 was expected"
        }
        let lengthText = head.headers.first(name: "content-length")
        guard let lengthText, Int64(lengthText) == Int64(range.count) else {
            return "the length is \(lengthText ?? "not told") where \(range.count) bytes were asked for"
        }
        let rangeText = head.headers.first(name: "content-range") ?? ""
        guard rangeText.hasPrefix("bytes \(range.lowerBound)-\(range.upperBound - 1)/") else {
            return "the range is \(rangeText) where \(range) was asked for"
        }
        return nil
    }
}
