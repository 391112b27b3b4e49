import Synchronization
import TestSupport
import Testing
import XMLRPC

@Suite struct HostileInputTests {
    private static let pieces: [String] = [
        "<value>", "</value>", "<int>", "</int>", "<struct>", "<member>", "<name>", "</name>", "<array>", "<data>",
        "<nil/>",
        "<ex:nil/>", "<![CDATA[", "]]>", "<!--", "-->", "<?x", "?>", "<!DOCTYPE", "&amp;", "&#x41;", "&#1;", "&e;",
        "<a b='c'>",
        "\u{0}", "\u{FEFF}", "encoding='UTF-16'", "xmlns='u'", "<base64>", "<dateTime.iso8601>", "1e999", "]]", "&",
    ]

    /// Turns one good document into a bad one, a few steps at a time.
    private func mutate(_ document: inout [UInt8], using random: inout SplitMix64) {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let position = Int.random(in: 0...document.count, using: &random)
            let rest = document.count - position
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where rest > 0: document[position] = UInt8.random(in: 0...255, using: &random)
            case 1 where rest > 0: document[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: document.removeSubrange(position..<(position + Int.random(in: 0...min(20, rest), using: &random)))
            case 3:
                let piece = Self.pieces[Int.random(in: Self.pieces.indices, using: &random)]
                document.insert(contentsOf: piece.utf8, at: position)
            case 4:
                let copied = document[position..<(position + Int.random(in: 0...min(60, rest), using: &random))]
                document.insert(contentsOf: Array(copied), at: Int.random(in: 0...document.count, using: &random))
            default: document.insert(UInt8.random(in: 0...255, using: &random), at: position)
            }
        }
    }

    @Test("No bytes whatever stop the decoder, and every refusal has a code of its own", arguments: UInt64(0)..<20)
    func mutations(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var decoder = MessageDecoder()
        let codes = [
            XMLRPCFault.parseError, XMLRPCFault.unsupportedEncoding, XMLRPCFault.invalidCharacter,
            XMLRPCFault.invalidRequest,
        ]
        for round in 0..<1000 {
            var document = SampleDocument.all[Int.random(in: SampleDocument.all.indices, using: &random)].bytes
            mutate(&document, using: &random)
            let answer = document.withUnsafeBytes { bytes in
                Result { () throws(XMLRPCFault) in try decoder.decodeResponse(bytes) }
            }
            switch answer {
            case .failure(let fault): #expect(codes.contains(fault.code), "seed \(seed), round \(round)")
            case .success(let response):
                // What is accepted can be sent on.
                let again = try XMLRPCCodec.encode(response)
                #expect(try XMLRPCCodec.decodeResponse(again) == response, "seed \(seed), round \(round)")
            }
        }
    }

    /// What takes time in proportion to a document's length takes a fraction of a second here, and what takes it in
    /// proportion to the square minutes.
    @Test(
        "What could take time quadratic in its length is refused, or does not",
        arguments: [
            ("attributes", false), ("combining characters", false), ("a comment", true), ("an instruction", true),
            ("an attribute", false), ("an end tag", false),
        ])
    func quadratic(kind: String, isRead: Bool) {
        func repeated(_ count: Int, _ text: (Int) -> String) -> String { (0..<count).map(text).joined() }
        let value =
            switch kind {
            case "attributes": "<value\(repeated(400_000) { " a\($0)=''" })>x</value>"
            case "combining characters":
                "<value><struct><member><name>a\(repeated(1_000_000) { _ in "\u{301}\u{316}" })</name><value/></member></struct></value>"
            case "a comment": "<value>x<!--\(repeated(4_000_000) { _ in "->" })--></value>"
            case "an instruction": "<value>x<?p \(repeated(4_000_000) { _ in "?x" })?></value>"
            case "an attribute": "<value a='\(repeated(8_000_000) { _ in ">" })'>x</value>"
            default: "<value>x</value\(repeated(8_000_000) { _ in " " })>"
            }
        let document = "<methodResponse><params><param>\(value)</param></params></methodResponse>"
        let begin = ContinuousClock.now
        var decoder = MessageDecoder()
        let answer = Array(document.utf8).withUnsafeBytes { bytes in
            Result { () throws(XMLRPCFault) in try decoder.decodeResponse(bytes) }
        }
        #expect(begin.duration(to: .now) < .seconds(60))
        switch answer {
        case .success(let response): #expect(isRead && response == .value("x"))
        case .failure(let fault): #expect(!isRead && fault.code == XMLRPCFault.invalidRequest, "\(fault)")
        }
    }

    @Test("Names that no method can have are not looked for", arguments: ["system.methodExist", "system.multicall"])
    func longNames(method: String) throws {
        let name = XMLRPCValue.string("a" + String(repeating: "\u{301}\u{316}", count: 1_000_000))
        let parameters: [XMLRPCValue] =
            method == "system.multicall" ? [[["methodName": name, "params": []]]] : [name]
        let begin = ContinuousClock.now
        let isAnswered = Mutex(false)
        MethodTable([]).answer(
            MethodCall(methodName: method, parameters: parameters), caller: Caller(id: 1, remoteAddress: "")
        ) { _ in isAnswered.withLock { $0 = true } }
        #expect(isAnswered.withLock(\.self) && begin.duration(to: .now) < .seconds(60))
    }

    @Test("Noise is refused", arguments: UInt64(0)..<20)
    func noise(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let byteCount = Int.random(in: 0..<300, using: &random)
            let document = (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(
                decodedResponse(
                    document, charset: [nil, "utf-16", "latin1", "shift_jis"].randomElement(using: &random) ?? nil
                ).fault != nil)
        }
    }

    @Test("Decoders on several threads do not disturb each other")
    func threads() async throws {
        try await withThrowingTaskGroup { group in
            for seed in UInt64(0)..<8 {
                group.addTask {
                    var random = SplitMix64(seed: seed)
                    var decoder = MessageDecoder()
                    for _ in 0..<100 {
                        let value = random.value(depthMax: 4)
                        let document = try XMLRPCCodec.encode(.value(value))
                        #expect(
                            try document.withUnsafeBytes { try decoder.decodeResponse($0) } == .value(value),
                            "seed \(seed)")
                        #expect(throws: XMLRPCFault.self) { try XMLRPCCodec.decodeCall(Array("<a".utf8)) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
