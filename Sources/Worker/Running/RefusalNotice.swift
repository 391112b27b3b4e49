import Logging
import Synchronization

/// Tells whoever runs the worker what it refused to run: once for each reason in a row, for all tasks of a job come to the same.
final class RefusalNotice: Sendable {
    private let logger: Logger
    private let lastTold = Mutex<String?>(nil)

    init(_ logger: Logger) { self.logger = logger }

    func tell(_ reason: String) {
        let isNew = lastTold.withLock { told in
            defer { told = reason }
            return told != reason
        }
        if isNew { logger.warning("\(reason)") }
    }
}
