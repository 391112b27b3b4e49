import Synchronization
import Testing
import XMLRPC
import XMLRPCTransport

@Suite struct FileTests {
    private static let content = patterned(100_000)

    /// GET /file: 80,000 bytes of a file, from its byte 10,000 on.
    private static func fileRoute(_ file: ScratchFile) -> Route {
        .get("/file") { _ in .file(FileAnswer(descriptor: try file.duplicate(), offset: 10_000, byteCount: 80_000)) }
    }

    /// GET /file: the same bytes from memory.
    private static let memoryRoute = Route.get("/file") { _ in
        .memory(MemoryAnswer(FileTests.content, range: 10_000..<90_000, entityTag: "tag"))
    }

    private struct RangeCase: Sendable {
        let header: String
        let status: Int
        let range: Range<Int>?
    }

    @Test(
        "One range of a file is sent, what can't be understood is ignored, what doesn't exist is refused",
        arguments: [
            ("bytes=0-0", 206, 0..<1), ("bytes=100-199", 206, 100..<200), ("bytes=79990-", 206, 79_990..<80_000),
            ("bytes=-10", 206, 79_990..<80_000), ("bytes=-90000", 206, 0..<80_000), ("Bytes=0-99999", 206, 0..<80_000),
            ("bytes=80000-", 416, nil), ("bytes=80000-80001", 416, nil), ("bytes=-0", 416, nil),
            ("bytes=99999999999999999999-", 416, nil),
            ("bytes=5-4", 200, 0..<80_000), ("bytes=0-1,3-4", 200, 0..<80_000), ("bytes=a-b", 200, 0..<80_000),
            ("lines=0-1", 200, 0..<80_000), ("bytes=-", 200, 0..<80_000), ("bytes=1", 200, 0..<80_000),
        ] as [(String, Int, Range<Int>?)])
    func ranges(header: String, status: Int, range: Range<Int>?) async throws {
        let file = try ScratchFile(FileTests.content)
        for (isFile, route) in [(true, FileTests.fileRoute(file)), (false, FileTests.memoryRoute)] {
            try await TestServer.run(routes: [route]) { server in
                let connection = try RawConnection(port: server.port)
                for method in ["HEAD", "GET"] {
                    try connection.send(Requests.get("/file", headers: ["Range: \(header)"], method: method))
                    let answer = try await connection.receiveAnswer(toHead: method == "HEAD")
                    #expect(answer.status == status)
                    if status != 416 { #expect(answer.header("ETag") == (isFile ? nil : "\"tag\"")) }
                    if let range, status == 206 {
                        #expect(
                            answer.header("Content-Range") == "bytes \(range.lowerBound)-\(range.upperBound - 1)/80000")
                    }
                    if status == 416 { #expect(answer.header("Content-Range") == "bytes */80000") }
                    if let range {
                        #expect(answer.header("Content-Length") == "\(range.count)")
                        let expected = FileTests.content[(range.lowerBound + 10_000)..<(range.upperBound + 10_000)]
                        if method == "GET" { #expect(answer.body == Array(expected)) }
                    }
                }
            }
        }
    }

    @Test("Bytes in memory go through whole, and a client that goes away in their middle is noticed")
    func largeMemory() async throws {
        let content = patterned(9 << 20)
        let route = Route.get("/large") { _ in .memory(MemoryAnswer(content)) }
        try await TestServer.run(routes: [route]) { server in
            for _ in 0..<3 {
                let connection = try RawConnection(port: server.port)
                try connection.send(Requests.get("/large"))
                #expect(try await connection.receiveAnswer(toHead: true).status == 200)
            }
            _ = try await server.log.lines.wait(for: 3)
            let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
            let copy = try ScratchFile()
            #expect(try await client.get("/large", into: copy.descriptor, at: 0, timeout: .seconds(60)) == 9 << 20)
            #expect(try copy.contents() == content)
            await client.close()
        }
    }

    @Test("The client fetches a file, or a part, to where it is wanted in another")
    func fetch() async throws {
        let file = try ScratchFile(FileTests.content)
        try await TestServer.run(routes: [FileTests.fileRoute(file)]) { server in
            let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
            let copy = try ScratchFile()
            let whole = try await client.get("/file", into: copy.descriptor, at: 5, timeout: .seconds(20))
            #expect(whole == 80_000)
            #expect(try copy.contents() == [0, 0, 0, 0, 0] + FileTests.content[10_000..<90_000])
            let part = try ScratchFile()
            let count = try await client.get(
                "/file", range: 100..<200, into: part.descriptor, at: 0, timeout: .seconds(20))
            #expect(count == 100)
            #expect(try part.contents() == Array(FileTests.content[10_100..<10_200]))
            await #expect(throws: TransportError.httpStatus(416, "the range does not exist")) {
                try await client.get(
                    "/file", range: 80_000..<80_001, into: part.descriptor, at: 0, timeout: .seconds(20))
            }
            await #expect(throws: TransportError.self, "a range that is cut short is an error") {
                try await client.get(
                    "/file", range: 79_999..<80_001, into: part.descriptor, at: 0, timeout: .seconds(20))
            }
            await client.close()
        }
    }

