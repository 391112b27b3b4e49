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
        write("\(program): \(Self.shown("\(event.message)\(pairs)"))")
    }

    /// Some of it comes from other processes: nothing in it may move the cursor or begin a line of its own.
    private static func shown(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
        return text.unicodeScalars.reduce(into: "") { shown, scalar in
            if isUnprintable(scalar) {
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    @Sendable
    package static func toStandardError(_ line: String) {
        // One write a line, so that the lines of several processes on one terminal stay whole.
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    }
}
