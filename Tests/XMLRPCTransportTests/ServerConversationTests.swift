import Testing
import XMLRPC

@testable import XMLRPCTransport

@Suite struct ServerConversationTests {
    @Test("A call is answered, and the connection can be used again")
    func keepAlive() async throws {
        try await TestServer.run { server in
            let connection = try RawConnection(port: server.port)
            for _ in 0..<3 {
                try connection.send(Requests.post(Requests.echo))
                let answer = try await connection.receiveAnswer()
                #expect(answer.status == 200)
                #expect(answer.header("Content-Type") == "text/xml")
                #expect(answer.header("Date")?.hasSuffix(" GMT") == true)
                #expect(try XMLRPCCodec.decodeResponse(answer.body) == .value(.string("hello")))
            }
            #expect(server.log.lines.all == [])
        }
    }

    @Test("A request that begins right behind another may have a long body of any lines")
    func longBodyBehindAnother() async throws {
        try await TestServer.run { server in
            let connection = try RawConnection(port: server.port)
            let lines = String(repeating: "\n", count: 200_000) + String(repeating: "a", count: 200_000)
            let long = Requests.post(Requests.document("echo", "<string>\(lines)</string>"))
            let head = long.prefix(1_000)
            try connection.send(Requests.post(Requests.echo) + head)
            #expect(try await connection.receiveAnswer().status == 200)
            try connection.send(String(long.dropFirst(1_000)))
            let answer = try await connection.receiveAnswer()
            #expect(answer.status == 200)
            #expect(try XMLRPCCodec.decodeResponse(answer.body) == .value(.string(lines)))
        }
    }

    /// The end of an answer waits in the server when both kernels are full. How much those take is theirs to decide, so
    /// many lengths are tried.
    @Test("A client that ends its sending, or a server that stops, cuts no answer", arguments: [true, false])
    func wholeAnswers(clientEndsSending: Bool) async throws {
        let answer = Route.get("/long/*") { request in
            let byteCount = Int(request.components.last ?? "") ?? 0
            return .bytes([UInt8](repeating: 97, count: byteCount), contentType: "text/plain")
        }
        for byteCount in stride(from: 2_500_000, through: 4_500_000, by: clientEndsSending ? 25_000 : 100_000) {
            let server = try await TestServer.start(routes: [answer])
            let connection = try RawConnection(port: server.port)
            try connection.send(Requests.get("/long/\(byteCount)"))
            if clientEndsSending { connection.endSending() }
            // So long that the answer stands still, as far as one can tell; too short only makes the test weaker.
            try await Task.sleep(for: .milliseconds(30))
            async let stopped: Void = server.server.shutdown(grace: .seconds(30))
            #expect(try await connection.receiveAnswer().body.count == byteCount)
            await stopped
            try await server.threads.shutdown()
        }
    }

    @Test("Long answers that nobody takes have a limit together, and one alone has none")
    func answerBudget() async throws {
        let size = 12_000_000
        let text = Requests.document("echo", "<string>\(String(repeating: "x", count: size))</string>")
        try await TestServer.run(configure: { $0.answersByteCountMax = 1_000_000 }) { server in
            let first = try RawConnection(port: server.port)
            try await onThread { try first.send(Requests.post(text)) }
            let deadline = ContinuousClock.now + .seconds(60)
            while server.server.longAnswerByteCount == 0, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(1))
            }
            let second = try RawConnection(port: server.port)
            try await onThread { try second.send(Requests.post(text)) }
            #expect(try await second.receiveAnswer().status == 503)
            #expect(try await first.receiveAnswer().status == 200)
            // What was taken is given back, perhaps after the client has it all.
            while server.server.longAnswerByteCount > 0, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(1))
            }
            try await onThread { try second.send(Requests.post(text)) }
            #expect(try await second.receiveAnswer().status == 200)
        }
    }

    @Test("A reply that comes after the server has stopped is dropped")
    func lateReply() async throws {
        let server = try await TestServer.start()
        let connection = try RawConnection(port: server.port)
        try connection.send(Requests.post(Requests.document("park", "<int>1</int>")))
        let call = try #require(try await server.parked.wait(for: 1).first)
        try await server.stop()
        call.reply(.success(.nil))
        #expect(try await connection.receiveUntilClosed() == [])
    }

    @Test("Our client calls our server")
    func ownClient() async throws {
        try await TestServer.run { server in
            let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
            let answer = try await client.call("echo", ["hello"], timeout: .seconds(20))
            #expect(answer == .string("hello"))
            await client.close()
        }
    }
}
