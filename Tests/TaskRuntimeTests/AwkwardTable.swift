import TestSupport

/// Lines of fields with tabs between, and with everything in them that has broken a text tool before.
struct AwkwardTable {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    enum Shape: CaseIterable {
        case mixed
        /// Nine lines in ten have the same key.
        case hotKey
        case longLine
        case nothing
    }

    static let keys: [[UInt8]] = [
        [], [0], [0, 0], [0, 0xFF], [0, 1], [1], [0xFF], [0xFF, 0xFE], [0xC3], bytes("a"), [97, 0], [97, 0, 0],
        [97, 1],
        bytes("ab"), bytes(" "), bytes("käse"), bytes("数据"), bytes("12345678"), bytes("1234567812345678a"),
        bytes("a,b"),
    ]

    static let numbers = [
        "0", "-0", "+1", "-1", "12", "007", "9223372036854775807", "-9223372036854775808", "0.1", "-0.1", ".5", "5.",
        "1e3",
        "1.5E-7", "-2.25e+2", "0.000000000000000000000000000000000001", "1e18", "0.3333333333333333", " 7 ", "1e-36",
        "9999999999999999999.999999999999999999999999999999999999", "-9999999999999999999.5",
    ].map { bytes($0) }

    /// - Parameter fields: What follows the key, for each line.
    mutating func lines(_ shape: Shape, count: Int = 100, _ fields: (inout SplitMix64) -> [UInt8]) -> [UInt8] {
        guard shape != .nothing else { return [] }
        var text: [UInt8] = []
        for index in 0..<count {
            var key = Self.keys.randomElement(using: &random) ?? []
            if shape == .hotKey, random.happens(0.9) { key = bytes("hot") }
            if shape == .longLine, index == count / 2 { key = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000) }
            text += key + [9] + fields(&random)
            if random.happens(0.1) { text.append(13) }
            text.append(10)
        }
        if random.happens(0.5) { text.removeLast() }
        return text
    }

    mutating func numbers(_ shape: Shape) -> [UInt8] {
        lines(shape) { random in
            var number = Self.numbers.randomElement(using: &random) ?? []
            if random.happens(0.5) { number = bytes("\(random.number(in: -99_999...99_999))") }
            if random.happens(0.3) { number = bytes("\(Double(random.number(in: -999_999...999_999)) / 1000)") }
            return number
        }
    }

    /// Words of other tests and fields of any number.
    mutating func texts(_ shape: Shape, count: Int = 100) -> [UInt8] {
        lines(shape, count: count) { random in
            let words = (0..<random.number(in: 0...4)).map { _ in
                Self.keys.randomElement(using: &random) ?? []
            }
            return Array(words.joined(separator: [random.happens(0.5) ? 9 : 32]))
        }
    }
}
