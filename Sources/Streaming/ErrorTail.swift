import ApplicationAPI

/// The last lines that a program wrote to its standard error; the rest is forgotten as it comes.
struct ErrorTail {
    private var kept: [UInt8] = []
    private var isCut = false

    private static let byteCountMax = 2_048
    private static let lineCountMax = 20

    mutating func append(_ bytes: Bytes) {
        kept += bytes.suffix(Self.byteCountMax)
        if bytes.count > Self.byteCountMax { isCut = true }
        if kept.count > Self.byteCountMax {
            kept.removeFirst(kept.count - Self.byteCountMax)
            isCut = true
        }
    }

    /// Whole lines where lines are short enough, without the last LF.
    var bytes: [UInt8] {
        var lines = kept.split(separator: PairLines.newline, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        if isCut && lines.count > 1 { lines.removeFirst() }
        return Array(lines.suffix(Self.lineCountMax).joined(separator: [PairLines.newline]))
    }
}
