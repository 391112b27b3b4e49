import CDataPath

/// Words that were emitted with one value and wait for the next value, each once.
struct DistinctWords: ~Copyable {
    var words: SumTable
    private(set) var value: [UInt8] = []
    private let byteCountMax: Int

    /// Small, because a task may have thousands of small files.
    private static let capacityFirst = 1 << 12

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
        words = SumTable(capacity: DistinctWords.capacityFirst, byteCountMax: byteCountMax)
    }

    mutating func begin(_ newValue: Bytes) { value = [UInt8](newValue) }

    /// Takes the words out.
    mutating func takeWords() -> SumTable {
        var taken = SumTable(capacity: DistinctWords.capacityFirst, byteCountMax: byteCountMax)
        swap(&taken, &words)
        return taken
    }
}

extension MapOutput {
    /// Adds 1 to the sum of each word in `bytes`: the fast way to count words.
    public func addWords(in bytes: Bytes, _ rule: WordRule = .betweenWhiteSpace, lowercase: Bool = false) {
        guard accepts(.sum), !bytes.isEmpty else { return }
        guard lowercase else { return addWords(in: bytes, rule) }
        if lowercased.count < bytes.count { lowercased = [UInt8](repeating: 0, count: bytes.count) }
        var copy: [UInt8] = []
        swap(&copy, &lowercased)
        copy.withUnsafeMutableBytes { copy in
            guard let to = copy.baseAddress, let from = bytes.baseAddress else { return }
            mr_copy_lowercased(
                to.assumingMemoryBound(to: UInt8.self), from.assumingMemoryBound(to: UInt8.self), bytes.count)
            addWords(in: Bytes(start: to, count: bytes.count), rule)
        }
        swap(&copy, &lowercased)
    }

    /// Emits a pair of each word in `bytes` and `value`, but seldom more than one for the same word while `value` stays
    /// the same: for an application without aggregation to which repeated pairs mean nothing.
    public func emitDistinctWords(in bytes: Bytes, _ rule: WordRule = .betweenWhiteSpace, value: Bytes) {
        guard accepts(.none), !bytes.isEmpty else { return }
        guard value.count <= DataLimits.valueByteCountMax else {
            return fail(MapOutputError.valueTooLong(byteCount: value.count))
        }
        guard observer == nil else {
            return observeWords(in: bytes, rule) { word in emit(word, value) }
        }
        if !distinct.value.withUnsafeBytes({ $0.hasSameBytes(as: value) }) {
            emitKeptWords()
            distinct.begin(value)
        }
        var offset = 0
        while true {
            offset = distinct.words.countWords(in: bytes, from: offset, rule, queue: queue, wordCount: &emittedCount)
            guard offset < bytes.count, failure == nil else { return }
            emitKeptWords()
        }
    }

    /// Turns the words that wait for another value into pairs; the last ones before the pairs are taken.
    package func emitKeptWords() {
        guard distinct.words.entryCount > 0 else { return }
        let words = distinct.takeWords()
        distinct.value.withUnsafeBytes { value in
            // Where spilling has failed every further pair would try it again.
            words.forEachEntry { entry in if failure == nil { keep(SumEntry.key(of: entry), value) } }
        }
        if let length = words.oversize { fail(MapOutputError.keyTooLong(byteCount: length)) }
    }

    private func addWords(in bytes: Bytes, _ rule: WordRule) {
        guard observer == nil else {
            return observeWords(in: bytes, rule) { word in add(word, 1) }
        }
        var offset = 0
        while true {
            offset = sums.countWords(in: bytes, from: offset, rule, queue: queue, wordCount: &emittedCount)
            guard offset < bytes.count, failure == nil else { return }
            spillNow()
        }
    }

    /// One byte after the other: what the fast way is compared with.
    private func observeWords(in bytes: Bytes, _ rule: WordRule, _ body: (Bytes) -> Void) {
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
            if end > start { body(Bytes(rebasing: bytes[start..<end])) }
            start = end + 1
        }
    }
}

extension SumTable {
    fileprivate mutating func countWords(
        in bytes: Bytes, from first: Int, _ rule: WordRule, queue: borrowing WordQueue, wordCount: inout Int64
    ) -> Int {
        switch rule {
        case .betweenWhiteSpace:
            countWords(in: bytes, from: first, WhiteSpaceSeparators.self, queue: queue, wordCount: &wordCount)
        case .letters:
            countWords(in: bytes, from: first, NonLetterSeparators.self, queue: queue, wordCount: &wordCount)
        }
    }
}
