import Testing
import XMLRPC
import XMLRPCTransport

@Suite struct DeadlineTests {
    @Test("A header block that drips is refused when its deadline passes, however often a byte comes")
    func slowHeaders() async throws {
        try await TestServer.run(configure: { $0.headerDeadline = .milliseconds(200) }) { server in
            let connection = try RawConnection(port: server.port)
            let begin = ContinuousClock.now
            async let dripping: Void = onThread {
                // Ends when the server closes the connection.
                for byte in Array("GET / HTTP/1.1\r\nX: ".utf8) + [UInt8](repeating: 97, count: 10_000) {
                    do { try connection.send([byte]) } catch { return }
                    pause(milliseconds: 20)
                }
            }
            #expect(try await connection.receiveAnswer().status == 408)
            #expect(ContinuousClock.now - begin < .seconds(10))
            try await dripping
            #expect(server.log.lines.all.count == 1)
        }
    }

    @Test("A body slower than the minimum rate is refused")
    func slowBody() async throws {
        try await TestServer.run(configure: { $0.bodyWindow = .milliseconds(100) }) { server in
            let connection = try RawConnection(port: server.port)
            try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n<")
            let answer = try await connection.receiveAnswer()
            #expect(answer.status == 408)
            #expect(try await connection.receiveUntilClosed() == [])
            #expect(server.log.lines.all.count == 1)
        }
    }

    @Test("A body at a good rate may take many windows")
    func steadyBody() async throws {
        try await TestServer.run(configure: {
            $0.bodyWindow = .milliseconds(200)
            $0.bodyByteRateMin = 5
        }) { server in
            let port = server.port
            let connection = try RawConnection(port: port)
            try await onThread {
                let body = Array(Requests.document("echo", String(repeating: "a", count: 400)).utf8)
                try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
                for start in stride(from: 0, to: body.count, by: 10) {
                    try connection.send(Array(body[start..<min(start + 10, body.count)]))
                    pause(milliseconds: 20)
                }
            }
            #expect(try await connection.receiveAnswer().status == 200)
        }
    }

    @Test("An idle connection is closed without a word, before and after a request")
    func idle() async throws {
        try await TestServer.run(configure: { $0.idleTimeout = .milliseconds(100) }) { server in
            let fresh = try RawConnection(port: server.port)
            let used = try RawConnection(port: server.port)
            try used.send(Requests.post(Requests.echo))
            #expect(try await used.receiveAnswer().status == 200)
            #expect(try await fresh.receiveUntilClosed() == [])
            #expect(try await used.receiveUntilClosed() == [])
            #expect(server.log.lines.all == [])
        }
    }

    @Test("A parked call outlives the deadlines of everything else")
    func parkedCallHasNoDeadline() async throws {
        try await TestServer.run(configure: {
            $0.idleTimeout = .milliseconds(30)
            $0.headerDeadline = .milliseconds(30)
            $0.bodyWindow = .milliseconds(30)
            $0.answerStallMax = .milliseconds(30)
        }) { server in
            let connection = try RawConnection(port: server.port)
            try connection.send(Requests.post(Requests.document("park", "<int>1</int>")))
            let call = try #require(try await server.parked.wait(for: 1).first)
            // Other connections come and are closed by every deadline there is, in this time.
            for _ in 0..<3 { #expect(try await RawConnection(port: server.port).receiveUntilClosed() == []) }
            call.reply(.success(.string("late")))
            #expect(try await connection.receiveAnswer().text.contains("late"))
        }
    }

    @Test("A client that does not take its answer is cut off")
    func stalledAnswer() async throws {
        let large = Route.get("/large") { _ in
            .bytes([UInt8](repeating: 97, count: 32 << 20), contentType: "text/plain")
        }
        try await TestServer.run(routes: [large], configure: { $0.answerStallMax = .milliseconds(30) }) { server in
            let connection = try RawConnection(port: server.port)
            try connection.send(Requests.get("/large"))
            _ = try await server.log.lines.wait(for: 1)
            #expect(try await connection.receiveUntilClosed().count < 32 << 20)
            #expect(server.log.lines.all.count == 1)
        }
    }
}
