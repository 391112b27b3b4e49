import Glibc
import TaskRuntime
import Testing

extension IntegrationTests {
    @Suite("Programs that crash on a record, or hang")
    struct BadRecordTests {
        /// Crashes on lines with a word of poison.
        private static let mapper =
            "while read -r l; do case $l in *poison*) echo cannot bear $l >&2; kill -SEGV $$;; esac; printf '%s\\n' \"$l\"; done"

        private func parts(_ cluster: Cluster, count: Int) -> [[UInt8]] {
            let lines = cluster.inputs.flatMap { $0.bytes.split(separator: 10) }.filter { line in
                !String(decoding: line, as: UTF8.self).contains("poison")
            }
            var parts = [[UInt8]](repeating: [], count: count)
            for line in lines.map(Array.init).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                parts[line.withUnsafeBytes { partition(of: $0, count: count) }] += line + [9, 10]
            }
            return parts
        }

        private func text(_ bad: Set<Int>) -> String {
            (0..<200).map { bad.contains($0) ? "poison number \($0)" : "line number \($0)" }.joined(separator: "\n")
                + "\n"
        }

        @Test(
            "The job fails by the record's number and place, after four attempts on both workers, and the workers live on"
        )
        func named() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", text([150]))
                try await cluster.startMaster(["--mapper", Self.mapper])
                try cluster.startWorker("one")
                try cluster.startWorker("two")
                try await cluster.finish([[], [], [], []], code: 1)
                let error = cluster.master.standardError
                let offset = (0..<150).reduce(0) { $0 + "line number \($1)\n".utf8.count }
                #expect(
                    error.contains(
                        "record 151 of the split, byte \(offset) of input/a.txt, 18 bytes: command 'while read"),
                    "\(error)")
                #expect(error.contains("the end of its standard error:\n  cannot bear poison number 150"))
                #expect(error.contains("failed on worker one") && error.contains("failed on worker two"), "\(error)")
            }
        }

        @Test("With --skip-bad-records the parts are those of the input without them, and _SKIPPED lists them")
        func skipped() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", text([0, 77]))
                try cluster.addInput("b.txt", text([199]))
                try await cluster.startMaster(
                    [
                        "--workers", "2", "--mapper", Self.mapper, "--skip-bad-records", "3", "--split-size", "1K",
                        "--json",
                    ])
                try await cluster.finish(parts(cluster, count: 4), hasSkipped: true)
                let list = String(decoding: try Files.read(cluster.path("out/_SKIPPED")), as: UTF8.self)
                let lines = list.split(separator: "\n").map { $0.split(separator: "\t") }
                #expect(lines.map { $0[1] } == ["input/a.txt", "input/a.txt", "input/b.txt"], "\(list)")
                #expect(lines.map { $0[2] } == ["0", "\(offset(77))", "\(offset(199) - 2)"])
                #expect(lines.map { $0[5] } == ["poison number 0", "poison number 77", "poison number 199"])
                #expect(lines.allSatisfy { $0[4] == "was killed by SIGSEGV" })
                #expect(try Summary(of: cluster.master.standardOutput).skippedRecords == 3)
            }
        }

        /// Where a line of ``text(_:)`` begins whose line 0 is poison.
        private func offset(_ line: Int) -> Int {
            (0..<line).reduce(2) { $0 + "line number \($1)\n".utf8.count }
        }

        @Test("One record more than allowed fails the job, with the names of those it could not leave out")
        func tooMany() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", text([3, 9]))
                try await cluster.startMaster(["--workers", "1", "--mapper", Self.mapper, "--skip-bad-records", "1"])
                try await cluster.finish([[], [], [], []], code: 1)
                let error = cluster.master.standardError
                #expect(error.contains("failed for good on worker local-"), "\(error)")
                #expect(
                    error.contains(
                        "  record 4 of the split, byte 42 of input/a.txt, 16 bytes: it was killed by SIGSEGV"))
            }
        }

        @Test("Of a reducer's input a key with its values is left out")
        func group() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "a\t1\npoison\t1\npoison\t2\nz\t1\n")
                try await cluster.startMaster(
                    ["--workers", "2", "--reducer", Self.mapper, "--reduces", "1", "--skip-bad-records", "1"])
                try await cluster.finish([Array("a\t1\nz\t1\n".utf8)], hasSkipped: true)
                let list = String(decoding: try Files.read(cluster.path("out/_SKIPPED")), as: UTF8.self)
                #expect(list == "reduce 0\tkey\t6\t2\twas killed by SIGSEGV\tpoison\n")
                let summary = String(decoding: cluster.master.standardOutput, as: UTF8.self)
                #expect(summary.contains("\nskipped   1 on which a program fails: out/_SKIPPED\n"), "\(summary)")
            }
        }

        @Test("What was left out survives a master that is killed and goes on")
        func resumed() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", text([5]))
                let options = [
                    "--task-timeout", "2", "--mapper", Self.mapper, "--skip-bad-records", "1", "--reduces", "2",
                    "--reducer", "while test ! -e go; do sleep 0.1; done; cat",
                ]
                try await cluster.startMaster(options)
                try cluster.startWorker("one")
                try await eventually(
                    "the map task to be done", { try await cluster.status().maps.completed == 1 },
                    orTell: { cluster.allStandardErrors })
                let address = cluster.address
                cluster.master.signal(SIGKILL)
                _ = try await cluster.master.waitForExit()
                try Files.write("", to: cluster.path("go"))
                try await cluster.startMaster(options + ["--listen", address.description])
                try await cluster.finish(parts(cluster, count: 2), hasSkipped: true)
            }
        }

        @Test("A program that hangs is killed, and its attempt fails by the time-out's name; the worker goes on")
        func hung() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one\n")
                try await cluster.startMaster(
                    ["--mapper", "trap '' TERM; test -e hung && exec cat; touch hung; sleep 1000"]
                        + ["--task-progress-timeout", "0.5"])
                try cluster.startWorker("one")
                try await cluster.finish(parts(cluster, count: 4))
                #expect(
                    cluster.master.standardError.contains(
                        "took no input and wrote nothing for 0.5 s, so it was killed"),
                    "\(cluster.master.standardError)")
            }
        }
    }
}
