import Glibc
import Testing

extension IntegrationTests {
    @Suite("--reduces 0")
    struct MapOnlyTests {
        private func lines(_ cluster: Cluster) -> [[UInt8]] {
            cluster.inputs.flatMap { input in
                let lines = input.bytes.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
                return lines.last == [] ? lines.dropLast() : lines
            }
        }

        private func parts(_ cluster: Cluster) throws -> [[UInt8]] {
            let count = Files.texts(in: cluster.path("out")).count { $0.hasPrefix("part-") }
            return try (0..<count).map { try Files.read(cluster.path("out/\(Invariants.partName($0))")) }
        }

        @Test(
            "Parts are what the mapper writes, in the order of the input, whatever the workers and splits",
            arguments: [(1, "1M", 2), (3, "900", 7)])
        func ordered(workers: Int, splitSize: String, partCountMin: Int) async throws {
            try await Cluster.with { cluster in
                let odd: [UInt8] = [0xFF, 0, 13, 10, 10, 9, 10] + Array("no end".utf8)
                try cluster.addInput("a.txt", SampleText.lines(150, seed: 80))
                try cluster.addInput(Array("b.txt".utf8), odd)
                try await cluster.startMaster(
                    [
                        "--reduces", "0", "--mapper", "sed 's/^/> /'", "--split-size", splitSize, "--merge", "whole",
                        "--json",
                    ])
                for number in 1...workers { try cluster.startWorker("w\(number)") }
                // Its exit code is looked at by `finish`.
                _ = try await cluster.master.waitForExit(within: Deadline.long)
                let parts = try parts(cluster)
                let expected = lines(cluster).flatMap { line -> [UInt8] in Array("> ".utf8) + line + [10] }
                #expect(parts.joined().elementsEqual(expected))
                #expect(try Files.read(cluster.path("whole")) == expected)
                #expect(parts.count >= partCountMin)
                let summary = String(decoding: cluster.master.standardOutput, as: UTF8.self)
                #expect(summary.contains("\"map_tasks\":\(parts.count),\"reduce_tasks\":0,"), "\(summary)")
                #expect(summary.contains("\"records\":\(lines(cluster).count),"))
                try await cluster.finish(parts)
            }
        }

        @Test("Without a line end, without lines, and byte for byte: the part is what was written")
        func raw() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one\n")
                try cluster.addInput("b.txt", "two\n")
                let mapper = #"case $mapreduce_map_input_file in */a.txt) printf 'no\tend\000\377';; *) exit 0;; esac"#
                try await cluster.startMaster(["--reduces", "0", "--mapper", mapper, "--workers", "2"])
                try await cluster.finish([Array("no\tend\0".utf8) + [0xFF], []])
            }
        }

        @Test("Mappers find themselves to be mappers of a job without reducers")
        func environment() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one\n")
                try await cluster.startMaster(
                    [
                        "--reduces", "0", "--workers", "1", "--mapper",
                        "echo $mapreduce_task_id $mapreduce_task_ismap $mapreduce_task_partition $mapreduce_job_maps $mapreduce_job_reduces $mapreduce_map_input_length",
                    ])
                try await cluster.finish([Array("task_0_0001_m_000000 true 0 1 0 4\n".utf8)])
            }
        }

        @Test("A master that is killed goes on, and parts that are there are not made again")
        func resumed() async throws {
            try await Cluster.with { cluster in
                for name in ["a", "b", "c"] { try cluster.addInput(name, SampleText.lines(30, seed: 81)) }
                let gate = cluster.path("signals/gate")
                let mapper =
                    "echo $mapreduce_map_input_file >> \(cluster.path("signals"))/runs; case $mapreduce_map_input_file in */c) until test -e \(gate); do sleep 0.05; done;; esac; cat"
                let options = ["--reduces", "0", "--mapper", mapper]
                try await cluster.startMaster(options)
                let listen = ["--listen", cluster.address.description]
                try cluster.startWorker("w", ["--slots", "3"])
                try await eventually("two parts") { try await cluster.status().maps.completed == 2 }
                cluster.master.signal(SIGKILL)
                #expect(try await cluster.master.waitForExit() == .signal(SIGKILL))
                try await cluster.startMaster(options + listen)
                _ = try await cluster.master.line(containing: "resuming: 2 of 3 map tasks were done")
                try Files.write("", to: gate)
                try await cluster.finish(cluster.inputs.map(\.bytes))
                let runs = String(decoding: try Files.read(cluster.path("signals/runs")), as: UTF8.self)
                #expect(runs.split(separator: "\n").count { $0.hasSuffix("/a") || $0.hasSuffix("/b") } == 2, "\(runs)")
            }
        }

        @Test("A worker that is killed loses its task to another, and nothing comes twice")
        func workerKilled() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(100, seed: 82))
                let marker = cluster.path("signals/first")
                try await cluster.startMaster(
                    [
                        "--reduces", "0", "--task-timeout", "1", "--mapper",
                        "if mkdir \(marker) 2>/dev/null; then sleep 1000; fi; cat", "--split-size", "1M",
                    ])
                let worker = try cluster.startWorker("a")
                try await eventually("the mapper to run", { Files.exists(marker) })
                try await cluster.killAndDisown(worker)
                try cluster.startWorker("b")
                try await cluster.finish([cluster.inputs[0].bytes])
            }
        }

        @Test("Records that a mapper can't bear are left out")
        func skipped() async throws {
            try await Cluster.with { cluster in
                let text = (0..<60).map { $0 == 17 ? "poison\n" : "line \($0)\n" }
                try cluster.addInput("a.txt", text.joined())
                try await cluster.startMaster(
                    [
                        "--reduces", "0", "--workers", "1", "--skip-bad-records", "1", "--mapper",
                        "while read -r l; do case $l in poison) kill -SEGV $$;; esac; printf '%s\\n' \"$l\"; done",
                    ])
                try await cluster.finish([Array(text.filter { $0 != "poison\n" }.joined().utf8)], hasSkipped: true)
                let list = String(decoding: try Files.read(cluster.path("out/_SKIPPED")), as: UTF8.self)
                #expect(list.hasSuffix("poison\n") && list.contains("\tinput/a.txt\t"), "\(list)")
            }
        }

        @Test(
            "What makes no sense is refused before anything starts",
            arguments: [
                (["--reduces", "0"], "application 'wordcount' has a reduce step"),
                (["--reduces", "0", "--app", "sort"], "application 'sort' has a reduce step"),
                (["--reduces", "0", "--reducer", "cat"], "and --reducer is about them"),
                (["--reduces", "0", "--mapper", "cat", "--combiner", "cat"], "and --combiner is about them"),
                (["--reduces", "0", "--mapper", "cat", "--sort-key", "1"], "and --sort-key is about them"),
                (["--reduces", "0", "--mapper", "cat", "--total-order"], "and --total-order is about them"),
                (["--reduces", "10001", "--mapper", "cat"], "is not a whole number from 0"),
            ])
        func refused(options: [String], says: String) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                let master = try cluster.start("refused", [Programs.master] + options + ["input/a.txt"])
                #expect(try await master.waitForExit() == .code(64))
                #expect(master.standardError.contains(says), "\(master.standardError)")
            }
        }
    }
}
