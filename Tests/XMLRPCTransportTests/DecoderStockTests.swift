import NIOCore
import Testing
import XMLRPC

@testable import XMLRPCTransport

@Suite struct DecoderStockTests {
    private static func document(_ value: String) throws -> ByteBuffer {
        ByteBuffer(bytes: try XMLRPCCodec.encode(MethodCall(methodName: "m", parameters: [.string(value)])))
    }

    @Test("One decoder serves one document after another, also after a bad one")
    func reuse() throws {
        let stock = DecoderStock(limits: DecodingLimits())
        for index in 0..<20 {
            let call = try stock.decodeCall(Self.document("\(index)"), charset: nil).get()
            #expect(call.parameters == [.string("\(index)")])
            let bad = stock.decodeCall(ByteBuffer(string: "<methodCall><a"), charset: "utf-8")
            #expect(throws: XMLRPCFault.self) { try bad.get() }
            let response = ByteBuffer(bytes: try XMLRPCCodec.encode(MethodResponse.value(.int(Int32(index)))))
            #expect(try stock.decodeResponse(response).get() == .value(.int(Int32(index))))
            #expect(stock.idleCount == 1)
        }
    }

    @Test("A decoder that has had a long document is not kept, nor the memory that it holds")
    func longDocument() throws {
        let stock = DecoderStock(limits: DecodingLimits())
        let long = String(repeating: "a", count: DecoderStock.documentByteCountMax)
        #expect(try stock.decodeCall(Self.document(long), charset: nil).get().parameters == [.string(long)])
        #expect(stock.idleCount == 0)
    }

    @Test("Many threads at a time never share a decoder")
    func manyThreads() async throws {
        let stock = DecoderStock(limits: DecodingLimits())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for index in 0..<200 {
                        let call = try stock.decodeCall(Self.document("\(task) \(index)"), charset: nil).get()
                        #expect(call.parameters == [.string("\(task) \(index)")])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(1...8 ~= stock.idleCount)
    }
}
