import Glibc
import Model
import Synchronization

/// Outputs that are being uploaded: each by one connection at a time, all with room for what they have announced.
final class UploadsUnderWay: Sendable {
    private struct Announced {
        let byteCount: Int64
        /// What it goes to; nil before that is open.
        var descriptor: CInt?

        /// What has not come yet.
        var restCount: Int64 {
            var status = stat()
            guard let descriptor, fstat(descriptor, &status) == 0 else { return byteCount }
            return max(byteCount - Int64(status.st_size), 0)
        }
    }

    private let announced: Mutex<[AttemptID: Announced]> = Mutex([:])

    /// - Returns: False while another upload of the same output is under way.
    func begin(_ attempt: AttemptID, byteCount: Int64) -> Bool {
        announced.withLock { announced in
            guard announced[attempt] == nil else { return false }
            announced[attempt] = Announced(byteCount: byteCount)
            return true
        }
    }

    /// - Parameter descriptor: Stays open until ``end(_:)``.
    func opened(_ attempt: AttemptID, descriptor: CInt) {
        announced.withLock { $0[attempt]?.descriptor = descriptor }
    }

    func end(_ attempt: AttemptID) { announced.withLock { $0[attempt] = nil } }

    /// Bytes that all of them together will still bring.
    var restCount: Int64 {
        announced.withLock { announced in
            announced.values.reduce(0) { sum, next in
                let (total, overflows) = sum.addingReportingOverflow(next.restCount)
                return overflows ? .max : total
            }
        }
    }
}
