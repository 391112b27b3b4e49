import Testing
import XMLRPC
import XMLRPCHTTP

@Suite struct BatchTests {
    @Test("Each call of a batch has its own result, of its own type, or its own fault")
    func results() async throws {
        try await withServer { (client) async throws in
            var batch = XMLRPCBatch()
            let sum = try batch.add("add", 2, 3, returning: Int.self)
            let fault = try batch.add("fail", 7, returning: Int.self)
            let list = try batch.add("echo", ["a", "b"], returning: [String].self)
            let later = try batch.add("later", 21, returning: Int.self)
            let mistaken = try batch.add("add", 1, 1, returning: String.self)
            let results = try await client.multicall(batch)
            #expect(try results[sum] == 5)
            #expect(throws: XMLRPCFault(code: 7, message: "as asked")) { try results[fault] }
            #expect(try results[list] == ["a", "b"])
            #expect(try results[later] == 42)
            #expect(throws: DecodingError.self) { try results[mistaken] }
            #expect(results.results.count == 5)
        }
    }

    @Test("An empty batch asks nobody")
    func empty() async throws {
        let client = try XMLRPCClient("http://127.0.0.1:1/", logger: quietLogger)
        #expect(try await client.multicall(XMLRPCBatch()).results.isEmpty)
        await client.close()
    }

    private func answered(_ value: XMLRPCValue) async throws -> [Result<XMLRPCValue, XMLRPCFault>] {
        let document = try XMLRPCCodec.encode(.value(value))
        let server = try ScriptedServer([.raw(ScriptedServer.text(document))])
        defer { server.stop() }
        let client = try XMLRPCClient(server.url, logger: quietLogger)
        var batch = XMLRPCBatch()
        try batch.add("a", returning: Int.self)
        try batch.add("b", returning: Int.self)
        let results = try await client.multicall(batch)
        await client.close()
        return results.results
    }

    @Test("Results without their arrays, as Perl sends them, are read all the same")
    func unwrapped() async throws {
        let fault: XMLRPCValue = ["faultCode": 3, "faultString": "x"]
        let failure = Result<XMLRPCValue, XMLRPCFault>.failure(XMLRPCFault(code: 3, message: "x"))
        #expect(try await answered([[1], [2]]) == [.success(1), .success(2)])
        #expect(try await answered([[1], fault]) == [.success(1), failure])
        #expect(try await answered([1, "b"]) == [.success(1), .success("b")])
        #expect(try await answered([1, fault]) == [.success(1), failure])
        #expect(try await answered([[1], "b"]) == [.success([1]), .success("b")])
        #expect(try await answered([[], [1, 2]]) == [.success([]), .success([1, 2])])
    }

    @Test("An answer that has not one result for each call is an error; one that is a fault is that fault")
    func nonsense() async throws {
        for value in [7, [[1]], [[1], [2], [3]], [:]] as [XMLRPCValue] {
            #expect(await reason { try await answered(value) } == .badAnswer)
        }
        await #expect(throws: XMLRPCFault(code: 3, message: "x")) {
            try await answered(["faultCode": 3, "faultString": "x"])
        }
    }
}
