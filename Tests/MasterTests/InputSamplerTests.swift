import Glibc
import Model
import TaskRuntime
import TestSupport
import Testing

@testable import Master

@Suite("Sampling the input")
struct InputSamplerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func files(_ texts: String...) throws -> [InputFile] {
        let names = texts.enumerated().map { Array(folder.write("f\($0)", $1).utf8) }
        return try InputScanner.scan(names).files
    }

    private func texts(_ records: [SampledRecord]) -> [String] {
        records.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test("takes whole lines only, from all over every file, and the same ones each time")
    func wholeLines() throws {
        let first = (0..<20_000).map { "first \($0)\n" }.joined()
        let second = (0..<20_000).map { "second \($0)\n" }.joined()
        let files = try files(first, second)
        let sample = try InputSampler.sample(files, takesWholeFiles: false)
        #expect(try InputSampler.sample(files, takesWholeFiles: false) == sample)
        #expect((1_000...InputSampler.placeCountMax * InputSampler.recordCountMax).contains(sample.count))
        let lines = Set((first + second).split(separator: "\n").map { $0 + "\n" })
        #expect(texts(sample).allSatisfy { lines.contains($0[...]) })
        for (file, name) in zip(files, ["first", "second"]) {
            let numbers = sample.filter { $0.fileName == file.name }.compactMap {
                Int(String(decoding: $0.bytes, as: UTF8.self).dropFirst(name.count + 1).dropLast())
            }
            #expect(numbers.contains { $0 < 200 } && numbers.contains { $0 > 19_000 }, "\(name)")
        }
    }

    @Test("takes the beginning of lines that are longer than what is read at once")
    func longLines() throws {
        let files = try files(String(repeating: "x", count: 300_000), String(repeating: "y", count: 300_000) + "\nz")
        let sample = texts(try InputSampler.sample(files, takesWholeFiles: false))
        #expect(Set(sample.map(\.count)).isSubset(of: [1, 64 << 10]))
        #expect(Set(sample.map { $0.prefix(1) }) == ["x", "y", "z"])
    }

    @Test("reads a bounded number of places of a large input")
    func bounded() throws {
        let path = folder.write("large", "a line\n")
        #expect(truncate(path, 1 << 36) == 0)
        let files = try InputScanner.scan([Array(path.utf8)]).files
        #expect(try InputSampler.sample(files, takesWholeFiles: false).count <= 512 * 8)
    }

    @Test("takes files as they are when those are the records")
    func wholeFiles() throws {
        let files = try files("one\ntwo\n", "three")
        #expect(Set(texts(try InputSampler.sample(files, takesWholeFiles: true))) == ["one\ntwo\n", "three"])
    }

    @Test("names a file that is gone since it was found")
    func goneFile() throws {
        let files = try files("one\n")
        unlink(String(decoding: files[0].path, as: UTF8.self))
        #expect(throws: PlanError.self) { try InputSampler.sample(files, takesWholeFiles: false) }
    }

    @Test("A sample is served to workers, by what a record is, and nothing else by that name")
    func route() async throws {
        try await RouteBench.run { bench in
            let answer = try bench.get("/sample/1/lines")
            #expect(answer.status == 200)
            #expect(SampledRecord.records(in: Array(answer.text.utf8))?.map(\.bytes) == [Array("some text\n".utf8)])
            for path in ["/sample/2/lines", "/sample/1/words", "/sample/1"] {
                #expect(try bench.get(path).status == 404, "\(path)")
            }
        }
    }

    @Test("A sample survives the way; what is cut off does not pass for one")
    func wire() throws {
        let records = [
            SampledRecord(fileName: [], bytes: []), SampledRecord(fileName: [0xff, 0], bytes: [UInt8](0...255) + [10]),
        ]
        let bytes = SampledRecord.bytes(of: records)
        #expect(SampledRecord.records(in: bytes) == records)
        for count in 1..<bytes.count where count != 8 {
            #expect(SampledRecord.records(in: Array(bytes.prefix(count))) == nil)
        }
    }
}
