import Synchronization

/// One `system.multicall` on its way: makes its calls one after the other, whether they answer at once or later.
///
/// A call that answers at once must not nest the next one inside its reply, or a thousand of them would go a thousand
/// levels deep. So the loop in ``proceed()`` makes the calls, and each reply says to whoever comes second, the loop or
/// the reply, that it is to go on:
///
///     calling ──reply first──▶ answered ──loop goes on──▶ calling
///        └─────loop first────▶ waiting ──reply starts a loop──▶ calling
final class Multicall: Sendable {
    private let calls: [XMLRPCValue]
    private let table: MethodTable
    private let caller: Caller
    private let reply: Method.Reply
    private let state = Mutex(State())

    private struct State {
        var phase = Phase.answered
        var answers: [XMLRPCValue] = []
        var answerByteCount = 0
    }

    private enum Phase {
        case calling, answered, waiting
    }

    init(calls: [XMLRPCValue], table: MethodTable, caller: Caller, reply: @escaping Method.Reply) {
        self.calls = calls
        self.table = table
        self.caller = caller
        self.reply = reply
    }

    func proceed() {
        while let index = beginCall() {
            if isOverAnswerLimit {
                record(.failure(.answersTooLarge(table.multicallLimits.answerByteCountMax)))
            } else {
                switch innerCall(calls[index]) {
                case .failure(let fault): record(.failure(fault))
                case .success(let call): table.run(call, caller: caller) { self.receive($0) }
                }
            }
            guard callIsAnswered() else { return }
        }
        reply(.success(.array(state.withLock { $0.answers })))
    }

    /// The index of the next call to make; nil when all are answered.
    private func beginCall() -> Int? {
        state.withLock { state in
            guard state.answers.count < calls.count else { return nil }
            state.phase = .calling
            return state.answers.count
        }
    }

    private var isOverAnswerLimit: Bool {
        state.withLock { $0.answerByteCount > table.multicallLimits.answerByteCountMax }
    }

    private func receive(_ answer: Result<XMLRPCValue, XMLRPCFault>) {
        if record(answer) { proceed() }
    }

    /// - Returns: Whether the loop has left, so that the reply must start another.
    @discardableResult
    private func record(_ answer: Result<XMLRPCValue, XMLRPCFault>) -> Bool {
        state.withLock { state in
            precondition(state.phase != .answered, "a method replied twice")
            let loopHasLeft = state.phase == .waiting
            state.phase = .answered
            let item: XMLRPCValue =
                switch answer {
                case .success(let value): [value]
                case .failure(let fault): fault.structure
                }
            state.answers.append(item)
            state.answerByteCount += item.encodedByteCountEstimate
            return loopHasLeft
        }
    }

    /// - Returns: false if the call answers later.
    private func callIsAnswered() -> Bool {
        state.withLock { state in
            if state.phase == .calling { state.phase = .waiting }
            return state.phase == .answered
        }
    }

    /// Reads one element of the parameter. Members beyond the two are ignored.
    private func innerCall(_ element: XMLRPCValue) -> Result<MethodCall, XMLRPCFault> {
        guard let members = element.asStructure else { return .failure(.badElement("is not a struct")) }
        guard let name = members["methodName"]?.asString else {
            return .failure(.badElement("has no methodName that is a string"))
        }
        guard let parameters = members["params"]?.asArray else {
            return .failure(.badElement("has no params that is an array"))
        }
        if isMethodName(name.utf8), name == Method.multicallName {
            return .failure(.badElement("is another system.multicall"))
        }
        return .success(MethodCall(methodName: name, parameters: parameters))
    }
}

extension XMLRPCFault {
    fileprivate static func badElement(_ problem: String) -> XMLRPCFault {
        .invalidRequest("this call of the system.multicall \(problem)")
    }

    fileprivate static func answersTooLarge(_ byteCountMax: Int) -> XMLRPCFault {
        .invalidRequest("not called: the answers before it are larger than the limit of \(byteCountMax) bytes together")
    }
}

extension XMLRPCValue {
    /// How many bytes the value takes in a document at most.
    fileprivate var encodedByteCountEstimate: Int {
        var byteCount = 0
        var rest = [self]
        while let value = rest.popLast() {
            byteCount += 48
            switch value {
            case .string(let text), .dateTime(let text): byteCount += Self.escapedByteCountMax(text)
            case .base64(let bytes): byteCount += bytes.count / 3 * 4 + 4
            case .array(let items): rest.append(contentsOf: items)
            case .structure(let members):
                for (name, value) in members {
                    byteCount += Self.escapedByteCountMax(name) + 32
                    rest.append(value)
                }
            case .int, .int64, .boolean, .double, .nil: break
            }
        }
        return byteCount
    }

    /// No character's escape is longer than five bytes.
    private static func escapedByteCountMax(_ text: String) -> Int {
        text.utf8.reduce(0) { byteCount, byte in
            switch byte {
            case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\r"): byteCount + 5
            default: byteCount + 1
            }
        }
    }
}
