import ArgumentParser
import CommandSupport
import Glibc
import LocalMachine
import WorkerProtocol
import XMLRPC

struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Submits a job to a master that serves a queue (mr-master --serve).",
        discussion: """
            Takes what mr-master would take for the job: input, --app, --mapper, --output, --then and so on. Names are looked up in the \
            current folder, on the master's machine. Prints the job's number.
            Jobs of a higher priority come first; at equal priority each submitter gets an equal share of the slots.
            """)

    @Option(parsing: .unconditional, help: ArgumentHelp("From -100 to 100; higher comes first.", valueName: "n"))
    var priority = "0"

    @Option(help: ArgumentHelp("Who submits it. (default: your user's name)", valueName: "name"))
    var submitter: String?

    @Flag(help: "Let it wait until 'mr-ctl resume'.")
    var paused = false

    @Flag(help: "Wait for its end, as 'mr-ctl wait' does.")
    var wait = false

    @OptionGroup var master: MasterPlace

    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("The job, as a command line of mr-master.", valueName: "input and options"))
    var arguments: [String] = []

    /// Planning looks at all input.
    private static let planningMax: Duration = .seconds(600)

    func run() async throws {
        guard let priority = Int32(priority), (-100...100).contains(priority) else {
            throw ProgramFailure.wrongUsage(
                "--priority '\(TerminalText.line(priority))' is not a whole number from -100 to 100")
        }
        guard let folder = ProgramEnvironment.currentFolder else {
            throw ProgramFailure.wrongUsage("the folder that this was started in is gone; change to another one")
        }
        let submitter = submitter ?? Self.userName
        guard (1...64).contains(submitter.utf8.count), submitter.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ProgramFailure.wrongUsage(
                "--submitter '\(TerminalText.line(submitter))' is not a name of 1 to 64 printable ASCII characters without blanks"
            )
        }
        let job: XMLRPCValue = .structure([
            "arguments": .array(arguments.map { .base64(RawArguments.bytes(of: $0)) }), "folder": .base64(folder),
            "submitter": .string(submitter), "priority": .int(priority), "paused": .boolean(paused),
        ])
        let entry = try master.entry(guesses: true)
        try await withMaster(at: entry) { master in
            guard
                case .int(let number) = try await master.call(
                    MethodName.submit, [job], timeout: Self.planningMax)
            else { throw ProgramFailure.jobFailed("the master's answer is no job number; use its own mr-ctl") }
            try StandardOutput.deliver("job \(number) submitted\n")
            var isQueue = true
            if wait { try await WaitCommand.wait(for: number, master, at: entry, isQueue: &isQueue) }
        }
    }

    private static var userName: String {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return "user-\(geteuid())" }
        return String(cString: name)
    }
}
