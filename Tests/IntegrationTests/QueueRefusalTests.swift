import Glibc
import Testing

extension IntegrationTests {
    @Suite("What a queue does not take")
    struct QueueRefusalTests {
        /// What concerns the master, or is answered before anything else; `--restart` is about both.
        private static let own: Set<String> = [
            "--serve", "--state", "--listen", "--advertise", "--token-ttl", "--tls-cert", "--tls-key",
            "--tls-client-ca", "--workers", "--worker-program", "--task-buffer", "--task-timeout", "--no-backup-tasks",
            "--compress-intermediate", "--allow-launch",
            "--no-auth", "--plain-http", "--no-journal", "--restart", "--list-apps", "--version", "--help",
        ]

        /// All options that `--help` tells of, with whether they take a value.
        private func options(_ cluster: Cluster) async throws -> [(name: String, takesValue: Bool)] {
            let help = try cluster.start("help", [Programs.master, "--help"])
            #expect(try await help.waitForExit() == .code(0))
            let lines = String(decoding: help.standardOutput, as: UTF8.self).split(separator: "\n")
            return lines.compactMap { line in
                let words = line.split(separator: " ", maxSplits: 2).map(String.init)
                guard line.hasPrefix("  -"), let name = words.first(where: { $0.hasPrefix("--") }) else { return nil }
                return (name, line.contains("\(name) <"))
            }
        }

        @Test(
            "Each option of a job, and an input, is refused on the command line of a queue, and sent to mr-ctl submit")
        func jobOptions() async throws {
            try await Cluster.with { cluster in
                let all = try await options(cluster)
                #expect(Self.own.isSubset(of: Set(all.map(\.name)).union(["--version", "--help"])))
                let jobs = all.filter { !Self.own.contains($0.name) }.map { [$0.name] + ($0.takesValue ? ["7"] : []) }
                #expect(jobs.count > 30)
                for options in jobs + [["input.txt"]] {
                    let master = try cluster.start(
                        "queue\(cluster.nextName())",
                        [Programs.master, "--serve", "--listen", "127.0.0.1:0", "--state", "q"] + options)
                    #expect(try await master.waitForExit() == .code(64), "\(options)")
                    let name = options[0].hasPrefix("-") ? options[0] : "input '\(options[0])'"
                    #expect(
                        master.standardError.hasPrefix("mr-master: \(name)")
                            && (name == "--json" || master.standardError.contains("give it to mr-ctl submit")),
                        "\(options): \(master.standardError)")
                }
                let lost = try cluster.start("lost", [Programs.master, "--state", "q", "input.txt"])
                #expect(try await lost.waitForExit() == .code(64))
                #expect(lost.standardError.contains("goes with --serve"), "\(lost.standardError)")
                #expect(!Files.exists(cluster.path("q")) && !Files.exists(cluster.path("mr-out")))
            }
        }

        private var held: [String] { ["--mapper", "until [ -e go ]; do sleep 0.05; done; cat", "--reducer", "cat"] }

        private func kill(_ cluster: Cluster) async throws {
            cluster.master.signal(SIGKILL)
            _ = try await cluster.master.waitForExit()
        }

        private func refusal(_ cluster: Cluster, _ options: [String]) async throws -> String {
            let master = try cluster.start(
                "refused\(cluster.nextName())", [Programs.master, "--listen", "127.0.0.1:0"] + options)
            #expect(try await master.waitForExit() == .code(64))
            return master.standardError
        }

