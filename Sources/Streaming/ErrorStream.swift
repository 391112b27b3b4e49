import ApplicationAPI
import Glibc

/// What a program writes to its standard error: lines that report something are taken out, the rest goes into the attempt's
/// log, and its end is kept for the reason of a failure.
final class ErrorStream {
    private var lines = ReporterLines()
    private var tail = ErrorTail()
    private var buffer = [UInt8](repeating: 0, count: 16 << 10)
    private let log: (any ProgramLog)?
    private let report: (ReporterLine) -> Void

    init(log: (any ProgramLog)?, report: @escaping (ReporterLine) -> Void) {
        self.log = log
        self.report = report
    }

    /// Reads once.
    ///
    /// - Returns: As read(2).
    func read(from descriptor: CInt) -> Int {
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return count }
        buffer.withUnsafeBytes {
            lines.take(Bytes(rebasing: $0[..<count]), ordinary: { keep($0) }, report: report)
        }
        return count
    }

    /// The program has ended, and all was read.
    func end() { lines.finish(ordinary: { keep($0) }, report: report) }

    /// The last lines that are not reports, without the last LF.
    var lastLines: [UInt8] { tail.bytes }

    private func keep(_ bytes: Bytes) {
        log?.append(bytes)
        tail.append(bytes)
    }
}
