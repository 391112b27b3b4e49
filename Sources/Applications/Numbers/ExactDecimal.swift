import ApplicationAPI

/// A decimal number, exactly: so a sum does not depend on the order in which it was added up.
///
/// A number that is read has up to ``wholeDigitCountMax`` digits before the point and ``decimalCountMax`` after it. Sums of
/// as many of them as there can be records stay below 10^38, so none overflows.
struct ExactDecimal: Hashable, Sendable {
    /// The number without its fraction, rounded down.
    private(set) var whole: Int128
    /// In units of 10^-36: from 0 to less than ``unit``.
    private(set) var fraction: UInt128

    /// More than any `Int64` has.
    static let wholeDigitCountMax = 19
    static let decimalCountMax = 36
    /// 10^36
    static let unit = UInt128(1_000_000_000_000_000_000) * 1_000_000_000_000_000_000

    static let zero = ExactDecimal(whole: 0, fraction: 0)

    private init(whole: Int128, fraction: UInt128) {
        self.whole = whole
        self.fraction = fraction
    }

    /// - Parameters:
    ///   - whole: The digits before the point, less than 2^126.
    ///   - fraction: Those after it, in units of 10^-36, less than ``unit``.
    init(isNegative: Bool, whole: UInt128, fraction: UInt128) {
        self.init(whole: Int128(whole), fraction: fraction)
        if isNegative { self = negated }
    }

    private var negated: ExactDecimal {
        guard fraction > 0 else { return ExactDecimal(whole: -whole, fraction: 0) }
        return ExactDecimal(whole: -whole - 1, fraction: ExactDecimal.unit - fraction)
    }

    var isNegative: Bool { whole < 0 }

    /// The number without its sign: what is before the point, and what is after it in units of 10^-36.
    var magnitude: (whole: UInt128, fraction: UInt128) {
        let positive = isNegative ? negated : self
        return (UInt128(positive.whole), positive.fraction)
    }

    /// The number where it has no fraction and fits.
    var integer: Int64? { fraction == 0 ? Int64(exactly: whole) : nil }

    mutating func add(_ other: ExactDecimal) {
        whole += other.whole
        fraction += other.fraction
        if fraction >= ExactDecimal.unit {
            fraction -= ExactDecimal.unit
            whole += 1
        }
    }
}

extension ExactDecimal: Comparable {
    static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
        left.whole != right.whole ? left.whole < right.whole : left.fraction < right.fraction
    }
}

// MARK: As a value of a pair

extension ExactDecimal {
    static let shortByteCount = 8
    static let longByteCount = 32

    /// Calls `body` with 8 bytes for a whole number of 64 bits, and else with 32; the lowest byte first.
    @inline(__always)
    func withBytes<Result>(_ body: (Bytes) -> Result) -> Result {
        if let integer { return withUnsafeBytes(of: integer.littleEndian, body) }
        return withUnsafeBytes(of: (whole.littleEndian, fraction.littleEndian), body)
    }

    /// - Throws: ``NumberValueError`` when the bytes are not what `withBytes` gives.
    init(decoding bytes: Bytes) throws(NumberValueError) {
        switch bytes.count {
        case Self.shortByteCount:
            self.init(whole: Int128(Int64(littleEndian: bytes.loadUnaligned(as: Int64.self))), fraction: 0)
        case Self.longByteCount:
            self.init(
                whole: Int128(littleEndian: bytes.loadUnaligned(as: Int128.self)),
                fraction: UInt128(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt128.self)))
        default: throw NumberValueError(byteCount: bytes.count)
        }
    }
}

/// A value of a pair is no number, though the application's own map task made it.
struct NumberValueError: Error, Hashable, CustomStringConvertible {
    let byteCount: Int

    var description: String { "a value of \(byteCount) bytes is no number that a map task of this application makes" }
}
