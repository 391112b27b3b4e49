import Dispatch
import Glibc

/// A FIFO that nobody else opens: whoever does waits, and is let go after a while so that the test ends.
package final class FIFO: @unchecked Sendable {
    package let path: String
    private let queue = DispatchQueue(label: "fifo")
    // What @unchecked answers for: used on `queue` only.
    private var hasLetGo = false

    private static let patience: DispatchTimeInterval = .seconds(10)

    package init(_ path: String) throws {
        guard mkfifo(path, 0o600) == 0 else { throw TestTrouble.noFIFO(errno) }
        self.path = path
        queue.asyncAfter(deadline: .now() + Self.patience) { [weak self] in self?.letGo() }
    }

    deinit { unlink(path) }

    /// Whether somebody had to be let go.
    package var wasWaitedFor: Bool { queue.sync { hasLetGo } }

    private func letGo() {
        hasLetGo = true
        // For both: those who wait for a writer, and for a reader.
        close(open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC))
    }
}
