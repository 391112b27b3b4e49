import ApplicationAPI
import LineKeys
import TestSupport
import Testing

@Suite("Sort keys")
struct SortKeyTests {
    private static let pieces: [[UInt8]] = [
        [], [0], [0, 0], [1], [8], [9], [10 + 1], [0xFF], [0xFE, 0xFF], [0xC3], Array("a".utf8), Array("ab".utf8),
        [97, 0],
        [97, 1], Array("a,b".utf8), Array("käse".utf8), [13], Array(" ".utf8), Array("12345678".utf8),
    ]

    static let numbers = [
        "0", "-0", "+1", "-1", "1", "12", "-12", "120", "-120", "007", ".5", "-.5", "5.", "0.50", "-0.5", "1e3", "--1",
        "- 1", " 7", "\t 8",
        "", "-", ".", "-.", "x", "1x", "10", "100", "99", "100.01", "100.010", "-100.01", "0.001", "0.0010", "0.0011",
        "1 2", "1,000",
        "9223372036854775808", "-9223372036854775809",
        "0.00000000000000000000000000000000000000000000000000000000000000000000001",
        "-0.00000000000000000000000000000000000000000000000000000000000000000000001",
        "100000000000000000000000000000000000000000000000000000000000000000000000000",
        "100000000000000000000000000000000000000000000000000000000000000000000000001",
        "-100000000000000000000000000000000000000000000000000000000000000000000000000",
    ].map { Array($0.utf8) }

    private static func lines(_ count: Int, separator: UInt8, seed: UInt64) -> [[UInt8]] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in
            var fields: [[UInt8]] = []
            for _ in 0..<random.number(in: 0...4) {
                var field = random.happens(0.5) ? numbers.randomElement(using: &random) ?? [] : []
                if field.isEmpty { field = pieces.randomElement(using: &random) ?? [] }
                if random.happens(0.2) { field = Array("\(random.number(in: -2000...2000))".utf8) }
                if random.happens(0.1) { field.append(UInt8(random.number(in: 11...255))) }
                fields.append(field)
            }
            return Array(fields.joined(separator: [separator]))
        }
    }

    /// The lines in the order of their keys; each must come out of its key.
    private func sorted(_ lines: [[UInt8]], _ list: String, separator: UInt8) throws -> [[UInt8]] {
        let options = ApplicationOptions(["sort-key": Array(list.utf8)])
        let key = SortKey(try #require(try FieldList.sortFields("sort-key", in: options)), separator: separator)
        let keys = lines.map { line in line.withUnsafeBytes { Array(key.key(of: $0)) } }
        for (line, bytes) in zip(lines, keys) {
            #expect(bytes.withUnsafeBytes { Array(key.line(in: $0)) } == line, "the line of \(bytes)")
            let fields = line.withUnsafeBytes { Array(key.fieldKey(of: $0)) }
            #expect(bytes == fields + line)
        }
        return keys.sorted { $0.lexicographicallyPrecedes($1) }.map { bytes in
            bytes.withUnsafeBytes { Array(key.line(in: $0)) }
        }
    }

    static let lists = [
        ("1", "-k1,1"), ("2", "-k2,2"), ("1r", "-k1,1r"), ("1n", "-k1,1n"), ("1nr", "-k1,1nr"), ("2rn", "-k2,2nr"),
        ("1,2nr", "-k1,1 -k2,2nr"), ("2n,1r", "-k2,2n -k1,1r"), ("3,1,2n", "-k3,3 -k1,1 -k2,2n"),
        ("2n,2r", "-k2,2n -k2,2r"),
        ("7", "-k7,7"), ("3nr,2n,1", "-k3,3nr -k2,2n -k1,1"),
    ]

    @Test(
        "Lines come in the order of sort -k", arguments: lists,
        [UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: "x"), 0xFF])
    func order(list: (String, String), separator: UInt8) throws {
        let opinion = try SortOpinion()
        for seed in UInt64(1)...4 {
            let lines = Self.lines(400, separator: separator, seed: seed)
            let shown = "$(printf '\\\(String(separator, radix: 8))')"
            let expected = try opinion(lines, "-t \"\(shown)\" \(list.1)")
            #expect(try sorted(lines, list.0, separator: separator) == expected, "seed \(seed)")
        }
    }

    @Test("NUL may separate fields")
    func nul() throws {
        let lines = Self.lines(400, separator: 0, seed: 9)
        #expect(try sorted(lines, "2n,1r", separator: 0) == SortOpinion()(lines, "-t '\\0' -k2,2n -k1,1r"))
    }

    @Test("Numbers of any length are in order, each pair of them")
    func numbers() throws {
        let long = String(repeating: "9", count: 3000)
        let extreme = ["", "-"].flatMap { sign in
            [
                "\(long)", "\(long).1", "\(long)0", "0.\(String(repeating: "0", count: 3000))1", "0.\(long)",
                "1\(String(repeating: "0", count: 62))", "1\(String(repeating: "0", count: 61))",
                "0.\(String(repeating: "0", count: 62))1", "0.\(String(repeating: "0", count: 63))1",
            ]
            .map { Array((sign + $0).utf8) }
        }
        let opinion = try SortOpinion()
        // In one field of a line that has others.
        let lines = (Self.numbers + extreme).filter { !$0.contains(9) }.map {
            Array("x\t".utf8) + $0 + Array("\ty".utf8)
        }
        for list in [("2n", "-k2,2n"), ("2nr", "-k2,2nr"), ("2nr,3", "-k2,2nr -k3,3")] {
            #expect(try sorted(lines, list.0, separator: 9) == opinion(lines, "-t \"$(printf '\\t')\" \(list.1)"))
        }
    }

    @Test("A field of 10 MB and a million fields are found")
    func large() throws {
        let long = [UInt8](repeating: UInt8(ascii: "7"), count: 10_000_000)
        let key = SortKey([SortField(number: 1_000_000, isNumeric: true), SortField(number: 1)], separator: 9)
        let line = long + [UInt8](repeating: 9, count: 999_999) + Array("5".utf8)
        let fields = line.withUnsafeBytes { Array(key.fieldKey(of: $0)) }
        #expect(fields.prefix(3) == [0xC1, 51, 0])
        #expect(fields.count == 3 + long.count + 1)
        #expect(line.withUnsafeBytes { line in Array(key.line(in: key.key(of: line))) } == line)
    }
}
