import Model
import Synchronization
import WorkerProtocol

/// The attempts of workers without a data port, which get their input from the master as text and send it their output.
///
/// Nothing of it outlives the master: an attempt of an earlier one that has not got its input yet, or had sent its output, is handed
/// back, and counts against nobody.
final class LineAttempts: Sendable {
    private struct Attempt {
        /// nil where an earlier master had handed it out.
        var work: AssignmentMessage.Work?
        /// What was counted while its input was written, and of its output: each anew when it is asked for, or sent, again.
        var readCounters = TaskCounters()
        var keptCounters = TaskCounters()
        var topKeys: [KeyCount] = []
        /// What it has sent; nil before that.
        var output: OutputSummary?
        /// What is to be made of it when its worker gives it back: why its input could not be had, or its output not be kept.
        var obstacle: AttemptOutcome?
    }

    private let attempts: Mutex<[AttemptID: Attempt]> = Mutex([:])

    /// More than may run at once; should there be more all the same, they are handed back.
    private static let attemptsMax = 10_000

    /// The answer to a retried poll begins an attempt again.
    func begin(_ attempt: AttemptID, _ work: AssignmentMessage.Work) {
        attempts.withLock { attempts in
            guard attempts[attempt] == nil else { return }
            makeRoom(&attempts)
            attempts[attempt] = Attempt(work: work)
        }
    }

    private func makeRoom(_ attempts: inout [AttemptID: Attempt]) {
        if attempts.count >= Self.attemptsMax { attempts.removeAll() }
    }

    /// nil for an attempt that was not handed out by this master to such a worker.
    func work(of attempt: AttemptID) -> AssignmentMessage.Work? { attempts.withLock { $0[attempt]?.work } }

    /// Its input is on its way. Reading it again counts once.
    func noteRead(_ attempt: AttemptID, _ counters: TaskCounters, topKeys: [KeyCount] = []) {
        attempts.withLock {
            $0[attempt]?.readCounters = counters
            $0[attempt]?.topKeys = topKeys
        }
    }

    func noteUnread(_ attempt: AttemptID, _ failure: FetchFailure) {
        attempts.withLock { $0[attempt]?.obstacle = .fetchFailed(failure) }
    }

    /// The master's own disk is full: nobody is to blame, and there is no use in trying again at once.
    func noteDiskFull(_ attempt: AttemptID, at now: ContinuousClock.Instant = .now) {
        attempts.withLock { $0[attempt]?.obstacle = .handedBack }
        pausedUntil.withLock { $0 = now + Self.pause }
    }

    /// Whether the disk was full just now: those who need it get nothing for a while.
    func isPaused(at now: ContinuousClock.Instant = .now) -> Bool {
        pausedUntil.withLock { $0.map { now < $0 } ?? false }
    }

    private let pausedUntil: Mutex<ContinuousClock.Instant?> = Mutex(nil)
    private static let pause: Duration = .seconds(5)

    /// - Parameter counters: What was counted of its output.
    func noteKept(_ attempt: AttemptID, _ output: OutputSummary, _ counters: TaskCounters) {
        attempts.withLock { attempts in
            if attempts[attempt] == nil { makeRoom(&attempts) }
            attempts[attempt, default: Attempt()].output = output
            attempts[attempt]?.keptCounters = counters
        }
    }

    /// What a worker's poll reports, with what the master itself knows of it.
    func completed(_ request: PollRequest) -> [AttemptReport] {
        request.reports.map { report in
            let known = attempts.withLock { $0[report.attempt] }
            switch report.outcome {
            case .succeeded where request.unmeasured.contains(report.attempt):
                return AttemptReport(attempt: report.attempt, outcome: outcome(of: known))
            case .handedBack:
                guard let obstacle = known?.obstacle else { return report }
                return AttemptReport(attempt: report.attempt, outcome: obstacle)
            case .failed:
                // An upload that did not come to its end because of that looks to its worker like any other refusal.
                guard known?.obstacle == .handedBack else { return report }
                return AttemptReport(attempt: report.attempt, outcome: .handedBack)
            case .succeeded, .failedForGood, .diskFull, .fetchFailed, .notHandedOver, .refused:
                return report
            }
        }
    }

    private func outcome(of attempt: Attempt?) -> AttemptOutcome {
        guard let attempt else { return .handedBack }
        guard let output = attempt.output else {
            return .failed(reason: "the worker reports a success, and has sent no output")
        }
        var counters = attempt.readCounters
        counters += attempt.keptCounters
        return .succeeded(AttemptResult(output: output, counters: counters, topKeys: attempt.topKeys))
    }

    /// Nothing more is heard of these attempts.
    ///
    /// - Returns: Those of them that were here.
    func end(_ ended: [AttemptID]) -> [AttemptID] {
        attempts.withLock { attempts in ended.filter { attempts.removeValue(forKey: $0) != nil } }
    }
}
