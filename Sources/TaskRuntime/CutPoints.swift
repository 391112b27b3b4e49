package import ApplicationAPI
package import Model

/// Where the ranges of keys end that go to each partition, so that the partitions of a sample are of like size.
package enum CutPoints {
    /// The most bytes of one cut point: any beginning of a key parts keys as well.
    package static let byteCountMax = 256
    /// The most bytes of all cut points of a job together: every map task is told of them.
    package static let byteCountTotalMax = 256 << 10
    private static let byteCountMin = 16

    /// Maps the sampled records as a map task would, and cuts the keys that come out into ranges with equally many.
    ///
    /// The result depends on nothing but the arguments. A record that the application cannot map is passed over: it may
    /// be one that was cut off, and if it is not, its map task says so.
    ///
    /// - Parameters:
    ///   - format: How the sample was made; nil: as the application asks for.
    ///   - job: What the application is told of the task, which is number 0 and has no input.
    ///   - partitionCount: R, 1 or more.
    /// - Returns: R - 1 keys in order, or beginnings of them; equal ones where there are too few different keys.
    /// - Throws: What the application's `beginTask` threw: without it other keys might come out than elsewhere.
    package static func choose(
        for application: any Application, sample: [SampledRecord], format: RecordFormat? = nil,
        job: JobID = JobID(number: 1), partitionCount: Int
    ) throws -> [[UInt8]] {
        let allowed = byteCountTotalMax / partitionCount
        try application.beginTask(
            TaskContext(step: .map, jobNumber: job.number, taskIndex: 0, attemptNumber: 1, check: {}))
        let keys = keys(
            of: sample, format ?? application.recordFormat, application,
            byteCountMax: min(byteCountMax, max(byteCountMin, allowed))
        )
        .sorted { $0.lexicographicallyPrecedes($1) }
        guard !keys.isEmpty else { return Array(repeating: [], count: partitionCount - 1) }
        return (1..<max(1, partitionCount)).map { keys[keys.count * $0 / partitionCount] }
    }

    private static func keys(
        of sample: [SampledRecord], _ format: RecordFormat, _ application: any Application, byteCountMax: Int
    ) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        let output = MapOutput(aggregation: application.aggregation) { key, _, _ in
            keys.append([UInt8](key.prefix(byteCountMax)))
        }
        for record in sample {
            let position = InputPosition(fileName: record.fileName) { 0 }
            record.bytes.withUnsafeBytes { bytes in
                let block = RecordBlock(
                    bytes: bytes, recordCount: 1, position: position, firstLineIndex: 0,
                    format: format)
                // The map task of this record tells what is wrong with it.
                try? application.mapBlock(block, to: output)
            }
        }
        // As above: it may miss what was cut off.
        try? application.finishMap(to: output)
        return keys
    }
}
