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
