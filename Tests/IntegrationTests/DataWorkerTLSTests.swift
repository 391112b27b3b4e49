import Access
import Glibc
import KeyPins
import LocalMachine
import Testing

extension IntegrationTests {
    @Suite("Data workers by TLS", .enabled(if: Programs.python3 != nil, "needs python3"))
    struct DataWorkerTLSTests {
        /// Starts a center at all addresses of this machine.
        private static func startCenter(_ cluster: Cluster) async throws -> (ChildProcess, address: String) {
            let center = try cluster.start("center", [Programs.control, "center", "--listen", ":0"])
            return (center, try await center.rest(ofLine: "Start center at "))
        }

        /// What a worker is started with that finds nothing by itself.
        private static func elsewhere(_ cluster: Cluster, _ name: String) throws -> [String: String] {
            var environment = cluster.environment
            try Files.makeFolder(cluster.path("state-\(name)"))
            environment["MR_STATE_DIR"] = cluster.path("state-\(name)")
            return environment
        }

        private static func startWorker(
            _ name: String, at center: String, _ cluster: Cluster, _ options: [String] = []
        ) throws -> ChildProcess {
            let command = [Programs.worker, "--center", center, "--scratch", cluster.path("scratch"), "--name", name]
            return try cluster.start(
                name, (command + options).map { Array($0.utf8) }, environment: try elsewhere(cluster, name))
        }

        private static func write(_ output: [UInt8], to path: String) throws {
            try Files.write(output, to: Array(path.utf8))
        }

        /// No secret is where others may read it: in the list of processes, and in what programs have printed.
        private static func expectHidden(_ secret: String, _ cluster: Cluster) throws {
            let needle = Array(secret.utf8)
            for pid in Files.texts(in: "/proc").compactMap({ pid_t($0) }) {
                // It may have ended meanwhile.
                guard let arguments = try? Files.read("/proc/\(pid)/cmdline") else { continue }
                #expect(arguments.firstRange(of: needle) == nil, "process \(pid) shows it")
            }
            for name in Files.texts(in: cluster.path("logs")) where !name.hasPrefix("secret") {
                #expect(try Files.read(cluster.path("logs/\(name)")).firstRange(of: needle) == nil, "\(name) has it")
            }
        }

        @Test("The conversation holds with one worker that joined by a line, and one that found the center by itself")
        func oneMachine() async throws {
            try await Cluster.with { cluster in
                let (center, address) = try await Self.startCenter(cluster)
                let line = try DataCluster(cluster: cluster).joinLine()
                #expect(line.master.description == address && center.standardError.contains(".join"))
                let first = try Self.startWorker("first", at: line.text, cluster)
                let second = try cluster.start(
                    "second", [Programs.worker, "--center", address, "--scratch", cluster.path("scratch")])
                let workers = try await DataCluster.registered([first, second], at: address)
                try Self.expectHidden(line.secret, cluster)
                let certificate = try await cluster.control(["token", "--cert", address], master: false)
                try Self.write(Array(certificate.output.utf8), to: cluster.path("cert.pem"))
                try Self.write(Array(line.secret.utf8), to: cluster.path("token"))
                let script = DataCluster.conversation(
                    address, workers, token: "file:\(cluster.path("token"))", certificate: cluster.path("cert.pem"))
                let python = try cluster.start("python", script)
                _ = try await python.waitForExit()
                DataCluster.expectWell(python)
                try Self.expectHidden(line.secret, cluster)
                #expect(try await second.waitForExit() == .code(0), "\(second.standardError)")
                try await DataCluster.end(first, by: SIGTERM)
                try await DataCluster.end(center, by: SIGTERM)
                #expect(Files.texts(in: cluster.path("state")) == ["tls"], "nobody looks for them any more")
                #expect(Files.texts(in: cluster.path("scratch")) == [])
            }
        }

