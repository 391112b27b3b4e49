import CDataPath

/// Takes what map emits. A limit that is passed or an error in writing is kept, and fails the task after the block.
public final class MapOutput {
    package let aggregation: Aggregation
    private var sums: SumTable
    private var pairs: PairBuffer
    private var repeated = RepeatedPairs()
    /// Pairs emitted so far, before any combining.
    package private(set) var emittedCount: Int64 = 0
    package private(set) var failure: (any Error)?
    private let spill: (MapOutput) throws -> Void
    private let queue = WordQueue()
    private var lowercased: [UInt8] = []
    /// Sees every pair in place of the tables; the value of a sum is its amount.
    private let observer: ((Bytes, Bytes, Int64) -> Void)?

    /// - Parameters:
    ///   - memoryByteCount: What the tables may take before `spill` is called.
    ///   - spill: Takes the pairs out and empties the table of `aggregation`.
    package init(aggregation: Aggregation, memoryByteCount: Int, spill: @escaping (MapOutput) throws -> Void) {
        self.aggregation = aggregation
        sums = SumTable(byteCountMax: aggregation == .sum ? memoryByteCount : 0)
        pairs = PairBuffer(byteCountMax: memoryByteCount)
        self.spill = spill
        observer = nil
    }

    /// An output that hands each pair to `observer` and keeps none.
    package init(aggregation: Aggregation, observer: @escaping (_ key: Bytes, _ value: Bytes, Int64) -> Void) {
        self.aggregation = aggregation
        sums = SumTable(byteCountMax: 0)
        pairs = PairBuffer(byteCountMax: 0)
        spill = { _ in }
        self.observer = observer
    }

    /// Emits a pair of an application without aggregation.
    public func emit(_ key: some ByteString, _ value: some ByteString) {
        key.withBytes { key in value.withBytes { value in emit(key, value) } }
    }

    /// Emits a pair unless it is remembered to have been emitted before: for an application to which a repeated pair
    /// means nothing, so that most repetitions cost neither memory nor sorting. Some are emitted all the same.
    public func emitUnlessRepeated(_ key: some ByteString, _ value: some ByteString) {
        key.withBytes { key in value.withBytes { value in emit(key, value, unlessRepeated: true) } }
    }

    /// Adds `amount` to the sum of `key` in a summing application.
    public func add(_ key: some ByteString, _ amount: Int64) {
        key.withBytes { add($0, amount) }
    }

    /// Adds 1 to the sum of each word in `bytes`: the fast way to count words.
    public func addWords(in bytes: Bytes, _ rule: WordRule = .betweenWhiteSpace, lowercase: Bool = false) {
        guard accepts(.sum), !bytes.isEmpty else { return }
        guard lowercase else { return countWords(in: bytes, rule) }
        if lowercased.count < bytes.count { lowercased = [UInt8](repeating: 0, count: bytes.count) }
        var copy: [UInt8] = []
        swap(&copy, &lowercased)
        copy.withUnsafeMutableBytes { copy in
            guard let to = copy.baseAddress, let from = bytes.baseAddress else { return }
            mr_copy_lowercased(
                to.assumingMemoryBound(to: UInt8.self), from.assumingMemoryBound(to: UInt8.self), bytes.count)
            countWords(in: Bytes(start: to, count: bytes.count), rule)
        }
        swap(&copy, &lowercased)
    }

    // The generic functions above compile to calls through witness tables in other modules; these do not.

    public func emit(_ key: Bytes, _ value: Bytes) { emit(key, value, unlessRepeated: false) }

    public func emitUnlessRepeated(_ key: Bytes, _ value: Bytes) { emit(key, value, unlessRepeated: true) }

    private func emit(_ key: Bytes, _ value: Bytes, unlessRepeated: Bool) {
        guard accepts(.none) else { return }
        guard key.count <= DataLimits.keyByteCountMax else {
            return fail(MapOutputError.keyTooLong(byteCount: key.count))
        }
        guard value.count <= DataLimits.valueByteCountMax else {
            return fail(MapOutputError.valueTooLong(byteCount: value.count))
        }
        emittedCount += 1
        if let observer { return observer(key, value, 0) }
        let place = unlessRepeated ? repeated.place(of: key) : nil
        if let place, repeated.holds(key, value, at: place) { return }
        if pairs.isFull { spillNow() }
        let pair = pairs.append(key, value)
        if let place { repeated.remember(pair, at: place) }
    }

    public func add(_ key: Bytes, _ amount: Int64) {
        guard accepts(.sum) else { return }
        guard key.count <= DataLimits.keyByteCountMax else {
            return fail(MapOutputError.keyTooLong(byteCount: key.count))
        }
        emittedCount += 1
        if let observer { return observer(key, Bytes(start: nil, count: 0), amount) }
        if !sums.hasRoom && !sums.grow() { spillNow() }
        sums.add(key, amount)
    }

    private func accepts(_ wanted: Aggregation) -> Bool {
        guard failure == nil else { return false }
        if aggregation == wanted { return true }
        fail(MapOutputError.wrongAggregation(aggregation))
        return false
    }

    private func fail(_ error: any Error) { failure = failure ?? error }

    private func spillNow() {
        do { try spill(self) } catch { fail(error) }
    }
}

extension MapOutput {
    private func countWords(in bytes: Bytes, _ rule: WordRule) {
        guard observer == nil else { return observeWords(in: bytes, rule) }
        var offset = 0
        while true {
            offset =
                switch rule {
                case .betweenWhiteSpace:
                    sums.countWords(
                        in: bytes, from: offset, WhiteSpaceSeparators.self, queue: queue, wordCount: &emittedCount)
                case .letters:
                    sums.countWords(
                        in: bytes, from: offset, NonLetterSeparators.self, queue: queue, wordCount: &emittedCount)
                }
            guard offset < bytes.count, failure == nil else { return }
            spillNow()
        }
    }

    /// One byte after the other: what the fast way is compared with.
    private func observeWords(in bytes: Bytes, _ rule: WordRule) {
        func belongs(_ byte: UInt8) -> Bool {
            switch rule {
            case .betweenWhiteSpace: byte != 32 && !(9...13).contains(byte)
            case .letters: (65...90).contains(byte) || (97...122).contains(byte)
            }
        }
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count && belongs(bytes[end]) { end += 1 }
            if end > start { add(Bytes(rebasing: bytes[start..<end]), 1) }
            start = end + 1
        }
    }

    /// Empties the table, once its pairs have been taken.
    package func removeAll() {
        if aggregation == .sum { sums.removeAll() } else { pairs.removeAll() }
        repeated.removeAll()
    }

    /// How many pairs or sums are in the table.
    package var keptCount: Int { aggregation == .sum ? sums.entryCount : pairs.count }

    /// Calls `body` with each sum, in no useful order.
    package func forEachSum(_ body: (UnsafePointer<SumEntry>) -> Void) { sums.forEachEntry(body) }

    /// Calls `body` with each pair, in the order of emission.
    package func forEachPair(_ body: (SortReference) -> Void) { pairs.forEachReference(body) }

    /// Throws what was kept: the application's task cannot succeed any more.
    package func check() throws {
        if let failure { throw failure }
        if let length = sums.oversize { throw MapOutputError.keyTooLong(byteCount: length) }
        if let key = sums.overflow { throw MapOutputError.sumOverflow(key: key) }
    }
}
