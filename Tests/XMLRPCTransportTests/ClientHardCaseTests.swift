import Testing
import XMLRPC
import XMLRPCTransport

@Suite struct ClientHardCaseTests {
    private static let document =
        "<methodResponse><params><param><value><int>1</int></value></param></params></methodResponse>"
    private static let good = answer(document)

    private static func answer(_ body: String, status: String = "200 OK", headers: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
    }

    private func withClient(
        _ connections: [[String?]], _ body: (HTTPClient, _ address: String) async throws -> Void
    ) async throws {
        let server = try ScriptedServer(connections)
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: threads)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(client, "127.0.0.1:\(server.port)"))
        } catch {
            result = .failure(error)
        }
        await client.close()
        try await threads.shutdown()
        try result.get()
    }

    @Test("The charset of an answer's type goes before what its document says")
    func charset() async throws {
        let document =
            "<?xml version='1.0' encoding='utf-8'?>"
            + "<methodResponse><params><param><value>é</value></param></params></methodResponse>"
        let types = ["text/xml; charset=ISO-8859-1", "application/xml", "text/xml; charset=\"utf-8\""]
        let answers = types.map { Self.answer(document, headers: "Content-Type: \($0)\r\n") }
        try await withClient([answers]) { client, _ in
            for text in ["Ã©", "é", "é"] {
                let answer = try await client.call("m", [], timeout: .seconds(20))
                #expect(answer == .string(text))
            }
        }
    }

    @Test("A call over an idle connection that the server closes is made again, once, over a new one")
    func reuseRace() async throws {
        try await withClient([[Self.good, nil], [Self.good]]) { client, _ in
            for _ in 0..<2 {
                let answer = try await client.call("m", [], timeout: .seconds(20))
                #expect(answer == .int(1))
            }
        }
    }

    @Test("It is not made again when the caller forbids it")
    func reuseRaceForbidden() async throws {
        try await withClient([[Self.good, nil], [Self.good]]) { client, address in
            _ = try await client.call("m", [], timeout: .seconds(20))
            await #expect(throws: TransportError.closed(address: address)) {
                try await client.call("m", [], timeout: .seconds(20), retry: .never)
            }
        }
    }

    @Test("It is not made a third time")
    func reuseRaceTwice() async throws {
        try await withClient([[Self.good, nil], [nil], [Self.good]]) { client, address in
            _ = try await client.call("m", [], timeout: .seconds(20))
            await #expect(throws: TransportError.closed(address: address)) {
                try await client.call("m", [], timeout: .seconds(20))
            }
        }
    }

    @Test(
        "A call whose answer had begun, or that had a new connection, is not made again",
        arguments: ["HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<method"])
    func cutAnswer(_ beginning: String) async throws {
        try await withClient([[Self.good, beginning], [Self.good]]) { client, address in
            _ = try await client.call("m", [], timeout: .seconds(20))
            await #expect(throws: TransportError.closed(address: address)) {
                try await client.call("m", [], timeout: .seconds(20))
            }
        }
        try await withClient([[nil], [Self.good]]) { client, address in
            await #expect(throws: TransportError.closed(address: address)) {
                try await client.call("m", [], timeout: .seconds(20))
            }
        }
    }

    @Test("A connection that the server wants closed is not used again")
    func connectionClose() async throws {
        let closing = Self.answer(Self.document, headers: "Connection: close\r\n")
        try await withClient([[closing], [closing]]) { client, _ in
            for _ in 0..<2 {
                let answer = try await client.call("m", [], timeout: .seconds(20), retry: .never)
                #expect(answer == .int(1))
            }
        }
    }

    @Test("An answer without a length ends with its connection; one that comes after 1xx counts")
    func unusualAnswers() async throws {
        let untilClosed = "HTTP/1.1 200 OK\r\n\r\n" + Self.document
        let afterContinue = "HTTP/1.1 100 Continue\r\n\r\n" + Self.good
        try await withClient([[untilClosed], [afterContinue]]) { client, _ in
            for _ in 0..<2 {
                let answer = try await client.call("m", [], timeout: .seconds(20))
                #expect(answer == .int(1))
            }
        }
    }

    @Test("A status that is no success is thrown with the beginning of its text, escaped")
    func status() async throws {
        try await withClient([[Self.answer("no\u{1b}[31m\nmore", status: "503 Service Unavailable")]]) { client, _ in
            await #expect(throws: TransportError.httpStatus(503, "no\\x1b[31m")) {
                try await client.call("m", [], timeout: .seconds(20))
            }
        }
    }

    @Test("What isn't HTTP, and what isn't XML-RPC, is told")
    func nonsense() async throws {
        try await withClient([["SSH-2.0-OpenSSH\r\n"]]) { client, _ in
            let error = await #expect(throws: TransportError.self) {
                try await client.call("m", [], timeout: .seconds(20))
            }
            guard case .malformedAnswer? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        try await withClient([[Self.answer("<html>")]]) { client, _ in
            await #expect(throws: XMLRPCFault.self) { try await client.call("m", [], timeout: .seconds(20)) }
        }
    }

    @Test(
        "A file that comes short, without the range, or with another, is an error",
        arguments: [
            answer("0123456789"), answer("01234", status: "206 Partial Content"),
            answer("01234", status: "206 Partial Content", headers: "Content-Range: bytes 0-4/10\r\n"),
            answer("0123", status: "206 Partial Content", headers: "Content-Range: bytes 5-9/10\r\n"),
            "HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nContent-Range: bytes 5-9/10\r\n\r\n012",
        ])
    func badRanges(_ answer: String) async throws {
        let file = try ScratchFile()
        try await withClient([[answer]]) { client, _ in
            await #expect(throws: TransportError.self) {
                try await client.get("/f", range: 5..<10, into: file.descriptor, at: 0, timeout: .seconds(20))
            }
        }
    }

    @Test("A transfer that stands still is given up before its deadline")
    func stalled() async throws {
        let file = try ScratchFile()
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        let beginning = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n0123"
        // The second answer is never given: the connection stays open.
        let server = try ScriptedServer([[beginning, ""]])
        let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: threads)
        let expected = TransportError.stalled(address: "127.0.0.1:\(server.port)", after: .milliseconds(50))
        await #expect(throws: expected) {
            try await client.get(
                "/f", into: file.descriptor, at: 0, timeout: .seconds(60), stallMax: .milliseconds(50))
        }
        await client.close()
        try await threads.shutdown()
    }

    @Test(
        "A transfer that drips is given up, in its head or its body, unless that is fast enough",
        arguments: [(headPadding: 0, byteRateMin: 1_024), (500, 1), (0, 10)])
    func dripping(headPadding: Int, byteRateMin: Int) async throws {
        let file = try ScratchFile()
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        let padding = headPadding == 0 ? "" : "X: \(String(repeating: "a", count: headPadding))\r\n"
        let body = String(repeating: "b", count: 1_000)
        let server = try ScriptedServer([[Self.answer(body, headers: padding)]], dripMilliseconds: 2)
        var configuration = HTTPClientConfiguration()
        configuration.byteRateMin = byteRateMin
        let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: threads, configuration: configuration)
        let stallMax = Duration.milliseconds(byteRateMin == 10 ? 1_500 : 600)
        let result: Result<Int64, any Error>
        do {
            result = .success(
                try await client.get(
                    "/f", into: file.descriptor, at: 0, timeout: .seconds(60), stallMax: stallMax))
        } catch {
            result = .failure(error)
        }
        if byteRateMin == 10 {
            #expect(try result.get() == 1_000)
        } else {
            #expect(throws: TransportError.stalled(address: "127.0.0.1:\(server.port)", after: stallMax)) {
                try result.get()
            }
        }
        await client.close()
        try await threads.shutdown()
    }

    @Test("A file that can't be written is told")
    func fullDisk() async throws {
        try await withClient([[Self.answer("0123456789")]]) { client, _ in
            let descriptor = try openForWriting("/dev/full")
            defer { closeDescriptor(descriptor) }
            let error = await #expect(throws: TransportError.self) {
                try await client.get("/f", into: descriptor, at: 0, timeout: .seconds(20))
            }
            guard case .localFile? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
