import Testing
import XMLRPC

/// The examples of the library `XMLRPC`, as its pages and doc comments show them.
@Suite struct CodecExamples {
    @Test("Values are made by literals and taken apart without a trap")
    func values() {
        let value: XMLRPCValue = ["task": 3, "kind": "map", "files": ["a.txt", "b.txt"]]
        let task = value["task"]?.asInt  // 3
        #expect(task == 3)
    }

    @Test("Codable types go both ways")
    func codable() throws {
        struct Order: Codable {
            var article: String
            var count: Int
            var note: String?
        }
        let value = try XMLRPCEncoder().encode(Order(article: "pear", count: 3))
        // ["article": "pear", "count": 3]
        let order = try XMLRPCDecoder().decode(Order.self, from: value)
        #expect(value == ["article": "pear", "count": 3])
        #expect(order.count == 3)
        try decoding()

        func decoding() throws {
            let order = try XMLRPCDecoder().decode(Order.self, from: ["article": "pear", "count": 3])
            #expect(order.article == "pear" && order.note == nil)
        }
    }

    @Test("A value is encoded with the extensions that are asked for")
    func extensions() throws {
        let encoder = XMLRPCEncoder(nils: .extension, wideIntegers: .i8)
        let value = try encoder.encode([1, nil, 1 << 40])
        // [1, nil, an i8]
        #expect(value == [1, .nil, .int64(1 << 40)])
    }

    @Test("Dates are numbers of a calendar, or seconds")
    func dates() {
        let moment = XMLRPCDateTime(secondsSinceEpoch: 900_684_535)  // 19980717T14:08:55, in UTC
        let seconds = moment?.secondsSinceEpoch()  // 900684535
        #expect(moment?.description == "19980717T14:08:55" && seconds == 900_684_535)
    }

    @Test("Whole documents are encoded and decoded")
    func documents() throws {
        let bytes = try XMLRPCCodec.encode(MethodCall(methodName: "job.status", parameters: [7]))
        let call = try XMLRPCCodec.decodeCall(bytes)
        #expect(call.parameters == [7])
        #expect(try bytes.withUnsafeBytes(pieces) == call)
    }

    private func pieces(_ piece: UnsafeRawBufferPointer) throws -> MethodCall {
        var decoder = MessageDecoder()
        decoder.begin(charset: "utf-8")  // for each document; may be left out for the first
        try decoder.append(piece)  // as often as needed, in pieces of any size
        let call = try decoder.finishCall()  // or finishResponse()
        return call
    }

    @Test("A table answers calls without any network")
    func tables() async {
        let table = MethodTable([typed()])
        let call = MethodCall(methodName: "sample.add", parameters: [2, 3])
        let response = await withCheckedContinuation { continuation in
            table.answer(call, caller: Caller(id: 1, remoteAddress: "")) { continuation.resume(returning: $0) }
        }
        // .value(5)
        #expect(response == .value(5))
        #expect(untyped().name == typed().name)
        #expect(sum().signatures.isEmpty)
    }

    private func untyped() -> XMLRPC.Method {
        Method(name: "sample.add", signatures: [[.int, .int, .int]], help: "Adds two integers.") { parameters, _ in
            .wholeNumber(Int64((parameters[0].asInt ?? 0) + (parameters[1].asInt ?? 0)))
        }
    }

    private func typed() -> XMLRPC.Method {
        Method("sample.add", help: "Adds two integers.", parameters: "a", "b") { (a: Int, b: Int) in a + b }
    }

    private func sum() -> XMLRPC.Method {
        Method("sample.sum", help: "Adds integers.", parameters: "terms") { (terms: RemainingParameters<Int>) in
            terms.values.reduce(0, +)
        }
    }

    @Test("Types say that methods may take and return them")
    func types() {
        struct Point: XMLRPCCodable {
            var x: Double
            var y: Double
        }
        enum Colour: String, XMLRPCCodable {
            case red, green
        }
        #expect(Point.xmlrpcType == .structure && Colour.xmlrpcType == .string)
    }

    @Test("Methods take types of your own, optionals, and time")
    func methods() {
        struct Point: XMLRPCCodable {
            var x: Double
            var y: Double
        }
        enum Direction: String, XMLRPCCodable {
            case up, down
        }
        let move = Method("robot.move", help: "Moves one step.", parameters: "from", "to", "count") {
            (from: Point, to: Direction, count: Int?) in
            Point(x: from.x, y: from.y + Double(count ?? 1) * (to == .up ? 1 : -1))
        }
        let pause = Method("sample.pause", help: "Waits.", parameters: "milliseconds") { (count: Int) async throws in
            try await Task.sleep(for: .milliseconds(count))
            return true
        }
        #expect(move.signatures.count == 2 && pause.signatures == [[.boolean, .int]])
    }
}
