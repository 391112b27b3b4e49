import Coordinator
import Model
import TestSupport

/// A worker of the three simple calls: asks, counts, reports, and starts again.
struct ModelSimpleWorker: Sendable {
    let address: Address
    var isUp = true
    var stalledUntil = JobTime.zero
    private var tokenNewest = 0
    private var outstanding: Call?
    private var task: (attempt: AttemptID, pieces: [SplitPiece])?

    init(address: Address) { self.address = address }

    /// A worker that is started again keeps its name.
    var name: String { ModelSimpleWorker.name(address) }
    static func name(_ address: Address) -> String { "s\(address.index)" }

    mutating func wake(_ alarm: Alarm, _ world: inout World) -> [ModelWorker.Action] {
        switch alarm {
        case .start:
            // Registering first is polite, not needed.
            return call(world.random.happens(0.7) ? .simpleRegister : .simpleRequest)
        case .callTimesOut(let token):
            guard let late = outstanding, late.token == token else { return [] }
            return [.hangUp(late)] + call(late.content)
        case .pollAgain:
            return outstanding == nil ? call(.simpleRequest) : []
        case .attemptEnds(let attempt):
            guard let task, task.attempt == attempt, outstanding == nil else { return [] }
            if world.random.happens(world.weather.taskFails) {
                self.task = nil
                return call(.simpleRequest)
            }
            return call(.simpleComplete(attempt, task.pieces))
        case .fetch, .queueOverdue, .handOver, .handOverFails, .drainTimesOut:
            return []
        }
    }

    mutating func receive(_ reply: Reply, to call: Call, _ world: inout World) -> [ModelWorker.Action] {
        guard call.token == outstanding?.token else { return [] }
        outstanding = nil
        switch reply {
        case .simpleTask(let attempt?, let pieces):
            task = (attempt, pieces)
            let isLong = world.random.happens(world.weather.taskIsLong)
            let length = world.random.milliseconds(in: isLong ? 3_000...20_000 : 10...3_000)
            return [.wake(.attemptEnds(attempt), after: length)]
        case .simpleRegistered, .simpleTask(nil, _), .simpleCompletion:
            task = nil
            return [.wake(.pollAgain, after: world.random.milliseconds(in: 1...500))]
        case .registered, .poll, .unknownWorker, .left, .drains, .refused, .computation:
            return []
        }
    }

    private mutating func call(_ content: Call.Content) -> [ModelWorker.Action] {
        tokenNewest += 1
        let call = Call(from: address, token: tokenNewest, content: content)
        outstanding = call
        return [.call(call), .wake(.callTimesOut(token: call.token), after: .seconds(4))]
    }
}
