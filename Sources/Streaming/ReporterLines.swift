import ApplicationAPI
import Glibc

/// What a program says of itself in a line of its standard error, as with Hadoop Streaming.
enum ReporterLine: Hashable {
    /// `reporter:counter:GROUP,NAME,COUNT`
    case counter(group: [UInt8], name: [UInt8], count: Int64)
    /// `reporter:status:TEXT`
    case status([UInt8])

    static let counterPrefix = Array("reporter:counter:".utf8)
    static let statusPrefix = Array("reporter:status:".utf8)

    /// nil for a line that only looks like one. Neither group nor name holds a comma, as neither can with Hadoop.
    ///
    /// - Parameter line: Without its LF; a CR at its end is none of it.
    init?(_ line: [UInt8]) {
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...]
        if line.starts(with: Self.statusPrefix) {
            self = .status(Array(line.dropFirst(Self.statusPrefix.count)))
            return
        }
        guard line.starts(with: Self.counterPrefix) else { return nil }
        let fields = line.dropFirst(Self.counterPrefix.count)
            .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0].count <= DataLimits.counterNameByteCountMax,
            fields[1].count <= DataLimits.counterNameByteCountMax, let count = Self.number(fields[2])
        else { return nil }
        self = .counter(group: Array(fields[0]), name: Array(fields[1]), count: count)
    }

    /// A decimal number of 64 bits, with or without a sign.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        // More digits than any such number has, unless they are zeros, which nobody writes.
        guard digits.count <= 32, let text = String(validating: digits, as: UTF8.self) else { return nil }
        return Int64(text)
    }
}

/// Takes the lines that report something out of what a program writes to standard error, however its writes are cut.
///
/// What can't be the beginning of such a line goes on at once, so that prompts and dots are seen as they come. No more than
/// ``lineByteCountMax`` bytes are held back.
struct ReporterLines {
    /// The beginning of a line that may report something.
    private var held: [UInt8] = []
    /// Within a line that does not.
    private var isInLine = false

    /// A longer line reports nothing.
    static let lineByteCountMax = 1_024

    /// - Parameters:
    ///   - ordinary: Gets all else, in its order, in pieces that are valid for the call.
    ///   - report: Gets what is reported.
    mutating func take(_ bytes: Bytes, ordinary: (Bytes) -> Void, report: (ReporterLine) -> Void) {
        var next = 0
        // Bytes from here up to `next` are ordinary, and not given on yet.
        var ordinaryStart = 0
        while next < bytes.count {
            let lineEnd = Self.newline(in: bytes, from: next)
            if isInLine {
                next = lineEnd.map { $0 + 1 } ?? bytes.count
                isInLine = lineEnd == nil
                continue
            }
            let rest = bytes[next..<(lineEnd ?? bytes.count)]
            if held.isEmpty && (rest.isEmpty || !Self.mayReport(rest)) {
                isInLine = true
                continue
            }
            Self.give(bytes[ordinaryStart..<next], to: ordinary)
            let takenCount = min(rest.count, Self.lineByteCountMax + 1 - held.count)
            held += rest.prefix(takenCount)
            next += takenCount
            ordinaryStart = next
            if held.count > Self.lineByteCountMax || !Self.mayReport(held) {
                release(to: ordinary)
            } else if lineEnd != nil {
                if let line = ReporterLine(held) {
                    report(line)
                    held.removeAll(keepingCapacity: true)
                    // Its LF goes with it.
                    next += 1
                    ordinaryStart = next
                } else {
                    release(to: ordinary)
                }
            }
        }
        Self.give(bytes[ordinaryStart..<bytes.count], to: ordinary)
    }

    /// Nothing follows: a last line needs no LF.
    mutating func finish(ordinary: (Bytes) -> Void, report: (ReporterLine) -> Void) {
        guard !held.isEmpty else { return }
        if let line = ReporterLine(held) {
            report(line)
            held.removeAll()
        } else {
            release(to: ordinary)
        }
    }

    /// What is held is the beginning of an ordinary line.
    private mutating func release(to ordinary: (Bytes) -> Void) {
        held.withUnsafeBytes { ordinary($0) }
        held.removeAll(keepingCapacity: true)
        isInLine = true
    }

    private static func give(_ bytes: Slice<Bytes>, to ordinary: (Bytes) -> Void) {
        if !bytes.isEmpty { ordinary(Bytes(rebasing: bytes)) }
    }

    /// Whether a line that begins so may report something.
    private static func mayReport(_ beginning: some Collection<UInt8>) -> Bool {
        isPrefix(beginning, of: ReporterLine.counterPrefix) || isPrefix(beginning, of: ReporterLine.statusPrefix)
    }

    private static func isPrefix(_ beginning: some Collection<UInt8>, of prefix: [UInt8]) -> Bool {
        zip(beginning, prefix).allSatisfy { $0 == $1 }
    }

    private static func newline(in bytes: Bytes, from start: Int) -> Int? {
        guard let base = bytes.baseAddress, start < bytes.count,
            let found = memchr(base + start, CInt(PairLines.newline), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
