import XMLRPC

// What cases wait for.

extension Stage {
    /// Waits until the worker has joined, and looks at what it can do.
    ///
    /// - Throws: ``NotTried`` for an application that it does not announce, where it need not.
    func waitForRegistration(needs application: String? = nil) async throws {
        let name = "worker.register"
        try await wait(for: "\(name) within some seconds", within: Self.patience, advice: advice(forMissing: name)) {
            transcript.calls(of: name).contains { $0.status != nil }
        }
        guard let application, let call = transcript.calls(of: name).last?.document else { return }
        let names = (call.parameters.first?["applications"]?.asArray ?? []).compactMap(\.asString)
        guard names.contains(application) else {
            throw NotTried(reason: "the worker does not announce the application \(application)")
        }
    }

    private func advice(forMissing name: String) -> String {
        if transcript.all.contains(where: { $0.methodName == "register_worker" }) {
            return
                "this worker makes the simple calls alone, which have no leases and no reduce step; conform tries workers that call \(name)"
        }
        return
            "the worker's command line must say where the master is: '{join}' or '{master}' stands for it, or it finds it by $MR_JOIN_FILE or $MR_STATE_DIR"
    }

    /// Waits for an attempt that the worker has been given.
    @discardableResult
    func waitForAttempt(_ number: Int? = nil, of kind: String = "map") async throws -> String {
        var found: String?
        let which = number.map { "attempt \($0) of a \(kind) task" } ?? "a \(kind) attempt"
        try await wait(
            for: "polls that lead to \(which)", advice: "ask for work: capacity is 1 or more while nothing runs"
        ) {
            found = transcript.polls.lazy.filter { $0.delivered != nil }.flatMap { $0.pollAnswer?.assigned ?? [] }
                .first { name in
                    let parts = name.split(separator: "-")
                    return parts.count == 4 && parts[1] == kind && (number.map { parts[3] == String($0) } ?? true)
                }
            return found != nil
        }
        return found ?? ""
    }

    /// Waits until something has gone wrong, and returns the last poll that it befell.
    func waitForFault(_ name: String, advice: String) async throws -> Exchange {
        var found: Exchange?
        try await wait(for: "a request that can be disturbed (\(name))", advice: advice) {
            found = transcript.all.last { $0.fault == name }
            return found != nil
        }
        guard let found else { preconditionFailure("waited for it") }
        return found
    }

    /// Waits until a poll that was not answered comes again.
    func expectRepeat(of exchange: Exchange) async throws {
        guard let poll = exchange.poll else { preconditionFailure("\(exchange.path) is no poll") }
        let advice = "when no answer comes, send the same poll again, with the same sequence, until there is one"
        try await wait(
            for: "the poll with sequence \(poll.sequence) again after it was not answered (\(exchange.fault ?? ""))",
            within: Self.patience, advice: advice
        ) {
            let later = transcript.polls.filter { $0.number > exchange.number }.compactMap(\.poll)
            if later.contains(where: { $0.sequence == poll.sequence }) { return true }
            guard let other = later.first(where: { $0.sequence > poll.sequence && $0.worker == poll.worker }),
                // A worker may have several polls on their way.
                later.count > Self.overtakingMax
            else { return false }
            throw Finding(
                expected: "sequence \(poll.sequence) again", got: "sequence \(other.sequence)", advice: advice)
        }
    }

    private static let overtakingMax = 8
}
