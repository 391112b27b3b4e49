import TestSupport
import Testing
import XMLRPC

@testable import XMLRPCHTTP

@Suite struct ClientTests {
    private func configuration(_ attemptCountMax: Int = 4) -> XMLRPCClientConfiguration {
        var configuration = XMLRPCClientConfiguration()
        configuration.retry = XMLRPCRetryPolicy(attemptCountMax: attemptCountMax, delayFirst: .milliseconds(1))
        configuration.idempotentMethods = ["read"]
        return configuration
    }

    @Test(
        "A URL says host, port and path",
        arguments: [
            ("http://localhost", "localhost", 80, "/RPC2"), ("http://a:81", "a", 81, "/RPC2"),
            ("HTTP://a/", "a", 80, "/"), ("http://a/x/y?z=1", "a", 80, "/x/y?z=1"),
            ("http://[::1]:8080/x", "::1", 8080, "/x"), ("http://[::1]", "::1", 80, "/RPC2"),
            ("http://a?b", "a", 80, "/?b"),
        ])
    func urls(text: String, host: String, port: Int, path: String) throws {
        let url = try XMLRPCURL(text)
        #expect(url.host == host && url.port == port && url.path == path)
    }

    @Test(
        "What is no URL of a server is refused, with the reason",
        arguments: [
            "", "a:80", "http:", "http://", "http://:80", "http://a:0", "http://a:65536", "http://a:x", "http://::1:80",
            "http://user:secret@a/", "http://a/ b", "http://a/#b", "http://a b/", "ftp://a/", "https://a/",
        ])
    func badURLs(text: String) {
        let error = #expect(throws: XMLRPCClientError.self) { try XMLRPCClient(text) }
        #expect(error?.reason == .badURL)
        #expect(error?.description.contains("secret") == false)
    }

