/// A type whose element holds text and nothing else.
enum ScalarType: UInt8 {
    case int8, int16, int, int64, boolean, string, double, dateTime, base64

    /// Turns an element's text into a value.
    ///
    /// - Throws: -32600 if the text is not exactly one value of the type; the message does not repeat the text.
    func value(of text: [UInt8]) throws(XMLRPCFault) -> XMLRPCValue {
        if self == .string { return .string(String(decoding: text, as: UTF8.self)) }
        guard let value = parsed(text) else { throw .invalidRequest(refusal) }
        return value
    }

    private func parsed(_ text: [UInt8]) -> XMLRPCValue? {
        switch self {
        case .int8: parseInteger(text, as: Int8.self).map { .int(Int32($0)) }
        case .int16: parseInteger(text, as: Int16.self).map { .int(Int32($0)) }
        case .int: parseInteger(text, as: Int32.self).map { .int($0) }
        case .int64: parseInteger(text, as: Int64.self).map { .int64($0) }
        case .boolean: parseBoolean(text).map { .boolean($0) }
        case .string: .string(String(decoding: text, as: UTF8.self))
        case .double: parseDouble(text).map { .double($0) }
        case .dateTime: isDateTime(text) ? .dateTime(String(decoding: text, as: UTF8.self)) : nil
        case .base64: text.withUnsafeBufferPointer(Base64.decode).map { .base64($0) }
        }
    }

    private var refusal: String {
        switch self {
        case .int8: "an i1 is not an integer from -128 to 127"
        case .int16: "an i2 is not an integer from -32768 to 32767"
        case .int: "an int is not an integer from -2147483648 to 2147483647"
        case .int64: "an i8 is not an integer of 64 bits"
        case .boolean: "a boolean is neither 0 nor 1"
        case .string: "a string is not text"
        case .double: "a double is not a finite decimal number"
        case .dateTime: "a dateTime.iso8601 is not an existing date and time such as 19980717T14:08:55"
        case .base64: "a base64 is not canonical base64 with its padding"
        }
    }
}

/// `[+-]?[0-9]+` in the range of the type.
func parseInteger<Integer: FixedWidthInteger & SignedInteger>(_ text: [UInt8], as: Integer.Type) -> Integer? {
    let isNegative = text.first == UInt8(ascii: "-")
    let digits = text.dropFirst(isNegative || text.first == UInt8(ascii: "+") ? 1 : 0)
    guard !digits.isEmpty else { return nil }
    var number: Integer = 0
    for digit in digits {
        guard isDigit(digit) else { return nil }
        let (shifted, overflowed) = number.multipliedReportingOverflow(by: 10)
        let unit = Integer(digit - UInt8(ascii: "0"))
        // Towards the sign from the start: the most negative number has no positive counterpart.
        let (sum, carried) =
            isNegative ? shifted.subtractingReportingOverflow(unit) : shifted.addingReportingOverflow(unit)
        guard !overflowed, !carried else { return nil }
        number = sum
    }
    return number
}

/// `0` or `1`.
func parseBoolean(_ text: [UInt8]) -> Bool? {
    guard text.count == 1 else { return nil }
    switch text[0] {
    case UInt8(ascii: "0"): return false
    case UInt8(ascii: "1"): return true
    default: return nil
    }
}

/// `[+-]?(digits[.digits?]|.digits)([eE][+-]?digits)?`, finite. A number too small for a double is zero.
func parseDouble(_ text: [UInt8]) -> Double? {
    guard isDecimalNumber(text), let number = Double(String(decoding: text, as: UTF8.self)), number.isFinite else {
        return nil
    }
    return number
}

private func isDecimalNumber(_ text: [UInt8]) -> Bool {
    var rest = text[...]
    func skipSign(_ rest: inout ArraySlice<UInt8>) {
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    }
    func skipDigits(_ rest: inout ArraySlice<UInt8>) -> Int {
        let digits = rest.prefix(while: isDigit)
        rest = rest[digits.endIndex...]
        return digits.count
    }
    skipSign(&rest)
    var digitCount = skipDigits(&rest)
    if rest.first == UInt8(ascii: ".") {
        rest.removeFirst()
        digitCount += skipDigits(&rest)
    }
    guard digitCount > 0 else { return false }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
        rest.removeFirst()
        skipSign(&rest)
        guard skipDigits(&rest) > 0 else { return false }
    }
    return rest.isEmpty
}
