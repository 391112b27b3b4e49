import ApplicationAPI

/// Why some text is no number that can be taken exactly. Completes the sentence "the field ...".
enum NumberProblem: Error, Hashable {
    case noNumber
    case tooLarge
    case tooManyDecimals

    var text: String {
        switch self {
        case .noNumber: "is no number; write numbers like 12, -0.5 or 1e3"
        case .tooLarge: "has more than \(ExactDecimal.wholeDigitCountMax) digits before the decimal point"
        case .tooManyDecimals: "has more than \(ExactDecimal.decimalCountMax) digits after the decimal point"
        }
    }
}

extension ExactDecimal {
    /// Reads a number like `12`, `-0.5`, `+.5` or `1.5E-7`, with ASCII white space around it or not.
    init(reading text: Bytes) throws(NumberProblem) {
        let parts = try NumberParts(text)
        var whole: UInt64 = 0
        var fraction: UInt128 = 0
        // The power of ten that a digit counts.
        var power = parts.firstPower
        for byte in parts.digits where byte != UInt8(ascii: ".") {
            let digit = byte &- UInt8(ascii: "0")
            if power >= 0 {
                guard digit == 0 || power < Self.wholeDigitCountMax else { throw .tooLarge }
                whole = whole &* 10 &+ UInt64(digit)
            } else if power >= -Self.decimalCountMax {
                fraction = fraction &* 10 &+ UInt128(digit)
            } else if digit != 0 {
                throw .tooManyDecimals
            }
            power -= 1
        }
        if whole > 0, power >= 0 {
            for _ in 0...power { whole = whole &* 10 }
        }
        if fraction > 0 {
            // How many of the decimals have been read.
            let count = min(-1 - power, Self.decimalCountMax)
            fraction = fraction &* Self.powersOfTen[Self.decimalCountMax - count]
        }
        self.init(isNegative: parts.isNegative, whole: UInt128(whole), fraction: fraction)
    }

    /// 10^0 to 10^36
    private static let powersOfTen: [UInt128] = {
        var powers: [UInt128] = [1]
        for index in 0..<ExactDecimal.decimalCountMax { powers.append(powers[index] * 10) }
        return powers
    }()
}

/// A number's text, taken apart.
private struct NumberParts {
    private(set) var isNegative = false
    /// Digits, and perhaps a point among, before or after them.
    private(set) var digits = Bytes(start: nil, count: 0)
    private var wholeDigitCount = 0
    private var exponent = 0

    /// Far more than any digit needs, and far less than an `Int` takes.
    private static let exponentMax = 1 << 40

    /// The power of ten that the first digit counts.
    var firstPower: Int { wholeDigitCount - 1 + exponent }

    init(_ text: Bytes) throws(NumberProblem) {
        var rest = Self.trimmed(text)
        isNegative = Self.takeSign(&rest)
        let digitsStart = rest.startIndex
        var point: Int?
        while let byte = rest.first, Self.isDigit(byte) || byte == UInt8(ascii: ".") && point == nil {
            if byte == UInt8(ascii: ".") { point = rest.startIndex }
            rest = rest.dropFirst()
        }
        digits = Bytes(rebasing: text[digitsStart..<rest.startIndex])
        guard digits.count > (point == nil ? 0 : 1) else { throw .noNumber }
        wholeDigitCount = point.map { $0 - digitsStart } ?? digits.count
        guard let mark = rest.popFirst() else { return }
        guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { throw .noNumber }
        exponent = try Self.exponent(rest)
    }

    private static func exponent(_ text: Slice<Bytes>) throws(NumberProblem) -> Int {
        var rest = text
        let isNegative = takeSign(&rest)
        guard !rest.isEmpty else { throw .noNumber }
        var exponent = 0
        for byte in rest {
            guard isDigit(byte) else { throw .noNumber }
            exponent = min(exponent * 10 + Int(byte - UInt8(ascii: "0")), exponentMax)
        }
        return isNegative ? -exponent : exponent
    }

    /// - Returns: Whether it was a minus.
    private static func takeSign(_ rest: inout Slice<Bytes>) -> Bool {
        guard let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") else { return false }
        rest = rest.dropFirst()
        return sign == UInt8(ascii: "-")
    }

    private static func trimmed(_ text: Bytes) -> Slice<Bytes> {
        var rest = text[...]
        while let byte = rest.first, isWhiteSpace(byte) { rest = rest.dropFirst() }
        while let byte = rest.last, isWhiteSpace(byte) { rest = rest.dropLast() }
        return rest
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}
