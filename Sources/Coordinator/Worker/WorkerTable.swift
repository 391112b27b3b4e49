import Model

/// The workers that are known, by their number. Unlike in a dictionary, a record is found without hashing, and changed
/// where it lies: it is long, and each step changes some of it.
struct WorkerTable: Equatable, Sendable {
    /// Worker *n* at position *n* - 1. Numbers are given out in order and never again.
    private var records: [WorkerRecord] = []
    /// Whether the worker is still known; what lies in ``records`` for one that is gone means nothing.
    private var isKnown: [Bool] = []
    private(set) var count = 0

    private static let gone = WorkerRecord(
        profile: WorkerProfile(name: "", slots: 1, applications: []), applications: [], lastHeard: .zero)

    func contains(_ id: WorkerID) -> Bool { id.number <= isKnown.count && isKnown[id.number - 1] }

    /// A copy of the record, which takes a while; nil for a worker that is not known.
    subscript(id: WorkerID) -> WorkerRecord? { contains(id) ? records[id.number - 1] : nil }

    /// - Precondition: The worker is known.
    subscript(known id: WorkerID) -> WorkerRecord {
        _read {
            precondition(contains(id), "\(id) is not known")
            yield records[id.number - 1]
        }
        _modify {
            precondition(contains(id), "\(id) is not known")
            yield &records[id.number - 1]
        }
    }

    /// Enters the worker with the next number.
    mutating func append(_ record: WorkerRecord) -> WorkerID {
        records.append(record)
        isKnown.append(true)
        count += 1
        return WorkerID(number: records.count)
    }

    /// - Precondition: The worker is known.
    mutating func remove(_ id: WorkerID) {
        precondition(contains(id), "\(id) is not known")
        isKnown[id.number - 1] = false
        records[id.number - 1] = Self.gone
        count -= 1
    }

    /// In ascending order.
    ///
    /// - Complexity: O(all that ever were).
    var ids: [WorkerID] { isKnown.indices.filter { isKnown[$0] }.map { WorkerID(number: $0 + 1) } }

    /// In ascending order of their numbers.
    ///
    /// - Complexity: O(all that ever were).
    var all: [(id: WorkerID, worker: WorkerRecord)] { ids.map { ($0, records[$0.number - 1]) } }
}

extension WorkerTable: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(natural: records.count)
        for (record, isKnown) in zip(records, isKnown) { writer.write(isKnown ? record : nil) }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let all = try reader.list { reader throws(RecordError) in try reader.optional(WorkerRecord.self) }
        records = all.map { $0 ?? Self.gone }
        isKnown = all.map { $0 != nil }
        count = all.count { $0 != nil }
    }
}
