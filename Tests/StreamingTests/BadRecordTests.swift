import ApplicationAPI
import Glibc
import Model
import Streaming
import TaskRuntime
import TestSupport
import Testing

@Suite("Records on which a program fails")
struct BadRecordTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let attempt = AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: 0), number: 2)
    private static let reduceAttempt = AttemptID(
        task: TaskID(job: JobID(number: 1), kind: .reduce, index: 0), number: 2)

    /// Dies of each line that holds `bad`, and keeps the others as they are.
    private static let picky =
        "while read -r l; do case $l in *bad*) echo it is $l >&2; exit 9;; esac; echo \"$l\"; done"

    private func input(_ text: String, _ records: RecordRule = RecordRule()) throws -> MapInput {
        let path = folder.write("in.txt", text)
        var status = stat()
        try #require(stat(path, &status) == 0)
        let file = InputFile(
            path: Array(path.utf8), name: Array("in.txt".utf8), byteCount: Int64(status.st_size),
            modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
        return .local(
            pieces: [SplitPiece(fileIndex: 0, offset: 0, byteCount: file.byteCount)], files: [0: file], records: records
        )
    }

    /// Runs a map attempt that looks for bad records.
    private func map(
        _ text: String, _ aim: BadRecordAim, mapper: String = picky, records: RecordRule = RecordRule()
    ) async throws -> AttemptResult {
        let input = try input(text, records)
        let (path, options) = ("\(folder.path)/map", StreamingJob(mapper: mapper).options)
        return try await onThread {
            let application = try Streaming(options: options)
            let run = { (application: Streaming, input: MapInput) in
                try runMapTask(
                    application, input: input, partitionCount: 1, attempt: Self.attempt, outputPath: path)
            }
            do {
                return try run(application, input)
            } catch {
                guard let ending = application.programEnding(in: error) else { throw error }
                let search = MapRecordSearch(input: input, attempt: Self.attempt, control: TaskControl()) {
                    try Streaming(options: options)
                }
                return try search.resolve(error, ending: ending, aim: aim) { try run(Streaming(options: options), $0) }
            }
        }
    }

    private func reduce(
        _ text: String, _ aim: BadRecordAim, reducer: String
    ) async throws -> (AttemptResult, part: String) {
        _ = try await map(text, .name, mapper: "cat")
        let (path, options) = (folder.path, StreamingJob(reducer: reducer).options)
        let result = try await onThread {
            let output = try MapOutputFile(path: "\(path)/map", expecting: Self.attempt)
            let segment = output.segment(0)
            let sources = [SegmentSource(path: "\(path)/map", offset: segment.offset, byteCount: segment.byteCount)]
            let application = try Streaming(options: options)
            do {
                return try runReduceTask(
                    application, attempt: Self.reduceAttempt, sources: sources, outputPath: "\(path)/part")
            } catch {
                guard let ending = application.programEnding(in: error) else { throw error }
                let search = ReduceGroupSearch(
                    attempt: Self.reduceAttempt, sources: sources, outputPath: "\(path)/part",
                    memoryByteCount: TaskLimits.memoryByteCount, control: TaskControl()
                ) {
                    try Streaming(options: options)
                }
                return try search.resolve(error, ending: ending, aim: aim)
            }
        }
        return (result, part: String(decoding: try read("\(path)/part"), as: UTF8.self))
    }

    private func lines(_ count: Int, bad: [Int]) -> String {
        (0..<count).map { bad.contains($0) ? "bad \($0)\n" : "line \($0)\n" }.joined()
    }

    /// Dies where one of the records is bad, or not whole.
    private static let dieOfBad = """
        import re, sys
        text = sys.stdin.buffer.read()
        whole = {"csv": rb'(\\d+,"\\w+\\n,""\\n"\\n)*', "nul": rb'(\\d+\\n\\w+\\0)*', "fixed": rb'(<\\w{5}\\n>)*'}
        if not re.fullmatch(whole[sys.argv[1]], text) or b"bad" in text: sys.exit(9)
        """

    @Test(
        "Records that are no lines are found too, and left out whole",
        arguments: [
            ("csv", RecordRule(format: .csv)), ("csv", RecordRule(format: .csv, skipsHeaders: true)),
            ("nul", RecordRule(format: .nulTerminated)), ("fixed", RecordRule(format: .fixedLength(byteCount: 8))),
        ])
    func otherFormats(name: String, records: RecordRule) async throws {
        let script = folder.write("die.py", Self.dieOfBad)
        let rows = (0..<90).map { number in
            let word = [41, 77].contains(number) ? "bad" : "xxx"
            return switch name {
            case "csv": "\(number),\"\(word)\n,\"\"\n\"\n"
            case "nul": "\(number)\n\(word)\0"
            default: "<\(word)\(number + 10)\n>"
            }
        }
        let result = try await map(
            rows.joined(), .skip(countMax: 2), mapper: "python3 \(script) \(name)", records: records)
        let places = [41, 77].map { number in
            SkippedRecord.Place.record(
                fileIndex: 0, offset: Int64(rows[..<number].joined().utf8.count),
                byteCount: Int64(rows[number].utf8.count))
        }
        #expect(result.skipped.map(\.place) == places)
        #expect(result.counters.inputRecords == (records.skipsHeaders ? 87 : 88))
    }

    @Test("The record is named by its number in the split, its place in the file, and the program's last words")
    func named() async throws {
        let error = await #expect(throws: BadRecordError.self) { try await map(lines(500, bad: [123, 400]), .name) }
        let text = try #require(error).description
        let offset = lines(123, bad: []).utf8.count
        #expect(text.hasPrefix("record 124 of the split, byte \(offset) of in.txt, 8 bytes: command '"), "\(text)")
        #expect(text.contains("ended with exit code 9; the end of its standard error:\n  it is bad 123"))
        #expect(error?.isFinal == false)
    }

    @Test("What the runs that look for bad records count is nothing; the last run, without them, counts")
    func counted() async throws {
        let counting =
            "while read -r l; do echo reporter:counter:g,n,1 >&2; case $l in *bad*) exit 9;; esac; echo \"$l\"; done"
        let result = try await map(lines(60, bad: [10, 40]), .skip(countMax: 2), mapper: counting)
        let name = CounterName(group: Array("g".utf8), name: Array("n".utf8))
        #expect(result.userCounters == UserCounters([UserCounter(name: name, value: 58)]))
    }

    @Test(
        "Bad records are left out, and the output is that of the input without them",
        arguments: [[0], [499], [3, 4, 77]])
    func leftOut(bad: [Int]) async throws {
        let text = lines(500, bad: bad)
        let result = try await map(text, .skip(countMax: bad.count))
        #expect(result.counters.skippedRecords == Int64(bad.count))
        #expect(result.counters.inputRecords == Int64(500 - bad.count))
        let places = bad.map { line in
            SkippedRecord.Place.record(
                fileIndex: 0, offset: Int64(lines(line, bad: bad).utf8.count),
                byteCount: Int64("bad \(line)\n".utf8.count))
        }
        #expect(result.skipped == places.map { SkippedRecord(place: $0, ending: "ended with exit code 9") })
        let expected = try await map(
            text.split(separator: "\n").filter { !$0.hasPrefix("bad") }.joined(separator: "\n") + "\n", .name)
        #expect(result.output == expected.output)
    }

    @Test("More bad records than allowed fail for good, by name")
    func tooMany() async throws {
        let error = await #expect(throws: BadRecordError.self) {
            try await map(lines(50, bad: [1, 20, 30]), .skip(countMax: 1))
        }
        #expect(error?.isFinal == true)
        #expect(
            error?.description.contains("\n  record 2 of the split, byte 7 of in.txt, 6 bytes: it ended with") == true)
        #expect(error?.description.contains("\n  record 21 ") == true)
        #expect(error?.description.contains("record 31") == false, "one more than allowed is enough")
    }

    @Test(
        "What no single record is to blame for is said",
        arguments: [
            ("cat > /dev/null; exit 3", "it fails without any input too; command"),
            ("n=$(wc -l); test $n -lt 40 || exit 3", "together, and on no single record of them; command"),
        ])
    func nobody(mapper: String, says: String) async throws {
        for aim in [BadRecordAim.name, .skip(countMax: 5)] {
            let error = await #expect(throws: BadRecordError.self) {
                try await map(lines(50, bad: []), aim, mapper: mapper)
            }
            #expect(error?.description.contains(says) == true, "\(String(describing: error))")
            #expect(error?.isFinal == false)
        }
    }

    @Test("A key with its values is what is left out of a reducer's input")
    func groups() async throws {
        let text = (0..<60).map { "key\($0 % 20)\t\($0)\n" }.joined()
        let reducer = "while read -r k v; do case $k in key7|key11) kill -SEGV $$;; esac; echo \"$k $v\"; done"
        let (result, part) = try await reduce(text, .skip(countMax: 2), reducer: reducer)
        #expect(
            result.skipped
                == ["key11", "key7"].map {
                    SkippedRecord(
                        place: .group(key: Array($0.utf8), keyByteCount: Int64($0.utf8.count), valueCount: 3),
                        ending: "was killed by SIGSEGV")
                })
        #expect(result.counters.skippedRecords == 2)
        #expect(part.split(separator: "\n").count == 54)
        #expect(!part.contains("key7 ") && !part.contains("key11 ") && part.contains("key12 32\n"))
    }

    @Test("Or it is named")
    func namedGroup() async throws {
        let error = await #expect(throws: BadRecordError.self) {
            _ = try await reduce("a\t1\nb\t2\nb\t3\nc\t4\n", .name, reducer: "! grep -q b")
        }
        #expect(error?.description.hasPrefix("key \"b\" with its 2 values: command '! grep -q b' ended") == true)
    }

    @Test("What the program writes to standard error while it is only tried is not in the attempt's log")
    func log() async throws {
        let control = TaskControl()
        let input = try input(lines(64, bad: [40]))
        let options = StreamingJob(mapper: Self.picky).options
        await #expect(throws: BadRecordError.self) {
            try await onThread {
                let search = MapRecordSearch(input: input, attempt: Self.attempt, control: control) {
                    try Streaming(options: options)
                }
                return try search.resolve(TaskError.cancelled, ending: "", aim: .name) { _ in
                    preconditionFailure("nothing counts here")
                }
            }
        }
        #expect(control.log == nil)
    }

    @Test("Other errors than a program's end are no reason to look for a record")
    func otherErrors() throws {
        let application = try Streaming(options: StreamingJob(mapper: "cat").options)
        #expect(application.programEnding(in: TaskError.cancelled) == nil)
    }
}
