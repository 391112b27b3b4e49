import Model

/// The workers that are known, by their number. Unlike in a dictionary, a record is found without hashing, and changed
/// where it lies: it is long, and each step changes some of it.
struct WorkerTable: Equatable, Sendable {
    /// Numbers are given out in ascending order and never again.
    private var newest = 0
    /// In ascending order; also those of workers that are gone, until they are too many.
    private var numbers: [Int] = []
    /// At the same position; what lies there for one that is gone means nothing.
    private var records: [WorkerRecord] = []
    private var isKnown: [Bool] = []
    private(set) var count = 0

    /// Whoever joins and leaves without end takes no more room than this, and those who stay.
    private static let goneMax = 256

    private static let gone = WorkerRecord(
        profile: WorkerProfile(name: "", slots: 1, applications: []), applications: [], lastHeard: .zero)

    /// Of a worker that is known. Where none of those before it has been forgotten, that needs no search.
    private func position(of id: WorkerID) -> Int? {
        let number = id.number
        if number >= 1, number <= numbers.count, numbers[number - 1] == number {
            return isKnown[number - 1] ? number - 1 : nil
        }
        var (low, high) = (0, numbers.count)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low < numbers.count && numbers[low] == number && isKnown[low] ? low : nil
    }

    func contains(_ id: WorkerID) -> Bool { position(of: id) != nil }

    /// A copy of the record, which takes a while; nil for a worker that is not known.
    subscript(id: WorkerID) -> WorkerRecord? { position(of: id).map { records[$0] } }

    /// - Precondition: The worker is known.
    subscript(known id: WorkerID) -> WorkerRecord {
        _read {
            guard let position = position(of: id) else { preconditionFailure("\(id) is not known") }
            yield records[position]
        }
        _modify {
            guard let position = position(of: id) else { preconditionFailure("\(id) is not known") }
            yield &records[position]
        }
    }

    /// Enters the worker with the next number.
    mutating func append(_ record: WorkerRecord) -> WorkerID {
        newest += 1
        numbers.append(newest)
        records.append(record)
        isKnown.append(true)
        count += 1
        return WorkerID(number: newest)
    }

    /// - Precondition: The worker is known.
    mutating func remove(_ id: WorkerID) {
        guard let position = position(of: id) else { preconditionFailure("\(id) is not known") }
        isKnown[position] = false
        records[position] = Self.gone
        count -= 1
        guard records.count - count > max(count, Self.goneMax) else { return }
        let stay = records.indices.filter { isKnown[$0] }
        numbers = stay.map { numbers[$0] }
        records = stay.map { records[$0] }
        isKnown = stay.map { _ in true }
    }

    /// In ascending order.
    ///
    /// - Complexity: O(workers).
    var ids: [WorkerID] {
        records.indices.filter { isKnown[$0] }.map { WorkerID(number: numbers[$0]) }
    }

    /// Records that it has room for, of workers that are gone too.
    var placeCount: Int { records.count }

    /// In ascending order of their numbers.
    ///
    /// - Complexity: O(workers).
    var all: [(id: WorkerID, worker: WorkerRecord)] {
        records.indices.filter { isKnown[$0] }.map { (WorkerID(number: numbers[$0]), records[$0]) }
    }

    /// Whether the same workers are known, whoever has gone before.
    static func == (one: WorkerTable, other: WorkerTable) -> Bool {
        one.newest == other.newest && one.count == other.count
            && zip(one.all, other.all).allSatisfy { $0.id == $1.id && $0.worker == $1.worker }
    }
}

extension WorkerTable: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(natural: newest)
        writer.write(all) {
            $0.write($1.id)
            $0.write($1.worker)
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        newest = try reader.natural()
        let all = try reader.list { reader throws(RecordError) in
            (id: try reader.value(WorkerID.self), worker: try reader.value(WorkerRecord.self))
        }
        for (id, worker) in all {
            guard id.number > (numbers.last ?? 0), id.number <= newest else {
                throw reader.error("worker \(id.number) after \(numbers.last ?? 0), of \(newest)")
            }
            numbers.append(id.number)
            records.append(worker)
            isKnown.append(true)
        }
        count = records.count
    }
}
