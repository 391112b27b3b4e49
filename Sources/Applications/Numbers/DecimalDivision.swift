extension ExactDecimal {
    /// This number divided by a count, rounded to so many decimals; a half goes to the even digit.
    ///
    /// - Parameters:
    ///   - count: 1 or more.
    ///   - decimalCount: Up to ``decimalCountMax``.
    func divided(by count: Int64, decimalCount: Int) -> ExactDecimal {
        precondition(count >= 1 && (0...Self.decimalCountMax).contains(decimalCount))
        var division = Division(magnitude, by: UInt128(count))
        var whole = division.whole
        var decimals: UInt128 = 0
        var unit: UInt128 = 1
        for _ in 0..<decimalCount {
            decimals = decimals * 10 + division.nextDigit()
            unit *= 10
        }
        if division.roundsUp(last: decimalCount == 0 ? whole : decimals) { decimals += 1 }
        if decimals >= unit {
            decimals -= unit
            whole += 1
        }
        return ExactDecimal(isNegative: isNegative, whole: whole, fraction: decimals * (Self.unit / unit))
    }
}

/// Long division, as on paper.
private struct Division {
    let whole: UInt128
    private let count: UInt128
    /// Less than `count`.
    private var remainder: UInt128
    /// The digits of the dividend that have not come down yet.
    private var rest: UInt128

    init(_ dividend: (whole: UInt128, fraction: UInt128), by count: UInt128) {
        (whole, remainder) = dividend.whole.quotientAndRemainder(dividingBy: count)
        rest = dividend.fraction
        self.count = count
    }

    mutating func nextDigit() -> UInt128 {
        let (next, others) = (rest * 10).quotientAndRemainder(dividingBy: ExactDecimal.unit)
        rest = others
        let (digit, left) = (remainder * 10 + next).quotientAndRemainder(dividingBy: count)
        remainder = left
        return digit
    }

    /// Whether what is left is more than half of the last digit's unit, or is half of it and that digit is odd.
    mutating func roundsUp(last: UInt128) -> Bool {
        let digit = nextDigit()
        guard digit == 5, remainder == 0, rest == 0 else { return digit >= 5 }
        return last % 2 == 1
    }
}
