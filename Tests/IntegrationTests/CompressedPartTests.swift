import TestSupport
import Testing

extension IntegrationTests {
    /// Unpacked by gzip, and by zstd where it is installed.
    @Suite("Compressed parts")
    struct CompressedPartTests {
        private static let tools: [(form: String, unpack: String)] =
            [("gz", "gzip -dc")] + (Programs.find("zstd") == nil ? [] : [("zst", "zstd -dcq")])

        private func run(_ options: [String], _ cluster: Cluster) async throws {
            let number = cluster.nextName()
            let master = try cluster.start(
                "master-\(number)",
                [Programs.master, "--listen", "127.0.0.1:0", "--split-size", "4K"] + options + ["input/a.txt"])
            #expect(try await master.waitForExit(within: Deadline.long) == .code(0), "\(master.standardError)")
        }

        private func shell(_ script: String, _ cluster: Cluster) async throws {
            let shell = try cluster.start("shell\(cluster.nextName())", ["/bin/sh", "-e", "-c", script])
            let exit = try await shell.waitForExit()
            #expect(exit == .code(0), "\(script): \(shell.standardError)")
        }

        @Test("Parts hold what they would hold as they are, are the same whoever makes them, and merge into one file")
        func parts() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(4_000, seed: 60))
                try await run(["--workers", "2", "--output", "plain", "--merge", "plain.all"], cluster)
                for (form, unpack) in Self.tools {
                    let options = ["--compress", form, "--app", "wordcount", "--output"]
                    try await run(options + [form, "--workers", "1", "--merge", "\(form).all.\(form)"], cluster)
                    try await run(options + ["\(form)2", "--workers", "3", "--merge", "\(form).all"], cluster)
                    try await shell(
                        """
                        for p in 00000 00001 00002 00003; do
                            test -e \(form)/part-$p.\(form); test ! -e \(form)/part-$p
                            \(unpack) < \(form)/part-$p.\(form) | cmp - plain/part-$p
                            cmp \(form)/part-$p.\(form) \(form)2/part-$p.\(form)
                        done
                        cmp \(form).all plain.all
                        \(unpack) < \(form).all.\(form) | cmp - plain.all
                        """, cluster)
                }
                let mapOnly = [
                    "--workers", "2", "--reduces", "0", "--mapper", "cat", "--compress", "gz", "--output", "maps",
                ]
                try await run(mapOnly + ["--merge", "maps.all"], cluster)
                try await shell("gzip -dc maps/part-*.gz | cmp - input/a.txt; cmp maps.all input/a.txt", cluster)
                // The same job over what another has made: each file is unpacked by what it begins with.
                try await run(["--workers", "1", "--output", "sorted", "--app", "sort", "--compress", "gz"], cluster)
                try await shell(
                    "gzip -dc sorted/part-*.gz > sorted.all; LC_ALL=C sort input/a.txt | cmp - sorted.all", cluster)
            }
        }

        @Test("A step reads the compressed parts of the step before it")
        func steps() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(500, seed: 61))
                let master = try cluster.start(
                    "master",
                    [
                        Programs.master, "--listen", "127.0.0.1:0", "--workers", "1", "--output", "out", "--compress",
                        "gz",
                        "input/a.txt", "--then", "--app", "sort", "--reduces", "1",
                    ])
                #expect(try await master.waitForExit(within: Deadline.long) == .code(0), "\(master.standardError)")
                try await run(["--workers", "1", "--output", "plain"], cluster)
                try await shell("cat plain/part-* | LC_ALL=C sort | cmp - out/part-00000", cluster)
            }
        }

        @Test("Parts of another form are replaced when that is asked for, and refused otherwise")
        func replaced() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(50, seed: 62))
                try await run(["--workers", "1", "--output", "out", "--reduces", "2", "--compress", "gz"], cluster)
                try await shell("rm out/_SUCCESS", cluster)
                let line = try await cluster.refusal(
                    ["--listen", "127.0.0.1:0", "--output", "out", "input/a.txt"])
                #expect(line.contains("holds 'part-00000.gz'"), "\(line)")
                try await run(["--workers", "1", "--output", "out", "--reduces", "1", "--overwrite"], cluster)
                #expect(Set(Files.texts(in: cluster.path("out"))) == ["_SUCCESS", "part-00000"])
            }
        }

        @Test("An interrupted job goes on with its compressed parts, and its own are known when it is forgotten")
        func interrupted() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", SampleText.lines(300, seed: 63))
                let job = ["--split-size", "4K", "--reduces", "2", "--compress", "gz", "--mapper", "cat", "--reducer"]
                let held = "cat; test $mapred_task_partition = 0 || while test ! -e go; do sleep 0.05; done"
                try await cluster.startMaster(["--workers", "2"] + job + [held])
                try await eventually("a part") { Files.exists(cluster.path("out/part-00000.gz")) }
                cluster.master.signal(2)
                #expect(try await cluster.master.waitForExit(within: Deadline.long) == .code(130))
                let other = try cluster.start(
                    "other",
                    [Programs.master, "--listen", "127.0.0.1:0", "--output", "out"]
                        + job.map { $0 == "gz" ? "zst" : $0 } + [held, "input/a.txt"])
                #expect(try await other.waitForExit() == .code(64))
                let line = other.standardError
                #expect(line.contains("it had --compress gz, and this has --compress zst"), "\(line)")
                try Files.write("", to: cluster.path("go"))
                try await cluster.startMaster(["--workers", "2"] + job + [held])
                #expect(try await cluster.master.waitForExit(within: Deadline.long) == .code(0))
                #expect(cluster.master.standardError.contains("resuming"))
                try await shell(
                    """
                    gzip -dc out/part-*.gz | LC_ALL=C sort > made
                    awk '{ print /\\t/ ? $0 : $0 "\\t" }' input/a.txt | LC_ALL=C sort | cmp - made
                    """, cluster)
            }
        }
    }
}
