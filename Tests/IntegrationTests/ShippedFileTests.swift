import Glibc
import Testing

extension IntegrationTests {
    @Suite("--files")
    struct ShippedFileTests {
        /// Writes each line's words that are in the list, found where it runs.
        private static let script = """
            #!/bin/sh
            test "$(cat list.txt)" = "$LIST" || { echo "the list is not there in $PWD" >&2; exit 3; }
            echo left > leftover
            sed 's/^/> /'

            """

        private func prepare(_ cluster: Cluster) throws -> (options: [String], parts: [[UInt8]]) {
            try Files.makeFolder(cluster.path("job"))
            try Files.write(Self.script, to: cluster.path("job/map.sh"))
            chmod(cluster.path("job/map.sh"), 0o755)
            try Files.write("good words", to: cluster.path("job/list.txt"))
            for name in ["a.txt", "b.txt"] { try cluster.addInput(name, "one\ntwo\n") }
            let options = [
                "--files", "job/map.sh", "--files", cluster.path("job/list.txt"), "--mapper", "./map.sh", "--env",
                "LIST=good words",
            ]
            return (options, [Array("> one\n> two\n".utf8), Array("> one\n> two\n".utf8)])
        }

        @Test("Programs find them under their last names where they run, and what they leave there goes")
        func found() async throws {
            try await Cluster.with { cluster in
                let (options, parts) = try prepare(cluster)
                try await cluster.startMaster(options + ["--reduces", "0"])
                try cluster.startWorker("elsewhere", ["--slots", "2"], prefix: ["/usr/bin/env", "-C", "/"])
                try await cluster.finish(parts)
                #expect(!Files.exists(cluster.path("leftover")) && !Files.exists(cluster.path("job/leftover")))
            }
        }

        @Test(
            "Workers that see neither the files nor anything else get them from the master",
            .enabled(if: Programs.canUnshareMounts, "needs root and mount namespaces (unshare -m)"))
        func hidden() async throws {
            try await Cluster.with { cluster in
                let (options, parts) = try prepare(cluster)
                try Files.makeFolder(cluster.path("scratch/lonely"))
                try await cluster.startMaster(options + ["--reduces", "0"])
                let hidden = ["input", "out", "job"].map { "mount -t tmpfs none '\(cluster.path($0))' && " }.joined()
                let prefix = [Programs.unshare ?? "", "-m", "/bin/sh", "-c", hidden + "exec \"$@\"", "sh"]
                try cluster.startWorker("lonely", scratch: cluster.path("scratch/lonely"), prefix: prefix)
                try await cluster.masterAndWorkersEnd()
                #expect(Files.texts(in: cluster.path("scratch/lonely")) == [])
                Files.removeTree(Array(cluster.path("scratch/lonely").utf8))
                try await cluster.finish(parts)
            }
        }

        @Test("Combiners and reducers find them too, and so does the mapper that is given a sample")
        func allPrograms() async throws {
            try await Cluster.with { cluster in
                let (options, _) = try prepare(cluster)
                try await cluster.startMaster(
                    options + [
                        "--workers", "1", "--reducer", "test -r list.txt && ./map.sh", "--combiner",
                        "cat list.txt >/dev/null && cat",
                        "--total-order", "--reduces", "2",
                    ])
                _ = try await cluster.master.waitForExit(within: Deadline.long)
                let parts = try (0..<2).map { try Files.read(cluster.path("out/\(Invariants.partName($0))")) }
                let lines = ["> > one\t", "> > one\t", "> > two\t", "> > two\t"]
                #expect(String(decoding: parts.joined(), as: UTF8.self) == lines.map { "\($0)\n" }.joined())
                try await cluster.finish(parts)
            }
        }

