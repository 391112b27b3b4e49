import Glibc
import LocalMachine
import Model
import TaskRuntime
import TestSupport
import Testing

@testable import Master

@Suite("Map output that is handed over to the master")
struct HandOverRouteTests {
    /// A map output of one partition, and what its worker reported of it.
    private func output(_ bench: RouteBench, of attempt: AttemptID, word: UInt8 = 65) throws -> (
        bytes: [UInt8], summary: OutputSummary
    ) {
        let path = bench.folder.path + "/made"
        let result = try writeMapOutput(
            counts: [KeyCount(key: [word], count: 1)], partitionCount: 1, attempt: attempt, outputPath: path)
        defer { unlink(path) }
        return (try #require(SmallFile.read(path, byteCountMax: 1 << 20)), result.output)
    }

    private func scratchNames(_ bench: RouteBench) -> [String] {
        TemporaryFolder.names(in: bench.context.scratch.path)
    }

    @Test("is kept under its attempt's name, told of, and served")
    func kept() async throws {
        try await RouteBench.run { bench in
            let (bytes, summary) = try output(bench, of: bench.map)
            bench.wanted.want(bench.map, summary)
            #expect(try bench.put("/intermediate/\(bench.map.name)", bytes: bytes).status == 201)
            #expect(bench.wanted.kept == [bench.map])
            #expect(scratchNames(bench) == [bench.map.name])
            let path = "/intermediate/\(bench.map.name)/0"
            #expect(try bench.get(path).status == 200)
            let tag = String(summary.checksum, radix: 16)
            #expect(try bench.get(path, headers: "If-Match: \"\(tag)\"\r\n").status == 200)
            #expect(try bench.get(path, headers: "If-Match: \"\(tag)0\"\r\n").status == 412, "not what was announced")
        }
    }

    @Test("is refused when nobody asked for it, under another name, or in parts")
    func unwanted() async throws {
        try await RouteBench.run { bench in
            let (bytes, summary) = try output(bench, of: bench.map)
            #expect(try bench.put("/intermediate/\(bench.map.name)", bytes: bytes).status == 409)
            bench.wanted.want(bench.map, summary)
            for path in ["/intermediate/\(bench.reduce.name)", "/intermediate/\(bench.map.name)/0", "/intermediate/x"] {
                #expect(try bench.put(path, bytes: bytes).status == 404)
            }
            let range = "Content-Range: bytes 0-3/4\r\n"
            #expect(try bench.put("/intermediate/\(bench.map.name)", headers: range, bytes: bytes).status == 400)
            #expect(scratchNames(bench) == [] && bench.wanted.kept == [])
        }
    }

    @Test("is refused when it is not what its worker had reported: longer, damaged, or another attempt's")
    func wrong() async throws {
        try await RouteBench.run { bench in
            let (bytes, summary) = try output(bench, of: bench.map)
            bench.wanted.want(bench.map, summary)
            let path = "/intermediate/\(bench.map.name)"
            #expect(try bench.put(path, bytes: bytes + [0]).status == 400)
            #expect(try bench.put(path, bytes: Array(bytes.dropLast())).status == 400)
            for place in [bytes.count - 1, bytes.count - 80] {
                var spoiled = bytes
                spoiled[place] ^= 1
                #expect(try bench.put(path, bytes: spoiled).status == 400, "byte \(place) of \(bytes.count)")
            }
            let other = AttemptID(task: bench.map.task, number: 2)
            #expect(try bench.put(path, bytes: try output(bench, of: other).bytes).status == 400)
            #expect(scratchNames(bench) == [] && bench.wanted.kept == [], "nothing stays")
        }
    }

    @Test("is refused with the folder's name when it can't be kept")
    func noPlace() async throws {
        try await RouteBench.run { bench in
            let (bytes, summary) = try output(bench, of: bench.map)
            bench.wanted.want(bench.map, summary)
            rmdir(bench.context.scratch.path)
            let answer = try bench.put("/intermediate/\(bench.map.name)", bytes: bytes)
            #expect(answer.status == 507 && answer.text.contains(bench.context.scratch.path))
        }
    }
}
