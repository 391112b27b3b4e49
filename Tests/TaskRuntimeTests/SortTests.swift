import ApplicationAPI
import Applications
import Model
import TaskRuntime
import TestSupport
import Testing

/// The parts of a sort, one after the other, are the input's lines in byte order: compared with sorting an array.
@Suite struct SortTests {
    private func sort(unique: Bool = false) throws -> Sort {
        try Sort(options: ApplicationOptions(unique ? ["unique": []] : [:]))
    }

    /// What `LC_ALL=C sort` writes.
    private func sortedLines(_ files: [NamedBytes], unique: Bool = false) -> [UInt8] {
        var lines: [[UInt8]] = []
        for file in files {
            var pieces = file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(
                Array.init)
            if pieces.last?.isEmpty == true { pieces.removeLast() }
            lines += pieces
        }
        lines.sort { $0.lexicographicallyPrecedes($1) }
        if unique { lines = lines.enumerated().filter { $0 == 0 || lines[$0 - 1] != $1 }.map(\.element) }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")])) + (lines.isEmpty ? [] : [UInt8(ascii: "\n")])
    }

    /// Every third line stands for all.
    private func cutPoints(
        _ application: any Application, _ files: [NamedBytes], _ partitionCount: Int
    ) throws -> [[UInt8]] {
        let lines = files.flatMap { file in
            file.bytes.split(separator: UInt8(ascii: "\n")).map {
                SampledRecord(fileName: file.name, bytes: Array($0) + [UInt8(ascii: "\n")])
            }
        }
        let sample = lines.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
        return try CutPoints.choose(for: application, sample: sample, partitionCount: partitionCount)
    }

    private func expectSorted(
        _ files: [NamedBytes], splits: [[SplitPiece]]? = nil, run: JobRun, unique: Bool = false, _ comment: Comment
    ) throws {
        let application = try sort(unique: unique)
        var run = run
        run.cutPoints = try cutPoints(application, files, run.partitionCount)
        let outcome = try run(application, files: files, splits: splits ?? [wholePieces(files)])
        #expect(Array(outcome.parts.joined()) == sortedLines(files, unique: unique), comment)
        #expect(outcome.parts.count == run.partitionCount, comment)
    }

    @Test(
        "All parts together are the sorted lines, for any input, splits, budget and number of parts",
        arguments: UInt64(0)..<100)
    func anyPlan(seed: UInt64) throws {
        var input = AwkwardInput(seed: seed)
        let files = input.files(byteCountMax: seed % 5 == 0 ? 50_000 : 600)
        let splits = input.splits(of: files)
        let run = JobRun(
            partitionCount: [1, 2, 7, 40].randomElement(using: &input.random) ?? 1,
            memoryByteCount: [1, 20_000, 200_000, 128 << 20].randomElement(using: &input.random) ?? 1,
            readByteCountMax: [3, 1000, .max].randomElement(using: &input.random) ?? 1)
        try expectSorted(files, splits: splits, run: run, unique: seed % 2 == 0, "\(run); seed \(seed)")
    }

    @Test("Empty lines, NUL, carriage returns, invalid UTF-8 and a last line without end are kept as they are")
    func awkwardBytes() throws {
        let text = bytes("b\r\n\n\u{0}\n\u{0}\u{0}\nb\n\nb\r\n") + [0xFF, 10, 0xC3, 10, 0x80] + bytes("\nlast")
        for count in [1, 3, 30] {
            try expectSorted(
                [(name: bytes("f"), bytes: text), (name: bytes("g"), bytes: bytes("no end"))],
                run: JobRun(partitionCount: count), "\(count) parts")
        }
    }

    @Test("A key with nine tenths of the records, and one with all, are in one part", arguments: [10, 1])
    func skew(every: Int) throws {
        let text = (0..<20_000).map { $0 % 10 == every ? "other \($0)\n" : "hot\n" }.joined()
        let files = [(name: bytes("f"), bytes: bytes(text))]
        for memory in [4 << 10, 100_000, 128 << 20] {
            try expectSorted(files, run: JobRun(partitionCount: 5, memoryByteCount: memory), "\(memory)")
        }
        var run = JobRun(partitionCount: 5)
        run.cutPoints = try cutPoints(try sort(), files, 5)
        let parts = try run(try sort(), files: files, splits: [wholePieces(files)]).parts
        let hot = parts.filter { $0.starts(with: bytes("hot\n")) }
        #expect(hot.count == 1, "equal keys are in one part")
    }

    @Test("Sorted runs that do not fit into the budget are merged in as many rounds as it takes")
    func manyRuns() throws {
        var random = SplitMix64(seed: 7)
        let text = (0..<40_000).map { "\(Int.random(in: 0...9999, using: &random)) \($0)\n" }.joined()
        let files = [(name: bytes("f"), bytes: bytes(text))]
        // Too little for a block of each part, so that the map task sorts and spills; enough for some blocks; for most.
        for memory in [1, 40_000, 300_000] {
            try expectSorted(files, run: JobRun(partitionCount: 3, memoryByteCount: memory), "\(memory)")
        }
    }

    @Test("No records at all make parts without anything in them")
    func nothing() throws {
        try expectSorted([], splits: [], run: JobRun(partitionCount: 3), "no splits")
        try expectSorted([(name: bytes("f"), bytes: [])], run: JobRun(partitionCount: 3), "an empty file")
    }

