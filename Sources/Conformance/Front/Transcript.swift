import Synchronization
import XMLRPC

/// All that a worker has said in one case, in the order in which it began to say it.
final class Transcript: Sendable {
    private let exchanges: Mutex<[Exchange]> = Mutex([])

    /// More than a worker says in a case, however fast it polls.
    private static let exchangesMax = 200_000

    /// What a worker needs at most to read an answer that was written.
    private static let readingMax: Duration = .milliseconds(300)

    var all: [Exchange] { exchanges.withLock { $0 } }
    var polls: [Exchange] { all.filter { $0.poll != nil } }

    func calls(of method: String) -> [Exchange] { all.filter { $0.methodName == method } }

    /// - Returns: nil when there are more than anybody would look at.
    func begin(
        method: String, path: String, secret: String?, call: Result<MethodCall, XMLRPCFault>?,
        at now: ContinuousClock.Instant = .now
    ) -> Exchange? {
        exchanges.withLock { exchanges in
            guard exchanges.count < Self.exchangesMax else { return nil }
            let exchange = Exchange(
                number: exchanges.count, began: now, method: method, path: path, secret: secret, call: call)
            exchanges.append(exchange)
            return exchange
        }
    }

    /// All connections were cut: an answer that was just being written may never have been read.
    func doubtDeliveries(at now: ContinuousClock.Instant = .now) {
        exchanges.withLock { exchanges in
            for index in exchanges.indices {
                guard let delivered = exchanges[index].delivered, delivered > now - Self.readingMax else { continue }
                exchanges[index].delivered = nil
            }
        }
    }

    func update(_ number: Int, _ body: (inout Exchange) -> Void) {
        exchanges.withLock { body(&$0[number]) }
    }
}
