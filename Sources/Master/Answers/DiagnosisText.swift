import Coordinator
import LocalMachine
import Model

/// What is wrong with a job, in a paragraph of plain words that names the first cause.
struct DiagnosisText {
    let diagnosis: Diagnosis
    let files: [InputFile]
    /// Whether anything is kept of what the programs of a task wrote.
    let hasLogs: (TaskID) -> Bool

    /// The cause in one word, for programs.
    var cause: String {
        switch diagnosis {
        case .succeeded: "succeeded"
        case .cancelled: "cancelled"
        case .failed(_, nil): "job_failed"
        case .failed(_, .some(let trouble)): Self.kind(of: trouble) + "_task"
        case .standsStill(_, let wait): WaitText.code(of: wait)
        case .troubled(let trouble): Self.kind(of: trouble) + "_task"
        case .workersLost: "workers_lost"
        case .healthy: "healthy"
        }
    }

    /// The task that is to blame, if one is.
    var task: TaskID? {
        switch diagnosis {
        case .failed(let failure, _): failure.task
        case .standsStill(let task, _): task
        case .troubled(let trouble): trouble.task
        case .succeeded, .cancelled, .workersLost, .healthy: nil
        }
    }

    var text: String {
        switch diagnosis {
        case .succeeded: "The job has succeeded; nothing is wrong."
        case .cancelled(let reason): "The job was cancelled: \(ShownLines.of(reason))."
        case .failed(let failure, let trouble): failed(failure, trouble)
        case .standsStill(let task, let wait): "Nothing runs: \(task) " + WaitText.sentence(wait)
        case .troubled(let trouble): "The job goes on. " + troubled(trouble)
        case .workersLost(let count, let names):
            "The job goes on. \(counted(count, "worker")) fell silent (\(ShownLines.names(names, of: count))); what they ran went to others."
        case .healthy: "Nothing is wrong: the job goes on."
        }
    }

    /// Lost with its worker, or failed by itself: whichever is more.
    private static func kind(of trouble: TaskTrouble) -> String {
        if trouble.outputLosses > max(trouble.failures, trouble.losses) { return "lost_output_of" }
        return trouble.losses > trouble.failures ? "lost" : "failed"
    }

    private func failed(_ failure: JobFailure, _ trouble: TaskTrouble?) -> String {
        guard let task = failure.task else { return "The job failed: \(ShownLines.of(failure.reason))" }
        let input = failure.pieces.isEmpty ? "" : " (\(InputText.of(failure.pieces, files: files)))"
        var text = "The job failed at \(task)\(input): \(ShownLines.of(failure.reason))"
        guard let trouble else { return text }
        text += "\n" + judgement(of: trouble)
        guard trouble.history.count > 1, let first = trouble.history.first else { return text }
        // The last one may say more of the place.
        if trouble.history.allSatisfy({ failure.reason.hasSuffix(Self.reason(of: $0)) }) {
            text += "\nIt was the same each time."
        } else if !failure.reason.hasSuffix(Self.reason(of: first)) {
            text += "\nIt began with: \(ShownLines.of(first))"
        }
        return text
    }

    /// What an entry of a history says without attempt, worker and time:
    /// `no luck` of `attempt 2 on worker a: failed: no luck (t+1.5 s)`.
    private static func reason(of entry: String) -> String {
        var reason = entry[...]
        if let end = reason.ranges(of: " (t+").last?.lowerBound { reason = reason[..<end] }
        if let colon = reason.firstRange(of: ": ") { reason = reason[colon.upperBound...] }
        return String(reason.hasPrefix("failed: ") ? reason.dropFirst("failed: ".count) : reason)
    }

    private func troubled(_ trouble: TaskTrouble) -> String {
        let input = trouble.pieces.isEmpty ? "" : " (\(InputText.of(trouble.pieces, files: files)))"
        var befell: [String] = []
        if trouble.failures > 0 { befell.append("has failed \(trouble.failures) of \(trouble.failuresMax) times") }
        if trouble.losses > 0 {
            befell.append("was lost with its worker \(trouble.losses) of \(trouble.lossesMax) times")
        }
        if trouble.outputLosses > 0 { befell.append("had its output lost \(counted(trouble.outputLosses, "time"))") }
        var text = "\(trouble.task)\(input) \(befell.joined(separator: " and ")). " + judgement(of: trouble)
        if let last = trouble.history.last { text += "\nThe last time: \(ShownLines.of(last))" }
        return text
    }

    /// Whether the task or a worker is at fault, as far as that can be told.
    private func judgement(of trouble: TaskTrouble) -> String {
        let logs = hasLogs(trouble.task) ? " What it wrote to standard error: mr-ctl logs \(trouble.task.name)" : ""
        switch Self.kind(of: trouble) {
        case "lost":
            return
                "Its workers died or fell silent under it: it may crash them, or take all of their memory. Look at what they said at their end.\(logs)"
        case "lost_output_of":
            return
                "Its output was there and could not be read: look at the scratch folders, and at the network.\(logs)"
        default: break
        }
        let workers = ShownLines.names(trouble.workers, of: trouble.workers.count)
        if trouble.workers.count > 1 {
            return
                "It failed on \(trouble.workers.count) workers (\(workers)), so the input or the program is more likely at fault than a machine.\(logs)"
        }
        return trouble.capableCount > 1
            ? "It was tried on worker \(workers) only, so that machine may be at fault as well as the input or the program.\(logs)"
            : "Only worker \(workers) was there to try it.\(logs)"
    }
}
