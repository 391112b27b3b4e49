import Testing
import XMLRPC
import XMLRPCTransport

@Suite struct LongPollTests {
    @Test("A thousand calls are parked and answered later, each with its own answer, in any order")
    func manyParkedCalls() async throws {
        try await TestServer.run { server in
            let connections = try (0..<1_000).map { index in
                let connection = try RawConnection(port: server.port)
                try connection.send(Requests.post(Requests.document("park", "<int>\(index)</int>")))
                return connection
            }
            let calls = try await server.parked.wait(for: connections.count)
            #expect(Set(calls.map(\.caller.id)).count == connections.count, "caller ids are unique")
            for call in calls.reversed() { call.reply(.success(call.parameter)) }
            for (index, connection) in connections.enumerated() {
                let answer = try await connection.receiveAnswer()
                #expect(try XMLRPCCodec.decodeResponse(answer.body) == .value(.int(Int32(index))))
            }
            #expect(server.abandoned.all == [])
        }
    }

    @Test("A call whose client hangs up is abandoned, once, and its late reply is dropped", arguments: [false, true])
    func abandoned(withReset: Bool) async throws {
        try await TestServer.run { server in
            var connection: RawConnection? = try RawConnection(port: server.port)
            if withReset { connection?.resetWhenReleased() }
            try connection?.send(Requests.post(Requests.document("park", "<int>1</int>")))
            let call = try #require(try await server.parked.wait(for: 1).first)
            connection = nil
            #expect(try await server.abandoned.wait(for: 1) == [call.caller.id])
            call.reply(.success(.nil))
            await server.server.shutdown(grace: .zero)
            #expect(server.abandoned.all == [call.caller.id])
            // Polling clients do so all the time: a line for those who debug.
            #expect(server.log.lines.all == [])
        }
    }

    @Test("A call that has been answered is not abandoned when its client hangs up")
    func answeredIsNotAbandoned() async throws {
        try await TestServer.run { server in
            var connection: RawConnection? = try RawConnection(port: server.port)
            try connection?.send(Requests.post(Requests.document("park", "<int>1</int>")))
            try await server.parked.wait(for: 1)[0].reply(.success(.nil))
            #expect(try await connection?.receiveAnswer().status == 200)
            connection = nil
            await server.server.shutdown(grace: .seconds(20))
            #expect(server.abandoned.all == [])
            #expect(server.log.lines.all == [])
        }
    }

    @Test("A client that sends ahead is answered in order, though the first call is answered last")
    func pipelinedBehindParkedCall() async throws {
        try await TestServer.run { server in
            let connection = try RawConnection(port: server.port)
            let parked = Requests.post(Requests.document("park", "<int>1</int>"))
            try connection.send(parked + String(repeating: Requests.post(Requests.echo), count: 300))
            let call = try #require(try await server.parked.wait(for: 1).first)
            call.reply(.success(.string("first")))
            #expect(try await connection.receiveAnswer().text.contains("first"))
            for _ in 0..<300 { #expect(try await connection.receiveAnswer().text.contains("hello")) }
        }
    }

    @Test("The caller's address and role reach the method")
    func caller() async throws {
        try await TestServer.run(authorizer: .only("Bearer 1", role: "operator")) { server in
            let client = HTTPClient(
                host: "127.0.0.1", port: server.port, authorization: "Bearer 1", threads: server.threads)
            async let answer = client.call("park", [], timeout: .seconds(20))
            let call = try #require(try await server.parked.wait(for: 1).first)
            #expect(call.caller.remoteAddress == "127.0.0.1")
            #expect(call.caller.role == "operator")
            call.reply(.success(.boolean(true)))
            #expect(try await answer == .boolean(true))
            await client.close()
        }
    }
}
