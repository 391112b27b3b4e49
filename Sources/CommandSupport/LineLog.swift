import Glibc
package import Logging

/// Log lines for people, on standard error: the program's name, the message, and metadata as `key=value`.
package struct LineLog: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let program: String
    private let write: @Sendable (String) -> Void

    /// - Parameter write: Receives whole lines without their end.
    package init(
        program: String, level: Logger.Level, write: @escaping @Sendable (String) -> Void = LineLog.toStandardError
    ) {
        self.program = program
        self.write = write
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let pairs = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        write("\(program): \(event.message)\(pairs)")
    }

    @Sendable
    package static func toStandardError(_ line: String) {
        // One write a line, so that the lines of several processes on one terminal stay whole.
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    }
}
