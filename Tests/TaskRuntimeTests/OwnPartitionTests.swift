import ApplicationAPI
import Model
import TaskRuntime
import TestSupport
import Testing

@Suite("Parts that an application chooses")
struct OwnPartitionTests {
    @Test(
        "Each part has the keys that the application puts there, in order", arguments: [false, true], [2_000, 1 << 20])
    func routed(combines: Bool, memoryByteCount: Int) throws {
        var input = AwkwardInput(seed: 5)
        let files = [
            (name: bytes("a"), bytes: input.content(20_000)), (name: bytes("b"), bytes: input.content(20_000)),
        ]
        let application = try RoutedLines(options: ApplicationOptions(combines ? ["combines": []] : [:]))
        let run = JobRun(partitionCount: 3, memoryByteCount: memoryByteCount)
        let parts = try run(application, files: files, splits: input.splits(of: files)).parts
        let newline = UInt8(ascii: "\n")
        var expected = [[[UInt8]]](repeating: [], count: 3)
        for file in files {
            var lines = file.bytes.split(separator: newline, omittingEmptySubsequences: false).map(Array.init)
            if lines.last == [] { lines.removeLast() }
            for line in lines { expected[Int(line.first ?? 0) % 3].append(line) }
        }
        for part in 0..<3 {
            let lines = expected[part].sorted { $0.lexicographicallyPrecedes($1) }
            #expect(parts[part] == lines.flatMap { $0 + [9, newline] }, "part \(part)")
        }
    }

    @Test(
        "A part that there is not fails the attempt, with the numbers that there are", arguments: [-1, 3, Int.max],
        [false, true])
    func wrong(part: Int, sums: Bool) throws {
        let options: [String: [UInt8]] = ["part": bytes("\(part)"), "sums": bytes("\(sums)")]
        let application = try FixedPart(options: ApplicationOptions(options))
        let files = [(name: bytes("f"), bytes: bytes("a\nb\n"))]
        for memoryByteCount in [1, 1 << 20] {
            let error = #expect(throws: WrongPartition.self) {
                try JobRun(partitionCount: 3, memoryByteCount: memoryByteCount)(
                    application, files: files, splits: [wholePieces(files)])
            }
            #expect(
                error?.description.hasPrefix(
                    "application fixed-part put a key into part \(part), and the parts are 0 to 2;")
                    == true)
        }
    }

    @Test("The hash that is offered is the one that parts are chosen by elsewhere")
    func hash() {
        for text in ["", "a", "12345678", "123456789", "\u{0}"] {
            bytes(text).withUnsafeBytes { key in
                #expect(hashPartition(of: key, partCount: 7) == partition(of: key, count: 7))
            }
        }
    }
}
