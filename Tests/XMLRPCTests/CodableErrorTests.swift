import Testing
import XMLRPC

@Suite struct CodableErrorTests {
    private struct Order: Codable {
        var lines: [Line]

        struct Line: Codable {
            var count: Int8
            var price: Double
            var note: String?
        }
    }

    private func encodingError(_ value: some Encodable, _ encoder: XMLRPCEncoder = XMLRPCEncoder()) throws -> String {
        let error = try #require(throws: EncodingError.self) { try encoder.encode(value) }
        guard case .invalidValue(_, let context) = error else { return "\(error)" }
        return context.codingPath.map(\.stringValue).joined(separator: "/") + ": " + context.debugDescription
    }

    private func decodingError<Value: Decodable>(
        _ type: Value.Type, _ value: XMLRPCValue, _ decoder: XMLRPCDecoder = XMLRPCDecoder()
    ) throws -> String {
        let error = try #require(throws: DecodingError.self) { try decoder.decode(type, from: value) }
        let (kind, context) =
            switch error {
            case .typeMismatch(_, let context): ("type", context)
            case .valueNotFound(_, let context): ("none", context)
            case .keyNotFound(let key, let context): ("key \(key.stringValue)", context)
            case .dataCorrupted(let context): ("data", context)
            @unknown default: ("?", DecodingError.Context(codingPath: [], debugDescription: ""))
            }
        return "\(kind) " + context.codingPath.map(\.stringValue).joined(separator: "/") + ": "
            + context.debugDescription
    }

