import Logging
import TestSupport
import XMLRPC
import XMLRPCHTTP

let quietLogger: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()

let sampleMethods = [
    Method("add", help: "Adds.", parameters: "a", "b") { (a: Int, b: Int) in a + b },
    Method("echo", help: "", parameters: "value") { (value: XMLRPCValue) in value },
    Method("role", help: "") { (caller: Caller) in caller.role },
    Method("fail", help: "", parameters: "code") { (code: Int) throws -> Int in
        throw XMLRPCFault(code: code, message: "as asked")
    },
    Method("later", help: "", parameters: "n") { (n: Int) async in
        await Task.yield()
        return n * 2
    },
]

/// Runs a server while `body` runs.
func withServer(
    _ server: XMLRPCServer, _ body: (XMLRPCServerAddress) async throws -> Void
) async throws {
    async let running: Void = server.run()
    do {
        try await body(await server.address)
    } catch {
        await server.shutdown()
        throw error
    }
    await server.shutdown()
    try await running
}

/// Runs a server with a client of it.
func withServer(
    _ methods: [Method] = sampleMethods, configuration: XMLRPCClientConfiguration = XMLRPCClientConfiguration(),
    authorize: XMLRPCServer.Authorizer? = nil, limits: XMLRPCServerLimits = XMLRPCServerLimits(),
    _ body: (XMLRPCClient) async throws -> Void
) async throws {
    let server = XMLRPCServer(
        port: 0, methods: methods, authorize: authorize, limits: limits, logger: quietLogger)
    try await withServer(server) { address in
        let client = try XMLRPCClient("\(address)", configuration: configuration, logger: quietLogger)
        try await body(client)
        await client.close()
    }
}

/// How a call failed.
func reason<Value>(_ body: () async throws -> Value) async -> XMLRPCClientError.Reason? {
    do {
        _ = try await body()
        return nil
    } catch {
        return (error as? XMLRPCClientError)?.reason
    }
}
