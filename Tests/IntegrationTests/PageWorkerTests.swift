import TestSupport
import Testing

extension IntegrationTests {
    /// What the DocC catalogue of ApplicationAPI shows.
    @Suite("The example worker for logs", .enabled(if: Programs.python3 != nil, "needs python3"))
    struct PageWorkerTests {
        private static let pages: [[UInt8]] = [
            [], [0xFF, 0xFE], [0xC3], Array("/".utf8), Array("/a".utf8), Array("/ab".utf8), Array("/a b".utf8), [13],
            Array("/käse".utf8), [1], Array("/shop".utf8), Array("/shop/cart".utf8), Array("/shop/pay/now".utf8),
            Array(repeating: UInt8(ascii: "x"), count: 100_000),
        ]
        private static let times = [
            "0", "1", "999", "1000", "4294967295", "4294967296", "-1", "+7", "-0", "7 ", "", "x", "12\r",
        ]

        /// A hot page, pages with odd bytes, lines that are no requests, no LF at the end.
        private func addLogs(_ cluster: Cluster, seed: UInt64) throws {
            var random = SplitMix64(seed: seed)
            for name in ["a.tsv", "b c.tsv"] {
                var text: [UInt8] = []
                for index in 0..<400 {
                    let isHot = random.happens(0.8)
                    let long = index == 200 ? Self.pages.count : Self.pages.count - 1
                    text += isHot ? Array("/hot".utf8) : Self.pages[random.number(in: 0...long - 1)]
                    if !random.happens(0.1) { text.append(9) }
                    let isOdd = random.happens(0.2)
                    text += Array(
                        (isOdd ? Self.times.randomElement(using: &random) : "\(random.number(in: 0...3000))")!.utf8)
                    text.append(10)
                }
                try cluster.addInput(Array(name.utf8), Array(text.dropLast()))
            }
        }

        @Test(
            "Each of its applications writes what Python finds, in few tasks and in many",
            arguments: [
                ("page-hits", ""), ("section-hits", ""), ("slowest-request", ""), ("slow-requests", "min=500"),
                ("slowest-first", "count=2"),
                ("slowest-first", ""), ("page-names", ""), ("file-sizes", ""),
            ])
        func results(application: String, option: String) async throws {
            for settings in [["--workers", "1"], ["--workers", "2", "--split-size", "900"]] {
                try await Cluster.with { cluster in
                    try addLogs(cluster, seed: 90)
                    let options = option.isEmpty ? [] : ["--option", option]
                    try await cluster.startMaster(
                        ["--app", application, "--worker-program", Programs.pageWorker, "--reduces", "3", "--json"]
                            + ["--merge", "all"] + settings + options)
                    #expect(try await cluster.master.waitForExit(within: Deadline.long) == .code(0))
                    let value = option.split(separator: "=").last.map(String.init) ?? ""
                    let python = try await cluster.runPython(
                        "pages.py",
                        [application, value] + cluster.inputs.map { String(decoding: $0.name, as: UTF8.self) })
                    let all = try Files.read(cluster.path("all"))
                    #expect(all == python.standardOutput, "\(application) \(settings)")
                    #expect(!all.isEmpty)
                    guard application == "slow-requests" else { return }
                    let others = try #require(Int(python.standardError.split(separator: "\n").joined()))
                    let summary = try Summary(of: cluster.master.standardOutput)
                    #expect(summary.userCounters == ["lines": ["no request": others]])
                }
            }
        }

        @Test("The pages of a section are in one part, and sections in several")
        func sections() async throws {
            try await Cluster.with { cluster in
                let pages = (0..<40).flatMap { section in (0..<5).map { "/s\(section)/p\($0)" } + ["/s\(section)"] }
                try cluster.addInput("a.tsv", pages.map { "\($0)\t1\n" }.joined())
                try await cluster.startMaster(
                    ["--app", "section-hits", "--worker-program", Programs.pageWorker, "--reduces", "3"]
                        + ["--workers", "2", "--split-size", "500"])
                #expect(try await cluster.master.waitForExit(within: Deadline.long) == .code(0))
                let parts = try (0..<3).map { index in
                    try Files.read(cluster.path("out/\(Invariants.partName(index))")).split(separator: 10)
                }
                #expect(parts.joined().count == pages.count)
                let sections = parts.map { lines in Set(lines.map { $0.split(separator: 0x2F)[0].prefix { $0 != 9 } }) }
                #expect(sections.allSatisfy { !$0.isEmpty })
                #expect(sections.map(\.count).reduce(0, +) == 40, "no section is in two parts")
            }
        }

        @Test("What an application throws fails the job, with the text of the error")
        func strict() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.tsv", "/\t1\n/\t2\nno request\n")
                try await cluster.startMaster(
                    ["--app", "slow-requests", "--option", "strict=true", "--worker-program", Programs.pageWorker]
                        + ["--workers", "1"])
                try await cluster.finish([[], [], [], []], code: 1)
                let text = cluster.master.standardError
                #expect(text.contains("line 3 of input/a.tsv is not a page, a tab and a number"), "\(text)")
            }
        }

        @Test("An option that can't be used fails the job, with what is wrong with it")
        func wrongOption() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.tsv", "/\t1\n")
                try await cluster.startMaster(
                    ["--app", "slow-requests", "--option", "min=-5", "--worker-program", Programs.pageWorker]
                        + ["--workers", "1"])
                try await cluster.finish([[], [], [], []], code: 1)
                let text = cluster.master.standardError
                #expect(text.contains("option min, given as \"-5\", is not from 0 to 4294967295"), "\(text)")
            }
        }
    }
}
