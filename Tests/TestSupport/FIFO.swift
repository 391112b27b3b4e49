import Dispatch
import Glibc

/// A FIFO that nobody writes to: whoever opens it for reading waits, and is let go after a while so that the test ends.
package final class FIFO: @unchecked Sendable {
    package let path: String
    private let queue = DispatchQueue(label: "fifo")
    // @unchecked: used on `queue` only.
    private var isHelpNeeded = false

    private static let patience: DispatchTimeInterval = .seconds(5)

    package init(_ path: String) throws {
        guard mkfifo(path, 0o600) == 0 else { throw TestTrouble.noFIFO(errno) }
        self.path = path
        queue.asyncAfter(deadline: .now() + Self.patience) { [weak self] in self?.letGo() }
    }

    deinit { unlink(path) }

    /// Whether somebody had to be let go.
    package var wasWaitedFor: Bool { queue.sync { isHelpNeeded } }

    private func letGo() {
        // Succeeds only while there is a reader.
        let writer = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        guard writer >= 0 else { return }
        isHelpNeeded = true
        close(writer)
    }
}
