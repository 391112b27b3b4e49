import Model

/// Map outputs of one job on their way from their holders to the master, and those that it holds in their place.
///
///     held by its worker ──asked for──▶ requested ──handed over──▶ held by the master
///              ▲                          │                             │
///              └── refused, not awaited ──┤                             │ lost
///                                         └── refused, awaited ─────────┴──▶ made again
struct HandOvers: Equatable, Sendable {
    struct Request: Hashable, Sendable {
        /// The attempt's.
        let number: Int
        let holder: WorkerID
        /// Readers can't reach the holder: no reduce task begins before this is handed over, or made again.
        var isAwaited: Bool
    }

    /// By the map task's index.
    private(set) var requests: [Int: Request] = [:]
    private(set) var awaitedCount = 0
    /// Map tasks whose output that counts is with the master.
    private(set) var held: Set<Int> = []

    /// - Returns: Whether the request is new.
    mutating func ask(for index: Int, number: Int, of holder: WorkerID, isAwaited: Bool) -> Bool {
        let isNew = requests[index] == nil
        if isNew { requests[index] = Request(number: number, holder: holder, isAwaited: false) }
        if isAwaited, requests[index]?.isAwaited == false {
            requests[index]?.isAwaited = true
            awaitedCount += 1
        }
        return isNew
    }

    /// - Returns: What was asked for; nil when nothing was.
    mutating func endRequest(for index: Int) -> Request? {
        guard let request = requests.removeValue(forKey: index) else { return nil }
        if request.isAwaited { awaitedCount -= 1 }
        return request
    }

    mutating func keep(_ index: Int) { held.insert(index) }

    mutating func lose(_ index: Int) { held.remove(index) }

    func isRequested(_ attempt: AttemptID, of holder: WorkerID) -> Bool {
        guard let request = requests[attempt.task.index] else { return false }
        return request.number == attempt.number && request.holder == holder
    }
}

extension HandOvers: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(requests.sorted { $0.key < $1.key }) {
            $0.write(natural: $1.key)
            $0.write(natural: $1.value.number)
            $0.write($1.value.holder)
            $0.write($1.value.isAwaited)
        }
        writer.write(held.sorted()) { $0.write(natural: $1) }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let all = try reader.list { reader throws(RecordError) in
            let index = try reader.natural()
            let number = try reader.ordinal()
            let holder = try reader.value(WorkerID.self)
            return (index, Request(number: number, holder: holder, isAwaited: try reader.bool()))
        }
        requests = Dictionary(all) { first, _ in first }
        awaitedCount = requests.values.count { $0.isAwaited }
        held = Set(try reader.list { reader throws(RecordError) in try reader.natural() })
    }
}
