import ApplicationAPI
import CDataPath

/// Gathers lines, such as `key TAB value`, for a program's standard input, so that they go there in large writes.
final class PairLines {
    private let start: UnsafeMutableRawPointer
    private var byteCount = 0

    static let newline = UInt8(ascii: "\n")
    static let tab = UInt8(ascii: "\t")
    private static let capacity = 256 << 10

    init() { start = .allocate(byteCount: PairLines.capacity, alignment: 4096) }

    deinit { start.deallocate() }

    /// Adds a line.
    ///
    /// - Returns: false, and nothing was added, when there is no room for it. There is no closure here to be kept for each
    ///   of many millions of pairs.
    @inline(__always)
    func add(_ key: Bytes, _ value: Bytes) -> Bool {
        let lineByteCount = key.count + value.count + 2
        guard lineByteCount <= PairLines.capacity - byteCount else { return false }
        var end = start + byteCount
        if let from = key.baseAddress { memcpy(end, from, key.count) }
        end += key.count
        end.storeBytes(of: PairLines.tab, as: UInt8.self)
        end += 1
        if let from = value.baseAddress { memcpy(end, from, value.count) }
        end += value.count
        end.storeBytes(of: PairLines.newline, as: UInt8.self)
        byteCount += lineByteCount
        return true
    }

    /// Adds a line; what was gathered goes to `pass` first when there is no room for it.
    func append(_ key: Bytes, _ value: Bytes, _ pass: (Bytes) throws -> Void) throws {
        if add(key, value) { return }
        try flush(pass)
        if !add(key, value) { try passLong(key, value, pass) }
    }

    /// Adds a line that is whole but for its LF.
    ///
    /// - Returns: false, and nothing was added, when there is no room for it.
    @inline(__always)
    func add(_ line: Bytes) -> Bool {
        guard line.count + 1 <= PairLines.capacity - byteCount else { return false }
        if let from = line.baseAddress { memcpy(start + byteCount, from, line.count) }
        start.storeBytes(of: PairLines.newline, toByteOffset: byteCount + line.count, as: UInt8.self)
        byteCount += line.count + 1
        return true
    }

    /// Adds a line that is whole but for its LF; what was gathered goes to `pass` first when there is no room for it.
    func append(_ line: Bytes, _ pass: (Bytes) throws -> Void) throws {
        if add(line) { return }
        try flush(pass)
        if add(line) { return }
        try pass(line)
        try withUnsafeBytes(of: PairLines.newline, pass)
    }

    func flush(_ pass: (Bytes) throws -> Void) throws {
        guard byteCount > 0 else { return }
        let lines = Bytes(start: start, count: byteCount)
        byteCount = 0
        try pass(lines)
    }

    private func passLong(_ key: Bytes, _ value: Bytes, _ pass: (Bytes) throws -> Void) throws {
        try pass(key)
        try withUnsafeBytes(of: PairLines.tab, pass)
        try pass(value)
        try withUnsafeBytes(of: PairLines.newline, pass)
    }
}
