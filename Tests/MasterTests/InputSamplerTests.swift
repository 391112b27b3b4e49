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
        let sample = try InputSampler.sample(files, as: .lines)
        #expect(try InputSampler.sample(files, as: .lines) == sample)
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
        let sample = texts(try InputSampler.sample(files, as: .lines))
        #expect(Set(sample.map(\.count)).isSubset(of: [1, 64 << 10]))
        #expect(Set(sample.map { $0.prefix(1) }) == ["x", "y", "z"])
    }

    @Test("reads a bounded number of places of a large input")
    func bounded() throws {
        let path = folder.write("large", "a line\n")
        #expect(truncate(path, 1 << 36) == 0)
        let files = try InputScanner.scan([Array(path.utf8)]).files
        #expect(try InputSampler.sample(files, as: .lines).count <= 512 * 8)
    }

    @Test("takes files as they are when those are the records")
    func wholeFiles() throws {
        let files = try files("one\ntwo\n", "three")
        #expect(Set(texts(try InputSampler.sample(files, as: .file))) == ["one\ntwo\n", "three"])
    }

    @Test("takes whole records that end with NUL or have so many bytes")
    func otherRecords() throws {
        let nul = try files((0..<20_000).map { "\($0)\n\0" }.joined())
        let records = texts(try InputSampler.sample(nul, as: .nul)).map { Int($0.dropLast(2)) }
        #expect(records.allSatisfy { $0 != nil } && records.count > 1_000)
        let fixed = try files((10_000..<30_000).map { "<\($0)>" }.joined())
        let numbers = texts(try InputSampler.sample(fixed, as: .fixed(byteCount: 7))).map { record in
            record.hasPrefix("<") && record.hasSuffix(">") ? Int(record.dropFirst().dropLast()) : nil
        }
        #expect(numbers.allSatisfy { $0 != nil } && numbers.count > 1_000)
        let long = try files(String(repeating: "0123456789", count: 30_000))
        let beginnings = texts(try InputSampler.sample(long, as: .fixed(byteCount: 100_000)))
        #expect(!beginnings.isEmpty && beginnings.allSatisfy { $0.hasPrefix("0123456789") && $0.count == 64 << 10 })
    }

    @Test("names a file that is gone since it was found")
    func goneFile() throws {
        let files = try files("one\n")
        unlink(String(decoding: files[0].path, as: UTF8.self))
        #expect(throws: PlanError.self) { try InputSampler.sample(files, as: .lines) }
    }

    @Test("A sample is served to workers, by what a record is, and nothing else by that name")
    func route() async throws {
        try await RouteBench.run { bench in
            let answer = try bench.get("/sample/1/lines")
            #expect(answer.status == 200)
            #expect(SampledRecord.records(in: Array(answer.text.utf8))?.map(\.bytes) == [Array("some text\n".utf8)])
            for (form, record) in [("nul", "some text\n"), ("file", "some text\n"), ("fixed:5", "some ")] {
                let sample = SampledRecord.records(in: Array(try bench.get("/sample/1/\(form)").text.utf8))
                #expect(sample?.first?.bytes == Array(record.utf8), "\(form)")
            }
            for path in ["/sample/2/lines", "/sample/1/words", "/sample/1", "/sample/1/fixed:0"] {
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
