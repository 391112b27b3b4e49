import ApplicationAPI
import TaskRuntime
import TestSupport
import Testing

@testable import Streaming

@Suite("Keys of several fields")
struct KeyTests {
    private static let shapes: [StreamingJob] = [
        StreamingJob(mapper: "cat", reducer: "cat"),
        StreamingJob(mapper: "cat"),
        StreamingJob(reducer: "cat"),
        StreamingJob(mapper: "cat", reducer: "cat", combiner: "cat"),
    ]

    private func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        return lines.last == [] ? lines.dropLast() : lines
    }

    private static let tab = "-t \"$(printf '\\t')\""

    @Test(
        "A reducer's lines are those of sort -k, as the mapper wrote them, with spills and without",
        arguments: [
            (["sort-key": "1,2nr"], "\(tab) -k1,1 -k2,2nr"),
            (["sort-key": "2r", "field-separator": "e"], "-t e -k2,2r"),
            (["partition-key": "2"], "\(tab) -k2,2"), (["partition-key": "1", "sort-key": "3n"], "\(tab) -k3,3n"),
        ], shapes.indices)
    func oneReducer(keys: ([String: String], String), shape: Int) async throws {
        let input = SortedLines.awkward(byteCount: 60_000, seed: 3)
        let expected = try SortOpinion()(lines(input), keys.1)
        var job = Self.shapes[shape]
        job.keys = keys.0
        job.splitByteCount = 17_000
        for memoryByteCount in [40_000, 1 << 20] {
            job.memoryByteCount = memoryByteCount
            #expect(lines(try await job.run(input)[0]) == expected)
        }
    }

    @Test("All lines with the same partition fields reach one reducer, each in order", arguments: shapes.indices)
    func partitions(shape: Int) async throws {
        var random = SplitMix64(seed: 8)
        // Nine in ten have one key.
        let input = (0..<3_000).map { _ in
            let key = random.happens(0.9) ? "hot" : "k\(random.number(in: 0...40))"
            return "\(random.number(in: 0...9))\t\(key)\t\(random.number(in: -500...500))\n"
        }.joined()
        var job = Self.shapes[shape]
        job.keys = ["partition-key": "2", "sort-key": "2,3nr"]
        (job.partitionCount, job.splitByteCount, job.memoryByteCount) = (4, 9_000, 60_000)
        let parts = try await job.run(input).map(lines)
        var owners: [[UInt8]: Set<Int>] = [:]
        for (index, part) in parts.enumerated() {
            for line in part { owners[Array(line.split(separator: 9)[1]), default: []].insert(index) }
            #expect(try part == SortOpinion()(part, "\(Self.tab) -k2,2 -k3,3nr"), "part \(index)")
        }
        #expect(owners.count == 42 && owners.values.allSatisfy { $0.count == 1 })
        #expect(parts.allSatisfy { !$0.isEmpty })
        let all = parts.joined().sorted { $0.lexicographicallyPrecedes($1) }
        #expect(try all == SortOpinion()(lines(Array(input.utf8)), ""))
        for (index, part) in parts.enumerated() {
            for line in part {
                let owner = Array(line.split(separator: 9)[1]).withUnsafeBytes { partition(of: $0, count: 4) }
                #expect(owner == index)
            }
        }
    }

    @Test("A secondary sort gives the reducer the largest number of each key first")
    func secondarySort() async throws {
        let input = "b\t2\na\t-1\nb\t10\na\t1.5\nb\t9\na\t1.25\n"
        var job = StreamingJob(mapper: "cat", reducer: "awk '$1 != k { print; k = $1 }'")
        job.keys = ["partition-key": "1", "sort-key": "1,2nr"]
        #expect(try await job.part(input) == "a\t1.5\nb\t10\n")
    }

    @Test("No records, a line of 100 MB, and one without its LF")
    func extremes() async throws {
        var job = StreamingJob(mapper: "cat", reducer: "cat")
        job.keys = ["sort-key": "2n"]
        #expect(try await job.part("") == "")
        #expect(try await job.part("\n") == "\n")
        #expect(try await job.part("x\t2\ny\t1") == "y\t1\nx\t2\n")
        let long = [UInt8](repeating: 120, count: 100_000_000)
        let part = try await job.run(long + Array("\t5\nb\t7\nc\t3".utf8))[0]
        // Compared as a whole: a difference would print 200 MB.
        let isRight = part == Array("c\t3\n".utf8) + long + Array("\t5\nb\t7\n".utf8)
        #expect(isRight)
    }

    @Test("A combiner reads and writes lines as they are")
    func combiner() async throws {
        let input = (0..<20_000).map { "k\($0 % 70),1" }.joined(separator: "\n")
        let sum = #"awk -F , '{n[$1] += $2} END {for (k in n) print k "," n[k]}'"#
        var job = StreamingJob(mapper: "cat", reducer: "\(sum) | LC_ALL=C sort", combiner: sum)
        job.keys = ["sort-key": "1", "field-separator": ","]
        let expected = (0..<70).map { "k\($0),\(20_000 / 70 + ($0 < 20_000 % 70 ? 1 : 0))\n" }.sorted().joined()
        #expect(try await job.part(input) == expected)
        job.memoryByteCount = 100_000
        #expect(try await job.part(input) == expected, "with spills")
    }

    @Test("People are shown the line, and not the key that it is sorted by")
    func shown() throws {
        let options = ["reducer": "cat", "sort-key": "2nr"].mapValues { Array($0.utf8) }
        let application = try Streaming(options: ApplicationOptions(options))
        let order = try #require(try LineOrder(ApplicationOptions(options)))
        let line = Array("a\t17".utf8)
        line.withUnsafeBytes { line in
            #expect(Array(application.shownKey(order.sortKey.key(of: line))) == Array(line))
        }
    }

    @Test(
        "A range parts lines by the first fields of their order",
        arguments: [
            (["sort-key": "1,2nr"], "a"), (["sort-key": "1,2nr", "partition-key": "1,2"], "a|7"),
            (["sort-key": "2n,1"], "7"),
            (["partition-key": "2,1"], "7|a"), ([:], "a"),
        ])
    func ranges(keys: [String: String], shared: String) throws {
        var job = StreamingJob(mapper: "cat")
        job.keys = keys.merging(["total-order": ""]) { $1 }
        let application = try Streaming(options: job.options)
        #expect(application.partitioning == .keyRanges)
        let order = try LineOrder(job.options)
        func range(_ line: String) -> [UInt8] {
            Array(line.utf8).withUnsafeBytes { line in
                guard let order else {
                    return Array(application.rangeKey(of: Bytes(rebasing: line.prefix { $0 != 9 })))
                }
                return Array(application.rangeKey(of: order.sortKey.key(of: line)))
            }
        }
        #expect((range("a\t7\tx") == range("a\t8\tx")) == !shared.contains("7"))
        #expect((range("a\t7\tx") == range("b\t7\tx")) == !shared.contains("a"))
        #expect(range("a\t7\tx") == range("a\t7\ty"))
    }

    @Test(
        "What makes no sense is refused",
        arguments: [
            (["sort-key": "x"], "is no list of fields"), (["partition-key": "1n"], "which only a sort key takes"),
            (["field-separator": ","], "says nothing without"),
            (
                ["partition-key": "2", "sort-key": "1,2", "total-order": ""],
                "does not name the first fields of sort-key"
            ),
            (
                ["partition-key": "1,2", "sort-key": "1", "total-order": ""],
                "does not name the first fields of sort-key"
            ),
            (["sort-key": "1", "field-separator": "::"], "is not one byte"),
        ])
    func refused(keys: [String: String], says: String) throws {
        var job = StreamingJob(mapper: "cat")
        job.keys = keys
        job.reducer = "cat"
        let error = #expect(throws: ApplicationOptionError.self) { try Streaming(options: job.options) }
        #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    }
}
