/// What a job runs on its records: a map step, and a reduce step over what map emitted.
///
/// An application sees bytes, not text: records, keys and values may hold NUL, carriage returns and invalid UTF-8. The
/// framework cuts the input into records, brings equal keys together in bytewise order and writes the parts. Counting
/// lines by their length takes this much:
///
/// ```swift
/// struct LineLengths: Application {
///     static let name = "line-lengths"
///     static let summary = "counts lines by their length in bytes"
///     let aggregation = Aggregation.sum
///
///     init(options: ApplicationOptions) {}
///
///     func map(_ record: borrowing Record, to output: MapOutput) {
///         output.add(String(record.bytes.count), 1)
///     }
/// }
/// ```
///
/// One value of the type is made for each attempt of a task, and its methods are called one after the other, on one thread: in
/// a map attempt ``beginTask(_:)``, ``mapBlock(_:to:)`` for each block of records, ``finishMap(to:)``; in a reduce attempt
/// ``beginTask(_:)``, one of the `reduce` methods for each key in bytewise order, ``finishReduce(to:)``. What combines may
/// be called at any time between and after those of a map attempt.
///
/// An error that any of them throws fails the attempt, with the error's description as the reason; the master tries the task
/// again, and after four failures the job fails. A trap ends the worker process with all that it runs. <doc:OwnWorker> goes
/// through all of it.
public protocol Application: Sendable {
    /// What `--app` takes: lowercase letters, digits and hyphens. None that `mr-master --list-apps` shows: the master would take
    /// the job for one of that application.
    static var name: String { get }

    /// One line for help.
    static var summary: String { get }

    /// The options that `init(options:)` understands; any other is refused before a task runs. None by default.
    static var options: [ApplicationOption] { get }

    /// Makes the application for one attempt of a task. Anything that a task needs anew is better made in ``beginTask(_:)``.
    /// - Throws: ``ApplicationOptionError`` for an option value that it cannot use. The master knows the options of the
    ///   applications that come with it and refuses these before the job begins; of others it learns from the first task.
    init(options: ApplicationOptions) throws

    /// How input becomes records: `.lines` by default.
    var recordFormat: RecordFormat { get }

    /// Whether the framework adds up the values of a key: `.none` by default.
    var aggregation: Aggregation { get }

    /// How keys are spread over the parts: `.hash` by default.
    var partitioning: Partitioning { get }

    /// The most parts that make sense, such as 1 where one reduce task must see all keys: any number (`nil`) by default.
    /// A task of a job with more fails.
    var partCountMax: Int? { get }

    /// What becomes of a key's values in an application without aggregation: `.reduce` by default.
    var reduction: Reduction { get }

    /// Whether reduce writes nothing but keys and values, by `write(_:_:)`: then `--output-format` may ask for other forms than
    /// text. `true` by default where it is called at all.
    var writesPairs: Bool { get }

    /// Whether ``combine(_:_:to:)`` may run on the values of one key before they leave the map task: `false` by default.
    var combines: Bool { get }

    /// Whether ``combineRun(_:to:)`` takes the place of ``combine(_:_:to:)``: `false` by default.
    var combinesRuns: Bool { get }

    /// Called once before the first record of a map attempt, and before the first key of a reduce attempt. With
    /// ``Partitioning/keyRanges`` a value of the type also maps a sample of the records, as a map task without input.
    ///
    /// - Parameter task: Which attempt it is, and where counters come from. It may be kept until the attempt ends.
    /// - Throws: What fails the attempt.
    func beginTask(_ task: TaskContext) throws

    /// Emits any number of key-value pairs for one record.
    ///
    /// - Parameters:
    ///   - record: Its bytes are valid until this returns.
    ///   - output: Takes copies: with ``Aggregation/sum`` by `add`, otherwise by `emit`.
    /// - Throws: What fails the attempt.
    func map(_ record: borrowing Record, to output: MapOutput) throws

