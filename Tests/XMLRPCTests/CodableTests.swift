import TestSupport
import Testing
import XMLRPC

@Suite struct CodableTests {
    private let extended = XMLRPCEncoder(nils: .extension, wideIntegers: .i8)
    private let decoder = XMLRPCDecoder()

    @Test("What is encoded is decoded to an equal value, by way of a document too", arguments: UInt64(0)..<200)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let original = random.everything(depthMax: 3)
        for encoder in [XMLRPCEncoder(wideIntegers: .i8), extended] {
            let value = try encoder.encode(original)
            #expect(try decoder.decode(Everything.self, from: value) == original, "seed \(seed)")
            let document = try encoder.encodeResponse(original)
            #expect(try decoder.decode(Everything.self, fromResponse: document) == original, "seed \(seed)")
        }
    }

    @Test("Any value passes through both coders unchanged", arguments: UInt64(0)..<100)
    func values(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let value = random.value(depthMax: 6)
        #expect(try XMLRPCEncoder().encode(value).isIdentical(to: value), "seed \(seed)")
        #expect(try decoder.decode(XMLRPCValue.self, from: value).isIdentical(to: value), "seed \(seed)")
        let wrapped = try decoder.decode([String: [XMLRPCValue]].self, from: ["a": [value]])
        #expect(try XMLRPCEncoder().encode(wrapped).isIdentical(to: ["a": [value]]), "seed \(seed)")
    }

    @Test("Swift types become the types that the table of XMLRPCEncoder names")
    func types() throws {
        let encoder = XMLRPCEncoder()
        #expect(try encoder.encode(true) == true)
        #expect(try encoder.encode(UInt8(200)) == 200)
        #expect(try encoder.encode(Int64(5)) == 5)
        #expect(try encoder.encode(Float(0.5)) == 0.5)
        #expect(try encoder.encode("a") == "a")
        #expect(try encoder.encode([1, 2, 3] as [UInt8]) == .base64([1, 2, 3]))
        #expect(try encoder.encode([1, 2, 3] as ContiguousArray<UInt8>) == .base64([1, 2, 3]))
        #expect(try encoder.encode([[1, 2], []] as [[UInt8]]) == .array([.base64([1, 2]), .base64([])]))
        #expect(try encoder.encode([1, 2, 3]) == [1, 2, 3])
        #expect(try encoder.encode(["a": [true]]) == ["a": [true]])
        #expect(try encoder.encode(Colour.red) == "red")
        #expect(try encoder.encode(Shape.circle(radius: 2)) == ["circle": ["radius": 2.0]])
        #expect(try encoder.encode(XMLRPCDateTime(year: 1998, month: 7, day: 17)) == .dateTime("19980717T00:00:00"))
        #expect(try encoder.encode([String: Int]()) == [:])
        #expect(try encoder.encode(Empty()) == [:])
        #expect(try extended.encode(Int64.max) == .int64(.max))
        #expect(try extended.encode([1, nil]) == [1, .nil])
    }

    private struct Empty: Codable {}
    private struct Optionals: Codable, Equatable {
        var number: Int?
        var texts: [String?]
    }

    @Test("nil members are left out, or are the extension where that is asked for")
    func nils() throws {
        let value = Optionals(number: nil, texts: ["a"])
        #expect(try XMLRPCEncoder().encode(value) == ["texts": ["a"]])
        // Synthesised code asks to leave out nil members; nil where a value must be is another matter.
        let explicit: [String: Int?] = ["a": nil, "b": 1]
        #expect(try XMLRPCEncoder().encode(explicit) == ["b": 1])
        #expect(try extended.encode(explicit) == ["a": .nil, "b": 1])
        #expect(try decoder.decode([String: Int?].self, from: ["a": .nil, "b": 1]) == explicit)
        #expect(try decoder.decode(Optionals.self, from: ["number": .nil, "texts": [.nil]]) == Optionals(texts: [nil]))
    }

    @Test("Nested containers and superclasses find their members again")
    func containers() throws {
        let grid = Grid(title: "a", cells: [[1, 2], [], [3]])
        let value = try XMLRPCEncoder().encode(grid)
        #expect(value == ["head": ["title": "a"], "rows": [[1, 2], [], [3]]])
        #expect(try decoder.decode(Grid.self, from: value) == grid)

        let bicycle = try XMLRPCEncoder().encode(Bicycle(bell: "ring"))
        #expect(bicycle == ["bell": "ring", "super": ["wheelCount": 2]])
        let decoded = try decoder.decode(Bicycle.self, from: bicycle)
        #expect(decoded.bell == "ring" && decoded.wheelCount == 2)
    }

    @Test("A call takes parameters of any types, in their order")
    func calls() throws {
        let encoder = XMLRPCEncoder()
        let call = MethodCall(methodName: "a.b", parameters: [1, "x", ["red"]])
        #expect(try encoder.methodCall("a.b", 1, "x", [Colour.red]) == call)
        #expect(try encoder.methodCall("a.b") == MethodCall(methodName: "a.b"))
        #expect(try encoder.encodeCall("a.b", 1, "x", [Colour.red]) == XMLRPCCodec.encode(call))
    }

    @Test("A fault document is thrown as its fault")
    func faults() {
        let fault = XMLRPCFault(code: 4, message: "no")
        #expect(throws: fault) { try decoder.decode(Int.self, fromResponse: XMLRPCCodec.encode(fault)) }
    }

    @Test("What was put into an encoder or decoder for the values reaches them")
    func userInfo() throws {
        struct Greeting: Codable {
            static let key = CodingUserInfoKey(rawValue: "greeting")!
            var text = ""

            init() {}
            init(from decoder: any Decoder) { text = decoder.userInfo[Self.key] as? String ?? "" }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(encoder.userInfo[Self.key] as? String ?? "")
            }
        }
        var encoder = XMLRPCEncoder()
        encoder.userInfo[Greeting.key] = "hello"
        #expect(try encoder.encode([Greeting()]) == ["hello"])
        var decoder = XMLRPCDecoder()
        decoder.userInfo[Greeting.key] = "hi"
        #expect(try decoder.decode([Greeting].self, from: [0]).first?.text == "hi")
    }
}
