import Testing
import XMLRPC
import XMLRPCTransport

@Suite struct ClientTests {
    @Test("Calls one after another share a connection; calls at once have one each")
    func connections() async throws {
        try await TestServer.run { server in
            let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
            for number in 0..<5 {
                let answer = try await client.call("echo", [.int(Int32(number))], timeout: .seconds(20))
                #expect(answer == .int(Int32(number)))
            }
            try await withThrowingTaskGroup { group in
                for number in 0..<50 {
                    group.addTask { try await client.call("park", [.int(Int32(number))], timeout: .seconds(20)) }
                }
                for call in try await server.parked.wait(for: 50) { call.reply(.success(call.parameter)) }
                var answers: Set<XMLRPCValue> = []
                for try await answer in group { answers.insert(answer) }
                #expect(answers == Set((0..<50).map { .int($0) }))
            }
            await client.close()
            await server.server.shutdown(grace: .seconds(20))
            #expect(server.log.lines.all == [])
        }
    }

    @Test("A fault is thrown as the fault that it is")
    func fault() async throws {
        let method = Method(name: "fail", signatures: [], help: "") { _, _ in
            throw XMLRPCFault(code: 7, message: "no & <never>")
        }
        try await TestServer.run(methods: [method]) { server in
            let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
            await #expect(throws: XMLRPCFault(code: 7, message: "no & <never>")) {
                try await client.call("fail", [], timeout: .seconds(20))
            }
            await client.close()
        }
    }

    @Test("Nobody listening is told from everything else")
    func refused() async throws {
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        let port = try ScriptedServer.freePort()
        let client = HTTPClient(host: "127.0.0.1", port: port, threads: threads)
        await #expect(throws: TransportError.connectionRefused(address: "127.0.0.1:\(port)")) {
            try await client.call("echo", [], timeout: .seconds(20))
        }
        await client.close()
        try await threads.shutdown()
    }

    @Test("A call that isn't answered in time fails, and its connection is closed")
    func timeout() async throws {
        try await TestServer.run { server in
            let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
            let expected = TransportError.timedOut(
                address: "127.0.0.1:\(server.port)", phase: .exchanging, after: .milliseconds(50))
            await #expect(throws: expected) { try await client.call("park", [], timeout: .milliseconds(50)) }
            _ = try await server.abandoned.wait(for: 1)
            let answer = try await client.call("echo", [1], timeout: .seconds(20))
            #expect(answer == .int(1))
            await client.close()
        }
    }

    @Test("Cancelling the task closes the call's connection")
    func cancellation() async throws {
        try await TestServer.run { server in
            let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
            let call = Task { try await client.call("park", [], timeout: .seconds(60)) }
            let parked = try #require(try await server.parked.wait(for: 1).first)
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            #expect(try await server.abandoned.wait(for: 1) == [parked.caller.id])
            await client.close()
        }
    }

    @Test("Closing the client ends its calls, and further ones are refused")
    func close() async throws {
        try await TestServer.run { server in
            let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
            let call = Task { try await client.call("park", [], timeout: .seconds(60)) }
            _ = try await server.parked.wait(for: 1)
            await client.close()
            await #expect(throws: TransportError.clientClosed) { try await call.value }
            await #expect(throws: TransportError.clientClosed) {
                try await client.call("echo", [], timeout: .seconds(20))
            }
        }
    }

    @Test("Wrong credentials are told from everything else, before the body has been read")
    func unauthorized() async throws {
        try await TestServer.run(authorizer: .only("Bearer right")) { server in
            let wrong = HTTPClient(
                host: "127.0.0.1", port: server.port, authorization: "Bearer wrong", threads: server.threads)
            await #expect(
                throws: TransportError.unauthorized(address: "127.0.0.1:\(server.port)", reason: "the token is old")
            ) {
                try await wrong.call("echo", [], timeout: .seconds(20))
            }
            let right = HTTPClient(
                host: "127.0.0.1", port: server.port, authorization: "Bearer right", threads: server.threads)
            let answer = try await right.call("echo", [1], timeout: .seconds(20))
            #expect(answer == .int(1))
            let connection = try RawConnection(port: server.port)
            try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n")
            let refusal = try await connection.receiveAnswer()
            #expect(refusal.status == 401)
            #expect(refusal.headers("WWW-Authenticate").map { $0.prefix(6) } == ["Basic ", "Bearer"])
            #expect(server.log.lines.all.count == 2)
            #expect(!server.log.lines.all.contains { $0.contains("wrong") && $0.contains("Bearer") })
            await wrong.close()
            await right.close()
        }
    }

    @Test("More connections than the client may have are refused")
    func connectionLimit() async throws {
        try await TestServer.run { server in
            var configuration = HTTPClientConfiguration()
            configuration.connectionsMax = 1
            let client = HTTPClient(
                host: "127.0.0.1", port: server.port, threads: server.threads, configuration: configuration)
            let call = Task { try await client.call("park", [], timeout: .seconds(60)) }
            let parked = try #require(try await server.parked.wait(for: 1).first)
            await #expect(throws: TransportError.tooManyConnections(connectionsMax: 1)) {
                try await client.call("echo", [], timeout: .seconds(20))
            }
            parked.reply(.success(.nil))
            _ = try await call.value
            let answer = try await client.call("echo", [1], timeout: .seconds(20))
            #expect(answer == .int(1))
            await client.close()
        }
    }

    @Test("An answer longer than the client reads is refused")
    func longAnswer() async throws {
        try await TestServer.run { server in
            var configuration = HTTPClientConfiguration()
            configuration.answerByteCountMax = 1_000
            let client = HTTPClient(
                host: "127.0.0.1", port: server.port, threads: server.threads, configuration: configuration)
            await #expect(throws: TransportError.answerTooLong(byteCountMax: 1_000)) {
                try await client.call("echo", [.string(String(repeating: "a", count: 1_000))], timeout: .seconds(20))
            }
            let answer = try await client.call("echo", [1], timeout: .seconds(20))
            #expect(answer == .int(1))
            await client.close()
        }
    }

    @Test("A part of a path is encoded so that the server reads the same text")
    func percentEncoding() {
        #expect(HTTPClient.percentEncoded("az AZ09-._~/%é") == "az%20AZ09-._~%2F%25%C3%A9")
    }
}
