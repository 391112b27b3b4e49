import Glibc
import TestSupport
import Testing
import XMLRPC

extension IntegrationTests {
    @Suite("A queue whose master is killed")
    struct QueueKillTests {
        private struct Submitted {
            let number: Int
            let output: String
            let submitter: String
            let options: [String]
            let parts: [[UInt8]]
        }

        /// What one process makes of each job, computed without a master.
        private func jobs(_ cluster: Cluster) throws -> [Submitted] {
            func sorted(_ lines: [[UInt8]]) -> [UInt8] {
                lines.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 + [10] }
            }
            let lines = cluster.inputs.flatMap {
                $0.bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast().map(Array.init)
            }
            let words = try Expected.parts(cluster, reduces: 3)
            let counts = words.flatMap { $0.split(separator: 10).map(Array.init) }
            let slow = "while IFS= read -r line; do printf '%s\\n' \"$line\"; done"
            return [
                Submitted(
                    number: 1, output: "words", submitter: "ada",
                    options: ["--reduces", "3", "--split-size", "4K"], parts: words),
                Submitted(
                    number: 2, output: "lines", submitter: "bob",
                    options: ["--mapper", slow, "--reducer", "LC_ALL=C sort", "--reduces", "1", "--split-size", "8K"],
                    // A line without a TAB is a key with an empty value.
                    parts: [sorted(lines.map { $0.contains(9) ? $0 : $0 + [9] })]),
                Submitted(
                    number: 3, output: "steps", submitter: "ada",
                    options: ["--split-size", "8K", "--then", "--app", "sort", "--reduces", "1"],
                    parts: [sorted(counts)]),
            ]
        }

        /// The newest job of each of the outputs.
        private func states(_ cluster: Cluster) async throws -> [String: String] {
            let answer = try await cluster.call("job.list", [.structure([:])])
            var states: [String: String] = [:]
            for job in try #require(answer["jobs"]?.asArray) {
                let output = try #require(job["output"]?.asString?.split(separator: "/").last)
                states[String(output)] = try #require(job["state"]?.asString)
            }
            return states
        }

        @Test("Over and over comes to the right end of all jobs of all users, each once", arguments: [1, 2])
        func killed(seed: UInt64) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(2_000, seed: seed))
                try cluster.addInput("b.txt", SampleText.lines(500, seed: seed + 10))
                let jobs = try jobs(cluster)
                var random = SplitMix64(seed: seed)
                try await cluster.startQueue()
                for name in ["a", "b"] { try cluster.startWorker(name) }
                for job in jobs {
                    let answer = try await cluster.control(
                        ["submit", "--submitter", job.submitter, "--output", job.output]
                            + cluster.inputs.map {
                                String(decoding: $0.name, as: UTF8.self)
                            } + job.options)
                    #expect(answer.output == "job \(job.number) submitted\n", "\(answer.errors)")
                }
                var killCount = 0
                for round in 1...30 {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...(round * 60), using: &random)))
                    let states = try await states(cluster)
                    if jobs.allSatisfy({ states[$0.output] == "succeeded" }) { break }
                    cluster.master.signal(SIGKILL)
                    _ = try await cluster.master.waitForExit()
                    killCount += 1
                    try await cluster.startQueue(["--listen", cluster.address.description])
                }
                #expect(killCount >= 2, "seed \(seed)")
                let wait = try await cluster.control(["wait"] + jobs.map { "\($0.number)" })
                #expect(wait.exit == .code(0), "seed \(seed): \(wait.errors)")
                for job in jobs {
                    let names = job.parts.indices.map(Invariants.partName)
                    #expect(Files.texts(in: cluster.path(job.output)).sorted() == ["_SUCCESS"] + names, "seed \(seed)")
                    for (name, part) in zip(names, job.parts) {
                        #expect(
                            try Files.read(cluster.path("\(job.output)/\(name)")) == part, "seed \(seed), \(job.output)"
                        )
                    }
                }
                let list = try await cluster.call("job.list", [.structure([:])])
                // Three, and the second step of the last.
                #expect(list["total"]?.asWholeNumber == 4, "none was submitted twice; seed \(seed)")
                #expect(cluster.workers.allSatisfy { $0.exit == nil }, "\(cluster.allStandardErrors)")
            }
        }
    }
}
