/// One run of `mr-ctl`.
struct Controlled: Sendable {
    let exit: ChildProcess.Exit
    let output: String
    let errors: String
}

extension Cluster {
    /// Starts `mr-ctl` for this cluster's master.
    func startControl(_ arguments: [String], master: Bool = true) throws -> ChildProcess {
        let place = master ? ["--master", address.description] : []
        return try start("ctl\(nextName())", [Programs.control] + arguments + place)
    }

    /// Runs it and waits for its end.
    func control(_ arguments: [String], master: Bool = true) async throws -> Controlled {
        let process = try startControl(arguments, master: master)
        let exit = try await process.waitForExit()
        return Controlled(
            exit: exit, output: String(decoding: process.standardOutput, as: UTF8.self), errors: process.standardError)
    }
}
