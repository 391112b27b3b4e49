/// Python programs beside the cluster.
extension Cluster {
    /// The master's address as Python's ServerProxy takes it, with the token in it.
    var pythonURL: String {
        get throws { "http://mr:\(try token ?? "")@\(address)" }
    }

    /// Starts the worker of Examples, which knows nothing but xmlrpc.client.
    @discardableResult
    func startPythonWorker(url: String? = nil) throws -> ChildProcess {
        let worker = try start(
            "python-worker",
            [Programs.python3 ?? "python3", "\(Programs.package)/Examples/python/worker.py", try url ?? pythonURL])
        adopt(worker)
        return worker
    }

    /// Runs a script of this folder's neighbour `Python/` to its end.
    func runPython(_ script: String, _ arguments: [String]) async throws -> ChildProcess {
        let path = "\(Programs.package)/Tests/IntegrationTests/Python/\(script)"
        let process = try start(script, [Programs.python3 ?? "python3", path] + arguments)
        _ = try await process.waitForExit()
        return process
    }
}
