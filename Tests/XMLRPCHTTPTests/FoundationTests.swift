import Foundation
import Testing
import XMLRPC

@Suite struct FoundationTests {
    private struct Picture: Codable, Equatable {
        var pixels: Data
        var thumbnail: Data?
    }

    @Test("Foundation's Data is base64, though the library does not know Foundation")
    func data() throws {
        let picture = Picture(pixels: Data([1, 2, 3]), thumbnail: Data())
        let value = try XMLRPCEncoder().encode(picture)
        #expect(value == ["pixels": .base64([1, 2, 3]), "thumbnail": .base64([])])
        #expect(try XMLRPCDecoder().decode(Picture.self, from: value) == picture)
        #expect(throws: DecodingError.self) { try XMLRPCDecoder().decode(Picture.self, from: ["pixels": [1]]) }
    }

    @Test("Other coders take a date as its text, and refuse an XMLRPCValue with a reason")
    func json() throws {
        let date = try #require(XMLRPCDateTime(year: 1998, month: 7, day: 17))
        let text = try JSONEncoder().encode([date])
        #expect(String(decoding: text, as: UTF8.self) == #"["19980717T00:00:00"]"#)
        #expect(try JSONDecoder().decode([XMLRPCDateTime].self, from: text) == [date])
        #expect(throws: EncodingError.self) { try JSONEncoder().encode([XMLRPCValue.int(1)]) }
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([XMLRPCValue].self, from: Data("[1]".utf8)) }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([XMLRPCDateTime].self, from: Data("[\"x\"]".utf8))
        }
    }
}
