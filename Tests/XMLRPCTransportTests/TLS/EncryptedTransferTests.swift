import KeyPins
import Certificates
import Testing
import XMLRPC
@testable import XMLRPCTransport

@Suite struct EncryptedTransferTests {
    private static func client(
        _ server: TestServer, _ certificate: SelfSigned, pin: KeyPin? = nil
    ) throws -> HTTPClient {
        let pin = try pin ?? certificate.identity().pin
        return HTTPClient(
            host: "127.0.0.1", port: server.port, threads: server.threads, tls: try ClientTLS(trust: .pins([pin])))
    }

    @Test("Calls go through TLS to a server whose key is known, over one connection and over many at a time")
    func calls() async throws {
        let certificate = try TLSSamples.certificate(names: ["elsewhere.example"])
        let tls = try TLSSamples.server(certificate)
        try await TestServer.run(configure: { $0.tls = tls }) { (server) async throws in
            let client = try Self.client(server, certificate)
            let long = String(repeating: "0123456789", count: 100_000)
            for text in ["", "hello", long] {
                #expect(try await client.call("echo", [.string(text)], timeout: .seconds(20)) == .string(text))
            }
            try await withThrowingTaskGroup(of: XMLRPCValue.self) { group in
                for index in 0..<64 {
                    group.addTask { try await client.call("echo", [.int(Int32(index))], timeout: .seconds(60)) }
                }
                var answers: [XMLRPCValue] = []
                for try await answer in group { answers.append(answer) }
                #expect(answers.count == 64)
            }
            await client.close()
            #expect(server.log.lines.all == [])
        }
    }

    @Test("A call that is parked is answered later, and one whose client goes away is told to be abandoned")
    func parkedCalls() async throws {
        let certificate = try TLSSamples.certificate()
        let tls = try TLSSamples.server(certificate)
        try await TestServer.run(configure: { $0.tls = tls }) { (server) async throws in
            let client = try Self.client(server, certificate)
            async let answer = client.call("park", ["x"], timeout: .seconds(60))
            try await server.parked.wait(for: 1)[0].reply(.success("later"))
            #expect(try await answer == "later")
            let cancelled = Task { try await client.call("park", ["y"], timeout: .seconds(60)) }
            let parked = try await server.parked.wait(for: 2)[1]
            cancelled.cancel()
            #expect(try await server.abandoned.wait(for: 1) == [parked.caller.id])
            await client.close()
        }
    }

    @Test("Files go through TLS whole, both ways, in parts, and from their middle")
    func files() async throws {
        let content = patterned(9 << 20)
        let (file, stored) = (try ScratchFile(content), try ScratchFile())
        let routes: [Route] = [
            .get("/large") { _ in .file(FileAnswer(descriptor: try file.duplicate(), offset: 0, byteCount: 9 << 20)) },
            UploadRecorder(stored).route(byteCountMax: 1 << 30),
        ]
        let certificate = try TLSSamples.certificate()
        let tls = try TLSSamples.server(certificate)
        try await TestServer.run(routes: routes, configure: { $0.tls = tls }) { (server) async throws in
            let client = try Self.client(server, certificate)
            let copy = try ScratchFile()
            #expect(try await client.get("/large", into: copy.descriptor, at: 0, timeout: .seconds(60)) == 9 << 20)
            #expect(try copy.contents() == content)
            let part = try ScratchFile()
            let range: Range<Int64> = 262_143..<524_290
            let count = try await client.get(
                "/large", range: range, into: part.descriptor, at: 3, timeout: .seconds(60))
            #expect(count == Int64(range.count))
            #expect(try part.contents() == [0, 0, 0] + content[262_143..<524_290])
            let status = try await client.put(
                "/upload", from: copy.descriptor, offset: 1, byteCount: (9 << 20) - 1, timeout: .seconds(60))
            #expect(status == 201)
            #expect(try stored.contents() == Array(content[1...]))
            await client.close()
            #expect(server.log.lines.all == [])
        }
    }

