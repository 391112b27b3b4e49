import DataProtocol
import Objects

/// Who is asked for which objects next: decisions only.
///
/// Each object is asked of its holders one after the other. Of one holder many are asked in one call; small ones come with the
/// answer, and of large ones only what they are.
struct FetchPlan {
    struct Wanted: Sendable {
        let key: ObjectKey
        /// Who may still have it; the first is asked next.
        var holders: ArraySlice<String>
        /// What those before them said.
        var troubles: [String] = []

        init(_ key: ObjectKey, _ holders: [String]) {
            self.key = key
            self.holders = holders[...]
        }
    }

    /// One call.
    struct Batch: Sendable {
        let holder: String
        let wanted: [Wanted]
    }

    /// What became of one object of a call.
    enum Answer: Sendable {
        case settled
        /// It comes by itself.
        case large(ObjectInfo)
        /// The answer had no room for it.
        case left
        case trouble(String)
    }

    enum Verdict {
        case transfer(Wanted, ObjectInfo)
        /// Nobody is left to be asked.
        case failed(Wanted)
    }

    static let callCountMax = 6
    static let callCountPerHolderMax = 2
    static let keyCountMax = 1_000

    /// By the holder that is asked next, the first at the end.
    private var queues: [String: [Wanted]] = [:]
    /// Those who have a queue, in the order of their turns.
    private var turns: [String] = []
    private var callCounts: [String: Int] = [:]
    private var callCount = 0

    mutating func add(_ wanted: [Wanted]) -> [Verdict] {
        var verdicts: [Verdict] = []
        for one in wanted.reversed() {
            guard let holder = one.holders.first else {
                verdicts.append(.failed(one))
                continue
            }
            if queues[holder, default: []].isEmpty { turns.append(holder) }
            queues[holder, default: []].append(one)
        }
        return verdicts
    }

    /// The next call to make; nil while enough are under way. ``ended(_:_:)`` or ``lost(_:_:)`` must follow.
    mutating func next() -> Batch? {
        guard callCount < Self.callCountMax,
            let turn = turns.firstIndex(where: { callCounts[$0, default: 0] < Self.callCountPerHolderMax })
        else { return nil }
        let holder = turns.remove(at: turn)
        var queue = queues.removeValue(forKey: holder) ?? []
        let wanted = Array(queue.suffix(Self.keyCountMax).reversed())
        queue.removeLast(wanted.count)
        if !queue.isEmpty {
            queues[holder] = queue
            turns.append(holder)
        }
        callCount += 1
        callCounts[holder, default: 0] += 1
        return Batch(holder: holder, wanted: wanted)
    }

    /// - Parameter answers: One for each object of the call.
    mutating func ended(_ batch: Batch, _ answers: [Answer]) -> [Verdict] {
        precondition(answers.count == batch.wanted.count, "an object of a call has no answer")
        noteEnd(of: batch)
        var verdicts: [Verdict] = []
        var again: [Wanted] = []
        for (wanted, answer) in zip(batch.wanted, answers) {
            switch answer {
            case .settled: break
            case .large(let info): verdicts.append(.transfer(wanted, info))
            case .left: again.append(wanted)
            case .trouble(let trouble): again.append(Self.passedOn(wanted, trouble))
            }
        }
        return verdicts + add(again)
    }

    /// The holder did not answer: it is not asked for the rest either.
    mutating func lost(_ batch: Batch, _ trouble: String) -> [Verdict] {
        noteEnd(of: batch)
        let rest = queues.removeValue(forKey: batch.holder) ?? []
        turns.removeAll { $0 == batch.holder }
        return add((batch.wanted + rest.reversed()).map { Self.passedOn($0, trouble) })
    }

    private mutating func noteEnd(of batch: Batch) {
        callCount -= 1
        let left = callCounts[batch.holder, default: 0] - 1
        callCounts[batch.holder] = left > 0 ? left : nil
    }

    private static func passedOn(_ wanted: Wanted, _ trouble: String) -> Wanted {
        var wanted = wanted
        if let holder = wanted.holders.popFirst() { wanted.troubles.append("\(holder) (\(trouble))") }
        return wanted
    }
}
