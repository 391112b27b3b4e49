import Synchronization
import XMLRPC

/// All that a worker has said in one case, in the order in which it began to say it.
final class Transcript: Sendable {
    private let exchanges: Mutex<[Exchange]> = Mutex([])

    /// More than a worker says in a case, however fast it polls.
    private static let exchangesMax = 200_000

    var all: [Exchange] { exchanges.withLock { $0 } }
    var polls: [Exchange] { all.filter { $0.poll != nil } }

    func calls(of method: String) -> [Exchange] { all.filter { $0.methodName == method } }

    /// - Returns: nil when there are more than anybody would look at.
    func begin(
        method: String, path: String, secret: String?, call: Result<MethodCall, XMLRPCFault>?
    ) -> Exchange? {
        exchanges.withLock { exchanges in
            guard exchanges.count < Self.exchangesMax else { return nil }
            let exchange = Exchange(
                number: exchanges.count, began: .now, method: method, path: path, secret: secret, call: call)
            exchanges.append(exchange)
            return exchange
        }
    }

    func update(_ number: Int, _ body: (inout Exchange) -> Void) {
        exchanges.withLock { body(&$0[number]) }
    }
}
