import Testing

/// One of the workers in Examples/workers, and how it is run.
struct ExampleWorker: Sendable, CustomTestStringConvertible {
    let file: String
    private let language: String

    /// Those whose language this machine has; `make test` installs what is missing.
    static let all: [ExampleWorker] = [
        ExampleWorker(file: "worker.py", language: "python3"), ExampleWorker(file: "worker.sh", language: "sh"),
        ExampleWorker(file: "worker.pl", language: "perl"), ExampleWorker(file: "worker.js", language: "node"),
        ExampleWorker(file: "worker.rb", language: "ruby"), ExampleWorker(file: "worker.php", language: "php"),
    ].filter { Programs.find($0.language) != nil }

    var testDescription: String { file }

    var command: [String] { [Programs.find(language) ?? language, "\(Programs.package)/Examples/workers/\(file)"] }
}

extension Cluster {
    /// Starts an example's worker, which finds what it needs at the master's address; with `line`, in the line alone.
    ///
    /// What it leaves when it is killed is in `worker-tmp/`.
    @discardableResult
    func start(_ worker: ExampleWorker, line: String? = nil) throws -> ChildProcess {
        var environment = environment
        environment["TMPDIR"] = path("worker-tmp")
        if Files.texts(in: folder.path).contains("worker-tmp") == false { try Files.makeFolder(path("worker-tmp")) }
        var command = worker.command + [address.description]
        if let line {
            // With a state folder of its own it finds nothing there.
            environment["MR_STATE_DIR"] = path("scratch")
            command = ["sh", "-c", "echo '\(line)' | exec \"$@\"", "sh"] + worker.command + ["-"]
        }
        let process = try start(
            "\(worker.file)-\(nextName())", command.map { Array($0.utf8) }, environment: environment)
        adopt(process)
        return process
    }

    /// A mapper that says in a file of `signals/` that it is there, and goes on when its gate is open.
    func held(_ gate: String, then command: String) -> String {
        let path = path("signals/\(gate)")
        return "touch \(path).held.$$; while [ ! -e \(path).open ]; do sleep 0.05; done; \(command)"
    }
}
