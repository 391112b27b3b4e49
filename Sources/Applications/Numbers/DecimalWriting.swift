import ApplicationAPI

extension ReduceOutput {
    /// Writes `key`, TAB, the number and LF: digits without zeros that mean nothing, as in `-0.5`.
    func write(_ key: Bytes, _ number: ExactDecimal) {
        if let integer = number.integer { return write(key, integer) }
        number.withText { write(key, number: $0) }
    }
}

extension ExactDecimal {
    /// A sign, 39 digits, a point and 36 more.
    private static let textByteCountMax = 77

    func withText<Result>(_ body: (Bytes) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: Self.textByteCountMax, alignment: 1) { text in
            var end = text.count
            let start = store(in: text)
            if fraction > 0 {
                while text[end - 1] == UInt8(ascii: "0") { end -= 1 }
            } else {
                end -= Self.decimalCountMax + 1
            }
            return body(Bytes(rebasing: text[start..<end]))
        }
    }

    /// Writes all digits, so that the last decimal is the last byte.
    /// - Returns: Where the text begins.
    private func store(in text: UnsafeMutableRawBufferPointer) -> Int {
        let (whole, fraction) = magnitude
        var start = text.count
        Self.store(fraction, digitCountMin: Self.decimalCountMax, in: text, before: &start)
        start -= 1
        text[start] = UInt8(ascii: ".")
        Self.store(whole, digitCountMin: 1, in: text, before: &start)
        if isNegative {
            start -= 1
            text[start] = UInt8(ascii: "-")
        }
        return start
    }

    private static func store(
        _ number: UInt128, digitCountMin: Int, in text: UnsafeMutableRawBufferPointer, before start: inout Int
    ) {
        let end = start
        var rest = number
        while rest > 0 || end - start < digitCountMin {
            start -= 1
            text[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