    @Test(
        "Credentials that no header can carry are refused, and not repeated",
        arguments: [
            .bearer("secret\n"), .bearer("a secret"), .bearer("secr\u{E9}t"), .bearer(""), .unknown,
            .basic(user: "secret:", password: "x"),
        ] as [XMLRPCCredentials])
    func badCredentials(credentials: XMLRPCCredentials) {
        var configuration = configuration()
        configuration.credentials = credentials
        let error = #expect(throws: XMLRPCClientError.self) {
            try XMLRPCClient("http://127.0.0.1:1/", configuration: configuration)
        }
        #expect(error?.reason == .badCredentials)
        #expect(error?.description.contains("secret") == false)
    }

    @Test(
        "A call that the server refused by its status has not run; behind another status it may have",
        arguments: [
            (401, false), (404, false), (413, false), (500, true), (503, true),
        ])
    func refusedByStatus(status: Int, mayHaveRun: Bool) async throws {
        let server = try ScriptedServer([.raw("HTTP/1.1 \(status) No\r\nContent-Length: 0\r\n\r\n")])
        defer { server.stop() }
        let client = try XMLRPCClient(server.url, configuration: configuration(1), logger: quietLogger)
        let error = await #expect(throws: XMLRPCClientError.self) {
            try await client.call("write", returning: Int.self)
        }
        #expect(error?.mayHaveRun == mayHaveRun)
        await client.close()
    }

    @Test("A refused connection is tried again as often as the policy says, and the call can't have run")
    func refused() async throws {
        for count in [1, 3] {
            let client = try XMLRPCClient(
                "http://127.0.0.1:1/", configuration: configuration(count), logger: quietLogger)
            let error = await #expect(throws: XMLRPCClientError.self) {
                try await client.call("a", returning: Int.self)
            }
            #expect(error?.reason == .connectionRefused)
            #expect(error?.attemptCount == count)
            #expect(error?.mayHaveRun == false)
            await client.close()
        }
    }

    @Test("A call that may have run is tried again only if its method may run twice")
    func closedConnections() async throws {
        let server = try ScriptedServer([.hangUp, .hangUp, .answer("<int>7</int>")])
        defer { server.stop() }
        let client = try XMLRPCClient(server.url, configuration: configuration(), logger: quietLogger)
        let error = await #expect(throws: XMLRPCClientError.self) {
            try await client.call("write", returning: Int.self)
        }
        #expect(error?.reason == .connectionClosed && error?.mayHaveRun == true && error?.attemptCount == 1)
        #expect(try await client.call("read") == 7)
        #expect(server.requestCount == 3)
        await client.close()
    }

    @Test("A call's own options go before the client's")
    func options() async throws {
        let server = try ScriptedServer([.hangUp, .answer("<int>1</int>"), .hangUp])
        defer { server.stop() }
        let client = try XMLRPCClient(server.url, configuration: configuration(), logger: quietLogger)
        #expect(try await client.call("write", options: XMLRPCCallOptions(isIdempotent: true)) == 1)
        let failure = await reason {
            try await client.call("read", returning: Int.self, options: XMLRPCCallOptions(isIdempotent: false))
        }
        #expect(failure == .connectionClosed)
        await client.close()
    }

    @Test("A server that is too busy is asked again where that is safe; other refusals and faults are final")
    func statuses() async throws {
        let busy = ScriptedServer.Step.raw("HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nbusy\n")
        let missing = ScriptedServer.Step.raw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        let server = try ScriptedServer([
            busy, .answer("<int>1</int>"), busy, missing,
            .raw(ScriptedServer.text(XMLRPCCodec.encode(XMLRPCFault(code: 4, message: "no")))),
        ])
        defer { server.stop() }
        let client = try XMLRPCClient(server.url, configuration: configuration(), logger: quietLogger)
        #expect(try await client.call("read") == 1)
        #expect(await reason { try await client.call("write", returning: Int.self) } == .httpStatus(503))
        #expect(await reason { try await client.call("read", returning: Int.self) } == .httpStatus(404))
        await #expect(throws: XMLRPCFault(code: 4, message: "no")) {
            try await client.call("read", returning: Int.self)
        }
        #expect(server.requestCount == 5)
        await client.close()
    }

    @Test("An answer that is no XML-RPC is an error of its own, and no fault of the server's")
    func badAnswers() async throws {
        let server = try ScriptedServer([.raw(ScriptedServer.text(Array("<html/>".utf8))), .answer("<int>x</int>")])
        defer { server.stop() }
        let client = try XMLRPCClient(server.url, configuration: configuration(), logger: quietLogger)
        for _ in 0..<2 {
            #expect(await reason { try await client.call("read", returning: Int.self) } == .badAnswer)
        }
        await client.close()
    }

    @Test("A call that can't be written is not sent")
    func badCalls() async throws {
        let client = try XMLRPCClient("http://127.0.0.1:1/", logger: quietLogger)
        #expect(await reason { try await client.call("not a name", returning: Int.self) } == .badCall)
        await client.close()
    }

    @Test("The timeout holds for all attempts together")
    func timeout() async throws {
        let server = try ScriptedServer([.silence])
        defer { server.stop() }
        let client = try XMLRPCClient(server.url, configuration: configuration(), logger: quietLogger)
        let options = XMLRPCCallOptions(timeout: .milliseconds(50))
        let failure = await reason { try await client.call("read", returning: Int.self, options: options) }
        #expect(failure == .timedOut)
        // Refused at once each time, until there is no time for another wait.
        let patient = XMLRPCCallOptions(
            timeout: .milliseconds(50),
            retry: XMLRPCRetryPolicy(attemptCountMax: .max, delayFirst: .milliseconds(5), delayMax: .milliseconds(10)))
        let nowhere = try XMLRPCClient("http://127.0.0.1:1/", logger: quietLogger)
        let error = await #expect(throws: XMLRPCClientError.self) {
            try await nowhere.call("a", returning: Int.self, options: patient)
        }
        #expect((error?.attemptCount ?? 0) >= 1)
        await nowhere.close()
        await client.close()
    }

    @Test("A cancelled call ends, waiting for an answer or for its next attempt")
    func cancellation() async throws {
        let server = try ScriptedServer([.silence])
        defer { server.stop() }
        let client = try XMLRPCClient(server.url, configuration: configuration(), logger: quietLogger)
        let waiting = Task { try await client.call("read", returning: Int.self) }
        while server.requestCount == 0 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }

        var slow = configuration()
        slow.timeout = .seconds(1_000)
        slow.retry = XMLRPCRetryPolicy(delayFirst: .seconds(500), delayMax: .seconds(500))
        let nowhere = try XMLRPCClient("http://127.0.0.1:1/", configuration: slow, logger: quietLogger)
        let retrying = Task { try await nowhere.call("a", returning: Int.self) }
        await Task.yield()
        retrying.cancel()
        await #expect(throws: CancellationError.self) { try await retrying.value }
        await nowhere.close()
        await client.close()
    }

    @Test("One connection serves call after call, each with its headers, and no other request")
    func reuse() async throws {
        let server = try ScriptedServer((0..<20).map { .answer("<int>\($0)</int>") })
        defer { server.stop() }
        var configuration = configuration()
        configuration.userAgent = "tester/1"
        configuration.credentials = .basic(user: "u", password: "p")
        let client = try XMLRPCClient(server.url + "some/path?x=1", configuration: configuration, logger: quietLogger)
        for number in 0..<20 { #expect(try await client.call("write") == number) }
        #expect(server.connectionCount == 1)
        let request = server.requests[0]
        #expect(request.hasPrefix("POST /some/path?x=1 HTTP/1.1\r\n"))
        #expect(request.contains("\r\nUser-Agent: tester/1\r\n"))
        #expect(request.contains("\r\nAuthorization: Basic dTpw\r\n"))
        await client.close()
        #expect(await reason { try await client.call("read", returning: Int.self) } == .clientClosed)
    }

    @Test("Waits are anything up to a bound that doubles and is capped", arguments: UInt64(0)..<50)
    func delays(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let policy = XMLRPCRetryPolicy(
            attemptCountMax: 40, delayFirst: .milliseconds(100), delayMax: .milliseconds(1_000))
        for count in 1..<40 {
            let delay = policy.delay(afterAttempts: count, using: &random)
            let bound = Duration.milliseconds(min(1_000, 100 << min(count - 1, 20)))
            #expect(delay.map { $0 >= .zero && $0 <= bound } == true, "seed \(seed), after \(count)")
        }
        #expect(policy.delay(afterAttempts: 40, using: &random) == nil)
        #expect(XMLRPCRetryPolicy.never.delay(afterAttempts: 1, using: &random) == nil)
        let spread = Set((0..<20).map { _ in policy.delay(afterAttempts: 9, using: &random) })
        #expect(spread.count > 10, "seed \(seed)")
    }
}
