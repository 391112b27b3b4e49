package import ApplicationAPI
package import Model

/// Where the ranges of keys end that go to each partition, so that the partitions of a sample are of like size.
package enum CutPoints {
    /// The most bytes of one cut point: any beginning of a key parts keys as well.
    package static let byteCountMax = 256
    /// The most bytes of all cut points of a job together: every map task is told of them.
    package static let byteCountTotalMax = 256 << 10
    private static let byteCountMin = 16
    /// How many keys of a sample are held at most: of more every second one, every fourth, and so on.
    static let keyCountMax = 1 << 18

    /// Maps the sampled records as a map task would, and cuts the keys that come out into ranges with equally many.
    ///
    /// The result depends on nothing but the arguments. A record that the application cannot map is passed over: it may
    /// be one that was cut off, and if it is not, its map task says so.
    ///
    /// - Parameters:
    ///   - format: How the sample was made; nil: as the application asks for.
    ///   - job: What the application is told of the task, which is number 0 and has no input.
    ///   - partitionCount: R, 1 or more.
    ///   - passesOverFailures: Whether what map threw is nothing to anybody.
    /// - Returns: R - 1 keys in order, or beginnings of them; equal ones where there are too few different keys.
    /// - Throws: What the application's `beginTask` threw: without it other keys might come out than elsewhere. Where
    ///   failures count, also what map threw.
    package static func choose(
        for application: any Application, sample: [SampledRecord], format: RecordFormat? = nil,
        job: JobID = JobID(number: 1), partitionCount: Int, passesOverFailures: Bool = true
    ) throws -> [[UInt8]] {
        let allowed = byteCountTotalMax / partitionCount
        try application.beginTask(
            TaskContext(step: .map, jobNumber: job.number, taskIndex: 0, attemptNumber: 1, check: {}))
        var keys = SampledKeys(byteCountMax: min(byteCountMax, max(byteCountMin, allowed)))
        do {
            try map(sample, format ?? application.recordFormat, application, into: &keys)
        } catch {
            if !passesOverFailures { throw error }
        }
        let sorted = keys.all.sorted { $0.lexicographicallyPrecedes($1) }
        guard !sorted.isEmpty else { return Array(repeating: [], count: partitionCount - 1) }
        return (1..<max(1, partitionCount)).map { sorted[sorted.count * $0 / partitionCount] }
    }

    /// - Throws: The first error, once all records were tried.
    private static func map(
        _ sample: [SampledRecord], _ format: RecordFormat, _ application: any Application, into keys: inout SampledKeys
    ) throws {
        let ranged = application as? any RangeChooser
        let gathered = Gathered(keys)
        let output = MapOutput(aggregation: application.aggregation) { key, _, _ in
            gathered.keys.append(ranged?.rangeKey(of: key) ?? key)
        }
        var failure: (any Error)?
        for record in sample {
            let position = InputPosition(fileName: record.fileName) { 0 }
            record.bytes.withUnsafeBytes { bytes in
                let block = RecordBlock(
                    bytes: bytes, recordCount: 1, position: position, firstLineIndex: 0,
                    format: format)
                do { try application.mapBlock(block, to: output) } catch { failure = failure ?? error }
            }
        }
        do { try application.finishMap(to: output) } catch { failure = failure ?? error }
        keys = gathered.keys
        if let failure { throw failure }
    }

    private final class Gathered {
        var keys: SampledKeys
        init(_ keys: SampledKeys) { self.keys = keys }
    }
}

/// The keys of a sample, or some of them that stand for all.
private struct SampledKeys {
    let byteCountMax: Int
    private(set) var all: [[UInt8]] = []
    private var seenCount = 0
    private var stride = 1

    init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

    mutating func append(_ key: Bytes) {
        defer { seenCount += 1 }
        guard seenCount % stride == 0 else { return }
        if all.count == CutPoints.keyCountMax {
            all = all.indices.filter { $0 % 2 == 0 }.map { all[$0] }
            stride *= 2
            guard seenCount % stride == 0 else { return }
        }
        all.append([UInt8](key.prefix(byteCountMax)))
    }
}
