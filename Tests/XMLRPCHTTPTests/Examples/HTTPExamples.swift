import Logging
import ServiceLifecycle
import Testing
import XMLRPC
import XMLRPCHTTP

/// The examples of the library `XMLRPCHTTP`, as its pages and doc comments show them. They are compiled; those of
/// docs/xmlrpc.md that are whole programs are run.
private enum HTTPExamples {
    struct Point: XMLRPCCodable {
        var x: Double
        var y: Double
    }

    static func serve() async throws {
        let add = Method("sample.add", help: "Adds two integers.", parameters: "a", "b") { (a: Int, b: Int) in a + b }
        let server = XMLRPCServer(host: "127.0.0.1", port: 8080, methods: [add])
        try await server.run()
    }

    static func call() async throws -> Int {
        let client = try XMLRPCClient("http://127.0.0.1:8080/RPC2")
        let sum: Int = try await client.call("sample.add", 2, 3)
        return sum
    }

    static func configure(token: String) async throws -> Point {
        var configuration = XMLRPCClientConfiguration()
        configuration.timeout = .seconds(10)  // for a call with all its attempts
        configuration.credentials = .bearer(token)
        configuration.idempotentMethods = ["robot.position"]
        let client = try XMLRPCClient("http://robot.example:8080/RPC2", configuration: configuration)
        let position: Point = try await client.call("robot.position", "left arm")
        return position
    }

    static func fail(_ client: XMLRPCClient) async throws {
        do {
            let sum: Int = try await client.call("sample.add", 2, 3)
            print(sum)
        } catch let fault as XMLRPCFault {
            print("the server says \(fault.message)")
        } catch let error as XMLRPCClientError where !error.mayHaveRun {
            print("nothing has happened: \(error)")
        }
    }

    static func batch(_ client: XMLRPCClient) async throws {
        var batch = client.batch()
        let sum = try batch.add("sample.add", 2, 3, returning: Int.self)
        let name = try batch.add("sample.name", returning: String.self)
        let results = try await client.multicall(batch)
        print(try results[sum], try results[name])
    }

    static func group(_ client: XMLRPCClient, methods: [XMLRPC.Method], logger: Logger) async throws {
        let server = XMLRPCServer(host: "0.0.0.0", port: 8080, methods: methods, logger: logger)
        let group = ServiceGroup(
            services: [client, server], gracefulShutdownSignals: [.sigterm], cancellationSignals: [.sigint],
            logger: logger)
        try await group.run()
    }

    static func authorise(methods: [XMLRPC.Method], token: String, password: String) -> XMLRPCServer {
        let server = XMLRPCServer(
            port: 8080, methods: methods,
            authorize: { credentials in
                if credentials.isBearer(token) { return "robot" }
                return credentials.isBasic(user: "ann", password: password) ? "person" : nil
            },
            gate: { method, caller in
                let isAllowed = method.name != "robot.stop" || caller.role == "person"
                return isAllowed ? nil : XMLRPCFault(code: 403, message: "people only")
            })
        return server
    }

    static func limit(methods: [XMLRPC.Method]) -> XMLRPCServer {
        var limits = XMLRPCServerLimits()
        limits.bodyByteCountMax = 1 << 20
        limits.multicall.callCountMax = 100
        let server = XMLRPCServer(port: 8080, methods: methods, limits: limits)
        return server
    }
}
