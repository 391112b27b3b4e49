import ArgumentParser
import CommandSupport
import WorkerProtocol
import XMLRPC

/// A job of a queue that something is done to, and its master.
struct JobArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("Numbers of jobs, as 'mr-ctl list' shows them.", valueName: "job"))
    var jobs: [String]

    @OptionGroup var master: MasterPlace

    /// Calls a method that answers false where the job is over.
    func call(_ method: String, _ others: [XMLRPCValue] = [], done: String) async throws {
        let numbers = try jobs.map { text throws(ProgramFailure) in try JobNumber.parse(text) }
        try await withMaster(at: master.entry(guesses: true)) { master in
            for number in numbers {
                guard try await master.call(method, [.int(number)] + others) == .boolean(true) else {
                    throw ProgramFailure.jobFailed("job \(number) is over already")
                }
                try StandardOutput.deliver("job \(number) \(done)\n")
            }
        }
    }
}

/// A job among others, where one may be meant without being named.
struct JobOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The job's number, as 'mr-ctl list' shows it. (default: the one that goes on for longest, else the newest)",
            valueName: "number"))
    var job: String?

    /// As the last parameter of a call.
    ///
    /// - Parameter master: Where the number may stand alone, too.
    func parameter(_ master: MasterAddress) throws(ProgramFailure) -> [XMLRPCValue] {
        if let job, let other = master.job, job != other {
            throw .wrongUsage("--job \(TerminalText.line(job)) and \(other) are two jobs; name one")
        }
        return try (job ?? master.job).map { text throws(ProgramFailure) in [.int(try JobNumber.parse(text))] } ?? []
    }
}

enum JobNumber {
    static func parse(_ text: String) throws(ProgramFailure) -> Int32 {
        guard let number = Int32(text), (1...999_999_999).contains(number) else {
            throw .wrongUsage(
                "'\(TerminalText.line(text))' is no job: jobs are numbered from 1, and 'mr-ctl list' shows them")
        }
        return number
    }
}
