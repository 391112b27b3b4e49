import Testing
import XMLRPC

@testable import XMLRPCTransport

@Suite("Documents that are decoded while they come")
struct IncomingDocumentTests {
    /// A call of echo with an array of so many strings.
    private static func call(itemCount: Int) -> [UInt8] {
        let items = String(repeating: "<value>item</value>", count: itemCount)
        return Array(Requests.document("echo", "<array><data>\(items)</data></array>").utf8)
    }

    private func answer(_ bytes: [UInt8], headers: [String] = [], in pieceByteCount: Int) async throws -> RawAnswer {
        try await TestServer.run { server in
            let connection = try RawConnection(port: server.port)
            try await onThread {
                let lines = ["POST / HTTP/1.1", "Host: a", "Content-Length: \(bytes.count)"] + headers
                try connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
                for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
                    try connection.send(Array(bytes[start..<min(start + pieceByteCount, bytes.count)]))
                }
            }
            return try await connection.receiveAnswer()
        }
    }

    @Test(
        "A long call is read whatever the pieces it comes in",
        arguments: [3_500, 30_000], [1_000, 1_000_000])
    func long(itemCount: Int, pieceByteCount: Int) async throws {
        let answer = try await answer(Self.call(itemCount: itemCount), in: pieceByteCount)
        guard case .value(let value) = try XMLRPCCodec.decodeResponse(answer.body) else {
            Issue.record("a fault: \(answer.text.prefix(300))")
            return
        }
        #expect(value.asArray?.count == itemCount && value[itemCount - 1] == "item")
    }

    @Test("A long call in gzip and deflate is read", arguments: ["gzip", "deflate"])
    func packed(coding: String) async throws {
        let call = Self.call(itemCount: 20_000)
        let bytes = coding == "gzip" ? PackedBodies.gzip(call) : PackedBodies.zlib(call)
        let answer = try await answer(bytes, headers: ["Content-Encoding: \(coding)"], in: 100)
        guard case .value(let value) = try XMLRPCCodec.decodeResponse(answer.body) else {
            Issue.record("a fault: \(answer.text.prefix(300))")
            return
        }
        #expect(value.asArray?.count == 20_000)
    }

    @Test("A fault in the middle of a long call is answered when all has come, and the connection goes on")
    func faultInside() async throws {
        try await TestServer.run { server in
            var bytes = Self.call(itemCount: 50_000)
            bytes.replaceSubrange(200_000..<200_002, with: Array("&;".utf8))
            let damaged = bytes
            let connection = try RawConnection(port: server.port)
            try await onThread {
                try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(damaged.count)\r\n\r\n")
                try connection.send(damaged)
            }
            let answer = try await connection.receiveAnswer()
            #expect(answer.status == 200 && answer.text.contains("<int>-32700</int>"), "\(answer.text)")
            try connection.send(Requests.post(Requests.echo))
            #expect(try await connection.receiveAnswer().text.contains("hello"))
        }
    }

    @Test("Limits of values and depth hold while a call comes")
    func limits() async throws {
        let deep = String(repeating: "<array><data><value>", count: 10_000)
        let text = Requests.document("echo", deep + String(repeating: "x", count: 100_000))
        let answer = try await answer(Array(text.utf8), in: 65_536)
        #expect(answer.text.contains("deeper than the limit of 64"))
    }

    @Test("A gzip of the longest body becomes no more memory than the limit", arguments: [1_000_000, 40_000_000])
    func bomb(byteCount: Int) async throws {
        let bytes = PackedBodies.gzip([UInt8](repeating: 0x20, count: byteCount))
        let answer = try await answer(bytes, headers: ["Content-Encoding: gzip"], in: 65_536)
        #expect(answer.status == (byteCount > 16 << 20 ? 413 : 200))
    }

    @Test("All long documents together have a limit, and what one has taken is given back when it ends")
    func budget() async throws {
        try await TestServer.run(configure: { $0.documentsByteCountMax = 300_000 }) { server in
            let bytes = Self.call(itemCount: 12_000)
            let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(bytes.count)\r\n\r\n"
            let first = try RawConnection(port: server.port)
            try first.send(head)
            try first.send(Array(bytes[..<200_000]))
            let deadline = ContinuousClock.now + .seconds(20)
            while server.server.longDocumentByteCount < 200_000, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(1))
            }
            #expect(server.server.longDocumentByteCount == 200_000)
            let second = try RawConnection(port: server.port)
            try await onThread {
                try second.send(head)
                try second.send(bytes)
            }
            let refusal = try await second.receiveAnswer()
            #expect(refusal.status == 503 && refusal.text.contains("300000 bytes"), "\(refusal.head)")
            try first.send(Array(bytes[200_000...]))
            #expect(try await first.receiveAnswer().status == 200)
            for _ in 0..<3 {
                try await onThread {
                    try first.send(head)
                    try first.send(bytes)
                }
                #expect(try await first.receiveAnswer().status == 200)
            }
            #expect(server.server.longDocumentByteCount == 0)
        }
    }
}
