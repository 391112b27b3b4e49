import Coordinator
import Model

/// Notices as people read them.
enum NoticeText {
    static func of(_ notice: Notice) -> String {
        switch notice {
        case .computation(let notice): notice.description
        case .workerJoined(_, let name, let slots):
            "worker \(shown(name)) joined with \(slots) slot\(slots == 1 ? "" : "s")"
        case .workerLeft(_, let name):
            "worker \(shown(name)) left"
        case .workerLost(_, let name, let silence):
            "worker \(shown(name)) is lost: silent for \(TimeText.of(silence))"
        case .workerReturned(_, let name):
            "worker \(shown(name)) is back"
        case .workerDrains(_, let name):
            "worker \(shown(name)) drains: it gets nothing more, and goes when nothing of it is needed"
        case .workerExcluded(_, let name, let count):
            "worker \(shown(name)) gets no more map tasks: \(count) of its map outputs were damaged; all of them are made again"
        case .workerRests(_, let name, .diskFull, let length):
            "worker \(shown(name)) gets nothing for \(TimeText.of(length)): its disk is full; make room there"
        case .workerRests(_, let name, .failures, let length):
            "worker \(shown(name)) gets nothing for \(TimeText.of(length)): one attempt after another failed on it, and others do well; look at it with mr-ctl logs"
        case .workerRefuses(_, let name, let reason):
            "worker \(shown(name)) gets no tasks of this job: \(shown(reason))"
        case .lastWorkerKept(_, let name, let fault):
            "worker \(shown(name)): \(fault); it goes on, because there is no other"
        case .handOverAsked(_, let name, let count, let reader):
            "worker \(shown(reader)) can't reach worker \(shown(name)): \(count) map output\(count == 1 ? "" : "s") of it come\(count == 1 ? "s" : "") by way of the master"
        case .leaseExpired(let attempt, let worker, let silence):
            "\(attempt.task): worker \(shown(worker)) fell silent for \(TimeText.of(silence)), reassigned"
        case .backupStarted(let attempt, let worker):
            "\(attempt.task): takes long, worker \(shown(worker)) tries it too; the first to finish counts"
        case .rivalCancelled(let attempt, let worker, _):
            "\(attempt.task): another attempt was faster, worker \(shown(worker)) drops its own"
        case .attemptLost(let attempt, let worker, let reason):
            "\(attempt.task): worker \(shown(worker)) \(shown(reason)), reassigned"
        case .attemptFailed(let attempt, let worker, let reason):
            "\(attempt.task): attempt \(attempt.number) failed on worker \(shown(worker)): \(shown(reason))"
        case .staleCompletion(let attempt, let worker):
            "\(attempt.task): worker \(shown(worker)) reports the end of attempt \(attempt.number), which it does not hold (any more); that does not count"
        case .mapOutputLost(let attempt, _, let reason):
            "\(attempt.task): its output is lost, it runs again: \(shown(reason))"
        case .mapsCompleted:
            "all map tasks are completed"
        case .needsFullWorker(let task):
            "\(task): its text can't travel in XML; it waits for an mr-worker"
        case .masterStalled(let gap):
            "the master itself stood still for \(TimeText.of(gap)); every lease was extended"
        case .masterRestarted:
            "the master has started again; workers get one lease to come back"
        }
    }

    /// The same with the job in front that it is about, for who watches several.
    static func withJob(_ notice: Notice) -> String { (job(of: notice).map { "\($0): " } ?? "") + of(notice) }

    /// nil where it is about no job, or about all of them.
    private static func job(of notice: Notice) -> JobID? {
        switch notice {
        case .leaseExpired(let attempt, _, _), .backupStarted(let attempt, _), .rivalCancelled(let attempt, _, _),
            .attemptLost(let attempt, _, _), .attemptFailed(let attempt, _, _), .staleCompletion(let attempt, _),
            .mapOutputLost(let attempt, _, _):
            attempt.task.job
        case .mapsCompleted(let job): job
        case .needsFullWorker(let task): task.job
        case .workerJoined, .workerLeft, .workerLost, .workerReturned, .workerDrains, .workerExcluded, .workerRests,
            .workerRefuses, .lastWorkerKept, .handOverAsked, .masterStalled, .masterRestarted, .computation:
            nil
        }
    }

    /// Names and reasons come from other processes: nothing in them may move the cursor or begin a line of its own.
    static func shown(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: shown += " "
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}
