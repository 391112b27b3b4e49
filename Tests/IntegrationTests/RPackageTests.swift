import Testing
import XMLRPC

extension IntegrationTests {
    @Suite(
        "The package of Clients/r",
        .enabled(if: Programs.rscript != nil, "needs Rscript (Debian: r-base-core)"))
    struct RPackageTests {
        /// A master that launches, and a folder `library` with the package, installed as its user would.
        private func withMaster(_ options: [String] = [], _ body: (Cluster) async throws -> Void) async throws {
            try await Cluster.with { cluster in
                try await cluster.startQueue(["--allow-launch"] + options)
                try Files.makeFolder(cluster.path("library"))
                let install = try cluster.start(
                    "install",
                    [
                        Programs.find("R") ?? "R", "CMD", "INSTALL", "--library=\(cluster.path("library"))",
                        "\(Programs.package)/Clients/r/cdsw",
                    ])
                #expect(try await install.waitForExit() == .code(0), "\(install.standardError)")
                try await body(cluster)
            }
        }

        private func write(_ file: String, as name: String, _ cluster: Cluster) throws {
            let text = try Files.read("\(Programs.package)/Tests/IntegrationTests/Python/\(file)")
            try Files.write(text, to: Array(cluster.path(name).utf8))
        }

        /// Runs a script of this folder's neighbour `Python/` to its end, without faults.
        private func run(_ file: String, startDelay: String? = nil, _ cluster: Cluster) async throws -> ChildProcess {
            try write(file, as: file, cluster)
            var environment = cluster.clientEnvironment
            environment["R_LIBS"] = cluster.path("library")
            environment["MR_START_DELAY"] = startDelay
            let process = try cluster.start(
                file, [Programs.rscript ?? "Rscript", file].map { Array($0.utf8) }, environment: environment)
            #expect(try await process.waitForExit(within: Deadline.long) == .code(0), "\(process.standardError)")
            return process
        }

        @Test(
            "Its functions launch, list, await and stop, and messages keep their values; without TLS, and with it",
            arguments: [[], ["--listen", ":0"]] as [[String]])
        func functions(options: [String]) async throws {
            try await withMaster(options) { cluster in
                let process = try await run("r_cdsw.R", cluster)
                #expect(String(decoding: process.standardOutput, as: UTF8.self) == "all is well\n")
            }
        }

        @Test("The products' example runs unchanged, workers speaking to their launcher at port 6000")
        func portExample() async throws {
            try await withMaster { cluster in
                try write("r_cdsw_worker.R", as: "worker.R", cluster)
                // On a busy machine R takes its time to start, more or less of it.
                let master = try await run("r_cdsw_master.R", startDelay: "2", cluster)
                let heard = String(decoding: master.standardOutput, as: UTF8.self)
                #expect(heard == String(repeating: "[1] \"Server received: Hello from Worker\"\n", count: 2))
                let all = try await cluster.launchedAtEnd()
                for worker in all {
                    #expect(worker.launchedOutput == "[1] \"Worker received: Hello from master!\"\n")
                }
                #expect(all.count == 2)
            }
        }
    }
}