        @Test("Archives are folders there, under their own names or others, for a mapper that is given a sample too")
        func archives() async throws {
            try await Cluster.with { cluster in
                try Files.makeFolder(cluster.path("job"))
                try Files.makeFolder(cluster.path("job/lib"))
                try Files.write(
                    "#!/bin/sh\nsed \"s/^/$(cat data.tgz/list.txt) /\"\n", to: cluster.path("job/lib/map.sh"))
                chmod(cluster.path("job/lib/map.sh"), 0o755)
                try Files.write("good", to: cluster.path("job/list.txt"))
                let pack = try cluster.start(
                    "pack", ["/bin/sh", "-c", "cd job && tar -czf data.tgz list.txt && tar -cf programs.tar lib"])
                #expect(try await pack.waitForExit() == .code(0))
                try cluster.addInput("a.txt", "one\ntwo\n")
                try await cluster.startMaster(
                    [
                        "--archives", "job/data.tgz", "--archives", "job/programs.tar#bin", "--mapper",
                        "bin/lib/map.sh",
                        "--workers", "1", "--total-order", "--reduces", "2", "--reducer",
                        "test -r data.tgz/list.txt && cat",
                    ])
                _ = try await cluster.master.waitForExit(within: Deadline.long)
                let parts = try (0..<2).map { try Files.read(cluster.path("out/\(Invariants.partName($0))")) }
                #expect(String(decoding: parts.joined(), as: UTF8.self) == "good one\t\ngood two\t\n")
                try await cluster.finish(parts)
            }
        }

        @Test("A file that has changed since the job was submitted fails it, by its name")
        func changed() async throws {
            try await Cluster.with { cluster in
                let (options, _) = try prepare(cluster)
                try await cluster.startMaster(options)
                try Files.write("other words", to: cluster.path("job/list.txt"))
                try cluster.startWorker("w")
                try await cluster.finish([[], [], [], []], code: 1)
                #expect(
                    cluster.master.standardError.contains("job/list.txt changed while the job ran"),
                    "\(cluster.master.standardError)")
            }
        }

        @Test("Other contents of the same length and date are told by their digest")
        func otherContents() async throws {
            try await Cluster.with { cluster in
                let (options, _) = try prepare(cluster)
                try await cluster.startMaster(options)
                let list = cluster.path("job/list.txt")
                var status = stat()
                #expect(stat(list, &status) == 0)
                try Files.write("evil words", to: list)
                let times = [status.st_atim, status.st_mtim]
                #expect(utimensat(AT_FDCWD, list, times, 0) == 0)
                try cluster.startWorker("w")
                try await cluster.finish([[], [], [], []], code: 1)
                #expect(
                    cluster.master.standardError.contains("shipped file 'list.txt' is not what it was"),
                    "\(cluster.master.standardError)")
            }
        }

        @Test("A job goes on with the same files only")
        func resumed() async throws {
            try await Cluster.with { cluster in
                let (options, _) = try prepare(cluster)
                try await cluster.startMaster(options)
                cluster.master.signal(SIGKILL)
                #expect(try await cluster.master.waitForExit() == .signal(SIGKILL))
                try Files.write("other words", to: cluster.path("job/list.txt"))
                let again = try cluster.start(
                    "again", [Programs.master] + ["--output", "out"] + options + ["input/a.txt", "input/b.txt"])
                #expect(try await again.waitForExit() == .code(64))
                #expect(
                    again.standardError.contains("its --files and --archives were others, or have changed"),
                    "\(again.standardError)")
            }
        }

        @Test(
            "A worker that allows some programs alone runs none that were shipped to it")
        func notAllowed() async throws {
            try await Cluster.with { cluster in
                let (options, _) = try prepare(cluster)
                // Without --env, which such a worker refuses too.
                try await cluster.startMaster(options.dropLast(2) + [])
                try cluster.startWorker("careful", ["--allow-program", "/usr/bin/*"])
                try await cluster.finish([[], [], [], []], code: 1)
                #expect(cluster.master.standardError.contains("--allow-program"), "\(cluster.master.standardError)")
            }
        }

        @Test(
            "What can't be shipped is refused before anything starts",
            arguments: [
                (["--files", "input/a.txt"], "--files is about programs of --mapper"),
                (["--mapper", "cat", "--files", "input"], "--files 'input' is no file"),
                (
                    ["--mapper", "cat", "--archives", "input/a.txt"],
                    "--archives 'input/a.txt' is neither a tar archive"
                ),
                (["--mapper", "cat", "--archives", "input/a.txt#"], "does not end with the name of a file"),
                (["--archives", "input/a.txt"], "--archives is about programs of --mapper"),
                (["--mapper", "cat", "--files", "none"], "--files 'none' cannot be read"),
                (
                    ["--mapper", "cat", "--files", "input/a.txt", "--files", "./input/a.txt"],
                    "give the name 'a.txt' twice"
                ),
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
