import CDataPath

/// Takes what map emits: keys and values are copied, so what they were made in may be used again at once.
///
/// Nothing here throws. A limit that is passed (``DataLimits``), a call that does not go with the application's
/// ``Application/aggregation``, a sum that does not fit into 64 bits, or an error in writing is kept, and fails the attempt
/// after the block; what is emitted after it is dropped.
public final class MapOutput {
    package let aggregation: Aggregation
    var sums: SumTable
    private var pairs: PairBuffer
    /// In use in the place of `pairs`, when it is not nil.
    private var blocks: PairBlocks?
    var distinct: DistinctWords
    /// Pairs emitted so far, before any combining.
    package internal(set) var emittedCount: Int64 = 0
    package private(set) var failure: (any Error)?
    private let spill: (MapOutput) throws -> Void
    private let spillPair: ((_ key: Bytes, _ value: Bytes) throws -> Void)?
    let queue = WordQueue()
    var lowercased: [UInt8] = []
    /// Sees every pair in place of the tables; the value of a sum is its amount.
    let observer: ((Bytes, Bytes, Int64) -> Void)?

    /// - Parameters:
    ///   - memoryByteCount: What the tables may take before `spill` is called.
    ///   - blocks: Where pairs go that are not sorted before they are written.
    ///   - spillPair: Writes a pair that is too long for a copy, after all that were emitted before it. Without it `blocks`
    ///     take pairs of any length.
    ///   - spill: Takes the pairs out and empties the table of `aggregation`.
    package init(
        aggregation: Aggregation, memoryByteCount: Int, blocks: consuming PairBlocks? = nil,
        spillPair: ((_ key: Bytes, _ value: Bytes) throws -> Void)? = nil,
        spill: @escaping (MapOutput) throws -> Void
    ) {
        self.aggregation = aggregation
        sums = SumTable(byteCountMax: aggregation == .sum ? memoryByteCount : 0)
        // Distinct words are few beside pairs: a quarter of the budget holds half a million of them.
        pairs = PairBuffer(byteCountMax: memoryByteCount / 4 * 3)
        distinct = DistinctWords(byteCountMax: memoryByteCount / 4)
        self.blocks = blocks
        self.spillPair = spillPair
        self.spill = spill
        observer = nil
    }

    /// An output that hands each pair to `observer` and keeps none.
    package init(aggregation: Aggregation, observer: @escaping (_ key: Bytes, _ value: Bytes, Int64) -> Void) {
        self.aggregation = aggregation
        sums = SumTable(byteCountMax: 0)
        pairs = PairBuffer(byteCountMax: 0)
        distinct = DistinctWords(byteCountMax: 0)
        blocks = nil
        spillPair = nil
        spill = { _ in }
        self.observer = observer
    }

    /// Emits a pair of an application without aggregation.
    ///
    /// - Parameters:
    ///   - key: Up to ``DataLimits/keyByteCountMax`` bytes; empty is legal.
    ///   - value: Up to ``DataLimits/valueByteCountMax`` bytes; empty is legal.
    public func emit(_ key: some ByteString, _ value: some ByteString) {
        key.withBytes { key in value.withBytes { value in emit(key, value) } }
    }

    /// Adds `amount` to the sum of `key` in a summing application.
    ///
    /// - Parameters:
    ///   - key: Up to ``DataLimits/keyByteCountMax`` bytes; empty is legal.
    ///   - amount: May be less than 0. A key whose amounts come to 0 is still a key.
    public func add(_ key: some ByteString, _ amount: Int64) {
        key.withBytes { add($0, amount) }
    }

    // The generic functions above compile to calls through witness tables in other modules; these do not.

    /// The same as the generic one, without its cost.
    public func emit(_ key: Bytes, _ value: Bytes) {
        guard accepts(.none) else { return }
        guard key.count <= DataLimits.keyByteCountMax else {
            return fail(MapOutputError.keyTooLong(byteCount: key.count))
        }
        guard value.count <= DataLimits.valueByteCountMax else {
            return fail(MapOutputError.valueTooLong(byteCount: value.count))
        }
        emittedCount += 1
        if let observer { return observer(key, value, 0) }
        keep(key, value)
    }

