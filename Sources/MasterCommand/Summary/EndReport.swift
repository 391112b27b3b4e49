import CommandSupport
import Coordinator
import Master
import Model

/// What is said at the end of a master that served one job, or steps that followed each other: the summary, and why the exit
/// code is not 0.
struct EndReport {
    let end: MasterEnd
    /// Of the last job.
    let plan: JobPlan
    let service: MasterService
    let elapsed: Duration
    /// The folder that the user named.
    let output: [UInt8]
    var stepCount = 1
    /// Whether the summary is for programs.
    let printsJSON: Bool

    /// - Throws: What the process is to end with, where all was not done.
    func deliver() throws(ProgramFailure) {
        let summary = JobSummary(
            plan: plan, status: service.status, outcome: outcome, elapsed: elapsed, output: output,
            stepCount: stepCount)
        if printsJSON {
            StandardOutput.write(summary.json + "\n")
        } else if outcome == .succeeded {
            StandardOutput.write(summary.text)
        }
        if let failure { throw failure }
    }

    private var outcome: JobOutcome {
        switch end {
        case .over(let outcome): outcome
        case .stuck(let reason): .failed(JobFailure(task: nil, pieces: [], reason: reason, history: []))
        case .interrupted(let reason), .journalFailed(let reason): .cancelled(reason: reason)
        }
    }

    private var failure: ProgramFailure? {
        switch end {
        case .over(.succeeded): return nil
        case .over(.failed(let failure)):
            let hint = service.failureThatStays.map { FailureText.hint(failure, $0, output: output) } ?? ""
            return .jobFailed(FailureText.of(failure, files: plan.files) + hint)
        case .over(.cancelled(let reason)):
            return ProgramFailure(
                exitCode: SignalWatch.exitCode, message: "\(NoticeText.shown(reason)); workers were told to stop")
        case .interrupted(let reason):
            return ProgramFailure(
                exitCode: SignalWatch.exitCode,
                message:
                    "interrupted by \(reason); workers were told to stop; the same command line goes on with the job")
        case .stuck(let reason): return .jobFailed(reason)
        case .journalFailed(let reason): return .jobFailed("\(reason); what was done until then is kept")
        }
    }
}
