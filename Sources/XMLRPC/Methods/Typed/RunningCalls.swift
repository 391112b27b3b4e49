import Synchronization

/// The tasks of calls that are being answered, by caller, so that those of one who hung up can be cancelled.
final class RunningCalls: Sendable {
    /// One caller has one task at a time: the calls of a `system.multicall` follow each other.
    private let tasks = Mutex<[UInt64: Task<Void, Never>]>([:])

    func start(
        for callerID: UInt64, _ answer: @escaping @Sendable () async -> Result<XMLRPCValue, XMLRPCFault>,
        reply: @escaping Method.Reply
    ) {
        // Made inside the lock, so that it can't end before it is known.
        tasks.withLock { tasks in
            tasks[callerID] = Task {
                let result = await answer()
                // Before the reply, which may start the caller's next one.
                self.tasks.withLock { $0[callerID] = nil }
                reply(result)
            }
        }
    }

    func cancel(_ callerID: UInt64) { tasks.withLock { $0[callerID] }?.cancel() }
}
