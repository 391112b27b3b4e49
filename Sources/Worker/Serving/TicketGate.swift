import Access
import Model
import Synchronization
import WorkerProtocol
import XMLRPCTransport

/// Lets in who shows a ticket of the master's. Before the registration nobody; and everybody where the master lets
/// everybody in.
final class TicketGate: Sendable {
    private enum State {
        case closed
        case open
        case tickets(TicketKey, MasterClock)
    }

    private let state = Mutex(State.closed)

    /// - Parameter session: nil where the master lets everybody in.
    func begin(_ session: SessionMessage?) {
        state.withLock { state in
            guard let session else {
                state = .open
                return
            }
            // A key of another length is no key that anybody could have made a ticket with.
            state =
                TicketKey(bytes: session.ticketKey)
                .map { .tickets($0, MasterClock(seconds: session.clockSeconds, at: .now)) } ?? .closed
        }
    }

    /// The role is the name of the reduce attempt that the ticket is for.
    var authorizer: Authorizer {
        Authorizer { header in
            let credential = Credential(authorization: header)
            switch self.state.withLock({ $0 }) {
            case .open: return .allowed(role: "")
            case .closed: return .asked
            case .tickets(let key, let clock):
                guard let credential, let text = String(validating: credential.secret, as: UTF8.self) else {
                    return .asked
                }
                do throws(TicketRefusal) {
                    let ticket = try Ticket.check(text, key: key, now: clock.seconds(at: .now))
                    return .allowed(role: ticket.reduce.name)
                } catch {
                    return .refused(reason: "\(error)")
                }
            }
        }
    }

    /// Whether the ticket of a request is for that partition.
    @Sendable
    static func mayRead(_ request: RouteRequest, job: JobID, partition: Int) -> Bool {
        if request.role.isEmpty { return true }
        guard let reduce = AttemptID(name: request.role) else { return false }
        return reduce.task.job == job && reduce.task.index == partition
    }
}
