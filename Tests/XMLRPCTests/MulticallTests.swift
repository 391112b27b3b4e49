import Synchronization
import Testing
import XMLRPC

@Suite struct MulticallTests {
    private func multicall(_ calls: XMLRPCValue...) throws -> MethodResponse {
        try answer(sampleTable, "system.multicall", [.array(calls)])
    }

    private func faultCodes(_ response: MethodResponse) -> [Int?] {
        guard case .value(.array(let items)) = response else { return [] }
        return items.map { $0["faultCode"]?.asInt }
    }

    @Test("Each call gets its answer in order, a fault beside values")
    func order() throws {
        let response = try multicall(
            ["methodName": "sample.add", "params": [1, 2]], ["methodName": "sample.fail", "params": [7]],
            ["methodName": "sample.echo", "params": [], "extra": 1])
        #expect(response == .value([[3], ["faultCode": 7, "faultString": "as asked"], [[]]]))
        #expect(try multicall() == .value([]))
    }

    @Test("Whatever is wrong in an element is a fault of that element")
    func badElements() throws {
        let response = try multicall(
            1, [:], ["methodName": "sample.add"], ["params": []], ["methodName": 1, "params": []],
            ["methodName": "sample.add", "params": 1], ["methodName": "nope", "params": []],
            ["methodName": "sample.add", "params": ["x", 1]], ["methodName": "system.multicall", "params": [[]]],
            ["methodName": "sample.add", "params": [1, 1]])
        let invalid = XMLRPCFault.invalidRequest
        #expect(
            faultCodes(response) == [
                invalid, invalid, invalid, invalid, invalid, invalid, XMLRPCFault.methodNotFound,
                XMLRPCFault.invalidParameters, invalid, nil,
            ])
    }

    @Test("Only a parameter that is no array fails the whole call")
    func notAnArray() throws {
        #expect(try faultAnswer(sampleTable, "system.multicall", [1]).code == XMLRPCFault.invalidParameters)
        #expect(try faultAnswer(sampleTable, "system.multicall").code == XMLRPCFault.invalidParameters)
    }

    @Test("The number of calls is limited, and the limit named")
    func callCount() throws {
        let call: XMLRPCValue = ["methodName": "sample.add", "params": [1, 2]]
        let most = XMLRPCValue.array(Array(repeating: call, count: 1000))
        guard case .value(.array(let answers)) = try answer(sampleTable, "system.multicall", [most]) else {
            Issue.record("1000 calls were refused")
            return
        }
        #expect(answers == Array(repeating: [3], count: 1000))
        let fault = try faultAnswer(sampleTable, "system.multicall", [.array(Array(repeating: call, count: 1001))])
        #expect(fault.message == "system.multicall takes at most 1000 calls, not 1001")
    }

    @Test("Once the answers are too large, the calls that are left are not made")
    func answerByteCount() throws {
        let callCount = Mutex(0)
        let large = Method(name: "large", signatures: [[.string]], help: "") { _, _ in
            callCount.withLock { $0 += 1 }
            return .string(String(repeating: "x", count: 1000))
        }
        let table = MethodTable([large], multicallLimits: MulticallLimits(answerByteCountMax: 2500))
        let calls = XMLRPCValue.array(Array(repeating: ["methodName": "large", "params": []], count: 10))
        let codes = faultCodes(try answer(table, "system.multicall", [calls]))
        #expect(codes == Array(repeating: nil, count: 3) + Array(repeating: XMLRPCFault.invalidRequest, count: 7))
        #expect(callCount.withLock { $0 } == 3)
    }

    @Test("Calls that answer later keep the order, and each waits for the one before it")
    func later() throws {
        let waiting = Mutex<[Method.Reply]>([])
        let slow = Method(name: "slow", signatures: [[.int]], help: "") { _, _, reply in
            waiting.withLock { $0.append(reply) }
        }
        let table = MethodTable([slow] + sampleTable.methods.filter { $0.name == "sample.add" })
        let calls: XMLRPCValue = [
            ["methodName": "slow", "params": []], ["methodName": "sample.add", "params": [1, 1]],
            ["methodName": "slow", "params": []], ["methodName": "slow", "params": []],
        ]
        let response = Mutex<MethodResponse?>(nil)
        table.answer(
            MethodCall(methodName: "system.multicall", parameters: [calls]),
            caller: Caller(id: 1, remoteAddress: "test")
        ) { answer in response.withLock { $0 = answer } }

        for round in 0..<3 {
            #expect(response.withLock { $0 } == nil)
            let replies = waiting.withLock { $0 }
            try #require(replies.count == round + 1)
            replies[round](round == 1 ? .failure(XMLRPCFault(code: 5, message: "late")) : .success(.number(round)))
        }
        let expected: XMLRPCValue = [[0], [2], ["faultCode": 5, "faultString": "late"], [2]]
        #expect(response.withLock { $0 } == .value(expected))
        // The replies know the table and the table knows this list: a cycle, unless it is emptied.
        waiting.withLock { $0.removeAll() }
    }

    @Test("Calls that answer from other threads are all answered", arguments: 0..<20)
    func otherThreads(round: Int) async throws {
        let elsewhere = Method(name: "elsewhere", signatures: [[.int, .int]], help: "") { parameters, _, reply in
            Task.detached { reply(.success(parameters[0])) }
        }
        let table = MethodTable([elsewhere])
        let calls = XMLRPCValue.array((0..<300).map { ["methodName": "elsewhere", "params": [.number($0)]] })
        let response = await withCheckedContinuation { continuation in
            table.answer(
                MethodCall(methodName: "system.multicall", parameters: [calls]),
                caller: Caller(id: 1, remoteAddress: "test")
            ) { continuation.resume(returning: $0) }
        }
        #expect(response == .value(.array((0..<300).map { [.number($0)] })))
    }
}
