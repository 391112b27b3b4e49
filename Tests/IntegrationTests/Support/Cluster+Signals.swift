import Glibc

/// What a test and the tasks of the faulty worker tell each other.
extension Cluster {
    /// Waits until some process waits at the gate, and no process of `others`.
    ///
    /// - Returns: The process.
    func processHeld(at gate: String, except others: [pid_t] = []) async throws -> pid_t {
        try await eventually(
            "a process to wait at gate \(gate)", { heldProcesses(at: gate).first { !others.contains($0) } },
            orTell: { allStandardErrors })
    }

    func heldProcesses(at gate: String) -> [pid_t] {
        let prefix = "\(gate).held."
        return Files.texts(in: path("signals")).filter { $0.hasPrefix(prefix) }
            .compactMap { pid_t($0.dropFirst(prefix.count)) }
    }

    func openGate(_ gate: String) throws { try Files.write("", to: path("signals/\(gate).open")) }

    /// The worker that is the process `pid`.
    func worker(_ pid: pid_t) throws -> ChildProcess {
        guard let worker = workers.first(where: { $0.pid == pid }) else {
            throw DidNotHappen(description: "process \(pid) is no worker of this test")
        }
        return worker
    }

    /// Waits until all map tasks but so many are completed.
    func mapsLeft(_ count: Int) async throws {
        try await eventually(
            "all map tasks but \(count) to be completed",
            {
                let maps = try await self.status().maps
                return maps.total - maps.completed == count
            }, orTell: { allStandardErrors })
    }

    func reducesCompleted(_ count: Int) async throws {
        try await eventually(
            "\(count) reduce tasks to be completed", { try await self.status().reduces.completed == count },
            orTell: { allStandardErrors })
    }

    var allStandardErrors: String {
        (workers + [master]).map { "\n--- \($0.name)\n\($0.standardError)" }.joined()
    }
}
