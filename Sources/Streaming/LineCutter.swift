import ApplicationAPI
import CDataPath
import LineKeys

/// Cuts what a program wrote into lines, and each line at its first TAB into key and value, or makes a key of all of it.
enum LineCutter {
    /// Emits the pairs of whole lines. A line without TAB is a key with an empty value; a last line without LF is a line.
    /// - Parameter sortKey: Makes a key of a whole line; nil where it is cut.
    /// - Returns: How many bytes were taken; the rest is the beginning of a line.
    static func emit(_ received: Received, to output: MapOutput, sortedBy sortKey: SortKey?) -> Int {
        guard let sortKey else { return forEachLine(of: received) { emit(line: $0, to: output) } }
        return forEachLine(of: received) { output.emit(sortKey.key(of: $0), Bytes(start: nil, count: 0)) }
    }

    @inline(__always)
    private static func forEachLine(of received: Received, _ body: (Bytes) -> Void) -> Int {
        let bytes = received.bytes
        guard let start = bytes.baseAddress else { return 0 }
        var lineStart = 0
        var searchStart = received.seenByteCount
        while lineStart < bytes.count {
            let end: Int
            if let newline = memchr(start + searchStart, CInt(PairLines.newline), bytes.count - searchStart) {
                end = UnsafeRawPointer(newline) - start
            } else if received.isEnd {
                end = bytes.count
            } else {
                return lineStart
            }
            body(Bytes(start: start + lineStart, count: end - lineStart))
            lineStart = end + 1
            searchStart = lineStart
        }
        return bytes.count
    }

    @inline(__always)
    private static func emit(line: Bytes, to output: MapOutput) {
        guard let start = line.baseAddress, let tab = memchr(start, CInt(PairLines.tab), line.count) else {
            output.emit(line, Bytes(start: nil, count: 0))
            return
        }
        let keyByteCount = UnsafeRawPointer(tab) - start
        output.emit(
            Bytes(start: start, count: keyByteCount),
            Bytes(start: start + keyByteCount + 1, count: line.count - keyByteCount - 1))
    }
}
