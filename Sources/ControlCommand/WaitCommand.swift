import ArgumentParser
import CommandSupport
import Joining
import WorkerProtocol
import XMLRPC

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Waits for the end of jobs of a queue, and of the steps that follow them (--then).",
        discussion: "Exit codes: 0 all have succeeded; 1 one has failed or was cancelled.")

    @Argument(help: ArgumentHelp("Numbers of jobs, as 'mr-ctl list' shows them.", valueName: "job"))
    var jobs: [String]

    @OptionGroup var master: MasterPlace

    /// How long the master holds one answer back.
    private static let heldBackMax: Duration = .seconds(5)

    func run() async throws {
        let numbers = try jobs.map { text throws(ProgramFailure) in try JobNumber.parse(text) }
        let entry = try master.entry(guesses: true)
        try await withMaster(at: entry) { master in
            var failure: (any Error)?
            var isQueue = false
            for number in numbers {
                do { try await Self.wait(for: number, master, at: entry, isQueue: &isQueue) } catch let error
                    as ProgramFailure
                    where numbers.count > 1
                {
                    // The others may yet succeed.
                    LineLog.toStandardError("mr-ctl: \(error.message)")
                    failure = failure ?? ProgramFailure.jobFailed("not all of \(numbers.count) jobs have succeeded")
                }
            }
            if let failure { throw failure }
        }
    }

    /// How long a master that served a queue may be gone.
    private static let absenceMax: Duration = .seconds(600)

    private static func hasDied(_ error: any Error) -> Bool { (error as? NoMaster)?.deadProcess != nil }

    /// A queue outlives its master: whoever waits for a job of it waits for the next master, too.
    ///
    /// - Parameter isQueue: Whether the master is known to serve one; that it does is told by its first answer. One that has died
    ///   may have served one.
    static func wait(
        for number: Int32, _ master: MasterCaller, at entry: MasterEntry, isQueue: inout Bool
    ) async throws {
        var master = master
        // An answer that says whether this is a queue comes at once.
        var heldBack: Duration = isQueue ? heldBackMax : .zero
        var goneSince: ContinuousClock.Instant?
        while true {
            let answer: AnswerFields
            do {
                answer = AnswerFields(
                    try await master.call(MethodName.wait, [.int(number), .double(heldBack / .seconds(1))]))
                heldBack = heldBackMax
                goneSince = nil
            } catch  where !(error is Refused) && (isQueue || goneSince != nil || Self.hasDied(error)) {
                if goneSince == nil {
                    let what = Self.hasDied(error) ? (error as? NoMaster)?.text : nil
                    LineLog.toStandardError("mr-ctl: \(what ?? "the master is gone"); waiting for the next one")
                }
                let since = goneSince ?? .now
                goneSince = since
                guard ContinuousClock.now - since < absenceMax else { throw error }
                try await Task.sleep(for: .seconds(1))
                // It may have another secret. While it is not there, the next call says so.
                if let next = try? MasterCaller(entry) { master = next }
                continue
            }
            isQueue = try answer.flag("queue")
            guard try answer.flag("over") else { continue }
            let outcome = try answer.text("outcome")
            guard outcome != "succeeded" else { return try StandardOutput.deliver("job \(number) succeeded\n") }
            throw ProgramFailure.jobFailed("job \(number) \(outcome): \(try answer.text("reason"))")
        }
    }
}
