import ServiceLifecycle
import Synchronization
import Testing
import XMLRPC
import XMLRPCHTTP

@Suite struct ServerTests {
    @Test("Calls of any types are answered, at once or later, and a fault is thrown")
    func calls() async throws {
        try await withServer { (client) async throws in
            #expect(try await client.call("add", 2, 3) == 5)
            #expect(try await client.call("later", 4) == 8)
            #expect(try await client.call("echo", ["a": [1, 2]]) == ["a": [1, 2]])
            #expect(try await client.send(MethodCall(methodName: "add", parameters: [1, 1])) == 2)
            await #expect(throws: XMLRPCFault(code: 7, message: "as asked")) {
                try await client.call("fail", 7, returning: Int.self)
            }
            await #expect(throws: XMLRPCFault(code: -32602, message: "add: parameter 2 (b) must be int, not string")) {
                try await client.call("add", 1, "2", returning: Int.self)
            }
            await #expect(throws: DecodingError.self) { try await client.call("add", 1, 2, returning: String.self) }
            await #expect(throws: EncodingError.self) { try await client.call("add", Double.nan, returning: Int.self) }
        }
    }

    @Test("Its address is known when it listens, and is that of one server at a time")
    func address() async throws {
        let server = XMLRPCServer(port: 0, methods: sampleMethods, logger: quietLogger)
        try await withServer(server) { (address) async throws in
            #expect(address.host == "127.0.0.1" && address.port > 0)
            let second = XMLRPCServer(port: address.port, methods: [], logger: quietLogger)
            let error = await #expect(throws: XMLRPCServerError.self) { try await second.run() }
            #expect(error?.reason == .addressInUse)
            await #expect(throws: XMLRPCServerError.self) { try await second.address }
            let again = await #expect(throws: XMLRPCServerError.self) { try await server.run() }
            #expect(again?.reason == .alreadyRun)
        }
        let nowhere = XMLRPCServer(host: "192.0.2.1", port: 0, methods: [], logger: quietLogger)
        let error = await #expect(throws: XMLRPCServerError.self) { try await nowhere.run() }
        #expect(error?.reason == .badAddress)
    }

    @Test("A task that waits for the address of a server that never runs can be cancelled")
    func cancelledWait() async {
        let server = XMLRPCServer(port: 0, methods: [], logger: quietLogger)
        let waiting = Task { try await server.address }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    /// A method that says when it has begun and waits until it may end.
    private final class Gate: Sendable {
        let began = AsyncStream<Void>.makeStream()
        let opened = AsyncStream<Void>.makeStream()

        var method: Method {
            Method("wait", help: "") { [self] () async -> Bool in
                began.continuation.yield()
                for await _ in opened.stream { return true }
                return false
            }
        }

        func hasBegun() async { for await _ in began.stream { return } }
        func open() { opened.continuation.yield() }
    }

    @Test("In a service group it answers what it is working on, and takes nothing more, when the group shuts down")
    func gracefulShutdown() async throws {
        let gate = Gate()
        let server = XMLRPCServer(port: 0, methods: [gate.method], logger: quietLogger)
        let group = ServiceGroup(services: [server], logger: quietLogger)
        async let running: Void = group.run()
        let address = try await server.address
        let client = try XMLRPCClient("\(address)", logger: quietLogger)
        async let answer: Bool = client.call("wait")
        await gate.hasBegun()
        await group.triggerGracefulShutdown()
        gate.open()
        #expect(try await answer)
        try await running
        // One that has no connection from before.
        let latecomer = try XMLRPCClient("\(address)", logger: quietLogger)
        let refused = await reason {
            try await latecomer.call("wait", returning: Bool.self, options: XMLRPCCallOptions(retry: .never))
        }
        #expect(refused == .connectionRefused)
        await latecomer.close()
        await client.close()
    }

    /// Says that its group runs.
    private struct Herald: Service {
        let began = AsyncStream<Void>.makeStream()

        func run() async throws {
            began.continuation.yield()
            try await ServiceLifecycle.gracefulShutdown()
        }
    }

    @Test("A client in a service group is closed with it")
    func clientService() async throws {
        let client = try XMLRPCClient("http://127.0.0.1:1/", logger: quietLogger)
        let herald = Herald()
        let group = ServiceGroup(services: [client, herald], logger: quietLogger)
        async let running: Void = group.run()
        for await _ in herald.began.stream { break }
        await group.triggerGracefulShutdown()
        try await running
        #expect(await reason { try await client.call("a", returning: Int.self) } == .clientClosed)
    }

    @Test("Cancelling its task ends it, and shutting it down before it runs too")
    func cancellation() async throws {
        let server = XMLRPCServer(port: 0, methods: [], logger: quietLogger)
        let running = Task { try await server.run() }
        _ = try await server.address
        running.cancel()
        try await running.value

        let unborn = XMLRPCServer(port: 0, methods: [], logger: quietLogger)
        await unborn.shutdown()
        try await unborn.run()
    }

    @Test("Calls that don't end within the grace are cut")
    func grace() async throws {
        let gate = Gate()
        var limits = XMLRPCServerLimits()
        limits.shutdownGrace = .milliseconds(1)
        let server = XMLRPCServer(port: 0, methods: [gate.method], limits: limits, logger: quietLogger)
        async let running: Void = server.run()
        let client = try XMLRPCClient("\(try await server.address)", logger: quietLogger)
        async let failure = reason { try await client.call("wait", returning: Bool.self) }
        await gate.hasBegun()
        await server.shutdown()
        #expect(await failure == .connectionClosed)
        try await running
        await client.close()
    }

    @Test("The task of a method is cancelled when its caller hangs up")
    func hangUp() async throws {
        let began = AsyncStream<Void>.makeStream()
        let ended = AsyncStream<Void>.makeStream()
        let method = Method("sleep", help: "") { () async throws -> Bool in
            began.continuation.yield()
            // The cancellation is what is waited for.
            try? await Task.sleep(for: .seconds(600))
            ended.continuation.yield()
            return true
        }
        try await withServer([method]) { (client) async throws in
            let call = Task { try await client.call("sleep", returning: Bool.self) }
            for await _ in began.stream { break }
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            for await _ in ended.stream { break }
        }
    }

    @Test("Credentials decide who comes in, and as what")
    func authorisation() async throws {
        let authorize: XMLRPCServer.Authorizer = { credentials in
            if credentials.isBearer("0123") { return "robot" }
            return credentials.isBasic(user: "ann", password: "secret: é") ? "person" : nil
        }
        let expectations: [(XMLRPCCredentials, String?)] = [
            (.none, nil), (.bearer("0123"), "robot"), (.bearer("012"), nil), (.bearer("01234"), nil),
            (.basic(user: "ann", password: "secret: é"), "person"), (.basic(user: "ann", password: ""), nil),
            (.basic(user: "bob", password: "secret: é"), nil),
        ]
        var limits = XMLRPCServerLimits()
        limits.wrongCredentialsDelay = .milliseconds(1)
        for (credentials, role) in expectations {
            var configuration = XMLRPCClientConfiguration()
            configuration.credentials = credentials
            try await withServer(configuration: configuration, authorize: authorize, limits: limits) {
                (client) async throws in
                if let role {
                    #expect(try await client.call("role") == role)
                } else {
                    let refusal = await reason { try await client.call("role", returning: String.self) }
                    #expect(refusal == .unauthorized, "\(credentials)")
                }
            }
        }
    }

    @Test("Many wrong credentials of one address are refused with another status; right ones go on")
    func guesses() async throws {
        var limits = XMLRPCServerLimits()
        limits.wrongCredentialsDelay = .milliseconds(1)
        limits.wrongCredentialsMax = 2
        var configuration = XMLRPCClientConfiguration()
        configuration.credentials = .bearer("012")
        let authorize: XMLRPCServer.Authorizer = { $0.isBearer("0123") ? "" : nil }
        let server = XMLRPCServer(
            port: 0, methods: sampleMethods, authorize: authorize, limits: limits, logger: quietLogger)
        try await withServer(server) { (address) async throws in
            let guessing = try XMLRPCClient("\(address)", configuration: configuration, logger: quietLogger)
            configuration.credentials = .bearer("0123")
            let known = try XMLRPCClient("\(address)", configuration: configuration, logger: quietLogger)
            var refusals: [XMLRPCClientError.Reason?] = []
            for _ in 0..<4 {
                refusals.append(await reason { try await guessing.call("add", 1, 2, returning: Int.self) })
                #expect(try await known.call("add", 1, 2) == 3)
            }
            #expect(refusals == [.unauthorized, .unauthorized, .httpStatus(429), .httpStatus(429)])
            await guessing.close()
            await known.close()
        }
    }

    @Test("Credentials never show their secrets")
    func secrets() {
        for credentials in [XMLRPCCredentials.bearer("0123"), .basic(user: "0123", password: "0123")] {
            #expect(!"\(credentials) \(String(reflecting: credentials))".contains("0123"))
        }
    }

    @Test("The gate refuses calls, those inside a multicall too")
    func gate() async throws {
        let refusal = XMLRPCFault(code: 403, message: "not you")
        let server = XMLRPCServer(
            port: 0, methods: sampleMethods, gate: { method, _ in method.name == "add" ? refusal : nil },
            logger: quietLogger)
        try await withServer(server) { (address) async throws in
            let client = try XMLRPCClient("\(address)", logger: quietLogger)
            await #expect(throws: refusal) { try await client.call("add", 1, 2, returning: Int.self) }
            var batch = XMLRPCBatch()
            let entry = try batch.add("add", 1, 2, returning: Int.self)
            let results = try await client.multicall(batch)
            #expect(throws: refusal) { try results[entry] }
            await client.close()
        }
    }

    @Test("What is past a limit is refused by its name")
    func limits() async throws {
        var limits = XMLRPCServerLimits()
        limits.bodyByteCountMax = 2_000
        limits.depthMax = 4
        limits.valueCountMax = 20
        limits.multicall.callCountMax = 2
        try await withServer(limits: limits) { (client) async throws in
            let long = String(repeating: "x", count: 3_000)
            #expect(await reason { try await client.call("echo", long, returning: String.self) } == .httpStatus(413))
            let deep = await #expect(throws: XMLRPCFault.self) {
                try await client.call("echo", [[[[1]]]], returning: XMLRPCValue.self)
            }
            #expect(deep?.code == XMLRPCFault.invalidRequest && deep?.message.contains("limit of 4") == true)
            let many = await #expect(throws: XMLRPCFault.self) {
                try await client.call("echo", Array(0..<21), returning: XMLRPCValue.self)
            }
            #expect(many?.message.contains("limit of 20") == true)
            var batch = XMLRPCBatch()
            for _ in 0..<3 { try batch.add("role", returning: String.self) }
            let calls = await #expect(throws: XMLRPCFault.self) { try await client.multicall(batch) }
            #expect(calls?.code == XMLRPCFault.invalidParameters)
        }
    }
}
