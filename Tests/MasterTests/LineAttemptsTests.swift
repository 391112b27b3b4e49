import Model
import Testing
import WorkerProtocol

@testable import Master

/// Attempts whose input and output pass the master as text.
struct LineAttemptsTests {
    private let attempt = AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: 0), number: 1)

    private func success(_ attempts: LineAttempts) -> AttemptResult? {
        let report = AttemptReport(
            attempt: attempt, outcome: .succeeded(AttemptResult(output: OutputSummary(byteCount: 0, checksum: 0))))
        let poll = PollRequest(
            worker: WorkerID(number: 1), instance: "i", sequence: 1, reports: [report], running: [], capacity: 0,
            waitMax: .zero, unmeasured: [attempt])
        guard case .succeeded(let result) = attempts.completed(poll).first?.outcome else { return nil }
        return result
    }

    @Test("Input that is read again, and output that is sent again, count once")
    func again() {
        let attempts = LineAttempts()
        attempts.begin(attempt, .map(pieces: [], files: [:]))
        var (read, kept) = (TaskCounters(), TaskCounters())
        read.inputRecords = 7
        kept.mapOutputRecords = 5
        let (first, second) = (OutputSummary(byteCount: 1, checksum: 1), OutputSummary(byteCount: 2, checksum: 2))
        #expect(success(attempts) == nil, "nothing was sent")
        for output in [first, second] {
            attempts.noteRead(attempt, read)
            attempts.noteKept(attempt, output, kept)
        }
        let result = success(attempts)
        #expect(
            result?.output == second && result?.counters.inputRecords == 7 && result?.counters.mapOutputRecords == 5)
        #expect(attempts.end([attempt]) == [attempt] && success(attempts) == nil)
    }

    @Test(
        "A full disk of the master is no failure of a task, however its worker reports that", arguments: [true, false])
    func diskFull(isHandedBack: Bool) {
        let attempts = LineAttempts()
        attempts.begin(attempt, .map(pieces: [], files: [:]))
        func outcome() -> AttemptOutcome? {
            let report = AttemptReport(
                attempt: attempt, outcome: isHandedBack ? .handedBack : .failed(reason: "507"))
            return attempts.completed(
                PollRequest(
                    worker: WorkerID(number: 1), instance: "i", sequence: 1, reports: [report], running: [],
                    capacity: 0, waitMax: .zero)
            ).first?.outcome
        }
        #expect(outcome() == (isHandedBack ? .handedBack : .failed(reason: "507")))
        let now = ContinuousClock.now
        #expect(!attempts.isPaused(at: now))
        attempts.noteDiskFull(attempt, at: now)
        #expect(outcome() == .handedBack)
        #expect(attempts.isPaused(at: now + .seconds(4)) && !attempts.isPaused(at: now + .seconds(6)))
        _ = attempts.end([attempt])
        #expect(outcome() == (isHandedBack ? .handedBack : .failed(reason: "507")), "the next is another attempt")
    }
}
