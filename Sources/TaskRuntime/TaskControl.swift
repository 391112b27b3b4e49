import Synchronization

/// The two things that another thread may do with a running task: stop it, and see how far it is.
package final class TaskControl: Sendable {
    private let cancelled = Atomic<Bool>(false)
    private let done = Atomic<Int64>(0)

    package init() {}

    /// Makes the task throw ``TaskError/cancelled`` within the next MiB of its work.
    package func cancel() { cancelled.store(true, ordering: .relaxed) }

    package var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Bytes of input that a map task has mapped, or of segments that a reduce task has read.
    package var bytesDone: Int64 { done.load(ordering: .relaxed) }

    func add(bytes: Int) { done.wrappingAdd(Int64(bytes), ordering: .relaxed) }

    func check() throws {
        if isCancelled { throw TaskError.cancelled }
    }
}
