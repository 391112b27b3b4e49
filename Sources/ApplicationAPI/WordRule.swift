import CDataPath

/// What a word is.
public enum WordRule: Hashable, Sendable {
    /// A maximal run of bytes other than ASCII white space: space, \t, \n, \v, \f, \r.
    case betweenWhiteSpace
    /// A maximal run of ASCII letters.
    case letters
}

/// Marks which of 64 bytes separate words. One type per rule, so that scanning loops are compiled for each.
protocol Separators {
    static func mask(_ bytes: UnsafePointer<UInt8>) -> UInt64
    static var sample: UInt8 { get }
}

enum WhiteSpaceSeparators: Separators {
    @inline(__always)
    static func mask(_ bytes: UnsafePointer<UInt8>) -> UInt64 { mr_whitespace_mask(bytes) }
    static var sample: UInt8 { UInt8(ascii: " ") }
}

enum NonLetterSeparators: Separators {
    @inline(__always)
    static func mask(_ bytes: UnsafePointer<UInt8>) -> UInt64 { mr_non_letter_mask(bytes) }
    static var sample: UInt8 { UInt8(ascii: " ") }
}

extension Separators {
    /// The mask of fewer than 64 bytes, as if separators followed them.
    @inline(never)
    static func mask(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { block in
            guard let start = block.baseAddress else { preconditionFailure("64 bytes have an address") }
            block.initialize(repeating: sample)
            memcpy(start, bytes, count)
            return mask(UnsafePointer(start))
        }
    }
}

/// Walks over the words of some bytes, in order.
public struct WordCursor {
    private let bytes: Bytes
    private let rule: WordRule
    private var base = 0
    private var start = 0
    private var carry: UInt64 = 0
    private var starts: UInt64 = 0
    private var ends: UInt64 = 0

    /// - Parameters:
    ///   - bytes: Must outlive the cursor.
    ///   - rule: What a word is.
    public init(_ bytes: Bytes, _ rule: WordRule = .betweenWhiteSpace) {
        self.bytes = bytes
        self.rule = rule
        base = -64
    }

    /// The next word, which lies in the bytes given to `init`, or nil after the last.
    public mutating func next() -> Bytes? {
        while ends == 0 {
            guard base + 64 < bytes.count else { return lastWord() }
            loadBlock()
        }
        let end = base + ends.trailingZeroBitCount
        ends &= ends &- 1
        defer { start = nextStart() }
        return Bytes(rebasing: bytes[start..<end])
    }

    private mutating func loadBlock() {
        base += 64
        guard let address = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        let count = bytes.count - base
        let mask: UInt64 =
            switch rule {
            case .betweenWhiteSpace:
                count >= 64
                    ? WhiteSpaceSeparators.mask(address + base)
                    : WhiteSpaceSeparators.mask(address + base, count: count)
            case .letters:
                count >= 64
                    ? NonLetterSeparators.mask(address + base)
                    : NonLetterSeparators.mask(address + base, count: count)
            }
        let follows = ~mask << 1 | carry
        ends = mask & follows
        starts = ~mask & ~follows
        if carry == 0 { start = nextStart() }
        carry = ~mask >> 63
    }

    private mutating func nextStart() -> Int {
        defer { starts &= starts &- 1 }
        return base + starts.trailingZeroBitCount
    }

    private mutating func lastWord() -> Bytes? {
        guard carry == 1 else { return nil }
        carry = 0
        return Bytes(rebasing: bytes[start...])
    }
}
