import XMLRPC
import XMLRPCTransport

private let stooges: XMLRPCValue = ["moe": 1, "larry": 2, "curly": 3]

@Sendable func checkValidator(_ client: HTTPClient) async throws {
    let others: [XMLRPCValue] = [["moe": 1, "larry": 2, "curly": -4], ["moe": 1, "larry": 2, "curly": 5]]
    try await client.expect("validator1.arrayOfStructsTest", [.array([stooges] + others)], 4)
    try await client.expect(
        "validator1.countTheEntities", ["<<>&&&''\""],
        ["ctLeftAngleBrackets": 2, "ctRightAngleBrackets": 1, "ctAmpersands": 3, "ctApostrophes": 2, "ctQuotes": 1])
    try await client.expect("validator1.easyStructTest", [stooges], 6)
    let nested: XMLRPCValue = ["a": ["b": [1, "x"]]]
    try await client.expect("validator1.echoStructTest", [nested], nested)
    let types: [XMLRPCValue] = [7, true, "text", 2.5, .dateTime("20261121T14:08:55"), .base64(Array("xyz".utf8))]
    try await client.expect("validator1.manyTypesTest", types, .array(types))
    let items = (0..<150).map { XMLRPCValue.string("item \($0)") }
    try await client.expect("validator1.moderateSizeArrayCheck", [.array(items)], "item 0item 149")
    try await client.expect("validator1.nestedStructTest", [["2000": ["04": ["01": stooges]]]], 6)
    try await client.expect(
        "validator1.simpleStructReturnTest", [3], ["times10": 30, "times100": 300, "times1000": 3000])
}

@Sendable func checkFault(_ client: HTTPClient) async throws {
    let fault = try await client.fault("test.fail", [42, "what went <wrong>"])
    guard fault.code == 42, fault.message.contains("what went <wrong>") else {
        throw Difference(description: "\(fault)")
    }
    _ = try await client.fault("test.missing", [])
}

@Sendable func checkIntrospection(_ client: HTTPClient) async throws {
    guard try await client.call("system.listMethods").asArray?.contains("test.echo") == true else {
        throw Difference(description: "system.listMethods does not name test.echo")
    }
    guard try await client.call("system.methodHelp", ["test.echo"]).asString != nil else {
        throw Difference(description: "system.methodHelp is no text")
    }
    // Whether or not the server knows any.
    _ = try await client.call("system.methodSignature", ["test.echo"])
}

@Sendable func checkMulticall(_ client: HTTPClient) async throws {
    let calls: XMLRPCValue = [
        ["methodName": "test.echo", "params": [1]], ["methodName": "test.fail", "params": [42, "inside"]],
    ]
    let answer = try await client.call("system.multicall", [calls])
    guard answer[0] == [1], answer[1]?["faultCode"] == 42 else { throw Difference(description: "\(answer)") }
}

extension HTTPClient {
    fileprivate func fault(_ method: String, _ parameters: [XMLRPCValue]) async throws -> XMLRPCFault {
        do {
            let answer = try await call(method, parameters)
            throw Difference(description: "\(method): \("\(answer)".prefix(60)) where a fault was expected")
        } catch let fault as XMLRPCFault {
            return fault
        }
    }
}
