import ApplicationAPI
import Applications
import Glibc
import Model
import TaskRuntime
import TestSupport
import Testing

/// Records that are no lines: whole, each once, and in order, wherever the input is cut.
@Suite("Formats of records")
struct RecordFormatTests {
    private static let applications: [any Application] = {
        let registry = ApplicationRegistry(
            BuiltInApplications.all + [EchoPairs.self, LineLengths.self, LongestLine.self])
        let choices: [(String, [String: [UInt8]])] = [
            ("wordcount", [:]), ("wordcount", ["lowercase": []]), ("index", [:]), ("grep", ["pattern": bytes("ho")]),
            ("grep", ["pattern": bytes("(a|8)$")]), ("ngrams", [:]), ("echo-pairs", [:]), ("line-lengths", [:]),
            ("longest-line", [:]), ("top", ["lines": []]), ("top", [:]),
        ]
        return choices.map { name, options in
            do { return try registry.make(name, options: options) } catch { preconditionFailure("\(error)") }
        }
    }()

    @Test("Parts equal the sequential run's in any format, with headers and without", arguments: UInt64(0)..<200)
    func anyPlan(seed: UInt64) throws {
        var input = AwkwardInput(seed: seed)
        let formats: [RecordFormat] = [
            .nulTerminated, .fixedLength(byteCount: Int.random(in: 1...9, using: &input.random)), .csv, .wholeFile,
            .lines,
        ]
        let format = formats[Int(seed) % formats.count]
        let files = input.files(byteCountMax: seed % 10 == 0 ? 20_000 : 600).map { ($0.name, fit($0.bytes, format)) }
        let splits = input.splits(of: files)
        let skipsHeaders = format != .wholeFile && Bool.random(using: &input.random)
        let run = JobRun(
            memoryByteCount: [4_000, 128 << 20].randomElement(using: &input.random) ?? 1,
            readByteCountMax: [1, 3, 1000, .max].randomElement(using: &input.random) ?? 1,
            records: RecordRule(format: format, skipsHeaders: skipsHeaders))
        for (index, application) in Self.applications.enumerated() {
            let expected = try SequentialRun.parts(
                application, files: files, partitionCount: 1, records: run.records)
            let outcome = try run(
                application, files: files, splits: format == .csv ? atRecords(splits, files) : splits)
            #expect(outcome.parts == expected, "application \(index), \(run); seed \(seed)")
        }
    }

    /// What is left over of fixed records goes, and a quote that is open is closed.
    private func fit(_ bytes: [UInt8], _ format: RecordFormat) -> [UInt8] {
        switch format {
        case .fixedLength(let byteCount): bytes.dropLast(bytes.count % byteCount)
        case .csv: bytes + (bytes.count { $0 == UInt8(ascii: "\"") } % 2 == 1 ? [UInt8(ascii: "\"")] : [])
        case .lines, .nulTerminated, .wholeFile: bytes
        }
    }

    /// The same splits, but that each piece begins with a record.
    private func atRecords(_ splits: [[SplitPiece]], _ files: [NamedBytes]) -> [[SplitPiece]] {
        splits.map { split in
            split.map { piece in
                let bytes = files[piece.fileIndex].bytes
                let start = naiveStart(Int(piece.offset), bytes)
                let end = naiveStart(Int(piece.offset + piece.byteCount), bytes)
                return SplitPiece(fileIndex: piece.fileIndex, offset: Int64(start), byteCount: Int64(end - start))
            }
        }
    }

    /// The first place at `offset` or behind it where a record of comma-separated values begins.
    private func naiveStart(_ offset: Int, _ bytes: [UInt8]) -> Int {
        var isQuoted = false
        for (index, byte) in bytes.enumerated() {
            if index >= offset, index == 0 || (bytes[index - 1] == 10 && !isQuoted) { return index }
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
        }
        return bytes.count
    }

