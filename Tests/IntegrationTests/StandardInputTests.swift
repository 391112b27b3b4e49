import Applications
import TaskRuntime
import TestSupport
import Testing

extension IntegrationTests {
    @Suite("Standard input as data")
    struct StandardInputTests {
        private static let text = Array(SampleText.lines(3_000, seed: 40).utf8)

        /// Runs a job over standard input beside a file, and compares its parts with the sequential run's.
        private func check(_ redirection: String, _ cluster: Cluster, workers: Int = 2) async throws -> ChildProcess {
            try cluster.addInput("other.txt", SampleText.lines(50, seed: 41))
            let shell = try cluster.start(
                "shell",
                [
                    "/bin/sh", "-c",
                    redirection.replacing(
                        "JOB",
                        with: """
                            \(Programs.master) --listen 127.0.0.1:0 --workers \(workers) --split-size 4K --output out \
                            --app index - input/other.txt
                            """),
                ])
            #expect(try await shell.waitForExit(within: Deadline.long) == .code(0), "\(shell.standardError)")
            let files = [(name: Array("-".utf8), bytes: Self.text)] + cluster.inputs
            let expected = try SequentialRun.parts(Index(options: .init()), files: files, partitionCount: 4)
            #expect(try (0..<4).map { try Files.read(cluster.path("out/part-0000\($0)")) } == expected)
            return shell
        }

        @Test("What comes through a pipe is counted, and its name is -")
        func pipe() async throws {
            try await Cluster.with { cluster in
                try Files.write(Self.text, to: Array(cluster.path("data").utf8))
                _ = try await check("cat data | JOB", cluster)
                #expect(Files.names(in: cluster.path("tmp")).allSatisfy { !$0.starts(with: Array("mr-input".utf8)) })
                #expect(!Files.exists(cluster.path("out/.mr-journal")))
            }
        }

        @Test("A file that was redirected is read as it is, compressed or not")
        func redirected() async throws {
            try await Cluster.with { cluster in
                try Files.write(Packed.zstandard(Self.text), to: Array(cluster.path("data").utf8))
                _ = try await check("JOB < data", cluster)
            }
        }

        @Test("What is left of a file that somebody has begun to read is all that is counted")
        func begun() async throws {
            try await Cluster.with { cluster in
                try Files.write(Array("first line\n".utf8) + Self.text, to: Array(cluster.path("data").utf8))
                _ = try await check("{ read line; JOB; } < data", cluster)
            }
        }

        @Test("Without room for what comes through a pipe the job does not begin, and says where room is missing")
        func noRoom() async throws {
            try await Cluster.with { cluster in
                let script = "echo a | TMPDIR=/none/such \(Programs.master) --workers 1 --output out -"
                let shell = try cluster.start("shell", ["/bin/sh", "-c", script])
                #expect(try await shell.waitForExit() == .code(64))
                #expect(shell.standardError.contains("'-' cannot be kept in '/none/such'"), "\(shell.standardError)")
                #expect(!Files.exists(cluster.path("out")))
            }
        }
    }
}