        @Test(
            "The conversation holds between machines, by a line in an argument and on standard input, and strangers hear nothing",
            .enabled(if: Programs.canMakeNetworks, "\(Machines.need)"))
        func machines() async throws {
            try await Cluster.with { cluster in
                let machines = try await Machines(["left", "middle", "right"], in: cluster)
                let center = try machines.start(
                    0, "center", [Programs.control, "center", "--listen", "0.0.0.0:8787"])
                let address = try await center.rest(ofLine: "Start center at ")
                #expect(address == "\(machines.addresses[0]):8787")
                let line = try DataCluster(cluster: cluster, state: "left/state").joinLine()
                let input = cluster.path("right-line")
                try Self.write(Array("\(line.text)\n".utf8), to: input)
                func command(_ center: String, _ number: Int) -> [String] {
                    [Programs.worker, "--center", center, "--scratch", cluster.path(machines.names[number])]
                }
                let byInput = ["sh", "-c", "exec \"$@\" < '\(input)'", "sh"] + command("-", 2)
                let workers = [
                    try machines.start(1, "middle", command(line.text, 1)), try machines.start(2, "right", byInput),
                ]
                let addresses = try await DataCluster.registered(workers, at: address)
                #expect(addresses.map { HostPort($0, defaultHost: "")?.host } == Array(machines.addresses[1...2]))
                let strangers = try machines.start(
                    1, "strangers",
                    [
                        Programs.python3 ?? "", "\(Programs.package)/Tests/IntegrationTests/Python/data_strangers.py",
                        address, addresses[1], "78",
                    ])
                let certificate = try machines.start(
                    0, "certificate", [Programs.control, "token", "--cert", address])
                let secret = try machines.start(0, "secret", [Programs.control, "token", "--secret", address])
                for process in [certificate, secret] {
                    #expect(try await process.waitForExit() == .code(0), "\(process.standardError)")
                }
                #expect(String(decoding: secret.standardOutput, as: UTF8.self) == line.secret + "\n")
                for (name, process) in [("cert.pem", certificate), ("token", secret)] {
                    try Self.write(process.standardOutput, to: cluster.path(name))
                }
                let script = DataCluster.conversation(
                    address, addresses, token: "file:\(cluster.path("token"))", certificate: cluster.path("cert.pem"))
                _ = try await strangers.waitForExit()
                DataCluster.expectWell(strangers, says: "nobody was let in")
                let python = try machines.start(0, "python", script)
                _ = try await python.waitForExit()
                DataCluster.expectWell(python)
                try Self.expectHidden(line.secret, cluster)
                #expect(try await workers[1].waitForExit() == .code(0), "\(workers[1].standardError)")
                try await DataCluster.end(workers[0], by: SIGTERM)
                try await DataCluster.end(center, by: SIGTERM)
            }
        }

        @Test("On a terminal the line is printed, and is good for a worker and for the Python client")
        func terminal() async throws {
            try await Cluster.with { cluster in
                let command = "'\(Programs.control)' center --listen :0"
                // Its terminal is what it was given.
                let center = try cluster.start(
                    "secret-terminal", ["sh", "-c", "exec script -qfec \"$1\" /dev/null >&2", "sh", command])
                let printed = try await center.line(containing: "  mr-worker --center mr1.")
                let begin = try #require(printed.range(of: "--center ")).upperBound
                let text = String(printed[begin...].prefix { !$0.isWhitespace })
                let worker = try Self.startWorker("worker", at: text, cluster)
                _ = try await worker.rest(ofLine: "Registered with center at ")
                let path = cluster.path("line")
                try Self.write(Array("\(text)\n".utf8), to: path)
                let client = try await cluster.runPython(
                    "data_client_line.py", [path, "\(Programs.package)/Clients/python"])
                DataCluster.expectWell(client, says: "only the right line")
                try await DataCluster.end(worker, by: SIGTERM)
            }
        }

        @Test("A line of another center or with a wrong secret, and TLS where there is none, are told by name")
        func wrongLines() async throws {
            try await Cluster.with { cluster in
                let (_, address) = try await Self.startCenter(cluster)
                let line = try DataCluster(cluster: cluster).joinLine()
                func told(_ name: String, _ center: String, _ options: [String] = []) async throws -> String {
                    let worker = try Self.startWorker(name, at: center, cluster, options)
                    #expect(try await worker.waitForExit() == .code(1), "\(worker.standardError)")
                    return worker.standardError
                }
                let other = JoinSecret.random(role: .worker)
                let wrongSecret = JoinLine(trust: line.trust, secret: other, master: line.master)
                let refused = try await told("stranger", wrongSecret.text)
                #expect(refused.contains("refused the join line: this is not the secret of this center"), "\(refused)")
                let wrongPin = JoinLine(trust: .pin(KeyPin(publicKey: [1])), secret: other, master: line.master)
                let misled = try await told("pin", wrongPin.text)
                #expect(misled.contains("is not the center that made this join line: its key is"), "\(misled)")
                let open = ["--no-auth", "--plain-http"]
                let plain = try await told("plain", address, open)
                #expect(
                    plain.contains("speaks TLS, and plain HTTP was sent to it; give --center the join line"), "\(plain)"
                )
                let port = try FreePort.find()
                let openCenter = try cluster.start(
                    "open", [Programs.control, "center", "--listen", "0.0.0.0:\(port)"] + open)
                let openAddress = try await openCenter.rest(ofLine: "Start center at ")
                let toPlain = JoinLine(
                    trust: line.trust, secret: other, master: try #require(HostPort(openAddress, defaultHost: "")))
                let encrypted = try await told("tls", toPlain.text)
                #expect(encrypted.contains("speaks plain HTTP, and nothing was sent to it"), "\(encrypted)")
                for secret in [line.secret, other.text] { try Self.expectHidden(secret, cluster) }
            }
        }
    }
}
