import ApplicationAPI
import Glibc

/// The last lines that a program wrote to its standard error; the rest is forgotten as it comes.
struct ErrorTail {
    private var kept: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 16 << 10)
    private var isCut = false

    private static let byteCountMax = 2_048
    private static let lineCountMax = 20

    /// Reads once.
    ///
    /// - Parameter log: Gets all that is read.
    /// - Returns: As read(2).
    mutating func read(from descriptor: CInt, to log: (any ProgramLog)?) -> Int {
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count > 0 {
            buffer.withUnsafeBytes { log?.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            kept += buffer[..<count]
            if kept.count > Self.byteCountMax {
                kept.removeFirst(kept.count - Self.byteCountMax)
                isCut = true
            }
        }
        return count
    }

    /// Whole lines where lines are short enough, without the last LF.
    var bytes: [UInt8] {
        var lines = kept.split(separator: PairLines.newline, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        if isCut && lines.count > 1 { lines.removeFirst() }
        return Array(lines.suffix(Self.lineCountMax).joined(separator: [PairLines.newline]))
    }
}