    /// Emits the pairs of many records at once; by default it calls ``map(_:to:)`` for each. Override it where a whole
    /// block can be treated faster than line by line.
    ///
    /// - Parameters:
    ///   - block: Whole records that lie next to one another, up to some MiB of them; valid until this returns. How many are
    ///     in one block says nothing of the input.
    ///   - output: As in ``map(_:to:)``.
    /// - Throws: What fails the attempt.
    func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) throws

    /// Called once after the last record of a map attempt: what was kept back is emitted here. Not called for an attempt
    /// that failed or was cancelled.
    /// - Throws: What fails the attempt.
    func finishMap(to output: MapOutput) throws

    /// Chooses the part of a key's pairs, with ``Partitioning/own``: a number from 0 to `partCount` - 1, the same one on every
    /// worker and in every run, so no `Hasher` and no `hashValue`. ``hashPartition(of:partCount:)`` is a choice to build on.
    /// Any other number fails the attempt. Called for each pair, so it should be fast.
    func partition(of key: Bytes, partCount: Int) -> Int

    /// Replaces some values of one key by fewer. It may run never, once or repeatedly, on any part of a key's values in
    /// their order, so reduce must come to the same result either way.
    ///
    /// - Parameters:
    ///   - key: Valid until this returns. What is emitted has the same key.
    ///   - values: Two or more, or just one; each is valid until the next is asked for.
    ///   - output: Takes values in the place of those that were read. Values that are not read are gone.
    /// - Throws: What fails the map attempt.
    func combine(_ key: Bytes, _ values: inout Values, to output: CombineOutput) throws

    /// Replaces the sorted pairs of one run and partition by others, in any order; they are sorted again. As with
    /// ``combine(_:_:to:)``, reduce must come to the same result whether this runs never, once or repeatedly. A key that
    /// was not among those that came stays in this partition all the same.
    /// - Throws: What fails the map attempt.
    func combineRun(_ pairs: inout SortedRun, to output: MapOutput) throws

    /// Writes the result for one key of an application without aggregation; by default a line `key TAB value` for each
    /// value.
    ///
    /// - Parameters:
    ///   - key: Each key comes once, in bytewise order within the part; valid until this returns.
    ///   - values: In the order of the input: of the files as they were named, and within a file by position. Each is valid
    ///     until the next is asked for, and those that are not read are passed over.
    ///   - output: The part.
    /// - Throws: What fails the attempt.
    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) throws

    /// Writes the result for one key of a summing application; by default the line `key TAB sum`.
    ///
    /// - Parameters:
    ///   - key: As in ``reduce(_:_:to:)``.
    ///   - sum: Of all that was added under the key. One that does not fit into 64 bits has failed its task before.
    ///   - output: The part.
    /// - Throws: What fails the attempt.
    func reduce(_ key: Bytes, sum: Int64, to output: ReduceOutput) throws

    /// Called once after the last key of a reduce attempt, or after ``beginTask(_:)`` where the part has no key. Not called for
    /// an attempt that failed or was cancelled.
    /// - Throws: What fails the attempt.
    func finishReduce(to output: ReduceOutput) throws
}

/// Bytes that are valid until the call that was given them returns.
public typealias Bytes = UnsafeRawBufferPointer

/// What the framework does with the values of one key by itself.
public enum Aggregation: Hashable, Sendable {
    /// Nothing: reduce sees each value, in the order of the input.
    case none
    /// Values are `Int64` and are added up, already while mapping. A sum that does not fit fails the task.
    case sum
}

/// How keys are spread over the parts of a job.
public enum Partitioning: Hashable, Sendable {
    /// By a hash: parts are of like size, and each is in order by itself.
    case hash
    /// By ranges: every key of a part comes before every key of the next, so that all parts together are in order.
    ///
    /// Where a range ends is chosen before the first map task, from the keys that map emits for a sample of the records.
    /// The choice depends on the input and the number of parts only. Equal keys are in one part, however many they are.
    case keyRanges
    /// By a hash of the key without so many of its last bytes: keys that differ only there are in one part, and come to
    /// reduce one after the other. So what `map` puts at the end of a key says in which order reduce sees values.
    case hashWithoutLast(byteCount: Int)
    /// As ``Application/partition(of:partCount:)`` says.
    case own
}

/// What the framework does with the pairs of one key in a part.
public enum Reduction: Hashable, Sendable {
    /// Calls `reduce`.
    case reduce
    /// Writes the key as a line for each of its pairs, without the values and without a call: the fast way to sort.
    case lineForEachPair
    /// Writes the key as a line once.
    case lineForEachKey
}

extension Application {
    public static var options: [ApplicationOption] { [] }
    public var recordFormat: RecordFormat { .lines }
    public var aggregation: Aggregation { .none }
    public var combines: Bool { false }
    public var combinesRuns: Bool { false }
    public var partitioning: Partitioning { .hash }
    public var partCountMax: Int? { nil }
    public var reduction: Reduction { .reduce }
    public var writesPairs: Bool { reduction == .reduce || aggregation == .sum }

    public func beginTask(_ task: TaskContext) throws {}
    public func finishMap(to output: MapOutput) throws {}
    public func finishReduce(to output: ReduceOutput) throws {}

    public func map(_ record: borrowing Record, to output: MapOutput) throws {
        preconditionFailure("\(Self.name) implements neither map nor mapBlock")
    }

    public func partition(of key: Bytes, partCount: Int) -> Int {
        preconditionFailure("\(Self.name) says that it chooses parts, and does not implement partition(of:partCount:)")
    }

    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) throws {
        try block.forEachRecord { record in try map(record, to: output) }
    }

    public func combine(_ key: Bytes, _ values: inout Values, to output: CombineOutput) throws {
        while let value = values.next() { output.emit(value) }
    }

    public func combineRun(_ pairs: inout SortedRun, to output: MapOutput) throws {
        while let pair = try pairs.next() { output.emit(pair.key, pair.value) }
    }

    public func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) throws {
        while let value = values.next() { output.write(key, value) }
    }

    public func reduce(_ key: Bytes, sum: Int64, to output: ReduceOutput) throws {
        output.write(key, sum)
    }
}
