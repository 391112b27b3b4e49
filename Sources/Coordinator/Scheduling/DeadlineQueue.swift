import HeapModule
import Model

/// When to look at which worker next, earliest first.
///
/// Each worker has at most one entry that counts (its record's `checkDue`); a renewed lease does not touch the queue:
/// the worker is looked at when the old moment comes, and entered again. So renewing costs nothing, and the queue stays
/// about as long as there are workers.
struct DeadlineQueue: Equatable, Sendable {
    private var heap = Heap<Deadline>()

    struct Deadline: Hashable, Comparable, Sendable {
        let time: JobTime
        let worker: WorkerKey

        static func < (left: Deadline, right: Deadline) -> Bool {
            if left.time != right.time { return left.time < right.time }
            return left.worker < right.worker
        }
    }

    var earliest: JobTime? { heap.min?.time }
    var count: Int { heap.count }

    mutating func insert(_ deadline: Deadline) { heap.insert(deadline) }

    /// Removes all that have come, and returns them, the earliest first.
    mutating func takeAllDue(at now: JobTime) -> [Deadline] {
        var due: [Deadline] = []
        while let earliest, earliest <= now, let next = heap.popMin() { due.append(next) }
        return due
    }

    static func == (left: DeadlineQueue, right: DeadlineQueue) -> Bool { left.heap.unordered == right.heap.unordered }
}

extension DeadlineQueue: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(heap.unordered) {
            $0.write($1.time)
            $0.write($1.worker)
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let deadlines = try reader.list { reader throws(RecordError) in
            let time = try reader.value(JobTime.self)
            return Deadline(time: time, worker: try reader.value())
        }
        heap = Heap(deadlines)
    }
}
