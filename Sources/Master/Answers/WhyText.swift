import Coordinator
import LocalMachine
import Model

/// Where a task stands and why, in a paragraph of plain words.
struct WhyText {
    let standing: TaskStanding
    let files: [InputFile]
    /// Whether anything is kept of what its programs wrote.
    let hasLogs: Bool
    /// What the program of the attempt with that number says that it is about; "" for nothing.
    let status: (Int) -> String

    private var task: String { "\(standing.task)" }

    /// The reason in one word, for programs.
    var reason: String {
        switch standing.place {
        case .jobOver: "job_over"
        case .completed: "completed"
        case .committing: "committing"
        case .running: "running"
        case .waiting(let wait): WaitText.code(of: wait)
        }
    }

    var text: String {
        let input = standing.pieces.isEmpty ? "" : " (\(InputText.of(standing.pieces, files: files)))"
        return "\(task)\(input) \(sentence)" + past
    }

    private var sentence: String {
        switch standing.place {
        case .jobOver(let outcome, let wasCompleted):
            "\(wasCompleted ? "was completed" : "does not run"), because the job is over: \(Self.text(of: outcome))."
        case .completed(let attempt, let worker):
            "is done: attempt \(attempt) on worker \(name(worker)) counts."
        case .committing(let attempt, let worker):
            "has been run, in attempt \(attempt) on worker \(name(worker)), and the master is putting its part in place."
        case .running(let attempts):
            attempts.count > 1
                ? "is being run by two workers, because the first takes long; the first to finish counts: "
                    + attempts.map(running).joined(separator: ", and ") + "."
                : "is being run: " + attempts.map(running).joined() + "."
        case .waiting(let wait): WaitText.sentence(wait)
        }
    }

    private func running(_ attempt: TaskStanding.RunningAttempt) -> String {
        let since = attempt.runningFor.map { " for \(TimeText.of($0))" } ?? ""
        let says = status(attempt.number)
        return "attempt \(attempt.number) on worker \(name(attempt.worker))\(since), "
            + "whose lease has \(TimeText.of(attempt.leaseLeft)) left"
            + (says.isEmpty ? "" : ", and which says '\(says)'")
    }

    /// The newest of what befell it.
    private var past: String {
        guard !standing.history.isEmpty else { return "" }
        let failures =
            standing.failures > 0
            ? " It has failed \(standing.failures) of the \(standing.failuresMax) times that fail the job." : ""
        let logs = hasLogs ? " What it wrote to standard error: mr-ctl logs \(standing.task.name)." : ""
        let heading = failures + logs + " What befell it, the last first:"
        let entries = standing.history.suffix(Self.entriesShownMax).reversed().map { "\n  " + ShownLines.of($0) }
        return heading + entries.joined()
    }

    private static let entriesShownMax = 4

    private func name(_ worker: String) -> String { DisplayName.of(Array(worker.utf8)) }

    static func text(of outcome: JobOutcome) -> String {
        switch outcome {
        case .succeeded: "it succeeded"
        case .cancelled(let reason): "it was cancelled (\(ShownLines.of(reason)))"
        case .failed(let failure):
            "it failed" + (failure.task.map { " at \($0)" } ?? "") + "; mr-ctl diagnose says why"
        }
    }
}
