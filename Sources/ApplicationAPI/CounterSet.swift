import Synchronization

/// What one attempt counts under names of its application's own.
package final class CounterSet: Sendable {
    private struct Name: Hashable {
        let group: [UInt8]
        let name: [UInt8]
    }

    private struct State {
        var counters: [Name: Counter] = [:]
        var isCut = false
    }

    private let state = Mutex(State())
    /// For what is asked for beyond the limit: it counts, and nobody reads it.
    private let unread = Counter()

    package init() {}

    /// - Returns: The counter of that name. Beyond ``DataLimits/counterCountMax`` names it is one that goes nowhere, and the
    ///   first time is told.
    /// - Precondition: Group and name are within ``DataLimits/counterNameByteCountMax``.
    func counter(group: [UInt8], name: [UInt8]) -> (counter: Counter, isFirstBeyondLimit: Bool) {
        let key = Name(group: group, name: name)
        return state.withLock { state in
            if let known = state.counters[key] { return (known, false) }
            guard state.counters.count < DataLimits.counterCountMax else {
                defer { state.isCut = true }
                return (unread, !state.isCut)
            }
            let new = Counter()
            state.counters[key] = new
            return (new, false)
        }
    }

    /// All that was counted, in no order, and whether there were too many names.
    package var content: (counts: [(group: [UInt8], name: [UInt8], value: Int64)], isCut: Bool) {
        state.withLock { state in
            (state.counters.map { ($0.key.group, $0.key.name, $0.value.value) }, state.isCut)
        }
    }
}

extension TaskContext {
    /// The counter of that group and name, which all tasks of the job share; at most 120 of them, with at most 128 bytes of
    /// UTF-8 for the group and for the name. Ask for it in ``Application/beginTask(_:)`` and keep it.
    ///
    /// Of more than 120 names in a job those that came first count. The others don't, and the job's summary says that there
    /// were some.
    /// - Throws: ``CounterNameError``
    public func counter(_ name: String, in group: String) throws -> Counter {
        try counter(group: Array(group.utf8), name: Array(name.utf8))
    }

    /// The same, for names that need not be UTF-8.
    package func counter(group: [UInt8], name: [UInt8]) throws(CounterNameError) -> Counter {
        for part in [group, name] where part.count > DataLimits.counterNameByteCountMax {
            throw CounterNameError(byteCount: part.count)
        }
        let (counter, isFirstBeyondLimit) = counters.counter(group: group, name: name)
        if isFirstBeyondLimit {
            let limit = "a job has at most \(DataLimits.counterCountMax) counters"
            var notice = Array("mr-worker: \(limit); others, from this one on, are not counted: ".utf8)
            notice += group
            notice += ", ".utf8
            notice += name
            notice += "\n".utf8
            notice.withUnsafeBytes { log?.append($0) }
        }
        return counter
    }
}
