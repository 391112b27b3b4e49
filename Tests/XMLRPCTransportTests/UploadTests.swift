import Testing
import XMLRPC
import XMLRPCTransport

@Suite struct UploadTests {
    private func withRecorder(
        byteCountMax: Int64 = 1_000, configure: (inout HTTPServerConfiguration) -> Void = { _ in },
        _ body: (TestServer, UploadRecorder) async throws -> Void
    ) async throws {
        let recorder = UploadRecorder(try ScratchFile())
        try await TestServer.run(
            routes: [recorder.route(byteCountMax: byteCountMax)],
            configure: configure
        ) { try await body($0, recorder) }
        #expect(
            recorder.opened.all.count == recorder.finished.all.count + recorder.discarded.all.count,
            "each upload ends once")
    }

    private func put(_ headers: [String]) -> String {
        (["PUT /upload HTTP/1.1", "Host: a"] + headers).joined(separator: "\r\n") + "\r\n\r\n"
    }

    @Test("An upload with a length, and one in chunks, are stored, over one connection")
    func stored() async throws {
        try await withRecorder { server, recorder in
            let connection = try RawConnection(port: server.port)
            try connection.send(put(["Content-Length: 5"]) + "hello")
            #expect(try await connection.receiveAnswer().status == 201)
            try connection.send(put(["Transfer-Encoding: chunked"]) + "3\r\nhel\r\n4\r\nlo!!\r\n0\r\n\r\n")
            #expect(try await connection.receiveAnswer().status == 201)
            #expect(recorder.opened.all == [5, nil])
            #expect(recorder.finished.all == [5, 7])
            #expect(try recorder.file.contents() == Array("hello!!".utf8))
        }
    }

    @Test("100 is sent when the route has accepted, before the body")
    func expectContinue() async throws {
        try await withRecorder { server, recorder in
            let connection = try RawConnection(port: server.port)
            try connection.send(put(["Content-Length: 5", "Expect: 100-continue"]))
            #expect(try await connection.receiveAnswer().status == 100)
            #expect(recorder.opened.all == [5])
            try connection.send("hello")
            #expect(try await connection.receiveAnswer().status == 201)
        }
    }

    @Test("An upload that announces too much is refused before its body, and one that brings too much in its middle")
    func tooLong() async throws {
        try await withRecorder { server, recorder in
            let announced = try RawConnection(port: server.port)
            try announced.send(put(["Content-Length: 1001"]))
            #expect(try await announced.receiveAnswer().status == 413)
            let chunked = try RawConnection(port: server.port)
            try chunked.send(put(["Transfer-Encoding: chunked"]))
            for _ in 0..<3 { try chunked.send("190\r\n" + String(repeating: "a", count: 400) + "\r\n") }
            #expect(try await chunked.receiveAnswer().status == 413)
            #expect(try await chunked.receiveUntilClosed() == [])
            _ = try await recorder.discarded.wait(for: 2)
            #expect(recorder.finished.all == [])
        }
    }

    @Test("A client that goes away early has its upload discarded", arguments: [false, true])
    func earlyClose(withReset: Bool) async throws {
        try await withRecorder { server, recorder in
            var connection: RawConnection? = try RawConnection(port: server.port)
            if withReset { connection?.resetWhenReleased() }
            try connection?.send(put(["Content-Length: 500"]) + "hello")
            _ = try await recorder.opened.wait(for: 1)
            connection = nil
            _ = try await recorder.discarded.wait(for: 1)
            #expect(recorder.finished.all == [])
            _ = try await server.log.lines.wait(for: 1)
            #expect(server.log.lines.all.count == 1)
        }
    }

    @Test("An upload that is too slow is discarded")
    func slow() async throws {
        try await withRecorder(configure: { $0.bodyWindow = .milliseconds(50) }) { server, recorder in
            let connection = try RawConnection(port: server.port)
            try connection.send(put(["Content-Length: 500"]) + "hello")
            #expect(try await connection.receiveAnswer().status == 408)
            _ = try await recorder.discarded.wait(for: 1)
        }
    }

    @Test("An upload that can't be stored is answered with 507 and discarded")
    func fullDisk() async throws {
        let discarded = EventList<Bool>()
        let route = Route.put("/upload") { _ in
            // Every write to this device fails as on a full disk.
            let descriptor = try openForWriting("/dev/full")
            return .accept(
                Upload(
                    descriptor: descriptor, byteCountMax: 1_000, finish: { _ in .status(201, "stored") },
                    discard: {
                        closeDescriptor(descriptor)
                        discarded.append(true)
                    }))
        }
        try await TestServer.run(routes: [route]) { server in
            let connection = try RawConnection(port: server.port)
            try connection.send(put(["Content-Length: 5"]) + "hello")
            #expect(try await connection.receiveAnswer().status == 507)
            _ = try await discarded.wait(for: 1)
        }
    }

    /// Takes so many bytes, and no more.
    private struct FullDestination: BodyDestination {
        let byteCountMax: Int64

        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws {
            guard offset + Int64(bytes.count) <= byteCountMax else { throw BodyRefusal(507, "no room for it") }
        }
    }

    @Test("A destination that takes no more is heard, in its own words, and its upload is discarded")
    func refusedByDestination() async throws {
        let discarded = EventList<Bool>()
        let route = Route.put("/upload") { _ in
            .accept(
                Upload(
                    to: FullDestination(byteCountMax: 3), byteCountMax: 1_000, finish: { _ in .status(201, "stored") },
                    discard: { discarded.append(true) }))
        }
        try await TestServer.run(routes: [route]) { server in
            let connection = try RawConnection(port: server.port)
            try connection.send(put(["Content-Length: 5"]) + "hello")
            let answer = try await connection.receiveAnswer()
            #expect(answer.status == 507 && answer.text.contains("no room for it"))
            _ = try await discarded.wait(for: 1)
            let fitting = try RawConnection(port: server.port)
            try fitting.send(put(["Content-Length: 3"]) + "hel")
            #expect(try await fitting.receiveAnswer().status == 201)
        }
    }

    @Test("An answer for which others are asked first is sent when it is there; a failed one is a 500")
    func laterAnswer() async throws {
        struct Trouble: Error {}
        let (asked, tell) = AsyncStream<Void>.makeStream()
        let routes: [Route] = [
            .get("/later") { _ in
                .later {
                    for await _ in asked { break }
                    return .bytes([1, 2, 3], contentType: "text/plain")
                }
            },
            .get("/never") { _ in .later { throw Trouble() } },
        ]
        try await TestServer.run(routes: routes) { server in
            let connection = try RawConnection(port: server.port)
            try connection.send(Requests.get("/later"))
            let other = try RawConnection(port: server.port)
            try other.send(Requests.get("/never"))
            #expect(try await other.receiveAnswer().status == 500)
            tell.yield()
            #expect(try await connection.receiveAnswer().body == [1, 2, 3])
        }
    }

    @Test("The client learns why its upload was refused while it is still sending")
    func refusedWhileSending() async throws {
        let large = try ScratchFile(patterned(12 << 20))
        try await withRecorder { server, recorder in
            let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
            await #expect(throws: TransportError.httpStatus(413, "the body is longer than 1000 bytes")) {
                try await client.put("/upload", from: large.descriptor, byteCount: 12 << 20, timeout: .seconds(20))
            }
            let answer = try await client.call("echo", [1], timeout: .seconds(20))
            #expect(answer == .int(1), "the client goes on")
            await client.close()
        }
    }
}
