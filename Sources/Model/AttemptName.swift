extension AttemptID {
    /// The attempt's one written form, as in `1-map-12-3`: job, kind, task index, attempt number.
    ///
    /// It stands in RPC messages, HTTP paths and file names alike, and holds nothing but digits, dashes and the kind, so
    /// that a path is never built from what somebody sent.
    package var name: String { "\(task.job.number)-\(task.kind.rawValue)-\(task.index)-\(number)" }

    /// What the names of all attempts of a job begin with, and of no other's.
    package static func namePrefix(of job: JobID) -> String { "\(job.number)-" }

    /// Reads ``name`` back; nil for anything that ``name`` would not have written.
    package init?(name: String) {
        // To compare text takes time quadratic in what may stand in it.
        guard name.utf8.count <= Self.nameByteCountMax else { return nil }
        let parts = name.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 4,
            let job = AttemptID.decimal(parts[0]), job >= 1,
            let kind = TaskKind(rawValue: String(decoding: parts[1], as: UTF8.self)),
            let index = AttemptID.decimal(parts[2]),
            let number = AttemptID.decimal(parts[3]), number >= 1
        else { return nil }
        self.init(task: TaskID(job: JobID(number: job), kind: kind, index: index), number: number)
    }

    fileprivate static let nameByteCountMax = 64

    /// At most nine digits, no sign, no leading zero.
    fileprivate static func decimal(_ text: Substring.UTF8View) -> Int? {
        guard (1...9).contains(text.count), text.count == 1 || text.first != UInt8(ascii: "0") else { return nil }
        var value = 0
        for byte in text {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }
}

extension TaskID {
    /// The task's one written form, as in `1-map-12`: job, kind, index.
    package var name: String { "\(job.number)-\(kind.rawValue)-\(index)" }

    /// Reads ``name`` back; nil for anything that ``name`` would not have written.
    package init?(name: String) {
        guard name.utf8.count <= AttemptID.nameByteCountMax else { return nil }
        let parts = name.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3, let job = AttemptID.decimal(parts[0]), job >= 1,
            let kind = TaskKind(rawValue: String(decoding: parts[1], as: UTF8.self)),
            let index = AttemptID.decimal(parts[2])
        else { return nil }
        self.init(job: JobID(number: job), kind: kind, index: index)
    }
}
