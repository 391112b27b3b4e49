import DataProtocol
import Foundation
import Objects
import TestSupport
import Testing
import XMLRPC

@Suite("Keys of objects")
struct ObjectKeyTests {
    @Test("have 1 to 1,024 bytes, as a string or as base64, and nothing else is one")
    func limits() throws {
        #expect(throws: ObjectKeyError.empty) { try ObjectKey([]) }
        #expect(throws: ObjectKeyError.empty) { try ObjectKey(.string("")) }
        #expect(throws: ObjectKeyError.empty) { try ObjectKey(.base64([])) }
        #expect(try ObjectKey([UInt8](repeating: 0, count: 1_024)).bytes.count == 1_024)
        #expect(throws: ObjectKeyError.tooLong(byteCount: 1_025)) { try ObjectKey([UInt8](repeating: 0, count: 1_025)) }
        // 513 characters, 1,026 bytes
        #expect(throws: ObjectKeyError.tooLong(byteCount: 1_026)) {
            try ObjectKey(.string(String(repeating: "é", count: 513)))
        }
        for value: XMLRPCValue in [1, true, 1.5, .nil, [1], ["a": 1], .dateTime("20260101T00:00:00")] {
            #expect(throws: ObjectKeyError.notAKey(type: value.type)) { try ObjectKey(value) }
        }
        #expect("\(ObjectKeyError.tooLong(byteCount: 1_025))".contains("1024 are the most"))
    }

    @Test("are their bytes, not their text: two spellings of one letter are two keys")
    func bytes() throws {
        let composed = try ObjectKey(.string("\u{e9}"))
        let decomposed = try ObjectKey(.string("e\u{301}"))
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, try ObjectKey(.base64([0xc3, 0xa9]))]).count == 2)
    }

    @Test("sort as coreutils sort bytes", arguments: UInt64(0)..<4)
    func order(seed: UInt64) throws {
        let keys = Self.keys(seed: seed).filter { !$0.contains(10) }
        let sorted = try SortOpinion()(keys, "-u")
        #expect(try Set(keys.map { try ObjectKey($0) }).sorted().map(\.bytes) == sorted)
    }

    @Test("arrive at Python and come back, whatever their bytes; whole text goes as a string", arguments: UInt64(0)..<4)
    func wire(seed: UInt64) throws {
        let keys = try Self.keys(seed: seed).map { try ObjectKey($0) }
        let document = try XMLRPCCodec.encode(MethodResponse.value(.array(keys.map(\.wireValue))))
        let back = try Self.throughPython(document, keys)
        guard case .value(.array(let values)) = try XMLRPCCodec.decodeResponse(back) else {
            Issue.record("no array came back")
            return
        }
        #expect(try values.map { try ObjectKey($0) } == keys)
        for key in keys where key.bytes.allSatisfy({ 0x20..<0x7f ~= $0 }) {
            #expect(key.wireValue == .string(String(decoding: key.bytes, as: UTF8.self)))
        }
        #expect(try ObjectKey(Array("grüße\n\t🎈".utf8)).wireValue == "grüße\n\t🎈")
        // Too many combining characters for anybody who compares texts
        let long = try ObjectKey(Array(("e" + String(repeating: "\u{301}", count: 40)).utf8))
        #expect(long.wireValue == .base64(long.bytes))
    }

    @Test("show at most 80 bytes to people, and nothing that garbles a terminal")
    func shown() throws {
        #expect("\(try key("a/b 1"))" == "'a/b 1'")
        #expect("\(try ObjectKey([27, 0xff]))" == "'\\x1b\\xff'")
        let long = "\(try key(String(repeating: "x", count: 1_000)))"
        #expect(long.count < 110 && long.hasSuffix("... (1000 bytes)"))
    }

    /// What Python's own library makes of a response, sent back, after it has compared each key with its bytes.
    private static func throughPython(_ document: [UInt8], _ keys: [ObjectKey]) throws -> [UInt8] {
        let folder = try TemporaryFolder()
        let hex = keys.map { $0.bytes.map { String(UInt16($0) + 0x100, radix: 16).suffix(2) }.joined() }
        folder.write("hex", hex.joined(separator: "\n"))
        try Data(document).write(to: URL(fileURLWithPath: folder.path + "/document"))
        folder.write(
            "echo.py",
            """
            import xmlrpc.client
            (keys,), _ = xmlrpc.client.loads(open("document", "rb").read())
            found = [k.encode() if isinstance(k, str) else k.data for k in keys]
            assert found == [bytes.fromhex(line) for line in open("hex").read().split("\\n")]
            open("back", "wb").write(xmlrpc.client.dumps((keys,), methodresponse=True).encode())
            """)
        try #require(system("cd \(folder.path) && python3 echo.py") == 0)
        return Array(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/back")))
    }

    /// Of all lengths: any bytes, text, and text with one byte that is none.
    private static func keys(seed: UInt64) -> [[UInt8]] {
        var random = SplitMix64(seed: seed)
        let awkward: [[UInt8]] = [
            [0], [9], [10], [13], [13, 10], [97, 13], [32], [0x7f], [0xc2, 0x80], [0xff], Array("<&>]]>\"'".utf8),
            Array("\u{fffe}".utf8), Array("a\u{ffff}".utf8), Array("\u{fffd}".utf8), Array("\u{feff}a".utf8),
            [0xed, 0xa0, 0x80], [0xc0, 0x80], Array("\u{10ffff}\u{2028}\u{85}".utf8),
        ]
        return awkward
            + (0..<400).map { _ in
                let length = random.number(in: 1...(random.happens(0.1) ? 1_024 : 12))
                let kind = random.number(in: 0...3)
                var bytes = (0..<length).map { _ in
                    kind == 0 ? UInt8(random.number(in: 0...255)) : UInt8(random.number(in: 0x20...0x7e))
                }
                if kind == 1 { bytes[random.number(in: 0...length - 1)] = UInt8(random.number(in: 0...31)) }
                if kind == 2, length > 3 { bytes.replaceSubrange(0..<2, with: Array("ß".utf8)) }
                return bytes
            }
    }
}
