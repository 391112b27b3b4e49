import ApplicationAPI
import LineKeys
import Testing

@Suite("Partition keys")
struct PartitionKeyTests {
    private func part(_ line: String, _ numbers: [Int], separator: Character = "\t") -> Int {
        let key = PartitionKey(numbers, separator: separator.asciiValue ?? 0)
        return Array(line.utf8).withUnsafeBytes { key.part(of: $0, partCount: 1 << 40) }
    }

    @Test("Lines with the same fields go to one part, whatever else is in them")
    func same() {
        #expect(part("a\tb\tc", [1, 3]) == part("a\tx\tc\td", [1, 3]))
        #expect(part("a\tb\tc", [1, 3]) != part("a\tb\td", [1, 3]))
        #expect(part("a\tb", [2, 1]) == part("a\tb\tc", [2, 1]))
        #expect(part("ab\tc", [1, 2]) != part("a\tbc", [1, 2]))
        #expect(part("a,b", [2], separator: ",") == part("x,b", [2], separator: ","))
    }

    @Test("A field that is missing is an empty one")
    func missing() {
        #expect(part("a", [1, 2]) == part("a\t", [1, 2]))
        #expect(part("", [1]) == part("\tx", [1]))
        #expect(part("", [1, 2]) == part("\t\tx", [1, 2]))
    }

    @Test("By one field it is the part of a key of the same bytes")
    func one() {
        for text in ["", "a", "käse", "12345678901234567890"] {
            let expected = Array(text.utf8).withUnsafeBytes { hashPartition(of: $0, partCount: 1 << 40) }
            #expect(part("x\t\(text)\ty", [2]) == expected)
        }
    }
}