    @Test("A file of quoted records is cut where they begin", arguments: UInt64(0)..<200)
    func recordStarts(seed: UInt64) throws {
        var input = AwkwardInput(seed: seed)
        let folder = ScratchFolder()
        let content = fit(input.content(seed % 20 == 0 ? 3_000_000 : 300), .csv)
        folder.write(content, to: "in.csv")
        var status = stat()
        try #require(stat("\(folder.path)/in.csv", &status) == 0)
        let file = InputFile(
            path: bytes("\(folder.path)/in.csv"), name: bytes("in.csv"), byteCount: Int64(content.count),
            modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
        let offsets = (0..<5).map { _ in Int.random(in: 0...content.count, using: &input.random) }.sorted()
        let starts = try QuotedRecords.starts(in: file, near: offsets.map(Int64.init))
        #expect(starts == offsets.map { Int64(naiveStart($0, content)) }, "seed \(seed)")
    }

    @Test("A record that is longer than the read buffer stays whole in every format")
    func longRecords() throws {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 700_000)
        let cases: [(RecordFormat, [UInt8])] = [
            (.nulTerminated, long + [10, 0] + bytes("b\0") + long),
            (.csv, [34] + long + bytes("\n\"\"") + long + bytes("\",1\r\nb,2\n")),
            (.fixedLength(byteCount: 700_001), long + [10] + long + [0]),
        ]
        for (format, content) in cases {
            let files = [(name: bytes("f"), bytes: content)]
            let cuts = format == .csv ? [0, content.count] : [0, 300_000, 700_000, content.count]
            let splits = zip(cuts, cuts.dropFirst()).map {
                [SplitPiece(fileIndex: 0, offset: Int64($0), byteCount: Int64($1 - $0))]
            }
            let run = JobRun(records: RecordRule(format: format))
            for application in Self.applications.suffix(5) {
                let expected = try SequentialRun.parts(
                    application, files: files, partitionCount: 1, records: run.records)
                #expect(try run(application, files: files, splits: splits).parts == expected, "\(format)")
            }
        }
    }

    @Test("Records are counted, the last one without its end too, and no header")
    func counted() throws {
        let cases: [(RecordFormat, String, Int64)] = [
            (.nulTerminated, "a\0b\n\0\0c", 4), (.csv, "a,\"b\nc\"\r\n\nd", 3), (.csv, "a\n\"\n\"\n", 2),
            (.fixedLength(byteCount: 3), "abcdefghi", 3), (.wholeFile, "a\nb\n", 1), (.lines, "a\nb", 2),
        ]
        for (format, text, count) in cases {
            for skipsHeaders in [false, true] where !skipsHeaders || format != .wholeFile {
                let files = [(name: bytes("f"), bytes: bytes(text))]
                let run = JobRun(records: RecordRule(format: format, skipsHeaders: skipsHeaders))
                let outcome = try run(LineLengths(options: .init()), files: files, splits: [wholePieces(files)])
                #expect(outcome.counters.inputRecords == count - (skipsHeaders ? 1 : 0), "\(format), \(text)")
            }
        }
    }

    @Test("A file that is no whole number of records is refused by name, and one that ends within quotes")
    func refused() {
        let files = [(name: bytes("f.bin"), bytes: bytes("abcdefgh"))]
        let run = JobRun(records: RecordRule(format: .fixedLength(byteCount: 3)))
        #expect(throws: TaskError.notWholeRecords(path: "f.bin", byteCount: 8, recordByteCount: 3)) {
            try run(LineLengths(options: .init()), files: files, splits: [wholePieces(files)])
        }
        let quoted = [(name: bytes("f.csv"), bytes: bytes("a,b\nc,\"d\n"))]
        for skipsHeaders in [false, true] {
            #expect(throws: TaskError.quotesLeftOpen(path: "f.csv")) {
                try JobRun(records: RecordRule(format: .csv, skipsHeaders: skipsHeaders))(
                    LineLengths(options: .init()), files: quoted, splits: [wholePieces(quoted)])
            }
        }
    }
}
