import ArgumentParser
import CommandSupport
import WorkerProtocol
import XMLRPC

struct AwaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "await",
        abstract: "Waits until launched workers have succeeded, and shows their last lines.",
        discussion:
            "Exit codes: 0 all have succeeded (or, with --running, run); 1 one has failed, was stopped, or the time was over."
    )

    @Flag(help: "Wait until they run.")
    var running = false

    @Option(help: ArgumentHelp("The longest wait; 0 for ever.", valueName: "seconds"))
    var timeout = "0"

    @Flag(help: "Print one JSON object for each worker, on a line of its own.")
    var json = false

    @OptionGroup var master: MasterPlace

    @Argument(
        help: ArgumentHelp(
            "Their numbers, as 'mr-ctl workers' shows them, or engine ids. (default: all)", valueName: "id"))
    var ids: [String] = []

    /// How long the master holds one answer back.
    private static let heldBackMax: Duration = .seconds(20)

    func run() async throws {
        guard let seconds = Double(timeout), (0...1e9).contains(seconds) else {
            throw ProgramFailure.wrongUsage(
                "--timeout '\(TerminalText.line(timeout))' is not a number of seconds, 0 or more")
        }
        let names = try LaunchedName.values(of: ids)
        let deadline = seconds > 0 ? ContinuousClock.now + .seconds(seconds) : nil
        try await withMaster(at: master.entry(guesses: true)) { master in
            let ids = names.isEmpty ? try await Self.all(master) : names
            guard !ids.isEmpty else { return try StandardOutput.deliver("no worker was launched\n") }
            while true {
                let left = deadline.map { min(max(.zero, ContinuousClock.now.duration(to: $0)), Self.heldBackMax) }
                let heldBack = left ?? Self.heldBackMax
                let answer = try await master.call(
                    MethodName.awaitWorkers,
                    [.array(ids), .boolean(!running), .double(heldBack / .seconds(1))],
                    timeout: heldBack + MasterCaller.answerMax)
                let fields = AnswerFields(answer)
                let isOver = try !fields.flag("timed_out")
                guard isOver || deadline.map({ $0 <= .now }) == true else { continue }
                return try deliver(fields, isOver: isOver)
            }
        }
    }

    private static func all(_ master: MasterCaller) async throws -> [XMLRPCValue] {
        (try await master.call(MethodName.listWorkers).asArray ?? []).compactMap { $0["id"] }
    }

    private func deliver(_ answer: AnswerFields, isOver: Bool) throws {
        let (reached, missed) = (try answer.array("workers"), try answer.array("failures"))
        func number(_ worker: XMLRPCValue) -> Int64 { worker["id"]?.asWholeNumber ?? 0 }
        try LaunchedTable.deliver((reached + missed).sorted { number($0) < number($1) }, json: json)
        guard !missed.isEmpty else { return }
        let wanted = running ? "come to run" : "succeeded"
        throw ProgramFailure.jobFailed(
            "\(missed.count) of \(reached.count + missed.count) launched workers have not \(wanted)\(isOver ? "" : " in time")"
        )
    }
}
