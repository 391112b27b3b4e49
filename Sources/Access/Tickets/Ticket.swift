import Crypto
import KeyPins
package import Model

/// Lets one worker fetch, for one reduce attempt, that task's partition of every map output that a holder has. The master
/// makes it with a key that it shares with the holder, which needs to ask nobody.
///
/// It names no map attempts: a reduce attempt is given its partition of all of them anyway, and a code for each would make
/// assignments many times as long.
package struct Ticket: Hashable, Sendable {
    package let reduce: AttemptID
    /// Who fetches.
    package let fetcher: WorkerID
    /// In seconds of the master's clock; see ``MasterClock``.
    package let endsAt: Int64

    /// As long as tickets are good for: longer than a reduce attempt may take to come to its last source.
    package static let lifetimeSeconds: Int64 = 86_400

    /// - Precondition: It is an attempt of a reduce task.
    package init(reduce: AttemptID, fetcher: WorkerID, endsAt: Int64) {
        precondition(reduce.task.kind == .reduce, "tickets are for reduce attempts")
        self.reduce = reduce
        self.fetcher = fetcher
        self.endsAt = endsAt
    }

    /// What the fetcher sends: `1-reduce-0-3.7.1795500000.`, and 52 letters and digits that prove it.
    package func text(key: TicketKey) -> String {
        let statement = statement
        return "\(statement).\(Base32.encode(key.code(of: statement)))"
    }

    /// Checks what a fetcher sent.
    ///
    /// - Parameter now: In seconds of the master's clock.
    package static func check(
        _ text: some StringProtocol, key: TicketKey, now: Int64
    ) throws(TicketRefusal) -> Ticket {
        // To look for a character in text takes time quadratic in what may stand in it.
        guard text.utf8.count <= textByteCountMax, text.utf8.allSatisfy({ $0 < 0x80 }) else { throw .malformed }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4,
            let reduce = AttemptID(name: String(parts[0])), reduce.task.kind == .reduce,
            let fetcher = Int(parts[1]), fetcher > 0, String(fetcher) == parts[1],
            let endsAt = Int64(parts[2]), String(endsAt) == parts[2], let code = Base32.decode(parts[3])
        else { throw .malformed }
        let ticket = Ticket(reduce: reduce, fetcher: WorkerID(number: fetcher), endsAt: endsAt)
        guard key.isCode(code, of: ticket.statement) else { throw .forged }
        guard now <= endsAt else { throw .ended(secondsAgo: now - endsAt) }
        return ticket
    }

    private static let textByteCountMax = 256

    /// Everything that the ticket is for. No two tickets share it: names and numbers have one form, and no dot in it.
    private var statement: String { "\(reduce.name).\(fetcher.number).\(endsAt)" }
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

    fileprivate func code(of statement: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(statement.utf8), using: key))
    }

    /// In a time that does not depend on where the first difference is.
    fileprivate func isCode(_ code: [UInt8], of statement: String) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Array(statement.utf8), using: key)
    }
}

package enum TicketRefusal: Error, Hashable, CustomStringConvertible {
    case malformed
    /// For another attempt, fetcher or time, with another holder's key, or made by nobody who may.
    case forged
    case ended(secondsAgo: Int64)

    package var description: String {
        switch self {
        case .malformed: "this is no ticket"
        case .forged: "this ticket is not from the master, or not for this worker's data"
        case .ended(let seconds): "this ticket ended \(seconds) s ago by the master's clock"
        }
    }
}
