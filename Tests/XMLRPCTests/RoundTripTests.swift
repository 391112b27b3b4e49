import TestSupport
import Testing
import XMLRPC

@Suite struct RoundTripTests {
    @Test("What is encoded is decoded to the same value", arguments: UInt64(0)..<300)
    func values(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<5 {
            let value = random.value(depthMax: 6)
            let document = try XMLRPCCodec.encode(.value(value))
            guard case .value(let decoded) = try XMLRPCCodec.decodeResponse(document) else {
                Issue.record("a fault; seed \(seed)")
                return
            }
            #expect(decoded.isIdentical(to: value), "seed \(seed)")
            #expect(try XMLRPCCodec.encode(.value(decoded)) == document, "equal values, equal bytes; seed \(seed)")
        }
    }

    @Test("Calls and faults come back as they were sent", arguments: UInt64(0)..<50)
    func messages(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let parameters = (0..<Int.random(in: 0..<5, using: &random)).map { _ in random.value(depthMax: 3) }
        let call = MethodCall(methodName: "Some.method:name/9_", parameters: parameters)
        #expect(try XMLRPCCodec.decodeCall(XMLRPCCodec.encode(call)) == call, "seed \(seed)")

        let fault = XMLRPCFault(code: Int(Int32(truncatingIfNeeded: random.next())), message: "<&>\r\u{0}\(seed)")
        let document = XMLRPCCodec.encode(fault)
        #expect(try XMLRPCCodec.decodeResponse(document) == .fault(fault), "seed \(seed)")
        #expect(try XMLRPCCodec.encode(MethodResponse.fault(fault)) == document)
    }

    @Test("How a document is cut into pieces makes no difference", arguments: UInt64(0)..<200)
    func pieces(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var document = try XMLRPCCodec.encode(.value(random.value(depthMax: 6)))
        if seed % 3 == 0 { document.removeLast(Int.random(in: 1...document.count, using: &random)) }
        if seed % 7 == 0 { document += document }
        var decoder = MessageDecoder()
        let whole = document.withUnsafeBytes { bytes in
            Result { () throws(XMLRPCFault) in try decoder.decodeResponse(bytes) }
        }
        for pieceByteCountMax in [1, 3, 100, 5000] {
            let sizes = (0..<document.count).map { _ in Int.random(in: 0...pieceByteCountMax, using: &random) }
            let inPieces = decodedInPieces(document, pieceByteCounts: sizes, decoder: &decoder)
            #expect(inPieces == whole, "seed \(seed), pieces of up to \(pieceByteCountMax)")
        }
    }

    @Test(
        "A document of many slices is the same in any pieces",
        arguments: [1, 13, 4095, 4096, 4097, 65536, 65537, 1_000_000])
    func longDocument(pieceByteCount: Int) throws {
        let value = XMLRPCValue.array((0..<20_000).map { ["index": .number($0), "text": "row \($0) €"] })
        let document = try XMLRPCCodec.encode(.value(value))
        var decoder = MessageDecoder()
        let sizes = repeatElement(pieceByteCount, count: document.count)
        #expect(decodedInPieces(document, pieceByteCounts: sizes, decoder: &decoder) == .success(.value(value)))
    }

    @Test("A decoder serves one document after the other, good or bad")
    func reuse() throws {
        var decoder = MessageDecoder()
        var random = SplitMix64(seed: 7)
        for round in 0..<200 {
            let value = random.value(depthMax: 5)
            let document = try XMLRPCCodec.encode(.value(value))
            #expect(try document.withUnsafeBytes { try decoder.decodeResponse($0) } == .value(value), "round \(round)")
            let broken = document.prefix(Int.random(in: 0..<document.count, using: &random))
            #expect(throws: XMLRPCFault.self) { try Array(broken).withUnsafeBytes { try decoder.decodeResponse($0) } }
        }
    }

    @Test("Names that a peer invents do not pile up in a decoder")
    func inventedNames() throws {
        var decoder = MessageDecoder()
        for round in 0..<1_000 {
            let attributes = (0..<50).map { "a\(round)x\($0)='1'" }.joined(separator: " ")
            let document = Array("<methodCall><methodName \(attributes)>m</methodName></methodCall>".utf8)
            #expect(try document.withUnsafeBytes { try decoder.decodeCall($0) }.methodName == "m", "round \(round)")
            #expect(decoder.dictionaryByteCount < 100_000, "round \(round)")
        }
    }
}
