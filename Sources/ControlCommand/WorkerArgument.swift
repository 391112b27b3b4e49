import ArgumentParser
import CommandSupport
import LocalMachine
import XMLRPC

/// A worker that something is done to, and its master.
struct WorkerArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The worker's name, as 'mr-ctl workers' shows it.", valueName: "worker"))
    var worker: String

    @OptionGroup var master: MasterAddress

    /// Calls a method that takes the name, and tells what has come of it.
    ///
    /// - Parameters:
    ///   - done: What follows `worker NAME` when the answer is true.
    ///   - undone: The same for any other answer.
    func call(_ method: String, done: String, undone: String) async throws {
        let name = DisplayName.of(RawArguments.bytes(of: worker))
        try await withMaster(master) { master in
            guard try await master.call(method, [.string(name)]) == .boolean(true) else {
                throw ProgramFailure.jobFailed("worker \(name) \(undone)")
            }
            try StandardOutput.deliver("worker \(name) \(done)\n")
        }
    }
}
