import Glibc
import Testing

extension IntegrationTests {
    @Suite("Workers that may run only some programs")
    struct AllowedProgramTests {
        private static let mapper = "tr -s ' ' '\\n' | grep -a . | sed 's/$/\\t1/'"
        private static let reducer =
            #"awk -F '\t' '$1 "" != k {if (NR > 1) print k "\t" n; k = $1 ""; n = 0} {n += $2} END {if (NR) print k "\t" n}'"#

        @Test("One that may not run the job's programs leaves it to another, and both sides are told")
        func another() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\ntwo three\n")
                try await cluster.startMaster(["--mapper", Self.mapper, "--reducer", Self.reducer])
                let strict = try cluster.startWorker("strict", ["--allow-program", "/opt/apps/*"])
                _ = try await strict.line(containing: "it runs nothing but /opt/apps/*")
                _ = try await strict.line(containing: "may not run")
                // As the only one it fails a task and rests; beside the other it gets no tasks. That depends on who is heard first.
                try cluster.startWorker("other")
                try await cluster.finish(try Expected.parts(cluster))
                let told = cluster.master.standardError
                #expect(told.contains("strict") && told.contains(": this worker may not run"), "\(told)")
            }
        }

        @Test("When no other is there, the job fails with the worker's reason")
        func alone() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\n")
                try await cluster.startMaster(["--mapper", "cat"])
                try cluster.startWorker("strict", ["--allow-program", "/opt/apps/*"])
                try await cluster.finish([[], [], [], []], code: 1)
                let text = cluster.master.standardError
                #expect(
                    text.contains("may not run 'cat': it was started with --allow-program for /opt/apps/*"), "\(text)")
                #expect(text.contains("/cat is not among them"), "\(text)")
            }
        }

        @Test("Allowed programs and applications run")
        func allowed() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "one two\ntwo three\n")
                try Files.write("#!/bin/sh\n\(Self.mapper)\n", to: cluster.path("map.sh"))
                chmod(cluster.path("map.sh"), 0o755)
                let own = String(cString: try #require(realpath(cluster.folder.path, nil)))
                try await cluster.startMaster(["--mapper", "./map.sh", "--reducer", Self.reducer])
                let awk = ["/usr/bin/awk", "/bin/awk"].flatMap { ["--allow-program", $0] }
                try cluster.startWorker("strict", ["--allow-program", "\(own)/*"] + awk)
                try await cluster.finish(try Expected.parts(cluster))
            }
        }
    }
}