    @Test("Answers of any length arrive whole through TLS, and the connection goes on after each")
    func longAnswers() async throws {
        let route = Route.get("/long/*") { request in
            .bytes(patterned(Int(request.components.last ?? "") ?? 0), contentType: "text/plain")
        }
        let certificate = try TLSSamples.certificate()
        let tls = try TLSSamples.server(certificate)
        try await TestServer.run(routes: [route], configure: { $0.tls = tls }) { (server) async throws in
            let client = try Self.client(server, certificate)
            let piece = ServerConnection.pieceByteCountMax
            // Heads are between 100 and 200 bytes long.
            for byteCount in [0, piece - 200, piece - 100, piece, piece + 1, 2 * piece - 150, 5 * piece, 10_000_000] {
                let answer = try await client.get(
                    "/long/\(byteCount)", byteCountMax: byteCount + 1, timeout: .seconds(60))
                #expect(answer == patterned(byteCount))
            }
            let text = XMLRPCValue.string(String(repeating: "x", count: 3 * piece))
            for _ in 0..<2 { #expect(try await client.call("echo", [text], timeout: .seconds(60)) == text) }
            await client.close()
            #expect(server.log.lines.all == [])
        }
    }

    @Test("A client that goes away in the middle of a long answer through TLS leaves nothing of it")
    func abandonedAnswer() async throws {
        let certificate = try TLSSamples.certificate()
        let tls = try TLSSamples.server(certificate)
        let script = """
            import socket, ssl, sys
            body = "<methodCall><methodName>echo</methodName><params><param><value>%s</value></param></params></methodCall>"
            body = (body % ("x" * 12000000)).encode()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))))
            head = "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Type: text/xml\\r\\nContent-Length: %d\\r\\n\\r\\n"
            connection.sendall((head % len(body)).encode() + body)
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
            """
        try await TestServer.run(configure: { $0.tls = tls }) { (server) async throws in
            try await Tool.succeed(["python3", "-c", script, "\(server.port)"])
            _ = try await server.log.lines.wait(for: 1)
            let deadline = ContinuousClock.now + .seconds(20)
            while server.server.longAnswerByteCount > 0, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(1))
            }
            #expect(server.server.longAnswerByteCount == 0)
        }
    }

    @Test("A file that is shorter than was said ends the connection and not the server")
    func shortFile() async throws {
        let file = try ScratchFile(patterned(300_000))
        let route = Route.get("/short") { _ in
            .file(FileAnswer(descriptor: try file.duplicate(), offset: 0, byteCount: 400_000))
        }
        let certificate = try TLSSamples.certificate()
        let tls = try TLSSamples.server(certificate)
        try await TestServer.run(routes: [route], configure: { $0.tls = tls }) { (server) async throws in
            let client = try Self.client(server, certificate)
            let copy = try ScratchFile()
            await #expect(throws: TransportError.closed(address: client.address)) {
                try await client.get("/short", into: copy.descriptor, at: 0, timeout: .seconds(60))
            }
            #expect(try await server.log.lines.wait(for: 1)[0].contains("sending failed: the file ends at 300000"))
            #expect(try await client.call("echo", [1], timeout: .seconds(20)) == 1)
            await client.close()
        }
    }

    @Test("A server that stops answers over TLS what it is working on, and then closes")
    func shutdown() async throws {
        let certificate = try TLSSamples.certificate()
        let tls = try TLSSamples.server(certificate)
        let server = try await TestServer.start(configure: { $0.tls = tls })
        let client = try Self.client(server, certificate)
        async let answer = client.call("park", ["x"], timeout: .seconds(60))
        let parked = try await server.parked.wait(for: 1)[0]
        async let stopped: Void = server.server.shutdown(grace: .seconds(60))
        parked.reply(.success("done"))
        #expect(try await answer == "done")
        await stopped
        await client.close()
        try await server.stop()
    }

    @Test("A refusal arrives through TLS even when the client is still sending")
    func refusal() async throws {
        let certificate = try TLSSamples.certificate()
        let tls = try TLSSamples.server(certificate)
        try await TestServer.run(configure: {
            $0.tls = tls; $0.bodyByteCountMax = 1_000
        }) { (server) async throws in
            let client = try Self.client(server, certificate)
            let error = await #expect(throws: TransportError.self) {
                try await client.call(
                    "echo", [.string(String(repeating: "x", count: 1 << 20))], timeout: .seconds(20))
            }
            #expect(error == .httpStatus(413, "the body is longer than 1000 bytes"))
            await client.close()
        }
    }
}
