import Testing
import TestSupport
import XMLRPC

@testable import DataWorkers

@Suite("Objects that clients bring and read by HTTP")
struct UploadTests {
    private static let path = "/objects/78"  // x

    private func send(_ request: RawRequest, to worker: BenchWorker) async throws -> RawRequest.Answer {
        let port = worker.service.port
        return try #require(try await worker.threads.runBlocking { try request.send(to: port) })
    }

    private func put(
        _ query: String, _ body: [UInt8], _ headers: [String] = [], to worker: BenchWorker
    ) async throws -> RawRequest.Answer {
        try await send(
            RawRequest(method: "PUT", path: Self.path + query, headers: headers, body: body), to: worker)
    }

    @Test("are there when they have come, known to the center, and read as values", arguments: [64 << 20, 1 << 20])
    func whole(memory: Int) async throws {
        try await DataBench.run(memory: [memory]) { bench in
            let worker = bench.workers[0]
            let bytes = content(1, byteCount: 3_000_000)
            let answer = try await put("?tag=bytes", bytes, to: worker)
            #expect(answer.status == 201)
            #expect(try await bench.holders(of: "x") == [worker.address])
            #expect(try await worker.count(memory > bytes.count ? "memory_used" : "spilled") == bytes.count)
            let value = try await worker.call("get_data", ["x"])
            let isSame = value["x"] == .base64(bytes)
            #expect(isSame)
            // Again, and other content in its place
            #expect(try await put("", bytes, to: worker).status == 201)
            #expect(try await put("", [], to: worker).status == 201)
            #expect(try await worker.call("get_data", ["x"]) == ["x": .base64([])])
        }
    }

    @Test("go on after a cut where they were, in as many pieces as their client likes", arguments: [64 << 20, 1 << 20])
    func resumed(memory: Int) async throws {
        try await DataBench.run(memory: [memory]) { bench in
            let worker = bench.workers[0]
            let bytes = content(2, byteCount: 6_000_000)
            let port = worker.service.port
            let cut = RawRequest(method: "PUT", path: Self.path, body: bytes, cutAfter: 4_000_000)
            _ = try await worker.threads.runBlocking { try cut.send(to: port) }
            var there = 0
            let range = { (from: Int, to: Int) in ["Content-Range: bytes \(from)-\(to - 1)/\(bytes.count)"] }
            try await eventually("the server has seen the end") {
                // Elsewhere than it can have come to; as long as the first is under way, it is refused for that.
                let wrong = try await put("", [1], range(bytes.count - 1, bytes.count), to: worker)
                return wrong.text.contains("go on from there") && !wrong.text.hasPrefix("nothing")
            }
            let answer = try await send(RawRequest(path: "/uploads/78"), to: worker)
            there = try #require(Int(answer.text.split(separator: "\n").first ?? ""))
            #expect(0...4_000_000 ~= there)
            #expect(try await bench.holders(of: "x") == [])
            #expect(try await worker.count("stored") == 0)
            let middle = there + 1_000_000
            let more = try await put("", Array(bytes[there..<middle]), range(there, middle), to: worker)
            #expect(more.status == 202 && more.text == "\(middle) of 6000000 bytes are here\n")
            #expect(try await put("", Array(bytes[there..<middle]), range(there, middle), to: worker).status == 409)
            let last = try await put("", Array(bytes[middle...]), range(middle, bytes.count), to: worker)
            #expect(last.status == 201)
            let isSame = try await worker.bytes("x") == bytes
            #expect(isSame)
            #expect(try await send(RawRequest(path: "/uploads/78"), to: worker).status == 404)
            #expect(try await put("", Array(bytes[middle...]), range(middle, bytes.count), to: worker).status == 409)
        }
    }

