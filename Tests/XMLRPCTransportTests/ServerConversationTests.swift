import Testing
import XMLRPC
import XMLRPCTransport

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
