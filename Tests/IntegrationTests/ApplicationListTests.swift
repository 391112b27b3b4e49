import Glibc
import Testing

extension IntegrationTests {
    @Suite("mr-master --list-apps")
    struct ApplicationListTests {
        /// A command and the lines that it prints.
        private struct Step {
            var command: String
            var lines: [Substring] = []
        }

        /// The sessions that are listed, by the application's name.
        private func sessions(in list: String) -> [(name: String, steps: [Step])] {
            list.split(separator: "\n\n").map { entry in
                var steps: [Step] = []
                for line in entry.split(separator: "\n") where line.hasPrefix("    ") {
                    let text = line.dropFirst(4)
                    if text.hasPrefix("$ ") {
                        steps.append(Step(command: String(text.dropFirst(2))))
                    } else if let last = steps.indices.last {
                        if steps[last].command.hasSuffix("\\") {
                            steps[last].command = "\(steps[last].command.dropLast())\(text)"
                        } else {
                            steps[last].lines.append(text)
                        }
                    }
                }
                return (String(entry.prefix { $0 != ":" }), steps)
            }
        }

        @Test("Every example prints what it says")
        func examples() async throws {
            try await Cluster.with { cluster in
                let list = try cluster.start("list", [Programs.master, "--list-apps"])
                #expect(try await list.waitForExit() == .code(0))
                #expect(list.standardError == "")
                let sessions = sessions(in: String(decoding: list.standardOutput, as: UTF8.self))
                #expect(sessions.count == 13)
                let environment = try environment(cluster)
                for session in sessions {
                    try #require(session.steps.count >= 3, "\(session.name) has an example")
                    for (index, step) in session.steps.enumerated() {
                        let command = ["bash", "-c", step.command].map { Array($0.utf8) }
                        let process = try cluster.start("\(session.name)-\(index)", command, environment: environment)
                        #expect(
                            try await process.waitForExit(within: Deadline.long) == .code(0),
                            "\(step.command): \(process.standardError)")
                        let printed = String(decoding: process.standardOutput, as: UTF8.self)
                        if step.lines != ["..."] {
                            #expect(printed == step.lines.map { "\($0)\n" }.joined(), "\(step.command)")
                        }
                    }
                }
            }
        }

        /// One in which `mr-master` listens where nobody else does.
        private func environment(_ cluster: Cluster) throws -> [String: String] {
            try Files.makeFolder(cluster.path("bin"))
            let path = cluster.path("bin/mr-master")
            try Files.write("#!/bin/sh\nexec '\(Programs.master)' --listen 127.0.0.1:0 \"$@\"\n", to: path)
            chmod(path, 0o755)
            var environment = cluster.environment
            environment["PATH"] = "\(cluster.path("bin")):\(environment["PATH"] ?? "/usr/bin:/bin")"
            return environment
        }
    }
}
