import ApplicationAPI
import Applications
import CDataPath
import Glibc
import Model
import TaskRuntime
import TestSupport
import Testing

/// Counters, errors, cancellation and the functions for workers that speak only the simple calls.
@Suite struct TaskBehaviourTests {
    private let folder = ScratchFolder()

    private func map(
        _ application: any Application, _ files: [NamedBytes], partitionCount: Int = 1,
        control: TaskControl = TaskControl()
    ) throws -> AttemptResult {
        try runMapTask(
            application, input: memoryInput(files, wholePieces(files)), partitionCount: partitionCount,
            attempt: attempt(.map, 0), outputPath: "\(folder.path)/map-0", control: control)
    }

    @Test("A key's partition never changes")
    func partitionVectors() {
        let vectors: [(key: [UInt8], partitions: [Int])] = [
            ([], [0, 0, 0]), (bytes("a"), [4, 2, 22650]), (bytes("the"), [6, 677, 20989]), ([0], [5, 427, 43331]),
            (bytes("12345678"), [2, 857, 32793]), (bytes("123456789"), [2, 753, 59537]),
            ([0xFF, 0xFE], [5, 69, 53565]),
        ]
        for (key, partitions) in vectors {
            let found = [7, 1000, 65_536].map { count in key.withUnsafeBytes { partition(of: $0, count: count) } }
            #expect(found == partitions, "key \(key)")
        }
    }

