import Testing

@Suite("The contract with programs")
struct ContractTests {
    private static let shapes: [StreamingJob] = [
        StreamingJob(mapper: "cat", reducer: "cat"),
        StreamingJob(mapper: "cat"),
        StreamingJob(reducer: "cat"),
        StreamingJob(mapper: "cat", reducer: "cat", combiner: "cat"),
    ]

    @Test(
        "The lines of a key come together, sorted by key and in the order of the input, whatever bytes are in them",
        arguments: UInt64(1)...4, shapes.indices)
    func sortedLines(seed: UInt64, shape: Int) async throws {
        let input = SortedLines.awkward(byteCount: 60_000, seed: seed)
        var job = Self.shapes[shape]
        (job.partitionCount, job.splitByteCount) = (3, 17_000)
        let expected = SortedLines.parts(input, partitionCount: 3)
        #expect(try await job.run(input) == expected, "seed \(seed)")
        job.memoryByteCount = 40_000
        job.splitByteCount = 41_000
        #expect(try await job.run(input) == expected, "with spills; seed \(seed)")
    }

    @Test("No records at all make an empty part, and the reducer runs all the same")
    func noRecords() async throws {
        #expect(try await StreamingJob(mapper: "cat", reducer: "cat").part("") == "")
        #expect(try await StreamingJob(mapper: "cat", reducer: "cat; echo end").part("") == "end\n")
        #expect(try await StreamingJob(mapper: "cat; echo end").part("") == "end\t\n")
    }

    @Test("A line of 100 MB passes, as a value and as a key")
    func longLines() async throws {
        let long = [UInt8](repeating: 120, count: 100_000_000)
        let input = Array("b\t".utf8) + long + [10] + long + Array("\nc\td".utf8)
        let part = try await StreamingJob(mapper: "cat", reducer: "cat").run(input)[0]
        // Compared as a whole: a difference would print 200 MB.
        let isRight = part == Array("b\t".utf8) + long + Array("\nc\td\n".utf8) + long + Array("\t\n".utf8)
        #expect(isRight)
    }

    @Test("A last line without LF reaches the mapper with one, and one that it writes is a line")
    func lastLine() async throws {
        #expect(try await StreamingJob(mapper: "wc -l").part("a\nb") == "2\t\n")
        #expect(try await StreamingJob(mapper: "cat >/dev/null; printf 'a\\tb'").part("x\n") == "a\tb\n")
    }

    @Test("What the reducer writes is the part, byte for byte")
    func rawPart() async throws {
        let job = StreamingJob(mapper: "cat", reducer: #"cat >/dev/null; printf 'no\tline\000end\377\r'"#)
        #expect(try await job.run("a\n")[0] == Array("no\tline\0end".utf8) + [0xFF, 13])
    }

    @Test(
        "A program may leave its input unread, write before it reads, and close its output early",
        arguments: [
            ("head -1", "0000000\t\n"),
            ("true", ""),
            ("exec <&-; echo one", "one\t\n"),
            ("exec >&-; cat >/dev/null", ""),
            (
                "seq 100000 100003 | sed 's/$/\\tx/'; seq 1000000 >&2; wc -l",
                "100000\tx\n100001\tx\n100002\tx\n100003\tx\n300000\t\n"
            ),
        ])
    func unreadInput(mapper: String, expected: String) async throws {
        let input = (0..<300_000).map { "000000\($0)".suffix(7) }.joined(separator: "\n")
        #expect(try await StreamingJob(mapper: mapper).part(input) == expected)
        #expect(try await StreamingJob(mapper: "cat", reducer: "head -2 | tail -1").part(input) == "0000001\t\n")
    }

    @Test("A program that writes much more than its pipe holds before it reads does not wait for ever")
    func floods() async throws {
        let input = [UInt8](repeating: 10, count: 3_000_000)
        let part = try await StreamingJob(mapper: "seq 400000; wc -l", reducer: "wc -l; seq 400000; cat").run(input)[0]
        #expect(part.starts(with: Array("400001\n1\n2\n".utf8)))
        #expect(part.count(where: { $0 == 10 }) == 400_001)
    }

    @Test("The combiner may write in any order and any number of lines; they are sorted again")
    func combiner() async throws {
        let input = (0..<40_000).map { "k\($0 % 700)\t1" }.joined(separator: "\n")
        let sum = #"awk -F '\t' '{n[$1] += $2} END {for (k in n) print k "\t" n[k]}'"#
        var job = StreamingJob(mapper: "cat", reducer: "\(sum) | LC_ALL=C sort", combiner: "\(sum) | sort -r")
        let expected = Set(try await StreamingJob(mapper: "cat", reducer: sum).part(input).split(separator: "\n"))
        #expect(expected.count == 700)
        #expect(Set(try await job.part(input).split(separator: "\n")) == expected)
        job.memoryByteCount = 200_000
        #expect(Set(try await job.part(input).split(separator: "\n")) == expected, "with spills")
        job.combiner = "cat; seq 30000 | sort"
        job.reducer = "wc -l"
        job.memoryByteCount = 2 << 20
        #expect((Int(try await job.part(input).dropLast()) ?? 0) >= 70_000, "more than went in, and more than fits")
    }
}
