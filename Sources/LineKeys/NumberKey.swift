import ApplicationAPI

/// A number as bytes whose order is that of the numbers. All of its digits count, however many they are.
///
/// What is read is what `sort -n` reads in the C locale: blanks, a minus, digits, a point and digits, any of which may be missing;
/// whatever follows is passed over, and where there is no digit at all the number is 0. There is no plus and no exponent.
///
///     0          0x80
///     above 0    exponent, digits, 0x00
///     below 0    the same for the number without its sign, each bit turned round
///
/// The number is 0.ddd times ten to the exponent, and its first digit is not 0. The exponent is one byte from 0x82 to 0xFE for -62 to 62, and
/// else 0x81 or 0xFF and four bytes, the highest first. Digits are two to a byte, each such byte 1 more than what the two say; zeros at the end
/// are left out, so each number has one form. In none does 0x00 come before the end of the digits.
enum NumberKey {
    /// What a number takes beside its digits.
    static let byteCountBeside = 7
    private static let zero: UInt8 = 0x80
    private static let exponentZero = 0xC0
    private static let exponentMax = 62
    private static let exponentByteCount = 4
    private static let tooSmall: UInt8 = 0x81
    private static let tooLarge: UInt8 = 0xFF

    /// - Parameters:
    ///   - flip: 0xFF to turn all bits round, for reverse order; else 0.
    ///   - target: Has room for the bytes of `text` and ``byteCountBeside`` more.
    /// - Returns: The address after what was stored.
    static func store(_ text: Bytes, flip: UInt8, at target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let number = Digits(text)
        guard let exponent = number.exponent else {
            target.storeBytes(of: zero ^ flip, as: UInt8.self)
            return target + 1
        }
        var writer = Writer(next: target, flip: number.isNegative ? ~flip : flip)
        writer.write(exponent: exponent)
        for place in number.whole { writer.write(digit: text[place]) }
        for place in number.fraction { writer.write(digit: text[place]) }
        writer.end()
        return writer.next
    }

    /// How many bytes the number takes that begins at `start`.
    static func byteCount(at start: UnsafeRawPointer, flip: UInt8) -> Int {
        let first = start.load(as: UInt8.self) ^ flip
        guard first != zero else { return 1 }
        let isNegative = first < zero
        let mark = isNegative ? ~first : first
        let end = isNegative ? ~flip : flip
        var count = mark == tooSmall || mark == tooLarge ? 1 + exponentByteCount : 1
        while start.load(fromByteOffset: count, as: UInt8.self) != end { count += 1 }
        return count + 1
    }

    private struct Writer {
        var next: UnsafeMutableRawPointer
        let flip: UInt8
        private var half: UInt8?

        init(next: UnsafeMutableRawPointer, flip: UInt8) {
            self.next = next
            self.flip = flip
        }

        mutating func write(_ byte: UInt8) {
            next.storeBytes(of: byte ^ flip, as: UInt8.self)
            next += 1
        }

        mutating func write(exponent: Int) {
            guard exponent.magnitude > exponentMax else {
                return write(UInt8(truncatingIfNeeded: exponentZero + exponent))
            }
            write(exponent < 0 ? tooSmall : tooLarge)
            // Two's complement is in order among numbers of one sign.
            for shift in [24, 16, 8, 0] { write(UInt8(truncatingIfNeeded: exponent >> shift)) }
        }

        mutating func write(digit text: UInt8) {
            let digit = text - UInt8(ascii: "0")
            if let high = half {
                write(high * 10 + digit + 1)
                half = nil
            } else {
                half = digit
            }
        }

        mutating func end() {
            if let high = half { write(high * 10 + 1) }
            write(0)
        }
    }
}

/// Where the digits of a number are that say how large it is.
private struct Digits {
    private(set) var isNegative = false
    /// Those before the point, from the first that is not 0 on.
    private(set) var whole = 0..<0
    /// Those after it, to the last that is not 0; where there is none before it, from the first that is not 0 on.
    private(set) var fraction = 0..<0
    /// nil for 0.
    private(set) var exponent: Int?

    init(_ text: Bytes) {
        var at = 0
        while at < text.count, text[at] == UInt8(ascii: " ") || text[at] == UInt8(ascii: "\t") { at += 1 }
        if at < text.count, text[at] == UInt8(ascii: "-") {
            isNegative = true
            at += 1
        }
        while at < text.count, text[at] == UInt8(ascii: "0") { at += 1 }
        whole = Self.digits(text, from: at)
        if whole.upperBound < text.count, text[whole.upperBound] == UInt8(ascii: ".") {
            fraction = Self.digits(text, from: whole.upperBound + 1)
            while let last = fraction.last, text[last] == UInt8(ascii: "0") { fraction.removeLast() }
        }
        if !whole.isEmpty {
            exponent = whole.count
            if fraction.isEmpty {
                while let last = whole.last, text[last] == UInt8(ascii: "0") { whole.removeLast() }
            }
        } else if !fraction.isEmpty {
            let all = fraction.count
            while text[fraction.lowerBound] == UInt8(ascii: "0") { fraction.removeFirst() }
            exponent = fraction.count - all
        }
    }

    private static func digits(_ text: Bytes, from start: Int) -> Range<Int> {
        var end = start
        while end < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[end]) { end += 1 }
        return start..<end
    }
}
