package import ApplicationAPI

/// What a job must come to: one process, one thread, one dictionary. Slow and obvious; tests compare everything with it.
///
/// It shares with the fast way only the choice of the partition.
package struct SequentialRun {
    /// Runs a job on whole files.
    /// - Returns: The bytes of `part-00000` and so on.
    package static func parts(
        _ application: any Application, files: [(name: [UInt8], bytes: [UInt8])], partitionCount: Int,
        cutPoints: [[UInt8]]? = nil, records: RecordRule = RecordRule(),
        form: LineForm = .text
    ) throws -> [[UInt8]] {
        let partitioner = try Partitioner(for: application, count: partitionCount, cutPoints: cutPoints)
        try application.beginTask(context(.map, 0))
        let groups = try map(application, files, records)
        var parts = [[UInt8]](repeating: [], count: partitionCount)
        var keys = [[[UInt8]]](repeating: [], count: partitionCount)
        for key in groups.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let partition = key.withUnsafeBytes { partitioner.partition(of: $0) }
            keys[partition].append(key)
        }
        try partitioner.check()
        for (partition, keys) in keys.enumerated() {
            let output = ReduceOutput(form: form) { parts[partition].append(contentsOf: $0) }
            try application.beginTask(context(.reduce, partition))
            for key in keys { try reduce(application, key, groups[key] ?? Group(), to: output) }
            try application.finishReduce(to: output)
            output.flush()
        }
        return parts
    }

    private static func context(_ step: TaskContext.Step, _ index: Int) -> TaskContext {
        TaskContext(step: step, jobNumber: 1, taskIndex: index, attemptNumber: 1) {}
    }

    private struct Group {
        var values: [[UInt8]] = []
        var sum: Int64 = 0
    }

    private static func map(
        _ application: any Application, _ files: [(name: [UInt8], bytes: [UInt8])], _ rule: RecordRule
    ) throws -> [[UInt8]: Group] {
        let format = rule.format ?? application.recordFormat
        var groups: [[UInt8]: Group] = [:]
        let output = MapOutput(aggregation: application.aggregation) { key, value, amount in
            groups[[UInt8](key), default: Group()].values.append([UInt8](value))
            groups[[UInt8](key), default: Group()].sum += amount
        }
        for file in files where !file.bytes.isEmpty {
            let position = InputPosition(fileName: file.name) { 0 }
            for (index, record) in records(of: file.bytes, format).enumerated() {
                if rule.skipsHeaders, index == 0 { continue }
                try record.withUnsafeBytes { bytes in
                    let block = RecordBlock(
                        bytes: bytes, recordCount: 1, position: position, firstLineIndex: Int64(index),
                        format: format)
                    try application.mapBlock(block, to: output)
                }
                try output.check()
            }
        }
        try application.finishMap(to: output)
        try output.check()
        return groups
    }

    /// The records with what ends them.
    private static func records(of bytes: [UInt8], _ format: RecordFormat) -> [[UInt8]] {
        var records: [[UInt8]] = []
        var record: [UInt8] = []
        var quoteCount = 0
        for byte in bytes {
            record.append(byte)
            if byte == UInt8(ascii: "\"") { quoteCount += 1 }
            let isEnd =
                switch format {
                case .lines: byte == UInt8(ascii: "\n")
                case .nulTerminated: byte == 0
                case .fixedLength(let byteCount): record.count == byteCount
                case .csv: byte == UInt8(ascii: "\n") && quoteCount % 2 == 0
                case .wholeFile: false
                }
            if isEnd {
                records.append(record)
                record = []
            }
        }
        return record.isEmpty ? records : records + [record]
    }

    private static func reduce(
        _ application: any Application, _ key: [UInt8], _ group: Group, to output: ReduceOutput
    ) throws {
        try key.withUnsafeBytes { key in
            if application.aggregation == .sum {
                try application.reduce(key, sum: group.sum, to: output)
            } else if application.reduction == .lineForEachKey {
                output.write(key)
            } else if application.reduction == .lineForEachPair {
                for _ in group.values { output.write(key) }
            } else {
                var values = Values(ListedValues(group.values))
                try application.reduce(key, &values, to: output)
            }
        }
    }
}

private final class ListedValues: ValueSource {
    private let values: [[UInt8]]
    private var next = 0
    private var current = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 1)

    init(_ values: [[UInt8]]) { self.values = values }

    deinit { current.deallocate() }

    func nextValue() -> Bytes? {
        guard next < values.count else { return nil }
        current.deallocate()
        current = .allocate(byteCount: values[next].count, alignment: 1)
        current.copyBytes(from: values[next])
        next += 1
        return Bytes(current)
    }
}
