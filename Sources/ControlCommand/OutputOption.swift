import ArgumentParser
import CommandSupport
import LocalMachine

/// Where a job that has failed has left word of itself.
struct OutputOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The job's output folder, for a job that has failed and whose master is gone. (default: mr-out)",
            valueName: "dir"))
    var output: String?

    private static let outputDefault = "mr-out"

    /// What was typed of it, to be typed again; empty when nothing was.
    var typed: String { output.map { " --output \(ShellWord.of(RawArguments.bytes(of: $0)))" } ?? "" }

    var folder: FailedFolder { FailedFolder(RawArguments.bytes(of: output ?? Self.outputDefault)) }

    /// Asks the master, or, when it is gone, looks at what it has left. A folder that was named is looked at first, unless a
    /// master was named too.
    func masterOrFolder(
        _ options: MasterAddress, master: (MasterCaller) async throws -> Void, folder: (FailedFolder) throws -> Void
    ) async throws {
        let left = self.folder
        if output != nil, !options.isGiven, left.isThere { return try folder(left) }
        do {
            try await master(try MasterCaller(options, guesses: true))
        } catch let error as NoMaster {
            guard left.isThere else {
                throw ProgramFailure.jobFailed("\(error.text), and \(left.shown) holds no failed job (--output DIR)")
            }
            try folder(left)
        } catch let error as NotThere {
            throw ProgramFailure.jobFailed(error.message)
        } catch let error as Refused {
            throw error.failure
        }
    }
}
