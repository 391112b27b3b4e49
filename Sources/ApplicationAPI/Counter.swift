import Synchronization

/// A named sum over a job: get one at set-up, and add to it as often as you like.
///
/// ```swift
/// func beginTask(_ task: TaskContext) throws {
///     empty = try task.counter("empty", in: "lines")
/// }
///
/// func map(_ record: borrowing Record, to output: MapOutput) {
///     if record.bytes.isEmpty { empty?.add() }
///     output.add("lines", 1)
/// }
/// ```
///
/// What an attempt counted is added to the job's sum when it is the one that counts for its task, and only then: failed
/// attempts and second ones leave no trace in it. The summary of the job, `--json` and `mr-ctl status` show the sums.
public final class Counter: Sendable {
    private let sum = Atomic<Int64>(0)

    init() {}

    /// Adds `count`, which may be less than 0. The sum stays within 64 bits: what is beyond them is lost.
    ///
    /// - Complexity: One addition, without any look for the name.
    public func add(_ count: Int = 1) {
        let (old, new) = sum.wrappingAdd(Int64(count), ordering: .relaxed)
        if (new < old) != (count < 0) && count != 0 { sum.store(count > 0 ? .max : .min, ordering: .relaxed) }
    }

    /// What was added so far.
    package var value: Int64 { sum.load(ordering: .relaxed) }
}

/// Why there can be no such counter.
public struct CounterNameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Of the group or the name, whichever is too long.
    public let byteCount: Int

    /// That, and the limit.
    public var description: String {
        "the group or the name of a counter has \(byteCount) bytes; \(DataLimits.counterNameByteCountMax) are allowed"
    }
}
