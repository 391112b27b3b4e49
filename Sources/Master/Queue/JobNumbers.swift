package import Model
import Synchronization

/// Numbers of jobs, none twice.
package final class JobNumbers: Sendable {
    private let last: Mutex<Int>

    package init(after number: Int) { last = Mutex(number) }

    package func next() -> JobID {
        last.withLock { last in
            last += 1
            return JobID(number: last)
        }
    }
}
