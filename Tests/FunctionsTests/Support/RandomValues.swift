import TestSupport
import XMLRPC

/// Awkward arguments, from a seed.
struct RandomValues {
    var random: SplitMix64

    private static let exactMax: Int64 = 1 << 53
    private static let edges: [Int64] = [
        .max, .min, .max - 1, .min + 1, exactMax + 1, -exactMax - 1, Int64(Int32.max) + 1, Int64(Int32.min) - 1,
    ]
    private static let doubleEdges: [Double] = [
        0.0, -0.0, 0.5, -0.5, 1, -1, 1e308, -1e308, .leastNonzeroMagnitude, 0x1p63, -0x1p63, 0x1p53,
    ]

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func integer() -> XMLRPCValue {
        switch random.number(in: 0...5) {
        case 0: whole(Int64(random.number(in: -3...3)))
        case 1, 2: whole(Int64(random.number(in: -1000...1000)))
        case 3: whole(Int64(bitPattern: random.next()) >> Int64(random.number(in: 0...62)))
        case 4: whole(Self.edges.randomElement(using: &random) ?? 0)
        default: .boolean(random.happens(0.5))
        }
    }

    mutating func double() -> XMLRPCValue {
        switch random.number(in: 0...5) {
        case 0: .double(Self.doubleEdges.randomElement(using: &random) ?? 0)
        case 1: .double(Double(random.number(in: -20...20)) / 4)
        case 2: .double(Double(random.number(in: -1_000_000...1_000_000)) * 1e-3)
        case 3: .double(Double(Int64(bitPattern: random.next())))
        case 4: .double(Double(random.number(in: -9...9)))
        default: finite()
        }
    }

    /// Integers and doubles that are the same once they are rounded.
    mutating func nearNumber() -> XMLRPCValue {
        let integer = (random.happens(0.5) ? Self.exactMax << 4 : Self.exactMax) + Int64(random.number(in: -3...3))
        return random.happens(0.5) ? .int64(integer) : .double(Double(integer))
    }

    mutating func number() -> XMLRPCValue { random.happens(0.5) ? integer() : double() }

    mutating func string() -> String { composedString(["e\u{301}", "\u{2126}"]) }

    mutating func composedString(_ others: [String] = []) -> String {
        let pieces =
            others + [
                "a", "B", "zz", " ", "  ", "\t", "\n", "\r\n", "\u{a0}", "\u{85}", "\u{3000}", "\u{2028}", "é",
                "ß", "Σ", "ς", "ΑΣ", "Σ'", "İ", "ŉ", "ﬁ", "😀", "\u{200d}", ",", ";;", "&<>", "Ω", "日本", "\u{10000}",
                "\u{ffee}",
            ]
        return (0..<random.number(in: 0...8)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }

    mutating func bytes() -> [UInt8] {
        let pieces: [[UInt8]] = [
            [0], [255], [0xC3], [32], [32, 10], [0x1C], [0x85], [97], [90, 98], [44], [9, 11, 12, 13],
        ]
        return (0..<random.number(in: 0...8)).flatMap { _ in pieces.randomElement(using: &random) ?? [] }
    }

    mutating func array(_ countMax: Int = 8, _ item: (inout RandomValues) -> XMLRPCValue) -> XMLRPCValue {
        .array((0..<random.number(in: 0...countMax)).map { _ in item(&self) })
    }

    /// An array of things that mostly have an order.
    mutating func orderly(_ countMax: Int = 8) -> XMLRPCValue {
        switch random.number(in: 0...9) {
        case 0...2: array(countMax) { $0.number() }
        case 3: array(countMax) { $0.nearNumber() }
        case 4...5: array(countMax) { .string($0.string()) }
        case 6: array(countMax) { .base64($0.bytes()) }
        case 7...8: array(countMax) { values in values.array(3) { .int(Int32($0.random.number(in: 0...2))) } }
        default: array(countMax) { $0.random.happens(0.8) ? $0.number() : .string($0.string()) }
        }
    }

    mutating func sequence() -> XMLRPCValue {
        switch random.number(in: 0...2) {
        case 0: orderly()
        case 1: .string(string())
        default: .base64(bytes())
        }
    }

    private func whole(_ number: Int64) -> XMLRPCValue { Int32(exactly: number).map(XMLRPCValue.int) ?? .int64(number) }

    private mutating func finite() -> XMLRPCValue {
        let number = Double(bitPattern: random.next())
        return .double(number.isFinite ? number : 1)
    }
}
