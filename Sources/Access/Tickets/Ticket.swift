import KeyPins
import Crypto
package import Model

/// Lets one worker fetch one partition of one map attempt's output from the worker that holds it, for a while. The master
/// makes it with a key that it shares with the holder, which needs to ask nobody.
package struct Ticket: Hashable, Sendable {
    package let map: AttemptID
    package let partition: Int
    /// Who fetches.
    package let fetcher: WorkerID
    /// In seconds since 1970, by the master's clock.
    package let endsAt: Int64

    package init(map: AttemptID, partition: Int, fetcher: WorkerID, endsAt: Int64) {
        self.map = map
        self.partition = partition
        self.fetcher = fetcher
        self.endsAt = endsAt
    }

    /// What the fetcher sends: its number, the end, and the code that proves both, as `7.1795500000.<40 letters and digits>`.
    package func text(key: TicketKey) -> String {
        "\(fetcher.number).\(endsAt).\(Base32.encode(key.code(of: self)))"
    }

    /// Checks what a fetcher sent for a partition.
    ///
    /// - Parameter now: In seconds since 1970, by the holder's clock; see ``clockToleranceSeconds``.
    package static func check(
        _ text: some StringProtocol, for map: AttemptID, partition: Int, key: TicketKey, now: Int64
    ) throws(TicketRefusal) -> Ticket {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= textByteCountMax, parts.count == 3, let fetcher = Int(parts[0]), fetcher > 0,
            let endsAt = Int64(parts[1]), let code = Base32.decode(parts[2])
        else { throw .malformed }
        let ticket = Ticket(map: map, partition: partition, fetcher: WorkerID(number: fetcher), endsAt: endsAt)
        guard key.isCode(code, of: ticket) else { throw .forAnother }
        guard now <= endsAt + clockToleranceSeconds else { throw .ended(secondsAgo: now - endsAt) }
        return ticket
    }

    /// By how much the clocks of a master and a holder may differ.
    package static let clockToleranceSeconds: Int64 = 300
    private static let textByteCountMax = 128

    /// Everything that the ticket is for, in a form that no two tickets share: each number in eight bytes.
    fileprivate var statement: [UInt8] {
        let numbers: [Int64] = [
            Int64(map.task.job.number), map.task.kind == .map ? 0 : 1, Int64(map.task.index), Int64(map.number),
            Int64(partition), Int64(fetcher.number), endsAt,
        ]
        return Array("mr ticket 1".utf8) + numbers.flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) }
    }
}

/// What a master and one holder share, to make tickets and to check them.
package struct TicketKey: Sendable {
    package static let byteCount = 32

    private let key: SymmetricKey

    /// nil for another number of bytes than ``byteCount``.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        key = SymmetricKey(data: bytes)
    }

    fileprivate func code(of ticket: Ticket) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: ticket.statement, using: key))
    }

    /// In a time that does not depend on where the first difference is.
    fileprivate func isCode(_ code: [UInt8], of ticket: Ticket) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: ticket.statement, using: key)
    }
}

package enum TicketRefusal: Error, Hashable, CustomStringConvertible {
    case malformed
    /// Another partition, attempt, fetcher or time, another holder's key, or made by nobody who may.
    case forAnother
    case ended(secondsAgo: Int64)

    package var description: String {
        switch self {
        case .malformed: "this is no ticket"
        case .forAnother: "this ticket is not for this data"
        case .ended(let seconds):
            "this ticket ended \(seconds) s ago by this machine's clock; compare it with the master's"
        }
    }
}
