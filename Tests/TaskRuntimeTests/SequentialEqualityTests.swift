import ApplicationAPI
import Applications
import Model
import TaskRuntime
import TestSupport
import Testing

/// The parts are the oracle's bytes, whatever the splits, the budget and the number of parts.
@Suite struct SequentialEqualityTests {
    static let applications: [any Application] = {
        let registry = ApplicationRegistry(
            BuiltInApplications.all + [
                EchoPairs.self, FirstValueOnly.self, LineLengths.self, FileSizes.self, LongestLine.self,
                RoutedLines.self,
            ])
        let choices: [(String, [String: [UInt8]])] = [
            ("wordcount", [:]), ("wordcount", ["lowercase": [], "letters": []]), ("wordcount", ["lowercase": []]),
            ("grep", ["pattern": bytes("ho")]), ("grep", ["pattern": bytes("(a|8)$")]), ("index", [:]),
            ("echo-pairs", [:]), ("first-value-only", [:]), ("line-lengths", [:]), ("file-sizes", [:]),
            ("longest-line", [:]), ("routed-lines", [:]), ("routed-lines", ["combines": []]),
        ]
        return choices.map { name, options in
            do { return try registry.make(name, options: options) } catch { preconditionFailure("\(error)") }
        }
    }()

    @Test(
        "Parts equal the sequential run's for any input, splits, budget and number of parts", arguments: UInt64(0)..<100
    )
    func anyPlan(seed: UInt64) throws {
        var input = AwkwardInput(seed: seed)
        let files = input.files(byteCountMax: seed % 10 == 0 ? 20_000 : 600)
        let splits = input.splits(of: files)
        let run = JobRun(
            partitionCount: [1, 2, 7].randomElement(using: &input.random) ?? 1,
            memoryByteCount: [1, 4_000, 20_000, 128 << 20].randomElement(using: &input.random) ?? 1,
            readByteCountMax: [1, 3, 1000, .max].randomElement(using: &input.random) ?? 1)
        for (index, application) in SequentialEqualityTests.applications.enumerated() {
            let expected = try SequentialRun.parts(application, files: files, partitionCount: run.partitionCount)
            let outcome = try run(application, files: files, splits: splits)
            #expect(outcome.parts == expected, "application \(index), \(run); seed \(seed)")
        }
    }

    @Test("A file may be cut at any byte")
    func everyCut() throws {
        let text = bytes("a b\n\nc\r\n d\n\n\n\u{0}e\nlast")
        let files = [(name: bytes("f"), bytes: text)]
        let application = EchoPairs(options: ApplicationOptions())
        let expected = try SequentialRun.parts(application, files: files, partitionCount: 1)
        for first in 0...text.count {
            for second in first...text.count {
                let cuts = [0, first, second, text.count]
                let splits = zip(cuts, cuts.dropFirst()).map {
                    [SplitPiece(fileIndex: 0, offset: Int64($0), byteCount: Int64($1 - $0))]
                }
                let outcome = try JobRun()(application, files: files, splits: splits)
                #expect(outcome.parts == expected, "cut at \(first) and \(second)")
                #expect(outcome.counters.inputBytes == Int64(text.count), "cut at \(first) and \(second)")
                #expect(outcome.counters.inputRecords == 8, "cut at \(first) and \(second)")
            }
        }
    }

    @Test("Records that are longer than the read buffer, cut in the middle, stay whole")
    func longRecords() throws {
        var text = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        text += bytes("\nshort\n") + [UInt8](repeating: UInt8(ascii: "y"), count: 600_000)
        let files = [(name: bytes("f"), bytes: text)]
        let cuts = [0, 1 << 19, (1 << 20) + 1, (1 << 20) + 3, 3 << 19, text.count]
        let splits = zip(cuts, cuts.dropFirst()).map {
            [SplitPiece(fileIndex: 0, offset: Int64($0), byteCount: Int64($1 - $0))]
        }
        for application in SequentialEqualityTests.applications[3...6] {
            let expected = try SequentialRun.parts(application, files: files, partitionCount: 3)
            let outcome = try JobRun(partitionCount: 3)(application, files: files, splits: splits)
            #expect(outcome.parts == expected, "\(type(of: application))")
        }
    }

    @Test("More segments than are merged at once give the same part")
    func manySegments() throws {
        let files: [NamedBytes] = (0..<300).map { (name: bytes("f\($0)"), bytes: bytes("hot \($0 % 50)\n")) }
        let splits = (0..<files.count).map {
            [SplitPiece(fileIndex: $0, offset: 0, byteCount: Int64(files[$0].bytes.count))]
        }
        for application in SequentialEqualityTests.applications[5...8] {
            let expected = try SequentialRun.parts(application, files: files, partitionCount: 1)
            let outcome = try JobRun()(application, files: files, splits: splits)
            #expect(outcome.parts == expected, "\(type(of: application))")
        }
    }

    @Test("One hot key with more values than the budget holds keeps their order")
    func hotKey() throws {
        let lines = (0..<20_000).map { "hot \($0)\n" }.joined()
        let files = [(name: bytes("f"), bytes: bytes(lines))]
        let application = AdHoc { record, output in output.emit("hot", record.bytes.dropFirst(4)) }
        let expected = try SequentialRun.parts(application, files: files, partitionCount: 2)
        let outcome = try JobRun(partitionCount: 2, memoryByteCount: 30_000)(
            application, files: files, splits: [wholePieces(files)])
        #expect(outcome.parts == expected)
    }

    @Test("Keys with long common beginnings are sorted by what follows")
    func commonPrefixes() throws {
        var random = SplitMix64(seed: 4)
        var lines = ""
        for _ in 0..<5000 {
            let depth = Int.random(in: 0...70, using: &random)
            lines +=
                String(repeating: "p", count: depth)
                + ["", "a", "q", "\u{0}", "\u{0}\u{0}"].randomElement(using: &random, or: "") + "\n"
        }
        let files = [(name: bytes("f"), bytes: bytes(lines))]
        for application: any Application in [
            EchoPairs(options: .init()), try WordCount(options: .init()), FirstValueOnly(options: .init()),
        ] {
            let expected = try SequentialRun.parts(application, files: files, partitionCount: 1)
            let outcome = try JobRun()(application, files: files, splits: [wholePieces(files)])
            #expect(outcome.parts == expected, "\(type(of: application))")
        }
    }
}