    @Test("A line of 40 MB is sorted like any other")
    func longLine() throws {
        let long = [UInt8](repeating: UInt8(ascii: "m"), count: 40 << 20)
        let files = [(name: bytes("f"), bytes: bytes("z\n") + long + bytes("\na\n") + long)]
        let application = try sort()
        var run = JobRun(partitionCount: 2, memoryByteCount: 8 << 20)
        run.cutPoints = [bytes("b")]
        let parts = try run(application, files: files, splits: [wholePieces(files)]).parts
        #expect(parts[0] == bytes("a\n"))
        #expect(parts[1] == long + bytes("\n") + long + bytes("\nz\n"))
    }

    @Test("Cut points that do not make as many ranges as there are parts are refused, and so are ones out of order")
    func wrongCutPoints() throws {
        let files = [(name: bytes("f"), bytes: bytes("a\n"))]
        for cutPoints in [nil, [], [bytes("b"), bytes("a")], [bytes("a"), bytes("b"), bytes("c")]] {
            var run = JobRun(partitionCount: 3)
            run.cutPoints = cutPoints
            #expect(throws: TaskError.wrongCutPoints(count: cutPoints?.count ?? 0, partitionCount: 3)) {
                try run(try sort(), files: files, splits: [wholePieces(files)])
            }
        }
    }
}

/// Ranges of keys are chosen from what an application makes of a sample.
@Suite struct CutPointTests {
    private func sample(_ lines: [String]) -> [SampledRecord] {
        lines.map { SampledRecord(fileName: bytes("f"), bytes: bytes($0 + "\n")) }
    }

    @Test("Cut points part the keys that map emits, not the records")
    func mappedKeys() throws {
        let application = RangedSecondWords(options: ApplicationOptions())
        let lines = (0..<100).map { "\($0) \(String(repeating: "k", count: 99 - $0))" }
        let cutPoints = try CutPoints.choose(for: application, sample: sample(lines), partitionCount: 4)
        #expect(cutPoints == [25, 50, 75].map { bytes(String(repeating: "k", count: $0)) })
    }

    @Test("The application begins and ends a task of its own with the sample")
    func hooks() throws {
        let application = RangedTail(options: ApplicationOptions())
        let cutPoints = try CutPoints.choose(
            for: application, sample: sample((0..<100).map { "\(100 + $0)" }), partitionCount: 4)
        #expect(cutPoints == ["job 1 map 0: 125", "job 1 map 0: 150", "job 1 map 0: 175"].map(bytes))
    }

    @Test("An application that cannot begin has no cut points: others might come to other ones")
    func noBeginning() {
        #expect(throws: RangedTail.NoBeginning.self) {
            try CutPoints.choose(
                for: RangedTail(options: ApplicationOptions(["fails": []])), sample: sample(["1", "2"]),
                partitionCount: 2)
        }
    }

    @Test("Cut points are bounded in length and number of bytes, and in order, however long the keys are")
    func bounds() throws {
        let sort = try Sort(options: ApplicationOptions())
        let lines = (0..<200).map { String(repeating: "x", count: 5_000) + "\($0)" }
        for count in [2, 100, 10_000] {
            let cutPoints = try CutPoints.choose(for: sort, sample: sample(lines), partitionCount: count)
            #expect(cutPoints.count == count - 1)
            #expect(cutPoints.allSatisfy { $0.count <= CutPoints.byteCountMax })
            #expect(cutPoints.reduce(0) { $0 + $1.count } <= CutPoints.byteCountTotalMax)
            #expect(KeyRanges.areInOrder(cutPoints))
        }
    }

    @Test("Without a sample there are cut points all the same")
    func noSample() throws {
        let sort = try Sort(options: ApplicationOptions())
        #expect(try CutPoints.choose(for: sort, sample: [], partitionCount: 3) == [[], []])
        #expect(try CutPoints.choose(for: sort, sample: [], partitionCount: 1) == [])
    }

    @Test("Of a sample with more keys than are held, some stand for all")
    func manyKeys() throws {
        let lines = (0..<4_000).map { "\(10_000 + $0)" }
        // 400,000 keys, more than are held, in the order of the input.
        let wordy = AdHoc { record, output in
            for number in 100..<200 { output.emit(Array(record.bytes) + Array("\(number)".utf8), "") }
        }
        let cutPoints = try CutPoints.choose(for: wordy, sample: sample(lines), partitionCount: 4)
        let numbers = cutPoints.compactMap { Int(String(decoding: $0.prefix(5), as: UTF8.self)) }
        #expect(numbers.count == 3)
        for (number, expected) in zip(numbers, [11_000, 12_000, 13_000]) {
            #expect(abs(number - expected) <= 2, "\(numbers)")
        }
    }

    @Test("Where failures count, the first one is thrown")
    func failures() throws {
        struct Trouble: Error, Equatable { let line: [UInt8] }
        let picky = AdHoc { record, output in
            if record.bytes.first == UInt8(ascii: "x") { throw Trouble(line: Array(record.bytes)) }
            output.emit(record.bytes, "")
        }
        let lines = ["a", "x1", "b", "x2"]
        #expect(try CutPoints.choose(for: picky, sample: sample(lines), partitionCount: 2) == [bytes("b")])
        #expect(throws: Trouble(line: bytes("x1"))) {
            try CutPoints.choose(for: picky, sample: sample(lines), partitionCount: 2, passesOverFailures: false)
        }
    }
}
