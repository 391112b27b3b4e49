import FoundationEssentials
import XMLRPC

/// What `job.status` answers.
struct JobView: Sendable {
    struct Tasks: Hashable, Sendable {
        let total: Int
        let pending: Int
        let running: Int
        let completed: Int
    }

    let outcome: String
    let maps: Tasks
    let reduces: Tasks
    let attempts: Int
    let workers: Int

    struct Malformed: Error {}

    init(_ value: XMLRPCValue) throws {
        guard let outcome = value["outcome"]?.asString, let attempts = value["attempts"]?.asInt,
            let workers = value["workers"]?.asInt, let maps = Tasks(value["maps"]),
            let reduces = Tasks(value["reduces"])
        else { throw Malformed() }
        self.outcome = outcome
        self.attempts = attempts
        self.workers = workers
        self.maps = maps
        self.reduces = reduces
    }
}

extension JobView.Tasks {
    fileprivate init?(_ value: XMLRPCValue?) {
        guard let total = value?["total"]?.asInt, let pending = value?["pending"]?.asInt,
            let running = value?["running"]?.asInt, let completed = value?["completed"]?.asInt
        else { return nil }
        self.init(total: total, pending: pending, running: running, completed: completed)
    }
}

/// What `mr-master --json` prints.
struct Summary: Decodable, Sendable {
    struct Frequent: Decodable, Hashable, Sendable {
        let key: String
        let count: Int
    }

    let outcome: String
    let application: String
    let input_files: Int
    let input_bytes: Int
    let map_tasks: Int
    let reduce_tasks: Int
    let attempts: Int
    let records: Int
    let map_output_records: Int
    let distinct_keys: Int
    let output_bytes: Int
    let most_frequent: [Frequent]
    let error: String?

    /// Throws unless `bytes` are exactly one JSON object and a newline.
    init(of bytes: [UInt8]) throws {
        guard bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "\n"), bytes.count(where: { $0 == 10 }) == 1
        else { throw DidNotHappen(description: "not one JSON line: \(String(decoding: bytes, as: UTF8.self))") }
        self = try JSONDecoder().decode(Summary.self, from: Data(bytes))
    }
}
