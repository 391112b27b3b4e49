import LaunchedWorkers
import LocalMachine

/// What the master's log says of launched workers.
enum LaunchNotice {
    /// - Parameter workers: Those of one call, one or more, with numbers that follow each other.
    static func launched(_ workers: [LaunchedWorker]) -> String {
        guard let first = workers.first, let last = workers.last else {
            preconditionFailure("a call launches somebody")
        }
        let who =
            workers.count == 1
            ? "1 worker (id \(first.id.number))"
            : "\(workers.count) workers (ids \(first.id.number) to \(last.id.number))"
        return "launched \(who): \(name(of: first.order))"
    }

    static func failed(_ worker: LaunchedWorker) -> String {
        "\(worker.id) (\(name(of: worker.order))) failed: \(DisplayName.of(Array(worker.reason.utf8)))"
    }

    /// What people know it by. Code may hold secrets, and is none of the log's.
    private static func name(of order: LaunchOrder) -> String {
        if !order.name.isEmpty { return DisplayName.of(Array(order.name.utf8)) }
        switch order.program {
        case .script(let path): return DisplayName.of(path)
        case .code: return "code"
        }
    }
}
