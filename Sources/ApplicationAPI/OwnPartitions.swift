import Synchronization

/// The choice of an application with ``Partitioning/own``.
package final class OwnPartitions: Sendable {
    private let application: any Application
    /// R.
    package let count: Int
    /// The first choice that was none.
    private let wrong = Mutex<Int?>(nil)

    /// - Parameter count: R, 1 or more.
    package init(_ application: any Application, count: Int) {
        self.application = application
        self.count = count
    }

    /// - Returns: 0 in place of a partition that there is not: ``check()`` then fails.
    func partition(of key: Bytes) -> Int {
        let partition = application.partition(of: key, partCount: count)
        guard partition >= 0, partition < count else {
            wrong.withLock { $0 = $0 ?? partition }
            return 0
        }
        return partition
    }

    func check() throws(WrongPartition) {
        guard let partition = wrong.withLock({ $0 }) else { return }
        throw WrongPartition(partition: partition, count: count, application: type(of: application).name)
    }
}

/// An application chose a part that there is not.
package struct WrongPartition: Error, Hashable, CustomStringConvertible {
    let partition: Int
    let count: Int
    let application: String

    package var description: String {
        "application \(application) put a key into part \(partition), and the parts are 0 to \(count - 1); its partition(of:partCount:) must give one of them"
    }
}
