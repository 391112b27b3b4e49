import ApplicationAPI
import Model
import TaskRuntime
import TestSupport
import Testing

@testable import Streaming

@Suite("Lines on standard error that report something")
struct ReporterLineTests {
    /// What comes out of text that arrives in pieces.
    private struct Taken: Equatable {
        var ordinary: [UInt8] = []
        var reports: [ReporterLine] = []
    }

    private func take(_ pieces: [ArraySlice<UInt8>]) -> Taken {
        var lines = ReporterLines()
        var (ordinary, reports): ([UInt8], [ReporterLine]) = ([], [])
        for piece in pieces {
            Array(piece).withUnsafeBytes {
                lines.take($0, ordinary: { ordinary += $0 }, report: { reports.append($0) })
            }
        }
        lines.finish(ordinary: { ordinary += $0 }, report: { reports.append($0) })
        return Taken(ordinary: ordinary, reports: reports)
    }

    @Test(
        "Counters and states are taken, as Hadoop takes them",
        arguments: [
            ("reporter:counter:g,n,1", .counter(group: [0x67], name: [0x6E], count: 1)),
            ("reporter:counter:g,n,-12\r", .counter(group: [0x67], name: [0x6E], count: -12)),
            ("reporter:counter:,,+0", .counter(group: [], name: [], count: 0)),
            (
                "reporter:counter:g, n ,9223372036854775807",
                .counter(group: [0x67], name: [0x20, 0x6E, 0x20], count: .max)
            ),
            ("reporter:counter:g,n,-9223372036854775808", .counter(group: [0x67], name: [0x6E], count: .min)),
            ("reporter:status:", .status([])),
            ("reporter:status:a,b:c", .status(Array("a,b:c".utf8))),
        ] as [(String, ReporterLine)])
    func valid(text: String, line: ReporterLine) {
        for text in [text, text + "\n"] {
            #expect(take([Array(text.utf8)[...]]) == Taken(ordinary: [], reports: [line]))
        }
    }

    @Test(
        "What only looks like one stays an ordinary line, byte for byte",
        arguments: [
            "reporter:counter:g,n", "reporter:counter:g,n,", "reporter:counter:g,n,1,2", "reporter:counter:g,n,1 ",
            "reporter:counter:g,n,1.0", "reporter:counter:g,n,9223372036854775808", "reporter:counter:g,n,one",
            "reporter:counter", "reporter:stat", "Reporter:status:x", " reporter:status:x", "reporter:other:x",
            "reporter:counter:\(String(repeating: "g", count: 129)),n,1",
            "reporter:counter:g,\(String(repeating: "n", count: 129)),1", "r", "reporter:status", "\r", "",
            "reporter:status:\(String(repeating: "x", count: 5_000))", "reporter:counter:g,n,٣",
        ])
    func ordinary(text: String) {
        for text in [text, text + "\n", "before\n" + text + "\nafter\n"] {
            #expect(take([Array(text.utf8)[...]]) == Taken(ordinary: Array(text.utf8), reports: []))
        }
    }

    @Test("However the text is cut, the same comes out as line by line", arguments: UInt64(0)..<200)
    func cuts(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let samples = [
            "reporter:counter:group,name,5", "reporter:status:half way", "reporter:counter:a,b,c", "rep", "", "x",
            "reporter:status:" + String(repeating: "s", count: 2_000), "a longer line reporter:counter:g,n,1",
            "reporter:counter:g,n,1\r", "\u{0}", "reporter:counter:ü,\u{301},1",
        ]
        var text: [UInt8] = []
        var expected = Taken()
        let count = random.number(in: 1...12)
        for index in 0..<count {
            let line = Array(samples[random.number(in: 0...(samples.count - 1))].utf8)
            let end: [UInt8] = index == count - 1 && random.happens(0.5) ? [] : [10]
            text += line + end
            if line.count <= ReporterLines.lineByteCountMax, let report = ReporterLine(line) {
                expected.reports.append(report)
            } else {
                expected.ordinary += line + end
            }
        }
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < text.count {
            let countMax = [1, 7, 40, 3_000][random.number(in: 0...3)]
            let end = min(text.count, start + random.number(in: 1...countMax))
            pieces.append(text[start..<end])
            start = end
        }
        #expect(take(pieces) == expected, "seed \(seed)")
    }

    @Test("What can't be such a line goes on before its line ends")
    func prompt() {
        var lines = ReporterLines()
        var ordinary: [UInt8] = []
        Array("repeat? ".utf8).withUnsafeBytes { lines.take($0, ordinary: { ordinary += $0 }, report: { _ in }) }
        #expect(ordinary == Array("repeat? ".utf8))
    }

    private func result(_ job: StreamingJob, _ input: String) async throws -> StreamingJob.Results {
        try await job.results(Array(input.utf8))
    }

    @Test("Mapper, combiner and reducer count; a last line without LF too; the log has the other lines")
    func programs() async throws {
        let lines = #"while read -r l; do echo "$l"; echo reporter:counter:m,lines,1 >&2; done"#
        var job = StreamingJob(
            mapper: lines + #"; printf 'words\nreporter:counter:m,end,2' >&2"#,
            reducer: "cat; echo reporter:status:half >&2; echo reporter:counter:r,parts,1 >&2",
            combiner: "cat; echo reporter:counter:c,runs,1 >&2")
        job.partitionCount = 2
        let results = try await result(job, "a\nb\nc\nd\ne\nf\ng\nh\n")
        #expect(results.counts(0) == ["m: lines 8", "m: end 2", "c: runs 2"].sorted())
        #expect(results.counts(1) == ["r: parts 1"] && results.counts(2) == ["r: parts 1"])
        #expect(results.log == "words\n")
        #expect(job.control.takeStatus() == Array("half".utf8) && job.control.takeStatus() == nil)
    }

    @Test("More than 120 names are not counted, and the attempt's log says so once")
    func tooMany() async throws {
        let job = StreamingJob(
            mapper: "for i in $(seq 0 129) 0; do echo reporter:counter:g,$i,1 >&2; done")
        let results = try await result(job, "a\n")
        #expect(results.counts(0).count == 120 && results.counts(0).contains("g: 0 2"))
        #expect(results.results[0].userCounters.isCut)
        #expect(
            results.log
                == "mr-worker: a job has at most 120 counters; others, from this one on, are not counted: g, 120\n")
    }

    @Test("The reason of a failure has no line that reported something")
    func failure() async throws {
        let job = StreamingJob(
            mapper: "echo why >&2; echo reporter:counter:g,n,1 >&2; printf 'reporter:cou' >&2; exit 3")
        let error = await #expect(throws: (any Error).self) { try await job.run("a\n") }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.hasSuffix("the end of its standard error:\n  why\n  reporter:cou"), "\(text)")
    }
}