    func keep(_ key: Bytes, _ value: Bytes) {
        if let longByteCount = blocks?.longPairByteCountMin {
            if key.count &+ value.count >= longByteCount { return keepLong(key, value) }
            if blocks?.isFull == true { spillNow() }
            blocks?.append(key, value)
        } else {
            if pairs.isFull { spillNow() }
            pairs.append(key, value)
        }
    }

    /// Emits each line of `bytes`, without its LF, as a key with an empty value: the fast way to sort lines.
    public func emitLines(in bytes: Bytes) {
        guard accepts(.none) else { return }
        guard observer == nil, blocks != nil else { return emitEachLine(of: bytes) }
        var offset = 0
        while offset < bytes.count, failure == nil {
            offset = blocks?.appendLines(of: bytes, from: offset, lineCount: &emittedCount) ?? bytes.count
            guard offset < bytes.count else { return }
            if blocks?.isFull == true { spillNow() } else { emitLine(of: bytes, at: &offset) }
        }
    }

    /// Emits one line, and moves on to the next.
    private func emitLine(of bytes: Bytes, at offset: inout Int) {
        guard let start = bytes.baseAddress else { return }
        let newline = memchr(start + offset, 10, bytes.count - offset).map { UnsafeRawPointer($0) - start }
        let end = newline ?? bytes.count
        emit(Bytes(start: start + offset, count: end - offset), Bytes(start: nil, count: 0))
        offset = end + 1
    }

    /// Writes a long pair from where it is, after what is there already: so the pairs of a key keep their order.
    @inline(never)
    private func keepLong(_ key: Bytes, _ value: Bytes) {
        guard let spillPair else {
            if blocks?.isFull == true { spillNow() }
            blocks?.append(key, value)
            return
        }
        if keptCount > 0 { spillNow() }
        guard failure == nil else { return }
        do { try spillPair(key, value) } catch { fail(error) }
    }

    private func emitEachLine(of bytes: Bytes) {
        var offset = 0
        while offset < bytes.count { emitLine(of: bytes, at: &offset) }
    }

    /// The same as the generic one, without its cost.
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

    func accepts(_ wanted: Aggregation) -> Bool {
        guard failure == nil else { return false }
        if aggregation == wanted { return true }
        fail(MapOutputError.wrongAggregation(aggregation))
        return false
    }

    func fail(_ error: any Error) { failure = failure ?? error }

    func spillNow() {
        do { try spill(self) } catch { fail(error) }
    }
}

extension MapOutput {
    /// Empties the table, once its pairs have been taken.
    package func removeAll() {
        if aggregation == .sum {
            sums.removeAll()
        } else if blocks != nil {
            blocks?.removeAll()
        } else {
            pairs.removeAll()
        }
    }

    /// Whether pairs are taken out by ``takeBlocks()``.
    package var hasBlocks: Bool { blocks != nil }

    /// The pairs in blocks, for each partition; valid until ``removeAll()``.
    package func takeBlocks() -> [[PairBlocks.Block]] { blocks?.takeBlocks() ?? [] }

    /// How many pairs or sums are in the table.
    package var keptCount: Int { aggregation == .sum ? sums.entryCount : blocks?.count ?? pairs.count }

    /// Calls `body` with each sum, in no useful order.
    package func forEachSum(_ body: (UnsafePointer<SumEntry>) -> Void) { sums.forEachEntry(body) }

    /// Calls `body` with each pair, in the order of emission.
    package func forEachPair(_ body: (SortReference) -> Void) { pairs.forEachReference(body) }

    /// Throws what was kept: the application's task cannot succeed any more.
    package func check() throws {
        if let failure { throw failure }
        if let length = sums.oversize ?? distinct.words.oversize { throw MapOutputError.keyTooLong(byteCount: length) }
        if let key = sums.overflow { throw MapOutputError.sumOverflow(key: key) }
    }
}
