import LaunchedWorkers
import XMLRPC

// Messages between whoever launches workers and the workers, and among these.

extension LaunchDesk {
    /// - Parameter byteCount: What the value takes.
    func send(
        _ value: XMLRPCValue, byteCount: Int, from: MailAddress, to: MailAddress, key: String?
    ) throws(XMLRPCFault) {
        let given = try state.withLock { (state) throws(XMLRPCFault) -> (@Sendable () -> Void)? in
            try Self.check(to, state)
            do throws(MailRefusal) {
                guard try state.mailboxes.put(value, byteCount: byteCount, from: from, to: to, key: key) else {
                    return nil
                }
            } catch {
                throw LaunchFault.refused("\(error)")
            }
            guard let receiver = state.receivers.removeValue(forKey: to) else { return nil }
            let message = state.mailboxes.take(by: to, acknowledged: receiver.acknowledged)
            return { receiver.answer(message) }
        }
        given?()
    }

    /// Takes the first message that waits, or waits for one. Of two who receive in one name the later one gets it, and the
    /// earlier one nothing.
    ///
    /// - Parameters:
    ///   - callerID: Of the call that waits, to be told by ``abandon(_:)`` when nobody waits for its answer any more.
    ///   - answer: Called once, from any thread.
    func receive(
        _ address: MailAddress, acknowledged: Int?, within limit: Duration, callerID: UInt64,
        _ answer: @escaping @Sendable (Result<Mailboxes.Message?, XMLRPCFault>) -> Void
    ) {
        enum Outcome {
            case now(Mailboxes.Message?)
            case refused(XMLRPCFault)
            case later
        }
        let (outcome, earlier) = state.withLock { state -> (Outcome, Receiver?) in
            do throws(XMLRPCFault) { try Self.check(address, state) } catch { return (.refused(error), nil) }
            let earlier = state.receivers.removeValue(forKey: address)
            let message = state.mailboxes.take(by: address, acknowledged: acknowledged)
            guard message == nil, limit > .zero, !state.isClosed else { return (.now(message), earlier) }
            state.receivers[address] = Receiver(number: callerID, acknowledged: acknowledged) { answer(.success($0)) }
            return (.later, earlier)
        }
        earlier?.answer(nil)
        switch outcome {
        case .now(let message): answer(.success(message))
        case .refused(let fault): answer(.failure(fault))
        case .later:
            Task {
                // Cut short only when the whole process is going down.
                try? await Task.sleep(for: limit)
                removeReceiver(callerID)?.answer(nil)
            }
        }
    }

    /// Nobody waits for the answer to that call any more: a message that comes is for the next one, and its place as one
    /// that waits for workers is free.
    func abandon(_ callerID: UInt64) {
        _ = removeReceiver(callerID)
        state.withLock { state in state.waiters = state.waiters.filter { $0.value.callerID != callerID } }
    }

    private func removeReceiver(_ callerID: UInt64) -> Receiver? {
        state.withLock { state in
            guard let address = state.receivers.first(where: { $0.value.number == callerID })?.key else { return nil }
            return state.receivers.removeValue(forKey: address)
        }
    }

    private static func check(_ address: MailAddress, _ state: State) throws(XMLRPCFault) {
        guard case .worker(let id) = address else { return }
        guard let worker = state.table[id] else {
            throw LaunchFault.refused("there is no \(id); \(LaunchFault.whereToLook)")
        }
        guard !worker.phase.isOver else {
            throw LaunchFault.refused("\(id) is \(worker.phase.rawValue), and takes part in nothing any more")
        }
    }
}
