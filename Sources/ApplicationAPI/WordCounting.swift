import CDataPath

/// A word on its way into the table: found, hashed, and its entry's cache line asked for.
struct QueuedWord {
    /// As in ``SumEntry``, but a long word's address is that of the word in the text.
    var low: UInt64
    var high: UInt64
    var length: Int
    var hash: UInt64
}

/// Words waiting for their cache lines, so that the misses of many overlap.
struct WordQueue: ~Copyable {
    let words = UnsafeMutablePointer<QueuedWord>.allocate(capacity: WordQueue.capacity)
    static let capacity = 64

    deinit { words.deallocate() }
}

extension SumTable {
    /// Adds 1 for each word of `bytes` from the offset `first` on.
    ///
    /// - Returns: `bytes.count`, or less when the table must be emptied before it can go on from there.
    mutating func countWords<Rule: Separators>(
        in bytes: Bytes, from first: Int, _: Rule.Type, queue: borrowing WordQueue, wordCount: inout Int64
    ) -> Int {
        guard let text = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return bytes.count }
        let words = queue.words
        let count = bytes.count
        var queued = 0
        var base = first
        var start = first
        var carry: UInt64 = 0
        while base < count {
            let separators = count &- base >= 64 ? Rule.mask(text + base) : Rule.mask(text + base, count: count - base)
            // Where there is no word the table need not have any memory.
            if !hasRoom && (separators != .max || carry == 1) {
                drain(words, &queued, &wordCount)
                if !hasRoom && !grow() { return carry == 1 ? start : base }
            }
            let follows = ~separators &<< 1 | carry
            var ends = separators & follows
            var starts = ~separators & ~follows
            if carry == 0 { start = base &+ SumTable.takeLowest(&starts) }
            carry = ~separators &>> 63
            while ends != 0 {
                let end = base &+ SumTable.takeLowest(&ends)
                words[queued] = word(text + start, length: end &- start, readable: count &- start)
                queued &+= 1
                if queued == WordQueue.capacity { drain(words, &queued, &wordCount) }
                start = base &+ SumTable.takeLowest(&starts)
            }
            base &+= 64
        }
        if carry == 1 {
            words[queued] = word(text + start, length: count &- start, readable: count &- start)
            queued &+= 1
        }
        drain(words, &queued, &wordCount)
        return count
    }

    @inline(__always)
    private static func takeLowest(_ bits: inout UInt64) -> Int {
        defer { bits &= bits &- 1 }
        return bits.trailingZeroBitCount
    }

    @inline(__always)
    private func word(_ start: UnsafePointer<UInt8>, length: Int, readable: Int) -> QueuedWord {
        guard length <= SumEntry.inlineByteCountMax else {
            let hash = SumTable.longHash(start, length)
            mr_prefetch_for_write(entries + Int(truncatingIfNeeded: hash & mask))
            return QueuedWord(low: hash, high: UInt64(UInt(bitPattern: start)), length: length, hash: hash)
        }
        let key =
            readable >= 16 ? mr_load_short_key(start, length) : mr_load_short_key_exactly(start, length)
        let hash = SumTable.shortHash(key.low, key.high, length)
        mr_prefetch_for_write(entries + Int(truncatingIfNeeded: hash & mask))
        return QueuedWord(low: key.low, high: key.high, length: length, hash: hash)
    }

    @inline(__always)
    private mutating func drain(
        _ words: UnsafeMutablePointer<QueuedWord>, _ queued: inout Int, _ wordCount: inout Int64
    ) {
        for index in 0..<queued {
            let word = words[index]
            if word.length <= SumEntry.inlineByteCountMax {
                addShort(mr_short_key(low: word.low, high: word.high), length: word.length, hash: word.hash, 1)
            } else if let start = UnsafeRawPointer(bitPattern: UInt(word.high)) {
                addLong(start, length: word.length, hash: word.hash, 1)
            }
        }
        wordCount &+= Int64(queued)
        queued = 0
    }
}
