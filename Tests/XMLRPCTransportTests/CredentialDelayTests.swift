import Testing
import XMLRPC

@testable import XMLRPCTransport

@Suite struct CredentialDelayTests {
    private static let right = Requests.post(Requests.echo, headers: ["Authorization: Bearer right"])
    private static let wrong = Requests.post(Requests.echo, headers: ["Authorization: Bearer wrong"])
    /// What is delayed so long has not been answered because its time had come.
    private static let forEver = Duration.seconds(10_000)

    private static func run(
        configure: (inout HTTPServerConfiguration) -> Void, _ body: (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.run(authorizer: .only("Bearer right"), configure: configure, body)
    }

    private static func expectServed(_ connection: RawConnection) async throws {
        try connection.send(right)
        #expect(try await connection.receiveAnswer().status == 200)
    }

    private static func wait(for count: Int, delayedBy server: TestServer) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while server.server.delayedAnswerCount != count {
            try #require(ContinuousClock.now < end, "\(server.server.delayedAnswerCount) answers wait, not \(count)")
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    @Test("Wrong credentials are answered after the delay, and nothing more on that connection; missing ones at once")
    func delay() async throws {
        let delay = Duration.milliseconds(200)
        try await Self.run(configure: { $0.wrongCredentialsDelay = delay }) { server in
            let connection = try RawConnection(port: server.port)
            let begin = ContinuousClock.now
            try connection.send(Self.wrong + Self.right)
            let refusal = try await connection.receiveAnswer()
            #expect(ContinuousClock.now - begin >= delay)
            #expect(refusal.status == 401 && refusal.text == "the token is old\n")
            #expect(refusal.headers("WWW-Authenticate").count == 2 && refusal.header("Connection") == "close")
            #expect(try await connection.receiveUntilClosed() == [])
            #expect(server.log.lines.all.count == 1)
            #expect(server.server.delayedAnswerCount == 0)
        }
        try await Self.run(configure: { $0.wrongCredentialsDelay = Self.forEver }) { server in
            let connection = try RawConnection(port: server.port)
            try connection.send(Requests.get("/"))
            #expect(try await connection.receiveAnswer().status == 401)
            try await Self.expectServed(connection)
        }
    }

    @Test("While wrong credentials wait for their answer, right ones are served; the end of the server ends the wait")
    func others() async throws {
        let connections = try await TestServer.run(
            authorizer: .only("Bearer right"),
            configure: { $0.wrongCredentialsDelay = Self.forEver }
        ) { server in
            let waiting = try (0..<4).map { _ in try RawConnection(port: server.port) }
            for connection in waiting { try connection.send(Self.wrong) }
            try await Self.wait(for: 4, delayedBy: server)
            // Whichever event loop they come to.
            for _ in 0..<4 { try await Self.expectServed(RawConnection(port: server.port)) }
            return waiting
        }
        for connection in connections { #expect(try await connection.receiveUntilClosed() == []) }
    }

    @Test("Whoever hangs up or ends its sending while it waits gives its place to the next")
    func hangingUp() async throws {
        try await Self.run(configure: {
            $0.wrongCredentialsDelay = Self.forEver
            $0.wrongCredentialsMax = 100
            $0.wrongCredentialsDelayedMax = 1
        }) { server in
            var first: RawConnection? = try RawConnection(port: server.port)
            try first?.send(Self.wrong)
            try await Self.wait(for: 1, delayedBy: server)
            let second = try RawConnection(port: server.port)
            try second.send(Self.wrong)
            #expect(try await second.receiveAnswer().status == 429)
            #expect(try await second.receiveUntilClosed() == [])
            first = nil
            try await Self.wait(for: 0, delayedBy: server)
            let third = try RawConnection(port: server.port)
            try third.send(Self.wrong)
            try await Self.wait(for: 1, delayedBy: server)
            third.endSending()
            #expect(try await third.receiveUntilClosed() == [])
            try await Self.wait(for: 0, delayedBy: server)
        }
    }

    @Test("A connection that was known and shows wrong credentials waits as any other, and counts as a stranger's")
    func known() async throws {
        try await Self.run(configure: {
            $0.wrongCredentialsDelay = Self.forEver
            $0.unauthenticatedConnectionsMax = 1
        }) { server in
            let connection = try RawConnection(port: server.port)
            try await Self.expectServed(connection)
            try connection.send(Self.wrong)
            try await Self.wait(for: 1, delayedBy: server)
            let stranger = try RawConnection(port: server.port)
            #expect(try await stranger.receiveAnswer().status == 503)
            connection.endSending()
            #expect(try await connection.receiveUntilClosed() == [])
        }
    }

    @Test("Too many wrong credentials of an address are told to it and, once, to the owner; right ones are let in")
    func limit() async throws {
        try await Self.run(configure: {
            $0.wrongCredentialsDelay = .milliseconds(1)
            $0.wrongCredentialsMax = 3
        }) { server in
            func client(_ token: String) -> HTTPClient {
                HTTPClient(
                    host: "127.0.0.1", port: server.port, authorization: "Bearer \(token)", threads: server.threads)
            }
            let (wrong, right) = (client("wrong"), client("right"))
            for _ in 0..<3 {
                await #expect(
                    throws: TransportError.unauthorized(
                        address: "127.0.0.1:\(server.port)", reason: "the token is old")
                ) { try await wrong.call("echo", [], timeout: .seconds(20)) }
            }
            for _ in 0..<3 {
                let error = await #expect(throws: TransportError.self) {
                    try await wrong.call("echo", [], timeout: .seconds(20))
                }
                guard case .httpStatus(429, let text) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(text.hasPrefix("wrong credentials came from this address too often; try again with right ones"))
            }
            #expect(try await right.call("echo", [1], timeout: .seconds(20)) == .int(1))
            let raw = try RawConnection(port: server.port)
            try raw.send(Self.wrong)
            let answer = try await raw.receiveAnswer()
            #expect(answer.status == 429 && answer.header("Connection") == "close")
            #expect((1...60).contains(answer.header("Retry-After").flatMap { Int($0) } ?? 0))
            let elsewhere = try RawConnection(port: server.port, from: "127.0.0.2")
            try elsewhere.send(Self.wrong)
            #expect(try await elsewhere.receiveAnswer().status == 401)
            let told = server.log.lines.all.filter { $0.hasPrefix("warning too many wrong credentials reason=4 wrong") }
            #expect(told.count == 1 && told[0].contains(" s from 127.0.0.1; others from there"), "\(told)")
            await wrong.close()
            await right.close()
        }
    }
}
