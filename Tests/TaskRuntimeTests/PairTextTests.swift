import Glibc
import Model
import TaskRuntime
import Testing

@Suite("Pairs that travel as lines")
struct PairTextTests {
    private static let partitionCount = 3

    /// What becomes of lines when they have been a map output each: those of each partition, as its reduce attempt reads them.
    private func partitions(_ texts: [[UInt8]], _ values: PairValues, memory: Int = 1 << 20) throws -> [[UInt8]] {
        let folder = ScratchFolder()
        var outputs: [MapOutputFile] = []
        var paths: [String] = []
        for (index, text) in texts.enumerated() {
            folder.write(text, to: "lines")
            let descriptor = open("\(folder.path)/lines", O_RDONLY)
            defer { close(descriptor) }
            let attempt = AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: index), number: 1)
            let path = "\(folder.path)/\(attempt.name)"
            let result = try writeMapOutput(
                lines: descriptor, byteCount: Int64(text.count), values: values, partitionCount: Self.partitionCount,
                attempt: attempt, outputPath: path, memoryByteCount: memory)
            guard result.output.byteCount > 0 else { continue }
            outputs.append(try MapOutputFile(path: path, expecting: attempt))
            paths.append(path)
            #expect(outputs.last?.checksum == result.output.checksum)
        }
        return try (0..<Self.partitionCount).map { partition in
            let sources = zip(outputs, paths).map { output, path in
                let segment = output.segment(partition)
                return SegmentSource(path: path, offset: segment.offset, byteCount: segment.byteCount)
            }
            let attempt = AttemptID(task: TaskID(job: JobID(number: 1), kind: .reduce, index: partition), number: 1)
            let path = "\(folder.path)/pairs"
            defer { unlink(path) }
            _ = try writePairs(
                of: sources, values: values, attempt: attempt, outputPath: path, memoryByteCount: memory)
            return try Self.bytes(path)
        }
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "rb"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
        return bytes
    }

    private struct Pair {
        let key: [UInt8]
        let line: [UInt8]

        init(_ line: ArraySlice<UInt8>) {
            key = Array(line.prefix { $0 != 9 })
            self.line = line.contains(9) ? Array(line) : line + [9]
        }
    }

    /// By a stable sort of all lines, those of each key in the order of the texts.
    private func expected(_ texts: [[UInt8]]) -> [[UInt8]] {
        var pairs: [Pair] = []
        for text in texts {
            var lines = text.split(separator: 10, omittingEmptySubsequences: false)
            if lines.last?.isEmpty == true { lines.removeLast() }
            pairs += lines.map { Pair($0) }
        }
        var parts = [[UInt8]](repeating: [], count: Self.partitionCount)
        let sorted = pairs.enumerated().sorted { one, other in
            one.element.key == other.element.key
                ? one.offset < other.offset : one.element.key.lexicographicallyPrecedes(other.element.key)
        }
        for (_, pair) in sorted {
            let part = pair.key.withUnsafeBytes { TaskRuntime.partition(of: $0, count: Self.partitionCount) }
            parts[part] += pair.line + [10]
        }
        return parts
    }

    private static let awkward: [[UInt8]] = [
        Array("b\t2\na\t1\n\tempty key\n\nno tab\na\t\ttwo\na\t0\n".utf8),
        [0xff, 0xfe, 9, 0, 0x0d, 10, 0, 9, 0x80, 10] + Array("a\tfrom the second\nlast without end".utf8),
        [],
        Array(String(repeating: "often\tx\n", count: 2_000).utf8) + [UInt8](repeating: 0x6c, count: 300_000) + [10],
    ]

    @Test(
        "are what a stable sort makes of them, whatever bytes they are, where a job combines and where not",
        arguments: [PairValues.bytes(sorted: false), .bytes(sorted: true)])
    func bytes(values: PairValues) throws {
        #expect(try partitions(Self.awkward, values) == expected(Self.awkward))
    }

    @Test("are the same when they don't fit into memory")
    func spilled() throws {
        let texts = (0..<3).map { text in
            Array((0..<4_000).map { "key \($0 * 7_919 % 1_000)\t\(text) \($0)\n" }.joined().utf8)
        }
        #expect(try partitions(texts, .bytes(sorted: false), memory: 64 << 10) == expected(texts))
    }

    @Test("as counts are added up for each text, and come one for each text that has them")
    func counts() throws {
        let texts = ["the\t2\nfox\t1\nthe\t3\n", "the\t-7\n\t1\n", "fox\t9000000000000000000"].map { Array($0.utf8) }
        let summed = ["fox\t1\nthe\t5\n", "\t1\nthe\t-7\n", "fox\t9000000000000000000\n"].map { Array($0.utf8) }
        #expect(try partitions(texts, .counts) == expected(summed))
    }

    @Test(
        "that are no counts are refused by the number of their line",
        arguments: ["one", "one\t", "one\t1.5", "one\t 1"])
    func noCount(line: String) {
        #expect(throws: PairTextError.noCount(lineNumber: 2)) {
            try partitions([Array("the\t1\n\(line)\n".utf8)], .counts)
        }
    }

    @Test("a part that somebody else has written has as many lines as it has ends of lines")
    func part() throws {
        let folder = ScratchFolder()
        folder.write(Array("123456789".utf8), to: "part")
        let descriptor = open("\(folder.path)/part", O_RDONLY)
        defer { close(descriptor) }
        let (output, lineCount) = try measurePart(descriptor)
        // The check value of CRC-32C (RFC 3720 and others).
        #expect(output == OutputSummary(byteCount: 9, checksum: 0xe306_9283) && lineCount == 0)
    }
}
