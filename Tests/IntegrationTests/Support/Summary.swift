import FoundationEssentials

/// What `mr-master --json` prints.
struct Summary: Decodable, Sendable {
    struct Frequent: Decodable, Hashable, Sendable {
        let key: String
        let count: Int
    }

    let outcome: String
    let application: String
    let inputFiles: Int
    let inputBytes: Int
    let mapTasks: Int
    let reduceTasks: Int
    let attempts: Int
    let records: Int
    let mapOutputRecords: Int
    let distinctKeys: Int
    let outputBytes: Int
    let skippedRecords: Int
    /// By group and name.
    let userCounters: [String: [String: Int]]
    let userCountersCut: Bool
    let mostFrequent: [Frequent]
    let error: String?

    /// Throws unless `bytes` are exactly one JSON object and a newline.
    init(of bytes: [UInt8]) throws {
        guard bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "\n"), bytes.count(where: { $0 == 10 }) == 1
        else { throw DidNotHappen(description: "not one JSON line: \(String(decoding: bytes, as: UTF8.self))") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(Summary.self, from: Data(bytes))
    }
}