        @Test(
            "To forget a queue forgets no job of a master of its own, which goes on",
            arguments: [[], ["--then", "--app", "sort", "--reduces", "1"]])
        func foreignJob(steps: [String]) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(30, seed: 1))
                let options = held + ["--reduces", "1", "--workers", "1"] + steps
                try await cluster.startMaster(["input/a.txt"] + options, inputs: [])
                try await eventually("the job to run", { try await cluster.status().maps.running == 1 })
                try await kill(cluster)
                let text = try await refusal(cluster, ["--serve", "--restart", "--state", "out"])
                #expect(text.contains("'out' holds an interrupted job, and no queue"), "\(text)")
                #expect(text.contains("--restart of a queue does not forget that"), "\(text)")
                #expect(Files.exists(cluster.path("out/.mr-journal/journal")))
                try Files.write("", to: cluster.path("go"))
                try await cluster.startMaster(["input/a.txt"] + options, inputs: [])
                #expect(try await cluster.master.waitForExit() == .code(0), "\(cluster.master.standardError)")
                let lines = try Files.read(cluster.path("out/part-00000")).split(separator: 10)
                #expect(lines.count == 30)
            }
        }

        @Test(
            "To begin a job again forgets no queue, which goes on",
            arguments: [[], ["--then", "--app", "sort", "--reduces", "1"]])
        func foreignQueue(steps: [String]) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(30, seed: 1))
                try await cluster.startQueue(["--state", "q"])
                let submitted = try await cluster.control(["submit", "input/a.txt", "--output", "out", "--paused"])
                #expect(submitted.exit == .code(0), "\(submitted.errors)")
                try await kill(cluster)
                let text = try await refusal(cluster, ["input/a.txt", "--restart", "--output", "q"] + steps)
                #expect(text.contains("output 'q' holds the jobs of a queue"), "\(text)")
                try await cluster.startQueue(["--state", "q", "--listen", cluster.address.description])
                let inside = try await cluster.control(["submit", "input/a.txt", "--restart", "--output", "q"])
                #expect(inside.exit == .code(64) && inside.errors.contains("/q'"), "\(inside.errors)")
                let list = try await cluster.control(["list"])
                #expect(list.output.contains("paused"), "\(list.output)")
            }
        }

        @Test("No two jobs that are not over write to one merged file, by whatever name, nor one to its own input")
        func merged() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                try await cluster.startQueue(["--workers", "1"])
                let sort = ["--app", "sort", "--reduces", "1"]
                func submit(_ options: [String]) async throws -> Controlled {
                    try await cluster.control(["submit", "input/a.txt"] + sort + options)
                }
                let first = try await submit(["--paused", "--output", "1", "--merge", "all.txt"])
                #expect(first.exit == .code(0), "\(first.errors)")
                for name in ["all.txt", "./input/../all.txt", cluster.path("all.txt")] {
                    let second = try await submit(["--output", "2", "--merge", name])
                    #expect(second.exit == .code(64))
                    #expect(second.errors.contains("is what job 1 writes"), "\(second.errors)")
                }
                // Of steps too.
                let steps = try await submit(
                    ["--output", "3", "--merge", "input/all.txt", "--paused", "--then"] + sort)
                #expect(steps.exit == .code(0), "\(steps.errors)")
                let job = steps.output.dropLast(" submitted\n".count)
                let third = try await submit(["--output", "4", "--merge", "input/all.txt"])
                #expect(third.exit == .code(64) && third.errors.contains("is what \(job) writes"), "\(third.errors)")
                let own = try await submit(["--output", "5", "--merge", "input/a.txt", "--overwrite"])
                #expect(own.exit == .code(64) && own.errors.contains("would replace input"), "\(own.errors)")
                #expect(try Files.read(cluster.path("input/a.txt")) == Array("x\n".utf8))
                // When the first one is over, its file is like any other.
                #expect(try await cluster.control(["resume", "1"]).exit == .code(0))
                #expect(try await cluster.control(["wait", "1"]).exit == .code(0))
                let there = try await submit(["--output", "6", "--merge", "all.txt"])
                #expect(there.exit == .code(64) && there.errors.contains("is there already"), "\(there.errors)")
                let over = try await submit(["--output", "7", "--merge", "all.txt", "--overwrite"])
                #expect(over.exit == .code(0), "\(over.errors)")
                for number in 2...7 where number != 3 && number != 7 {
                    #expect(!Files.exists(cluster.path("\(number)")))
                }
            }
        }

        @Test("A master with one job does not replace its input by the merged file either")
        func mergedOntoInput() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                #expect(symlink("input/a.txt", cluster.path("link.txt")) == 0)
                for steps in [[], ["--then", "--app", "sort"]] {
                    let text = try await refusal(
                        cluster, ["input/a.txt", "--app", "sort", "--overwrite", "--merge", "link.txt"] + steps)
                    #expect(text.contains("link.txt' would replace input 'input/a.txt'"), "\(text)")
                }
                #expect(try Files.read(cluster.path("input/a.txt")) == Array("x\n".utf8))
                #expect(!Files.exists(cluster.path("mr-out")))
            }
        }

        @Test("An output folder that a job of the queue has is told with its number, and one of another master without")
        func outputOfAnother() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                try await cluster.startQueue(["--state", "other"])
                #expect(
                    try await cluster.control(["submit", "--paused", "input/a.txt", "--output", "o"]).exit == .code(0))
                try await cluster.startQueue()
                func refusal(_ output: String) async throws -> String {
                    let answer = try await cluster.control(["submit", "input/a.txt", "--output", output])
                    #expect(answer.exit == .code(64), "\(answer)")
                    return answer.errors
                }
                #expect(
                    try await refusal("o").contains("another mr-master is writing to output '\(cluster.path("o"))'"))
                var numbers: [String] = []
                for words in [["--output", "1"], ["--output", "2", "--then", "--app", "sort"]] {
                    let answer = try await cluster.control(["submit", "--paused", "input/a.txt"] + words)
                    #expect(answer.exit == .code(0), "\(answer.errors)")
                    numbers.append(try #require(answer.output.split(separator: " ").dropFirst().first.map(String.init)))
                }
                #expect(symlink("2", cluster.path("link")) == 0)
                for (output, job) in [("1", numbers[0]), ("2", numbers[1]), ("link", numbers[1])] {
                    let text = try await refusal(output)
                    #expect(
                        text.contains(
                            "job \(job) of this queue writes to output '\(cluster.path(output))', and is not over"),
                        "\(text)")
                }
            }
        }

        @Test("What happens to tasks is told with the job that they are of")
        func notices() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x\n")
                try await cluster.startQueue(["--workers", "1"])
                for output in ["1", "2"] {
                    let submitted = try await cluster.control(
                        ["submit", "--wait", "input/a.txt", "--output", output, "--mapper", "exit 3"])
                    #expect(submitted.exit == .code(1))
                }
                for job in 1...2 {
                    let line = try await cluster.master.line(containing: "job \(job): map 0: attempt 1 failed")
                    #expect(line.hasPrefix("mr-master: job \(job): map 0"), "\(line)")
                }
            }
        }
    }
}
