import TestSupport
import Testing
import XMLRPC

@Suite struct EncoderTests {
    private func encoded(_ value: XMLRPCValue) throws -> String {
        let document = String(decoding: try XMLRPCCodec.encode(.value(value)), as: UTF8.self)
        let start = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodResponse><params><param><value>"
        let end = "</value></param></params></methodResponse>"
        #expect(document.hasPrefix(start) && document.hasSuffix(end))
        return String(document.dropFirst(start.count).dropLast(end.count))
    }

    @Test("A document is one line without white space, its members sorted by their bytes")
    func form() throws {
        let value: XMLRPCValue = ["b": [1, true], "a": ["x": .nil], "é": .base64([1]), "Z": 1.5, "": .int64(9)]
        #expect(
            try encoded(value) == """
                <struct><member><name></name><value><i8>9</i8></value></member>\
                <member><name>Z</name><value><double>1.5</double></value></member>\
                <member><name>a</name><value><struct><member><name>x</name><value><nil/></value></member></struct></value>\
                </member><member><name>b</name><value><array><data><value><int>1</int></value>\
                <value><boolean>1</boolean></value></data></array></value></member>\
                <member><name>é</name><value><base64>AQ==</base64></value></member></struct>
                """)
        #expect(try encoded([]) == "<array><data></data></array>")
        #expect(try encoded([:]) == "<struct></struct>")
    }

    @Test("A call without parameters still has its params")
    func call() throws {
        let document = String(decoding: try XMLRPCCodec.encode(MethodCall(methodName: "m")), as: UTF8.self)
        #expect(document.hasSuffix("?><methodCall><methodName>m</methodName><params></params></methodCall>"))
    }

    @Test("Markup and carriage returns are escaped, other white space is not")
    func escaping() throws {
        #expect(try encoded("<a>&\r\n\t]]>\"'") == "<string>&lt;a&gt;&amp;&#13;\n\t]]&gt;\"'</string>")
    }

    @Test(
        "Doubles are the shortest decimal that reads back, without an exponent",
        arguments: [
            (0.1, "0.1"), (-0.0, "-0.0"), (1e16, "10000000000000000.0"), (1e22, "10000000000000000000000.0"),
            (1.5e-7, "0.00000015"), (-1.25e20, "-125000000000000000000.0"), (123456789.125, "123456789.125"),
            (5, "5.0"),
            (0.0001, "0.0001"), (2147483648, "2147483648.0"), (9_007_199_254_740_992, "9007199254740992.0"),
        ])
    func doubles(number: Double, text: String) throws {
        #expect(try encoded(.double(number)) == "<double>\(text)</double>")
    }

    @Test("Every double survives", arguments: UInt64(0)..<20)
    func anyDouble(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var numbers = [Double.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, .pi, .ulpOfOne]
        numbers += (0..<200).map { _ in Double(bitPattern: random.next()) }.filter(\.isFinite)
        let value = XMLRPCValue.array(numbers.map { .double($0) })
        let document = try XMLRPCCodec.encode(.value(value))
        #expect(!document.contains(UInt8(ascii: "E")) || !String(decoding: document, as: UTF8.self).contains("E+"))
        guard case .value(let decoded) = try XMLRPCCodec.decodeResponse(document) else { return }
        #expect(decoded.isIdentical(to: value), "seed \(seed)")
    }

    @Test(
        "What XML can't carry is refused before anything is sent",
        arguments: [
            "\u{0}", "a\u{1}", "\u{B}", "\u{1F}", "\u{FFFE}", "abc\u{FFFF}",
        ])
    func unrepresentable(text: String) {
        for value in [.string(text), [.string(text)], .structure([text: 1])] as [XMLRPCValue] {
            #expect(throws: XMLRPCFault.self) { try XMLRPCCodec.encode(.value(value)) }
        }
    }

    @Test("U+FFFD and its neighbours go through")
    func nearlyUnrepresentable() throws {
        #expect(try encoded("\u{FFFD}\u{F000}\u{FEFF}") == "<string>\u{FFFD}\u{F000}\u{FEFF}</string>")
    }

    @Test("NaN, the infinities, dates that don't exist and bad method names are refused")
    func otherRefusals() {
        let refused: [XMLRPCValue] = [
            .double(.nan), .double(.infinity), .double(-.infinity), .dateTime("yesterday"),
            .dateTime("20230229T00:00:00"),
            .dateTime("<"),
        ]
        for value in refused {
            #expect(throws: XMLRPCFault.self, "\(value)") { try XMLRPCCodec.encode(.value(value)) }
        }
        for name in ["", "a b", "é", "a<b", "a\n"] {
            #expect(throws: XMLRPCFault.self, "\(name)") { try XMLRPCCodec.encode(MethodCall(methodName: name)) }
        }
    }

    @Test("Values are written as deep as they are read, and no deeper")
    func depth() throws {
        func nested(_ depth: Int) -> XMLRPCValue { (1..<depth).reduce("x") { value, _ in [value] } }
        let deepest = MethodResponse.value(nested(64))
        #expect(try XMLRPCCodec.decodeResponse(XMLRPCCodec.encode(deepest)) == deepest)
        #expect(throws: XMLRPCFault.self) { try XMLRPCCodec.encode(.value(nested(65))) }
        #expect(try XMLRPCCodec.encode(.value(nested(500)), depthMax: 500).count > 500)
    }

    @Test("Whole numbers are ints where they fit and doubles where they don't")
    func wholeNumbers() {
        #expect(XMLRPCValue.wholeNumber(2_147_483_647) == .int(.max))
        #expect(XMLRPCValue.wholeNumber(2_147_483_648) == .double(2_147_483_648))
        for number in [0, -1, 1 << 31, -(1 << 31) - 1, 1 << 53] as [Int64] {
            #expect(XMLRPCValue.wholeNumber(number).asWholeNumber == number)
        }
        #expect(XMLRPCValue.double(1.5).asWholeNumber == nil)
        #expect(XMLRPCValue.double(1e300).asWholeNumber == nil)
    }

    @Test("Accessors give nil for every other type")
    func accessors() {
        let value: XMLRPCValue = ["list": [1, "two"], "flag": false]
        #expect(value["list"]?[1]?.asString == "two")
        #expect(value["list"]?[2] == nil)
        #expect(value["list"]?[-1] == nil)
        #expect(value["none"] == nil)
        #expect(value["flag"]?.asInt == nil)
        #expect(value["flag"]?.asBool == false)
        #expect(XMLRPCValue.int(3).asDouble == 3)
        #expect(XMLRPCValue.int64(.max).asDouble == nil)
        #expect(XMLRPCValue.base64([1]).asBytes == [1])
        #expect(XMLRPCValue.dateTime(year: 2024, month: 2, day: 30) == nil)
        #expect(XMLRPCValue.dateTime(year: 98, month: 7, day: 17, hour: 14)?.asDateTime == "00980717T14:00:00")
    }
}
