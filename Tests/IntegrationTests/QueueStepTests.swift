import Glibc
import Testing
import XMLRPC

extension IntegrationTests {
    @Suite("Steps in a queue")
    struct QueueStepTests {
        private let held = ["--mapper", "until [ -e go ]; do sleep 0.05; done; exit 3"]
        private let unplannable = ["--input-format", "fixed:1000", "--mapper", "cat"]
        private let sort = ["--app", "sort", "--reduces", "1"]

        /// - Returns: The job's number.
        @discardableResult
        private func submit(_ cluster: Cluster, _ steps: [[String]]) async throws -> String {
            let options = steps.flatMap { ["--then"] + $0 }
            let answer = try await cluster.control(["submit", "input/a.txt", "--output", "o"] + options)
            #expect(answer.exit == .code(0), "\(answer.errors)")
            return answer.output.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        }

        private func running(_ cluster: Cluster, _ number: Int) async throws {
            try await eventually(
                "job \(number) to run",
                {
                    let answer = try await cluster.call("job.list", [.structure([:])])
                    return try #require(answer["jobs"]?.asArray).contains {
                        $0["job"]?.asWholeNumber == Int64(number) && $0["state"]?.asString == "running"
                    }
                })
        }

        private func startAgain(_ cluster: Cluster) async throws {
            cluster.master.signal(SIGKILL)
            _ = try await cluster.master.waitForExit()
            try await cluster.startQueue(["--workers", "1", "--listen", cluster.address.description])
        }

        @Test("A step that fails leaves what a job of its own would, also after a new start", arguments: [false, true])
        func failing(isKilled: Bool) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x y\n")
                try await cluster.startQueue(["--workers", "1"])
                try await submit(cluster, [sort, held, sort])
                try await running(cluster, 3)
                if isKilled { try await startAgain(cluster) }
                try Files.write("", to: cluster.path("go"))
                let wait = try await cluster.control(["wait", "1"])
                #expect(wait.exit == .code(1) && wait.errors.contains("exit code 3"), "\(wait.errors)")
                #expect(Files.texts(in: cluster.path("o")) == ["_FAILED"])
                let diagnosis = try await cluster.control(["diagnose", "--output", "o"], master: false)
                #expect(diagnosis.exit == .code(0) && diagnosis.output.contains("exit code 3"), "\(diagnosis)")
                // The next ones there are not to be taken for it.
                let next = try await submit(cluster, [sort])
                #expect(try await cluster.control(["wait", next]).exit == .code(0))
                #expect(Files.texts(in: cluster.path("o")).sorted() == ["_SUCCESS", "part-00000"])
            }
        }

        @Test("Steps that are cancelled leave nothing, also after a new start", arguments: [false, true])
        func cancelled(isKilled: Bool) async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x y\n")
                try await cluster.startQueue(["--workers", "1"])
                try await submit(cluster, [sort, held, sort])
                try await running(cluster, 3)
                if isKilled { try await startAgain(cluster) }
                #expect(try await cluster.control(["cancel", "1"]).exit == .code(0))
                #expect(try await cluster.control(["wait", "1"]).exit == .code(1))
                #expect(Files.texts(in: cluster.path("o")).isEmpty)
            }
        }

        @Test("A step that can't be planned is the end of all: nothing is left, and a new start tries nothing again")
        func unplannable() async throws {
            try await Cluster.with { cluster in
                try cluster.addInput("a.txt", "x y\n")
                try await cluster.startQueue(["--workers", "1"])
                try await submit(cluster, [sort, unplannable, sort])
                let wait = try await cluster.control(["wait", "1"])
                #expect(
                    wait.exit == .code(1) && wait.errors.contains("no whole records of 1000 bytes"), "\(wait.errors)")
                try await eventually("all to be gone", { !Files.exists(cluster.path("o")) })
                try await startAgain(cluster)
                let again = try await cluster.control(["wait", "1"])
                #expect(again.exit == .code(1) && again.errors == wait.errors, "\(again.errors)")
                let other = try await cluster.control(["submit", "--wait", "input/a.txt", "--output", "other"])
                #expect(other.exit == .code(0), "\(other.errors)")
                #expect(!cluster.master.standardError.contains("what was to follow"), "\(cluster.master.standardError)")
                #expect(!Files.exists(cluster.path("o")))
            }
        }
    }
}