    @Test("A large file goes through whole, both ways, and no descriptor is left open")
    func largeFile() async throws {
        let content = patterned(9 << 20)
        let file = try ScratchFile(content)
        let stored = try ScratchFile()
        let routes: [Route] = [
            .get("/large") { _ in .file(FileAnswer(descriptor: try file.duplicate(), offset: 0, byteCount: 9 << 20)) },
            UploadRecorder(stored).route(byteCountMax: 1 << 30),
        ]
        try await TestServer.run(routes: routes) { server in
            let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
            let copy = try ScratchFile()
            #expect(try await client.get("/large", into: copy.descriptor, at: 0, timeout: .seconds(60)) == 9 << 20)
            #expect(try copy.contents() == content)
            let status = try await client.put(
                "/upload", from: copy.descriptor, offset: 1, byteCount: (9 << 20) - 1, timeout: .seconds(60))
            #expect(status == 201)
            #expect(try stored.contents() == Array(content[1...]))
            await client.close()
        }
    }

    @Test("A client that goes away in the middle of a file leaves no descriptor open")
    func fetchCutOff() async throws {
        let file = try ScratchFile(patterned(9 << 20))
        let closed = EventList<Void>()
        let before = openDescriptorCount()
        let route = Route.get("/large") { _ in
            .file(FileAnswer(descriptor: try file.duplicate(), offset: 0, byteCount: 9 << 20))
        }
        try await TestServer.run(routes: [route]) { server in
            for _ in 0..<5 {
                let connection = try RawConnection(port: server.port)
                try connection.send(Requests.get("/large"))
                #expect(try await connection.receiveAnswer(toHead: true).status == 200)
            }
            _ = try await server.log.lines.wait(for: 5)
            closed.append(())
        }
        // Other tests run beside this one and have descriptors open too: only a leak shows every time.
        var after = openDescriptorCount()
        for _ in 0..<200 where after > before {
            try await Task.sleep(for: .milliseconds(10))
            after = openDescriptorCount()
        }
        #expect(after <= before + 40)
    }

    @Test("A route that fails is a 500 that says nothing of the cause")
    func failingRoute() async throws {
        struct Secret: Error {}
        try await TestServer.run(routes: [.get("/") { _ in throw Secret() }]) { server in
            let connection = try RawConnection(port: server.port)
            try connection.send(Requests.get("/"))
            let answer = try await connection.receiveAnswer()
            #expect(answer.status == 500)
            #expect(!answer.text.contains("Secret"))
            #expect(server.log.lines.all.count == 1)
        }
    }

    @Test("A route learns its part of the path, the query, and the headers")
    func routeRequest() async throws {
        let requests = EventList<RouteRequest>()
        let route = Route.get("/below/*") { request in
            requests.append(request)
            return .status(200, "ok")
        }
        try await TestServer.run(routes: [route]) { server in
            let connection = try RawConnection(port: server.port)
            try connection.send(
                Requests.get("/below/a%20b/%C3%A9/?x=1&y=a+b%26&x=2&z", headers: ["X-Wanted: yes"], method: "HEAD"))
            #expect(try await connection.receiveAnswer(toHead: true).status == 200)
            let request = try #require(requests.all.first)
            #expect(request.components == ["a b", "é"])
            #expect(request.query == ["x": "2", "y": "a b&", "z": ""])
            #expect(request.header("x-wanted") == "yes")
            #expect(request.isHead)
            #expect(request.remoteAddress == "127.0.0.1")
        }
    }
}
