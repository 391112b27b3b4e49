/// What a successful attempt says of its output.
package struct AttemptResult: Hashable, Sendable {
    package var output: OutputSummary
    package var counters: TaskCounters
    /// The keys with the largest values, largest first, ties by key; only from reduce tasks of summing applications, at
    /// most ``topKeyCountMax`` of them. Keys of more than ``topKeyByteCountMax`` bytes are left out: reports travel in XML.
    package var topKeys: [KeyCount]
    /// What a program fails on and was left out, in the order of the input; only where the job allows that.
    package var skipped: [SkippedRecord] = []
    /// What the application counted under names of its own.
    package var userCounters = UserCounters()

    package static let topKeyCountMax = 10
    package static let topKeyByteCountMax = 256

    package init(output: OutputSummary, counters: TaskCounters = TaskCounters(), topKeys: [KeyCount] = []) {
        self.output = output
        self.counters = counters
        self.topKeys = topKeys
    }
}

/// Length and checksum of an output file, checked by whoever reads it next.
package struct OutputSummary: Hashable, Sendable {
    package let byteCount: Int64
    /// CRC-32C: of the whole part for a reduce attempt, of the index for a map attempt.
    package let checksum: UInt32

    package init(byteCount: Int64, checksum: UInt32) {
        self.byteCount = byteCount
        self.checksum = checksum
    }
}

package struct KeyCount: Hashable, Sendable {
    package let key: [UInt8]
    package let count: Int64

    package init(key: [UInt8], count: Int64) {
        self.key = key
        self.count = count
    }
}

/// Sums over one attempt, and, added up over committed attempts, over a job.
package struct TaskCounters: Hashable, Sendable {
    /// Bytes of input that the attempt owned.
    package var inputBytes: Int64 = 0
    /// Records given to map.
    package var inputRecords: Int64 = 0
    /// Key-value pairs that map emitted (for word count: words), before any combining.
    package var mapOutputRecords: Int64 = 0
    /// Key-value pairs that map attempts wrote for reduce tasks, after any combining. That these are merged in rounds, and
    /// read, is not counted.
    package var intermediateRecords: Int64 = 0
    /// What those pairs take in the map attempts' files, with the headers of their blocks.
    package var intermediateBytes: Int64 = 0
    /// Distinct keys given to reduce.
    package var reduceKeys: Int64 = 0
    package var outputRecords: Int64 = 0
    package var outputBytes: Int64 = 0
    /// Records and groups that were left out, because a program fails on them.
    package var skippedRecords: Int64 = 0
    // Tasks whose programs were limited: by what, and where some limit could not be held at all. One may count in several.
    package var limitedByCgroupV2: Int64 = 0
    package var limitedByCgroupV1: Int64 = 0
    package var limitedByRlimits: Int64 = 0
    package var limitsNotHeld: Int64 = 0

    package init() {}

    package static func += (total: inout TaskCounters, part: TaskCounters) { total.add(part, sign: 1) }
    package static func -= (total: inout TaskCounters, part: TaskCounters) { total.add(part, sign: -1) }

    /// Field by field and not by way of ``named``: the coordinator does this at each completion.
    private mutating func add(_ part: TaskCounters, sign: Int64) {
        inputBytes &+= sign &* part.inputBytes
        inputRecords &+= sign &* part.inputRecords
        mapOutputRecords &+= sign &* part.mapOutputRecords
        intermediateRecords &+= sign &* part.intermediateRecords
        intermediateBytes &+= sign &* part.intermediateBytes
        reduceKeys &+= sign &* part.reduceKeys
        outputRecords &+= sign &* part.outputRecords
        outputBytes &+= sign &* part.outputBytes
        skippedRecords &+= sign &* part.skippedRecords
        limitedByCgroupV2 &+= sign &* part.limitedByCgroupV2
        limitedByCgroupV1 &+= sign &* part.limitedByCgroupV1
        limitedByRlimits &+= sign &* part.limitedByRlimits
        limitsNotHeld &+= sign &* part.limitsNotHeld
    }

    /// Every counter under the name that the wire and `--json` use.
    package static var named: [(name: String, path: WritableKeyPath<TaskCounters, Int64>)] {
        [
            ("input_bytes", \.inputBytes), ("input_records", \.inputRecords),
            ("map_output_records", \.mapOutputRecords),
            ("intermediate_records", \.intermediateRecords), ("intermediate_bytes", \.intermediateBytes),
            ("reduce_keys", \.reduceKeys), ("output_records", \.outputRecords), ("output_bytes", \.outputBytes),
            ("skipped_records", \.skippedRecords), ("limited_by_cgroup_v2", \.limitedByCgroupV2),
            ("limited_by_cgroup_v1", \.limitedByCgroupV1), ("limited_by_rlimits", \.limitedByRlimits),
            ("limits_not_held", \.limitsNotHeld),
        ]
    }
}
