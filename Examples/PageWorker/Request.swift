import ApplicationAPI

/// A line `page TAB milliseconds` of a server's log.
struct Request {
    let page: Slice<Bytes>
    let milliseconds: UInt32

    /// nil when the line is none.
    init?(_ line: Bytes) {
        guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { return nil }
        guard let milliseconds = UInt32(String(decoding: line[(tab + 1)...], as: UTF8.self)) else { return nil }
        page = line[..<tab]
        self.milliseconds = milliseconds
    }
}
