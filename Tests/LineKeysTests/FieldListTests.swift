import ApplicationAPI
import LineKeys
import Testing

@Suite("Lists of fields")
struct FieldListTests {
    private func fields(_ text: String) throws -> [SortField]? {
        try FieldList.sortFields("sort-key", in: ApplicationOptions(["sort-key": Array(text.utf8)]))
    }

    @Test("Each field may be a number's and in reverse")
    func good() throws {
        #expect(
            try fields("1,2nr,13r,4n") == [
                SortField(number: 1), SortField(number: 2, isNumeric: true, isReverse: true),
                SortField(number: 13, isReverse: true), SortField(number: 4, isNumeric: true),
            ])
        #expect(try fields("3rn") == [SortField(number: 3, isNumeric: true, isReverse: true)])
        #expect(try FieldList.sortFields("sort-key", in: ApplicationOptions()) == nil)
        #expect(try FieldList.numbers("k", in: ApplicationOptions(["k": Array("3,1".utf8)])) == [3, 1])
    }

    @Test(
        "What is no list is refused",
        arguments: [
            "", ",", "1,", "0", "01", "n", "1nn", "1x", "1 ", "-1", "1-2", "1000001", "99999999999999999999", "1.2",
            "-k2,2nr",
        ])
    func bad(text: String) {
        let error = #expect(throws: ApplicationOptionError.self) { try fields(text) }
        #expect(error?.description.hasPrefix("option sort-key, given as \"\(text)\", is no list of fields;") == true)
    }

    @Test("More fields than are allowed are refused, and letters where only numbers go")
    func limits() {
        let many = [String](repeating: "1", count: 65).joined(separator: ",")
        let error = #expect(throws: ApplicationOptionError.self) { try fields(many) }
        #expect(error?.problem == "has 65 fields; 64 are allowed")
        #expect(throws: ApplicationOptionError.self) {
            try FieldList.numbers("k", in: ApplicationOptions(["k": Array("1n".utf8)]))
        }
    }

    @Test(
        "A separator is one byte",
        arguments: [
            (",", UInt8(ascii: ",")), (#"\t"#, 9), (#"\0"#, 0), ("\\", UInt8(ascii: "\\")), ("", nil), ("ab", nil),
            ("\n", nil), ("é", nil),
        ] as [(String, UInt8?)])
    func separator(text: String, byte: UInt8?) throws {
        let options = ApplicationOptions(["s": Array(text.utf8)])
        if let byte {
            #expect(try FieldSeparator.byte("s", in: options) == byte)
        } else {
            #expect(throws: ApplicationOptionError.self) { try FieldSeparator.byte("s", in: options) }
        }
    }
}
