import ApplicationAPI
import TestSupport
import Testing

@testable import Applications

@Suite struct ExactDecimalTests {
    private static func read(_ text: String) throws -> ExactDecimal {
        try Array(text.utf8).withUnsafeBytes { try ExactDecimal(reading: $0) }
    }

    private static func written(_ number: ExactDecimal) -> String {
        number.withText { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "A number is written with the digits that mean something",
        arguments: [
            ("0", "0"), ("-0.0", "0"), ("+7", "7"), ("007", "7"), ("1.50", "1.5"), (".5", "0.5"), ("-.5", "-0.5"),
            ("5.", "5"),
            ("1e3", "1000"), ("1E+3", "1000"), ("1.5e-7", "0.00000015"), ("-12.25", "-12.25"), (" \t3\r", "3"),
            ("0e99999999999999999999", "0"), ("0.00001e5", "1"), ("100e-2", "1"), ("12300e-4", "1.23"),
            ("1e18", "1000000000000000000"),
            ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
            ("9999999999999999999", "9999999999999999999"),
            ("-0.000000000000000000000000000000000001", "-0.000000000000000000000000000000000001"),
            ("1e-36", "0.000000000000000000000000000000000001"), ("0.1000000000000000000000000000000000000000", "0.1"),
            ("0000000000000000000000000000000000000001", "1"), ("123456e-40", nil),
            ("1230000e-40", "0.000000000000000000000000000000000123"),
        ] as [(String, String?)])
    func reading(text: String, expected: String?) throws {
        guard let expected else {
            #expect(throws: NumberProblem.tooManyDecimals) { try Self.read(text) }
            return
        }
        let number = try Self.read(text)
        #expect(Self.written(number) == expected)
        #expect(try Self.read(Self.written(number)) == number)
        let bytes = number.withBytes { [UInt8]($0) }
        #expect(try bytes.withUnsafeBytes { try ExactDecimal(decoding: $0) } == number)
    }

    @Test(
        "What is no number is refused",
        arguments: [
            "", " ", ".", "-", "+-1", "1 2", "1,5", "0x1F", "nan", "inf", "1e", "1e+", "1e1.5", "1.2.3", "٣", "1\u{0}",
        ])
    func noNumber(text: String) {
        #expect(throws: NumberProblem.noNumber) { try Self.read(text) }
    }

    @Test(
        "A number that can't be held exactly is refused",
        arguments: ["10000000000000000000", "1e19", "-1e99999999999999999999"])
    func tooLarge(text: String) {
        #expect(throws: NumberProblem.tooLarge) { try Self.read(text) }
        #expect(throws: NumberProblem.tooManyDecimals) { try Self.read("1e-37") }
        #expect(throws: NumberProblem.tooManyDecimals) { try Self.read("1e-99999999999999999999") }
    }

    @Test("Bytes that no number is stored in are refused", arguments: [0, 7, 9, 16, 33])
    func wrongBytes(count: Int) {
        let bytes = [UInt8](repeating: 1, count: count)
        #expect(throws: NumberValueError(byteCount: count)) {
            try bytes.withUnsafeBytes { try ExactDecimal(decoding: $0) }
        }
    }

    @Test("Numbers are in order, and a sum is the same however it is added up", arguments: UInt64(0)..<20)
    func order(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let texts = [
            "-9999999999999999999.5", "-1", "-0.5", "-1e-36", "0", "1e-36", "0.5", "1", "1.5", "9999999999999999999",
        ]
        let numbers = try texts.map(Self.read)
        for (left, right) in zip(numbers, numbers.dropFirst()) {
            #expect(left < right)
            #expect(!(right < left))
        }
        var shuffled = numbers
        shuffled.shuffle(using: &random)
        let cut = Int.random(in: 0...shuffled.count, using: &random)
        var sum = Self.sum(shuffled[..<cut])
        sum.add(Self.sum(shuffled[cut...]))
        #expect(Self.written(sum) == "1", "seed \(seed)")
    }

    private static func sum(_ numbers: ArraySlice<ExactDecimal>) -> ExactDecimal {
        numbers.reduce(into: .zero) { $0.add($1) }
    }

    @Test(
        "A quotient is rounded to the nearest number, and a half to the even one",
        arguments: [
            ("10", 4, 9, "2.5"), ("1", 3, 9, "0.333333333"), ("2", 3, 9, "0.666666667"), ("-2", 3, 2, "-0.67"),
            ("5", 2, 0, "2"), ("7", 2, 0, "4"), ("-5", 2, 0, "-2"), ("0.25", 1, 1, "0.2"), ("0.35", 1, 1, "0.4"),
            ("0.2500000000000000000000000001", 1, 1, "0.3"), ("19.99", 2, 0, "10"), ("-0.004", 1, 2, "0"),
            ("1", 3, 36, "0.333333333333333333333333333333333333"),
            ("9999999999999999999", 7, 3, "1428571428571428571.286"),
            ("1", 9_223_372_036_854_775_807, 20, "0.00000000000000000011"),
        ] as [(String, Int64, Int, String)])
    func quotient(text: String, count: Int64, decimalCount: Int, expected: String) throws {
        #expect(Self.written(try Self.read(text).divided(by: count, decimalCount: decimalCount)) == expected)
    }
}
