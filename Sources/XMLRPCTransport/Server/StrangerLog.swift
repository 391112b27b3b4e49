import Logging
import NIOCore
import Synchronization

/// Log lines that anybody who reaches the port can cause: a few of each kind per second, then how many more there were.
final class StrangerLog: Sendable {
    enum Kind: Hashable, Sendable, CaseIterable {
        /// 4xx that also those get who mean well: what they ask for is not there, or not any more.
        case requestRefused
        /// 4xx that nobody gets who means well: credentials missing or wrong, too much, too slow, no HTTP.
        case requestSuspicious
        /// 5xx: this side's limits or faults.
        case requestNotServed
        case connectionBroken
        /// Ordinary where clients poll.
        case callAbandoned
        /// So many from one address that nobody means well.
        case credentialsGuessed
        case acceptFailed
        case handshakeFailed
        case placeGivenAway

        var level: Logger.Level {
            switch self {
            case .requestRefused: .info
            case .requestSuspicious, .requestNotServed, .connectionBroken, .handshakeFailed, .placeGivenAway: .notice
            case .callAbandoned: .debug
            case .credentialsGuessed: .warning
            case .acceptFailed: .error
            }
        }

        var message: String {
            switch self {
            case .requestRefused, .requestSuspicious, .requestNotServed: "request refused"
            case .connectionBroken, .callAbandoned: "connection broken"
            case .credentialsGuessed: "too many wrong credentials"
            case .acceptFailed: "a connection could not be accepted"
            case .handshakeFailed: "no TLS with a client"
            case .placeGivenAway: "a connection made room for another"
            }
        }
    }

    /// - Parameter status: Of a refusal: 400 or more.
    static func kind(ofRefusal status: Int) -> Kind {
        switch status {
        case 400, 401, 403, 408, 411, 413, 414, 429, 431: .requestSuspicious
        case 500...: .requestNotServed
        default: .requestRefused
        }
    }

    private let logger: Logger
    private let threads: TransportThreads
    private let allowances = Mutex<[Kind: LineAllowance]>([:])

    init(logger: Logger, threads: TransportThreads) {
        self.logger = logger
        self.threads = threads
    }

    func write(_ kind: Kind, _ metadata: @autoclosure () -> Logger.Metadata) {
        guard logger.logLevel <= kind.level else { return }
        let now = NIODeadline.now()
        switch allowances.withLock({ $0[kind, default: LineAllowance()].decide(now: now) }) {
        case .write:
            logger.log(level: kind.level, "\(kind.message)", metadata: metadata())
        case .withhold(let summaryAt?):
            _ = threads.schedule(after: Duration(summaryAt - now)) { self.summarize(kind) }
        case .withhold(nil):
            break
        }
    }

    /// Says what is still to be said, before the end.
    func flush() {
        for kind in Kind.allCases { summarize(kind) }
    }

    private func summarize(_ kind: Kind) {
        let count = allowances.withLock { $0[kind]?.takeWithheld() ?? 0 }
        guard count > 0 else { return }
        logger.log(level: kind.level, "\(kind.message), and \(count) more in the last second")
    }
}
