/// The last that a launched worker wrote to its standard output and error, in the order in which it came.
package struct OutputTail: Hashable, Sendable {
    private var kept: [UInt8] = []
    private var isCut = false
    package private(set) var byteCount: Int64 = 0

    package static let byteCountMax = 16 << 10
    package static let lineCountMax = 200

    package init() {}

    package mutating func append(_ bytes: some Collection<UInt8>) {
        byteCount += Int64(bytes.count)
        kept += bytes.suffix(Self.byteCountMax)
        if bytes.count > Self.byteCountMax { isCut = true }
        if kept.count > Self.byteCountMax {
            kept.removeFirst(kept.count - Self.byteCountMax)
            isCut = true
        }
    }

    /// Whole lines where lines are short enough, each with its LF if it had one.
    package var bytes: [UInt8] {
        var rest = kept[...]
        if isCut, let first = rest.firstIndex(of: 10), first + 1 < rest.endIndex { rest = rest[(first + 1)...] }
        var lineCount = 0
        for index in rest.indices.reversed() where rest[index] == 10 && index + 1 < rest.endIndex {
            lineCount += 1
            if lineCount == Self.lineCountMax { return Array(rest[(index + 1)...]) }
        }
        return Array(rest)
    }
}
