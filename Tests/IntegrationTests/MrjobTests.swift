import Glibc
import Testing

extension IntegrationTests {
    @Suite("mrjob", .enabled(if: Programs.hasMrjob, "needs mrjob of PyPI"))
    struct MrjobTests {
        private static let script = "\(Programs.package)/Tests/IntegrationTests/Python/mrjob_words.py"

        private func addInput(_ cluster: Cluster) throws {
            for (name, step) in [("a", 3), ("b", 5)] {
                let lines = (1...150).map { line in
                    (0..<(line % 6)).map { "w\((line * step + $0) % 23)" }.joined(separator: " ") + "\n"
                }
                try cluster.addInput("\(name).txt", lines.joined())
            }
        }

        /// The lines that mrjob writes, sorted as bytes, and how often the script counts, computed from the input.
        private func expected(_ cluster: Cluster) -> (lines: [String], counters: [String: [String: Int]]) {
            let text = cluster.inputs.map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
            var counts: [Substring: Int] = [:]
            for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) { counts[word, default: 0] += 1 }
            // A quotation mark comes before every letter and digit.
            let lines = counts.map { "\"\($0.key)\"\t\($0.value)" }
                .sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            // mrjob writes a semicolon for a comma in a name.
            return (lines, ["lines": ["all": 300], "words": ["different; all parts": counts.count]])
        }

        @Test("A script runs unchanged as mapper, combiner and reducer, and its counters are seen")
        func steps() async throws {
            try await Cluster.with { cluster in
                try addInput(cluster)
                try await cluster.startMaster(
                    ["--reduces", "2", "--workers", "2", "--json"]
                        + ["mapper", "combiner", "reducer"].flatMap { ["--\($0)", "python3 \(Self.script) --\($0)"] })
                let expected = expected(cluster)
                try await cluster.finish(Expected.parts(sortedLines: expected.lines, reduces: 2))
                #expect(try Summary(of: cluster.master.standardOutput).userCounters == expected.counters)
            }
        }

        /// Runs a script with `-r mr` over all input.
        private func run(
            _ cluster: Cluster, _ script: String, _ options: [String] = []
        ) async throws -> (job: ChildProcess, lines: [String]) {
            var environment = cluster.environment
            let programs = Programs.master.split(separator: "/").dropLast().joined(separator: "/")
            environment["PATH"] = "/\(programs):\(environment["PATH"] ?? "/usr/bin:/bin")"
            let others = environment["PYTHONPATH"].map { ":\($0)" } ?? ""
            environment["PYTHONPATH"] = "\(Programs.package)/Clients/python\(others)"
            environment["MRJOB_MASTER_OPTIONS"] = "--workers 2"
            let command = ([Programs.python3 ?? "python3", script, "-r", "mr"] + options).map { Array($0.utf8) }
            let job = try cluster.start("mrjob", command + cluster.inputs.map(\.name), environment: environment)
            #expect(try await job.waitForExit(within: .seconds(60)) == .code(0), "\(job.standardError)")
            return (job, job.standardOutput.split(separator: 10).map { String(decoding: $0, as: UTF8.self) })
        }

        @Test(
            "Files, archives and folders that a script declares are where its tasks run, under the names that it gives")
        func files() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "the cat of the cat\ndog the cow\n")
                try Files.write("cat 5\ndog 7\n", to: cluster.path("weights.txt"))
                try Files.write("1000", to: cluster.path("added"))
                try Files.makeFolder(cluster.path("packed"))
                try Files.makeFolder(cluster.path("packed/inner"))
                try Files.write("10", to: cluster.path("packed/inner/factor"))
                let options = [
                    "--weights", cluster.path("weights.txt"), "--file", "\(cluster.path("added"))#other.name",
                    "--dir", "\(cluster.path("packed"))#tables",
                ]
                let script = "\(Programs.package)/Tests/IntegrationTests/Python/mrjob_files.py"
                let (_, lines) = try await run(cluster, script, options)
                // 5 * 10 + 1000 twice, 7 * 10 + 1000, and 1 * 10 + 1000.
                #expect(Set(lines) == ["\"cat\"\t2100", "\"dog\"\t1070", "\"cow\"\t1010"])
            }
        }

        @Test("A script runs with -r mr, where the runner of Clients/python is on the path")
        func runner() async throws {
            try await Cluster.with { cluster in
                try addInput(cluster)
                let expected = expected(cluster)
                let (job, lines) = try await run(cluster, Self.script)
                #expect(Set(lines) == Set(expected.lines) && lines.count == expected.lines.count)
                for (group, names) in expected.counters {
                    for (name, count) in names {
                        #expect(job.standardError.contains("counter \(group): \(name) = \(count)\n"))
                    }
                }
            }
        }
    }
}
