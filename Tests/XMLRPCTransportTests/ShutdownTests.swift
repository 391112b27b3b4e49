import Testing
import XMLRPC
import XMLRPCTransport

@Suite struct ShutdownTests {
    @Test("Idle and half-sent connections don't hold up a shutdown, and what is being worked on is answered")
    func graceful() async throws {
        try await TestServer.run { server in
            let idle = try RawConnection(port: server.port)
            let halfHead = try RawConnection(port: server.port)
            try halfHead.send("POST / HTTP/1.1\r\nHo")
            let halfBody = try RawConnection(port: server.port)
            try halfBody.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n<method")
            let working = try RawConnection(port: server.port)
            try working.send(Requests.post(Requests.document("park", "<int>1</int>")))
            let call = try #require(try await server.parked.wait(for: 1).first)

            async let stopped: Void = server.server.shutdown(grace: .seconds(60))
            for connection in [idle, halfHead, halfBody] { #expect(try await connection.receiveUntilClosed() == []) }
            #expect(throws: RawConnection.Failure.self) { try RawConnection(port: server.port) }
            call.reply(.success(.string("last")))
            let answer = try await working.receiveAnswer()
            #expect(answer.text.contains("last"))
            #expect(answer.header("Connection") == "close")
            #expect(try await working.receiveUntilClosed() == [])
            await stopped
            #expect(server.abandoned.all == [])
        }
    }

    @Test("What is still being worked on after the grace period is cut off and reported")
    func hardStop() async throws {
        try await TestServer.run { server in
            let connection = try RawConnection(port: server.port)
            try connection.send(Requests.post(Requests.document("park", "<int>1</int>")))
            let call = try #require(try await server.parked.wait(for: 1).first)
            await server.server.shutdown(grace: .milliseconds(50))
            #expect(server.abandoned.all == [call.caller.id])
            #expect(try await connection.receiveUntilClosed() == [])
        }
    }

    @Test("A second shutdown, and one without any connection, end at once")
    func repeated() async throws {
        try await TestServer.run { server in
            await server.server.shutdown(grace: .seconds(60))
            await server.server.shutdown(grace: .seconds(60))
        }
    }

    @Test("A port in use and a bad address are told apart")
    func bindErrors() async throws {
        try await TestServer.run { server in
            func error(host: String, port: Int) async -> BindError? {
                do {
                    _ = try await HTTPServer.start(
                        HTTPServerConfiguration(host: host, port: port), methods: MethodTable([]),
                        threads: server.threads, logger: server.log.logger)
                    return nil
                } catch {
                    return error as? BindError
                }
            }
            let inUse = await error(host: "127.0.0.1", port: server.port)
            #expect(inUse?.reason == .inUse)
            #expect(
                inUse?.description
                    == "port \(server.port) on 127.0.0.1 is in use; choose another with --listen HOST:PORT, or port 0")
            #expect(await error(host: "192.0.2.1", port: 0)?.reason == .badAddress)
        }
    }
}