    @Test("Both ways to compute CRC-32C give the published check value, at any alignment")
    func checksum() {
        let text = bytes("123456789")
        #expect(mr_crc32c(0, text, text.count) == 0xE306_9283)
        #expect(mr_crc32c_portable(0, text, text.count) == 0xE306_9283)
        var random = SplitMix64(seed: 1)
        let noise = (0..<300).map { _ in UInt8.random(in: 0...255, using: &random) }
        for start in 0..<20 {
            for count in [0, 1, 7, 8, 9, 63, 280] {
                noise.withUnsafeBytes { noise in
                    guard let base = noise.baseAddress else { return }
                    let whole = mr_crc32c(0, base + start, count)
                    #expect(mr_crc32c_portable(0, base + start, count) == whole)
                    #expect(
                        mr_crc32c(mr_crc32c(0, base + start, count / 3), base + start + count / 3, count - count / 3)
                            == whole)
                }
            }
        }
    }

    @Test("Counters and the largest sums tell what was done")
    func counters() throws {
        let files = [(name: bytes("f"), bytes: bytes("b a b\nc b a\n\nd"))]
        let outcome = try JobRun(partitionCount: 1)(
            try WordCount(options: ApplicationOptions()), files: files, splits: [wholePieces(files)])
        let counters = outcome.counters
        #expect(counters.inputBytes == 14)
        #expect(counters.inputRecords == 4)
        #expect(counters.mapOutputRecords == 7)
        #expect(counters.intermediateRecords == 4)
        #expect(counters.reduceKeys == 4)
        #expect(counters.outputRecords == 4)
        #expect(counters.outputBytes == 16)
        let expected = [("b", 3), ("a", 2), ("c", 1), ("d", 1)].map { KeyCount(key: bytes($0.0), count: $0.1) }
        #expect(outcome.results[0].topKeys == expected)
        #expect(outcome.results[0].output.byteCount == 16)
        #expect(outcome.results[0].output.checksum == mr_crc32c(0, outcome.parts[0], 16))
    }

    @Test("What map tasks wrote for reduce tasks is counted once, by them, however often it is merged")
    func intermediate() throws {
        let files = [(name: bytes("f"), bytes: bytes((0..<30_000).map { "\($0)\n" }.joined()))]
        let sorting = AdHoc { record, output in output.emit(record.bytes, "") }
        let summing = AdHoc(aggregation: .sum) { record, output in output.add(record.bytes, 1) }
        for (application, memoryByteCount) in [(sorting, 1), (sorting, 100_000), (sorting, 128 << 20), (summing, 1)] {
            let outcome = try JobRun(partitionCount: 2, memoryByteCount: memoryByteCount)(
                application, files: files, splits: [wholePieces(files)])
            #expect(outcome.counters.intermediateRecords == 30_000)
            #expect(outcome.counters.intermediateBytes > 150_000)
            #expect(outcome.counters.intermediateBytes < 400_000)
        }
    }

    @Test("Keys of more than 256 bytes are never among the largest, whatever their sums")
    func longTopKeys() throws {
        let longest = String(repeating: "l", count: 256)
        let tooLong = (0..<12).map { String(repeating: "m\($0)", count: 200) + " " }
        let text = (tooLong + tooLong).joined() + longest + " short"
        let files = [(name: bytes("f"), bytes: bytes(text))]
        let outcome = try JobRun()(
            try WordCount(options: ApplicationOptions()), files: files, splits: [wholePieces(files)])
        #expect(
            outcome.results[0].topKeys == [
                KeyCount(key: bytes(longest), count: 1), KeyCount(key: bytes("short"), count: 1),
            ])
        #expect(outcome.counters.reduceKeys == 14)
    }

    @Test("Of many keys the ten largest are kept, ties by key")
    func topKeys() throws {
        let text = (0..<40).map { String(repeating: "w\($0) ", count: 1 + $0 % 5) }.joined()
        let files = [(name: bytes("f"), bytes: bytes(text))]
        let outcome = try JobRun()(
            try WordCount(options: ApplicationOptions()), files: files, splits: [wholePieces(files)])
        let expected = ["w14", "w19", "w24", "w29", "w34", "w39", "w4", "w9", "w13", "w18"]
        #expect(outcome.results[0].topKeys.map { String(decoding: $0.key, as: UTF8.self) } == expected)
    }

    @Test("A map output's result names its length and the checksum of its index")
    func mapResult() throws {
        let result = try map(
            try WordCount(options: ApplicationOptions()), [(bytes("f"), bytes("a b c"))], partitionCount: 4)
        let output = try MapOutputFile(path: "\(folder.path)/map-0", expecting: attempt(.map, 0))
        #expect(output.byteCount == result.output.byteCount)
        #expect(output.checksum == result.output.checksum)
        #expect((0..<4).reduce(0) { $0 + output.segment($1).recordCount } == 3)
        #expect((0..<4).reduce(0) { $0 + output.segment($1).byteCount } == result.counters.intermediateBytes)
    }

    @Test("A cancelled task throws and leaves nothing")
    func cancellation() throws {
        let control = TaskControl()
        let application = AdHoc { record, output in
            output.emit("key", record.bytes)
            control.cancel()
        }
        let files = [(name: bytes("f"), bytes: bytes(String(repeating: "a line\n", count: 200_000)))]
        #expect(throws: TaskError.cancelled) { try map(application, files, control: control) }
        #expect(control.bytesDone < 1 << 20)
        #expect(folder.names == [])

        // What it made is looked at, not what it returned.
        _ = try map(AdHoc { record, output in output.emit("key", record.bytes) }, files)
        let segment = try MapOutputFile(path: "\(folder.path)/map-0", expecting: attempt(.map, 0)).segment(0)
        #expect(throws: TaskError.cancelled) {
            try runReduceTask(
                application, attempt: attempt(.reduce, 0),
                sources: [SegmentSource(path: "\(folder.path)/map-0", byteCount: segment.byteCount)],
                outputPath: "\(folder.path)/part-0", control: control)
        }
        #expect(folder.names == ["map-0"])
    }

    @Test("An error of the application ends the task")
    func applicationError() {
        struct Refusal: Error {}
        #expect(throws: Refusal.self) {
            try map(AdHoc { _, _ in throw Refusal() }, [(bytes("f"), bytes("a"))])
        }
        #expect(folder.names == [])
    }

    @Test("Output that is there already is neither overwritten nor followed")
    func existingOutput() throws {
        folder.write(bytes("precious"), to: "map-0.partial")
        #expect(throws: TaskError.self) { try map(LineLengths(options: .init()), [(bytes("f"), bytes("a"))]) }
        #expect(folder.read("map-0.partial") == bytes("precious"))
        folder.write(bytes("precious"), to: "target")
        symlink("\(folder.path)/target", "\(folder.path)/part")
        #expect(throws: TaskError.self) {
            try runReduceTask(
                LineLengths(options: .init()), attempt: attempt(.reduce, 0), sources: [],
                outputPath: "\(folder.path)/part")
        }
        #expect(folder.read("target") == bytes("precious"))
    }

    @Test("A sum that does not fit fails the task and names the key, while mapping and while reducing")
    func overflow() throws {
        let twice = AdHoc(aggregation: .sum) { _, output in
            output.add("big", .max)
            output.add("big", 1)
        }
        #expect(throws: TaskError.sumOverflow(key: bytes("big"))) { try map(twice, [(bytes("f"), bytes("a"))]) }
        let once = AdHoc(aggregation: .sum) { _, output in output.add("big", .max) }
        let files: [NamedBytes] = [(bytes("f"), bytes("a\nb\n"))]
        let splits = [0, 2].map { [SplitPiece(fileIndex: 0, offset: $0, byteCount: 2)] }
        #expect(throws: TaskError.sumOverflow(key: bytes("big"))) { try JobRun()(once, files: files, splits: splits) }
    }

    @Test(
        "Sums of both signs and any size come out as they went in",
        arguments: [0, 1, -1, 63, -64, 127, 128, 1 << 40, .max, .min] as [Int64])
    func sums(amount: Int64) throws {
        let application = AdHoc(aggregation: .sum) { _, output in output.add("key", amount) }
        let files: [NamedBytes] = [(bytes("f"), bytes("a"))]
        let parts = try JobRun()(application, files: files, splits: [wholePieces(files)]).parts
        #expect(parts == [bytes("key\t\(amount)\n")])
    }

    @Test("A key that is too long, and the wrong way to emit, are errors")
    func limits() {
        let longKey = AdHoc { _, output in
            output.emit([UInt8](repeating: 1, count: DataLimits.keyByteCountMax + 1), "")
        }
        #expect(throws: TaskError.keyTooLong(byteCount: (256 << 20) + 1, byteCountMax: 256 << 20)) {
            try map(longKey, [(bytes("f"), bytes("a"))])
        }
        #expect(throws: TaskError.wrongAggregation(application: "ad-hoc", .none)) {
            try map(AdHoc { _, output in output.add("key", 1) }, [(bytes("f"), bytes("a"))])
        }
        #expect(throws: TaskError.tooManyPartitions(65_537, countMax: 65_536)) {
            try map(LineLengths(options: .init()), [(bytes("f"), bytes("a"))], partitionCount: 65_537)
        }
    }

    @Test("Counts from elsewhere become the same file as a map task's")
    func givenCounts() throws {
        let files: [NamedBytes] = [(bytes("f"), bytes("a b a c a b"))]
        // What it made is looked at, not what it returned.
        _ = try map(try WordCount(options: .init()), files, partitionCount: 3)
        let mapped = folder.read("map-0")
        let counts = [("b", 1), ("a", 3), ("c", 1), ("b", 1)].map { KeyCount(key: bytes($0.0), count: $0.1) }
        // What it made is looked at, not what it returned.
        _ = try writeMapOutput(
            counts: counts, partitionCount: 3, attempt: attempt(.map, 0), outputPath: "\(folder.path)/map-0")
        #expect(folder.read("map-0") == mapped)
    }

    @Test("A split's text is its whole lines, and a file without a last newline does not join the next")
    func text() throws {
        let files: [NamedBytes] = [(bytes("f"), bytes("one\ntwo\nthree")), (bytes("g"), bytes("four\nfive\n"))]
        let pieces = [
            SplitPiece(fileIndex: 0, offset: 2, byteCount: 11), SplitPiece(fileIndex: 1, offset: 0, byteCount: 3),
        ]
        let input = memoryInput(files, pieces)
        #expect(try readText(of: input, byteCountMax: 100) == bytes("two\nthree\nfour\n"))
        #expect(throws: TaskError.textTooLong(byteCountMax: 10)) { try readText(of: input, byteCountMax: 10) }
    }
}
