import LocalMachine

/// The last lines that a program wrote to its standard error; the rest is forgotten as it comes.
struct ErrorLines {
    private var kept: [UInt8] = []
    private var isCut = false

    private static let byteCountMax = 2_048
    private static let lineCountMax = 20

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        kept += bytes.suffix(Self.byteCountMax)
        let excess = kept.count - Self.byteCountMax
        if excess > 0 { kept.removeFirst(excess) }
        if excess > 0 || bytes.count > Self.byteCountMax { isCut = true }
    }

    /// Whole lines where lines are short enough, as a terminal may show them.
    var shown: [String] {
        var lines = kept.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        if isCut, lines.count > 1 { lines.removeFirst() }
        return lines.suffix(Self.lineCountMax).map { DisplayName.of(Array($0)) }
    }
}