    @Test("What no document can hold is refused with the place and the reason")
    func unencodable() throws {
        let order = Order(lines: [
            Order.Line(count: 1, price: 1, note: nil), Order.Line(count: 1, price: .nan, note: nil),
        ])
        #expect(
            try encodingError(order) == "lines/Index 1/price: is not finite, and XML-RPC has no such double")
        #expect(try encodingError(-Float.infinity) == ": is not finite, and XML-RPC has no such double")
        #expect(try encodingError(["a": "x\u{1}"]).contains("a: holds U+1, which XML can't carry"))
        #expect(try encodingError("\u{FFFF}").contains("U+FFFF"))
        #expect(try encodingError([2_147_483_648]).contains("Index 0: needs more than the 32 bits of an int"))
        #expect(try encodingError(-2_147_483_649).contains("32 bits"))
        let i8 = XMLRPCEncoder(wideIntegers: .i8)
        #expect(try encodingError(UInt64.max, i8) == ": needs more than the 64 bits of an i8")
        #expect(try encodingError(Int128.max, i8) == ": needs more than the 64 bits of an i8")
        #expect(try encodingError([1, nil]).contains("Index 1: is nil inside an array"))
        #expect(try encodingError(Int?.none).contains("is nil outside a struct"))
        #expect(try XMLRPCEncoder().encode(Int32.min) == .int(.min))
    }

    @Test("A parameter that can't be encoded is named by its index")
    func parameters() {
        #expect {
            try XMLRPCEncoder().methodCall("a", 1, [Double.nan])
        } throws: { error in
            guard case EncodingError.invalidValue(_, let context) = error else { return false }
            return context.codingPath.map(\.intValue) == [1, 0]
        }
    }

    @Test("A value of another type is refused with the place, what it must be, and what it is")
    func mismatches() throws {
        let line: XMLRPCValue = ["count": 1, "price": 2]
        func order(_ second: XMLRPCValue) throws -> String { try decodingError(Order.self, ["lines": [line, second]]) }
        #expect(try order(["count": "1", "price": 2]) == "type lines/Index 1/count: must be int, not string")
        #expect(try order(["count": 128, "price": 2]) == "data lines/Index 1/count: must be from -128 to 127")
        #expect(try order(["count": .int64(1 << 40), "price": 2]).contains("must be from -128 to 127"))
        #expect(try order(["count": 1]) == "key price lines/Index 1: must have a member price")
        #expect(try order(["count": 1, "price": .nil]) == "none lines/Index 1/price: must be double, not nil")
        #expect(try order(["count": 1, "price": 1, "note": 1]) == "type lines/Index 1/note: must be string, not int")
        #expect(try order([1]) == "type lines/Index 1: must be struct, not array")
        #expect(try decodingError(Order.self, [:]) == "key lines : must have a member lines")
        #expect(try decodingError([Int].self, [:]) == "type : must be array, not struct")
        #expect(try decodingError(Bool.self, 1) == "type : must be boolean, not int")
        #expect(try decodingError(Int.self, 1.0) == "type : must be int, not double")
        #expect(try decodingError([UInt8].self, [1, 2]) == "type : must be base64, not array")
        #expect(try decodingError(UInt.self, -1).contains("must be from 0 to"))
        #expect(try decodingError(Double.self, .int64(.max)).hasPrefix("data : must be from"))
        #expect(try decodingError(Float.self, 1e300).hasPrefix("data : must be from"))
        #expect(
            try decodingError(XMLRPCDateTime.self, "19980717T00:00:00") == "type : must be dateTime.iso8601, not string"
        )
        #expect(try decodingError(XMLRPCDateTime.self, .dateTime("1998")).contains("must be an existing date"))
        #expect(try decodingError(Colour.self, "pink").hasPrefix("data"))
    }

    @Test("Integers of either width are taken for any type that holds them, and for doubles that are exact")
    func widths() throws {
        let decoder = XMLRPCDecoder()
        #expect(try decoder.decode(UInt8.self, from: .int64(255)) == 255)
        #expect(try decoder.decode(Int64.self, from: 7) == 7)
        #expect(try decoder.decode(Int64.self, from: .int64(.min)) == .min)
        #expect(try decoder.decode(Double.self, from: 7) == 7)
        #expect(try decoder.decode(Float.self, from: 0.1) == 0.1)
    }

    private final class Onion: Codable {
        var inner: Onion?
        init(layerCount: Int) { inner = layerCount > 1 ? Onion(layerCount: layerCount - 1) : nil }
    }

    /// Says forever that it is what it wraps.
    private struct Mirror: Codable {
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(self)
        }
        init() {}
        init(from decoder: any Decoder) throws { self = try decoder.singleValueContainer().decode(Mirror.self) }
    }

    /// Nests containers without any value in them.
    private struct Shaft: Encodable {
        func encode(to encoder: any Encoder) {
            var container = encoder.unkeyedContainer()
            for _ in 0..<200_000 { container = container.nestedUnkeyedContainer() }
        }
    }

    /// Reads as many nested containers as there are.
    private struct Miner: Decodable {
        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            while !container.isAtEnd { container = try container.nestedUnkeyedContainer() }
        }
    }

    private struct Restless: Encodable {
        func encode(to encoder: any Encoder) throws {
            _ = encoder.unkeyedContainer()
            var container = encoder.singleValueContainer()
            try container.encode(1)
        }
    }

    @Test("Neither coder goes deeper than its limit, whatever the types do")
    func depth() throws {
        let deepest = try XMLRPCEncoder().encode(Onion(layerCount: 64))
        #expect(try XMLRPCEncoder().encodeResponse(Onion(layerCount: 64)).isEmpty == false)
        #expect(try XMLRPCDecoder().decode(Onion.self, from: deepest).inner != nil)
        #expect(try encodingError(Onion(layerCount: 65)).hasSuffix("values are nested deeper than the limit of 64"))
        #expect(try decodingError(Onion.self, ["inner": deepest]).hasSuffix("the limit of 64 levels"))
        #expect(try encodingError(Onion(layerCount: 4), XMLRPCEncoder(depthMax: 3)).hasPrefix("inner/inner/inner: "))
        #expect(
            try decodingError(Onion.self, deepest, XMLRPCDecoder(depthMax: 3)).hasPrefix("data inner/inner/inner: "))
        #expect(try encodingError(Mirror()).contains("does one encode itself?"))
        #expect(try decodingError(Mirror.self, 1).contains("does one decode itself?"))
        #expect(try encodingError(Shaft()).contains("deeper than the limit of 64"))
        let pit = (0..<64).reduce(XMLRPCValue.array([])) { inner, _ in [inner] }
        #expect(try decodingError(Miner.self, pit).hasSuffix("the limit of 64 levels"))
        #expect(try encodingError(Restless()).contains("is encoded more than once"))
    }

    @Test("An array asked for more than it holds says how many it held")
    func ends() throws {
        struct Pair: Decodable {
            init(from decoder: any Decoder) throws {
                var container = try decoder.unkeyedContainer()
                _ = (try container.decode(Int.self), try container.decode(Int.self))
            }
        }
        #expect(try decodingError([Pair].self, [[1]]) == "none Index 0: must have more than 1 items")
    }
}
