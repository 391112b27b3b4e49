import ApplicationAPI
import CDataPath
import LineKeys

/// Cuts what a program wrote into lines, and each line at its first TAB into key and value, or makes a key of all of it.
enum LineCutter {
    /// Emits the pairs of whole lines. A line without TAB is a key with an empty value; a last line without LF is a line.
    /// - Parameter sortKey: Makes a key of a whole line; nil where it is cut.
    /// - Returns: How many bytes were taken; the rest is the beginning of a line.
    static func emit(_ received: Received, to output: MapOutput, sortedBy sortKey: SortKey?) -> Int {
        guard let sortKey else {
            return forEachLine(of: received) { cut(line: $0) { key, value in output.emit(key, value) } }
        }
        return forEachLine(of: received) { output.emit(sortKey.key(of: $0), Bytes(start: nil, count: 0)) }
    }

    /// Writes the pairs of whole lines, where parts are no lines of the program's own.
    /// - Returns: As ``emit(_:to:sortedBy:)``.
    static func write(_ received: Received, to output: ReduceOutput) -> Int {
        forEachLine(of: received) { cut(line: $0) { key, value in output.write(key, value) } }
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
    private static func cut(line: Bytes, _ take: (_ key: Bytes, _ value: Bytes) -> Void) {
        guard let start = line.baseAddress, let tab = memchr(start, CInt(PairLines.tab), line.count) else {
            take(line, Bytes(start: nil, count: 0))
            return
        }
        let keyByteCount = UnsafeRawPointer(tab) - start
        take(
            Bytes(start: start, count: keyByteCount),
            Bytes(start: start + keyByteCount + 1, count: line.count - keyByteCount - 1))
    }
}
