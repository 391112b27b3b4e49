import Synchronization

/// Says that a call is no longer wanted, from any thread and at any time.
///
/// Its program, with all that it started, is killed within a tenth of a second. Functions of this process run to their end.
package final class FunctionCancellation: Sendable {
    private let flag = Atomic(false)

    package init() {}

    package func cancel() { flag.store(true, ordering: .relaxed) }

    package var isCancelled: Bool { flag.load(ordering: .relaxed) }
}
