import Model

/// The workers that are known, by their number: what a dictionary would do, but a record is changed where it lies, and
/// found without hashing.
struct WorkerTable: Equatable, Sendable {
    /// Worker *n* at position *n* - 1; nil once it is gone. Numbers are given out in order and never again.
    private var records: [WorkerRecord?] = []
    private(set) var count = 0

    subscript(id: WorkerID) -> WorkerRecord? {
        _read {
            if records.indices.contains(id.number - 1) {
                yield records[id.number - 1]
            } else {
                yield nil
            }
        }
        _modify {
            precondition(records.indices.contains(id.number - 1), "\(id) is changed and was never entered")
            let wasThere = records[id.number - 1] != nil
            yield &records[id.number - 1]
            count += (records[id.number - 1] != nil ? 1 : 0) - (wasThere ? 1 : 0)
        }
    }

    func contains(_ id: WorkerID) -> Bool {
        records.indices.contains(id.number - 1) && records[id.number - 1] != nil
    }

    /// Enters the worker with the next number.
    mutating func append(_ record: WorkerRecord) -> WorkerID {
        records.append(record)
        count += 1
        return WorkerID(number: records.count)
    }

    /// In ascending order of their numbers.
    ///
    /// - Complexity: O(all that ever were).
    var all: [(id: WorkerID, worker: WorkerRecord)] {
        records.enumerated().compactMap { index, record in record.map { (WorkerID(number: index + 1), $0) } }
    }

    var ids: [WorkerID] { records.indices.filter { records[$0] != nil }.map { WorkerID(number: $0 + 1) } }
}
