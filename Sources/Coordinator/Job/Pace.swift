import Model

/// How long tasks of one kind take: whom to call slow.
struct Pace: Equatable, Sendable {
    /// When the attempts of running tasks began.
    private(set) var runningSince: [Int: JobTime] = [:]
    private var endedCount = 0
    private var endedDuration: Duration = .zero
    private var endedByteCount: Int64 = 0
    /// Looking through all running tasks pays only now and then.
    private var nextLook = JobTime.zero

    private static let lookInterval: Duration = .milliseconds(250)

    mutating func begin(_ index: Int, at now: JobTime) { runningSince[index] = now }
    mutating func end(_ index: Int) { runningSince[index] = nil }

    /// An attempt has succeeded.
    mutating func note(_ byteCount: Int64, _ index: Int, at now: JobTime) {
        guard let since = runningSince[index] else { return }
        endedCount += 1
        endedDuration += now - since
        endedByteCount += byteCount
    }

    func mayLook(at now: JobTime) -> Bool { endedCount > 0 && now >= nextLook }

    mutating func lookAgainLater(_ now: JobTime) { nextLook = now + Self.lookInterval }

    /// From when on a task of that size is late; nil while nothing is known of others.
    func lateness(_ byteCount: Int64, since: JobTime, _ policy: Policy) -> JobTime? {
        guard endedCount > 0 else { return nil }
        let mean = endedDuration / endedCount
        let meanByteCount = endedByteCount / Int64(endedCount)
        // A shorter one may take as long as the others, a longer one longer.
        let share = meanByteCount > 0 ? max(1, Double(byteCount) / Double(meanByteCount)) : 1
        return since + max(policy.backupDelayMin, mean * (share * policy.backupFactor))
    }
}

extension Pace: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(runningSince.sorted { $0.key < $1.key }) {
            $0.write(natural: $1.key)
            $0.write($1.value)
        }
        writer.write(natural: endedCount)
        writer.write(endedDuration)
        writer.write(endedByteCount)
        writer.write(nextLook)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let running = try reader.list { reader throws(RecordError) in
            let index = try reader.natural()
            return (index, try reader.value(JobTime.self))
        }
        runningSince = Dictionary(running) { first, _ in first }
        endedCount = try reader.natural()
        endedDuration = try reader.duration()
        endedByteCount = try reader.int64()
        nextLook = try reader.value()
    }
}
