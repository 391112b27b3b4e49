import XMLRPC

/// A number with Python's arithmetic: integers are exact, and what has a double in it is a double.
enum Number {
    case integer(Int64)
    case double(Double)

    /// nil for what is no number. A boolean is 0 or 1.
    init?(_ value: XMLRPCValue) {
        switch value {
        case .int(let number): self = .integer(Int64(number))
        case .int64(let number): self = .integer(number)
        case .boolean(let flag): self = .integer(flag ? 1 : 0)
        case .double(let number): self = .double(number)
        case .string, .dateTime, .base64, .nil, .array, .structure: return nil
        }
    }

    var asDouble: Double {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        }
    }

    /// Compares exactly: an integer of 64 bits is never rounded for it.
    func isLess(than other: Number) -> Bool {
        switch (self, other) {
        case (.integer(let left), .integer(let right)): left < right
        case (.double(let left), .double(let right)): left < right
        case (.integer(let left), .double(let right)): Self.isLess(left, right)
        case (.double(let left), .integer(let right)): Self.isLess(left, right)
        }
    }

    private static func isLess(_ left: Int64, _ right: Double) -> Bool {
        if right >= 0x1p63 { return true }
        guard right >= -0x1p63 else { return false }
        let whole = right.rounded(.towardZero)
        let integer = Int64(whole)
        return left == integer ? whole < right : left < integer
    }

    private static func isLess(_ left: Double, _ right: Int64) -> Bool {
        if left < -0x1p63 { return true }
        guard left < 0x1p63 else { return false }
        let whole = left.rounded(.towardZero)
        let integer = Int64(whole)
        return right == integer ? left < whole : integer < right
    }
}

/// The nearest double to a quotient of integers, as Python's `/` gives it: rounded once.
///
/// - Parameter divisor: Not 0.
func quotient(_ dividend: Int128, _ divisor: Int128) -> Double {
    let (left, right) = (dividend.magnitude, divisor.magnitude)
    let magnitude = left == 0 ? 0 : nearestQuotient(left, right)
    return (dividend < 0) != (divisor < 0) ? -magnitude : magnitude
}

/// - Parameters:
///   - dividend: Not 0.
///   - divisor: At most 64 bits.
private func nearestQuotient(_ dividend: UInt128, _ divisor: UInt128) -> Double {
    func bitCount(_ number: UInt128) -> Int { UInt128.bitWidth - number.leadingZeroBitCount }
    // At least 56 bits of the quotient: the 53 of a double, and what decides how they are rounded.
    let shift = max(0, 56 + bitCount(divisor) - bitCount(dividend))
    var (bits, remainder) = (dividend << UInt128(shift)).quotientAndRemainder(dividingBy: divisor)
    let excess = max(0, bitCount(bits) - 64)
    if bits & ((1 << UInt128(excess)) - 1) != 0 { remainder = 1 }
    bits >>= UInt128(excess)
    // What was cut off moves a quotient off the middle between two doubles.
    if remainder != 0 { bits |= 1 }
    return Double(sign: .plus, exponent: excess - shift, significand: Double(UInt64(bits)))
}
