/// The shortest decimal that reads back as the same double, without an exponent, since the specification has none and
/// strict peers refuse one: `0.1`, `-0.0`, `100000000000000000000.0`.
///
/// - Parameter number: Finite.
/// - Returns: ASCII; at most 327 bytes.
func decimalText(of number: Double) -> [UInt8] {
    // The shortest digits, as digits, "." and digits, or with an exponent as in "5e-324" and "1.25e+20".
    let shortest = Array(number.description.utf8)
    guard let exponentMark = shortest.firstIndex(of: UInt8(ascii: "e")) else { return shortest }
    guard let exponent = parseInteger(Array(shortest[(exponentMark + 1)...]), as: Int32.self) else { return shortest }
    let isNegative = shortest.first == UInt8(ascii: "-")
    let digits = shortest[..<exponentMark].filter(isDigit)
    // The mantissa has exactly one digit before its point.
    return (isNegative ? [UInt8(ascii: "-")] : []) + shifted(digits, pointAfter: Int(exponent) + 1)
}

/// Puts the decimal point after so many digits, with zeros where there are none.
private func shifted(_ digits: [UInt8], pointAfter count: Int) -> [UInt8] {
    let zero = UInt8(ascii: "0")
    let point = [UInt8(ascii: ".")]
    func zeros(_ count: Int) -> [UInt8] { Array(repeating: zero, count: max(0, count)) }
    if count <= 0 { return [zero] + point + zeros(-count) + digits }
    if count >= digits.count { return digits + zeros(count - digits.count) + point + [zero] }
    return digits[..<count] + point + digits[count...]
}