    @Test("are refused, with what is wrong, and the key holds what it held")
    func refused() async throws {
        try await DataBench.run(memory: [64 << 20]) { bench in
            let worker = bench.workers[0]
            let bytes = content(3, byteCount: 100_000)
            try await worker.put("x", bytes)
            let other = content(4, byteCount: 100_000)
            let digest = try await put("?digest=00000000", other, to: worker)
            #expect(digest.status == 422 && digest.text.contains("00000000 was announced"))
            #expect(try await put("?digest=0", other, to: worker).status == 400)
            #expect(try await put("?tag=text", other, to: worker).status == 400)
            #expect(try await put("?tag=value", other, to: worker).status == 422)
            #expect(try await put("", other, ["Content-Range: bytes 0-9/100"], to: worker).status == 400)
            #expect(try await put("", other, ["Content-Range: bytes 5-100004/200000"], to: worker).status == 409)
            #expect(try await put("", [], ["Transfer-Encoding: chunked"], to: worker).status == 411)
            let unnamed = RawRequest(method: "PUT", path: "/objects/7", body: other)
            #expect(try await send(unnamed, to: worker).status == 404)
            #expect(try await worker.call("get_data", ["x"]) == ["x": .base64(bytes)])
            #expect(try await worker.count("stored") == 1)
            #expect(try await worker.count("memory_used") == bytes.count)
        }
    }

    @Test("may be values, as the documents of answers")
    func values() async throws {
        try await DataBench.run(memory: [64 << 20]) { bench in
            let document = try XMLRPCCodec.encode(MethodResponse.value(["list": [1, 2, "three"]]))
            #expect(try await put("?tag=value", document, to: bench.workers[0]).status == 201)
            #expect(try await bench.workers[0].call("get_data", ["x"]) == ["x": ["list": [1, 2, "three"]]])
        }
    }

    @Test("are read in ranges, by whoever wants just this content", arguments: [64 << 20, 1 << 20])
    func ranges(memory: Int) async throws {
        try await DataBench.run(memory: [memory]) { bench in
            let worker = bench.workers[0]
            let bytes = content(5, byteCount: 2_000_000)
            try await worker.put("x", bytes)
            let head = try await send(RawRequest(method: "HEAD", path: Self.path), to: worker)
            let digest = try #require(try await worker.call("describe", ["x"])["x"]?["digest"]?.asString)
            #expect(head.status == 200 && head.headers["content-length"] == "2000000")
            #expect(head.headers["etag"] == "\"bytes-2000000-\(digest)\"" && head.headers["accept-ranges"] == "bytes")
            for (text, range) in [
                ("bytes=0-0", 0..<1), ("bytes=1999990-", 1_999_990..<2_000_000), ("bytes=-7", 1_999_993..<2_000_000),
                ("bytes=262143-1000000", 262_143..<1_000_001),
            ] {
                let answer = try await send(RawRequest(path: Self.path, headers: ["Range: \(text)"]), to: worker)
                #expect(answer.status == 206)
                #expect(answer.headers["content-range"] == "bytes \(range.lowerBound)-\(range.upperBound - 1)/2000000")
                let isSame = answer.body == Array(bytes[range])
                #expect(isSame, "\(text)")
            }
            let outside = try await send(RawRequest(path: Self.path, headers: ["Range: bytes=2000000-"]), to: worker)
            #expect(outside.status == 416 && outside.headers["content-range"] == "bytes */2000000")
            let piece = try await send(RawRequest(path: Self.path + "?from=10&to=300000"), to: worker)
            let isPiece = piece.status == 200 && piece.body == Array(bytes[10..<300_000])
            #expect(isPiece)
            #expect(try await send(RawRequest(path: Self.path + "?from=10&to=2000001"), to: worker).status == 416)
            let same = RawRequest(path: Self.path, headers: ["If-Match: \"bytes-2000000-\(digest)\""])
            #expect(try await send(same, to: worker).status == 200)
            let other = RawRequest(path: Self.path, headers: ["If-Match: \"bytes-2000000-00000000\""])
            #expect(try await send(other, to: worker).status == 412)
            #expect(try await send(RawRequest(path: "/objects/79"), to: worker).status == 404)
            #expect(try await send(RawRequest(path: "/objects/zz"), to: worker).status == 404)
        }
    }
}
